//! Root users through AWS IAM: the features that an organization has on, and the summary of an account.
//! The summary counts entities of all kinds; four of its keys are about the root user.

use std::collections::BTreeSet;

use aws_config::SdkConfig;
use aws_sdk_iam::Client;
use aws_sdk_iam::types::{FeatureType, SummaryKeyType};

use super::call::{Answered, Called};
use super::organizations::incomplete;
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::root_access::{RootAccess, RootCredential};

const FEATURES: &str = "iam:ListOrganizationsFeatures";
const SUMMARY: &str = "iam:GetAccountSummary";
/// Nothing can be on then. AWS documents the codes without an ending, and its models have one.
const NOTHING_ON: [&str; 4] = [
    "ServiceAccessNotEnabled",
    "ServiceAccessNotEnabledException",
    "OrganizationNotInAllFeaturesMode",
    "OrganizationNotInAllFeaturesModeException",
];
const MANAGES_NOTHING: [&str; 4] = [
    "AccountNotManagementOrDelegatedAdministrator",
    "AccountNotManagementOrDelegatedAdministratorException",
    "OrganizationNotFound",
    "OrganizationNotFoundException",
];
const KEYS: [(SummaryKeyType, RootCredential); 4] = [
    (
        SummaryKeyType::AccountPasswordPresent,
        RootCredential::Password,
    ),
    (
        SummaryKeyType::AccountAccessKeysPresent,
        RootCredential::AccessKey,
    ),
    (
        SummaryKeyType::AccountSigningCertificatesPresent,
        RootCredential::SigningCertificate,
    ),
    (SummaryKeyType::AccountMfaEnabled, RootCredential::MfaDevice),
];

/// IAM of one account.
pub struct IamRootAccess {
    client: Client,
}

impl IamRootAccess {
    /// IAM of the account that the configuration's credentials belong to.
    pub fn of(configuration: &SdkConfig) -> Self {
        Self {
            client: Client::new(configuration),
        }
    }
}

impl RootAccess for IamRootAccess {
    async fn is_central(&self) -> Result<bool, Failure> {
        let answer = self.client.list_organizations_features().send().await;
        match answer.of_call(FEATURES).unless(&NOTHING_ON) {
            Ok(answer) => Ok(answer.is_some_and(|answer| {
                let features = answer.enabled_features();
                features.contains(&FeatureType::RootCredentialsManagement)
            })),
            Err(error) if MANAGES_NOTHING.contains(&error.code.as_str()) => Err(error
                .into_named(ErrorName::InvalidConfiguration)
                .with_remedy(
                    "name roles of the account that manages the organization in the deployed parameters",
                )),
            Err(error) => Err(error.into_failure()),
        }
    }

    /// A key that is missing says nothing, and so nothing is taken for granted.
    async fn credentials(&self) -> Result<BTreeSet<RootCredential>, Failure> {
        let answer = self.client.get_account_summary().send().await;
        let summary = answer.of_call(SUMMARY)?.summary_map.unwrap_or_default();
        let mut found = BTreeSet::new();
        for (key, credential) in KEYS {
            match summary.get(&key) {
                Some(0) => {}
                Some(_) => {
                    found.insert(credential);
                }
                None => return Err(incomplete(SUMMARY, key.as_str())),
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Reply, answering, xml_error};

    fn saying(action: &'static str, result: &str) -> IamRootAccess {
        let body = format!(
            "<{action}Response><{action}Result>{result}</{action}Result></{action}Response>"
        );
        IamRootAccess::of(&answering(move |_| Reply::Said(200, body.clone())).0)
    }

    fn refusing(code: &'static str) -> IamRootAccess {
        IamRootAccess::of(&answering(move |_| xml_error(400, code)).0)
    }

    #[tokio::test]
    async fn only_the_management_of_credentials_counts_among_the_features() {
        for (features, is_central) in [
            ("", false),
            ("<member>RootSessions</member>", false),
            (
                "<member>RootSessions</member><member>RootCredentialsManagement</member>",
                true,
            ),
        ] {
            let result = format!("<EnabledFeatures>{features}</EnabledFeatures>");
            let iam = saying("ListOrganizationsFeatures", &result);
            assert_eq!(iam.is_central().await, Ok(is_central), "{features}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn where_no_feature_can_be_on_none_is_and_other_refusals_have_names() {
        for code in NOTHING_ON {
            assert_eq!(refusing(code).is_central().await, Ok(false), "{code}");
        }
        for (code, name) in MANAGES_NOTHING
            .map(|code| (code, ErrorName::InvalidConfiguration))
            .into_iter()
            .chain([
                ("AccessDenied", ErrorName::AccessDenied),
                ("Throttling", ErrorName::Throttled),
                ("Unheard", ErrorName::Internal),
            ])
        {
            let failure = refusing(code).is_central().await.unwrap_err();
            assert_eq!(failure.name(), name, "{code}");
        }
    }

    fn summary(entries: &[(&str, i32)]) -> IamRootAccess {
        let entries: Vec<String> = entries
            .iter()
            .map(|(key, value)| format!("<entry><key>{key}</key><value>{value}</value></entry>"))
            .collect();
        let entries = entries.concat();
        saying(
            "GetAccountSummary",
            &format!("<SummaryMap>{entries}</SummaryMap>"),
        )
    }

    #[tokio::test]
    async fn each_of_the_four_keys_tells_of_a_credential_and_no_other_does() {
        let keys = [
            ("AccountPasswordPresent", RootCredential::Password),
            ("AccountAccessKeysPresent", RootCredential::AccessKey),
            (
                "AccountSigningCertificatesPresent",
                RootCredential::SigningCertificate,
            ),
            ("AccountMFAEnabled", RootCredential::MfaDevice),
        ];
        for (present, credential) in keys {
            let mut entries = vec![("Users", 7), ("MFADevices", 3)];
            entries.extend(keys.map(|(key, _)| (key, i32::from(key == present))));
            let found = summary(&entries).credentials().await;
            assert_eq!(found, Ok([credential].into()), "{present}");
        }
        let none = keys.map(|(key, _)| (key, 0));
        assert_eq!(summary(&none).credentials().await, Ok(BTreeSet::new()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_summary_that_does_not_tell_is_no_good_news() {
        let failure = summary(&[("AccountAccessKeysPresent", 0), ("AccountMFAEnabled", 0)])
            .credentials()
            .await
            .unwrap_err();
        assert_eq!(failure.name(), ErrorName::Internal);
        assert!(
            failure.cause().contains("without AccountPasswordPresent"),
            "{failure}"
        );
        let failure = refusing("AccessDenied").credentials().await.unwrap_err();
        assert_eq!(failure.name(), ErrorName::AccessDenied);
    }
}
