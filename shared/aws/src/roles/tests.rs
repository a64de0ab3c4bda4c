//! The adapter against answers of IAM on the wire: what is sent, what is read, and one case for each error that means something.

use std::sync::{Arc, Mutex};

use aws_config::SdkConfig;
use serde_json::json;

use avm_core::domain::PolicyDocument;

use super::*;
use crate::wire::{Call, Reply, answering, xml_error};

const REFUSAL: ErrorName = ErrorName::IdentityProviderFailed;

fn role() -> RoleName {
    "project-admin".parse().unwrap()
}

fn policy() -> PolicyArn {
    "arn:aws:iam::aws:policy/ReadOnlyAccess".parse().unwrap()
}

fn attached() -> AttachedPolicy {
    AttachedPolicy {
        name: "ReadOnlyAccess".to_owned(),
        arn: policy().to_string(),
    }
}

fn trust() -> PolicyDocument {
    PolicyDocument::new(json!({"Statement": []}))
}

fn iam(configuration: &SdkConfig) -> IamRoles {
    IamRoles::of(configuration, REFUSAL)
}

fn refusing(code: &'static str) -> IamRoles {
    iam(&answering(move |_| xml_error(400, code)).0)
}

fn succeeding() -> (IamRoles, Arc<Mutex<Vec<Call>>>) {
    let (configuration, calls) = answering(|call| {
        let action = &call.action;
        let body = match action.as_str() {
            "CreateRole" | "GetRole" => format!("<{action}Result>{ROLE}</{action}Result>"),
            "ListAttachedRolePolicies" => ATTACHED.to_owned(),
            "GetPolicy" => "<GetPolicyResult><Policy/></GetPolicyResult>".to_owned(),
            _ => String::new(),
        };
        Reply::Said(200, format!("<{action}Response>{body}</{action}Response>"))
    });
    (iam(&configuration), calls)
}

const ROLE: &str = "<Role><Path>/</Path><RoleName>project-admin</RoleName><RoleId>AROA1</RoleId>\
    <Arn>arn:aws:iam::111111111111:role/project-admin</Arn><CreateDate>2026-11-24T00:00:00Z</CreateDate>\
    <AssumeRolePolicyDocument>%7B%22Statement%22%3A%5B%5D%7D</AssumeRolePolicyDocument>\
    <Description>words</Description><PermissionsBoundary><PermissionsBoundaryType>Policy</PermissionsBoundaryType>\
    <PermissionsBoundaryArn>arn:aws:iam::aws:policy/ReadOnlyAccess</PermissionsBoundaryArn></PermissionsBoundary></Role>";

const ATTACHED: &str = "<ListAttachedRolePoliciesResult><AttachedPolicies><member>\
    <PolicyName>ReadOnlyAccess</PolicyName><PolicyArn>arn:aws:iam::aws:policy/ReadOnlyAccess</PolicyArn>\
    </member></AttachedPolicies><IsTruncated>false</IsTruncated></ListAttachedRolePoliciesResult>";

#[tokio::test]
async fn a_role_is_read_with_its_decoded_trust() {
    let (iam, _) = succeeding();
    let found = iam.find_role(&role()).await.unwrap().unwrap();
    assert_eq!(
        found,
        Role {
            arn: "arn:aws:iam::111111111111:role/project-admin"
                .parse()
                .unwrap(),
            trust: trust(),
            boundary: Some(policy().to_string()),
            description: Some("words".to_owned()),
        }
    );
    assert_eq!(
        iam.list_attached(&role()).await.unwrap(),
        [attached()].into()
    );
}

#[tokio::test]
async fn what_does_not_exist_is_none_and_what_is_gone_is_done() {
    let iam = refusing(MISSING);
    assert_eq!(iam.find_role(&role()).await.unwrap(), None);
    assert!(iam.list_attached(&role()).await.unwrap().is_empty());
    assert_eq!(
        iam.attach(&role(), &policy()).await.unwrap(),
        Attachment::Missing
    );
    iam.detach(&role(), &attached()).await.unwrap();
    assert_eq!(iam.delete_role(&role()).await.unwrap(), RoleDeletion::Gone);
}

