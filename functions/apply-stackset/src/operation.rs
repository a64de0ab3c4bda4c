//! Following the operation that this execution started, to its end and to the instance's new state.
//! CloudFormation shows instances with a delay: an older state is looked at again, a bounded number of times.

use avm_core::config::StackSetReference;
use avm_core::contract::step::Answer;
use avm_core::domain::{OperationId, Parameters};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::stack_sets::{
    DetailedStatus, Instance, InstancePlace, InstanceStatus, Operation, OperationStatus,
    StackSetOperations,
};
use futures_util::future::join;

use crate::plan::inoperable;
use crate::{Change, Counts, Done, Progress, Started};

/// How often an older state than the operation's is taken for a delay.
pub(crate) const MOST_STALE_LOOKS: u32 = 10;

/// How often an execution role that StackSets may not assume is taken for one that IAM does not know everywhere yet.
pub(crate) const MOST_REFUSALS: u32 = 3;

type StepAnswer = Answer<Done, Progress>;

/// Looks how far the operation is; when it has ended, whether the instance is as it should be.
///
/// # Errors
/// `StackSetFailed` and `StackInstanceInoperable` with CloudFormation's reason; `ServiceUnavailable` for an
/// operation that does not show.
pub(crate) async fn follow(
    stack_sets: &impl StackSetOperations,
    place: &InstancePlace,
    started: Started,
    counts: Counts,
    wanted: &Parameters,
) -> Result<StepAnswer, Failure> {
    let id = &started.operation_id;
    let Some(operation) = stack_sets.find_operation(&place.stack_set, id).await? else {
        if counts.stale_looks >= MOST_STALE_LOOKS {
            return Err(Failure::new(
                ErrorName::ServiceUnavailable,
                format!("{place}: operation {id} was started and does not show"),
            ));
        }
        let words = format!("operation {id} does not show yet");
        return Ok(pending(place, &words, started, counts.with_stale_look()));
    };
    match operation.status {
        OperationStatus::Succeeded if operation.failed_instances == 0 => {
            check(stack_sets, place, started, &operation, counts, wanted).await
        }
        OperationStatus::Succeeded | OperationStatus::Failed | OperationStatus::Stopped => {
            failed(stack_sets, place, id, &operation, counts).await
        }
        OperationStatus::Queued
        | OperationStatus::Running
        | OperationStatus::Stopping
        | OperationStatus::Other(_) => {
            let words = format!("operation {id} is {}", operation.status);
            Ok(pending(
                place,
                &words,
                started,
                counts.without_stale_looks(),
            ))
        }
    }
}

/// What a successful operation has left behind.
async fn check(
    stack_sets: &impl StackSetOperations,
    place: &InstancePlace,
    started: Started,
    operation: &Operation,
    counts: Counts,
    wanted: &Parameters,
) -> Result<StepAnswer, Failure> {
    let instance = stack_sets
        .find_instance(&place.stack_set, &place.account, &place.region)
        .await?;
    match &instance {
        Some(instance)
            if is_older(instance, &started, wanted) && counts.refusals < MOST_REFUSALS =>
        {
            let words = "the instance was there before, and has other parameters";
            Ok(not_started(place, words, counts.with_refusal()))
        }
        Some(instance) if instance.status == InstanceStatus::Current => {
            tracing::info!(
                account = %place.account,
                stack_set = %place.stack_set,
                region = %place.region,
                operation = %started.operation_id,
                "the stack instance is current"
            );
            Ok(done(place, operation.action.into(), started.plan))
        }
        Some(instance) if instance.status == InstanceStatus::Inoperable => {
            Err(inoperable(instance).while_doing(&place.to_string()))
        }
        Some(instance) if instance.is_in_progress() => {
            let words = format!("the instance is {}", instance.in_words());
            Ok(pending(place, &words, started, counts))
        }
        other => {
            let words = other.as_ref().map_or_else(
                || "there is no instance".to_owned(),
                |instance| format!("the instance is {}", instance.in_words()),
            );
            if counts.stale_looks >= MOST_STALE_LOOKS
                || other.as_ref().is_some_and(|it| is_final(it, &started))
            {
                return Err(Failure::new(
                    ErrorName::StackSetFailed,
                    format!(
                        "{place}: operation {} has SUCCEEDED, yet {words}",
                        started.operation_id
                    ),
                ));
            }
            Ok(pending(place, &words, started, counts.with_stale_look()))
        }
    }
}

