//! CloudFormation StackSets: instances change by operations, each taken once under its id, which last some looks.
//! A test says how operations end; those of which it says nothing end well.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use avm_core::domain::{AccountId, OperationId, Parameters, Region, StackSetName};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::stack_sets::{
    Action, DetailedStatus, Instance, InstancePlace, InstanceStatus, Operation, OperationStatus,
    Overrides, StackSet, StackSetOperations, StackSets, Start,
};

use crate::in_call::Behind;

/// A StackSet with all that belongs to it.
#[derive(Clone, Debug)]
pub struct Held {
    pub stack_set: StackSet,
    pub instances: BTreeMap<(AccountId, Region), Instance>,
    pub operations: BTreeMap<OperationId, UnderWay>,
    /// Somebody else's operation runs for so many looks, and the StackSet takes no second one.
    pub busy_for: u32,
}

/// An operation with its one instance.
#[derive(Clone, Debug)]
pub struct UnderWay {
    pub shown: Operation,
    /// What it says about its instance.
    pub reason: Option<String>,
    instance: (AccountId, Region),
    left: u32,
}

/// How an operation ends.
#[derive(Clone, Debug)]
pub struct Ending {
    pub status: OperationStatus,
    pub failed_instances: u32,
    pub reason: Option<String>,
    pub instance: InstanceStatus,
    pub detailed: DetailedStatus,
}

/// All StackSets, by their names.
#[derive(Clone, Debug, Default)]
pub struct State {
    pub held: BTreeMap<StackSetName, Held>,
    /// For so many looks more than one an operation is at work.
    pub operation_lasts: u32,
    /// How the next operations end, one each.
    pub endings: VecDeque<Ending>,
}

impl Ending {
    /// Everything is as it should be.
    pub fn well() -> Self {
        Self {
            status: OperationStatus::Succeeded,
            failed_instances: 0,
            reason: None,
            instance: InstanceStatus::Current,
            detailed: DetailedStatus::Succeeded,
        }
    }

    /// With that reason for its instance.
    pub fn failed(reason: &str) -> Self {
        Self {
            status: OperationStatus::Failed,
            failed_instances: 1,
            reason: Some(reason.to_owned()),
            instance: InstanceStatus::Outdated,
            detailed: DetailedStatus::Failed,
        }
    }

    /// By somebody, without a reason.
    pub fn stopped() -> Self {
        Self {
            status: OperationStatus::Stopped,
            failed_instances: 0,
            reason: None,
            instance: InstanceStatus::Outdated,
            detailed: DetailedStatus::Cancelled,
        }
    }
}

impl State {
    /// What two worlds must have in common.
    pub fn essence(&self) -> String {
        let instances = self.held.iter().flat_map(|(name, held)| {
            held.instances.iter().map(move |(place, instance)| {
                let words = instance.in_words();
                let parameters: Vec<_> = instance.parameters.iter().collect();
                format!("{name} {place:?}: {words} {parameters:?}")
            })
        });
        instances.collect::<Vec<_>>().join("\n")
    }

    /// Operations end when their looks are over.
    pub fn tick(&mut self) {
        for held in self.held.values_mut() {
            held.busy_for = held.busy_for.saturating_sub(1);
            for operation in held.operations.values_mut() {
                if operation.shown.status.has_ended() {
                    continue;
                }
                if operation.left > 0 {
                    operation.left -= 1;
                    continue;
                }
                let ending = self.endings.pop_front().unwrap_or_else(Ending::well);
                operation.end(&ending, &mut held.instances);
            }
        }
    }

    /// Whatever is at work ends so, now.
    pub fn end(&mut self, ending: &Ending) {
        for held in self.held.values_mut() {
            for operation in held.operations.values_mut() {
                if !operation.shown.status.has_ended() {
                    operation.end(ending, &mut held.instances);
                }
            }
        }
    }