#[tokio::test]
async fn writes_send_what_they_were_given_and_no_tags() {
    let (iam, calls) = succeeding();
    let made = iam
        .create_role(&NewRole {
            name: &role(),
            trust: &trust(),
            description: "a b",
            boundary: Some(&policy()),
        })
        .await
        .unwrap();
    assert_eq!(made, RoleCreation::Made);
    iam.attach(&role(), &policy()).await.unwrap();
    iam.detach(&role(), &attached()).await.unwrap();
    assert_eq!(iam.delete_role(&role()).await.unwrap(), RoleDeletion::Gone);
    let bodies: Vec<String> = calls
        .lock()
        .unwrap()
        .iter()
        .map(|call| call.body.replace("&Version=2010-05-08", ""))
        .collect();
    let arn = "arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2FReadOnlyAccess";
    let document = "%7B%22Statement%22%3A%5B%5D%7D";
    assert_eq!(
        bodies,
        [
            format!(
                "Action=CreateRole&RoleName=project-admin&AssumeRolePolicyDocument={document}&Description=a%20b&PermissionsBoundary={arn}"
            ),
            format!("Action=AttachRolePolicy&RoleName=project-admin&PolicyArn={arn}"),
            format!("Action=DetachRolePolicy&RoleName=project-admin&PolicyArn={arn}"),
            "Action=DeleteRole&RoleName=project-admin".to_owned(),
        ]
    );
}

#[tokio::test]
async fn a_name_that_is_taken_is_an_answer() {
    let iam = refusing("EntityAlreadyExists");
    let creation = iam
        .create_role(&NewRole {
            name: &role(),
            trust: &trust(),
            description: "words",
            boundary: None,
        })
        .await
        .unwrap();
    assert_eq!(creation, RoleCreation::AlreadyThere);
}

/// Source: IAM's answer "Scope ARN: … does not exist or is not attachable", a 404 of the code `NoSuchEntity`.
#[tokio::test]
async fn a_boundary_that_the_account_has_not_got_yet_is_tried_again_with_a_remedy() {
    let new = NewRole {
        name: &role(),
        trust: &trust(),
        description: "words",
        boundary: Some(&policy()),
    };
    let failure = refusing(MISSING).create_role(&new).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::AccountNotReady);
    let boundary = format!("permissions boundary {}", policy());
    assert!(failure.cause().contains(&boundary), "{failure}");
    assert!(failure.remedy().contains("PermissionsBoundaryName"));
}

#[tokio::test]
async fn whether_there_is_a_policy_is_asked_of_the_account() {
    let (iam, calls) = succeeding();
    assert!(iam.has_policy(&policy()).await.unwrap());
    assert_eq!(calls.lock().unwrap()[0].action, "GetPolicy");
    assert!(!refusing(MISSING).has_policy(&policy()).await.unwrap());
    let failure = refusing("AccessDenied").has_policy(&policy()).await;
    assert_eq!(failure.unwrap_err().name(), ErrorName::AccessDenied);
}

#[tokio::test]
async fn a_role_on_which_something_still_hangs_stays_and_that_is_an_answer() {
    let deletion = refusing("DeleteConflict").delete_role(&role()).await;
    assert_eq!(deletion, Ok(RoleDeletion::InUse));
}

#[tokio::test(start_paused = true)]
async fn refusals_have_names() {
    for (code, name) in [
        ("LimitExceeded", REFUSAL),
        ("MalformedPolicyDocument", REFUSAL),
        ("UnmodifiableEntity", REFUSAL),
        ("InvalidInput", REFUSAL),
        ("PolicyNotAttachable", REFUSAL),
        ("AccessDenied", ErrorName::AccessDenied),
        ("Throttling", ErrorName::Throttled),
        ("ServiceFailure", ErrorName::ServiceUnavailable),
        ("ConcurrentModification", ErrorName::ConcurrentModification),
    ] {
        let iam = refusing(code);
        let new = NewRole {
            name: &role(),
            trust: &trust(),
            description: "words",
            boundary: Some(&policy()),
        };
        for failure in [
            iam.create_role(&new).await.unwrap_err(),
            iam.attach(&role(), &policy()).await.unwrap_err(),
            iam.detach(&role(), &attached()).await.unwrap_err(),
            iam.delete_role(&role()).await.unwrap_err(),
        ] {
            assert_eq!(failure.name(), name, "{code}");
            assert!(failure.cause().contains("project-admin"), "{failure}");
        }
    }
    let failure = refusing("AccessDenied")
        .find_role(&role())
        .await
        .unwrap_err();
    assert_eq!(failure.name(), ErrorName::AccessDenied);
}

#[tokio::test]
async fn a_principal_that_iam_does_not_know_yet_is_tried_again() {
    let (configuration, _) = answering(|_| {
        let body = "<ErrorResponse><Error><Type>Sender</Type><Code>MalformedPolicyDocument</Code>\
            <Message>Invalid principal in policy: \"Federated\":\"arn:aws:iam::1:saml-provider/x\"</Message>\
            </Error></ErrorResponse>";
        Reply::Said(400, body.to_owned())
    });
    let iam = iam(&configuration);
    let new = NewRole {
        name: &role(),
        trust: &trust(),
        description: "words",
        boundary: None,
    };
    let failure = iam.create_role(&new).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::ServiceUnavailable);
    assert!(failure.cause().contains("does not know a principal"));
}
