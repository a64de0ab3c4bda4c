//! Following the operation that this execution started, to its end.
//! By the stack's id: a deleted stack is not found by its name.

use avm_core::contract::step::Answer;
use avm_core::domain::StackId;
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::stacks::{Stack, StackStatus, Stacks};

use crate::plan::{Condition, Plan, in_words};
use crate::{Change, Done, Progress, Step, StepAnswer};

impl<Port: Stacks> Step<'_, Port> {
    /// Looks how far the operation is.
    ///
    /// # Errors
    /// `StackFailed` with the first failed resource, and what the next operation may fail with.
    pub(crate) async fn follow(&self, progress: &Progress) -> Result<StepAnswer, Failure> {
        match progress {
            Progress::Wait => self.begin().await,
            Progress::Create { stack_id, change } => self.follow_creation(stack_id, *change).await,
            Progress::Update { stack_id } => self.follow_update(stack_id).await,
            Progress::Delete { stack_id } => self.follow_deletion(stack_id).await,
            Progress::Rollback { stack_id } => self.follow_rollback(stack_id).await,
        }
    }

    async fn follow_creation(&self, id: &StackId, change: Change) -> Result<StepAnswer, Failure> {
        let progress = Progress::Create {
            stack_id: id.clone(),
            change,
        };
        let Some(stack) = self.stacks.find(id).await? else {
            return Ok(not_shown(id, progress));
        };
        match Condition::of(&stack.status) {
            Condition::Settled => Ok(done(stack.id, change)),
            Condition::InProgress => Ok(still(&stack, progress)),
            _ => Err(self.failed(&stack, "was to be created").await),
        }
    }

    pub(crate) async fn follow_update(&self, id: &StackId) -> Result<StepAnswer, Failure> {
        let progress = Progress::Update {
            stack_id: id.clone(),
        };
        let Some(stack) = self.stacks.find(id).await? else {
            return Ok(not_shown(id, progress));
        };
        let is_as_wanted = Plan::compare(stack.clone(), &self.wanted).is_empty();
        match (Condition::of(&stack.status), &stack.status) {
            (Condition::Settled, StackStatus::UpdateRollbackComplete) => {
                Err(self.failed(&stack, "was to be updated").await)
            }
            (Condition::Settled, _) if is_as_wanted => Ok(done(stack.id, Change::Update)),
            // The state before the update, shown late.
            (Condition::Settled | Condition::InProgress, _) => Ok(still(&stack, progress)),
            _ => Err(self.failed(&stack, "was to be updated").await),
        }
    }

    async fn follow_deletion(&self, id: &StackId) -> Result<StepAnswer, Failure> {
        match self.stacks.find(id).await? {
            Some(stack) if stack.status == StackStatus::DeleteFailed => {
                Err(self.failed(&stack, "was to be deleted").await)
            }
            Some(stack) if stack.status != StackStatus::DeleteComplete => {
                let progress = Progress::Delete {
                    stack_id: id.clone(),
                };
                Ok(still(&stack, progress))
            }
            _ => self.create(id.name(), Change::Recreate).await,
        }
    }

    async fn follow_rollback(&self, id: &StackId) -> Result<StepAnswer, Failure> {
        match self.stacks.find(id).await? {
            Some(stack) if stack.status == StackStatus::UpdateRollbackFailed => {
                Err(self.failed(&stack, "was to be rolled back").await)
            }
            Some(stack) if Condition::of(&stack.status) == Condition::InProgress => {
                let progress = Progress::Rollback {
                    stack_id: id.clone(),
                };
                Ok(still(&stack, progress))
            }
            _ => self.begin().await,
        }
    }

    /// The failure of an operation, with what went wrong first: more telling than the stack's own reason.
    pub(crate) async fn failed(&self, stack: &Stack, intent: &str) -> Failure {
        // A reason that cannot be read must not hide the failure.
        let first = self
            .stacks
            .find_first_failure(&stack.id)
            .await
            .ok()
            .flatten();
        let words = match first {
            Some(first) => format!("{}: {first}", stack.status),
            None => in_words(stack),
        };
        Failure::new(
            ErrorName::StackFailed,
            format!("stack {} {intent} and is {words}", stack.name),
        )
    }
}

/// The answer when the operation has ended well.
pub(crate) fn done(stack_id: StackId, change: Change) -> StepAnswer {
    Answer::Done(Done {
        stack_name: stack_id.name().to_owned(),
        stack_id,
        change,
        drift: None,
    })
}

fn still(stack: &Stack, progress: Progress) -> StepAnswer {
    Answer::Pending {
        waiting_for: format!("stack {} is {}", stack.name, stack.status),
        progress,
    }
}

fn not_shown(id: &StackId, progress: Progress) -> StepAnswer {
    Answer::Pending {
        waiting_for: format!("stack {} does not show yet", id.name()),
        progress,
    }
}
