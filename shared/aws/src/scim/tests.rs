//! The client against scripted answers: what is sent, and what every refusal means.
//! Neither the token nor the name of a person is ever in a failure.

use std::sync::{Arc, Mutex};

use aws_config::SdkConfig;
use serde_json::json;

use super::*;
use crate::directory::sample::instance;
use crate::directory::{GroupsOfInstance, IdentityStore};
use crate::wire::{Call, Reply, answering, connector, json_error};

/// An endpoint, with the secret of its token.
pub(super) fn endpoint(address: &str) -> ScimEndpoint {
    ScimEndpoint {
        endpoint: address.parse().unwrap(),
        token_secret_arn: "arn:aws:secretsmanager:eu-west-1:222222222222:secret:avm/scim-a1B2c3"
            .parse()
            .unwrap(),
    }
}

/// A Secrets Manager whose secret says that, one text after the other; the last one stays.
pub(super) fn secrets_with(texts: &[&'static str]) -> (SdkConfig, Arc<Mutex<Vec<Call>>>) {
    let texts = Mutex::new(texts.to_vec());
    answering(move |_| {
        let mut texts = texts.lock().unwrap();
        let text = if texts.len() > 1 {
            texts.remove(0)
        } else {
            texts[0]
        };
        Reply::Said(200, json!({"SecretString": text}).to_string())
    })
}

/// A client whose calls are answered so, and the calls that it makes.
fn client(
    answer: impl Fn(&Call) -> Reply + Send + Sync + 'static,
) -> (ScimClient, Arc<Mutex<Vec<Call>>>) {
    let (connector, calls) = connector(answer);
    (
        ScimClient::over(&secrets_with(&["abc.def"]).0, connector),
        calls,
    )
}

const ADDRESS: &str = "https://scim.eu-central-1.amazonaws.com/t1/scim/v2/";

fn group() -> GroupId {
    "9067729b3d-f987ac4d".parse().unwrap()
}

fn user(id: &str) -> UserId {
    id.parse().unwrap()
}

fn refusal(status: u16) -> Reply {
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
        "status": status.to_string(),
        "scimType": "invalidValue",
        "detail": "no way\u{7}, someone",
    });
    Reply::Said(status, body.to_string())
}

