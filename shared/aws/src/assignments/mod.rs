//! Assignments through IAM Identity Center, in the region of its instance.
//! AWS allows twenty calls a second for all callers together, and ten running assignments; the step retries later.

mod permission_sets;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use aws_config::SdkConfig;
use aws_sdk_ssoadmin::Client;
use aws_sdk_ssoadmin::types::{
    AccountAssignmentOperationStatus, PrincipalType, StatusValues, TargetType,
};
use futures_util::stream::{self, StreamExt, TryStreamExt};

pub use self::permission_sets::PermissionSetMemory;
use super::call::{Answered, Called, all_pages, in_region};
use super::failure::ServiceError;
use super::organizations::incomplete;
use avm_core::domain::{
    AccountId, AssignmentRequestId, GroupId, PLATFORM_PARAMETER, PermissionSetArn,
    PermissionSetReference, SingleSignOnInstance, SingleSignOnInstanceArn,
};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::assignments::{
    Action, Assignment, Assignments, PermissionSet, RequestState, Start,
};

const LIST_ASSIGNMENTS: &str = "sso:ListAccountAssignments";

const MISSING: &str = "ResourceNotFoundException";

/// How many permission sets are described at a time.
const DESCRIBED_AT_ONCE: usize = 4;

/// The assignments of an instance.
pub struct IdentityCenter {
    client: Client,
    instance: SingleSignOnInstanceArn,
    memory: PermissionSetMemory,
}

impl IdentityCenter {
    /// The instance of the platform, with the credentials of the configuration.
    pub fn of(
        configuration: &SdkConfig,
        instance: &SingleSignOnInstance,
        memory: &PermissionSetMemory,
    ) -> Self {
        Self {
            client: Client::new(&in_region(configuration, &instance.region)),
            instance: instance.instance_arn.clone(),
            memory: memory.clone(),
        }
    }

    fn instance_id(&self) -> &str {
        let resource = self.instance.as_str().rsplit('/');
        resource.into_iter().next().unwrap_or_default()
    }

    async fn describe(&self, arn: PermissionSetArn) -> Result<Option<PermissionSet>, Failure> {
        const CALL: &str = "sso:DescribePermissionSet";
        let answer = self
            .client
            .describe_permission_set()
            .instance_arn(self.instance.as_str())
            .permission_set_arn(arn.as_str())
            .send()
            .await
            .of_call(CALL)
            // An ARN that is not one of this instance's is refused as invalid.
            .unless(&[MISSING, "ValidationException"])
            .map_err(|error| error.into_failure().while_doing(arn.as_str()))?;
        let Some(answer) = answer else {
            return Ok(None);
        };
        let name = answer.permission_set.and_then(|described| described.name);
        let name = name.ok_or_else(|| incomplete(CALL, "a name"))?;
        let found = PermissionSet { arn, name };
        self.memory.remember(&found);
        Ok(Some(found))
    }

    /// Describes every permission set of the instance that was not seen before.
    async fn describe_all(&self) -> Result<(), Failure> {
        let arns = self
            .client
            .list_permission_sets()
            .instance_arn(self.instance.as_str())
            .into_paginator()
            .items()
            .send();
        let arns = all_pages("sso:ListPermissionSets", arns)
            .await
            .map_err(|error| self.not_there(error))?;
        let arns: Vec<PermissionSetArn> = read_arns(arns)?.into_iter().collect();
        let unseen = arns.into_iter().filter(|arn| !self.memory.knows(arn));
        stream::iter(unseen.map(|arn| self.describe(arn)))
            .buffer_unordered(DESCRIBED_AT_ONCE)
            .try_collect::<Vec<_>>()
            .await
            .map(drop)
    }

    /// The failure of a call that names the instance only.
    fn not_there(&self, error: ServiceError) -> Failure {
        match error.code.as_str() {
            MISSING | "ValidationException" => error
                .into_named(ErrorName::InvalidConfiguration)
                .while_doing(&format!(
                    "{PLATFORM_PARAMETER}, field singleSignOn.instanceArn: {}",
                    self.instance
                )),
            _ => error.into_failure(),
        }
    }
}

