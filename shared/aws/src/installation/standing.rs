//! What is there before the first deployment: whose account it is, and users, roles and policies of a name.
//! It only reads.

use super::Installation;
use crate::call::{Answered, Called};
use crate::external_id::ExternalId;
use crate::organizations::incomplete;
use crate::roles::IamRoles;
use crate::survey::OrganizationSurvey;
use avm_core::domain::{AccountId, RoleName};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::roles::Roles;
use avm_core::ports::survey::Survey;

const MISSING: &str = "NoSuchEntity";

impl Installation {
    /// The account that is signed in to.
    pub async fn account(&self) -> Result<AccountId, Failure> {
        const CALL: &str = "sts:GetCallerIdentity";
        let client = aws_sdk_sts::Client::new(&self.configuration);
        let answer = client.get_caller_identity().send().await.of_call(CALL)?;
        let id = answer.account.unwrap_or_default();
        id.parse()
            .map_err(|_| incomplete(CALL, "the id of an account"))
    }

    /// The account that manages the organization of this one.
    pub async fn management_account(&self) -> Result<AccountId, Failure> {
        OrganizationSurvey::new(self.configuration.clone(), None)
            .management()
            .await
    }

    pub async fn has_role(&self, name: &RoleName) -> Result<bool, Failure> {
        let roles = IamRoles::of(&self.configuration, ErrorName::Internal);
        Ok(roles.find_role(name).await?.is_some())
    }

    pub async fn has_user(&self, name: &str) -> Result<bool, Failure> {
        let client = aws_sdk_iam::Client::new(&self.configuration);
        let answer = client.get_user().user_name(name).send().await;
        Ok(answer.of_call("iam:GetUser").unless(&[MISSING])?.is_some())
    }

    /// A policy of the account's own.
    pub async fn has_policy(&self, name: &str) -> Result<bool, Failure> {
        let partition = self.region.partition();
        let account = self.account().await?;
        let client = aws_sdk_iam::Client::new(&self.configuration);
        let arn = format!("arn:{partition}:iam::{account}:policy/{name}");
        let answer = client.get_policy().policy_arn(arn).send().await;
        let answer = answer.of_call("iam:GetPolicy").unless(&[MISSING])?;
        Ok(answer.is_some())
    }

    /// The ExternalId in a secret; none if there is no such secret.
    pub async fn external_id(&self, secret: &str) -> Result<Option<ExternalId>, Failure> {
        let client = aws_sdk_secretsmanager::Client::new(&self.configuration);
        let answer = client.get_secret_value().secret_id(secret).send().await;
        let found = answer
            .of_call("secretsmanager:GetSecretValue")
            .unless(&["ResourceNotFoundException"])?;
        let Some(found) = found else {
            return Ok(None);
        };
        let value = found.secret_string.unwrap_or_default();
        let id = value.trim().parse().map_err(|problem: &str| {
            Failure::new(
                ErrorName::InvalidConfiguration,
                format!("the secret {secret} {problem}"),
            )
        })?;
        Ok(Some(id))
    }
}
