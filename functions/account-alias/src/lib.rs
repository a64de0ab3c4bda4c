//! Gives the account its alias: looks, compares, and writes only where the alias is another one.
//! The new alias comes before the old one goes, so that an account never loses its alias to a name that is taken.

mod plan;
#[cfg(test)]
mod tests;

use avm_core::contract::answer::Answer;
use avm_core::contract::call::Request;
use avm_core::domain::AccountAlias as Alias;
use avm_core::doors::Door;
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::account_aliases::{AccountAliases, AliasCreation};
use avm_core::step::{Acted, Patience, Step, Wait};
use avm_core::world::World;
use serde::{Deserialize, Serialize};

pub use plan::Plan;

/// The step; it needs an order with an alias.
pub struct AccountAlias;

/// What the machine sends.
pub type Call = Request<Notes>;

/// The alias of the account now, and what was done for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Done {
    /// The alias of the account: the one of the order, unless another one was kept.
    pub alias: Alias,
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
pub enum Notes {
    /// The alias is taken, and the list does not show it: perhaps the list lags behind, and it is ours.
    LookAgain,
    /// AWS did not replace the alias that the account has: it goes first, and comes back if the new one is taken.
    Replace {
        /// The alias that the account has, remembered outside of this function until the new one is there.
        previous: Alias,
    },
}

impl Step for AccountAlias {
    const NAME: &'static str = "account-alias";
    const DOORS: &'static [Door] = &[Door::Access];
    const PROVES_CALLER: bool = false;
    /// An alias that shows late, or gives way to another one.
    const PATIENCE: Option<Patience> = Some(Patience {
        work: Wait {
            looks: 10,
            first: 5,
            growth: 2,
            longest: 15,
        },
        turn: None,
        gives_up: ErrorName::AccountAliasTimedOut,
    });

    type Call = Call;
    type Plan = Plan;
    type Done = Done;

    async fn look(call: &Call, world: &impl World) -> Result<Plan, Failure> {
        let wanted = wanted(call)?;
        let is_enforced = call.order.platform.enforce_account_alias;
        let found = world.account_aliases(Door::Access).await?.list().await?;
        Ok(Plan::new(wanted, &found, is_enforced))
    }

    /// Fails with `AccountAliasTaken` where another account has the alias.
    async fn act(call: &Call, plan: Plan, world: &impl World) -> Result<Acted<Self>, Failure> {
        let act = Act {
            wanted: wanted(call)?,
            aliases: world.account_aliases(Door::Access).await?,
        };
        match (plan, call.notes()) {
            (Plan::Nothing, Some(Notes::Replace { .. })) => Ok(act.done(Change::Replaced)),
            (Plan::Nothing, _) => Ok(act.done(Change::None)),
            (Plan::Keep { current }, _) => Ok(kept(current)),
            (Plan::Remove { others }, _) => act.remove(&others).await,
            (Plan::Create { .. } | Plan::Replace { .. }, Some(Notes::LookAgain)) => {
                Err(act.taken(""))
            }
            (Plan::Create { .. }, Some(Notes::Replace { previous })) => {
                act.create_or_restore(previous).await
            }
            (Plan::Replace { current, .. }, Some(Notes::Replace { previous }))
                if current == *previous =>
            {
                act.aliases.delete(previous).await?;
                act.create_or_restore(previous).await
            }
            (Plan::Create { .. }, _) => act.create().await,
            (Plan::Replace { current, .. }, _) => act.replace(current).await,
        }
    }
}

fn wanted(call: &Call) -> Result<&Alias, Failure> {
    call.order.names.account_alias.as_ref().ok_or_else(|| {
        let landing_zone = &call.order.landing_zone.name;
        let words = format!("the order of landing zone {landing_zone} names no account alias");
        Failure::new(ErrorName::InvalidState, words)
    })
}

struct Act<'a, Aliases> {
    wanted: &'a Alias,
    aliases: Aliases,
}

impl<Aliases: AccountAliases> Act<'_, Aliases> {
    async fn remove(&self, others: &[Alias]) -> Result<Acted<AccountAlias>, Failure> {
        for other in others {
            self.aliases.delete(other).await?;
        }
        Ok(self.done(Change::Replaced))
    }

    async fn create(&self) -> Result<Acted<AccountAlias>, Failure> {
        match self.aliases.create(self.wanted).await? {
            AliasCreation::Made => Ok(self.done(Change::Created)),
            AliasCreation::Taken => self.look_whose().await,
            AliasCreation::NoPlace => Err(not_shown_yet()),
        }
    }

    /// Creates the new alias over the current one.
    async fn replace(&self, current: Alias) -> Result<Acted<AccountAlias>, Failure> {
        match self.aliases.create(self.wanted).await? {
            AliasCreation::Made => {
                self.remove_others().await?;
                Ok(self.done(Change::Replaced))
            }
            AliasCreation::Taken => self.look_whose().await,
            AliasCreation::NoPlace => Ok(Answer::Working {
                waiting_for: format!("AWS takes one alias at a time, {current} has to go first"),
                notes: Notes::Replace { previous: current },
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
    async fn create_or_restore(&self, previous: &Alias) -> Result<Acted<AccountAlias>, Failure> {
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
                "; its previous alias {previous} has been taken as well"
            ))),
        }
    }

    /// The alias is taken: by this account, if the list shows it now.
    async fn look_whose(&self) -> Result<Acted<AccountAlias>, Failure> {
        let found = self.aliases.list().await?;
        if found.contains(self.wanted) {
            return Ok(self.done(Change::None));
        }
        Ok(Answer::Working {
            waiting_for: format!("whose alias {} is", self.wanted),
            notes: Notes::LookAgain,
        })
    }

    fn done(&self, change: Change) -> Acted<AccountAlias> {
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

fn kept(current: Alias) -> Acted<AccountAlias> {
    Answer::Done(Done {
        alias: current,
        change: Change::Kept,
    })
}

fn not_shown_yet() -> Failure {
    Failure::new(
        ErrorName::ConcurrentModification,
        "iam:CreateAccountAlias says that the account has an alias, and the list does not show it yet",
    )
}