impl Assignments for IdentityCenter {
    async fn find_permission_set(
        &self,
        reference: &PermissionSetReference,
    ) -> Result<Option<PermissionSet>, Failure> {
        if let Some(known) = self.memory.find(self.instance_id(), reference) {
            return Ok(Some(known));
        }
        if reference.is_arn() {
            let arn = reference.as_str().parse();
            return match arn {
                Ok(arn) => self.describe(arn).await,
                Err(_) => Ok(None),
            };
        }
        self.describe_all().await?;
        Ok(self.memory.find(self.instance_id(), reference))
    }

    async fn list_provisioned(
        &self,
        account: &AccountId,
    ) -> Result<BTreeSet<PermissionSetArn>, Failure> {
        let arns = self
            .client
            .list_permission_sets_provisioned_to_account()
            .instance_arn(self.instance.as_str())
            .account_id(account.as_str())
            .into_paginator()
            .items()
            .send();
        let arns = all_pages("sso:ListPermissionSetsProvisionedToAccount", arns);
        read_arns(arns.await.map_err(not_known)?)
    }

    async fn list_groups(
        &self,
        account: &AccountId,
        permission_set: &PermissionSetArn,
    ) -> Result<BTreeSet<GroupId>, Failure> {
        let assignments = self
            .client
            .list_account_assignments()
            .instance_arn(self.instance.as_str())
            .account_id(account.as_str())
            .permission_set_arn(permission_set.as_str())
            .into_paginator()
            .items()
            .send();
        let assignments = all_pages(LIST_ASSIGNMENTS, assignments)
            .await
            .map_err(|error| {
                self.memory.forget(permission_set);
                not_known(error).while_doing(permission_set.as_str())
            })?;
        assignments
            .into_iter()
            .filter(|found| found.principal_type == Some(PrincipalType::Group))
            .map(|found| read_id(LIST_ASSIGNMENTS, found.principal_id))
            .collect()
    }

    async fn list_of_group(&self, group: &GroupId) -> Result<BTreeSet<Assignment>, Failure> {
        const CALL: &str = "sso:ListAccountAssignmentsForPrincipal";
        let assignments = self
            .client
            .list_account_assignments_for_principal()
            .instance_arn(self.instance.as_str())
            .principal_type(PrincipalType::Group)
            .principal_id(group.as_str())
            .into_paginator()
            .items()
            .send();
        let assignments = all_pages(CALL, assignments)
            .await
            .unless(&[MISSING])
            .map_err(|error| error.into_failure().while_doing(group.as_str()))?;
        assignments
            .unwrap_or_default()
            .into_iter()
            .map(|found| {
                Ok(Assignment {
                    account: read_id(CALL, found.account_id)?,
                    permission_set: read_id(CALL, found.permission_set_arn)?,
                    group: group.clone(),
                })
            })
            .collect()
    }

    async fn start(&self, action: Action, assignment: &Assignment) -> Result<Start, Failure> {
        let started = match action {
            Action::Assign => self.start_creation(assignment).await,
            Action::Unassign => self.start_deletion(assignment).await,
        };
        match started {
            Ok(Some(status)) => {
                let id = read_id(call_of(action), status.request_id.clone())?;
                Ok(Start::Taken(id, state_of(&status)))
            }
            Ok(None) => Err(incomplete(call_of(action), "a status")),
            Err(error) => self.refused_start(error, assignment),
        }
    }

    async fn find_request(
        &self,
        action: Action,
        id: &AssignmentRequestId,
    ) -> Result<Option<RequestState>, Failure> {
        let found = match action {
            Action::Assign => self.find_creation(id).await,
            Action::Unassign => self.find_deletion(id).await,
        };
        let status = found
            .unless(&[MISSING])
            .map_err(|error| error.into_failure().while_doing(id.as_str()))?;
        Ok(status.flatten().as_ref().map(state_of))
    }
}

type Status = Option<AccountAssignmentOperationStatus>;

impl IdentityCenter {
    async fn start_creation(&self, assignment: &Assignment) -> Result<Status, ServiceError> {
        let answer = self
            .client
            .create_account_assignment()
            .instance_arn(self.instance.as_str())
            .target_type(TargetType::AwsAccount)
            .target_id(assignment.account.as_str())
            .permission_set_arn(assignment.permission_set.as_str())
            .principal_type(PrincipalType::Group)
            .principal_id(assignment.group.as_str())
            .send()
            .await
            .of_call("sso:CreateAccountAssignment")?;
        Ok(answer.account_assignment_creation_status)
    }

