//! The tree on the wire: paging, what is not there, and what each refusal means.

use serde_json::{Value, json};

use super::*;
use crate::wire::{Reply, answering, json_error};

const ROOT: &str = "r-ab12";
const UNIT: &str = "ou-ab12-11111111";
const OTHER: &str = "ou-ab12-22222222";

fn said(body: &Value) -> Reply {
    Reply::Said(200, body.to_string())
}

fn parent(text: &str) -> ParentId {
    text.parse().unwrap()
}

#[tokio::test]
async fn units_are_listed_from_all_pages() {
    let (configuration, calls) = answering(|call| {
        let token: Value = serde_json::from_str(&call.body).unwrap();
        said(&match token["NextToken"].as_str() {
            None => json!({"OrganizationalUnits": [{"Id": UNIT, "Name": "a"}], "NextToken": "2"}),
            Some("2") => json!({"OrganizationalUnits": [], "NextToken": "3"}),
            _ => json!({"OrganizationalUnits": [{"Id": OTHER, "Name": "b"}]}),
        })
    });
    let units = OrganizationsTree::of(&configuration)
        .list_units(&parent(ROOT))
        .await
        .unwrap();
    let names: Vec<&str> = units.iter().map(|unit| unit.name.as_str()).collect();
    assert_eq!(names, ["a", "b"]);
    assert_eq!(calls.lock().unwrap().len(), 3);
}

#[tokio::test]
async fn the_parent_of_accounts_and_units_is_found_or_not() {
    let account = "111111111111".parse().unwrap();
    let unit = parent(OTHER);
    for child in [Child::Account(&account), Child::Unit(&unit)] {
        let (configuration, calls) =
            answering(|_| said(&json!({"Parents": [{"Id": UNIT, "Type": "ORGANIZATIONAL_UNIT"}]})));
        let tree = OrganizationsTree::of(&configuration);
        assert_eq!(tree.find_parent(child).await, Ok(Some(parent(UNIT))));
        assert!(calls.lock().unwrap()[0].body.contains(child.id()));
        let (configuration, _) = answering(|_| json_error("ChildNotFoundException", None));
        let tree = OrganizationsTree::of(&configuration);
        assert_eq!(tree.find_parent(child).await, Ok(None));
        let (configuration, _) = answering(|_| said(&json!({"Parents": []})));
        let tree = OrganizationsTree::of(&configuration);
        assert_eq!(tree.find_parent(child).await, Ok(None));
    }
}

#[tokio::test(start_paused = true)]
async fn errors_of_reading_keep_their_meaning() {
    for (code, name) in [
        ("ParentNotFoundException", ErrorName::ConcurrentModification),
        ("AccessDeniedException", ErrorName::AccessDenied),
        ("TooManyRequestsException", ErrorName::Throttled),
        ("ServiceException", ErrorName::ServiceUnavailable),
        ("InvalidInputException", ErrorName::Internal),
        (
            "AWSOrganizationsNotInUseException",
            ErrorName::InvalidConfiguration,
        ),
    ] {
        let (configuration, _) = answering(move |_| json_error(code, None));
        let tree = OrganizationsTree::of(&configuration);
        let failure = tree.list_units(&parent(UNIT)).await.unwrap_err();
        assert_eq!(failure.name(), name, "{code}");
        assert!(failure.cause().starts_with("below ou-"), "{failure}");
    }
    let (configuration, _) = answering(|_| json_error("AccessDeniedException", None));
    let tree = OrganizationsTree::of(&configuration);
    let child = parent(UNIT);
    let failure = tree.find_parent(Child::Unit(&child)).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::AccessDenied);
}

#[tokio::test]
async fn a_unit_is_made_or_its_name_is_taken() {
    let (configuration, calls) =
        answering(|_| said(&json!({"OrganizationalUnit": {"Id": UNIT, "Name": "a"}})));
    let tree = OrganizationsTree::of(&configuration);
    let workspace = "w".parse().unwrap();
    for (workspace, body) in [
        (None, json!({"ParentId": ROOT, "Name": "a"})),
        (
            Some(&workspace),
            json!({"ParentId": ROOT, "Name": "a", "Tags": [{"Key": "avm:workspace", "Value": "w"}]}),
        ),
    ] {
        let made = tree.create_unit(&parent(ROOT), "a", workspace).await;
        assert_eq!(made, Ok(UnitCreation::Made(UNIT.parse().unwrap())));
        let calls = calls.lock().unwrap();
        let sent: Value = serde_json::from_str(&calls.last().unwrap().body).unwrap();
        assert_eq!(sent, body);
    }
    let (configuration, _) =
        answering(|_| json_error("DuplicateOrganizationalUnitException", None));
    let tree = OrganizationsTree::of(&configuration);
    let taken = tree.create_unit(&parent(ROOT), "a", None).await;
    assert_eq!(taken, Ok(UnitCreation::NameTaken));
}

#[tokio::test]
async fn a_unit_is_the_workspaces_that_its_tag_names() {
    for (tags, expected) in [
        (json!([]), None),
        (json!([{"Key": "workspace", "Value": "w"}]), None),
        (
            json!([{"Key": "x", "Value": "y"}, {"Key": "avm:workspace", "Value": "w"}]),
            Some("w"),
        ),
    ] {
        let (configuration, calls) = answering(move |_| said(&json!({"Tags": tags.clone()})));
        let tree = OrganizationsTree::of(&configuration);
        let found = tree.find_workspace(&parent(UNIT)).await.unwrap();
        assert_eq!(found.as_deref(), expected);
        let sent: Value = serde_json::from_str(&calls.lock().unwrap()[0].body).unwrap();
        assert_eq!(sent, json!({"ResourceId": UNIT}));
    }
}