    /// A StackSet of the machine's kind, with these parameters.
    pub fn add(&mut self, name: &str, declared: &[&str]) -> &mut Held {
        let held = Held {
            stack_set: StackSet {
                is_self_managed: true,
                declared: declared
                    .iter()
                    .map(|key| ((*key).to_owned(), format!("own {key}")))
                    .collect(),
            },
            instances: BTreeMap::new(),
            operations: BTreeMap::new(),
            busy_for: 0,
        };
        self.held.insert(name.parse().unwrap(), held);
        self.of(name)
    }

    pub fn of(&mut self, name: &str) -> &mut Held {
        let name = name.parse().unwrap();
        self.held.get_mut(&name).expect("there is the StackSet")
    }

    fn find(&self, name: &StackSetName) -> Result<&Held, Failure> {
        self.held.get(name).ok_or_else(|| not_found(name))
    }
}

impl Held {
    /// An instance that is CURRENT, as an earlier operation has left it.
    pub fn settle(&mut self, account: &AccountId, region: &str, parameters: Parameters) {
        let instance = Instance {
            status: InstanceStatus::Current,
            detailed_status: Some(DetailedStatus::Succeeded),
            reason: None,
            parameters,
            last_operation: Some("earlier".parse().unwrap()),
        };
        let place = (account.clone(), region.parse().unwrap());
        self.instances.insert(place, instance);
    }

    pub fn instance(&mut self, account: &AccountId, region: &str) -> &mut Instance {
        let place = (account.clone(), region.parse().unwrap());
        let instance = self.instances.get_mut(&place);
        instance.expect("there is the instance")
    }

    /// Somebody's operation works on an instance, for so many looks more than one.
    pub fn begin(&mut self, id: &str, account: &AccountId, region: &str, looks: u32) {
        let id: OperationId = id.parse().unwrap();
        let place = (account.clone(), region.parse().unwrap());
        let instance = self.instance(account, region);
        instance.status = InstanceStatus::Outdated;
        instance.detailed_status = Some(DetailedStatus::Running);
        instance.last_operation = Some(id.clone());
        let operation = UnderWay::new(Action::Other, place, looks);
        self.operations.insert(id, operation);
    }

    fn start(
        &mut self,
        action: Action,
        place: &InstancePlace,
        overrides: &Overrides,
        id: &OperationId,
        looks: u32,
    ) -> Start {
        if self.busy_for > 0 {
            return Start::Busy;
        }
        if self.operations.contains_key(id) {
            return Start::AlreadyStarted;
        }
        let at = (place.account.clone(), place.region.clone());
        let present = self.instances.get(&at);
        let parameters = match (action, present) {
            // A creation leaves an instance that is there as it is.
            (Action::Create, Some(present)) => present.parameters.clone(),
            (Action::Create, None) => overrides.set.clone(),
            (Action::Other, None) => return Start::NoSuchInstance,
            (Action::Other, Some(present)) => overridden(&present.parameters, overrides),
        };
        let instance = Instance {
            status: InstanceStatus::Outdated,
            detailed_status: Some(DetailedStatus::Pending),
            reason: None,
            parameters,
            last_operation: Some(id.clone()),
        };
        self.instances.insert(at.clone(), instance);
        let operation = UnderWay::new(action, at, looks);
        self.operations.insert(id.clone(), operation);
        Start::Accepted
    }
}

/// Nothing given is nothing said: all stay as they are (API reference of `UpdateStackInstances`).
fn overridden(present: &Parameters, overrides: &Overrides) -> Parameters {
    if *overrides == Overrides::default() {
        return present.clone();
    }
    let kept = present.clone().declared_in(&overrides.kept);
    kept.iter()
        .chain(overrides.set.iter())
        .chain(overrides.own.iter())
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

impl UnderWay {
    fn new(action: Action, instance: (AccountId, Region), left: u32) -> Self {
        Self {
            shown: Operation {
                action,
                status: OperationStatus::Running,
                reason: None,
                failed_instances: 0,
            },
            reason: None,
            instance,
            left,
        }
    }

    fn end(&mut self, ending: &Ending, instances: &mut BTreeMap<(AccountId, Region), Instance>) {
        self.shown.status = ending.status.clone();
        self.shown.failed_instances = ending.failed_instances;
        self.reason.clone_from(&ending.reason);
        if let Some(instance) = instances.get_mut(&self.instance) {
            instance.status = ending.instance.clone();
            instance.detailed_status = Some(ending.detailed.clone());
        }
    }
}

impl Behind<'_> {
    fn start(
        &self,
        action: Action,
        place: &InstancePlace,
        overrides: &Overrides,
        id: &OperationId,
    ) -> Result<Start, Failure> {
        let call = match action {
            Action::Create => "CreateStackInstances",
            Action::Other => "UpdateStackInstances",
        };
        let InstancePlace {
            stack_set, region, ..
        } = place;
        let words = format!("cloudformation:{call} {stack_set} {region}");
        self.write(words, |state| {
            let state = &mut state.stack_sets;
            let looks = state.operation_lasts;
            let held = state.held.get_mut(stack_set);
            let held = held.ok_or_else(|| not_found(stack_set))?;
            Ok(held.start(action, place, overrides, id, looks))
        })
    }
}

