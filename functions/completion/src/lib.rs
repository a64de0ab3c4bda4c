//! Verifies the account from outside, then writes the completion tags.
//! The last step of a vend: meshStack takes the tags for "done", so nothing is written before everything is proven.

mod budget;
mod member_roles;
mod plan;
mod roles;
mod root_user;
mod saml_roles;
mod tags;
#[cfg(test)]
mod tests;
mod turn;
mod verification;

use std::collections::BTreeMap;
use std::time::Duration;

use avm_core::contract::answer::Answer;
use avm_core::contract::call::{Nothing, Request};
use avm_core::domain::altered_tags;
use avm_core::doors::Door;
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::account_tags::AccountTags;
use avm_core::rules::owner::{Claim, Owner};
use avm_core::step::{Acted, Patience, Step, Wait};
use avm_core::world::World;
use futures_util::try_join;
use serde::{Deserialize, Serialize};

pub use plan::Plan;
use tags::TagPlan;
use verification::Check;

/// The step.
pub struct Completion;

/// What the machine sends.
pub type Call = Request<Nothing, Option<Input>>;

/// `{"Budgets": true}` where the machine is deployed with budgets, but for an account that cannot have one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Input {
    /// Whether the account's budget is looked at, or that it has none.
    #[serde(default)]
    pub budgets: bool,
}

/// What was proven, and how the account is tagged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Done {
    /// What was proven, in words.
    pub verified: Vec<String>,
    /// The tags of the vend as they are on the account now.
    pub tags: BTreeMap<String, String>,
    /// Which of the request's tags are not on the account as they were given, and what was changed; no values.
    pub altered_tags: Vec<String>,
}

impl Step for Completion {
    const NAME: &'static str = "completion";
    const DOORS: &'static [Door] = &[Door::Completion, Door::Own, Door::Verification];
    const PROVES_CALLER: bool = true;
    /// What AWS shows late is there within a minute or two; a real difference is not worth a longer wait.
    const PATIENCE: Option<Patience> = Some(Patience {
        work: Wait {
            looks: 8,
            first: 3,
            growth: 5,
            longest: 30,
        },
        turn: None,
        gives_up: ErrorName::VerificationPending,
    });

    type Call = Call;
    type Plan = Plan;
    type Done = Done;

    /// Fails with `AccountMismatch` where tags name another owner by now, and with `InvalidRequest` where the account would
    /// get too many tags.
    async fn look(call: &Call, world: &impl World) -> Result<Plan, Failure> {
        let account = &call.account.account_id;
        let (tree, stack_sets, tags) = try_join!(
            world.organization(Door::Completion),
            world.stack_sets(Door::Own),
            world.account_tags(Door::Completion),
        )?;
        let of_others = async {
            let running = turn::running(call, world).await?;
            let present = tags.list(account).await?;
            let waits_for = match running {
                Some(running) => turn::obstacle(call, &running, &present),
                None => Ok(None),
            };
            Ok((present, waits_for))
        };
        let (place, stack_sets, roles, root_user, budget, (present, waits_for)) = try_join!(
            verification::place(call, &tree),
            verification::stack_sets(call, &stack_sets),
            roles::look(call, world),
            root_user::look(call, world),
            budget::look(call, world),
            of_others,
        )?;
        refuse_anothers(call, &present)?;
        let waits_for = waits_for?;
        let now = world.time(Duration::ZERO);
        let tags = TagPlan::new(&present, &call.order, &call.execution, &now)?;
        let (root_user, refusal) = match root_user {
            Ok(check) => (check, None),
            Err(failure) => (Check::default(), Some(failure)),
        };
        let [access_role, member_roles, saml_roles] = roles;
        let checks = [
            place,
            stack_sets,
            access_role,
            member_roles,
            saml_roles,
            root_user,
            budget,
        ];
        Ok(Plan::new(checks, refusal, waits_for, tags))
    }

    async fn act(call: &Call, plan: Plan, world: &impl World) -> Result<Acted<Self>, Failure> {
        let Plan {
            verified,
            differences,
            refusal,
            waits_for,
            tags,
        } = plan;
        if let Some(failure) = refusal {
            return Err(failure);
        }
        if !differences.is_empty() {
            let differences = differences.join("; ");
            return Ok(Answer::Working {
                waiting_for: format!("an account as its landing zone asks for it: {differences}"),
                notes: Nothing,
            });
        }
        if let Some(waiting_for) = waits_for {
            return Ok(Answer::Working {
                waiting_for,
                notes: Nothing,
            });
        }
        let altered_tags = altered_tags(&call.order.request.tags);
        tracing::info!(
            execution = call.execution.name(),
            account = %call.account.account_id,
            altered = altered_tags.join("; "),
            "account verified"
        );
        if !tags.is_settled() {
            let port = world.account_tags(Door::Completion).await?;
            tags.apply(&call.account.account_id, &port).await?;
        }
        Ok(Answer::Done(Done {
            verified,
            tags: tags.into_result(),
            altered_tags,
        }))
    }
}

/// The first step has found the account to be nobody else's; what others have written since is not overwritten.
fn refuse_anothers(call: &Call, present: &BTreeMap<String, String>) -> Result<(), Failure> {
    match Owner::of(&call.order).claim(present) {
        Claim::Anothers(tags) => Err(Failure::new(
            ErrorName::AccountMismatch,
            format!(
                "while the account was vended, somebody has tagged it as one of another workspace or project, or of another machine: {tags}"
            ),
        )
        .with_remedy(
            "find out whose the account is, and remove the tags of the other from it in AWS Organizations if it is this \
             request's; then send the request again",
        )),
        Claim::Ours | Claim::Nobodys | Claim::Unclear(_) => Ok(()),
    }
}
