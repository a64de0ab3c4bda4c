//! Following the operation that this execution started, to its end and to the instance's new state.
//! CloudFormation shows instances with a delay: an older state is looked at again, a bounded number of times.

use avm_core::error::{ErrorName, Failure};
use avm_core::ports::stack_sets::{
    DetailedStatus, Instance, InstanceStatus, Operation, OperationStatus, StackSetOperations,
};
use futures_util::future::join;

use crate::Started;
use crate::plan::{ToDo, inoperable};
use crate::reason::Reason;
use crate::task::Task;

/// How often an older state than the operation's is taken for a delay.
pub(crate) const MOST_STALE_LOOKS: u32 = 10;

/// How often an execution role that StackSets may not assume, or that may not do its work, is taken for one whose trust and
/// policies IAM does not know everywhere yet: some twenty minutes, with the waits for and between the operations.
pub(crate) const MOST_REFUSALS: u32 = 8;

impl<Port: StackSetOperations> Task<'_, Port> {
    /// Looks how far the operation is; when it has ended, whether the instance is as it should be.
    ///
    /// # Errors
    /// `StackSetFailed` and `StackInstanceInoperable` with CloudFormation's reason; `ServiceUnavailable` for an
    /// operation that does not show.
    pub(crate) async fn follow(&self, started: &Started) -> Result<ToDo, Failure> {
        let (place, id) = (&self.place, &started.operation_id);
        let found = self.stack_sets.find_operation(&place.stack_set, id).await?;
        let Some(operation) = found else {
            if self.notes.stale_looks >= MOST_STALE_LOOKS {
                return Err(Failure::new(
                    ErrorName::ServiceUnavailable,
                    format!("{place}: operation {id} was started and does not show"),
                ));
            }
            let words = format!("operation {id} does not show yet");
            return Ok(ToDo::wait(words, self.notes.with_stale_look()));
        };
        match operation.status {
            OperationStatus::Succeeded if operation.failed_instances == 0 => {
                self.check(started, &operation).await
            }
            OperationStatus::Succeeded | OperationStatus::Failed | OperationStatus::Stopped => {
                self.failed(started, &operation).await
            }
            OperationStatus::Queued => {
                let words = format!("operation {id} is {}", operation.status);
                Ok(ToDo::wait_in_queue(words, self.notes.without_stale_looks()))
            }
            OperationStatus::Running | OperationStatus::Stopping | OperationStatus::Other(_) => {
                let words = format!("operation {id} is {}", operation.status);
                Ok(ToDo::wait(words, self.notes.without_stale_looks()))
            }
        }
    }

    /// What a successful operation has left behind.
    async fn check(&self, started: &Started, operation: &Operation) -> Result<ToDo, Failure> {
        let (place, notes) = (&self.place, &self.notes);
        let instance = self.find_instance().await?;
        match &instance {
            Some(instance)
                if self.is_older(instance, started) && notes.refusals < MOST_REFUSALS =>
            {
                let words = "the instance was there before, and has other parameters";
                Ok(ToDo::wait(words, notes.with_refusal()))
            }
            Some(instance) if instance.status == InstanceStatus::Current => Ok(ToDo::Finish {
                operation: operation.action.into(),
                plan: started.plan.clone(),
            }),
            Some(instance) if instance.status == InstanceStatus::Inoperable => {
                Err(inoperable(instance).while_doing(&place.to_string()))
            }
            Some(instance) if instance.is_in_progress() => {
                let words = format!("the instance is {}", instance.in_words());
                Ok(ToDo::wait(words, notes.clone()))
            }
            other => {
                let words = other.as_ref().map_or_else(
                    || "there is no instance".to_owned(),
                    |instance| format!("the instance is {}", instance.in_words()),
                );
                if notes.stale_looks >= MOST_STALE_LOOKS
                    || other.as_ref().is_some_and(|it| is_final(it, started))
                {
                    let id = &started.operation_id;
                    return Err(Failure::new(
                        ErrorName::StackSetFailed,
                        format!("{place}: operation {id} has SUCCEEDED, yet {words}"),
                    ));
                }
                Ok(ToDo::wait(words, notes.with_stale_look()))
            }
        }
    }

    /// Whether an instance that was to be new has other parameters than it was to be made with: it did not show when it was
    /// looked for, and a creation leaves what is there as it is.
    fn is_older(&self, instance: &Instance, started: &Started) -> bool {
        let wanted = self.parameters.clone().declared_in(&started.keys);
        instance.status == InstanceStatus::Current
            && !wanted.changed_from(&instance.parameters).is_empty()
    }

    /// The failure of an operation, with the reason of its one instance: more telling than the operation's own.
    ///
    /// An execution role that is refused may just be new, or its policies: the next operation tries again, some times.
    async fn failed(&self, started: &Started, operation: &Operation) -> Result<ToDo, Failure> {
        let (place, id) = (&self.place, &started.operation_id);
        let (result, instance) =
            join(self.stack_sets.find_reason(place, id), self.find_instance()).await;
        // A reason that cannot be read must not hide the failure.
        let instance = instance.ok().flatten();
        if let Some(instance) = &instance
            && instance.status == InstanceStatus::Inoperable
        {
            return Err(inoperable(instance).while_doing(&place.to_string()));
        }
        let words = result
            .ok()
            .flatten()
            .or_else(|| instance.and_then(|instance| instance.reason))
            .or_else(|| operation.reason.clone())
            .unwrap_or_else(|| "CloudFormation gives no reason".to_owned());
        let status = match (&operation.status, operation.failed_instances) {
            (OperationStatus::Succeeded, failed) => {
                format!("SUCCEEDED with {failed} failed instance(s)")
            }
            (status, _) => status.to_string(),
        };
        let reason = Reason::of(&words);
        if reason.is_some_and(Reason::may_be_young) && self.notes.refusals < MOST_REFUSALS {
            let words = format!("operation {id} is {status}, tried again soon: {words}");
            return Ok(ToDo::wait(words, self.notes.with_refusal()));
        }
        let words = format!("{place}: operation {id} is {status}: {words}");
        let failure = Failure::new(ErrorName::StackSetFailed, words);
        Err(match reason {
            Some(reason) => failure.with_remedy(reason.remedy()),
            None => failure,
        })
    }
}

/// Whether an instance that is not CURRENT shows what this operation has done with it.
fn is_final(instance: &Instance, started: &Started) -> bool {
    instance.last_operation.as_ref() == Some(&started.operation_id)
        && matches!(
            instance.detailed_status,
            Some(
                DetailedStatus::Failed
                    | DetailedStatus::Cancelled
                    | DetailedStatus::Inoperable
                    | DetailedStatus::SkippedSuspendedAccount
                    | DetailedStatus::FailedImport
            )
        )
}
