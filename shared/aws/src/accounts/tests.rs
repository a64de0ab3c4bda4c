//! Reading accounts and creations: paging, letter case, states, and what is not there.

use aws_config::retry::RetryConfig;
use aws_sdk_organizations::operation::list_accounts::ListAccountsOutput;
use aws_sdk_organizations::operation::list_create_account_status::ListCreateAccountStatusOutput;
use aws_smithy_mocks::{Rule, RuleMode, mock, mock_client};

use super::*;
use crate::wire::{Reply, answering, json_error};

const EMAIL: &str = "aws+space.shop@example.com";

fn accounts(rules: &[&Rule]) -> OrganizationAccounts {
    OrganizationAccounts::new(mock_client!(
        aws_sdk_organizations,
        RuleMode::Sequential,
        rules,
        |client| client.retry_config(RetryConfig::disabled())
    ))
}

fn said(body: &serde_json::Value) -> Reply {
    Reply::Said(200, body.to_string())
}

fn listed(id: &str, email: &str) -> Listed {
    Listed::builder()
        .id(id)
        .name("space-shop")
        .email(email)
        .arn("arn")
        .state(ListedState::Active)
        .build()
}

fn page(accounts: Vec<Listed>, next: Option<&str>) -> ListAccountsOutput {
    ListAccountsOutput::builder()
        .set_accounts(Some(accounts))
        .set_next_token(next.map(str::to_owned))
        .build()
}

#[tokio::test]
async fn an_address_is_found_in_any_letter_case_behind_empty_pages_and_no_page_is_read_after_it() {
    let first = mock!(Client::list_accounts)
        .match_requests(|request| request.next_token().is_none())
        .then_output(|| {
            let other = listed("111111111111", "other@example.com");
            // Old accounts may have addresses that nobody could ask for today.
            page(vec![other, listed("222222222222", "odd")], Some("2"))
        });
    let empty = mock!(Client::list_accounts)
        .match_requests(|request| request.next_token() == Some("2"))
        .then_output(|| page(vec![], Some("3")));
    let last = mock!(Client::list_accounts)
        .match_requests(|request| request.next_token() == Some("3"))
        .then_output(|| {
            let ours = listed("333333333333", &EMAIL.to_ascii_uppercase());
            page(vec![ours], Some("4"))
        });
    let walk = accounts(&[&first, &empty, &last])
        .walk_to_email(&EMAIL.parse().unwrap(), None, 9)
        .await;
    let Ok(Walk::Found(found)) = walk else {
        panic!("{walk:?}")
    };
    assert_eq!(found.id.as_str(), "333333333333");
    assert_eq!(found.state, AccountState::Active);
    assert_eq!(last.num_calls(), 1);
}

#[tokio::test]
async fn an_address_that_no_account_has_is_not_found() {
    let only = mock!(Client::list_accounts)
        .then_output(|| page(vec![listed("111111111111", "other@example.com")], None));
    let found = accounts(&[&only])
        .walk_to_email(&EMAIL.parse().unwrap(), None, 9)
        .await;
    assert_eq!(found, Ok(Walk::Ended));
}

/// Empty pages 1 to 3, each with a token for the next; AWS is busy at page 4, and takes no token of another kind.
async fn walk(from: Option<&str>, pages: u32) -> Result<Walk, Failure> {
    let (configuration, _) = answering(|call| {
        let body: serde_json::Value = serde_json::from_str(&call.body).unwrap();
        match body["NextToken"].as_str().unwrap_or("1").parse() {
            Ok(number @ 1..=3) => {
                let next = (number + 1).to_string();
                said(&serde_json::json!({"Accounts": [], "NextToken": next}))
            }
            Ok(_) => json_error("TooManyRequestsException", None),
            Err(_) => json_error("InvalidInputException", None),
        }
    });
    OrganizationAccounts::of(&configuration)
        .walk_to_email(&EMAIL.parse().unwrap(), from, pages)
        .await
}

#[tokio::test(start_paused = true)]
async fn a_walk_stops_after_its_pages_or_where_aws_is_busy_and_goes_on_from_there() {
    let stopped = |token: &str| Ok(Walk::Stopped(token.to_owned()));
    assert_eq!(walk(None, 1).await, stopped("2"));
    assert_eq!(walk(Some("2"), 1).await, stopped("3"));
    assert_eq!(walk(Some("2"), 9).await, stopped("4"));
    assert_eq!(walk(Some("stale"), 2).await, stopped("3"));
    let failure = walk(Some("4"), 9).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::Throttled);
}

