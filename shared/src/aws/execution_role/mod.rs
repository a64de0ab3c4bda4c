//! The role `AWSControlTowerExecution` through IAM, in the account of the client.
//! What marks a role as ours is its description: tags would need a right that the downgraded access role has lost.

#[cfg(test)]
mod tests;

use aws_config::SdkConfig;
use aws_sdk_iam::Client;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::http::Response;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::failure::{ServiceError, failure};
use super::iam;
use crate::domain::PolicyDocument;
use crate::error::{ErrorName, Failure};
use crate::ports::execution_role::{EXECUTION_ROLE, ExecutionRole, FoundRole, Removal};

/// The whole description of a role that the machine has made.
const OURS: &str = "Made by the account vending machine, for the enrolment with AWS Control Tower";

const GET: &str = "iam:GetRole";
const LIST_ATTACHED: &str = "iam:ListAttachedRolePolicies";
const CREATE: &str = "iam:CreateRole";
const PUT_TRUST: &str = "iam:UpdateAssumeRolePolicy";
const ATTACH: &str = "iam:AttachRolePolicy";
const DETACH: &str = "iam:DetachRolePolicy";
const DELETE: &str = "iam:DeleteRole";

const MISSING: &str = "NoSuchEntity";

/// The execution role of one account.
#[derive(Clone, Debug)]
pub struct IamExecutionRole {
    client: Client,
    administrator: String,
}

impl IamExecutionRole {
    /// The role in the account that the configuration's credentials belong to, in this partition.
    #[must_use]
    pub fn of(configuration: &SdkConfig, partition: &str) -> Self {
        Self {
            client: Client::new(configuration),
            administrator: format!("arn:{partition}:iam::aws:policy/AdministratorAccess"),
        }
    }

    async fn is_administrator(&self) -> Result<bool, Failure> {
        let mut attached = self
            .client
            .list_attached_role_policies()
            .role_name(EXECUTION_ROLE)
            .into_paginator()
            .items()
            .send();
        while let Some(policy) = attached.next().await {
            let policy = policy.map_err(|error| of_role(LIST_ATTACHED, &error))?;
            if policy.policy_arn() == Some(&self.administrator) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl ExecutionRole for IamExecutionRole {
    async fn find(&self) -> Result<Option<FoundRole>, Failure> {
        let answer = self
            .client
            .get_role()
            .role_name(EXECUTION_ROLE)
            .send()
            .await;
        let role = match answer {
            Ok(answer) => answer.role,
            Err(error) => {
                let said = ServiceError::of(GET, &error);
                if said.code == MISSING {
                    return Ok(None);
                }
                return Err(of_role(GET, &error));
            }
        };
        let Some(role) = role else { return Ok(None) };
        let trust = role.assume_role_policy_document().unwrap_or_default();
        Ok(Some(FoundRole {
            trust: iam::decoded(trust),
            is_administrator: self.is_administrator().await?,
            is_ours: role.description() == Some(OURS),
        }))
    }

    async fn ensure_made(&self, trust: &PolicyDocument) -> Result<(), Failure> {
        let answer = self
            .client
            .create_role()
            .role_name(EXECUTION_ROLE)
            .description(OURS)
            .assume_role_policy_document(trust.to_string())
            .send()
            .await;
        match answer {
            Ok(_) => Ok(()),
            Err(error) if ServiceError::of(CREATE, &error).code == "EntityAlreadyExists" => Ok(()),
            Err(error) => Err(of_role(CREATE, &error)),
        }
    }

    async fn put_trust(&self, trust: &PolicyDocument) -> Result<(), Failure> {
        self.client
            .update_assume_role_policy()
            .role_name(EXECUTION_ROLE)
            .policy_document(trust.to_string())
            .send()
            .await
            .map(drop)
            .map_err(|error| of_role(PUT_TRUST, &error))
    }

    async fn ensure_administrator(&self) -> Result<(), Failure> {
        self.client
            .attach_role_policy()
            .role_name(EXECUTION_ROLE)
            .policy_arn(&self.administrator)
            .send()
            .await
            .map(drop)
            .map_err(|error| of_role(ATTACH, &error))
    }

    async fn remove(&self) -> Result<Removal, Failure> {
        let detached = self
            .client
            .detach_role_policy()
            .role_name(EXECUTION_ROLE)
            .policy_arn(&self.administrator)
            .send()
            .await;
        if let Err(error) = detached {
            let said = ServiceError::of(DETACH, &error);
            if said.code != MISSING {
                return denied_or(said);
            }
        }
        match self
            .client
            .delete_role()
            .role_name(EXECUTION_ROLE)
            .send()
            .await
        {
            Ok(_) => Ok(Removal::Gone),
            Err(error) => {
                let said = ServiceError::of(DELETE, &error);
                match said.code.as_str() {
                    MISSING => Ok(Removal::Gone),
                    "DeleteConflict" => Ok(Removal::InUse),
                    _ => denied_or(said),
                }
            }
        }
    }
}

/// A denial is an answer: by a control of Control Tower, or because the access role has been downgraded.
fn denied_or(said: ServiceError) -> Result<Removal, Failure> {
    let failure = said.into_failure();
    match failure.name() {
        ErrorName::AccessDenied => Ok(Removal::Denied),
        _ => Err(in_words(failure)),
    }
}

fn of_role<E>(call: &'static str, error: &SdkError<E, Response>) -> Failure
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let said = ServiceError::of(call, error);
    match said.code.as_str() {
        // Between two calls somebody has taken the role away, or it is not visible everywhere yet.
        MISSING => in_words(said.into_named(ErrorName::ConcurrentModification)),
        "LimitExceeded" | "MalformedPolicyDocument" | "UnmodifiableEntity" | "InvalidInput" => {
            in_words(said.into_named(ErrorName::EnrolmentNotPossible))
        }
        _ => in_words(failure(call, error)),
    }
}

fn in_words(failure: Failure) -> Failure {
    failure.while_doing(&format!("role {EXECUTION_ROLE}"))
}
