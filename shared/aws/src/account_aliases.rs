//! The alias of an account through AWS IAM.
//! `EntityAlreadyExists` says only that some account has the alias, this one or another.

use std::collections::BTreeSet;

use aws_config::SdkConfig;
use aws_sdk_iam::Client;

use super::call::{Answered, Called, all_pages};
use super::iam::MISSING;
use avm_core::domain::AccountAlias;
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::account_aliases::{AccountAliases, AliasCreation};

/// IAM of one account.
pub struct IamAccountAliases {
    client: Client,
}

impl IamAccountAliases {
    /// IAM of the account that the configuration's credentials belong to.
    pub fn of(configuration: &SdkConfig) -> Self {
        Self {
            client: Client::new(configuration),
        }
    }
}

impl AccountAliases for IamAccountAliases {
    async fn list(&self) -> Result<BTreeSet<AccountAlias>, Failure> {
        let aliases = self.client.list_account_aliases().into_paginator().items();
        let aliases = all_pages("iam:ListAccountAliases", aliases.send()).await?;
        aliases.into_iter().map(read).collect()
    }

    async fn create(&self, alias: &AccountAlias) -> Result<AliasCreation, Failure> {
        let call = self
            .client
            .create_account_alias()
            .account_alias(alias.as_str());
        let codes = [
            ("EntityAlreadyExists", AliasCreation::Taken),
            ("LimitExceeded", AliasCreation::NoPlace),
        ];
        let created = call.send().await.of_call("iam:CreateAccountAlias");
        Ok(created.outcome(AliasCreation::Made, codes)?)
    }

    async fn delete(&self, alias: &AccountAlias) -> Result<(), Failure> {
        let call = self
            .client
            .delete_account_alias()
            .account_alias(alias.as_str());
        let deleted = call.send().await.of_call("iam:DeleteAccountAlias");
        Ok(deleted.outcome((), [(MISSING, ())])?)
    }
}

fn read(alias: String) -> Result<AccountAlias, Failure> {
    AccountAlias::try_from(alias).map_err(|error| {
        Failure::new(
            ErrorName::Internal,
            format!("iam:ListAccountAliases answered with an alias that is none: {error}"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Reply, answering, xml_error};

    fn alias(text: &str) -> AccountAlias {
        text.parse().unwrap()
    }

    fn refusing(code: &'static str) -> IamAccountAliases {
        IamAccountAliases::of(&answering(move |_| xml_error(409, code)).0)
    }

    #[tokio::test]
    async fn aliases_are_listed_over_all_pages_and_changed_by_name() {
        let (configuration, calls) = answering(|call| {
            let action = &call.action;
            let result = match (action.as_str(), call.body.contains("Marker=next")) {
                ("ListAccountAliases", false) => {
                    "<ListAccountAliasesResult><AccountAliases/><IsTruncated>true</IsTruncated>\
                    <Marker>next</Marker></ListAccountAliasesResult>"
                }
                ("ListAccountAliases", true) => {
                    "<ListAccountAliasesResult><AccountAliases><member>space-shop</member></AccountAliases>\
                    <IsTruncated>false</IsTruncated></ListAccountAliasesResult>"
                }
                _ => "",
            };
            Reply::Said(
                200,
                format!("<{action}Response>{result}</{action}Response>"),
            )
        });
        let iam = IamAccountAliases::of(&configuration);
        assert_eq!(iam.list().await.unwrap(), [alias("space-shop")].into());
        let created = iam.create(&alias("space-shop")).await.unwrap();
        assert_eq!(created, AliasCreation::Made);
        iam.delete(&alias("old")).await.unwrap();
        let bodies: Vec<String> = calls
            .lock()
            .unwrap()
            .iter()
            .map(|call| call.body.replace("&Version=2010-05-08", ""))
            .collect();
        assert_eq!(
            bodies,
            [
                "Action=ListAccountAliases",
                "Action=ListAccountAliases&Marker=next",
                "Action=CreateAccountAlias&AccountAlias=space-shop",
                "Action=DeleteAccountAlias&AccountAlias=old",
            ]
        );
    }

    #[tokio::test]
    async fn what_iam_says_of_a_second_alias_a_taken_one_and_a_missing_one_are_answers() {
        for (code, creation) in [
            ("EntityAlreadyExists", AliasCreation::Taken),
            ("LimitExceeded", AliasCreation::NoPlace),
        ] {
            let answer = refusing(code).create(&alias("space-shop")).await;
            assert_eq!(answer.unwrap(), creation);
        }
        let gone = refusing("NoSuchEntity").delete(&alias("old")).await;
        assert_eq!(gone, Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn other_refusals_have_names() {
        for (code, name) in [
            ("ConcurrentModification", ErrorName::ConcurrentModification),
            ("AccessDenied", ErrorName::AccessDenied),
            ("Throttling", ErrorName::Throttled),
            ("ServiceFailure", ErrorName::ServiceUnavailable),
            ("Unheard", ErrorName::Internal),
        ] {
            let iam = refusing(code);
            for failure in [
                iam.list().await.unwrap_err(),
                iam.create(&alias("space-shop")).await.unwrap_err(),
                iam.delete(&alias("old")).await.unwrap_err(),
            ] {
                assert_eq!(failure.name(), name, "{code}");
            }
        }
    }
}
