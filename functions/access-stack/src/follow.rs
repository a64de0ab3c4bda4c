//! Following the operation that this execution started, to its end.
//! By the stack's id: a deleted stack is not found by its name.

use avm_core::domain::StackId;
use avm_core::error::Failure;
use avm_core::ports::stacks::{StackStatus, Stacks};

use crate::plan::{Condition, Plan};
use crate::{Change, Notes, Task};

impl<Port: Stacks> Task<'_, Port> {
    /// Looks how far the operation is, and what comes after it.
    pub(crate) async fn follow(&self, notes: &Notes) -> Result<Plan, Failure> {
        match notes {
            Notes::Wait => self.plan().await,
            Notes::Create { stack_id, change } => {
                self.follow_creation(stack_id, *change, notes).await
            }
            Notes::Update { stack_id } => self.follow_update(stack_id, notes).await,
            Notes::Delete { stack_id } => self.follow_deletion(stack_id, notes).await,
            Notes::Rollback { stack_id } => self.follow_rollback(stack_id, notes).await,
        }
    }

    async fn follow_creation(
        &self,
        id: &StackId,
        change: Change,
        notes: &Notes,
    ) -> Result<Plan, Failure> {
        let Some(stack) = self.stacks.find(id).await? else {
            return Ok(not_shown(id, notes));
        };
        Ok(match Condition::of(&stack.status) {
            Condition::Settled => Plan::Finish {
                stack: stack.id,
                change,
            },
            Condition::InProgress => Plan::wait(&stack, notes),
            _ => Plan::fail(stack, "was to be created"),
        })
    }

    async fn follow_update(&self, id: &StackId, notes: &Notes) -> Result<Plan, Failure> {
        let Some(stack) = self.stacks.find(id).await? else {
            return Ok(not_shown(id, notes));
        };
        Ok(match (Condition::of(&stack.status), &stack.status) {
            (Condition::Settled, StackStatus::UpdateRollbackComplete) => {
                Plan::fail(stack, "was to be updated")
            }
            (Condition::Settled, _) if self.wanted.differences(&stack).is_none() => Plan::Finish {
                stack: stack.id,
                change: Change::Update,
            },
            // The state before the update, shown late.
            (Condition::Settled | Condition::InProgress, _) => Plan::wait(&stack, notes),
            _ => Plan::fail(stack, "was to be updated"),
        })
    }

    async fn follow_deletion(&self, id: &StackId, notes: &Notes) -> Result<Plan, Failure> {
        Ok(match self.stacks.find(id).await? {
            Some(stack) if stack.status == StackStatus::DeleteFailed => {
                Plan::fail(stack, "was to be deleted")
            }
            Some(stack) if stack.status != StackStatus::DeleteComplete => Plan::wait(&stack, notes),
            _ => Plan::Create {
                name: id.name().to_owned(),
                change: Change::Recreate,
            },
        })
    }

    async fn follow_rollback(&self, id: &StackId, notes: &Notes) -> Result<Plan, Failure> {
        match self.stacks.find(id).await? {
            Some(stack) if stack.status == StackStatus::UpdateRollbackFailed => {
                Ok(Plan::fail(stack, "was to be rolled back"))
            }
            Some(stack) if Condition::of(&stack.status) == Condition::InProgress => {
                Ok(Plan::wait(&stack, notes))
            }
            _ => self.plan().await,
        }
    }
}

fn not_shown(id: &StackId, notes: &Notes) -> Plan {
    Plan::Wait {
        waiting_for: format!("stack {} does not show yet", id.name()),
        notes: notes.clone(),
    }
}
