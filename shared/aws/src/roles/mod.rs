//! Roles through AWS IAM.
//! Names of roles are unique in any letter case; what was just written may be missing from the next answer.

use std::collections::BTreeSet;

use aws_config::SdkConfig;
use aws_sdk_iam::Client;
use aws_sdk_iam::types::Role as Found;

use super::failure::ServiceError;
use super::iam::{self, MISSING};
use avm_core::domain::{AttachedPolicy, PolicyArn, PolicyDocument, RoleName};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::roles::{Attachment, NewRole, Role, RoleCreation, RoleDeletion, Roles};

/// The roles of one account.
pub struct IamRoles {
    client: Client,
    refusal: ErrorName,
}

impl IamRoles {
    /// IAM of the account that the configuration's credentials belong to; `refusal` names what only a person can repair.
    #[must_use]
    pub fn of(configuration: &SdkConfig, refusal: ErrorName) -> Self {
        Self {
            client: Client::new(configuration),
            refusal,
        }
    }

    fn failure(&self, role: &RoleName, error: ServiceError) -> Failure {
        let (name, words) = match error.code.as_str() {
            // Between two calls somebody has taken the role away, or it is not visible everywhere yet.
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

    /// The failure of a call that sends a trust: IAM takes only principals that it knows, and a new one is not known at once.
    fn failure_of_trust(&self, role: &RoleName, error: ServiceError) -> Failure {
        let is_early = error.code == "MalformedPolicyDocument"
            && error
                .message
                .to_ascii_lowercase()
                .contains("invalid principal");
        if !is_early {
            return self.failure(role, error);
        }
        error
            .into_named(ErrorName::ServiceUnavailable)
            .while_doing(&format!(
                "IAM does not know a principal in the trust of role {role} yet"
            ))
    }
}

impl Roles for IamRoles {
    async fn find_role(&self, role: &RoleName) -> Result<Option<Role>, Failure> {
        let answer = self.client.get_role().role_name(role.as_str()).send().await;
        match answer.map_err(|error| ServiceError::of("iam:GetRole", &error)) {
            Ok(found) => found.role.map(read).transpose(),
            Err(error) if error.code == MISSING => Ok(None),
            Err(error) => Err(self.failure(role, error)),
        }
    }

    async fn create_role(&self, role: &NewRole<'_>) -> Result<RoleCreation, Failure> {
        let answer = self
            .client
            .create_role()
            .role_name(role.name.as_str())
            .assume_role_policy_document(role.trust.to_string())
            .description(role.description)
            .send()
            .await;
        match answer.map_err(|error| ServiceError::of("iam:CreateRole", &error)) {
            Ok(_) => Ok(RoleCreation::Made),
            Err(error) if error.code == "EntityAlreadyExists" => Ok(RoleCreation::AlreadyThere),
            Err(error) => Err(self.failure_of_trust(role.name, error)),
        }
    }

    async fn update_trust(&self, role: &RoleName, trust: &PolicyDocument) -> Result<(), Failure> {
        let answer = self
            .client
            .update_assume_role_policy()
            .role_name(role.as_str())
            .policy_document(trust.to_string())
            .send()
            .await
            .map_err(|error| ServiceError::of("iam:UpdateAssumeRolePolicy", &error));
        match answer {
            Ok(_) => Ok(()),
            Err(error) => Err(self.failure_of_trust(role, error)),
        }
    }

    async fn list_attached(&self, role: &RoleName) -> Result<BTreeSet<AttachedPolicy>, Failure> {
        match iam::list_attached(&self.client, role).await {
            Ok(policies) => Ok(policies),
            Err(error) if error.code == MISSING => Ok(BTreeSet::new()),
            Err(error) => Err(self.failure(role, error)),
        }
    }

    async fn attach(&self, role: &RoleName, policy: &PolicyArn) -> Result<Attachment, Failure> {
        let answer = self
            .client
            .attach_role_policy()
            .role_name(role.as_str())
            .policy_arn(policy.as_str())
            .send()
            .await;
        match answer.map_err(|error| ServiceError::of("iam:AttachRolePolicy", &error)) {
            Ok(_) => Ok(Attachment::Attached),
            Err(error) if error.code == MISSING => Ok(Attachment::Missing),
            Err(error) => Err(self
                .failure(role, error)
                .while_doing(&format!("policy {policy}"))),
        }
    }

    async fn detach(&self, role: &RoleName, policy: &AttachedPolicy) -> Result<(), Failure> {
        let answer = iam::detach(&self.client, role, policy).await;
        answer.map_err(|error| {
            self.failure(role, error)
                .while_doing(&format!("policy {}", policy.arn))
        })
    }

    async fn delete_role(&self, role: &RoleName) -> Result<RoleDeletion, Failure> {
        let answer = self
            .client
            .delete_role()
            .role_name(role.as_str())
            .send()
            .await
            .map_err(|error| ServiceError::of("iam:DeleteRole", &error));
        match answer {
            Ok(_) => Ok(RoleDeletion::Gone),
            Err(error) if error.code == MISSING => Ok(RoleDeletion::Gone),
            Err(error) if error.code == "DeleteConflict" => Ok(RoleDeletion::InUse),
            Err(error) => Err(self.failure(role, error)),
        }
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
    })
}

#[cfg(test)]
mod tests;
