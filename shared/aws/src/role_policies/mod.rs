//! The policies of roles through AWS IAM.
//! IAM says `NoSuchEntity` for a missing role and a missing policy alike.

use std::collections::BTreeSet;

use aws_config::SdkConfig;
use aws_sdk_iam::Client;

use super::call::{Answered, Called, all_pages};
use super::failure::ServiceError;
use super::iam::{self, MISSING};
use avm_core::domain::{AttachedPolicy, PolicyDocument, RoleName};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::role_policies::{Put, RolePolicies, RolePolicyChanges};

/// IAM of one account.
pub struct IamRolePolicies {
    client: Client,
}

impl IamRolePolicies {
    /// IAM of the account that the configuration's credentials belong to.
    pub fn of(configuration: &SdkConfig) -> Self {
        Self {
            client: Client::new(configuration),
        }
    }
}

impl RolePolicies for IamRolePolicies {
    async fn list_inline(&self, role: &RoleName) -> Result<BTreeSet<String>, Failure> {
        let names = self
            .client
            .list_role_policies()
            .role_name(role.as_str())
            .into_paginator()
            .items()
            .send();
        let names = all_pages("iam:ListRolePolicies", names)
            .await
            .map_err(|error| of_role(role, error))?;
        Ok(names.into_iter().collect())
    }

    async fn find_inline(
        &self,
        role: &RoleName,
        policy: &str,
    ) -> Result<Option<PolicyDocument>, Failure> {
        let found = self
            .client
            .get_role_policy()
            .role_name(role.as_str())
            .policy_name(policy)
            .send()
            .await
            .of_call("iam:GetRolePolicy")
            .unless(&[MISSING])
            .map_err(|error| of_role(role, error))?;
        Ok(found.map(|found| iam::decoded(found.policy_document())))
    }

    async fn list_attached(&self, role: &RoleName) -> Result<BTreeSet<AttachedPolicy>, Failure> {
        let policies = iam::list_attached(&self.client, role).await;
        policies.map_err(|error| of_role(role, error))
    }
}

impl RolePolicyChanges for IamRolePolicies {
    async fn put_inline(
        &self,
        role: &RoleName,
        policy: &str,
        document: &PolicyDocument,
    ) -> Result<Put, Failure> {
        self.client
            .put_role_policy()
            .role_name(role.as_str())
            .policy_name(policy)
            .policy_document(document.to_string())
            .send()
            .await
            .of_call("iam:PutRolePolicy")
            .outcome(Put::Done, [("LimitExceeded", Put::NoRoom)])
            .map_err(|error| of_role(role, error))
    }

    async fn delete_inline(&self, role: &RoleName, policy: &str) -> Result<(), Failure> {
        self.client
            .delete_role_policy()
            .role_name(role.as_str())
            .policy_name(policy)
            .send()
            .await
            .of_call("iam:DeleteRolePolicy")
            .outcome((), [(MISSING, ())])
            .map_err(|error| of_role(role, error))
    }

    async fn detach(&self, role: &RoleName, policy: &AttachedPolicy) -> Result<(), Failure> {
        let answer = iam::detach(&self.client, role, policy).await;
        answer.map_err(|error| of_role(role, error))
    }
}

fn of_role(role: &RoleName, error: ServiceError) -> Failure {
    match error.code.as_str() {
        MISSING => error
            .into_named(ErrorName::DowngradeFailed)
            .while_doing(&format!("role {role} does not exist in the account"))
            .with_remedy(
                "compare the name of the access role in the platform document with the role that the account has",
            ),
        "MalformedPolicyDocument" | "UnmodifiableEntity" | "InvalidInput" => error
            .into_named(ErrorName::DowngradeFailed)
            .while_doing(&format!("role {role} could not be changed")),
        _ => error.into_failure().while_doing(&format!("role {role}")),
    }
}

#[cfg(test)]
mod tests;
