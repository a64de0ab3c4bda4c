//! StackSets through CloudFormation, in the function's own account and region.
//! An instance's region is a field of the call, not the region of the client.

mod errors;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use aws_config::SdkConfig;
use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::types::{
    Parameter, PermissionModels, StackInstance, StackInstanceDetailedStatus, StackInstanceStatus,
    StackSetOperation, StackSetOperationAction, StackSetOperationStatus, StackSetStatus,
};

use self::errors::{is_code, read_failure, start_failure};
use super::failure::ServiceError;
use avm_core::domain::{AccountId, OperationId, Parameters, Region, StackSetName};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::stack_sets::{
    Action, DetailedStatus, Instance, InstancePlace, InstanceStatus, Operation, OperationStatus,
    Overrides, StackSet, StackSetOperations, StackSets, Start,
};

/// The StackSets of the configuration's account and region.
pub struct CloudFormationStackSets {
    client: Client,
}

impl CloudFormationStackSets {
    /// The StackSets of the account and region of this configuration.
    #[must_use]
    pub fn new(configuration: &SdkConfig) -> Self {
        Self {
            client: Client::new(configuration),
        }
    }
}

impl StackSets for CloudFormationStackSets {
    async fn find_stack_set(&self, name: &StackSetName) -> Result<Option<StackSet>, Failure> {
        const CALL: &str = "cloudformation:DescribeStackSet";
        let answer = self
            .client
            .describe_stack_set()
            .stack_set_name(name.as_str())
            .send()
            .await;
        match answer {
            Ok(answer) => Ok(answer
                .stack_set
                .filter(|found| found.status != Some(StackSetStatus::Deleted))
                .map(|found| StackSet {
                    is_self_managed: found.permission_model
                        != Some(PermissionModels::ServiceManaged),
                    declared: keys(found.parameters()),
                })),
            Err(error) if is_code(&error, "StackSetNotFoundException") => Ok(None),
            Err(error) => Err(read_failure(ServiceError::of(CALL, &error), name)),
        }
    }

    async fn find_instance(
        &self,
        stack_set: &StackSetName,
        account: &AccountId,
        region: &Region,
    ) -> Result<Option<Instance>, Failure> {
        const CALL: &str = "cloudformation:DescribeStackInstance";
        let answer = self
            .client
            .describe_stack_instance()
            .stack_set_name(stack_set.as_str())
            .stack_instance_account(account.as_str())
            .stack_instance_region(region.as_str())
            .send()
            .await;
        match answer {
            Ok(answer) => Ok(answer.stack_instance.as_ref().map(instance)),
            Err(error) if is_code(&error, "StackInstanceNotFoundException") => Ok(None),
            Err(error) => Err(read_failure(ServiceError::of(CALL, &error), stack_set)),
        }
    }
}

impl StackSetOperations for CloudFormationStackSets {
    async fn start_creation(
        &self,
        place: &InstancePlace,
        overrides: &Overrides,
        id: &OperationId,
    ) -> Result<Start, Failure> {
        const CALL: &str = "cloudformation:CreateStackInstances";
        let answer = self
            .client
            .create_stack_instances()
            .stack_set_name(place.stack_set.as_str())
            .accounts(place.account.as_str())
            .regions(place.region.as_str())
            .set_parameter_overrides(Some(parameters(overrides)))
            .operation_id(id.as_str())
            .send()
            .await;
        match answer {
            Ok(_) => Ok(Start::Accepted),
            Err(error) => refused_start(ServiceError::of(CALL, &error), place),
        }
    }

    async fn start_update(
        &self,
        place: &InstancePlace,
        overrides: &Overrides,
        id: &OperationId,
    ) -> Result<Start, Failure> {
        const CALL: &str = "cloudformation:UpdateStackInstances";
        let answer = self
            .client
            .update_stack_instances()
            .stack_set_name(place.stack_set.as_str())
            .accounts(place.account.as_str())
            .regions(place.region.as_str())
            .set_parameter_overrides(Some(parameters(overrides)))
            .operation_id(id.as_str())
            .send()
            .await;
        match answer {
            Ok(_) => Ok(Start::Accepted),
            Err(error) => refused_start(ServiceError::of(CALL, &error), place),
        }
    }

    async fn find_operation(
        &self,
        stack_set: &StackSetName,
        id: &OperationId,
    ) -> Result<Option<Operation>, Failure> {
        const CALL: &str = "cloudformation:DescribeStackSetOperation";
        let answer = self
            .client
            .describe_stack_set_operation()
            .stack_set_name(stack_set.as_str())
            .operation_id(id.as_str())
            .send()
            .await;
        match answer {
            Ok(answer) => Ok(answer.stack_set_operation.map(operation)),
            Err(error) if is_code(&error, "OperationNotFoundException") => Ok(None),
            Err(error) => Err(read_failure(ServiceError::of(CALL, &error), stack_set)),
        }
    }

