//! Assignments against answers on the wire: what is sent, what is read, what every error means.
//! One instance, one account, one group.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::*;
use crate::directory::sample::instance;
use crate::wire::{Call, Reply, answering, json_error};

const SET: &str = "arn:aws:sso:::permissionSet/ssoins-1/ps-1";

fn center(
    memory: &PermissionSetMemory,
    answer: impl Fn(&Call, usize) -> Reply + Send + Sync + 'static,
) -> (IdentityCenter, Arc<Mutex<Vec<Call>>>) {
    let number = Mutex::new(0);
    let (configuration, calls) = answering(move |call| {
        let mut number = number.lock().unwrap();
        *number += 1;
        answer(call, *number)
    });
    (
        IdentityCenter::of(&configuration, &instance(), memory),
        calls,
    )
}

fn fresh(
    answer: impl Fn(&Call, usize) -> Reply + Send + Sync + 'static,
) -> (IdentityCenter, Arc<Mutex<Vec<Call>>>) {
    center(&PermissionSetMemory::default(), answer)
}

fn said(body: &Value) -> Reply {
    Reply::Said(200, body.to_string())
}

fn account() -> AccountId {
    "111111111111".parse().unwrap()
}

fn assignment() -> Assignment {
    Assignment {
        account: account(),
        permission_set: SET.parse().unwrap(),
        group: "g1".parse().unwrap(),
    }
}

fn reference(text: &str) -> PermissionSetReference {
    text.parse().unwrap()
}

/// The arguments of a call that must be there, whatever else is.
fn has(call: &Call, expected: &Value) -> bool {
    let body: Value = serde_json::from_str(&call.body).unwrap();
    let mut fields = expected.as_object().unwrap().iter();
    fields.all(|(key, value)| body[key] == *value)
}

/// An instance with permission sets of these names; two on a page.
fn with_sets(call: &Call, names: &[&str]) -> Reply {
    let body: Value = serde_json::from_str(&call.body).unwrap();
    if call.action == "DescribePermissionSet" {
        let arn = body["PermissionSetArn"].as_str().unwrap();
        let number: usize = arn.rsplit("ps-").next().unwrap().parse().unwrap();
        return said(&json!({"PermissionSet": {"Name": names[number], "PermissionSetArn": arn}}));
    }
    let from: usize = body["NextToken"]
        .as_str()
        .map_or(0, |token| token.parse().unwrap());
    let to = names.len().min(from + 2);
    let arns: Vec<String> = (from..to)
        .map(|number| format!("arn:aws:sso:::permissionSet/ssoins-1/ps-{number}"))
        .collect();
    let mut page = json!({"PermissionSets": arns});
    if to < names.len() {
        page["NextToken"] = to.to_string().into();
    }
    said(&page)
}

