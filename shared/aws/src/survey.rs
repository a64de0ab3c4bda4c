//! Who has power over the organization, as AWS Organizations, AWS Control Tower and IAM Identity Center tell it.
//! For the command for operators, with credentials of the management account.

use std::collections::BTreeSet;

use aws_config::SdkConfig;
use aws_smithy_types::Document;

use super::assignments::{IdentityCenter, PermissionSetMemory};
use super::call::{Called, all_pages, in_region};
use super::control_tower::landing_zone;
use super::organizations::{incomplete, organizations_failure};
use super::root_access::IamRootAccess;
use avm_core::domain::{AccountId, GroupId, Region, SingleSignOnInstance};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::assignments::Assignments;
use avm_core::ports::root_access::RootAccess;
use avm_core::ports::survey::Survey;

/// The organization of the credentials.
pub struct OrganizationSurvey {
    configuration: SdkConfig,
    instance: Option<SingleSignOnInstance>,
}

impl OrganizationSurvey {
    /// With the platform's instance of IAM Identity Center, if it has one.
    pub const fn new(configuration: SdkConfig, instance: Option<SingleSignOnInstance>) -> Self {
        Self {
            configuration,
            instance,
        }
    }

    fn organizations(&self) -> aws_sdk_organizations::Client {
        aws_sdk_organizations::Client::new(&self.configuration)
    }
}

impl Survey for OrganizationSurvey {
    async fn management(&self) -> Result<AccountId, Failure> {
        const CALL: &str = "organizations:DescribeOrganization";
        let answer = self.organizations().describe_organization().send().await;
        let answer = answer.of_call(CALL).map_err(organizations_failure)?;
        let id = answer
            .organization
            .and_then(|organization| organization.master_account_id)
            .ok_or_else(|| incomplete(CALL, "its management account"))?;
        id.parse()
            .map_err(|_| incomplete(CALL, "the id of an account"))
    }

    async fn has_central_root_access(&self) -> Result<bool, Failure> {
        IamRootAccess::of(&self.configuration).is_central().await
    }

    async fn delegated_administrators(&self) -> Result<BTreeSet<AccountId>, Failure> {
        let pages = self
            .organizations()
            .list_delegated_administrators()
            .into_paginator()
            .items()
            .send();
        let found = all_pages("organizations:ListDelegatedAdministrators", pages).await;
        let found = found.map_err(organizations_failure)?;
        Ok(found
            .into_iter()
            .filter_map(|account| account.id?.parse().ok())
            .collect())
    }

    async fn accounts_of_control_tower(
        &self,
        home: &Region,
    ) -> Result<BTreeSet<AccountId>, Failure> {
        let client = aws_sdk_controltower::Client::new(&in_region(&self.configuration, home));
        let mut accounts = BTreeSet::new();
        if let Some(zone) = landing_zone(&client).await? {
            add_accounts(&zone.manifest, &mut accounts);
        }
        Ok(accounts)
    }

    async fn groups_of(&self, account: &AccountId) -> Result<BTreeSet<GroupId>, Failure> {
        let Some(instance) = &self.instance else {
            return Ok(BTreeSet::new());
        };
        let memory = PermissionSetMemory::default();
        let center = IdentityCenter::of(&self.configuration, instance, &memory);
        let sets = match center.list_provisioned(account).await {
            Err(failure) if failure.name() == ErrorName::AccountNotReady => {
                return Ok(BTreeSet::new());
            }
            sets => sets?,
        };
        let mut groups = BTreeSet::new();
        for set in sets {
            groups.extend(center.list_groups(account, &set).await?);
        }
        Ok(groups)
    }
}

/// Every `accountId` of the manifest, whose form changes with its version.
fn add_accounts(part: &Document, accounts: &mut BTreeSet<AccountId>) {
    match part {
        Document::Object(fields) => {
            for (name, field) in fields {
                match field {
                    Document::String(id) if name == "accountId" => {
                        accounts.extend(id.parse::<AccountId>());
                    }
                    other => add_accounts(other, accounts),
                }
            }
        }
        Document::Array(items) => items.iter().for_each(|item| add_accounts(item, accounts)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Call, Reply, answering};

    fn survey(answer: impl Fn(&Call) -> Reply + Send + Sync + 'static) -> OrganizationSurvey {
        OrganizationSurvey::new(answering(answer).0, None)
    }

    #[tokio::test]
    async fn the_management_account_and_delegated_administrators_of_all_pages_are_told() {
        let survey = survey(|call| {
            let body = match call.action.as_str() {
                "DescribeOrganization" => {
                    r#"{"Organization": {"MasterAccountId": "333333333333"}}"#
                }
                _ if call.body.contains("more") => {
                    r#"{"DelegatedAdministrators": [{"Id": "555555555555"}]}"#
                }
                _ => {
                    r#"{"DelegatedAdministrators": [{"Id": "444444444444"}], "NextToken": "more"}"#
                }
            };
            Reply::Said(200, body.to_owned())
        });
        assert_eq!(survey.management().await.unwrap().as_str(), "333333333333");
        let found = survey.delegated_administrators().await.unwrap();
        let ids: Vec<&str> = found.iter().map(AccountId::as_str).collect();
        assert_eq!(ids, ["444444444444", "555555555555"]);
    }

    #[tokio::test]
    async fn accounts_of_a_manifest_are_found_wherever_they_stand() {
        let survey = survey(|call| {
            let body = if call.uri.ends_with("/list-landingzones") {
                r#"{"landingZones": [{"arn": "arn:aws:controltower:eu-central-1:333333333333:landingzone/ABCDEFGHIJ123456"}]}"#
            } else {
                r#"{"landingZone": {"version": "3.3", "manifest": {"centralizedLogging": {"accountId": "444444444444"},
                    "securityRoles": {"accountId": "555555555555"}, "backup": {"configurations": {"centralBackup":
                    {"accountId": "666666666666"}, "more": [{"accountId": "none"}]}}}}}"#
            };
            Reply::Said(200, body.to_owned())
        });
        let home = "eu-central-1".parse().unwrap();
        let found = survey.accounts_of_control_tower(&home).await.unwrap();
        let ids: Vec<&str> = found.iter().map(AccountId::as_str).collect();
        assert_eq!(ids, ["444444444444", "555555555555", "666666666666"]);
    }

    #[tokio::test]
    async fn without_an_instance_nobody_is_assigned() {
        let survey = survey(|_| panic!("nothing is to be asked"));
        let groups = survey.groups_of(&"444444444444".parse().unwrap()).await;
        assert_eq!(groups, Ok(BTreeSet::new()));
    }
}