#[tokio::test]
async fn a_token_without_room_in_the_state_is_not_stopped_at() {
    let (configuration, _) = answering(|call| {
        let next = match call.body.len() {
            0..100 => "x".repeat(5000),
            _ => "3".to_owned(),
        };
        said(&serde_json::json!({ "NextToken": next }))
    });
    let accounts = OrganizationAccounts::of(&configuration);
    let email = EMAIL.parse().unwrap();
    let walk = accounts.walk_to_email(&email, None, 1);
    assert_eq!(walk.await, Ok(Walk::Stopped("3".to_owned())));
}

#[tokio::test]
async fn every_page_of_accounts_is_listed_with_the_moment_since_when_each_is_there() {
    let first = mock!(Client::list_accounts)
        .match_requests(|request| request.next_token().is_none())
        .then_output(|| page(vec![], Some("2")));
    let last = mock!(Client::list_accounts)
        .match_requests(|request| request.next_token() == Some("2"))
        .then_output(|| {
            let mut old = listed("111111111111", EMAIL);
            old.joined_timestamp = Some(aws_smithy_types::DateTime::from_secs_f64(1.5));
            page(vec![old, listed("222222222222", "odd")], None)
        });
    let found = accounts(&[&first, &last]).list_accounts().await.unwrap();
    let joined: Vec<_> = found
        .iter()
        .map(|account| (account.id.as_str(), account.joined))
        .collect();
    let first_second = Some(Moment::of_seconds(1));
    assert_eq!(
        joined,
        [("111111111111", first_second), ("222222222222", None)]
    );
}

#[tokio::test]
async fn the_state_of_an_account_is_read_and_its_retired_status_only_where_there_is_no_other() {
    for (state, status, expected) in [
        (Some("ACTIVE"), "ACTIVE", AccountState::Active),
        (
            Some("PENDING_ACTIVATION"),
            "ACTIVE",
            AccountState::PendingActivation,
        ),
        (Some("SUSPENDED"), "ACTIVE", AccountState::Suspended),
        (
            Some("PENDING_CLOSURE"),
            "ACTIVE",
            AccountState::PendingClosure,
        ),
        (Some("CLOSED"), "ACTIVE", AccountState::Closed),
        (Some("NEW"), "ACTIVE", AccountState::Other("NEW".to_owned())),
        (None, "ACTIVE", AccountState::Active),
        (None, "SUSPENDED", AccountState::Suspended),
    ] {
        let (configuration, calls) = answering(move |_| {
            said(&serde_json::json!({"Account": {
                "Id": "111111111111", "Name": "space-shop", "Email": "odd",
                "Arn": "arn", "State": state, "Status": status,
            }}))
        });
        let id = "111111111111".parse().unwrap();
        let found = OrganizationAccounts::of(&configuration)
            .find_account(&id)
            .await
            .unwrap()
            .unwrap();
        assert_eq!((found.state, found.email), (expected, None));
        let calls = calls.lock().unwrap();
        assert_eq!(calls[0].action, "DescribeAccount");
        assert_eq!(calls[0].body, r#"{"AccountId":"111111111111"}"#);
    }
}

#[tokio::test(start_paused = true)]
async fn errors_of_reading_keep_their_meaning() {
    for (code, expected) in [
        ("AccountNotFoundException", Ok(None)),
        ("AccessDeniedException", Err(ErrorName::AccessDenied)),
        ("TooManyRequestsException", Err(ErrorName::Throttled)),
        ("ServiceException", Err(ErrorName::ServiceUnavailable)),
        (
            "AWSOrganizationsNotInUseException",
            Err(ErrorName::InvalidConfiguration),
        ),
        ("InvalidInputException", Err(ErrorName::Internal)),
    ] {
        let (configuration, _) = answering(move |_| json_error(code, None));
        let id = "111111111111".parse().unwrap();
        let found = OrganizationAccounts::of(&configuration)
            .find_account(&id)
            .await;
        assert_eq!(found.map_err(|failure| failure.name()), expected, "{code}");
    }
}

#[tokio::test]
async fn an_answer_without_an_account_is_internal() {
    let (configuration, _) = answering(|_| said(&serde_json::json!({})));
    let id = "111111111111".parse().unwrap();
    let accounts = OrganizationAccounts::of(&configuration);
    let failure = accounts.find_account(&id).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::Internal);
}

fn status(id: &str, name: &str, state: CreateAccountState) -> CreateAccountStatus {
    let done = state == CreateAccountState::Succeeded;
    CreateAccountStatus::builder()
        .id(id)
        .account_name(name)
        .state(state)
        .set_account_id(done.then(|| "111111111111".to_owned()))
        .completed_timestamp(SystemTime::now().into())
        .build()
}

