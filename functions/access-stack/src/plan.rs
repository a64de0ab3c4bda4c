//! What has to happen with the access stack, as plain data: made from what was read, shown, then applied.
//! A stack that somebody else has deployed is left alone as long as it is well.

use std::fmt;

use avm_core::domain::Parameters;
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::stacks::{Stack, StackStatus};

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

/// What the stack shall be, as far as a comparison needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// What is written down for the template.
    pub(crate) template: String,
    /// Every parameter that a template may declare.
    pub(crate) candidates: Parameters,
    /// The name of the execution.
    pub(crate) execution: String,
}

/// What has to happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Plan {
    /// The stack is as it shall be, or somebody else's and well.
    Nothing(Stack),
    /// An operation runs; what is to do shows after it.
    Wait(Stack),
    /// There is none.
    Create,
    /// It was made of another template or with other parameters.
    Update {
        /// The stack.
        stack: Stack,
        /// What it was made of and shall not be any more, in words; no values.
        differences: String,
    },
    /// What an earlier try has left behind is deleted, and the stack is made again.
    Recreate(Stack),
    /// Its last update got stuck on its way back.
    ContinueRollback(Stack),
    /// This execution made it, and that failed.
    Failed(Stack),
}

impl Plan {
    /// Decides by the stacks whose name says that they are access stacks.
    ///
    /// # Errors
    /// `StackFailed` for a stack about which somebody has to decide.
    pub(crate) fn new(stacks: Vec<Stack>, wanted: &Wanted) -> Result<Self, Failure> {
        let Some(stack) = stacks.into_iter().min_by_key(rank) else {
            return Ok(Self::Create);
        };
        Ok(match Condition::of(&stack.status) {
            Condition::Settled => Self::compare(stack, wanted),
            Condition::InProgress => Self::Wait(stack),
            Condition::Broken if is_failure_of(&stack, wanted) => Self::Failed(stack),
            Condition::Broken => Self::Recreate(stack),
            Condition::RollbackStuck => Self::ContinueRollback(stack),
            Condition::Gone => Self::Create,
            Condition::Undecided => return Err(undecided(&stack)),
        })
    }

    /// Compares a settled stack with what it shall be.
    pub(crate) fn compare(stack: Stack, wanted: &Wanted) -> Self {
        let Some(mark) = &stack.mark else {
            return Self::Nothing(stack);
        };
        let template = mark.template != wanted.template;
        let comparable = stack.parameters.visible_keys();
        let changed = wanted
            .candidates
            .clone()
            .declared_in(&comparable)
            .changed_from(&stack.parameters);
        if !template && changed.is_empty() {
            return Self::Nothing(stack);
        }
        Self::Update {
            stack,
            differences: words_of_differences(template, &changed),
        }
    }

    /// Whether nothing is to do and nothing to wait for.
    pub(crate) fn is_empty(&self) -> bool {
        matches!(self, Self::Nothing(_))
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
    Failure::new(
        ErrorName::StackFailed,
        format!("stack {} is {}", stack.name, in_words(stack)),
    )
    .with_remedy(
        "bring the stack to a complete state or delete it in the account, then send the request again",
    )
}

/// Status and reason in words.
pub(crate) fn in_words(stack: &Stack) -> String {
    match &stack.reason {
        Some(reason) => format!("{}: {reason}", stack.status),
        None => stack.status.to_string(),
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing(Stack {
                name, mark: None, ..
            }) => write!(
                formatter,
                "nothing to do: stack {name} is there, made by somebody else"
            ),
            Self::Nothing(stack) => {
                write!(
                    formatter,
                    "nothing to do: stack {} is as it shall be",
                    stack.name
                )
            }
            Self::Wait(stack) => write!(
                formatter,
                "wait for stack {}, which is {}",
                stack.name, stack.status
            ),
            Self::Create => formatter.write_str("create the stack"),
            Self::Update { stack, differences } => {
                write!(formatter, "update stack {}: {differences}", stack.name)
            }
            Self::Recreate(stack) => write!(
                formatter,
                "delete stack {}, which is {}, and create it again",
                stack.name, stack.status
            ),
            Self::ContinueRollback(stack) => write!(
                formatter,
                "go on with the rollback of stack {}, which is {}",
                stack.name, stack.status
            ),
            Self::Failed(stack) => write!(
                formatter,
                "give up: stack {} of this execution is {}",
                stack.name, stack.status
            ),
        }
    }
}
