//! The accounts of the organization and their tags, in few calls where AWS knows any.

use serde_json::{Value, json};

use crate::metering::accounts::OrganizationKnownAccounts;
use crate::wire::{Call, Reply, answering};
use avm_core::domain::AccountId;
use avm_metering::documents::AccountState;
use avm_metering::ports::KnownAccounts;

fn account(id: &str) -> AccountId {
    id.parse().unwrap()
}

fn listed() -> Reply {
    let account = |id: &str, state: &str| json!({"Id": id, "Name": format!("n-{id}"), "State": state, "Email": "a@example.com", "Arn": "x"});
    let accounts = [
        account("222222222222", "ACTIVE"),
        account("333333333333", "SUSPENDED"),
    ];
    Reply::Said(200, json!({"Accounts": accounts}).to_string())
}

fn tagged(id: &str, workspace: &str, next: &str) -> Reply {
    let arn = format!("arn:aws:organizations::111111111111:account/o-abc/{id}");
    let page = json!({"PaginationToken": next, "ResourceTagMappingList": [
        {"ResourceARN": arn, "Tags": [{"Key": "ProductName", "Value": workspace}]}
    ]});
    Reply::Said(200, page.to_string())
}

fn nothing() -> Reply {
    let page = json!({"PaginationToken": "", "ResourceTagMappingList": []});
    Reply::Said(200, page.to_string())
}

#[tokio::test]
async fn tags_are_read_a_hundred_accounts_at_a_time_in_the_region_of_billing() {
    let (configuration, calls) = answering(|call: &Call| match call.action.as_str() {
        "ListAccounts" => listed(),
        _ if call.body.contains("PaginationToken") => tagged("333333333333", "b", ""),
        _ => tagged("222222222222", "a", "next"),
    });
    let known = OrganizationKnownAccounts::of(&configuration, "aws");
    let accounts = known.list().await.unwrap();
    assert_eq!(accounts[&account("222222222222")].tags["ProductName"], "a");
    assert_eq!(accounts[&account("333333333333")].tags["ProductName"], "b");
    assert_eq!(
        accounts[&account("333333333333")].state,
        AccountState::Suspended
    );
    assert_eq!(accounts[&account("222222222222")].name, "n-222222222222");
    let calls = calls.lock().unwrap();
    assert_eq!(calls.len(), 3);
    assert_eq!(calls[1].uri, "https://tagging.us-east-1.amazonaws.com/");
    let target = "ResourceGroupsTaggingAPI_20170126.GetResources";
    assert_eq!(calls[1].headers["x-amz-target"], target);
    let body: Value = serde_json::from_str(&calls[1].body).unwrap();
    let expected =
        json!({"ResourceTypeFilters": ["organizations:account"], "ResourcesPerPage": 100});
    assert_eq!(body, expected);
}

#[tokio::test]
async fn where_the_tagging_service_knows_nothing_each_account_is_asked_for() {
    let (configuration, calls) = answering(|call: &Call| match call.action.as_str() {
        "ListAccounts" => listed(),
        "GetResources" => nothing(),
        _ => Reply::Said(
            200,
            json!({"Tags": [{"Key": "Stage", "Value": "p"}]}).to_string(),
        ),
    });
    let known = OrganizationKnownAccounts::of(&configuration, "aws").without_pace();
    let accounts = known.list().await.unwrap();
    assert!(
        accounts
            .values()
            .all(|account| account.tags["Stage"] == "p")
    );
    let asked = calls.lock().unwrap();
    let each = asked
        .iter()
        .filter(|call| call.action == "ListTagsForResource");
    assert_eq!(each.count(), 2);
}

#[tokio::test]
async fn one_answer_of_the_tagging_service_is_enough() {
    let (configuration, calls) = answering(|call: &Call| match call.action.as_str() {
        "ListAccounts" => listed(),
        _ => tagged("222222222222", "a", ""),
    });
    let known = OrganizationKnownAccounts::of(&configuration, "aws");
    let accounts = known.list().await.unwrap();
    assert!(accounts[&account("333333333333")].tags.is_empty());
    assert_eq!(calls.lock().unwrap().len(), 2);
}