impl StackSets for Behind<'_> {
    async fn find_stack_set(&self, name: &StackSetName) -> Result<Option<StackSet>, Failure> {
        self.read(format!("cloudformation:DescribeStackSet {name}"), |state| {
            let held = state.stack_sets.held.get(name);
            Ok(held.map(|held| held.stack_set.clone()))
        })
    }

    async fn find_instance(
        &self,
        stack_set: &StackSetName,
        account: &AccountId,
        region: &Region,
    ) -> Result<Option<Instance>, Failure> {
        let words = format!("cloudformation:DescribeStackInstance {stack_set} {region}");
        self.read(words, |state| {
            let held = state.stack_sets.find(stack_set)?;
            let place = (account.clone(), region.clone());
            Ok(held.instances.get(&place).cloned())
        })
    }

    async fn list_stack_sets(&self) -> Result<Vec<StackSetName>, Failure> {
        self.read("cloudformation:ListStackSets", |state| {
            let held = state.stack_sets.held.iter();
            let ours = held.filter(|(_, held)| held.stack_set.is_self_managed);
            Ok(ours.map(|(name, _)| name.clone()).collect())
        })
    }

    async fn regions_of_instances(
        &self,
        stack_set: &StackSetName,
        account: &AccountId,
    ) -> Result<BTreeSet<Region>, Failure> {
        let words = format!("cloudformation:ListStackInstances {stack_set}");
        self.read(words, |state| {
            let places = state.stack_sets.find(stack_set)?.instances.keys();
            let there = places.filter(|(of, _)| of == account);
            Ok(there.map(|(_, region)| region.clone()).collect())
        })
    }
}

impl StackSetOperations for Behind<'_> {
    async fn start_creation(
        &self,
        place: &InstancePlace,
        overrides: &Overrides,
        id: &OperationId,
    ) -> Result<Start, Failure> {
        self.start(Action::Create, place, overrides, id)
    }

    async fn start_update(
        &self,
        place: &InstancePlace,
        overrides: &Overrides,
        id: &OperationId,
    ) -> Result<Start, Failure> {
        self.start(Action::Other, place, overrides, id)
    }

    async fn find_operation(
        &self,
        stack_set: &StackSetName,
        id: &OperationId,
    ) -> Result<Option<Operation>, Failure> {
        let words = format!("cloudformation:DescribeStackSetOperation {stack_set} {id}");
        self.read(words, |state| {
            let operation = state.stack_sets.find(stack_set)?.operations.get(id);
            Ok(operation.map(|operation| operation.shown.clone()))
        })
    }

    async fn find_reason(
        &self,
        place: &InstancePlace,
        id: &OperationId,
    ) -> Result<Option<String>, Failure> {
        let stack_set = &place.stack_set;
        let words = format!("cloudformation:ListStackSetOperationResults {stack_set} {id}");
        self.read(words, |state| {
            let operation = state.stack_sets.find(stack_set)?.operations.get(id);
            Ok(operation.and_then(|operation| operation.reason.clone()))
        })
    }
}

fn not_found(stack_set: &StackSetName) -> Failure {
    let words = format!("StackSet {stack_set} does not exist");
    Failure::new(ErrorName::StackSetNotFound, words)
}