    async fn start_deletion(&self, assignment: &Assignment) -> Result<Status, ServiceError> {
        let answer = self
            .client
            .delete_account_assignment()
            .instance_arn(self.instance.as_str())
            .target_type(TargetType::AwsAccount)
            .target_id(assignment.account.as_str())
            .permission_set_arn(assignment.permission_set.as_str())
            .principal_type(PrincipalType::Group)
            .principal_id(assignment.group.as_str())
            .send()
            .await
            .of_call("sso:DeleteAccountAssignment")?;
        Ok(answer.account_assignment_deletion_status)
    }

    fn refused_start(&self, error: ServiceError, to: &Assignment) -> Result<Start, Failure> {
        let failure = match error.code.as_str() {
            "ConflictException" | "ThrottlingException" | "TooManyRequestsException" => {
                return Ok(Start::NotYet(format!("{}: {}", error.code, error.message)));
            }
            "ServiceQuotaExceededException" => error
                .into_named(ErrorName::SingleSignOnFailed)
                .with_remedy("have the named quota of IAM Identity Center raised, then send the request again"),
            // Deleted since it was found, or not visible everywhere yet: a retry looks again.
            MISSING => {
                self.memory.forget(&to.permission_set);
                error.into_named(ErrorName::ConcurrentModification)
            }
            "ValidationException" => error.into_named(ErrorName::SingleSignOnFailed),
            _ => error.into_failure(),
        };
        let (group, set) = (&to.group, &to.permission_set);
        Err(failure.while_doing(&format!("group {group} with {set}")))
    }

    async fn find_creation(&self, id: &AssignmentRequestId) -> Result<Status, ServiceError> {
        let answer = self
            .client
            .describe_account_assignment_creation_status()
            .instance_arn(self.instance.as_str())
            .account_assignment_creation_request_id(id.as_str())
            .send()
            .await
            .of_call("sso:DescribeAccountAssignmentCreationStatus")?;
        Ok(answer.account_assignment_creation_status)
    }

    async fn find_deletion(&self, id: &AssignmentRequestId) -> Result<Status, ServiceError> {
        let answer = self
            .client
            .describe_account_assignment_deletion_status()
            .instance_arn(self.instance.as_str())
            .account_assignment_deletion_request_id(id.as_str())
            .send()
            .await
            .of_call("sso:DescribeAccountAssignmentDeletionStatus")?;
        Ok(answer.account_assignment_deletion_status)
    }
}

const fn call_of(action: Action) -> &'static str {
    match action {
        Action::Assign => "sso:CreateAccountAssignment",
        Action::Unassign => "sso:DeleteAccountAssignment",
    }
}

fn state_of(status: &AccountAssignmentOperationStatus) -> RequestState {
    match &status.status {
        Some(StatusValues::Succeeded) => RequestState::Succeeded,
        Some(StatusValues::Failed) => {
            let reason = status.failure_reason.as_deref();
            RequestState::Failed(reason.unwrap_or("AWS gives no reason").to_owned())
        }
        // A request without a status has just begun.
        _ => RequestState::InProgress,
    }
}

/// The failure of a call that names an account, and perhaps a permission set that was found before.
fn not_known(error: ServiceError) -> Failure {
    match error.code.as_str() {
        MISSING => error.into_named(ErrorName::AccountNotReady),
        _ => error.into_failure(),
    }
}

fn read_arns(arns: Vec<String>) -> Result<BTreeSet<PermissionSetArn>, Failure> {
    let read = arns.into_iter().map(|arn| read_id("sso", Some(arn)));
    read.collect()
}

fn read_id<Id>(call: &str, text: Option<String>) -> Result<Id, Failure>
where
    Id: TryFrom<String>,
    Id::Error: std::fmt::Display,
{
    let text = text.ok_or_else(|| incomplete(call, "an id"))?;
    Id::try_from(text).map_err(|error| {
        Failure::new(
            ErrorName::Internal,
            format!("{call} answered with something unexpected: {error}"),
        )
    })
}
