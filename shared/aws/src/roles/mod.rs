//! Roles through AWS IAM.
//! Names of roles are unique in any letter case; what was just written may be missing from the next answer.

use std::collections::BTreeSet;

use aws_config::SdkConfig;
use aws_sdk_iam::Client;
use aws_sdk_iam::types::Role as Found;

use super::call::{Answered, Called};
use super::failure::ServiceError;
use super::iam::{self, MISSING};
use avm_core::domain::{AttachedPolicy, PolicyArn, RoleName};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::roles::{Attachment, NewRole, Role, RoleCreation, RoleDeletion, Roles};
use avm_core::rules::boundary::missing as missing_boundary;

/// The roles of one account.
pub struct IamRoles {
    client: Client,
    refusal: ErrorName,
}

impl IamRoles {
    /// IAM of the account that the configuration's credentials belong to; `refusal` names what only a person can repair.
    pub fn of(configuration: &SdkConfig, refusal: ErrorName) -> Self {
        Self {
            client: Client::new(configuration),
            refusal,
        }
    }

    fn failure(&self, role: &RoleName, error: ServiceError) -> Failure {
        let (name, words) = match error.code.as_str() {
            // The role was deleted between two calls, or is not visible everywhere yet.
            MISSING => (
                ErrorName::ConcurrentModification,
                format!("role {role} does not exist in the account"),
            ),
            "LimitExceeded"
            | "MalformedPolicyDocument"
            | "UnmodifiableEntity"
            | "InvalidInput"
            | "PolicyNotAttachable" => (self.refusal, format!("role {role} could not be changed")),
            _ => return error.into_failure().while_doing(&format!("role {role}")),
        };
        error.into_named(name).while_doing(&words)
    }

    /// The failure of a creation: IAM takes only a boundary that the account has, and in a trust only principals that it knows; a
    /// new one is not known at once.
    fn failure_of_creation(&self, role: &NewRole<'_>, error: ServiceError) -> Failure {
        let name = role.name;
        if let (MISSING, Some(boundary)) = (error.code.as_str(), role.boundary) {
            return missing_boundary(boundary).while_doing(&format!("role {name}"));
        }
        let is_early = error.code == "MalformedPolicyDocument"
            && error
                .message
                .to_ascii_lowercase()
                .contains("invalid principal");
        if !is_early {
            return self.failure(name, error);
        }
        error
            .into_named(ErrorName::ServiceUnavailable)
            .while_doing(&format!(
                "IAM does not know a principal in the trust of role {name} yet"
            ))
    }
}

impl Roles for IamRoles {
    async fn find_role(&self, role: &RoleName) -> Result<Option<Role>, Failure> {
        self.client
            .get_role()
            .role_name(role.as_str())
            .send()
            .await
            .of_call("iam:GetRole")
            .unless(&[MISSING])
            .map_err(|error| self.failure(role, error))?
            .and_then(|answer| answer.role)
            .map(read)
            .transpose()
    }

    async fn create_role(&self, role: &NewRole<'_>) -> Result<RoleCreation, Failure> {
        self.client
            .create_role()
            .role_name(role.name.as_str())
            .assume_role_policy_document(role.trust.to_string())
            .description(role.description)
            .set_permissions_boundary(role.boundary.map(ToString::to_string))
            .send()
            .await
            .of_call("iam:CreateRole")
            .outcome(
                RoleCreation::Made,
                [("EntityAlreadyExists", RoleCreation::AlreadyThere)],
            )
            .map_err(|error| self.failure_of_creation(role, error))
    }

    async fn has_policy(&self, policy: &PolicyArn) -> Result<bool, Failure> {
        let answer = self.client.get_policy().policy_arn(policy.as_str()).send();
        let found = answer.await.of_call("iam:GetPolicy").unless(&[MISSING]);
        let found = found.map_err(|error| {
            error
                .into_failure()
                .while_doing(&format!("policy {policy}"))
        })?;
        Ok(found.is_some())
    }

    async fn list_attached(&self, role: &RoleName) -> Result<BTreeSet<AttachedPolicy>, Failure> {
        let policies = iam::list_attached(&self.client, role).await;
        let policies = policies.unless(&[MISSING]);
        policies
            .map(Option::unwrap_or_default)
            .map_err(|error| self.failure(role, error))
    }

    async fn attach(&self, role: &RoleName, policy: &PolicyArn) -> Result<Attachment, Failure> {
        self.client
            .attach_role_policy()
            .role_name(role.as_str())
            .policy_arn(policy.as_str())
            .send()
            .await
            .of_call("iam:AttachRolePolicy")
            .outcome(Attachment::Attached, [(MISSING, Attachment::Missing)])
            .map_err(|error| {
                self.failure(role, error)
                    .while_doing(&format!("policy {policy}"))
            })
    }

    async fn detach(&self, role: &RoleName, policy: &AttachedPolicy) -> Result<(), Failure> {
        let answer = iam::detach(&self.client, role, policy).await;
        answer.map_err(|error| {
            self.failure(role, error)
                .while_doing(&format!("policy {}", policy.arn))
        })
    }

    async fn delete_role(&self, role: &RoleName) -> Result<RoleDeletion, Failure> {
        let codes = [
            (MISSING, RoleDeletion::Gone),
            ("DeleteConflict", RoleDeletion::InUse),
        ];
        self.client
            .delete_role()
            .role_name(role.as_str())
            .send()
            .await
            .of_call("iam:DeleteRole")
            .outcome(RoleDeletion::Gone, codes)
            .map_err(|error| self.failure(role, error))
    }
}

fn read(found: Found) -> Result<Role, Failure> {
    let arn = found.arn.parse().map_err(|_| {
        Failure::new(
            ErrorName::Internal,
            format!("iam:GetRole answered with the ARN {:?}", found.arn),
        )
    })?;
    Ok(Role {
        arn,
        trust: iam::decoded(found.assume_role_policy_document.as_deref().unwrap_or("")),
        description: found.description.filter(|words| !words.is_empty()),
        boundary: found
            .permissions_boundary
            .and_then(|boundary| boundary.permissions_boundary_arn),
    })
}

#[cfg(test)]
mod tests;
