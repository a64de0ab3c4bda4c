//! Records on the account why its vend failed, and says it in words for the people who operate the vending machine.
//! The last step before the failure is announced: whatever can be said is said, even where the account cannot be tagged.

mod account;
mod message;
mod report;

use avm_core::contract::step::Answer;
use avm_core::error::{Failure, Kind};
use avm_core::ports::account_tags::AccountTags;
use serde::Serialize;

pub use account::Marking;
pub use report::{Report, Subject};

/// `{"Status": "DONE", "Subject": "…", "Message": "…"}`: what the state machine publishes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Response {
    /// One line (SNS: 100 printable ASCII characters at most).
    pub subject: String,
    /// What failed, where, why, and what to do about it.
    pub message: String,
}

/// Marks the account, if a step has found one, and words the failure. `open` is asked for the tags only then.
///
/// # Errors
/// Only what is worth another try of this step; any other failure to mark the account becomes part of the message.
pub async fn handle<Tags: AccountTags>(
    report: &Report,
    now: &str,
    open: impl AsyncFnOnce() -> Result<Tags, Failure>,
) -> Result<Answer<Response>, Failure> {
    let marking = match mark(report, now, open).await {
        Err(failure) if failure.name().kind() == Kind::Busy => return Err(failure),
        Err(failure) => Marking::Refused(failure),
        Ok(marking) => marking,
    };
    tracing::info!(
        execution = report.execution_name(),
        account = report.account_id(),
        step = report.step,
        error = report.error,
        marking = %marking,
        "failure recorded"
    );
    Ok(Answer::Done(Response {
        subject: message::subject(report),
        message: message::message(report, &marking),
    }))
}

async fn mark<Tags: AccountTags>(
    report: &Report,
    now: &str,
    open: impl AsyncFnOnce() -> Result<Tags, Failure>,
) -> Result<Marking, Failure> {
    match &report.subject {
        Subject::NoAccount => Ok(Marking::NoAccount),
        Subject::Named(_) => Ok(Marking::LeftAlone),
        Subject::Found(account) => account::mark(report, account, now, &open().await?)
            .await
            .map_err(|failure| failure.of_account(account)),
    }
}

#[cfg(test)]
mod tests;
