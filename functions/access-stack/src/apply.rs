//! Starting the operations of the stack: each start carries a token that is the same at every replay of the execution.
//! What an operation does shows at the next look.

use avm_core::contract::answer::Answer;
use avm_core::domain::{OperationId, StackId};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::stacks::{Creation, Mark, Specification, Stacks, Start, Update};
use avm_core::rules::power;
use avm_core::step::Acted;

use crate::{AccessStack, Change, Done, Notes, Task, done, template};

type Started = Result<Acted<AccessStack>, Failure>;

impl<Port: Stacks> Task<'_, Port> {
    pub(crate) async fn create(&self, name: &str, change: Change) -> Started {
        let specification = self.specification().await?;
        let token = self.token("create", name);
        let creation = self
            .stacks
            .start_creation(name, &specification, &token)
            .await?;
        Ok(match creation {
            Creation::Started(stack_id) => {
                waiting(name, "is being created", Notes::Create { stack_id, change })
            }
            Creation::AlreadyThere => waiting(name, "is there by now", Notes::Wait),
        })
    }

    pub(crate) async fn update(&self, stack_id: StackId, differences: &str) -> Started {
        let update = match self.start_update(&stack_id).await {
            // The stack is well, so that the vend goes on; where that is not enough, the StackSets say so.
            Err(denied) if denied.name() == ErrorName::AccessDenied && self.is_downgraded() => {
                return Ok(self.leave_as_it_is(&stack_id, differences, &denied));
            }
            other => {
                let doing = format!("could not update stack {}", stack_id.name());
                other.map_err(|failure| failure.while_doing(&doing))?
            }
        };
        let name = stack_id.name().to_owned();
        Ok(match update {
            Update::Started | Update::AlreadyStarted => {
                waiting(&name, "is being updated", Notes::Update { stack_id })
            }
            Update::NothingToDo => done(&name, Change::None),
            Update::Busy => busy(&name),
        })
    }

    async fn start_update(&self, stack_id: &StackId) -> Result<Update, Failure> {
        let specification = self.specification().await?;
        let token = self.token("update", stack_id.as_str());
        self.stacks
            .start_update(stack_id, &specification, &token)
            .await
    }

    /// Whether the landing zone takes the access role down, so that it may no longer update stacks.
    fn is_downgraded(&self) -> bool {
        let settings = &self.call.order.landing_zone.settings;
        settings.downgrade.policy().is_some()
    }

    /// The answer for a stack that is well and out of date, and that a downgraded role may not update.
    fn leave_as_it_is(
        &self,
        id: &StackId,
        differences: &str,
        denied: &Failure,
    ) -> Acted<AccessStack> {
        let name = id.name();
        tracing::warn!(
            execution = self.call.execution.name(),
            account = %self.call.account.account_id,
            stack = name,
            differences,
            cause = denied.cause(),
            "the access stack is out of date and may not be updated"
        );
        let drift = format!(
            "stack {name} is not what the landing zone wants ({differences}), and the access role may not update it. Remedy: \
             {}, with \"Force\".",
            power::REMEDY
        );
        Answer::Done(Done {
            stack_name: name.to_owned(),
            change: Change::None,
            drift: Some(drift),
        })
    }

    pub(crate) async fn delete(&self, stack_id: StackId) -> Started {
        let token = self.token("delete", stack_id.as_str());
        let name = stack_id.name().to_owned();
        Ok(match self.stacks.start_deletion(&stack_id, &token).await? {
            Start::Started => waiting(&name, "is being deleted", Notes::Delete { stack_id }),
            Start::Busy => busy(&name),
        })
    }

    pub(crate) async fn continue_rollback(&self, stack_id: StackId) -> Started {
        let token = self.token("rollback", stack_id.as_str());
        let name = stack_id.name().to_owned();
        Ok(match self.stacks.start_rollback(&stack_id, &token).await? {
            Start::Started => {
                let notes = Notes::Rollback { stack_id };
                waiting(&name, "goes on with its rollback", notes)
            }
            Start::Busy => busy(&name),
        })
    }

    async fn specification(&self) -> Result<Specification, Failure> {
        let (template, declared) = template::read(self.template, &self.stacks).await?;
        Ok(Specification {
            template,
            parameters: self.wanted.candidates.clone().declared_in(&declared),
            mark: Mark {
                template: self.wanted.template.clone(),
                execution: self.wanted.execution.clone(),
            },
        })
    }

    /// The same at every replay of this execution.
    fn token(&self, action: &str, stack: &str) -> OperationId {
        OperationId::of_parts([self.call.execution.as_str(), action, stack])
    }
}

fn waiting(name: &str, words: &str, notes: Notes) -> Acted<AccessStack> {
    Answer::Working {
        waiting_for: format!("stack {name} {words}"),
        notes,
    }
}

/// CloudFormation lets nobody start anything for now: what is to do shows after it.
fn busy(name: &str) -> Acted<AccessStack> {
    waiting(name, "has another operation at work on it", Notes::Wait)
}
