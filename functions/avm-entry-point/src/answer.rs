//! The answer to the caller: a status word, the execution, and a sentence for a person.
//! The words are part of the interface.

use avm_core::domain::ExecutionArn;
use serde::Serialize;

/// What came of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// An execution was started.
    Started,
    /// An execution of the same request runs.
    Running,
    /// The last execution did what is asked for; nothing was started.
    #[serde(rename = "already done")]
    AlreadyDone,
    /// An execution with another request runs; nothing was started.
    Busy,
}

/// `{"status", "executionArn", "message"}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    /// What came of the request.
    pub status: Status,
    /// The execution that the status is about.
    pub execution_arn: ExecutionArn,
    /// The same in a sentence, with what the caller may do next.
    pub message: String,
}

/// A message names at most this many altered tags.
const MOST_NAMED: usize = 10;

impl Answer {
    /// The answer of that status about that execution.
    #[must_use]
    pub fn new(status: Status, execution: ExecutionArn) -> Self {
        let name = execution.name();
        let message = match status {
            Status::Started => format!("Execution {name} has been started."),
            Status::Running => {
                format!("Execution {name} already runs for this request; nothing was started.")
            }
            Status::AlreadyDone => format!(
                "Execution {name} has done what this request asks for; nothing was started. \
                 To run it again, send the same payload with \"Force\": \"true\"."
            ),
            Status::Busy => format!(
                "Execution {name} runs for this account with another request; nothing was started. \
                 Call again when it has ended."
            ),
        };
        Self {
            status,
            execution_arn: execution,
            message,
        }
    }

    /// The same answer, whose message also names the tags that were changed, without their values.
    #[must_use]
    pub fn with_altered_tags(mut self, altered: &[String]) -> Self {
        if altered.is_empty() {
            return self;
        }
        let named = &altered[..altered.len().min(MOST_NAMED)];
        let more = match altered.len() - named.len() {
            0 => String::new(),
            more => format!("; and {more} more"),
        };
        self.message = format!(
            "{} Some tags were changed to fit AWS's rules: {}{more}.",
            self.message,
            named.join("; ")
        );
        self
    }
}
