//! The policies of roles through AWS IAM.
//! IAM returns documents percent-encoded (RFC 3986), and says `NoSuchEntity` for a missing role and a missing policy alike.

use std::collections::BTreeSet;

use aws_config::SdkConfig;
use aws_sdk_iam::Client;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::http::Response;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::failure::ServiceError;
use crate::domain::{AttachedPolicy, PolicyDocument, RoleName};
use crate::error::{ErrorName, Failure};
use crate::ports::role_policies::{RolePolicies, RolePolicyChanges};

const MISSING: &str = "NoSuchEntity";

/// IAM of one account.
pub struct IamRolePolicies {
    client: Client,
}

impl IamRolePolicies {
    /// IAM of the account that the configuration's credentials belong to.
    #[must_use]
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
            .send()
            .try_collect()
            .await
            .map_err(|error| of_role("iam:ListRolePolicies", role, &error))?;
        Ok(names.into_iter().collect())
    }

    async fn find_inline(
        &self,
        role: &RoleName,
        policy: &str,
    ) -> Result<Option<PolicyDocument>, Failure> {
        let answer = self
            .client
            .get_role_policy()
            .role_name(role.as_str())
            .policy_name(policy)
            .send()
            .await;
        match answer {
            Ok(found) => Ok(Some(PolicyDocument::of_text(&percent_decoded(
                found.policy_document(),
            )))),
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(of_role("iam:GetRolePolicy", role, &error)),
        }
    }

    async fn list_attached(&self, role: &RoleName) -> Result<BTreeSet<AttachedPolicy>, Failure> {
        let policies = self
            .client
            .list_attached_role_policies()
            .role_name(role.as_str())
            .into_paginator()
            .items()
            .send()
            .try_collect()
            .await
            .map_err(|error| of_role("iam:ListAttachedRolePolicies", role, &error))?;
        Ok(policies
            .into_iter()
            .map(|policy| AttachedPolicy {
                name: policy.policy_name.unwrap_or_default(),
                arn: policy.policy_arn.unwrap_or_default(),
            })
            .collect())
    }
}

impl RolePolicyChanges for IamRolePolicies {
    async fn put_inline(
        &self,
        role: &RoleName,
        policy: &str,
        document: &PolicyDocument,
    ) -> Result<(), Failure> {
        self.client
            .put_role_policy()
            .role_name(role.as_str())
            .policy_name(policy)
            .policy_document(document.to_string())
            .send()
            .await
            .map(drop)
            .map_err(|error| of_role("iam:PutRolePolicy", role, &error))
    }

    async fn delete_inline(&self, role: &RoleName, policy: &str) -> Result<(), Failure> {
        let answer = self
            .client
            .delete_role_policy()
            .role_name(role.as_str())
            .policy_name(policy)
            .send()
            .await;
        done_or_gone("iam:DeleteRolePolicy", role, answer)
    }

    async fn detach(&self, role: &RoleName, policy: &AttachedPolicy) -> Result<(), Failure> {
        let answer = self
            .client
            .detach_role_policy()
            .role_name(role.as_str())
            .policy_arn(&policy.arn)
            .send()
            .await;
        done_or_gone("iam:DetachRolePolicy", role, answer)
    }
}

fn done_or_gone<Output, E>(
    call: &'static str,
    role: &RoleName,
    answer: Result<Output, SdkError<E, Response>>,
) -> Result<(), Failure>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    match answer {
        Ok(_) => Ok(()),
        Err(error) if is_missing(&error) => Ok(()),
        Err(error) => Err(of_role(call, role, &error)),
    }
}

fn is_missing<E>(error: &SdkError<E, Response>) -> bool
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    error
        .as_service_error()
        .is_some_and(|service| service.code() == Some(MISSING))
}

fn of_role<E>(call: &'static str, role: &RoleName, error: &SdkError<E, Response>) -> Failure
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let error = ServiceError::of(call, error);
    match error.code.as_str() {
        MISSING => error
            .into_named(ErrorName::DowngradeFailed)
            .while_doing(&format!("role {role} does not exist in the account"))
            .with_remedy(
                "compare the name of the access role in the platform document with the role that the account has",
            ),
        "LimitExceeded" | "MalformedPolicyDocument" | "UnmodifiableEntity" | "InvalidInput" => error
            .into_named(ErrorName::DowngradeFailed)
            .while_doing(&format!("role {role} could not be changed")),
        _ => error.into_failure().while_doing(&format!("role {role}")),
    }
}

/// Decodes `%7B` and the like; anything else stays, a `+` too.
pub(super) fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let byte = (bytes[at] == b'%')
            .then(|| bytes.get(at + 1..at + 3))
            .flatten()
            .and_then(hexadecimal);
        decoded.push(byte.unwrap_or(bytes[at]));
        at += if byte.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

fn hexadecimal(digits: &[u8]) -> Option<u8> {
    let [high, low] = *digits else { return None };
    let high = char::from(high).to_digit(16)?;
    let low = char::from(low).to_digit(16)?;
    u8::try_from(high * 16 + low).ok()
}

#[cfg(test)]
mod tests;
