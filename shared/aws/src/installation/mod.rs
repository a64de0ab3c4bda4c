//! An installation as it stands in one account: stacks, quotas, regions, secrets, subscriptions, and whom roles trust.
//! For the command for operators, with their credentials; only [`change_sets`] and [`removal`] change anything.

mod change_sets;
mod functions;
mod machines;
mod organization;
mod quotas;
mod removal;
mod stacks;
mod standing;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_account::types::RegionOptStatus;
use aws_sdk_iam::types::StatusType;

use super::call::{Answered, Called, all_pages};
use super::roles::IamRoles;
use avm_core::domain::{Moment, Region, RoleName};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::roles::Roles;

pub use self::change_sets::{Action, Change, ChangeSet, ParameterValue, Proposal, TemplateBody};
pub use self::functions::{Asked, Subject, Trial};
pub use self::machines::{Ended, Planned, StepPlan, VendPlan};
pub use self::organization::{Instance, Tower};
pub use self::quotas::Quotas;
pub use self::stacks::{Drifted, MACHINE_NAME, Stack, StackSet, VENDING_ROLES};

/// What is short is not waited for as long as what is not.
const FIRST_LOOKS: u32 = 20;
const BETWEEN_FIRST_LOOKS: Duration = Duration::from_millis(300);

/// One account of the installation, in one region.
#[derive(Clone, Debug)]
pub struct Installation {
    configuration: SdkConfig,
    region: Region,
}

impl Installation {
    /// The account that the configuration's credentials belong to.
    pub const fn of(configuration: SdkConfig, region: Region) -> Self {
        Self {
            configuration,
            region,
        }
    }

    /// Whether there is a secret of that name; its value is not read.
    pub async fn has_secret(&self, name: &str) -> Result<bool, Failure> {
        let client = aws_sdk_secretsmanager::Client::new(&self.configuration);
        let answer = client.describe_secret().secret_id(name).send().await;
        let found = answer
            .of_call("secretsmanager:DescribeSecret")
            .unless(&["ResourceNotFoundException"])?;
        Ok(found.is_some_and(|secret| secret.deleted_date.is_none()))
    }

    /// How many confirmed subscriptions a topic has; none if there is no such topic.
    pub async fn count_subscribers(&self, topic: &str) -> Result<usize, Failure> {
        let client = aws_sdk_sns::Client::new(&self.configuration);
        let pages = client.list_subscriptions_by_topic().topic_arn(topic);
        let found = all_pages(
            "sns:ListSubscriptionsByTopic",
            pages.into_paginator().items().send(),
        )
        .await;
        let found = found.unless(&["NotFound"])?.unwrap_or_default();
        let is_confirmed = |arn: &str| arn.starts_with("arn:");
        let arns = found.iter().filter_map(|one| one.subscription_arn());
        Ok(arns.filter(|arn| is_confirmed(arn)).count())
    }

    /// The regions that the account can use.
    pub async fn open_regions(&self) -> Result<BTreeSet<Region>, Failure> {
        let client = aws_sdk_account::Client::new(&self.configuration);
        let pages = client.list_regions().into_paginator().items().send();
        let found = all_pages("account:ListRegions", pages).await?;
        let is_open = |status: &RegionOptStatus| {
            [RegionOptStatus::Enabled, RegionOptStatus::EnabledByDefault].contains(status)
        };
        Ok(found
            .into_iter()
            .filter(|region| region.region_opt_status().is_some_and(is_open))
            .filter_map(|region| region.region_name?.parse().ok())
            .collect())
    }

    /// Since when each access key of a user has been in use; none if there is no such user. Inactive ones open nothing.
    pub async fn active_keys(&self, user: &str) -> Result<Vec<Moment>, Failure> {
        let client = aws_sdk_iam::Client::new(&self.configuration);
        let pages = client.list_access_keys().user_name(user);
        let found = all_pages("iam:ListAccessKeys", pages.into_paginator().items().send()).await;
        let found = found.unless(&["NoSuchEntity"])?.unwrap_or_default();
        let active = found
            .into_iter()
            .filter(|key| key.status == Some(StatusType::Active));
        Ok(active
            .filter_map(|key| Some(Moment::of_seconds(key.create_date?.secs())))
            .collect())
    }

    /// Whom the trust of a role still names by an id: users and roles that are gone. IAM puts the id in the place of the ARN.
    pub async fn gone_principals(&self, role: &RoleName) -> Result<BTreeSet<String>, Failure> {
        let roles = IamRoles::of(&self.configuration, ErrorName::Internal);
        let mut gone = BTreeSet::new();
        if let Some(role) = roles.find_role(role).await? {
            let statements = &role.trust.as_value()["Statement"];
            for statement in statements.as_array().into_iter().flatten() {
                let principals = &statement["Principal"]["AWS"];
                let several = principals.as_array().into_iter().flatten();
                let names = several.chain([principals]).filter_map(|one| one.as_str());
                gone.extend(names.filter(|name| is_id(name)).map(str::to_owned));
            }
        }
        Ok(gone)
    }
}

/// Before the next look at something that AWS works on.
async fn pause(look: u32, between: Duration) {
    let pause = if look < FIRST_LOOKS {
        BETWEEN_FIRST_LOOKS
    } else {
        between
    };
    tokio::time::sleep(pause).await;
}

/// IAM User Guide, "IAM identifiers": users begin with AIDA, roles with AROA.
fn is_id(principal: &str) -> bool {
    ["AIDA", "AROA"]
        .iter()
        .any(|prefix| principal.starts_with(prefix))
}
