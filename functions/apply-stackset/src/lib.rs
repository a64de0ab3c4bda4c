//! Rolls a StackSet of the landing zone out to the account: read, compare, show, apply, and follow the operation.
//! The operation's id is made from the execution and what it asks for, so that a replay finds it again.

mod operation;
mod plan;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use avm_core::config::StackSetReference;
use avm_core::contract::step::{Answer, StepRequest};
use avm_core::domain::{Account, OperationId, Parameters};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::stack_sets::{Action, InstancePlace, StackSet, StackSetOperations, Start};
use futures_util::future::try_join;
use serde::{Deserialize, Serialize};

use plan::{Found, Plan};

/// The input of the step.
pub type Request = StepRequest<OnStackSet, Progress>;

/// `{"Account": {…}, "StackSet": {"name", "region"}}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct OnStackSet {
    /// The account.
    pub account: Account,
    /// The StackSet, and the region of its instance.
    pub stack_set: StackSetReference,
}

/// What the step has done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Done {
    /// The StackSet, and the region of its instance.
    pub stack_set: StackSetReference,
    /// What the operation was.
    pub operation: Change,
    /// What was planned; values are left out.
    pub plan: Vec<String>,
}

/// What an operation does with the instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// There was nothing to do.
    None,
    /// It made the instance.
    Create,
    /// It brought the instance up to date.
    Update,
}

/// How far the step is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Progress {
    /// The operation that this execution started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<Started>,
    /// What is counted, so that it has an end.
    #[serde(flatten)]
    pub counts: Counts,
}

/// What is counted while the step waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Counts {
    /// How often CloudFormation has shown an older state than its operation's.
    #[serde(default)]
    pub stale_looks: u32,
    /// How many operations of this execution have found the account's execution role closed; the number of the next.
    #[serde(default)]
    pub refusals: u32,
}

/// An operation that this execution started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Started {
    /// Its id.
    pub operation_id: OperationId,
    /// What was planned; values are left out.
    pub plan: Vec<String>,
    /// The parameters of an instance that is to be new: whether it has them shows in the end.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub keys: BTreeSet<String>,
}

/// Brings the instance of the StackSet to what the order wants.
///
/// # Errors
/// `StackSetNotFound`, `InvalidConfiguration` (a service-managed StackSet, refused parameters), `ConcurrentModification`,
/// `StackSetFailed` and `StackInstanceInoperable` with CloudFormation's reason.
pub async fn handle(
    request: &Request,
    stack_sets: &impl StackSetOperations,
) -> Result<Answer<Done, Progress>, Failure> {
    let OnStackSet { account, stack_set } = &request.rest;
    let place = InstancePlace {
        stack_set: stack_set.name.clone(),
        account: account.account_id.clone(),
        region: stack_set.region.clone(),
    };
    let progress = request.progress.clone().unwrap_or_default();
    let answer = match progress.started {
        Some(started) => {
            let wanted = request.order.parameters(account);
            operation::follow(stack_sets, &place, started, progress.counts, &wanted.into()).await
        }
        None => begin(request, stack_sets, &place, progress.counts).await,
    };
    answer.map_err(|failure| failure.of_account(&place.account))
}

async fn begin(
    request: &Request,
    stack_sets: &impl StackSetOperations,
    place: &InstancePlace,
    counts: Counts,
) -> Result<Answer<Done, Progress>, Failure> {
    let found = read(stack_sets, place).await?;
    let all = Parameters::from(request.order.parameters(&request.rest.account));
    let wanted = all.clone().declared_in(&found.declared);
    let id = operation_id(request, place, counts.refusals, &wanted);
    let plan =
        Plan::new(&found, wanted).map_err(|failure| failure.while_doing(&place.to_string()))?;
    tracing::info!(
        execution = request.execution.name(),
        account = %place.account,
        stack_set = %place.stack_set,
        region = %place.region,
        %plan,
        "planned the stack instance"
    );
    apply(stack_sets, place, plan, id, counts, &all).await
}

