//! Gives the account its alias: looks, compares, and writes only where the alias is another one.
//! The new alias comes before the old one goes, so that an account never loses its alias to a name that is taken.

mod plan;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod world;

use avm_core::contract::step::{Answer, OnAccount, StepRequest};
use avm_core::domain::AccountAlias;
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::account_aliases::{AccountAliases, AliasCreation};
use serde::{Deserialize, Serialize};

use plan::Plan;

/// The name of the step: in failures and in the log.
pub const STEP: &str = "account-alias";

/// What the state machine sends.
pub type Request = StepRequest<OnAccount, Progress>;
/// What it is answered.
pub type Response = Answer<Done, Progress>;

/// The alias of the account now, and what was done for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Done {
    /// The alias of the account: the one of the order, unless another one was kept.
    pub alias: AccountAlias,
    /// What was done with it.
    pub change: Change,
}

/// What was done with the alias.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// Nothing: the account had it.
    None,
    /// The account had none.
    Created,
    /// The account had another one, and the platform enforces aliases.
    Replaced,
    /// Nothing: the account has another one, and the platform does not enforce aliases.
    Kept,
}

/// Why the step wants to be called again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "Doing", rename_all_fields = "PascalCase")]
pub enum Progress {
    /// The alias is taken, and the list does not show it: perhaps the list lags behind, and it is ours.
    LookAgain,
    /// AWS did not replace the alias that the account has: it goes first, and comes back if the new one is taken.
    Replace {
        /// The alias that the account has, remembered outside of this function until the new one is there.
        previous: AccountAlias,
    },
}

/// Brings the account to the alias of the order.
///
/// # Errors
/// `AccountAliasTaken` where another account has the alias, `InvalidState` for an order without one; those of
/// [`AccountAliases`].
pub async fn handle(request: &Request, aliases: &impl AccountAliases) -> Result<Response, Failure> {
    let answer = async {
        let wanted = request.order.names.account_alias.as_ref();
        let wanted = wanted.ok_or_else(|| without_alias(request))?;
        let step = Step {
            request,
            wanted,
            aliases,
        };
        step.run().await
    };
    let account = &request.rest.account.account_id;
    answer.await.map_err(|failure| failure.of_account(account))
}

struct Step<'a, Port> {
    request: &'a Request,
    wanted: &'a AccountAlias,
    aliases: &'a Port,
}

impl<Port: AccountAliases> Step<'_, Port> {
    async fn run(&self) -> Result<Response, Failure> {
        let is_enforced = self.request.order.platform.enforce_account_alias;
        let found = self.aliases.list().await?;
        let plan = Plan::new(self.wanted, &found, is_enforced);
        tracing::info!(
            execution = self.request.execution.name(),
            account = %self.request.rest.account.account_id,
            %plan,
            "planned the account alias"
        );
        match (plan, &self.request.progress) {
            (Plan::Nothing, Some(Progress::Replace { .. })) => Ok(self.done(Change::Replaced)),
            (Plan::Nothing, _) => Ok(self.done(Change::None)),
            (Plan::Keep { current }, _) => Ok(kept(current)),
            (Plan::Remove { others }, _) => {
                for other in &others {
                    self.aliases.delete(other).await?;
                }
                Ok(self.done(Change::Replaced))
            }
            (Plan::Create { .. } | Plan::Replace { .. }, Some(Progress::LookAgain)) => {
                Err(self.taken(""))
            }
            (Plan::Create { .. }, Some(Progress::Replace { previous })) => {
                self.create_or_restore(previous).await
            }
            (Plan::Replace { current, .. }, Some(Progress::Replace { previous }))
                if current == *previous =>
            {
                self.aliases.delete(previous).await?;
                self.create_or_restore(previous).await
            }
            (Plan::Create { .. }, _) => self.create().await,
            (Plan::Replace { current, .. }, _) => self.replace(current).await,
        }
    }

    async fn create(&self) -> Result<Response, Failure> {
        match self.aliases.create(self.wanted).await? {
            AliasCreation::Made => Ok(self.done(Change::Created)),
            AliasCreation::Taken => self.look_whose().await,
            AliasCreation::NoPlace => Err(not_shown_yet()),
        }
    }

    /// Creates the new alias over the current one.
    async fn replace(&self, current: AccountAlias) -> Result<Response, Failure> {
        match self.aliases.create(self.wanted).await? {
            AliasCreation::Made => {
                self.remove_others().await?;
                Ok(self.done(Change::Replaced))
            }
            AliasCreation::Taken => self.look_whose().await,
            AliasCreation::NoPlace => Ok(Answer::Pending {
                waiting_for: format!("AWS takes one alias at a time, {current} has to go first"),
                progress: Progress::Replace { previous: current },
            }),
        }
    }

    /// Takes away what AWS has not replaced, should it begin to allow several.
    async fn remove_others(&self) -> Result<(), Failure> {
        let found = self.aliases.list().await?;
        for other in found.iter().filter(|alias| *alias != self.wanted) {
            self.aliases.delete(other).await?;
        }
        Ok(())
    }

    /// Creates the new alias where the previous one had to go first; should it be taken, the previous one comes back.
    async fn create_or_restore(&self, previous: &AccountAlias) -> Result<Response, Failure> {
        match self.aliases.create(self.wanted).await? {
            AliasCreation::Made => return Ok(self.done(Change::Replaced)),
            AliasCreation::NoPlace => return Err(not_shown_yet()),
            AliasCreation::Taken => {}
        }
        if self.aliases.list().await?.contains(self.wanted) {
            return Ok(self.done(Change::Replaced));
        }
        match self.aliases.create(previous).await? {
            AliasCreation::Made => {
                Err(self.taken(&format!("; the account has {previous} as before")))
            }
            // Ours is there, then, or the previous one is: the next look shows it.
            AliasCreation::NoPlace => Err(not_shown_yet()),
            AliasCreation::Taken => Err(self.taken(&format!(
                "; {previous}, the account's before, is taken, too"
            ))),
        }
    }

    /// The alias is taken: by this account, if the list shows it now.
    async fn look_whose(&self) -> Result<Response, Failure> {
        let found = self.aliases.list().await?;
        if found.contains(self.wanted) {
            return Ok(self.done(Change::None));
        }
        Ok(Answer::Pending {
            waiting_for: format!("whose alias {} is", self.wanted),
            progress: Progress::LookAgain,
        })
    }

    fn done(&self, change: Change) -> Response {
        Answer::Done(Done {
            alias: self.wanted.clone(),
            change,
        })
    }

    fn taken(&self, besides: &str) -> Failure {
        Failure::new(
            ErrorName::AccountAliasTaken,
            format!("the alias {} belongs to another account{besides}", self.wanted),
        )
        .with_remedy(
            "choose another accountAliasPattern in the platform document: aliases are unique across all of AWS; or, for \
             this account alone, give it any other alias by hand, which is kept where enforceAccountAlias is off",
        )
    }
}

fn kept(current: AccountAlias) -> Response {
    Answer::Done(Done {
        alias: current,
        change: Change::Kept,
    })
}

fn without_alias(request: &Request) -> Failure {
    let landing_zone = &request.order.landing_zone.name;
    Failure::new(
        ErrorName::InvalidState,
        format!("the order of landing zone {landing_zone} names no account alias"),
    )
}

fn not_shown_yet() -> Failure {
    Failure::new(
        ErrorName::ConcurrentModification,
        "iam:CreateAccountAlias says that the account has an alias, and the list does not show it yet",
    )
}
