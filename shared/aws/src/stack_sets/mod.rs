//! StackSets through CloudFormation, in the function's own account and region.
//! An instance's region is a field of the call, not the region of the client.

mod errors;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fmt::Display;
use std::str::FromStr;

use aws_config::SdkConfig;
use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::types::{
    Parameter, PermissionModels, StackInstance, StackInstanceStatus, StackSetOperation,
    StackSetOperationAction, StackSetOperationResultSummary, StackSetOperationStatus,
    StackSetStatus,
};

use self::errors::{read_failure, start_failure};
use super::call::{Answered, Called, NO_STATUS, all_pages, first_in_pages};
use avm_core::domain::{AccountId, OperationId, Parameters, Region, StackSetName};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::stack_sets::{
    Action, DetailedStatus, Instance, InstancePlace, InstanceStatus, Operation, OperationStatus,
    Overrides, StackSet, StackSetOperations, StackSets, Start,
};

const LIST_STACK_SETS: &str = "cloudformation:ListStackSets";
const LIST_INSTANCES: &str = "cloudformation:ListStackInstances";
const NO_OPERATION: &str = "OperationNotFoundException";

/// The codes with which CloudFormation refuses to start an operation, as far as the step goes on then.
const REFUSED_STARTS: [(&str, Start); 3] = [
    ("OperationIdAlreadyExistsException", Start::AlreadyStarted),
    ("StackInstanceNotFoundException", Start::NoSuchInstance),
    ("OperationInProgressException", Start::Busy),
];

/// The StackSets of the configuration's account and region.
pub struct CloudFormationStackSets {
    client: Client,
}

impl CloudFormationStackSets {
    /// The StackSets of the account and region of this configuration.
    pub fn new(configuration: &SdkConfig) -> Self {
        Self {
            client: Client::new(configuration),
        }
    }
}

impl StackSets for CloudFormationStackSets {
    async fn find_stack_set(&self, name: &StackSetName) -> Result<Option<StackSet>, Failure> {
        let answer = self
            .client
            .describe_stack_set()
            .stack_set_name(name.as_str())
            .send()
            .await
            .of_call("cloudformation:DescribeStackSet")
            .unless(&["StackSetNotFoundException"])
            .map_err(|error| read_failure(error, name))?;
        Ok(answer
            .and_then(|answer| answer.stack_set)
            .filter(|found| found.status != Some(StackSetStatus::Deleted))
            .map(|found| StackSet {
                is_self_managed: found.permission_model != Some(PermissionModels::ServiceManaged),
                declared: values(found.parameters()),
            }))
    }

    async fn find_instance(
        &self,
        stack_set: &StackSetName,
        account: &AccountId,
        region: &Region,
    ) -> Result<Option<Instance>, Failure> {
        let answer = self
            .client
            .describe_stack_instance()
            .stack_set_name(stack_set.as_str())
            .stack_instance_account(account.as_str())
            .stack_instance_region(region.as_str())
            .send()
            .await
            .of_call("cloudformation:DescribeStackInstance")
            .unless(&["StackInstanceNotFoundException"])
            .map_err(|error| read_failure(error, stack_set))?;
        let found = answer.and_then(|answer| answer.stack_instance);
        Ok(found.as_ref().map(instance))
    }

    async fn list_stack_sets(&self) -> Result<Vec<StackSetName>, Failure> {
        let active = self
            .client
            .list_stack_sets()
            .status(StackSetStatus::Active)
            .into_paginator()
            .items()
            .send();
        let mut found = all_pages(LIST_STACK_SETS, active).await?;
        found.retain(|one| one.permission_model != Some(PermissionModels::ServiceManaged));
        let names = found.into_iter().filter_map(|one| one.stack_set_name);
        read_all(LIST_STACK_SETS, names)
    }

    async fn regions_of_instances(
        &self,
        stack_set: &StackSetName,
        account: &AccountId,
    ) -> Result<BTreeSet<Region>, Failure> {
        let instances = self
            .client
            .list_stack_instances()
            .stack_set_name(stack_set.as_str())
            .stack_instance_account(account.as_str())
            .into_paginator()
            .items()
            .send();
        let found = all_pages(LIST_INSTANCES, instances)
            .await
            .map_err(|error| read_failure(error, stack_set))?;
        read_all(
            LIST_INSTANCES,
            found.into_iter().filter_map(|one| one.region),
        )
    }
}

