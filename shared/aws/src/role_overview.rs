//! All roles of an account in one answer of AWS IAM, with their trusts and their policies.
//! IAM knows no resource for this read: it takes a right to see everything in the account's IAM.

use std::collections::BTreeMap;

use aws_config::SdkConfig;
use aws_sdk_iam::Client;
use aws_sdk_iam::types::{EntityType, RoleDetail};

use super::call::all_pages;
use super::iam;
use avm_core::domain::AttachedPolicy;
use avm_core::error::Failure;
use avm_core::ports::account_roles::{RoleOverview, RolesAtOnce, SeenRole};

const CALL: &str = "iam:GetAccountAuthorizationDetails";
/// As many as IAM takes: the roles of nearly every account, in one page.
const ROLES_OF_A_PAGE: i32 = 1000;

/// IAM of one account.
pub struct IamRoleOverview {
    client: Client,
}

impl IamRoleOverview {
    /// IAM of the account that the configuration's credentials belong to.
    pub fn of(configuration: &SdkConfig) -> Self {
        Self {
            client: Client::new(configuration),
        }
    }
}

impl RoleOverview for IamRoleOverview {
    async fn read_all(&self) -> Result<RolesAtOnce, Failure> {
        let pages = self
            .client
            .get_account_authorization_details()
            .filter(EntityType::Role)
            .max_items(ROLES_OF_A_PAGE)
            .into_paginator()
            .send();
        let pages = all_pages(CALL, pages).await;
        let pages = pages.map_err(super::failure::ServiceError::into_failure)?;
        let roles = pages
            .into_iter()
            .flat_map(|page| page.role_detail_list.unwrap_or_default());
        Ok(RolesAtOnce(roles.filter_map(seen).collect()))
    }
}

fn seen(role: RoleDetail) -> Option<(String, SeenRole)> {
    let trust = role.assume_role_policy_document.unwrap_or_default();
    let inline = role.role_policy_list.unwrap_or_default();
    let inline: BTreeMap<_, _> = inline
        .into_iter()
        .map(|policy| {
            let document = iam::decoded(&policy.policy_document.unwrap_or_default());
            (policy.policy_name.unwrap_or_default(), document)
        })
        .collect();
    let attached = role.attached_managed_policies.unwrap_or_default();
    let attached = attached.into_iter().map(|policy| AttachedPolicy {
        name: policy.policy_name.unwrap_or_default(),
        arn: policy.policy_arn.unwrap_or_default(),
    });
    let seen = SeenRole {
        trust: iam::decoded(&trust),
        inline,
        attached: attached.collect(),
    };
    Some((role.role_name?, seen))
}

#[cfg(test)]
mod tests {
    use avm_core::domain::{PolicyDocument, RoleName};
    use avm_core::error::ErrorName;
    use avm_core::ports::account_roles::AccountRoles;
    use avm_core::ports::role_policies::RolePolicies;

    use super::*;
    use crate::wire::{Call, Reply, answering, xml_error};

    fn page(roles: &str, marker: &str) -> Reply {
        let more = if marker.is_empty() { "false" } else { "true" };
        let (response, result) = (
            "GetAccountAuthorizationDetailsResponse",
            "GetAccountAuthorizationDetailsResult",
        );
        let text = format!(
            "<{response}><{result}><RoleDetailList>{roles}</RoleDetailList><IsTruncated>{more}</IsTruncated>\
             <Marker>{marker}</Marker></{result}></{response}>"
        );
        Reply::Said(200, text)
    }

    async fn read(
        answer: impl Fn(&Call) -> Reply + Send + Sync + 'static,
    ) -> Result<RolesAtOnce, Failure> {
        let (configuration, calls) = answering(answer);
        let read = IamRoleOverview::of(&configuration).read_all().await;
        for call in calls.lock().unwrap().iter() {
            assert!(call.body.contains("Filter.member.1=Role"), "{}", call.body);
        }
        read
    }

    #[tokio::test]
    async fn roles_of_all_pages_are_seen_with_their_trusts_and_policies() {
        let roles = read(|call| {
            if call.body.contains("Marker=more") {
                return page("<member><RoleName>Bare</RoleName></member>", "");
            }
            page(
                "<member><RoleName>Access</RoleName>\
                 <AssumeRolePolicyDocument>%7B%22a%22%3A%201%7D</AssumeRolePolicyDocument>\
                 <RolePolicyList><member><PolicyName>Minimum</PolicyName><PolicyDocument>%7B%22b%22%3A2%7D</PolicyDocument>\
                 </member></RolePolicyList><AttachedManagedPolicies><member><PolicyName>ReadOnlyAccess</PolicyName>\
                 <PolicyArn>arn:aws:iam::aws:policy/ReadOnlyAccess</PolicyArn></member></AttachedManagedPolicies></member>",
                "more",
            )
        });
        let roles = roles.await.unwrap();
        let role: RoleName = "Access".parse().unwrap();
        let trust = PolicyDocument::of_text(r#"{"a": 1}"#);
        assert_eq!(roles.find_trust(&role).await, Ok(Some(trust)));
        let minimum = PolicyDocument::of_text(r#"{"b": 2}"#);
        let found = roles.find_inline(&role, "Minimum").await;
        assert_eq!(found, Ok(Some(minimum)));
        let inline = roles.list_inline(&role).await.unwrap();
        assert_eq!(inline, ["Minimum".to_owned()].into());
        let attached = roles.list_attached(&role).await.unwrap();
        let arns: Vec<String> = attached.into_iter().map(|policy| policy.arn).collect();
        assert_eq!(arns, ["arn:aws:iam::aws:policy/ReadOnlyAccess"]);
        let bare = "Bare".parse().unwrap();
        assert!(roles.list_inline(&bare).await.unwrap().is_empty());
        let missing = "Missing".parse().unwrap();
        assert_eq!(roles.find_trust(&missing).await, Ok(None));
        let failure = roles.list_attached(&missing).await.unwrap_err();
        assert_eq!(failure.name(), ErrorName::DowngradeFailed);
    }

    #[tokio::test]
    async fn a_role_that_may_not_see_all_is_refused() {
        let failure = read(|_| xml_error(403, "AccessDenied")).await.unwrap_err();
        assert_eq!(failure.name(), ErrorName::AccessDenied);
    }
}