#[tokio::test]
async fn requests_are_those_that_aws_documents() {
    let (client, calls) = client(|call| match call.method.as_str() {
        "GET" => Reply::Said(200, json!({"totalResults": 0}).to_string()),
        "POST" => Reply::Said(201, json!({"id": "g1"}).to_string()),
        _ => Reply::Said(204, String::new()),
    });
    for address in [ADDRESS, ADDRESS.trim_end_matches('/')] {
        let endpoint = endpoint(address);
        let groups = ScimGroups::new(&client, endpoint.clone());
        assert_eq!(
            groups.find_group(&"mst-a b".parse().unwrap()).await,
            Ok(None)
        );
        assert_eq!(groups.find_user(&"a@b.c".parse().unwrap()).await, Ok(None));
        groups
            .create_group(&"mst-a b".parse().unwrap(), "mark")
            .await
            .unwrap();
        groups.add_members(&group(), &[user("u1")]).await.unwrap();
        let member = Member {
            user: user("u1"),
            membership: "m1".parse().unwrap(),
        };
        groups.remove_members(&group(), &[member]).await.unwrap();
        groups.delete_group(&group()).await.unwrap();
        let calls = std::mem::take(&mut *calls.lock().unwrap());
        assert!(
            calls
                .iter()
                .all(|call| call.headers["authorization"] == "Bearer abc.def")
        );
        let shown: Vec<String> = calls
            .iter()
            .map(|call| {
                let path = call.uri.strip_prefix(ADDRESS.trim_end_matches('/'));
                format!("{} {} {}", call.method, path.unwrap(), call.body)
                    .trim_end()
                    .to_owned()
            })
            .collect();
        insta::allow_duplicates!(insta::assert_snapshot!(shown.join("\n"), @r#"
        GET /Groups?filter=displayName%20eq%20%22mst-a%20b%22
        GET /Users?filter=userName%20eq%20%22a%40b.c%22
        POST /Groups {"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"mst-a b","externalId":"mark, group a165297f7c1bb7e8"}
        PATCH /Groups/9067729b3d-f987ac4d {"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"add","path":"members","value":[{"value":"u1"}]}]}
        PATCH /Groups/9067729b3d-f987ac4d {"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"remove","path":"members","value":[{"value":"u1"}]}]}
        DELETE /Groups/9067729b3d-f987ac4d
        "#));
    }
}

#[tokio::test]
async fn every_refusal_has_a_name_and_shows_neither_token_nor_person() {
    for (status, of_search, of_patch) in [
        (
            400,
            ErrorName::SingleSignOnFailed,
            ErrorName::SingleSignOnFailed,
        ),
        (401, ErrorName::AccessDenied, ErrorName::AccessDenied),
        (403, ErrorName::AccessDenied, ErrorName::AccessDenied),
        (
            404,
            ErrorName::InvalidConfiguration,
            ErrorName::ConcurrentModification,
        ),
        (
            409,
            ErrorName::ConcurrentModification,
            ErrorName::ConcurrentModification,
        ),
        (418, ErrorName::Internal, ErrorName::Internal),
        (429, ErrorName::Throttled, ErrorName::Throttled),
        (
            500,
            ErrorName::ServiceUnavailable,
            ErrorName::ServiceUnavailable,
        ),
        (
            503,
            ErrorName::ServiceUnavailable,
            ErrorName::ServiceUnavailable,
        ),
    ] {
        let (client, calls) = client(move |_| refusal(status));
        let endpoint = endpoint(ADDRESS);
        let groups = ScimGroups::new(&client, endpoint.clone());
        let failure = groups
            .find_group(&"mst-a".parse().unwrap())
            .await
            .unwrap_err();
        assert_eq!(failure.name(), of_search, "{status}");
        let words = format!("was answered with {status}: invalidValue, no way, someone");
        assert!(failure.cause().contains(&words), "{failure}");
        let failure = groups
            .add_members(&group(), &[user("u1")])
            .await
            .unwrap_err();
        assert_eq!(failure.name(), of_patch, "{status}");
        assert!(failure.cause().starts_with(group().as_str()), "{failure}");

        let found = groups.find_user(&"someone".parse().unwrap()).await;
        let failure = found.unwrap_err();
        assert_eq!(failure.name(), of_search, "{status}");
        assert!(!failure.to_string().contains("someone"), "{failure}");
        assert_eq!(
            groups.find_user(&"some one".parse().unwrap()).await,
            Ok(None)
        );
        // Not one of them is repeated here.
        assert_eq!(calls.lock().unwrap().len(), 3);
    }
}

#[tokio::test]
async fn what_is_already_so_is_success() {
    let endpoint = endpoint(ADDRESS);
    let (taken, _) = client(|_| refusal(409));
    let made = ScimGroups::new(&taken, endpoint.clone())
        .create_group(&"mst-a".parse().unwrap(), "mark")
        .await;
    assert_eq!(made, Ok(NewGroup::NameTaken));
    let (gone, _) = client(|_| refusal(404));
    let groups = ScimGroups::new(&gone, endpoint.clone());
    assert_eq!(groups.delete_group(&group()).await, Ok(()));
    let member = Member {
        user: user("u1"),
        membership: "m1".parse().unwrap(),
    };
    assert_eq!(groups.remove_members(&group(), &[member]).await, Ok(()));
    assert_eq!(groups.mark_field(), "externalId");
}

/// What comes of taking two people out where the SCIM server and the store answer so; with the calls of both.
async fn removed(
    scim: u16,
    store: fn() -> Reply,
) -> (
    Result<(), Failure>,
    Arc<Mutex<Vec<Call>>>,
    Arc<Mutex<Vec<Call>>>,
) {
    let (client, of_scim) = client(move |_| refusal(scim));
    let (configuration, of_store) = answering(move |_| store());
    let groups = GroupsOfInstance::Scim(
        ScimGroups::new(&client, endpoint(ADDRESS)),
        IdentityStore::of(&configuration, &instance()),
    );
    let member = |number: u8| Member {
        user: user(&format!("u{number}")),
        membership: format!("m{number}").parse().unwrap(),
    };
    let removed = groups
        .remove_members(&group(), &[member(1), member(2)])
        .await;
    (removed, of_scim, of_store)
}

#[tokio::test]
async fn members_whom_scim_does_not_take_out_are_taken_out_through_the_store() {
    let done = || Reply::Said(200, "{}".to_owned());
    let (removed, of_scim, of_store) = removed(400, done).await;
    assert_eq!(removed, Ok(()));
    assert_eq!(of_scim.lock().unwrap().len(), 1);
    let calls = of_store.lock().unwrap();
    let mut sent: Vec<(&str, &str)> = calls
        .iter()
        .map(|call| (call.action.as_str(), call.body.as_str()))
        .collect();
    sent.sort_unstable();
    let body =
        |number: u8| format!(r#"{{"IdentityStoreId":"d-1234567890","MembershipId":"m{number}"}}"#);
    let (first, second) = (body(1), body(2));
    assert_eq!(
        sent,
        [
            ("DeleteGroupMembership", first.as_str()),
            ("DeleteGroupMembership", second.as_str())
        ]
    );
}

#[tokio::test]
async fn the_store_is_asked_only_where_scim_refuses_the_change_and_both_refusals_are_told() {
    let (failure, _, _) = removed(400, || json_error("AccessDeniedException", None)).await;
    let failure = failure.unwrap_err();
    assert_eq!(failure.name(), ErrorName::AccessDenied);
    for words in [
        "scim PatchGroup was answered with 400",
        "identitystore:DeleteGroupMembership",
    ] {
        assert!(failure.cause().contains(words), "{failure}");
    }
    for status in [401, 403, 429, 500] {
        let (failure, _, of_store) = removed(status, || Reply::Cut).await;
        assert!(failure.is_err(), "{status}");
        assert!(of_store.lock().unwrap().is_empty(), "{status}");
    }
}

#[tokio::test]
async fn what_is_no_scim_answer_says_which_field_is_wrong() {
    for reply in [
        || Reply::Said(200, "<html>Sign in, someone</html>".to_owned()),
        || Reply::Said(302, String::new()),
        || {
            Reply::Said(
                200,
                r#"{"Resources": [{"displayName": "mst-a"}]}"#.to_owned(),
            )
        },
    ] {
        let (client, _) = client(move |_| reply());
        let endpoint = endpoint(ADDRESS);
        let groups = ScimGroups::new(&client, endpoint.clone());
        let failure = groups
            .find_group(&"mst-a".parse().unwrap())
            .await
            .unwrap_err();
        assert_eq!(failure.name(), ErrorName::InvalidConfiguration);
        assert!(
            failure
                .cause()
                .starts_with("/avm/platform, field singleSignOn.scim.endpoint: "),
            "{failure}"
        );
        assert!(!failure.cause().contains("someone"), "{failure}");
    }
}

#[tokio::test]
async fn a_connection_that_is_cut_is_tried_again_by_the_machine() {
    let (client, calls) = client(|_| Reply::Cut);
    let endpoint = endpoint(ADDRESS);
    let groups = ScimGroups::new(&client, endpoint.clone());
    let failure = groups
        .create_group(&"mst-a".parse().unwrap(), "mark")
        .await
        .unwrap_err();
    assert_eq!(failure.name(), ErrorName::ServiceUnavailable);
    assert_eq!(calls.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_token_is_read_once_and_again_after_it_was_replaced() {
    let (connector, calls) = connector(|call| match call.headers["authorization"].as_str() {
        "Bearer new" => Reply::Said(200, "{}".to_owned()),
        _ => refusal(401),
    });
    let (secrets, reads) = secrets_with(&["old", "new"]);
    let client = ScimClient::over(&secrets, connector);
    let endpoint = endpoint(ADDRESS);
    let groups = ScimGroups::new(&client, endpoint.clone());
    for _ in 0..3 {
        assert_eq!(groups.find_group(&"mst-a".parse().unwrap()).await, Ok(None));
    }
    assert_eq!(calls.lock().unwrap().len(), 4);
    assert_eq!(reads.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn a_secret_that_cannot_be_read_stops_everything() {
    let (secrets, _) = answering(|_| json_error("ResourceNotFoundException", None));
    let (connector, calls) = connector(|_| Reply::Cut);
    let client = ScimClient::over(&secrets, connector);
    let endpoint = endpoint(ADDRESS);
    let groups = ScimGroups::new(&client, endpoint.clone());
    let failure = groups
        .find_group(&"mst-a".parse().unwrap())
        .await
        .unwrap_err();
    assert_eq!(failure.name(), ErrorName::InvalidConfiguration);
    assert!(calls.lock().unwrap().is_empty());
}