#[tokio::test]
async fn a_permission_set_is_found_by_its_name_and_remembered() {
    let memory = PermissionSetMemory::default();
    let names = ["Admin", "Editor", "ReadOnly"];
    let (first, calls) = center(&memory, move |call, _| with_sets(call, &names));
    let found = first.find_permission_set(&reference("ReadOnly")).await;
    let found = found.unwrap().unwrap();
    assert_eq!(found.name, "ReadOnly");
    assert!(found.arn.as_str().ends_with("ps-2"));
    assert_eq!(calls.lock().unwrap().len(), 2 + 3);
    assert!(calls.lock().unwrap()[0].uri.contains("eu-west-1"));

    // A warm function asks for what it has not seen, and for nothing else.
    let (second, calls) = center(&memory, move |call, _| with_sets(call, &names));
    for known in ["Admin", found.arn.as_str()] {
        let found = second.find_permission_set(&reference(known)).await.unwrap();
        assert!(found.is_some());
    }
    assert!(calls.lock().unwrap().is_empty());
    let nothing = second.find_permission_set(&reference("readonly")).await;
    assert_eq!(nothing, Ok(None));
    assert_eq!(calls.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn an_arn_is_asked_for_alone_and_may_be_unknown() {
    let (known, calls) = fresh(|call, _| with_sets(call, &["Admin", "Editor"]));
    let found = known.find_permission_set(&reference(SET)).await.unwrap();
    assert_eq!(found.unwrap().name, "Editor");
    assert_eq!(calls.lock().unwrap().len(), 1);
    for code in ["ResourceNotFoundException", "ValidationException"] {
        let (unknown, _) = fresh(move |_, _| json_error(code, None));
        assert_eq!(unknown.find_permission_set(&reference(SET)).await, Ok(None));
    }
}

#[tokio::test]
async fn an_instance_that_is_not_there_names_its_field() {
    let (center, _) = fresh(|_, _| json_error("ResourceNotFoundException", None));
    let failure = center.find_permission_set(&reference("Admin")).await;
    let failure = failure.unwrap_err();
    assert_eq!(failure.name(), ErrorName::InvalidConfiguration);
    assert!(
        failure
            .cause()
            .starts_with("/avm/platform, field singleSignOn.instanceArn: "),
        "{failure}"
    );
}

#[tokio::test]
async fn only_groups_are_listed_over_all_pages_even_empty_ones() {
    let (center, calls) = fresh(|_, number| {
        let assignments = match number {
            1 => {
                json!([{"PrincipalType": "GROUP", "PrincipalId": "g1"}, {"PrincipalType": "USER", "PrincipalId": "u1"}])
            }
            2 => json!([]),
            _ => json!([{"PrincipalType": "GROUP", "PrincipalId": "g2"}]),
        };
        let mut page = json!({"AccountAssignments": assignments});
        if number < 3 {
            page["NextToken"] = number.to_string().into();
        }
        said(&page)
    });
    let set = SET.parse().unwrap();
    let groups = center.list_groups(&account(), &set).await.unwrap();
    let groups: Vec<&str> = groups.iter().map(GroupId::as_str).collect();
    assert_eq!(groups, ["g1", "g2"]);
    let arguments = json!({"AccountId": "111111111111", "PermissionSetArn": SET});
    assert!(
        calls
            .lock()
            .unwrap()
            .iter()
            .all(|call| has(call, &arguments))
    );
}

#[tokio::test]
async fn the_permission_sets_of_an_account_and_the_assignments_of_a_group_are_listed() {
    let (center, calls) = fresh(|call, _| match call.action.as_str() {
        "ListPermissionSetsProvisionedToAccount" => said(&json!({"PermissionSets": [SET]})),
        _ => said(&json!({"AccountAssignments": [
            {"AccountId": "111111111111", "PermissionSetArn": SET, "PrincipalId": "g1", "PrincipalType": "GROUP"}
        ]})),
    });
    let sets = center.list_provisioned(&account()).await.unwrap();
    assert_eq!(sets.into_iter().next().unwrap().as_str(), SET);
    let all = center.list_of_group(&"g1".parse().unwrap()).await.unwrap();
    assert_eq!(all, [assignment()].into());
    let arguments = json!({"PrincipalId": "g1", "PrincipalType": "GROUP"});
    assert!(has(&calls.lock().unwrap()[1], &arguments));

    let (gone, _) = fresh(|_, _| json_error("ResourceNotFoundException", None));
    let nothing = gone.list_of_group(&"g1".parse().unwrap()).await.unwrap();
    assert!(nothing.is_empty());
}

#[tokio::test]
async fn an_account_that_is_not_known_yet_is_not_ready_and_the_permission_set_is_looked_up_again() {
    let memory = PermissionSetMemory::default();
    let set: PermissionSetArn = SET.parse().unwrap();
    memory.remember(&PermissionSet {
        arn: set.clone(),
        name: "Editor".to_owned(),
    });
    let (center, _) = center(&memory, |_, _| {
        json_error("ResourceNotFoundException", None)
    });
    let failures = [
        center.list_provisioned(&account()).await.unwrap_err(),
        center.list_groups(&account(), &set).await.unwrap_err(),
    ];
    for failure in failures {
        assert_eq!(failure.name(), ErrorName::AccountNotReady);
    }
    assert!(!memory.knows(&set));
}

#[tokio::test]
async fn a_change_is_started_with_every_argument_and_followed_by_its_id() {
    for (action, start, describe, field, id_field) in [
        (
            Action::Assign,
            "CreateAccountAssignment",
            "DescribeAccountAssignmentCreationStatus",
            "AccountAssignmentCreationStatus",
            "AccountAssignmentCreationRequestId",
        ),
        (
            Action::Unassign,
            "DeleteAccountAssignment",
            "DescribeAccountAssignmentDeletionStatus",
            "AccountAssignmentDeletionStatus",
            "AccountAssignmentDeletionRequestId",
        ),
    ] {
        let (center, calls) = fresh(move |_, number| {
            let status = match number {
                1 => json!({"RequestId": "r1"}),
                2 => json!({"RequestId": "r1", "Status": "IN_PROGRESS"}),
                3 => json!({"RequestId": "r1", "Status": "SUCCEEDED"}),
                4 => json!({"RequestId": "r1", "Status": "FAILED", "FailureReason": "why"}),
                _ => json!({"RequestId": "r1", "Status": "FAILED"}),
            };
            said(&json!({ field: status }))
        });
        let id: AssignmentRequestId = "r1".parse().unwrap();
        let started = center.start(action, &assignment()).await;
        assert_eq!(
            started,
            Ok(Start::Taken(id.clone(), RequestState::InProgress))
        );
        for state in [
            RequestState::InProgress,
            RequestState::Succeeded,
            RequestState::Failed("why".to_owned()),
            RequestState::Failed("AWS gives no reason".to_owned()),
        ] {
            assert_eq!(center.find_request(action, &id).await, Ok(Some(state)));
        }
        let calls = calls.lock().unwrap();
        assert_eq!(
            (calls[0].action.as_str(), calls[1].action.as_str()),
            (start, describe)
        );
        assert!(has(
            &calls[0],
            &json!({
                "InstanceArn": "arn:aws:sso:::instance/ssoins-1",
                "TargetId": "111111111111",
                "TargetType": "AWS_ACCOUNT",
                "PermissionSetArn": SET,
                "PrincipalType": "GROUP",
                "PrincipalId": "g1",
            })
        ));
        assert!(has(&calls[1], &json!({ id_field: "r1" })));
    }
}

#[tokio::test(start_paused = true)]
async fn a_start_is_refused_for_now_or_for_good() {
    for action in [Action::Assign, Action::Unassign] {
        for code in ["ConflictException", "ThrottlingException"] {
            let (center, _) = fresh(move |_, _| json_error(code, None));
            let start = center.start(action, &assignment()).await;
            assert_eq!(start, Ok(Start::NotYet(format!("{code}: no"))));
        }
        for (code, name) in [
            (
                "ServiceQuotaExceededException",
                ErrorName::SingleSignOnFailed,
            ),
            ("ValidationException", ErrorName::SingleSignOnFailed),
            (
                "ResourceNotFoundException",
                ErrorName::ConcurrentModification,
            ),
            ("AccessDeniedException", ErrorName::AccessDenied),
            ("InternalServerException", ErrorName::ServiceUnavailable),
            ("SomethingNew", ErrorName::Internal),
        ] {
            let (center, _) = fresh(move |_, _| json_error(code, None));
            let failure = center.start(action, &assignment()).await.unwrap_err();
            assert_eq!(failure.name(), name, "{code}");
            assert!(
                failure
                    .cause()
                    .starts_with(&format!("group g1 with {SET}: ")),
                "{failure}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn errors_of_what_is_read_have_names() {
    for (code, name) in [
        ("AccessDeniedException", ErrorName::AccessDenied),
        ("ThrottlingException", ErrorName::Throttled),
        ("InternalServerException", ErrorName::ServiceUnavailable),
        ("SomethingNew", ErrorName::Internal),
    ] {
        let (center, _) = fresh(move |_, _| json_error(code, None));
        let (account, set) = (account(), SET.parse().unwrap());
        let failures = [
            center
                .find_permission_set(&reference(SET))
                .await
                .unwrap_err(),
            center
                .find_permission_set(&reference("Admin"))
                .await
                .unwrap_err(),
            center.list_provisioned(&account).await.unwrap_err(),
            center.list_groups(&account, &set).await.unwrap_err(),
            center
                .list_of_group(&"g1".parse().unwrap())
                .await
                .unwrap_err(),
            center
                .find_request(Action::Assign, &"r1".parse().unwrap())
                .await
                .unwrap_err(),
            center
                .find_request(Action::Unassign, &"r1".parse().unwrap())
                .await
                .unwrap_err(),
        ];
        for failure in failures {
            assert_eq!(failure.name(), name, "{code} {failure}");
        }
    }
    let (center, _) = fresh(|_, _| json_error("ResourceNotFoundException", None));
    let forgotten = center
        .find_request(Action::Assign, &"r1".parse().unwrap())
        .await;
    assert_eq!(forgotten, Ok(None));
}

#[tokio::test]
async fn answers_in_which_something_is_missing_are_internal() {
    let (center, _) = fresh(|_, _| said(&json!({})));
    let failures = [
        center
            .start(Action::Assign, &assignment())
            .await
            .unwrap_err(),
        center
            .find_permission_set(&reference(SET))
            .await
            .unwrap_err(),
    ];
    for failure in failures {
        assert_eq!(failure.name(), ErrorName::Internal);
    }
    let nothing = center
        .find_request(Action::Assign, &"r1".parse().unwrap())
        .await;
    assert_eq!(nothing, Ok(None));
}
