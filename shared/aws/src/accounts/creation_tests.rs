//! Asking for an account: what is sent, what each refusal means, and that nothing is sent twice.

use serde_json::json;

use super::*;
use crate::wire::{Reply, answering, json_error};
use avm_core::error::Kind;

fn wanted() -> NewAccount {
    NewAccount {
        name: "space-shop".parse().unwrap(),
        email: "aws+space.shop@example.com".parse().unwrap(),
        access_role: "MeshstackAccountAccessRole".parse().unwrap(),
        tags: [("Environment".to_owned(), "dev".to_owned())].into(),
    }
}

#[tokio::test]
async fn name_address_role_and_tags_are_sent_and_the_creation_is_returned() {
    let (configuration, calls) = answering(|_| {
        let status = json!({"CreateAccountStatus": {"Id": "car-1", "State": "IN_PROGRESS"}});
        Reply::Said(200, status.to_string())
    });
    let creation = OrganizationAccounts::of(&configuration)
        .start_creation(&wanted())
        .await
        .unwrap();
    let taken = CreationStart::Taken(Creation {
        id: "car-1".to_owned(),
        state: CreationState::InProgress,
    });
    assert_eq!(creation, taken);
    let calls = calls.lock().unwrap();
    assert_eq!(calls[0].action, "CreateAccount");
    let sent: serde_json::Value = serde_json::from_str(&calls[0].body).unwrap();
    let expected = json!({
        "AccountName": "space-shop",
        "Email": "aws+space.shop@example.com",
        "RoleName": "MeshstackAccountAccessRole",
        "Tags": [{"Key": "Environment", "Value": "dev"}],
    });
    assert_eq!(sent, expected);
}

async fn under_way(configuration: &SdkConfig) -> Result<UnderWay, Failure> {
    let name = "space-shop".parse().unwrap();
    OrganizationAccounts::of(configuration)
        .find_under_way(&name)
        .await
}

#[tokio::test]
async fn one_read_tells_whether_there_is_room_and_a_creation_of_the_name() {
    for (others, ours, is_full) in [(0, 0, false), (3, 1, false), (5, 0, true), (5, 1, true)] {
        let (configuration, calls) = answering(move |call| {
            let status = |id, name| json!({"Id": id, "State": "IN_PROGRESS", "AccountName": name});
            let answer = if call.body.contains("NextToken") {
                json!({"CreateAccountStatuses": vec![status("car-1", "space-shop"); ours]})
            } else {
                let others = vec![status("car-9", "other"); others];
                json!({"CreateAccountStatuses": others, "NextToken": "more"})
            };
            Reply::Said(200, answer.to_string())
        });
        let creation = Creation {
            id: "car-1".to_owned(),
            state: CreationState::InProgress,
        };
        let expected = UnderWay::Seen {
            of_name: vec![creation; ours],
            lack_of_room: is_full.then(|| ROOM.to_owned()),
        };
        assert_eq!(under_way(&configuration).await, Ok(expected), "{others}");
        let calls = calls.lock().unwrap();
        assert_eq!(calls[0].action, "ListCreateAccountStatus");
        assert_eq!(calls[0].body, r#"{"States":["IN_PROGRESS"]}"#);
        assert_eq!(calls.len(), 2);
    }
}

#[tokio::test]
async fn whether_there_is_room_is_asked_once_and_not_to_be_told_is_an_answer() {
    let (configuration, calls) = answering(|_| json_error("TooManyRequestsException", None));
    let crowded = UnderWay::Crowded(CROWD.to_owned());
    assert_eq!(under_way(&configuration).await, Ok(crowded));
    assert_eq!(calls.lock().unwrap().len(), 1);
    for (code, name) in [
        ("ServiceException", ErrorName::ServiceUnavailable),
        ("AccessDeniedException", ErrorName::AccessDenied),
    ] {
        let (configuration, _) = answering(move |_| json_error(code, None));
        let failure = under_way(&configuration).await.unwrap_err();
        assert_eq!(failure.name(), name);
    }
}

#[tokio::test(start_paused = true)]
async fn after_an_unclear_end_it_is_busy_and_was_sent_once() {
    type Answering = fn() -> Reply;
    let cases: [(&str, Answering); 5] = [
        ("connection cut", || Reply::Cut),
        ("503", || Reply::Said(503, "{}".to_owned())),
        ("500", || {
            Reply::Said(500, json!({"__type": "InternalFailure"}).to_string())
        }),
        ("not JSON", || Reply::Said(200, "<html>".to_owned())),
        ("no id", || {
            let status = json!({"CreateAccountStatus": {"State": "IN_PROGRESS"}});
            Reply::Said(200, status.to_string())
        }),
    ];
    for (case, answer) in cases {
        let (configuration, calls) = answering(move |_| answer());
        let failure = OrganizationAccounts::of(&configuration)
            .start_creation(&wanted())
            .await
            .unwrap_err();
        assert_eq!(failure.name().kind(), Kind::Busy, "{case}: {failure}");
        assert_eq!(calls.lock().unwrap().len(), 1, "{case}");
        assert!(!failure.to_string().contains("space.shop@"), "{failure}");
    }
}

#[tokio::test(start_paused = true)]
async fn reads_are_repeated_by_the_sdk_where_the_creation_is_not() {
    let (configuration, calls) = answering(|_| Reply::Cut);
    let id = "111111111111".parse().unwrap();
    let accounts = OrganizationAccounts::of(&configuration);
    let failure = accounts.find_account(&id).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::ServiceUnavailable);
    assert_eq!(calls.lock().unwrap().len(), 3);
}

