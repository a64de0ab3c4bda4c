//! What has to happen with the access stack, as plain data: made from what was read, shown, then applied.
//! A stack that somebody else has deployed is left alone as long as it is well.

use std::fmt;

use avm_core::contract::answer;
use avm_core::domain::{Parameters, StackId};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::stacks::{Stack, StackStatus};
use serde::Serialize;

use crate::{Change, Notes, STACK_NAME};

/// What a status allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    /// The last operation has ended, and the stack can be updated.
    Settled,
    /// An operation runs.
    InProgress,
    /// Only its deletion is allowed.
    Broken,
    /// The rollback of an update has failed and can be gone on with.
    RollbackStuck,
    /// It is deleted.
    Gone,
    /// Somebody has to decide.
    Undecided,
}

impl Condition {
    /// What the status allows.
    ///
    /// Rule source: CloudFormation, "Stack status codes". `REVIEW_IN_PROGRESS` is no operation: there is a change set and
    /// nothing else.
    pub(crate) fn of(status: &StackStatus) -> Self {
        match status {
            StackStatus::CreateComplete
            | StackStatus::UpdateComplete
            | StackStatus::UpdateRollbackComplete
            | StackStatus::ImportComplete
            | StackStatus::ImportRollbackComplete => Self::Settled,
            StackStatus::CreateInProgress
            | StackStatus::RollbackInProgress
            | StackStatus::DeleteInProgress
            | StackStatus::UpdateInProgress
            | StackStatus::UpdateCompleteCleanupInProgress
            | StackStatus::UpdateRollbackInProgress
            | StackStatus::UpdateRollbackCompleteCleanupInProgress
            | StackStatus::ImportInProgress
            | StackStatus::ImportRollbackInProgress => Self::InProgress,
            StackStatus::CreateFailed
            | StackStatus::RollbackComplete
            | StackStatus::RollbackFailed
            | StackStatus::DeleteFailed
            | StackStatus::ReviewInProgress => Self::Broken,
            StackStatus::UpdateRollbackFailed => Self::RollbackStuck,
            StackStatus::DeleteComplete => Self::Gone,
            StackStatus::Other(text) if text.ends_with("_IN_PROGRESS") => Self::InProgress,
            StackStatus::UpdateFailed
            | StackStatus::ImportRollbackFailed
            | StackStatus::Other(_) => Self::Undecided,
        }
    }
}

/// What the stack should be, as far as a comparison needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// What is written down for the template.
    pub(crate) template: String,
    /// Every parameter that a template may declare.
    pub(crate) candidates: Parameters,
    /// The name of the execution.
    pub(crate) execution: String,
}

impl Wanted {
    /// What a settled stack of ours was made of and should not be any more, in words without values.
    pub(crate) fn differences(&self, stack: &Stack) -> Option<String> {
        let mark = stack.mark.as_ref()?;
        let template = mark.template != self.template;
        let comparable = stack.parameters.visible_keys();
        let candidates = self.candidates.clone().declared_in(&comparable);
        let changed = candidates.changed_from(&stack.parameters);
        (template || !changed.is_empty()).then(|| words_of_differences(template, &changed))
    }
}

/// What has to happen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all_fields = "PascalCase")]
pub enum Plan {
    /// The stack is as it should be, or somebody else's and well.
    Nothing { stack: StackId, is_ours: bool },
    /// The operation of this execution has ended well.
    Finish { stack: StackId, change: Change },
    /// An operation runs; what is to do shows after it.
    Wait { waiting_for: String, notes: Notes },
    /// There is none.
    Create { name: String, change: Change },
    /// It was made of another template or with other parameters.
    Update {
        stack: StackId,
        /// In words; no values.
        differences: String,
    },
    /// What an earlier try has left behind is deleted, and the stack is made again.
    Recreate { stack: StackId, status: StackStatus },
    /// Its last update got stuck on its way back.
    ContinueRollback { stack: StackId, status: StackStatus },
    /// What this execution started has failed.
    Fail {
        stack: StackId,
        status: StackStatus,
        reason: Option<String>,
        /// What was to happen, e.g. `was to be created`.
        intent: &'static str,
    },
}

