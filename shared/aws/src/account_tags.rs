//! The tags of accounts through AWS Organizations.
//! What AWS refuses about a tag (alphabet, tag policy, 50 at most) is a fault of the request, with AWS's reason.

use std::collections::{BTreeMap, BTreeSet};

use aws_config::SdkConfig;
use aws_sdk_organizations::Client;
use aws_sdk_organizations::operation::tag_resource::TagResourceError;
use aws_sdk_organizations::types::Tag;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::http::Response;

use super::call::{Called, all_pages};
use super::failure::ServiceError;
use avm_core::domain::AccountId;
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::account_tags::AccountTags;

/// The organization of the configuration's credentials.
pub struct OrganizationsAccountTags {
    client: Client,
}

impl OrganizationsAccountTags {
    /// The organization that the configuration's credentials belong to.
    pub fn of(configuration: &SdkConfig) -> Self {
        Self {
            client: Client::new(configuration),
        }
    }
}

impl AccountTags for OrganizationsAccountTags {
    async fn list(&self, account: &AccountId) -> Result<BTreeMap<String, String>, Failure> {
        let tags = self
            .client
            .list_tags_for_resource()
            .resource_id(account.as_str())
            .into_paginator()
            .items()
            .send();
        let tags = all_pages("organizations:ListTagsForResource", tags)
            .await
            .map_err(|error| of_account(account, error))?;
        Ok(tags.into_iter().map(|tag| (tag.key, tag.value)).collect())
    }

    async fn put(
        &self,
        account: &AccountId,
        tags: &BTreeMap<String, String>,
    ) -> Result<(), Failure> {
        let tags = tags
            .iter()
            .map(|(key, value)| Tag::builder().key(key).value(value).build())
            .collect::<Result<_, _>>()
            .map_err(|error| Failure::new(ErrorName::Internal, error.to_string()))?;
        self.client
            .tag_resource()
            .resource_id(account.as_str())
            .set_tags(Some(tags))
            .send()
            .await
            .map(drop)
            .map_err(|error| refused(account, &error))
    }

    async fn remove(&self, account: &AccountId, keys: &BTreeSet<String>) -> Result<(), Failure> {
        self.client
            .untag_resource()
            .resource_id(account.as_str())
            .set_tag_keys(Some(keys.iter().cloned().collect()))
            .send()
            .await
            .of_call("organizations:UntagResource")
            .map(drop)
            .map_err(|error| of_account(account, error))
    }
}

fn refused(account: &AccountId, error: &SdkError<TagResourceError, Response>) -> Failure {
    let reason = match error.as_service_error() {
        Some(TagResourceError::ConstraintViolationException(refusal)) => {
            refusal.reason().map(ToString::to_string)
        }
        Some(TagResourceError::InvalidInputException(refusal)) => {
            refusal.reason().map(ToString::to_string)
        }
        _ => None,
    };
    let failure = of_account(
        account,
        ServiceError::of("organizations:TagResource", error),
    );
    match reason {
        Some(reason) => failure.while_doing(&format!("AWS refuses the account's tags ({reason})")),
        None => failure,
    }
}

fn of_account(account: &AccountId, error: ServiceError) -> Failure {
    let failure = match error.code.as_str() {
        "TargetNotFoundException" => error.into_named(ErrorName::AccountNotFound),
        "ConstraintViolationException" | "InvalidInputException" => {
            error.into_named(ErrorName::InvalidRequest)
        }
        _ => error.into_failure(),
    };
    failure.of_account(account)
}

#[cfg(test)]
mod tests {
    use aws_sdk_organizations::operation::list_tags_for_resource::{
        ListTagsForResourceError, ListTagsForResourceOutput,
    };
    use aws_sdk_organizations::operation::tag_resource::TagResourceOutput;
    use aws_sdk_organizations::operation::untag_resource::{
        UntagResourceError, UntagResourceOutput,
    };
    use aws_sdk_organizations::types::error::{
        ConstraintViolationException, InvalidInputException,
    };
    use aws_sdk_organizations::types::{
        ConstraintViolationExceptionReason, InvalidInputExceptionReason,
    };
    use aws_smithy_mocks::{RuleMode, mock, mock_client};
    use aws_smithy_types::error::ErrorMetadata;

    use super::*;

    fn account() -> AccountId {
        "111111111111".parse().unwrap()
    }

    fn code(code: &str) -> ErrorMetadata {
        ErrorMetadata::builder().code(code).message("words").build()
    }

    fn page(key: Option<&str>, next: Option<&str>) -> ListTagsForResourceOutput {
        let tags = key.map(|key| Tag::builder().key(key).value("v").build().unwrap());
        ListTagsForResourceOutput::builder()
            .set_tags(Some(tags.into_iter().collect()))
            .set_next_token(next.map(str::to_owned))
            .build()
    }