#[tokio::test(start_paused = true)]
async fn every_refusal_of_a_unit_has_its_meaning() {
    for (code, reason, name) in [
        (
            "ConstraintViolationException",
            Some("OU_DEPTH_LIMIT_EXCEEDED"),
            ErrorName::OrganizationLimitExceeded,
        ),
        (
            "ConstraintViolationException",
            Some("OU_NUMBER_LIMIT_EXCEEDED"),
            ErrorName::OrganizationLimitExceeded,
        ),
        (
            "ConstraintViolationException",
            Some("SOMETHING_NEW"),
            ErrorName::OrganizationLimitExceeded,
        ),
        (
            "InvalidInputException",
            Some("INVALID_PATTERN"),
            ErrorName::InvalidConfiguration,
        ),
        (
            "ParentNotFoundException",
            None,
            ErrorName::ConcurrentModification,
        ),
        (
            "ConcurrentModificationException",
            None,
            ErrorName::ConcurrentModification,
        ),
        ("TooManyRequestsException", None, ErrorName::Throttled),
        ("ServiceException", None, ErrorName::ServiceUnavailable),
        ("AccessDeniedException", None, ErrorName::AccessDenied),
        (
            "AWSOrganizationsNotInUseException",
            None,
            ErrorName::InvalidConfiguration,
        ),
        ("SomethingNew", None, ErrorName::Internal),
    ] {
        let (configuration, _) = answering(move |_| json_error(code, reason));
        let tree = OrganizationsTree::of(&configuration);
        let failure = tree
            .create_unit(&parent(ROOT), "a", None)
            .await
            .unwrap_err();
        assert_eq!(failure.name(), name, "{code} {reason:?}");
        let words = reason.unwrap_or(code);
        assert!(failure.cause().contains(words), "{failure}");
    }
}

async fn move_answered(
    answer: impl Fn() -> Reply + Send + Sync + 'static,
) -> Result<Move, Failure> {
    let (configuration, calls) = answering(move |_| answer());
    let account = "111111111111".parse().unwrap();
    let moved = OrganizationsTree::of(&configuration)
        .move_account(&account, &parent(ROOT), &parent(UNIT))
        .await;
    assert_eq!(
        serde_json::from_str::<Value>(&calls.lock().unwrap()[0].body).unwrap(),
        json!({"AccountId": account, "SourceParentId": ROOT, "DestinationParentId": UNIT})
    );
    moved
}

#[tokio::test]
async fn a_move_arrives_or_says_which_end_has_gone() {
    let moved = move_answered(|| Reply::Said(200, String::new())).await;
    assert_eq!(moved, Ok(Move::Arrived));
    for (code, expected) in [
        ("DuplicateAccountException", Move::Arrived),
        ("SourceParentNotFoundException", Move::SourceGone),
        ("AccountNotFoundException", Move::SourceGone),
        ("DestinationParentNotFoundException", Move::DestinationGone),
    ] {
        let moved = move_answered(move || json_error(code, None)).await;
        assert_eq!(moved, Ok(expected), "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn every_other_refusal_of_a_move_has_its_meaning() {
    for (code, reason, name) in [
        (
            "InvalidInputException",
            Some("MOVING_ACCOUNT_BETWEEN_DIFFERENT_ROOTS"),
            ErrorName::UnknownOrganizationalUnit,
        ),
        (
            "InvalidInputException",
            Some("INVALID_PATTERN"),
            ErrorName::Internal,
        ),
        (
            "ConcurrentModificationException",
            None,
            ErrorName::ConcurrentModification,
        ),
        ("TooManyRequestsException", None, ErrorName::Throttled),
        ("ServiceException", None, ErrorName::ServiceUnavailable),
        ("AccessDeniedException", None, ErrorName::AccessDenied),
        ("SomethingNew", None, ErrorName::Internal),
    ] {
        let failure = move_answered(move || json_error(code, reason))
            .await
            .unwrap_err();
        assert_eq!(failure.name(), name, "{code} {reason:?}");
        assert_eq!(failure.account().unwrap().as_str(), "111111111111");
    }
    let failure = move_answered(|| Reply::Cut).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::ServiceUnavailable);
}

#[tokio::test(start_paused = true)]
async fn a_unit_is_known_by_its_id_or_is_not_there() {
    let (configuration, calls) =
        answering(|_| said(&json!({"OrganizationalUnit": {"Id": UNIT, "Name": "Sandbox"}})));
    let tree = OrganizationsTree::of(&configuration);
    let name = tree.find_unit_name(&parent(UNIT)).await;
    assert_eq!(name, Ok(Some("Sandbox".to_owned())));
    assert!(calls.lock().unwrap()[0].body.contains(UNIT));
    for (code, expected) in [
        ("OrganizationalUnitNotFoundException", Ok(None)),
        ("AccessDeniedException", Err(ErrorName::AccessDenied)),
        ("TooManyRequestsException", Err(ErrorName::Throttled)),
    ] {
        let (configuration, _) = answering(move |_| json_error(code, None));
        let tree = OrganizationsTree::of(&configuration);
        let name = tree.find_unit_name(&parent(UNIT)).await;
        assert_eq!(name.map_err(|failure| failure.name()), expected, "{code}");
    }
}