#[tokio::test]
async fn every_exception_has_its_meaning() {
    for (code, name) in [
        ("AccessDeniedException", ErrorName::AccessDenied),
        (
            "AWSOrganizationsNotInUseException",
            ErrorName::InvalidConfiguration,
        ),
        (
            "ConcurrentModificationException",
            ErrorName::ConcurrentModification,
        ),
        (
            "ConstraintViolationException",
            ErrorName::AccountCreationFailed,
        ),
        ("InvalidInputException", ErrorName::InvalidRequest),
        ("ServiceException", ErrorName::ServiceUnavailable),
        (
            "UnsupportedAPIEndpointException",
            ErrorName::InvalidConfiguration,
        ),
        ("SomethingNew", ErrorName::Internal),
    ] {
        assert_refused(code, None, name).await;
    }
}

#[tokio::test]
async fn every_reason_of_a_violated_constraint_has_its_meaning() {
    for reason in aws_sdk_organizations::types::ConstraintViolationExceptionReason::values() {
        let name = match *reason {
            "ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED" => continue,
            "ACCOUNT_NUMBER_LIMIT_EXCEEDED" => ErrorName::AccountLimitExceeded,
            "TAG_POLICY_VIOLATION" | "MAX_TAG_LIMIT_EXCEEDED" => ErrorName::InvalidRequest,
            _ => ErrorName::AccountCreationFailed,
        };
        assert_refused("ConstraintViolationException", Some(reason), name).await;
    }
    let new = Some("SOMETHING_NEW");
    let name = ErrorName::AccountCreationFailed;
    assert_refused("ConstraintViolationException", new, name).await;
}

#[tokio::test]
async fn what_aws_takes_later_is_no_failure_and_is_sent_once() {
    for (code, reason, words) in [
        (
            "ConstraintViolationException",
            Some("ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED"),
            "five creations are in progress in the organization",
        ),
        (
            "FinalizingOrganizationException",
            None,
            "the new organization",
        ),
        ("TooManyRequestsException", None, "every ten seconds"),
    ] {
        let (configuration, calls) = answering(move |_| json_error(code, reason));
        let start = OrganizationAccounts::of(&configuration)
            .start_creation(&wanted())
            .await
            .unwrap();
        let CreationStart::NotYet(waiting_for) = start else {
            panic!("taken: {start:?}");
        };
        assert!(waiting_for.contains(words), "{waiting_for}");
        assert!(
            waiting_for.contains(reason.unwrap_or(code)),
            "{waiting_for}"
        );
        assert_eq!(calls.lock().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn every_reason_of_an_invalid_input_has_its_meaning() {
    for reason in aws_sdk_organizations::types::InvalidInputExceptionReason::values() {
        let name = match *reason {
            "INVALID_ROLE_NAME" => ErrorName::InvalidConfiguration,
            _ => ErrorName::InvalidRequest,
        };
        assert_refused("InvalidInputException", Some(reason), name).await;
    }
}

async fn assert_refused(code: &'static str, reason: Option<&'static str>, name: ErrorName) {
    let (configuration, calls) = answering(move |_| json_error(code, reason));
    let failure = OrganizationAccounts::of(&configuration)
        .start_creation(&wanted())
        .await
        .unwrap_err();
    assert_eq!(failure.name(), name, "{code} {reason:?}");
    let words = reason.unwrap_or(code);
    assert!(failure.cause().contains(words), "{failure}");
    assert_eq!(calls.lock().unwrap().len(), 1);
}
