//! The adapter against answers of IAM: pages, encoded documents, and one case for each error that means something.

use aws_sdk_iam::operation::delete_role_policy::DeleteRolePolicyError;
use aws_sdk_iam::operation::detach_role_policy::DetachRolePolicyError;
use aws_sdk_iam::operation::get_role_policy::{GetRolePolicyError, GetRolePolicyOutput};
use aws_sdk_iam::operation::list_attached_role_policies::ListAttachedRolePoliciesOutput;
use aws_sdk_iam::operation::list_role_policies::{ListRolePoliciesError, ListRolePoliciesOutput};
use aws_sdk_iam::operation::put_role_policy::{PutRolePolicyError, PutRolePolicyOutput};
use aws_sdk_iam::types::AttachedPolicy as Attached;
use aws_smithy_mocks::{RuleMode, mock, mock_client};
use aws_smithy_types::error::ErrorMetadata;
use serde_json::json;

use super::*;

fn role() -> RoleName {
    "MeshstackAccountAccessRole".parse().unwrap()
}

fn code(code: &str) -> ErrorMetadata {
    ErrorMetadata::builder()
        .code(code)
        .message("words of IAM")
        .build()
}

fn attached(name: &str) -> AttachedPolicy {
    AttachedPolicy {
        name: name.to_owned(),
        arn: format!("arn:aws:iam::aws:policy/{name}"),
    }
}

#[tokio::test]
async fn inline_policies_are_listed_over_all_pages_even_empty_ones() {
    let page = |marker: Option<&str>| {
        let marker = marker.map(str::to_owned);
        move |request: &aws_sdk_iam::operation::list_role_policies::ListRolePoliciesInput| {
            request.marker() == marker.as_deref()
        }
    };
    let first = mock!(Client::list_role_policies)
        .match_requests(page(None))
        .then_output(|| {
            ListRolePoliciesOutput::builder()
                .policy_names("AdministratorAccess")
                .is_truncated(true)
                .marker("1")
                .build()
                .unwrap()
        });
    let empty = mock!(Client::list_role_policies)
        .match_requests(page(Some("1")))
        .then_output(|| {
            ListRolePoliciesOutput::builder()
                .set_policy_names(Some(vec![]))
                .is_truncated(true)
                .marker("2")
                .build()
                .unwrap()
        });
    let last = mock!(Client::list_role_policies)
        .match_requests(page(Some("2")))
        .then_output(|| {
            ListRolePoliciesOutput::builder()
                .policy_names("Leftover")
                .build()
                .unwrap()
        });
    let client = mock_client!(aws_sdk_iam, RuleMode::MatchAny, [&first, &empty, &last]);
    let found = IamRolePolicies { client }
        .list_inline(&role())
        .await
        .unwrap();
    assert_eq!(
        found,
        ["AdministratorAccess", "Leftover"]
            .map(str::to_owned)
            .into()
    );
}

#[tokio::test]
async fn attached_policies_are_listed_over_all_pages() {
    let page = |name: &str, marker: Option<&str>| {
        ListAttachedRolePoliciesOutput::builder()
            .attached_policies(
                Attached::builder()
                    .policy_name(name)
                    .policy_arn(format!("arn:aws:iam::aws:policy/{name}"))
                    .build(),
            )
            .is_truncated(marker.is_some())
            .set_marker(marker.map(str::to_owned))
            .build()
    };
    let first = mock!(Client::list_attached_role_policies)
        .match_requests(|request| request.marker().is_none())
        .then_output(move || page("AdministratorAccess", Some("next")));
    let last = mock!(Client::list_attached_role_policies)
        .match_requests(|request| request.marker() == Some("next"))
        .then_output(move || page("ReadOnlyAccess", None));
    let client = mock_client!(aws_sdk_iam, RuleMode::MatchAny, [&first, &last]);
    let found = IamRolePolicies { client }
        .list_attached(&role())
        .await
        .unwrap();
    assert_eq!(
        found,
        [attached("AdministratorAccess"), attached("ReadOnlyAccess")].into()
    );
}

#[tokio::test]
async fn a_document_is_decoded_and_a_missing_one_is_none() {
    let found = mock!(Client::get_role_policy)
        .match_requests(|request| request.policy_name() == Some("There"))
        .then_output(|| {
            GetRolePolicyOutput::builder()
                .role_name("MeshstackAccountAccessRole")
                .policy_name("There")
                .policy_document("%7B%22a%22%3A%20%22b%2Bc%25+%C3%A4%22%7D")
                .build()
                .unwrap()
        });
    let missing = mock!(Client::get_role_policy)
        .match_requests(|request| request.policy_name() == Some("Gone"))
        .then_error(|| GetRolePolicyError::generic(code("NoSuchEntity")));
    let client = mock_client!(aws_sdk_iam, RuleMode::MatchAny, [&found, &missing]);
    let iam = IamRolePolicies { client };
    assert_eq!(
        iam.find_inline(&role(), "There").await.unwrap(),
        Some(PolicyDocument::new(json!({"a": "b+c%+ä"})))
    );
    assert_eq!(iam.find_inline(&role(), "Gone").await.unwrap(), None);
}