impl StackSetOperations for CloudFormationStackSets {
    async fn start_creation(
        &self,
        place: &InstancePlace,
        overrides: &Overrides,
        id: &OperationId,
    ) -> Result<Start, Failure> {
        self.client
            .create_stack_instances()
            .stack_set_name(place.stack_set.as_str())
            .accounts(place.account.as_str())
            .regions(place.region.as_str())
            .set_parameter_overrides(Some(parameters(overrides)))
            .operation_id(id.as_str())
            .send()
            .await
            .of_call("cloudformation:CreateStackInstances")
            .outcome(Start::Accepted, REFUSED_STARTS)
            .map_err(|error| start_failure(error, place))
    }

    async fn start_update(
        &self,
        place: &InstancePlace,
        overrides: &Overrides,
        id: &OperationId,
    ) -> Result<Start, Failure> {
        self.client
            .update_stack_instances()
            .stack_set_name(place.stack_set.as_str())
            .accounts(place.account.as_str())
            .regions(place.region.as_str())
            .set_parameter_overrides(Some(parameters(overrides)))
            .operation_id(id.as_str())
            .send()
            .await
            .of_call("cloudformation:UpdateStackInstances")
            .outcome(Start::Accepted, REFUSED_STARTS)
            .map_err(|error| start_failure(error, place))
    }

    async fn find_operation(
        &self,
        stack_set: &StackSetName,
        id: &OperationId,
    ) -> Result<Option<Operation>, Failure> {
        let answer = self
            .client
            .describe_stack_set_operation()
            .stack_set_name(stack_set.as_str())
            .operation_id(id.as_str())
            .send()
            .await
            .of_call("cloudformation:DescribeStackSetOperation")
            .unless(&[NO_OPERATION])
            .map_err(|error| read_failure(error, stack_set))?;
        let found = answer.and_then(|answer| answer.stack_set_operation);
        Ok(found.map(operation))
    }

    async fn find_reason(
        &self,
        place: &InstancePlace,
        id: &OperationId,
    ) -> Result<Option<String>, Failure> {
        let results = self
            .client
            .list_stack_set_operation_results()
            .stack_set_name(place.stack_set.as_str())
            .operation_id(id.as_str())
            .into_paginator()
            .items()
            .send();
        let is_it = |result: &StackSetOperationResultSummary| {
            result.account() == Some(place.account.as_str())
                && result.region() == Some(place.region.as_str())
        };
        let call = "cloudformation:ListStackSetOperationResults";
        let result = first_in_pages(call, results, |result| is_it(&result).then_some(result))
            .await
            .unless(&[NO_OPERATION])
            .map_err(|error| read_failure(error, &place.stack_set))?;
        Ok(result.flatten().and_then(|result| result.status_reason))
    }
}

/// What CloudFormation lists, in types of ours.
fn read_all<Value, All>(call: &str, texts: impl Iterator<Item = String>) -> Result<All, Failure>
where
    Value: FromStr<Err: Display>,
    All: FromIterator<Value>,
{
    let read = texts.map(|text| text.parse());
    let all: Result<All, Value::Err> = read.collect();
    all.map_err(|error| Failure::new(ErrorName::Internal, format!("{call}: {error}")))
}

fn parameters(overrides: &Overrides) -> Vec<Parameter> {
    let valued = overrides.set.iter().chain(overrides.own.iter());
    let set = valued.map(|(key, value)| {
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
        status: InstanceStatus::from(
            found
                .status
                .as_ref()
                .map_or(NO_STATUS, StackInstanceStatus::as_str),
        ),
        detailed_status: found
            .stack_instance_status
            .as_ref()
            .and_then(|status| status.detailed_status.as_ref())
            .map(|status| DetailedStatus::from(status.as_str())),
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

fn operation(found: StackSetOperation) -> Operation {
    Operation {
        action: match &found.action {
            Some(StackSetOperationAction::Create) => Action::Create,
            _ => Action::Other,
        },
        status: OperationStatus::from(
            found
                .status
                .as_ref()
                .map_or(NO_STATUS, StackSetOperationStatus::as_str),
        ),
        failed_instances: found
            .status_details
            .and_then(|details| details.failed_stack_instances_count)
            .and_then(|count| u32::try_from(count).ok())
            .unwrap_or_default(),
        reason: found.status_reason.filter(|reason| !reason.is_empty()),
    }
}