/// Whether an instance that was to be new has other parameters than it was to be made with: it did not show when it was
/// looked for, and a creation leaves what is there as it is.
fn is_older(instance: &Instance, started: &Started, wanted: &Parameters) -> bool {
    let wanted = wanted.clone().declared_in(&started.keys);
    instance.status == InstanceStatus::Current
        && !wanted.changed_from(&instance.parameters).is_empty()
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

/// The failure of an operation, with the reason of its one instance: more telling than the operation's own.
///
/// An execution role that StackSets may not assume may just be new: the next operation tries again, some times.
async fn failed(
    stack_sets: &impl StackSetOperations,
    place: &InstancePlace,
    id: &OperationId,
    operation: &Operation,
    counts: Counts,
) -> Result<StepAnswer, Failure> {
    let (result, instance) = join(
        stack_sets.find_reason(place, id),
        stack_sets.find_instance(&place.stack_set, &place.account, &place.region),
    )
    .await;
    // A reason that cannot be read must not hide the failure.
    let instance = instance.ok().flatten();
    if let Some(instance) = &instance
        && instance.status == InstanceStatus::Inoperable
    {
        return Err(inoperable(instance).while_doing(&place.to_string()));
    }
    let reason = result
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
    if is_refusal(&reason) && counts.refusals < MOST_REFUSALS {
        let words = format!("operation {id} is {status}, tried again soon: {reason}");
        return Ok(not_started(place, &words, counts.with_refusal()));
    }
    let failure = Failure::new(
        ErrorName::StackSetFailed,
        format!("{place}: operation {id} is {status}: {reason}"),
    );
    Err(if is_refusal(&reason) {
        failure.with_remedy(
            "compare the trust of the execution role, which the access stack (meshstack-cf-access) makes in the account, \
             with the StackSet's administration role; update the access stack and send the request again",
        )
    } else {
        failure
    })
}

/// Whether the account's execution role is not there, or does not trust the administration role; so it looks, too, for
/// seconds after the role was made.
///
/// Rule source: CloudFormation's status reason, "Account … should have '…' role with trust relationship to Role '…'."
fn is_refusal(reason: &str) -> bool {
    reason.contains(" should have ") && reason.contains(" role with trust relationship to Role ")
}

impl Counts {
    fn with_stale_look(self) -> Self {
        Self {
            stale_looks: self.stale_looks + 1,
            ..self
        }
    }

    fn without_stale_looks(self) -> Self {
        Self {
            stale_looks: 0,
            ..self
        }
    }

    fn with_refusal(self) -> Self {
        Self {
            stale_looks: 0,
            refusals: self.refusals + 1,
        }
    }
}

/// The answer when all is as it should be.
pub(crate) fn done(place: &InstancePlace, operation: Change, plan: Vec<String>) -> StepAnswer {
    Answer::Done(Done {
        stack_set: StackSetReference {
            name: place.stack_set.clone(),
            region: place.region.clone(),
        },
        operation,
        plan,
    })
}

/// The answer while the operation is at work.
pub(crate) fn pending(
    place: &InstancePlace,
    words: &str,
    started: Started,
    counts: Counts,
) -> StepAnswer {
    Answer::Pending {
        waiting_for: format!("{place}: {words}"),
        progress: Progress {
            started: Some(started),
            counts,
        },
    }
}

/// The answer while no operation of this execution is at work: what is to do shows at the next look.
pub(crate) fn not_started(place: &InstancePlace, words: &str, counts: Counts) -> StepAnswer {
    Answer::Pending {
        waiting_for: format!("{place}: {words}"),
        progress: Progress {
            started: None,
            counts,
        },
    }
}