impl Plan {
    /// Decides by the stacks whose name says that they are access stacks.
    ///
    /// # Errors
    /// `StackFailed` for a stack about which somebody has to decide.
    pub(crate) fn new(stacks: Vec<Stack>, wanted: &Wanted) -> Result<Self, Failure> {
        let Some(stack) = stacks.into_iter().min_by_key(rank) else {
            return Ok(Self::create());
        };
        Ok(match Condition::of(&stack.status) {
            Condition::Settled => Self::compare(stack, wanted),
            Condition::InProgress => Self::wait(&stack, &Notes::Wait),
            Condition::Broken if is_failure_of(&stack, wanted) => {
                Self::fail(stack, "was to be created")
            }
            Condition::Broken => Self::Recreate {
                stack: stack.id,
                status: stack.status,
            },
            Condition::RollbackStuck => Self::ContinueRollback {
                stack: stack.id,
                status: stack.status,
            },
            Condition::Gone => Self::create(),
            Condition::Undecided => return Err(undecided(&stack)),
        })
    }

    fn create() -> Self {
        Self::Create {
            name: STACK_NAME.to_owned(),
            change: Change::Create,
        }
    }

    fn compare(stack: Stack, wanted: &Wanted) -> Self {
        match wanted.differences(&stack) {
            Some(differences) => Self::Update {
                stack: stack.id,
                differences,
            },
            None => Self::Nothing {
                stack: stack.id,
                is_ours: stack.mark.is_some(),
            },
        }
    }

    pub(crate) fn wait(stack: &Stack, notes: &Notes) -> Self {
        Self::Wait {
            waiting_for: format!("stack {} is {}", stack.name, stack.status),
            notes: notes.clone(),
        }
    }

    pub(crate) fn fail(stack: Stack, intent: &'static str) -> Self {
        Self::Fail {
            stack: stack.id,
            status: stack.status,
            reason: stack.reason,
            intent,
        }
    }
}

impl answer::Plan for Plan {
    fn is_empty(&self) -> bool {
        matches!(self, Self::Nothing { .. } | Self::Finish { .. })
    }
}

/// The differences of template and parameters; values are left out.
fn words_of_differences(template: bool, changed: &[String]) -> String {
    let template = template.then(|| "another template".to_owned());
    let parameters = (!changed.is_empty()).then(|| format!("parameters {}", changed.join(", ")));
    let both: Vec<String> = template.into_iter().chain(parameters).collect();
    both.join(" and ")
}

/// Which of several stacks decides: one of ours that can be worked with, then one that is well, then one that may become so.
fn rank(stack: &Stack) -> (u8, String) {
    let rank = match (Condition::of(&stack.status), &stack.mark) {
        (Condition::Settled | Condition::InProgress | Condition::RollbackStuck, Some(_)) => 0,
        (Condition::Settled, None) => 1,
        (Condition::InProgress | Condition::RollbackStuck, None) => 2,
        (Condition::Broken | Condition::Undecided, _) => 3,
        (Condition::Gone, _) => 4,
    };
    (rank, stack.name.clone())
}

/// Whether this execution made the stack, and that failed.
fn is_failure_of(stack: &Stack, wanted: &Wanted) -> bool {
    let is_failed_creation = matches!(
        stack.status,
        StackStatus::CreateFailed | StackStatus::RollbackComplete | StackStatus::RollbackFailed
    );
    let made_here = stack
        .mark
        .as_ref()
        .is_some_and(|mark| mark.execution == wanted.execution);
    is_failed_creation && made_here
}

fn undecided(stack: &Stack) -> Failure {
    let found = in_words(&stack.status, stack.reason.as_deref());
    Failure::new(
        ErrorName::StackFailed,
        format!("stack {} is {found}", stack.name),
    )
    .with_remedy(
        "bring the stack to a complete state or delete it in the account, then send the request again",
    )
}

pub(crate) fn in_words(status: &StackStatus, reason: Option<&str>) -> String {
    match reason {
        Some(reason) => format!("{status}: {reason}"),
        None => status.to_string(),
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing {
                stack,
                is_ours: false,
            } => write!(
                formatter,
                "nothing to do: stack {} is there, made by somebody else",
                stack.name()
            ),
            Self::Nothing { stack, .. } | Self::Finish { stack, .. } => write!(
                formatter,
                "nothing to do: stack {} is as it should be",
                stack.name()
            ),
            Self::Wait { waiting_for, .. } => write!(formatter, "wait: {waiting_for}"),
            Self::Create { name, .. } => write!(formatter, "create stack {name}"),
            Self::Update { stack, differences } => {
                write!(formatter, "update stack {}: {differences}", stack.name())
            }
            Self::Recreate { stack, status } => write!(
                formatter,
                "delete stack {}, which is {status}, and create it again",
                stack.name()
            ),
            Self::ContinueRollback { stack, status } => write!(
                formatter,
                "go on with the rollback of stack {}, which is {status}",
                stack.name()
            ),
            Self::Fail {
                stack,
                status,
                intent,
                ..
            } => write!(
                formatter,
                "give up: stack {} {intent} and is {status}",
                stack.name()
            ),
        }
    }
}