#[tokio::test]
async fn open_creations_are_those_of_the_name_in_progress_or_just_succeeded_on_all_pages() {
    let first = mock!(Client::list_create_account_status)
        .match_requests(|request| {
            request.next_token().is_none()
                && request.states()
                    == [
                        CreateAccountState::InProgress,
                        CreateAccountState::Succeeded,
                    ]
        })
        .then_output(|| {
            ListCreateAccountStatusOutput::builder()
                .create_account_statuses(status("car-1", "other", CreateAccountState::InProgress))
                .create_account_statuses(status(
                    "car-2",
                    "space-shop",
                    CreateAccountState::InProgress,
                ))
                .next_token("2")
                .build()
        });
    let empty = mock!(Client::list_create_account_status).then_output(|| {
        ListCreateAccountStatusOutput::builder()
            .next_token("3")
            .build()
    });
    let last = mock!(Client::list_create_account_status).then_output(|| {
        let long_ago = CreateAccountStatus::builder()
            .id("car-3")
            .account_name("space-shop")
            .state(CreateAccountState::Succeeded)
            .account_id("222222222222")
            .completed_timestamp(SystemTime::UNIX_EPOCH.into())
            .build();
        ListCreateAccountStatusOutput::builder()
            .create_account_statuses(long_ago)
            .create_account_statuses(status("car-4", "space-shop", CreateAccountState::Succeeded))
            .create_account_statuses(status("car-5", "space-shop", CreateAccountState::Failed))
            .build()
    });
    let open = accounts(&[&first, &empty, &last])
        .list_open_creations(&"space-shop".parse().unwrap())
        .await
        .unwrap();
    let expected = [
        Creation {
            id: "car-2".to_owned(),
            state: CreationState::InProgress,
        },
        Creation {
            id: "car-4".to_owned(),
            state: CreationState::Succeeded("111111111111".parse().unwrap()),
        },
    ];
    assert_eq!(open, expected);
}

#[tokio::test]
async fn the_status_of_a_creation_is_read_even_when_it_is_partly_filled() {
    for (answered, expected) in [
        (
            serde_json::json!({"Id": "car-1"}),
            CreationState::InProgress,
        ),
        (
            serde_json::json!({"Id": "car-1", "State": "SUCCEEDED"}),
            CreationState::InProgress,
        ),
        (
            serde_json::json!({"Id": "car-1", "State": "SUCCEEDED", "AccountId": "111111111111"}),
            CreationState::Succeeded("111111111111".parse().unwrap()),
        ),
        (
            serde_json::json!({"Id": "car-1", "State": "FAILED"}),
            CreationState::Failed(CreationFailure::Other("no reason given".to_owned())),
        ),
        (
            serde_json::json!({"Id": "car-1", "State": "FAILED", "FailureReason": "NEW"}),
            CreationState::Failed(CreationFailure::Other("NEW".to_owned())),
        ),
    ] {
        let body = serde_json::json!({"CreateAccountStatus": answered});
        let (configuration, _) = answering(move |_| said(&body));
        let creation = OrganizationAccounts::of(&configuration)
            .find_creation("car-1")
            .await
            .unwrap()
            .unwrap();
        assert_eq!(creation.state, expected);
    }
}

#[tokio::test]
async fn every_failure_reason_of_aws_is_one_that_the_domain_knows() {
    for reason in CreationFailure::KNOWN {
        let body = serde_json::json!({"CreateAccountStatus": {
            "Id": "car-1", "State": "FAILED", "FailureReason": reason.to_string(),
        }});
        let (configuration, _) = answering(move |_| said(&body));
        let creation = OrganizationAccounts::of(&configuration)
            .find_creation("car-1")
            .await
            .unwrap()
            .unwrap();
        assert_eq!(creation.state, CreationState::Failed(reason.clone()));
    }
    let of_the_sdk = CreateAccountFailureReason::values();
    for reason in of_the_sdk {
        let known = CreationFailure::from(*reason);
        assert!(CreationFailure::KNOWN.contains(&known), "{reason}");
    }
}

#[tokio::test]
async fn a_creation_that_is_not_known_is_not_found() {
    let (configuration, _) =
        answering(|_| json_error("CreateAccountStatusNotFoundException", None));
    let accounts = OrganizationAccounts::of(&configuration);
    assert_eq!(accounts.find_creation("car-1").await, Ok(None));
    let (configuration, _) = answering(|_| json_error("AccessDeniedException", None));
    let accounts = OrganizationAccounts::of(&configuration);
    let failure = accounts.find_creation("car-1").await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::AccessDenied);
}
