//! The identity store against answers on the wire: what is sent, what is read, what every error means.
//! The words of the service about a person are in no failure.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::*;
use crate::directory::sample::instance;
use crate::wire::{Call, Reply, answering, json_error};

fn store(
    answer: impl Fn(&Call) -> Reply + Send + Sync + 'static,
) -> (IdentityStore, Arc<Mutex<Vec<Call>>>) {
    let (configuration, calls) = answering(answer);
    (IdentityStore::of(&configuration, &instance()), calls)
}

fn refusing(code: &'static str) -> IdentityStore {
    store(move |_| json_error(code, None)).0
}

fn said(body: &Value) -> Reply {
    Reply::Said(200, body.to_string())
}

fn arguments(call: &Call) -> Value {
    serde_json::from_str(&call.body).unwrap()
}

fn group() -> GroupId {
    "g1".parse().unwrap()
}

fn name() -> GroupName {
    "mst-a".parse().unwrap()
}

fn user() -> UserId {
    "u1".parse().unwrap()
}

fn someone() -> UserName {
    "someone".parse().unwrap()
}

fn member() -> Member {
    Member {
        user: user(),
        membership: "m1".parse().unwrap(),
    }
}

#[tokio::test]
async fn groups_and_people_are_found_by_their_unique_names() {
    let (store, calls) = store(|_| {
        said(
            &json!({"GroupId": "g1", "UserId": "u1", "IdentityStoreId": "d-1234567890", "Description": "ours"}),
        )
    });
    let found = NamedGroup {
        id: group(),
        mark: Some("ours".to_owned()),
    };
    assert_eq!(store.find_group(&name()).await, Ok(Some(found)));
    assert_eq!(store.find_user(&someone()).await, Ok(Some(user())));
    let calls = calls.lock().unwrap();
    assert!(calls[0].uri.contains("eu-west-1"), "{}", calls[0].uri);
    let sent: Vec<Value> = calls.iter().map(arguments).collect();
    let by = |path: &str, value: &str| {
        json!({
            "IdentityStoreId": "d-1234567890",
            "AlternateIdentifier": {"UniqueAttribute": {"AttributePath": path, "AttributeValue": value}},
        })
    };
    assert_eq!(
        sent,
        [
            by("displayName", "mst-a"),
            json!({"IdentityStoreId": "d-1234567890", "GroupId": "g1"}),
            by("userName", "someone")
        ]
    );
}

#[tokio::test]
async fn what_is_not_there_is_no_failure() {
    let store = refusing("ResourceNotFoundException");
    assert_eq!(store.find_group(&name()).await, Ok(None));
    assert_eq!(store.find_user(&someone()).await, Ok(None));
    assert_eq!(store.find_details(&group()).await, Ok(None));
    assert_eq!(store.remove_members(&group(), &[member()]).await, Ok(()));
    assert_eq!(store.delete_group(&group()).await, Ok(()));
}

#[tokio::test]
async fn a_refused_look_up_does_not_make_anybody_unknown() {
    let store = refusing("ValidationException");
    let failure = store.find_user(&someone()).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::InvalidConfiguration);
    // A name that the store can not hold is nobody's, without asking.
    assert_eq!(
        store.find_user(&"some one".parse().unwrap()).await,
        Ok(None)
    );
}

#[tokio::test]
async fn members_are_listed_over_all_pages() {
    let (store, _) = store(|call| {
        let membership = |number: u8| {
            json!({"IdentityStoreId": "d-1234567890", "MembershipId": format!("m{number}"),
                "MemberId": {"UserId": format!("u{number}")}})
        };
        said(&match arguments(call)["NextToken"].as_str() {
            None => json!({"GroupMemberships": [membership(1)], "NextToken": "1"}),
            Some("1") => json!({"GroupMemberships": [], "NextToken": "2"}),
            _ => json!({"GroupMemberships": [membership(2)]}),
        })
    });
    let members = store.list_members(&group()).await.unwrap();
    let ids: Vec<(&str, &str)> = members
        .iter()
        .map(|member| (member.user.expose(), member.membership.expose()))
        .collect();
    assert_eq!(ids, [("u1", "m1"), ("u2", "m2")]);
}

#[tokio::test]
async fn a_group_is_made_with_what_it_is_later_known_by() {
    let (store, calls) = store(|call| match call.action.as_str() {
        "CreateGroup" => said(&json!({"GroupId": "g1", "IdentityStoreId": "d-1234567890"})),
        _ => said(
            &json!({"GroupId": "g1", "IdentityStoreId": "d-1234567890", "DisplayName": "mst-a",
            "Description": "of a project"}),
        ),
    });
    assert_eq!(store.mark_field(), "description");
    assert_eq!(
        store.create_group(&name(), "of a project").await,
        Ok(NewGroup::Made(group()))
    );
    let details = store.find_details(&group()).await.unwrap().unwrap();
    assert_eq!(details.name, "mst-a");
    assert_eq!(details.description.as_deref(), Some("of a project"));
    let made = arguments(&calls.lock().unwrap()[0]);
    assert_eq!(made["DisplayName"], "mst-a");
    assert_eq!(made["Description"], "of a project");
}

