//! The executions of the state machine: the memory of what was asked for, how it ended, and what it had come to.
//! Reading is eventually consistent, starting is not: a name can be taken only once.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::domain::{AccountId, ExecutionArn, ExecutionName};
use crate::error::Failure;

/// An execution as it was last seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Execution {
    pub arn: ExecutionArn,
    /// Whether it runs, and if not, how it ended.
    pub status: ExecutionStatus,
    /// The JSON that it was started with.
    pub input: String,
}

/// What an execution is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExecutionStatus {
    /// It has not ended.
    Running,
    /// It ended well: the account was vended.
    Succeeded,
    /// It failed, and its failure path has run.
    Failed,
    /// It was stopped or ran out of time: nothing of it has run since.
    Stopped,
}

/// What an execution had come to, by its history.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    /// The account that create-account has named, as soon as it has named one.
    pub account: Option<AccountId>,
    /// The names of the states that were entered.
    pub entered: BTreeSet<String>,
    /// The one that was entered last.
    pub last: Option<String>,
}

/// The histories of executions.
pub trait Histories {
    /// What an execution had come to.
    async fn trace(&self, execution: &ExecutionArn) -> Result<Trace, Failure>;
}

/// What came of the wish to start an execution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// It runs; another call with the same input may have started it a moment ago.
    Started(ExecutionArn),
    /// The name belongs to an execution that has ended, or was started with another input.
    NameTaken,
}

/// The executions of the state machine.
pub trait Executions {
    /// The execution of that name; `None` if there is none, or if it is not visible yet.
    async fn find_execution(&self, name: &ExecutionName) -> Result<Option<Execution>, Failure>;

    /// Starts an execution, or joins the one that runs under this name with this very input.
    async fn start_execution(&self, name: &ExecutionName, input: &str) -> Result<Start, Failure>;

    /// The ARN that an execution of that name has or would have.
    fn arn_of(&self, name: &ExecutionName) -> ExecutionArn;
}

/// An execution that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunningVend {
    pub name: String,
    /// Since the beginning of 1970.
    pub started: Duration,
}

/// The vends that are under way.
pub trait RunningVends {
    /// All executions that run; one that has just been started may be missing.
    async fn list_running(&self) -> Result<Vec<RunningVend>, Failure>;

    /// The JSON that one of them was started with; none where it does not show yet.
    async fn find_input(&self, vend: &RunningVend) -> Result<Option<String>, Failure>;
}
