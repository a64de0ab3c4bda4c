//! The execution role on the wire: what is asked for and written, and one case for each error that means something.
//! IAM speaks XML: answers are written out.

use super::*;
use crate::aws::wire::{Reply, answering, xml_error};

const TRUST: &str = "%7B%22Statement%22%3A%5B%5D%7D";

fn said(action: &str, result: &str) -> Reply {
    Reply::Said(
        200,
        format!("<{action}Response><{action}Result>{result}</{action}Result></{action}Response>"),
    )
}

fn role(description: &str) -> String {
    format!(
        "<Role><Path>/</Path><RoleName>AWSControlTowerExecution</RoleName><RoleId>1</RoleId><Arn>a</Arn>\
         <CreateDate>2026-01-01T00:00:00Z</CreateDate><Description>{description}</Description>\
         <AssumeRolePolicyDocument>{TRUST}</AssumeRolePolicyDocument></Role>"
    )
}

fn attached(policies: &[&str], more: bool) -> Reply {
    let members: Vec<String> = policies
        .iter()
        .map(|arn| {
            format!("<member><PolicyName>p</PolicyName><PolicyArn>{arn}</PolicyArn></member>")
        })
        .collect();
    let members = members.concat();
    let end = if more {
        "<IsTruncated>true</IsTruncated><Marker>2</Marker>"
    } else {
        ""
    };
    said(
        "ListAttachedRolePolicies",
        &format!("<AttachedPolicies>{members}</AttachedPolicies>{end}"),
    )
}

fn trust() -> PolicyDocument {
    PolicyDocument::of_text(r#"{"Statement":[]}"#)
}

#[tokio::test]
async fn a_role_is_read_with_its_trust_its_power_and_its_maker() {
    const ADMINISTRATOR: &str = "arn:aws-cn:iam::aws:policy/AdministratorAccess";
    for (description, second_page, is_ours, is_administrator) in [
        (OURS, ADMINISTRATOR, true, true),
        (
            "of Control Tower",
            "arn:aws-cn:iam::aws:policy/Other",
            false,
            false,
        ),
    ] {
        let (configuration, _) = answering(move |call| match call.action.as_str() {
            "GetRole" => said("GetRole", &role(description)),
            _ if call.body.contains("Marker") => attached(&[second_page], false),
            _ => attached(&["arn:aws-cn:iam::aws:policy/First"], true),
        });
        let found = IamExecutionRole::of(&configuration, "aws-cn").find().await;
        assert_eq!(
            found,
            Ok(Some(FoundRole {
                trust: trust(),
                is_administrator,
                is_ours
            }))
        );
    }
    let (configuration, _) = answering(|_| xml_error(404, "NoSuchEntity"));
    let found = IamExecutionRole::of(&configuration, "aws").find().await;
    assert_eq!(found, Ok(None));
}

#[tokio::test]
async fn the_role_is_made_with_the_mark_and_one_that_is_there_is_success() {
    let (configuration, calls) = answering(|call| match call.action.as_str() {
        "CreateRole" => said("CreateRole", &role(OURS)),
        action => said(action, ""),
    });
    let iam = IamExecutionRole::of(&configuration, "aws");
    iam.ensure_made(&trust()).await.unwrap();
    iam.put_trust(&trust()).await.unwrap();
    iam.ensure_administrator().await.unwrap();
    let calls = calls.lock().unwrap().clone();
    let actions: Vec<&str> = calls.iter().map(|call| call.action.as_str()).collect();
    assert_eq!(
        actions,
        ["CreateRole", "UpdateAssumeRolePolicy", "AttachRolePolicy"]
    );
    assert!(
        calls
            .iter()
            .all(|call| call.body.contains("RoleName=AWSControlTowerExecution"))
    );
    assert!(
        calls[0]
            .body
            .contains("Description=Made%20by%20the%20account%20vending%20machine")
    );
    assert!(
        !calls[0].body.contains("Tags"),
        "tags need a right of their own"
    );
    assert!(calls[2].body.contains("policy%2FAdministratorAccess"));
    let (configuration, _) = answering(|_| xml_error(409, "EntityAlreadyExists"));
    let made = IamExecutionRole::of(&configuration, "aws")
        .ensure_made(&trust())
        .await;
    assert_eq!(made, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn every_refusal_of_a_write_keeps_its_meaning() {
    for (status, code, name) in [
        (403, "AccessDenied", ErrorName::AccessDenied),
        (404, "NoSuchEntity", ErrorName::ConcurrentModification),
        (
            409,
            "ConcurrentModification",
            ErrorName::ConcurrentModification,
        ),
        (
            400,
            "MalformedPolicyDocument",
            ErrorName::EnrolmentNotPossible,
        ),
        (400, "UnmodifiableEntity", ErrorName::EnrolmentNotPossible),
        (500, "ServiceFailure", ErrorName::ServiceUnavailable),
    ] {
        let (configuration, _) = answering(move |_| xml_error(status, code));
        let iam = IamExecutionRole::of(&configuration, "aws");
        let failures = [
            iam.ensure_made(&trust()).await.unwrap_err(),
            iam.put_trust(&trust()).await.unwrap_err(),
            iam.ensure_administrator().await.unwrap_err(),
        ];
        for failure in failures {
            assert_eq!(failure.name(), name, "{code}");
            assert!(
                failure
                    .cause()
                    .starts_with("role AWSControlTowerExecution: "),
                "{failure}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_removal_detaches_and_deletes_and_a_denial_is_an_answer() {
    for (detach, delete, expected) in [
        ("", "", Ok(Removal::Gone)),
        ("NoSuchEntity", "", Ok(Removal::Gone)),
        ("NoSuchEntity", "NoSuchEntity", Ok(Removal::Gone)),
        ("AccessDenied", "", Ok(Removal::Denied)),
        ("", "AccessDenied", Ok(Removal::Denied)),
        ("", "DeleteConflict", Ok(Removal::InUse)),
        ("Throttling", "", Err(ErrorName::Throttled)),
        ("", "UnmodifiableEntity", Err(ErrorName::Internal)),
    ] {
        let (configuration, _) = answering(move |call| {
            let code = if call.action == "DetachRolePolicy" {
                detach
            } else {
                delete
            };
            if code.is_empty() {
                said(&call.action, "")
            } else {
                xml_error(400, code)
            }
        });
        let removal = IamExecutionRole::of(&configuration, "aws").remove().await;
        let removal = removal.map_err(|failure| failure.name());
        assert_eq!(removal, expected, "{detach} {delete}");
    }
}