    async fn find_reason(
        &self,
        place: &InstancePlace,
        id: &OperationId,
    ) -> Result<Option<String>, Failure> {
        const CALL: &str = "cloudformation:ListStackSetOperationResults";
        let mut results = self
            .client
            .list_stack_set_operation_results()
            .stack_set_name(place.stack_set.as_str())
            .operation_id(id.as_str())
            .into_paginator()
            .items()
            .send();
        while let Some(result) = results.next().await {
            match result {
                Ok(result) => {
                    let is_it = result.account() == Some(place.account.as_str())
                        && result.region() == Some(place.region.as_str());
                    if is_it {
                        return Ok(result.status_reason);
                    }
                }
                Err(error) if is_code(&error, "OperationNotFoundException") => return Ok(None),
                Err(error) => {
                    return Err(read_failure(
                        ServiceError::of(CALL, &error),
                        &place.stack_set,
                    ));
                }
            }
        }
        Ok(None)
    }
}

fn refused_start(error: ServiceError, place: &InstancePlace) -> Result<Start, Failure> {
    match error.code.as_str() {
        "OperationIdAlreadyExistsException" => Ok(Start::AlreadyStarted),
        "StackInstanceNotFoundException" => Ok(Start::NoSuchInstance),
        "OperationInProgressException" => Ok(Start::Busy),
        _ => Err(start_failure(error, place)),
    }
}

fn parameters(overrides: &Overrides) -> Vec<Parameter> {
    let set = overrides.set.iter().map(|(key, value)| {
        Parameter::builder()
            .parameter_key(key)
            .parameter_value(value)
            .build()
    });
    let kept = overrides.kept.iter().map(|key| {
        Parameter::builder()
            .parameter_key(key)
            .use_previous_value(true)
            .build()
    });
    set.chain(kept).collect()
}

fn keys(parameters: &[Parameter]) -> BTreeSet<String> {
    parameters
        .iter()
        .filter_map(|parameter| parameter.parameter_key.clone())
        .collect()
}

fn values(parameters: &[Parameter]) -> Parameters {
    parameters
        .iter()
        .filter_map(|parameter| {
            let key = parameter.parameter_key.clone()?;
            Some((key, parameter.parameter_value.clone().unwrap_or_default()))
        })
        .collect()
}

fn instance(found: &StackInstance) -> Instance {
    Instance {
        status: match &found.status {
            Some(StackInstanceStatus::Current) => InstanceStatus::Current,
            Some(StackInstanceStatus::Outdated) => InstanceStatus::Outdated,
            Some(StackInstanceStatus::Inoperable) => InstanceStatus::Inoperable,
            other => InstanceStatus::Other(words(other.as_ref())),
        },
        detailed_status: found
            .stack_instance_status
            .as_ref()
            .and_then(|status| status.detailed_status.as_ref())
            .map(detailed_status),
        reason: found
            .status_reason
            .clone()
            .filter(|reason| !reason.is_empty()),
        parameters: values(found.parameter_overrides()),
        last_operation: found
            .last_operation_id
            .as_deref()
            .and_then(|id| id.parse().ok()),
    }
}

fn detailed_status(status: &StackInstanceDetailedStatus) -> DetailedStatus {
    match status {
        StackInstanceDetailedStatus::Pending => DetailedStatus::Pending,
        StackInstanceDetailedStatus::Running => DetailedStatus::Running,
        StackInstanceDetailedStatus::Succeeded => DetailedStatus::Succeeded,
        StackInstanceDetailedStatus::Failed => DetailedStatus::Failed,
        StackInstanceDetailedStatus::Cancelled => DetailedStatus::Cancelled,
        StackInstanceDetailedStatus::Inoperable => DetailedStatus::Inoperable,
        StackInstanceDetailedStatus::SkippedSuspendedAccount => {
            DetailedStatus::SkippedSuspendedAccount
        }
        StackInstanceDetailedStatus::FailedImport => DetailedStatus::FailedImport,
        other => DetailedStatus::Other(other.to_string()),
    }
}

fn operation(found: StackSetOperation) -> Operation {
    Operation {
        action: match &found.action {
            Some(StackSetOperationAction::Create) => Action::Create,
            _ => Action::Other,
        },
        status: match &found.status {
            Some(StackSetOperationStatus::Queued) => OperationStatus::Queued,
            Some(StackSetOperationStatus::Running) => OperationStatus::Running,
            Some(StackSetOperationStatus::Stopping) => OperationStatus::Stopping,
            Some(StackSetOperationStatus::Succeeded) => OperationStatus::Succeeded,
            Some(StackSetOperationStatus::Failed) => OperationStatus::Failed,
            Some(StackSetOperationStatus::Stopped) => OperationStatus::Stopped,
            other => OperationStatus::Other(words(other.as_ref())),
        },
        failed_instances: found
            .status_details
            .and_then(|details| details.failed_stack_instances_count)
            .and_then(|count| u32::try_from(count).ok())
            .unwrap_or_default(),
        reason: found.status_reason.filter(|reason| !reason.is_empty()),
    }
}

fn words(status: Option<&impl ToString>) -> String {
    status.map_or_else(|| "without a status".to_owned(), ToString::to_string)
}