async fn read(
    stack_sets: &impl StackSetOperations,
    place: &InstancePlace,
) -> Result<Found, Failure> {
    let (stack_set, instance) = try_join(
        stack_sets.find_stack_set(&place.stack_set),
        stack_sets.find_instance(&place.stack_set, &place.account, &place.region),
    )
    .await?;
    let stack_set = usable(stack_set, place)?;
    let on_its_list = instance
        .as_ref()
        .filter(|instance| instance.is_in_progress())
        .and_then(|instance| instance.last_operation.clone());
    let at_work = match on_its_list {
        Some(id) => stack_sets
            .find_operation(&place.stack_set, &id)
            .await?
            .filter(|operation| !operation.status.has_ended())
            .map(|_| id),
        None => None,
    };
    Ok(Found {
        instance,
        at_work,
        declared: stack_set.declared,
    })
}

fn usable(stack_set: Option<StackSet>, place: &InstancePlace) -> Result<StackSet, Failure> {
    let name = &place.stack_set;
    let stack_set = stack_set.ok_or_else(|| {
        Failure::new(
            ErrorName::StackSetNotFound,
            format!("there is no StackSet {name} that is ACTIVE in this account and region"),
        )
    })?;
    if stack_set.is_self_managed {
        return Ok(stack_set);
    }
    Err(Failure::new(
        ErrorName::InvalidConfiguration,
        format!(
            "StackSet {name} is SERVICE_MANAGED: its instances follow organizational units and cannot be made per account"
        ),
    )
    .with_remedy(
        "name a StackSet with SELF_MANAGED permissions in the landing zone, or take it out and let its automatic \
         deployment reach the account",
    ))
}

async fn apply(
    stack_sets: &impl StackSetOperations,
    place: &InstancePlace,
    plan: Plan,
    id: OperationId,
    counts: Counts,
    wanted: &Parameters,
) -> Result<Answer<Done, Progress>, Failure> {
    let started = Started {
        operation_id: id,
        plan: plan.steps(),
        keys: plan.keys_of_new(),
    };
    let id = &started.operation_id;
    let start = match &plan {
        Plan::Nothing => return Ok(operation::done(place, Change::None, plan.steps())),
        Plan::Wait(at_work) if at_work == id => Start::Accepted,
        Plan::Wait(at_work) => {
            let words = format!("operation {at_work} of somebody else is at work on it");
            return Ok(operation::not_started(place, &words, counts));
        }
        Plan::Create(overrides) => stack_sets.start_creation(place, overrides, id).await?,
        Plan::Update { overrides, .. } => {
            match stack_sets.start_update(place, overrides, id).await? {
                Start::NoSuchInstance => stack_sets.start_creation(place, overrides, id).await?,
                start => start,
            }
        }
    };
    match start {
        Start::Accepted => Ok(operation::pending(
            place,
            &format!("operation {id} has been started"),
            started,
            counts,
        )),
        Start::AlreadyStarted => {
            operation::follow(stack_sets, place, started, counts, wanted).await
        }
        Start::Busy => {
            let words = "another operation is at work on the StackSet";
            Ok(operation::not_started(place, words, counts))
        }
        Start::NoSuchInstance => Err(Failure::new(
            ErrorName::ConcurrentModification,
            format!("{place} is shown, and at the same time not there"),
        )),
    }
}

/// The same at every replay of this execution, another one for every other execution, order, or number.
fn operation_id(
    request: &Request,
    place: &InstancePlace,
    number: u32,
    wanted: &Parameters,
) -> OperationId {
    let number = number.to_string();
    let fixed = [
        request.execution.as_str(),
        number.as_str(),
        place.stack_set.as_str(),
        place.region.as_str(),
        place.account.as_str(),
    ];
    OperationId::of_parts(
        fixed
            .into_iter()
            .chain(wanted.iter().flat_map(|(key, value)| [key, value])),
    )
}

impl From<Action> for Change {
    fn from(action: Action) -> Self {
        match action {
            Action::Create => Self::Create,
            Action::Other => Self::Update,
        }
    }
}