#[tokio::test(start_paused = true)]
async fn a_missing_role_is_said_to_be_missing() {
    let rule = mock!(Client::list_role_policies)
        .then_error(|| ListRolePoliciesError::generic(code("NoSuchEntity")));
    let client = mock_client!(aws_sdk_iam, [&rule]);
    let failure = IamRolePolicies { client }
        .list_inline(&role())
        .await
        .unwrap_err();
    assert_eq!(failure.name(), ErrorName::DowngradeFailed);
    assert!(
        failure
            .cause()
            .contains("role MeshstackAccountAccessRole does not exist"),
        "{failure}"
    );
}

#[tokio::test]
async fn a_put_sends_the_document_as_json() {
    let rule = mock!(Client::put_role_policy)
        .match_requests(|request| {
            request.role_name() == Some("MeshstackAccountAccessRole")
                && request.policy_name() == Some("Policy")
                && request.policy_document() == Some(r#"{"Statement":[]}"#)
        })
        .then_output(|| PutRolePolicyOutput::builder().build());
    let client = mock_client!(aws_sdk_iam, [&rule]);
    let put = IamRolePolicies { client }
        .put_inline(
            &role(),
            "Policy",
            &PolicyDocument::new(json!({"Statement": []})),
        )
        .await;
    assert_eq!(put, Ok(Put::Done));
    assert_eq!(rule.num_calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn refusals_of_a_put_have_names() {
    for (refusal, name) in [
        ("NoSuchEntity", ErrorName::DowngradeFailed),
        ("MalformedPolicyDocument", ErrorName::DowngradeFailed),
        ("UnmodifiableEntity", ErrorName::DowngradeFailed),
        ("AccessDenied", ErrorName::AccessDenied),
        ("Throttling", ErrorName::Throttled),
        ("ServiceFailure", ErrorName::ServiceUnavailable),
        ("ConcurrentModification", ErrorName::ConcurrentModification),
    ] {
        let rule = mock!(Client::put_role_policy)
            .then_error(move || PutRolePolicyError::generic(code(refusal)));
        let client = mock_client!(aws_sdk_iam, RuleMode::MatchAny, [&rule]);
        let failure = IamRolePolicies { client }
            .put_inline(&role(), "Policy", &PolicyDocument::new(json!({})))
            .await
            .unwrap_err();
        assert_eq!(failure.name(), name, "{refusal}");
    }
}

#[tokio::test]
async fn a_policy_that_does_not_fit_beside_the_others_is_no_failure_yet() {
    let rule = mock!(Client::put_role_policy)
        .then_error(|| PutRolePolicyError::generic(code("LimitExceeded")));
    let client = mock_client!(aws_sdk_iam, [&rule]);
    let put = IamRolePolicies { client }
        .put_inline(&role(), "Policy", &PolicyDocument::new(json!({})))
        .await;
    assert_eq!(put, Ok(Put::NoRoom));
}

#[tokio::test(start_paused = true)]
async fn removing_what_is_gone_is_done_and_other_refusals_are_failures() {
    let gone = mock!(Client::delete_role_policy)
        .match_requests(|request| request.policy_name() == Some("Gone"))
        .then_error(|| DeleteRolePolicyError::generic(code("NoSuchEntity")));
    let kept = mock!(Client::delete_role_policy)
        .match_requests(|request| request.policy_name() == Some("Kept"))
        .then_error(|| DeleteRolePolicyError::generic(code("UnmodifiableEntity")));
    let detached = mock!(Client::detach_role_policy)
        .match_requests(|request| request.policy_arn() == Some("arn:aws:iam::aws:policy/Gone"))
        .then_error(|| DetachRolePolicyError::generic(code("NoSuchEntity")));
    let denied = mock!(Client::detach_role_policy)
        .match_requests(|request| request.policy_arn() == Some("arn:aws:iam::aws:policy/Kept"))
        .then_error(|| DetachRolePolicyError::generic(code("AccessDenied")));
    let client = mock_client!(
        aws_sdk_iam,
        RuleMode::MatchAny,
        [&gone, &kept, &detached, &denied]
    );
    let iam = IamRolePolicies { client };
    iam.delete_inline(&role(), "Gone").await.unwrap();
    iam.detach(&role(), &attached("Gone")).await.unwrap();
    let kept = iam.delete_inline(&role(), "Kept").await.unwrap_err();
    let denied = iam.detach(&role(), &attached("Kept")).await.unwrap_err();
    assert_eq!(kept.name(), ErrorName::DowngradeFailed);
    assert_eq!(denied.name(), ErrorName::AccessDenied);
}
