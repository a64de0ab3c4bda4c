//! The one shape in which the state machine calls a step, and in which a step answers.
//! "Still working" is an answer, not an error: its `Progress` is handed back at the next call.

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::domain::{Account, ExecutionArn};
use crate::lambda::read_part;
use crate::order::Order;

/// `{"Execution", "Order", "Progress"?, …}`: the input of a step; `Rest` adds what the step needs besides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct StepRequest<Rest, Progress = NoProgress> {
    /// The execution that calls.
    pub execution: ExecutionArn,
    /// What it was started with.
    pub order: Order,
    /// What the last answer of this step said, when it said that it is still working.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub progress: Option<Progress>,
    /// What this step needs besides.
    #[serde(flatten)]
    pub rest: Rest,
}

impl<'de, Rest: DeserializeOwned, Progress: DeserializeOwned> Deserialize<'de>
    for StepRequest<Rest, Progress>
{
    /// Part by part: an error names its whole path.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let event = Value::deserialize(deserializer)?;
        if !event.is_object() {
            return Err(D::Error::custom("must be a JSON object"));
        }
        let part = |name: &str| event.get(name).unwrap_or(&Value::Null);
        let required = |name: &str| match event.get(name) {
            Some(value) => Ok(value),
            None => Err(D::Error::custom(format!("{name}: is missing"))),
        };
        Ok(Self {
            execution: read_part(required("Execution")?, "Execution").map_err(D::Error::custom)?,
            order: read_part(required("Order")?, "Order").map_err(D::Error::custom)?,
            progress: read_part(part("Progress"), "Progress").map_err(D::Error::custom)?,
            rest: read_part(&event, "").map_err(D::Error::custom)?,
        })
    }
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
