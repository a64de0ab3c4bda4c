//! What is to do for the instance, and starting it.
//! Nothing here waits: what an operation does shows at the next look.

use std::collections::BTreeSet;

use avm_core::contract::answer::Answer;
use avm_core::domain::{OperationId, Parameters, StackSetName};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::stack_sets::{
    Action, Instance, InstancePlace, Operation, OperationStatus, Overrides, StackSet,
    StackSetOperations, Start,
};
use avm_core::step::Acted;
use futures_util::future::join;

use crate::plan::ToDo;
use crate::{ApplyStackSet, Call, Change, Done, Notes, Started};

/// What all parts of the step need.
pub(crate) struct Task<'a, Port> {
    call: &'a Call,
    pub(crate) place: InstancePlace,
    /// All parameters that a StackSet may take.
    pub(crate) parameters: Parameters,
    pub(crate) notes: Notes,
    pub(crate) stack_sets: Port,
}

impl<'a, Port: StackSetOperations> Task<'a, Port> {
    pub(crate) fn new(call: &'a Call, stack_sets: Port) -> Self {
        Self {
            call,
            place: InstancePlace {
                stack_set: call.input.name.clone(),
                account: call.account.account_id.clone(),
                region: call.input.region.clone(),
            },
            parameters: call.order.parameters(&call.account).into(),
            notes: call.notes().cloned().unwrap_or_default(),
            stack_sets,
        }
    }

    /// What is to do, while no operation of this execution is known.
    pub(crate) async fn plan(&self) -> Result<ToDo, Failure> {
        let place = &self.place;
        let (stack_set, instance) = join(
            self.stack_sets.find_stack_set(&place.stack_set),
            self.find_instance(),
        )
        .await;
        let declared = usable(stack_set?, &place.stack_set)?.declared;
        let instance = instance?;
        let keys = declared.keys().map(str::to_owned).collect();
        let wanted = self.parameters.clone().declared_in(&keys);
        if let Some((id, operation)) = self.find_at_work(instance.as_ref()).await? {
            return Ok(self.wait_for(id, &operation, &wanted));
        }
        ToDo::new(&place.stack_set, instance.as_ref(), &wanted, &declared)
            .map_err(|failure| failure.while_doing(&place.to_string()))
    }

    pub(crate) async fn find_instance(&self) -> Result<Option<Instance>, Failure> {
        let place = &self.place;
        self.stack_sets
            .find_instance(&place.stack_set, &place.account, &place.region)
            .await
    }

    /// The operation that works on the instance, whoever started it.
    async fn find_at_work(
        &self,
        instance: Option<&Instance>,
    ) -> Result<Option<(OperationId, Operation)>, Failure> {
        let on_its_list = instance
            .filter(|instance| instance.is_in_progress())
            .and_then(|instance| instance.last_operation.clone());
        let Some(id) = on_its_list else {
            return Ok(None);
        };
        let operation = self
            .stack_sets
            .find_operation(&self.place.stack_set, &id)
            .await?;
        Ok(operation
            .filter(|operation| !operation.status.has_ended())
            .map(|operation| (id, operation)))
    }

    fn wait_for(&self, id: OperationId, operation: &Operation, wanted: &Parameters) -> ToDo {
        if id != self.operation_id(wanted) {
            let words = format!("operation {id} of somebody else is at work on it");
            return ToDo::wait(words, self.notes.clone());
        }
        let words = format!("operation {id} has been started");
        let started = Started {
            plan: vec![format!("wait for operation {id}")],
            operation_id: id,
            keys: match operation.action {
                Action::Create => keys(wanted),
                Action::Other => BTreeSet::new(),
            },
        };
        let notes = self.notes.with(started);
        if operation.status == OperationStatus::Queued {
            ToDo::wait_in_queue(words, notes)
        } else {
            ToDo::wait(words, notes)
        }
    }

    pub(crate) fn overrides(&self, set: &BTreeSet<String>, kept: BTreeSet<String>) -> Overrides {
        Overrides {
            set: self.parameters.clone().declared_in(set),
            kept,
            own: Parameters::default(),
        }
    }

    /// What the StackSet itself says, as far as it shows it.
    pub(crate) async fn own_values(&self, keys: &BTreeSet<String>) -> Result<Parameters, Failure> {
        let name = &self.place.stack_set;
        let stack_set = usable(self.stack_sets.find_stack_set(name).await?, name)?;
        Ok(stack_set.declared.declared_in(keys).visible())
    }

    pub(crate) async fn create(
        &self,
        overrides: &Overrides,
        plan: Vec<String>,
    ) -> Result<Acted<ApplyStackSet>, Failure> {
        let operation_id = self.operation_id(&overrides.set);
        let start = self
            .stack_sets
            .start_creation(&self.place, overrides, &operation_id)
            .await?;
        let started = Started {
            operation_id,
            plan,
            keys: keys(&overrides.set),
        };
        self.answer(start, started)
    }

    pub(crate) async fn update(
        &self,
        overrides: &Overrides,
        plan: Vec<String>,
    ) -> Result<Acted<ApplyStackSet>, Failure> {
        let operation_id = self.operation_id(&overrides.set);
        let start = self
            .stack_sets
            .start_update(&self.place, overrides, &operation_id)
            .await?;
        if start == Start::NoSuchInstance {
            return self.create(overrides, plan).await;
        }
        let started = Started {
            operation_id,
            plan,
            keys: BTreeSet::new(),
        };
        self.answer(start, started)
    }

    fn answer(&self, start: Start, started: Started) -> Result<Acted<ApplyStackSet>, Failure> {
        let (words, notes) = match start {
            Start::Accepted | Start::AlreadyStarted => {
                let words = format!("operation {} has been started", started.operation_id);
                (words, self.notes.with(started))
            }
            Start::Busy => {
                let words = "another operation is at work on the StackSet";
                (words.to_owned(), self.notes.clone())
            }
            Start::NoSuchInstance => {
                let words = format!("{} is shown, and at the same time not there", self.place);
                return Err(Failure::new(ErrorName::ConcurrentModification, words));
            }
        };
        Ok(self.waiting(&words, notes, false))
    }

    pub(crate) fn done(&self, operation: Change, plan: Vec<String>) -> Acted<ApplyStackSet> {
        Answer::Done(Done {
            name: self.place.stack_set.clone(),
            region: self.place.region.clone(),
            operation,
            plan,
        })
    }

    /// While no operation of this execution is at work, it waits for its turn.
    pub(crate) fn waiting(&self, words: &str, notes: Notes, queued: bool) -> Acted<ApplyStackSet> {
        let waiting_for = format!("{}: {words}", self.place);
        if notes.started.is_some() && !queued {
            Answer::Working { waiting_for, notes }
        } else {
            Answer::Queued { waiting_for, notes }
        }
    }

    /// The same at every replay of this execution, another one for every other execution, order, or number.
    fn operation_id(&self, wanted: &Parameters) -> OperationId {
        let number = self.notes.refusals.to_string();
        let fixed = [
            self.call.execution.as_str(),
            number.as_str(),
            self.place.stack_set.as_str(),
            self.place.region.as_str(),
            self.place.account.as_str(),
        ];
        let values = wanted.iter().flat_map(|(key, value)| [key, value]);
        OperationId::of_parts(fixed.into_iter().chain(values))
    }
}

fn keys(parameters: &Parameters) -> BTreeSet<String> {
    parameters.keys().map(str::to_owned).collect()
}

fn usable(stack_set: Option<StackSet>, name: &StackSetName) -> Result<StackSet, Failure> {
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
