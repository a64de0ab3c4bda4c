//! StackSets of the automation account and their instances in vended accounts.
//! Reading is a port of its own: a step that only verifies needs no more.

use std::collections::BTreeSet;
use std::fmt;

use crate::domain::{AccountId, OperationId, Parameters, Region, StackSetName, wire_enum};
use crate::error::Failure;

/// A StackSet that is ACTIVE.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StackSet {
    /// Whether instances are made per account (`SELF_MANAGED`), not per organizational unit (`SERVICE_MANAGED`).
    pub is_self_managed: bool,
    /// The parameters that its template declares, with the values that an instance has unless they are overridden.
    pub declared: Parameters,
}

/// An instance as CloudFormation shows it, with a delay of some seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// Whether it is as its StackSet says.
    pub status: InstanceStatus,
    /// What the last operation did with it.
    pub detailed_status: Option<DetailedStatus>,
    /// Why it has its status, in CloudFormation's words.
    pub reason: Option<String>,
    /// The parameters that are overridden for it.
    pub parameters: Parameters,
    /// The last operation that worked on it, or is about to.
    pub last_operation: Option<OperationId>,
}

wire_enum! {
    /// Whether an instance is as its StackSet says.
    InstanceStatus {
        Current = "CURRENT",
        /// An operation failed, was stopped, or has not come to it yet.
        Outdated = "OUTDATED",
        /// A failed deletion or import; only deleting the instance helps.
        Inoperable = "INOPERABLE",
    }
}

wire_enum! {
    /// What the last operation did with an instance.
    DetailedStatus {
        /// It has not come to the instance yet.
        Pending = "PENDING",
        Running = "RUNNING",
        Succeeded = "SUCCEEDED",
        Failed = "FAILED",
        /// It was stopped, or failed elsewhere, before it came to the instance.
        Cancelled = "CANCELLED",
        /// It left the instance unusable.
        Inoperable = "INOPERABLE",
        SkippedSuspendedAccount = "SKIPPED_SUSPENDED_ACCOUNT",
        FailedImport = "FAILED_IMPORT",
    }
}

impl Instance {
    /// Whether an operation has it on its list or works on it.
    pub fn is_in_progress(&self) -> bool {
        matches!(
            self.detailed_status,
            Some(DetailedStatus::Pending | DetailedStatus::Running)
        )
    }

    /// Status, detailed status and reason in words, e.g. `OUTDATED (FAILED): no such role`.
    pub fn in_words(&self) -> String {
        let mut words = self.status.to_string();
        if let Some(detailed) = &self.detailed_status {
            words = format!("{words} ({detailed})");
        }
        match &self.reason {
            Some(reason) => format!("{words}: {reason}"),
            None => words,
        }
    }
}

/// What can be seen of StackSets.
pub trait StackSets {
    /// Looks for a StackSet that is ACTIVE.
    async fn find_stack_set(&self, name: &StackSetName) -> Result<Option<StackSet>, Failure>;

    /// Looks for the instance of a StackSet in an account and region.
    ///
    /// # Errors
    /// `StackSetNotFound`, `AccessDenied`.
    async fn find_instance(
        &self,
        stack_set: &StackSetName,
        account: &AccountId,
        region: &Region,
    ) -> Result<Option<Instance>, Failure>;

    /// The names of all StackSets of this region that are ACTIVE and `SELF_MANAGED`.
    ///
    /// # Errors
    /// `AccessDenied`.
    async fn list_stack_sets(&self) -> Result<Vec<StackSetName>, Failure>;

    /// The regions in which an account has an instance of a StackSet.
    ///
    /// # Errors
    /// `StackSetNotFound`, `AccessDenied`.
    async fn regions_of_instances(
        &self,
        stack_set: &StackSetName,
        account: &AccountId,
    ) -> Result<BTreeSet<Region>, Failure>;
}

/// Where an instance is, or is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstancePlace {
    pub stack_set: StackSetName,
    pub account: AccountId,
    pub region: Region,
}

impl fmt::Display for InstancePlace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "the instance of StackSet {} in {}",
            self.stack_set, self.region
        )
    }
}

/// All overrides of an instance from now on: a key that is in neither goes back to the StackSet's own value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// Keys with a value of ours.
    pub set: Parameters,
    /// Keys that keep the value that they have, whatever it is.
    pub kept: BTreeSet<String>,
    /// Keys that get the StackSet's own value by name, where nothing else is to be sent: an update without any is one that
    /// leaves all as they are (API reference of `UpdateStackInstances`).
    pub own: Parameters,
}

/// How CloudFormation takes the start of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// It runs, or waits for its turn.
    Accepted,
    /// An operation of that id was started before.
    AlreadyStarted,
    /// There is no instance that could be updated; nothing was started.
    NoSuchInstance,
    /// Another operation of the StackSet runs, and it takes no second one (without `ManagedExecution`); nothing was started.
    Busy,
}

/// An operation as CloudFormation shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    pub action: Action,
    /// How far it is.
    pub status: OperationStatus,
    /// Why, in CloudFormation's words.
    pub reason: Option<String>,
    /// How many instances it could not bring up to date: a success may hide failures within its tolerance.
    pub failed_instances: u32,
}

/// What an operation does with its instances.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Create,
    /// Anything else; of our own operations: it updates them.
    Other,
}

wire_enum! {
    /// How far an operation is.
    OperationStatus {
        /// It waits for its turn.
        Queued = "QUEUED",
        Running = "RUNNING",
        Stopping = "STOPPING",
        /// It has ended well, within its tolerance.
        Succeeded = "SUCCEEDED",
        Failed = "FAILED",
        Stopped = "STOPPED",
    }
}

impl OperationStatus {
    /// Whether it has ended, well or not.
    pub fn has_ended(&self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Stopped)
    }
}

/// Work on instances: every start may be repeated with its id.
pub trait StackSetOperations: StackSets {
    /// Starts making an instance.
    ///
    /// # Errors
    /// `ConcurrentModification`, `StackSetNotFound`, `InvalidConfiguration` where CloudFormation refuses the parameters,
    /// `StackSetFailed` where it refuses the operation or a quota is used up.
    async fn start_creation(
        &self,
        place: &InstancePlace,
        overrides: &Overrides,
        id: &OperationId,
    ) -> Result<Start, Failure>;

    /// Starts updating an instance.
    async fn start_update(
        &self,
        place: &InstancePlace,
        overrides: &Overrides,
        id: &OperationId,
    ) -> Result<Start, Failure>;

    /// Looks at an operation; one that was started a moment ago may not show yet.
    ///
    /// # Errors
    /// `StackSetNotFound`, `AccessDenied`.
    async fn find_operation(
        &self,
        stack_set: &StackSetName,
        id: &OperationId,
    ) -> Result<Option<Operation>, Failure>;

    /// What an operation says about one instance: why it failed, if it tells.
    async fn find_reason(
        &self,
        place: &InstancePlace,
        id: &OperationId,
    ) -> Result<Option<String>, Failure>;
}