    #[tokio::test]
    async fn tags_are_listed_over_all_pages_even_empty_ones() {
        let first = mock!(Client::list_tags_for_resource)
            .match_requests(|request| request.next_token().is_none())
            .then_output(|| page(Some("ProductName"), Some("1")));
        let empty = mock!(Client::list_tags_for_resource)
            .match_requests(|request| request.next_token() == Some("1"))
            .then_output(|| page(None, Some("2")));
        let last = mock!(Client::list_tags_for_resource)
            .match_requests(|request| request.next_token() == Some("2"))
            .then_output(|| page(Some("Stage"), None));
        let client = mock_client!(
            aws_sdk_organizations,
            RuleMode::MatchAny,
            [&first, &empty, &last]
        );
        let tags = OrganizationsAccountTags { client }
            .list(&account())
            .await
            .unwrap();
        assert_eq!(
            tags.into_keys().collect::<Vec<_>>(),
            ["ProductName", "Stage"]
        );
    }

    #[tokio::test]
    async fn all_tags_are_written_and_removed_in_one_call() {
        let put = mock!(Client::tag_resource)
            .match_requests(|request| {
                request.resource_id() == Some("111111111111") && request.tags().len() == 2
            })
            .then_output(|| TagResourceOutput::builder().build());
        let removed = mock!(Client::untag_resource)
            .match_requests(|request| request.tag_keys() == ["a", "b"])
            .then_output(|| UntagResourceOutput::builder().build());
        let client = mock_client!(aws_sdk_organizations, RuleMode::MatchAny, [&put, &removed]);
        let organization = OrganizationsAccountTags { client };
        let tags = [("a", "1"), ("b", "2")].map(|(key, value)| (key.to_owned(), value.to_owned()));
        organization.put(&account(), &tags.into()).await.unwrap();
        let keys = ["a", "b"].map(str::to_owned).into();
        organization.remove(&account(), &keys).await.unwrap();
        assert_eq!((put.num_calls(), removed.num_calls()), (1, 1));
    }

    #[tokio::test]
    async fn a_refused_tag_is_a_fault_of_the_request_with_the_reason_of_aws() {
        let limit = mock!(Client::tag_resource).then_error(|| {
            TagResourceError::ConstraintViolationException(
                ConstraintViolationException::builder()
                    .reason(ConstraintViolationExceptionReason::MaxTagLimitExceeded)
                    .meta(code("ConstraintViolationException"))
                    .build(),
            )
        });
        let input = mock!(Client::tag_resource).then_error(|| {
            TagResourceError::InvalidInputException(
                InvalidInputException::builder()
                    .reason(InvalidInputExceptionReason::InvalidSystemTagsParameter)
                    .meta(code("InvalidInputException"))
                    .build(),
            )
        });
        let client = mock_client!(aws_sdk_organizations, [&limit, &input]);
        let organization = OrganizationsAccountTags { client };
        for reason in ["MAX_TAG_LIMIT_EXCEEDED", "INVALID_SYSTEM_TAGS_PARAMETER"] {
            let failure = organization
                .put(&account(), &BTreeMap::new())
                .await
                .unwrap_err();
            assert_eq!(failure.name(), ErrorName::InvalidRequest);
            assert!(failure.cause().contains(reason), "{failure}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn errors_have_names() {
        for (refusal, name) in [
            ("TargetNotFoundException", ErrorName::AccountNotFound),
            ("AccessDeniedException", ErrorName::AccessDenied),
            ("TooManyRequestsException", ErrorName::Throttled),
            (
                "ConcurrentModificationException",
                ErrorName::ConcurrentModification,
            ),
            ("ServiceException", ErrorName::ServiceUnavailable),
        ] {
            let list = mock!(Client::list_tags_for_resource)
                .then_error(move || ListTagsForResourceError::generic(code(refusal)));
            let put = mock!(Client::tag_resource)
                .then_error(move || TagResourceError::generic(code(refusal)));
            let removed = mock!(Client::untag_resource)
                .then_error(move || UntagResourceError::generic(code(refusal)));
            let client = mock_client!(
                aws_sdk_organizations,
                RuleMode::MatchAny,
                [&list, &put, &removed]
            );
            let organization = OrganizationsAccountTags { client };
            let account = account();
            let none = BTreeMap::new();
            let failures = [
                organization.list(&account).await.unwrap_err(),
                organization.put(&account, &none).await.unwrap_err(),
                organization
                    .remove(&account, &BTreeSet::new())
                    .await
                    .unwrap_err(),
            ];
            for failure in failures {
                assert_eq!(failure.name(), name, "{refusal}");
                assert_eq!(failure.account(), Some(&account));
            }
        }
    }
}