#[tokio::test]
async fn a_taken_name_is_an_answer() {
    let made = refusing("ConflictException")
        .create_group(&name(), "mark")
        .await;
    assert_eq!(made, Ok(NewGroup::NameTaken));
}

#[tokio::test]
async fn members_are_added_and_removed_by_their_ids() {
    let (store, calls) =
        store(|_| said(&json!({"MembershipId": "m1", "IdentityStoreId": "d-1234567890"})));
    store.add_members(&group(), &[user()]).await.unwrap();
    store.remove_members(&group(), &[member()]).await.unwrap();
    store.delete_group(&group()).await.unwrap();
    let sent: Vec<Value> = calls.lock().unwrap().iter().map(arguments).collect();
    assert_eq!(
        sent,
        [
            json!({"IdentityStoreId": "d-1234567890", "GroupId": "g1", "MemberId": {"UserId": "u1"}}),
            json!({"IdentityStoreId": "d-1234567890", "MembershipId": "m1"}),
            json!({"IdentityStoreId": "d-1234567890", "GroupId": "g1"}),
        ]
    );
}

#[tokio::test]
async fn a_conflict_is_success_where_the_person_is_a_member_already() {
    let conflict = |call: &Call, is_member: bool| match call.action.as_str() {
        "CreateGroupMembership" => json_error("ConflictException", None),
        _ if is_member => said(&json!({"MembershipId": "m1", "IdentityStoreId": "d-1234567890"})),
        _ => json_error("ResourceNotFoundException", None),
    };
    let (already, _) = store(move |call| conflict(call, true));
    assert_eq!(already.add_members(&group(), &[user()]).await, Ok(()));
    let (at_work, _) = store(move |call| conflict(call, false));
    let failure = at_work.add_members(&group(), &[user()]).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::ConcurrentModification);
}

#[tokio::test]
async fn a_group_or_a_person_that_has_gone_is_looked_for_again() {
    let store = refusing("ResourceNotFoundException");
    let failures = [
        store.add_members(&group(), &[user()]).await.unwrap_err(),
        store.list_members(&group()).await.unwrap_err(),
    ];
    for failure in failures {
        assert_eq!(failure.name(), ErrorName::ConcurrentModification);
    }
}

#[tokio::test]
async fn a_store_that_is_not_there_names_its_field_before_anything_is_made() {
    let store = refusing("ResourceNotFoundException");
    let failure = store.create_group(&name(), "mark").await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::InvalidConfiguration);
    assert!(
        failure
            .cause()
            .contains("/avm/platform, field singleSignOn.identityStoreId: d-1234567890"),
        "{failure}"
    );
}

#[tokio::test(start_paused = true)]
async fn errors_have_names_and_nobodys_name_in_them() {
    for (code, name_of) in [
        ("AccessDeniedException", ErrorName::AccessDenied),
        ("ThrottlingException", ErrorName::Throttled),
        ("InternalServerException", ErrorName::ServiceUnavailable),
        ("SomethingNew", ErrorName::Internal),
    ] {
        let body = json!({"__type": code, "Message": "someone may not"}).to_string();
        let (store, _) = store(move |_| Reply::Said(400, body.clone()));
        let failure = store.find_user(&someone()).await.unwrap_err();
        assert_eq!(failure.name(), name_of, "{code}");
        assert!(!failure.to_string().contains("someone"), "{failure}");
        let failures = [
            store.find_group(&name()).await.unwrap_err(),
            store.find_details(&group()).await.unwrap_err(),
            store.list_members(&group()).await.unwrap_err(),
            store.create_group(&name(), "mark").await.unwrap_err(),
            store.add_members(&group(), &[user()]).await.unwrap_err(),
            store
                .remove_members(&group(), &[member()])
                .await
                .unwrap_err(),
            store.delete_group(&group()).await.unwrap_err(),
        ];
        for failure in failures {
            assert_eq!(failure.name(), name_of, "{code}: {failure}");
        }
    }
    for code in ["ServiceQuotaExceededException", "ValidationException"] {
        let failure = refusing(code)
            .create_group(&name(), "mark")
            .await
            .unwrap_err();
        assert_eq!(failure.name(), ErrorName::SingleSignOnFailed, "{code}");
    }
    let full = refusing("ServiceQuotaExceededException");
    let failure = full.add_members(&group(), &[user()]).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::SingleSignOnFailed);
    for code in ["ConflictException"] {
        let failure = refusing(code).delete_group(&group()).await.unwrap_err();
        assert_eq!(failure.name(), ErrorName::ConcurrentModification, "{code}");
    }
}
