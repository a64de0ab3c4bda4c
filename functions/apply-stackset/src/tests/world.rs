//! StackSets in memory: instances and operations with their states, and the ways in which AWS shows them late.
//! Every call may be told to fail before or after its effect.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use avm_core::domain::{AccountId, OperationId, Parameters, Region, StackSetName};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::stack_sets::{
    Action, DetailedStatus, Instance, InstancePlace, InstanceStatus, Operation, OperationStatus,
    Overrides, StackSet, StackSetOperations, StackSets, Start,
};

/// How the next start fails.
#[derive(Clone, Debug)]
pub(super) enum Fault {
    /// Nothing has happened.
    Before(Failure),
    /// It has happened, and the answer was lost.
    After,
}

/// All that can be seen, and how often somebody wrote.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    pub(super) stack_set: Option<StackSet>,
    pub(super) instance: Option<Instance>,
    pub(super) operations: BTreeMap<String, Operation>,
    pub(super) reasons: BTreeMap<String, String>,
    pub(super) writes: u32,
    pub(super) fault: Option<Fault>,
    /// Somebody else's operation runs, and the StackSet takes no second one.
    pub(super) is_busy: bool,
    /// The instance does not show, though it is there.
    pub(super) is_hidden: bool,
    /// Operations do not show, though they are there.
    pub(super) are_operations_hidden: bool,
}

/// The world.
#[derive(Debug, Default)]
pub(super) struct World(Mutex<State>);

impl World {
    pub(super) fn with_stack_set(declared: &[&str]) -> Self {
        let world = Self::default();
        world.state().stack_set = Some(StackSet {
            is_self_managed: true,
            declared: declared.iter().map(|key| (*key).to_owned()).collect(),
        });
        world
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// All operations go on until they have ended.
    pub(super) fn end_operations(&self, status: &OperationStatus) {
        let mut state = self.state();
        for operation in state.operations.values_mut() {
            if !operation.status.has_ended() {
                operation.status = status.clone();
            }
        }
        if let Some(instance) = &mut state.instance {
            let is_well = *status == OperationStatus::Succeeded;
            instance.status = if is_well {
                InstanceStatus::Current
            } else {
                InstanceStatus::Outdated
            };
            instance.detailed_status = Some(match status {
                OperationStatus::Succeeded => DetailedStatus::Succeeded,
                OperationStatus::Stopped => DetailedStatus::Cancelled,
                _ => DetailedStatus::Failed,
            });
        }
    }

    fn start(
        &self,
        action: Action,
        overrides: &Overrides,
        id: &OperationId,
    ) -> Result<Start, Failure> {
        let mut state = self.state();
        let fault = state.fault.take();
        if let Some(Fault::Before(failure)) = fault {
            return Err(failure);
        }
        if state.is_busy {
            return Ok(Start::Busy);
        }
        if state.operations.contains_key(id.as_str()) {
            return Ok(Start::AlreadyStarted);
        }
        if action == Action::Other && state.instance.is_none() {
            return Ok(Start::NoSuchInstance);
        }
        let kept = state.instance.iter().flat_map(|instance| {
            let kept = |key: &&str| overrides.kept.contains(*key);
            let keys = instance.parameters.keys().filter(kept);
            keys.map(|key| {
                (
                    key.to_owned(),
                    instance.parameters.get(key).unwrap().to_owned(),
                )
            })
        });
        // A creation leaves an instance that is there as it is.
        let present = state.instance.as_ref();
        let present = present.filter(|_| action == Action::Create);
        let set = present.map_or(&overrides.set, |instance| &instance.parameters);
        let set = set.iter();
        let set = set.map(|(key, value)| (key.to_owned(), value.to_owned()));
        let parameters: Parameters = kept.chain(set).collect();
        state.instance = Some(Instance {
            status: InstanceStatus::Outdated,
            detailed_status: Some(DetailedStatus::Pending),
            reason: None,
            parameters,
            last_operation: Some(id.clone()),
        });
        let operation = Operation {
            action,
            status: OperationStatus::Running,
            reason: None,
            failed_instances: 0,
        };
        state.operations.insert(id.to_string(), operation);
        state.writes += 1;
        match fault {
            Some(Fault::After) => Err(Failure::new(ErrorName::ServiceUnavailable, "no answer")),
            _ => Ok(Start::Accepted),
        }
    }
}

impl StackSets for World {
    async fn find_stack_set(&self, _: &StackSetName) -> Result<Option<StackSet>, Failure> {
        Ok(self.state().stack_set.clone())
    }

    async fn find_instance(
        &self,
        _: &StackSetName,
        _: &AccountId,
        _: &Region,
    ) -> Result<Option<Instance>, Failure> {
        let state = self.state();
        Ok(state.instance.clone().filter(|_| !state.is_hidden))
    }
}

impl StackSetOperations for World {
    async fn start_creation(
        &self,
        _: &InstancePlace,
        overrides: &Overrides,
        id: &OperationId,
    ) -> Result<Start, Failure> {
        self.start(Action::Create, overrides, id)
    }

    async fn start_update(
        &self,
        _: &InstancePlace,
        overrides: &Overrides,
        id: &OperationId,
    ) -> Result<Start, Failure> {
        self.start(Action::Other, overrides, id)
    }

    async fn find_operation(
        &self,
        _: &StackSetName,
        id: &OperationId,
    ) -> Result<Option<Operation>, Failure> {
        let state = self.state();
        let operation = state.operations.get(id.as_str()).cloned();
        Ok(operation.filter(|_| !state.are_operations_hidden))
    }

    async fn find_reason(
        &self,
        _: &InstancePlace,
        id: &OperationId,
    ) -> Result<Option<String>, Failure> {
        Ok(self.state().reasons.get(id.as_str()).cloned())
    }
}
