//! What a step answers, and how the answer stands on the wire: every key is there in every answer.
//! "Still working" is an answer, not an error; the machine waits as long as it says and calls again.

use std::fmt;

use serde::Serialize;

use super::call::Progress;
use crate::domain::AccountId;

/// What came of a step's act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer<Done, Notes> {
    /// The step has done its work, or had nothing to do.
    Done(Done),
    /// Its own work is under way.
    Working { waiting_for: String, notes: Notes },
    /// Others come first: its turn is waited for, under a bound of its own.
    Queued { waiting_for: String, notes: Notes },
    /// The same, and so many ask that AWS refuses to answer: a look that counts twice, and is followed by both waits.
    Crowded { waiting_for: String, notes: Notes },
}

/// What a step looks like from outside once it has looked: plain data that can be compared, printed and sent.
///
/// Its form on the wire holds no e-mail address and no secret.
pub trait Plan: fmt::Display + Serialize {
    /// Whether nothing is to do and nothing to wait for.
    fn is_empty(&self) -> bool;
}

/// An answer on the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Reply<Done, Notes, Steps> {
    pub status: Status,
    /// The account, as soon as one is known to be the order's own.
    pub account_id: Option<AccountId>,
    /// What the step has done; null until it is `DONE`. Of a plan, what it would hand on, where that is known.
    pub result: Option<Done>,
    /// What is waited for, in words.
    pub waiting_for: Option<String>,
    /// How long the machine waits before it calls again; it varies that by a quarter.
    pub wait_seconds: u32,
    /// Handed back at the next call.
    pub progress: Option<Progress<Notes>>,
    /// What the step would do; null unless it was called for its plan.
    pub plan: Option<Planned<Steps>>,
}

/// What an answer says first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    Done,
    Pending,
    Planned,
}

/// A plan on the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Planned<Steps> {
    /// Whether nothing is to do.
    pub is_empty: bool,
    /// The plan in words.
    pub words: String,
    /// The step that has to act before this one can know; null where it knows.
    pub depends_on: Option<&'static str>,
    /// The plan itself; null where it depends on another step.
    pub steps: Option<Steps>,
}

impl<Done, Notes, Steps> Reply<Done, Notes, Steps> {
    /// An answer with that status, and nothing else in it.
    pub const fn new(status: Status, account_id: Option<AccountId>) -> Self {
        Self {
            status,
            account_id,
            result: None,
            waiting_for: None,
            wait_seconds: 0,
            progress: None,
            plan: None,
        }
    }
}
