//! The one shape in which the state machine calls a step, and in which a step answers.
//! "Still working" is an answer, not an error: its `Progress` is handed back at the next call.

use serde::{Deserialize, Serialize};

use crate::domain::{Account, ExecutionArn};
use crate::order::Order;

/// `{"Execution", "Order", "Progress"?, …}`: the input of a step; `Rest` adds what the step needs besides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct StepRequest<Rest, Progress = NoProgress> {
    /// The execution that calls.
    pub execution: ExecutionArn,
    /// What it was started with.
    pub order: Order,
    /// What the last answer of this step said, when it said that it is still working.
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    pub progress: Option<Progress>,
    /// What this step needs besides.
    #[serde(flatten)]
    pub rest: Rest,
}

fn none<Progress>() -> Option<Progress> {
    None
}

/// The progress of a step that never says that it is still working.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoProgress {}

/// `Rest` of a step that needs nothing besides the order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nothing {}

/// `Rest` of a step that works on the account: `{"Account": {…}}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct OnAccount {
    /// The account that create-account found or made.
    pub account: Account,
}

/// `{"Status": "DONE", …}` or `{"Status": "PENDING", "WaitingFor": "…", "Progress": {…}}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "Status", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Answer<Done, Progress = NoProgress> {
    /// The step has done its work, or had nothing to do.
    Done(Done),
    /// The state machine waits and calls again.
    #[serde(rename_all = "PascalCase")]
    Pending {
        /// What is waited for, in words.
        waiting_for: String,
        /// Handed back at the next call.
        progress: Progress,
    },
}
