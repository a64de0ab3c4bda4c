//! Records on the account why its vend failed, and says it in words for the people who operate the vending machine.
//! The last step before the failure is announced: whatever can be said is said, even where the account cannot be tagged.

mod marking;
mod message;
mod plan;
mod report;
#[cfg(test)]
mod tests;

use std::time::Duration;

use avm_core::contract::answer::Answer;
use avm_core::domain::AccountId;
use avm_core::doors::Door;
use avm_core::error::{Failure, Kind};
use avm_core::ports::account_tags::AccountTags;
use avm_core::step::{Acted, Patience, Step};
use avm_core::world::World;
use serde::Serialize;

pub use marking::Marking;
pub use plan::Plan;
pub use report::{Report, Subject};

/// The step.
pub struct RecordFailure;

/// What the machine publishes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Done {
    /// One line (SNS: 100 printable ASCII characters at most).
    pub subject: String,
    /// What failed, where, why, and what to do about it.
    pub message: String,
}

impl Step for RecordFailure {
    const NAME: &'static str = "record-failure";
    const DOORS: &'static [Door] = &[Door::Failure];
    const PROVES_CALLER: bool = false;
    const PATIENCE: Option<Patience> = None;

    type Call = Report;
    type Plan = Plan;
    type Done = Done;

    /// Fails only with what is worth another try; any other refusal is a part of the plan.
    async fn look(report: &Report, world: &impl World) -> Result<Plan, Failure> {
        let account = match &report.subject {
            Subject::NoAccount => return Ok(Plan::NoAccount),
            Subject::Named(_) => return Ok(Plan::LeaveAlone),
            Subject::Found(account) => account,
        };
        let look = async {
            let tags = world.account_tags(Door::Failure).await?;
            tags.list(account).await
        };
        match look.await {
            Ok(present) => Ok(Plan::new(report, &present, &world.time(Duration::ZERO))),
            Err(failure) => told(account, failure).map(Plan::TellOnly),
        }
    }

    /// Fails only with what is worth another try; any other refusal becomes part of the message.
    async fn act(report: &Report, plan: Plan, world: &impl World) -> Result<Acted<Self>, Failure> {
        let marking = match (plan, &report.subject) {
            (Plan::Mark(tags), Subject::Found(account)) => {
                let marked = async {
                    let port = world.account_tags(Door::Failure).await?;
                    tags.apply(account, &port).await
                };
                match marked.await {
                    Ok(()) if tags.left_out.is_empty() => Marking::Marked,
                    Ok(()) => Marking::MarkedInPart(tags.left_out),
                    Err(failure) => Marking::Refused(told(account, failure)?),
                }
            }
            (Plan::TellOnly(failure), _) => Marking::Refused(failure),
            (Plan::LeaveToOthers(tags), _) => Marking::Anothers(tags),
            (Plan::LeaveAlone, Subject::Named(_)) => Marking::LeftAlone,
            (Plan::NoAccount | Plan::LeaveAlone | Plan::Mark(_), _) => Marking::NoAccount,
        };
        tracing::info!(
            execution = report.execution_name(),
            account = report.account_id(),
            step = report.step,
            error = report.error,
            %marking,
            "failure recorded"
        );
        Ok(Answer::Done(Done {
            subject: message::subject(report),
            message: message::message(report, &marking),
        }))
    }
}

/// A failure that is told in the message: only what is worth another try is one of this step.
fn told(account: &AccountId, failure: Failure) -> Result<Failure, Failure> {
    let failure = failure.of_account(account);
    if failure.name().kind() == Kind::Busy {
        return Err(failure);
    }
    Ok(failure)
}
