//! What the management account knows of the installation's surroundings.
//! AWS Organizations, AWS Control Tower and IAM Identity Center.

use std::collections::{BTreeMap, BTreeSet};

use super::Installation;
use crate::account_tags::OrganizationsAccountTags;
use crate::accounts::OrganizationAccounts;
use crate::call::{Called, NO_STATUS, all_pages, in_region};
use crate::control_tower::landing_zone;
use crate::organizations::organizations_failure;
use avm_core::domain::{AccountId, Region};
use avm_core::error::Failure;
use avm_core::ports::account_tags::AccountTags;
use avm_core::ports::accounts::{Accounts, FoundAccount};
use aws_sdk_ssoadmin::types::KmsKeyType;

/// The most that AWS answers at a time.
const PERMISSION_SETS_OF_A_PAGE: i32 = 100;

/// AWS Control Tower's landing zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tower {
    /// `ACTIVE`, `PROCESSING`, `FAILED`.
    pub status: String,
    /// `IN_SYNC` or `DRIFTED`.
    pub drift: String,
}

/// An instance of IAM Identity Center.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    pub arn: String,
    pub identity_store: String,
}

impl Installation {
    fn organizations(&self) -> aws_sdk_organizations::Client {
        aws_sdk_organizations::Client::new(&self.configuration)
    }

    /// How many accounts the organization has, closed ones included: AWS counts these, too.
    pub async fn count_accounts(&self) -> Result<usize, Failure> {
        let client = self.organizations();
        let pages = client.list_accounts().into_paginator().send();
        let found = all_pages("organizations:ListAccounts", pages).await;
        let found = found.map_err(organizations_failure)?.into_iter();
        Ok(found
            .flat_map(|page| page.accounts.unwrap_or_default())
            .count())
    }

    /// The accounts of that name, in whatever state.
    pub async fn accounts_named(&self, name: &str) -> Result<Vec<FoundAccount>, Failure> {
        let accounts = OrganizationAccounts::of(&self.configuration);
        let mut found = accounts.list_accounts().await?;
        found.retain(|account| account.name == name);
        Ok(found)
    }

    /// The tags of an account.
    pub async fn tags_of(&self, account: &AccountId) -> Result<BTreeMap<String, String>, Failure> {
        let tags = OrganizationsAccountTags::of(&self.configuration);
        tags.list(account).await
    }

    /// The services that the organization trusts.
    pub async fn trusted_services(&self) -> Result<BTreeSet<String>, Failure> {
        let client = self.organizations();
        let pages = client.list_aws_service_access_for_organization();
        let found = all_pages(
            "organizations:ListAWSServiceAccessForOrganization",
            pages.into_paginator().send(),
        )
        .await;
        let found = found.map_err(organizations_failure)?.into_iter();
        let services = found.flat_map(|page| page.enabled_service_principals.unwrap_or_default());
        Ok(services.filter_map(|one| one.service_principal).collect())
    }

    /// The landing zone of AWS Control Tower in its home region.
    pub async fn find_tower(&self, home: &Region) -> Result<Option<Tower>, Failure> {
        let client = aws_sdk_controltower::Client::new(&in_region(&self.configuration, home));
        let found = landing_zone(&client).await?;
        Ok(found.map(|zone| {
            let drift = zone.drift_status.and_then(|drift| drift.status);
            let status = zone.status;
            Tower {
                status: status.map_or(NO_STATUS.to_owned(), |one| one.as_str().to_owned()),
                drift: drift.map_or(NO_STATUS.to_owned(), |one| one.as_str().to_owned()),
            }
        }))
    }

    /// How many permission sets an instance of IAM Identity Center has, in that region.
    pub async fn count_permission_sets(
        &self,
        instance: &str,
        region: &Region,
    ) -> Result<usize, Failure> {
        let client = aws_sdk_ssoadmin::Client::new(&in_region(&self.configuration, region));
        let call = client.list_permission_sets().instance_arn(instance);
        let pages = call.max_results(PERMISSION_SETS_OF_A_PAGE).into_paginator();
        let found = all_pages("sso:ListPermissionSets", pages.items().send()).await?;
        Ok(found.len())
    }

    /// The ARN of the customer's own key under which an instance of IAM Identity Center encrypts; none where the key is AWS's.
    ///
    /// Rule source: IAM Identity Center API reference, `EncryptionConfigurationDetails`, as of 2026-11-29.
    pub async fn key_of_instance(
        &self,
        instance: &str,
        region: &Region,
    ) -> Result<Option<String>, Failure> {
        let client = aws_sdk_ssoadmin::Client::new(&in_region(&self.configuration, region));
        let answer = client.describe_instance().instance_arn(instance).send();
        let found = answer.await.of_call("sso:DescribeInstance")?;
        let encryption = found.encryption_configuration_details;
        let customers =
            encryption.filter(|details| details.key_type == Some(KmsKeyType::CustomerManagedKey));
        Ok(customers.and_then(|details| details.kms_key_arn))
    }

    /// The instances of IAM Identity Center in that region.
    pub async fn instances(&self, region: &Region) -> Result<Vec<Instance>, Failure> {
        let client = aws_sdk_ssoadmin::Client::new(&in_region(&self.configuration, region));
        let pages = client.list_instances().into_paginator().items().send();
        let found = all_pages("sso:ListInstances", pages).await?.into_iter();
        Ok(found
            .filter_map(|one| {
                Some(Instance {
                    arn: one.instance_arn?,
                    identity_store: one.identity_store_id?,
                })
            })
            .collect())
    }
}
