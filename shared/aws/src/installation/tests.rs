//! What the services answer, as this installation reads it.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::wire::{Call, Reply, answering, json_error, xml_error};

fn installation(answer: impl Fn(&Call) -> Reply + Send + Sync + 'static) -> Installation {
    let configuration = answering(answer).0;
    Installation::of(configuration, "eu-central-1".parse().unwrap())
}

fn said(body: &str) -> Reply {
    Reply::Said(200, body.to_owned())
}

#[tokio::test]
async fn quotas_of_all_pages_are_found_by_words_of_their_names() {
    let here = installation(|call| {
        assert_eq!(
            call.headers["x-amz-target"],
            "ServiceQuotasV20190624.ListServiceQuotas"
        );
        let is_first = !call.body.contains("NextToken");
        said(if is_first {
            r#"{"Quotas": [{"QuotaName": "Function storage", "Value": 75.0}], "NextToken": "more"}"#
        } else {
            r#"{"Quotas": [{"QuotaName": "Concurrent executions", "Value": 10.0}]}"#
        })
    });
    let quotas = here.quotas("lambda").await.unwrap();
    assert_eq!(quotas.named(&["concurrent executions"]), Some(10));
    assert_eq!(quotas.named(&["accounts"]), None);
}

#[tokio::test]
async fn the_quotas_of_the_organization_are_asked_for_in_its_own_region() {
    let here = installation(|call| {
        assert!(call.uri.starts_with("https://servicequotas.us-east-1."));
        said(r#"{"Quotas": []}"#)
    });
    let quotas = here.quotas_of_the_organization().await.unwrap();
    assert_eq!(quotas, Quotas::default());
}

#[tokio::test]
async fn a_key_of_an_instance_is_told_if_it_is_the_customers() {
    let (arn, key) = (
        "arn:aws:sso:::instance/ssoins-1111222233334444",
        "arn:aws:kms:eu-west-1:111111111111:key/k",
    );
    for (details, expected) in [
        (
            format!(r#"{{"KeyType": "CUSTOMER_MANAGED_KEY", "KmsKeyArn": "{key}"}}"#),
            Some(key),
        ),
        (r#"{"KeyType": "AWS_OWNED_KMS_KEY"}"#.to_owned(), None),
        ("null".to_owned(), None),
    ] {
        let here = installation(move |call| {
            assert!(call.uri.starts_with("https://sso.eu-west-1."));
            assert_eq!(
                call.headers["x-amz-target"],
                "SWBExternalService.DescribeInstance"
            );
            said(&format!(
                r#"{{"EncryptionConfigurationDetails": {details}}}"#
            ))
        });
        let region = "eu-west-1".parse().unwrap();
        let found = here.key_of_instance(arn, &region).await.unwrap();
        assert_eq!(found.as_deref(), expected);
    }
}

#[tokio::test]
async fn a_principal_that_is_gone_is_told_by_its_id() {
    let here = installation(|_| {
        let trust = "%7B%22Statement%22%3A%5B%7B%22Principal%22%3A%7B%22AWS%22%3A%5B%22AIDAEXAMPLE%22%2C%22arn%3Aaws%3Aiam%3A%3A333333333333%3Aroot%22%5D%7D%7D%2C%7B%22Principal%22%3A%7B%22AWS%22%3A%22AROAEXAMPLE%22%7D%7D%5D%7D";
        said(&format!(
            "<GetRoleResponse><GetRoleResult><Role><Path>/</Path><RoleName>R</RoleName><RoleId>AROA</RoleId>\
             <Arn>arn:aws:iam::222222222222:role/R</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate>\
             <AssumeRolePolicyDocument>{trust}</AssumeRolePolicyDocument></Role></GetRoleResult></GetRoleResponse>"
        ))
    });
    let gone = here.gone_principals(&"R".parse().unwrap()).await.unwrap();
    assert_eq!(
        gone.into_iter().collect::<Vec<_>>(),
        ["AIDAEXAMPLE", "AROAEXAMPLE"]
    );
    let here = installation(|_| xml_error(404, "NoSuchEntity"));
    let gone = here.gone_principals(&"R".parse().unwrap()).await.unwrap();
    assert!(gone.is_empty());
}

#[tokio::test]
async fn keys_that_open_nothing_do_not_count() {
    let here = installation(|_| {
        let key = |id: &str, status: &str| {
            format!(
                "<member><UserName>u</UserName><AccessKeyId>{id}</AccessKeyId><Status>{status}</Status>\
                 <CreateDate>2026-11-05T10:00:00Z</CreateDate></member>"
            )
        };
        let (active, inactive) = (key("AKIA1", "Active"), key("AKIA2", "Inactive"));
        said(&format!(
            "<ListAccessKeysResponse><ListAccessKeysResult><AccessKeyMetadata>{active}{inactive}</AccessKeyMetadata>\
             <IsTruncated>false</IsTruncated></ListAccessKeysResult></ListAccessKeysResponse>"
        ))
    });
    let keys = here.active_keys("meshfed-service-user").await;
    assert_eq!(keys, Ok(vec!["2026-11-05T10:00:00Z".parse().unwrap()]));
    let here = installation(|_| xml_error(404, "NoSuchEntity"));
    assert_eq!(here.active_keys("nobody").await, Ok(Vec::new()));
}

#[tokio::test]
async fn a_secret_that_is_about_to_be_deleted_is_none() {
    for (body, is_there) in [
        (r#"{"Name": "x"}"#, true),
        (r#"{"Name": "x", "DeletedDate": 1.0}"#, false),
    ] {
        let here = installation(move |_| said(body));
        assert_eq!(here.has_secret("x").await, Ok(is_there));
    }
    let here = installation(|_| json_error("ResourceNotFoundException", None));
    assert_eq!(here.has_secret("x").await, Ok(false));
}

const OF_VENDS: &str = "arn:aws:states:eu-central-1:222222222222:stateMachine:avm-vend-account";

#[tokio::test]
async fn the_functions_are_asked_by_the_machine_beside_that_of_the_vends() {
    let here = installation(|call| match call.action.as_str() {
        "StartExecution" => {
            assert!(call.body.contains(":stateMachine:avm-doctor\""));
            said(r#"{"executionArn": "arn:x", "startDate": 1.0}"#)
        }
        _ => said(
            r#"{"executionArn": "arn:x", "stateMachineArn": "arn:y", "status": "SUCCEEDED", "startDate": 1.0, "output":
            "[{\"Function\": \"avm-plan\", \"Version\": \"1\", \"Trusts\": [{\"Role\": \"arn:aws:iam::333333333333:role/R\", \"Error\": null, \"Cause\": null}]}, {\"Function\": \"avm-enroll\", \"Error\": \"States.Timeout\", \"Cause\": \"\"}]"}"#,
        ),
    });
    let asked = here.ask_functions(OF_VENDS, None).await.unwrap().unwrap();
    assert_eq!(asked[0].trusts[0].error, None);
    assert_eq!(asked[1].error.as_deref(), Some("States.Timeout"));
    let here = installation(|_| json_error("StateMachineDoesNotExist", None));
    assert_eq!(here.ask_functions(OF_VENDS, None).await, Ok(None));
}

#[tokio::test]
async fn a_plan_is_asked_for_by_the_machine_beside_that_of_the_vends() {
    let here = installation(|call| match call.action.as_str() {
        "StartExecution" => {
            assert!(call.body.contains(":stateMachine:avm-plan-account\""));
            said(r#"{"executionArn": "arn:x", "startDate": 1.0}"#)
        }
        _ => said(
            r#"{"executionArn": "arn:x", "stateMachineArn": "arn:y", "status": "SUCCEEDED", "startDate": 1.0, "output":
            "{\"AccountId\": null, \"IsEmpty\": false, \"Plans\": [{\"Step\": \"enroll\", \"Plan\": {\"IsEmpty\": true, \"Words\": \"\", \"DependsOn\": null}}]}"}"#,
        ),
    });
    let plan = here.plan_of(OF_VENDS, "{}").await.unwrap();
    assert_eq!(
        (plan.plans[0].step.as_str(), plan.plans[0].plan.is_empty),
        ("enroll", true)
    );
    let here = installation(|_| json_error("StateMachineDoesNotExist", None));
    let failure = here.plan_of(OF_VENDS, "{}").await.unwrap_err();
    assert!(failure.cause().contains("avm-plan-account is not there"));
}

fn entered(id: u8, kind: &str, name: &str) -> String {
    format!(
        r#"{{"id": {id}, "timestamp": 1.0, "type": "{kind}StateEntered", "stateEnteredEventDetails": {{"name": "{name}"}}}}"#
    )
}

#[tokio::test(start_paused = true)]
async fn a_vend_is_followed_from_step_to_step() {
    let followed = async |end: &'static str| {
        let looks = AtomicUsize::new(0);
        let here = installation(move |call| {
            if call.action == "GetExecutionHistory" {
                // The newest first; AWS gives away what was told before, too.
                let mut events = vec![
                    entered(9, "Task", "Completion"),
                    entered(7, "Task", "CreateAccount"),
                    entered(5, "Wait", "WaitForAccount"),
                    entered(3, "Task", "CreateAccount"),
                ];
                let is_first = looks.load(Ordering::SeqCst) < 2;
                events.drain(..if is_first { 2 } else { 0 });
                return said(&format!(r#"{{"events": [{}]}}"#, events.join(",")));
            }
            let is_first = looks.fetch_add(1, Ordering::SeqCst) == 0;
            let status = if is_first {
                r#""status": "RUNNING""#
            } else {
                end
            };
            said(&format!(
                r#"{{"executionArn": "arn:x", "stateMachineArn": "arn:y", "startDate": 1.0, "input": "order", {status}}}"#
            ))
        });
        let vend = OF_VENDS.replace(":stateMachine:", ":execution:") + ":a-2026-11-1";
        let (vend, mut steps) = (vend.parse().unwrap(), Vec::new());
        let ended = here.follow(&vend, |step| steps.push(step.to_owned()));
        let ended = ended.await.unwrap();
        assert_eq!(steps, ["CreateAccount", "Completion"]);
        assert_eq!(ended.input, "order");
        ended.outcome
    };
    let outcome = followed(r#""status": "SUCCEEDED", "output": "done""#).await;
    assert_eq!(outcome, Ok("done".to_owned()));
    let outcome =
        followed(r#""status": "FAILED", "error": "EnrolmentFailed", "cause": "why""#).await;
    assert_eq!(
        outcome,
        Err(["EnrolmentFailed".to_owned(), "why".to_owned()])
    );
    let outcome = followed(r#""status": "TIMED_OUT""#).await;
    assert_eq!(outcome, Err(["TIMED_OUT".to_owned(), String::new()]));
}

fn change_set(status: &str, reason: &str, changes: &str) -> Reply {
    said(&format!(
        "<DescribeChangeSetResponse><DescribeChangeSetResult><Status>{status}</Status><StatusReason>{reason}</StatusReason>\
         <Changes>{changes}</Changes></DescribeChangeSetResult></DescribeChangeSetResponse>"
    ))
}

/// An installation whose only change set is that; and what was called.
async fn propose(answer: fn() -> Reply) -> (Result<Option<ChangeSet>, Failure>, Vec<Call>) {
    let (configuration, calls) = answering(move |call| match call.action.as_str() {
        "CreateChangeSet" => said(
            "<CreateChangeSetResponse><CreateChangeSetResult><Id>arn:set</Id><StackId>arn:aws:cloudformation:r:1:stack/s/1\
             </StackId></CreateChangeSetResult></CreateChangeSetResponse>",
        ),
        "DescribeChangeSet" => answer(),
        _ => said("<DeleteChangeSetResponse><DeleteChangeSetResult/></DeleteChangeSetResponse>"),
    });
    let here = Installation::of(configuration, "eu-central-1".parse().unwrap());
    let secret = ParameterValue::Given("a-secret".to_owned());
    let proposal = Proposal {
        stack: "s".to_owned(),
        is_new: false,
        template: TemplateBody::Text("{}".to_owned()),
        parameters: [
            ("Ids".to_owned(), secret),
            ("Old".to_owned(), ParameterValue::Previous),
        ]
        .into(),
        tags: [].into(),
    };
    assert!(!format!("{proposal:?}").contains("a-secret"));
    let found = here.propose(&proposal).await;
    let calls = calls.lock().unwrap().clone();
    (found, calls)
}

const AUTOMATIC: &str = "<member><Type>Resource</Type><ResourceChange><Action>Modify</Action><LogicalResourceId>Doctor\
    </LogicalResourceId><ResourceType>AWS::CloudFormation::Stack</ResourceType><Replacement>False</Replacement><Details><member>\
    <ChangeSource>Automatic</ChangeSource></member></Details></ResourceChange></member>";
const REPLACED: &str = "<member><Type>Resource</Type><ResourceChange><Action>Modify</Action><LogicalResourceId>Role\
    </LogicalResourceId><ResourceType>AWS::IAM::Role</ResourceType><Replacement>Conditional</Replacement></ResourceChange></member>";

#[tokio::test(start_paused = true)]
async fn a_change_set_tells_what_would_change_and_keeps_what_nobody_names() {
    let (found, calls) = propose(|| {
        let changes = format!("{AUTOMATIC}{REPLACED}");
        change_set("CREATE_COMPLETE", "", &changes)
    })
    .await;
    let found = found.unwrap().unwrap();
    let changes = found
        .changes
        .iter()
        .map(|one| (one.resource.as_str(), one.action));
    let expected = [("Doctor", Action::Changed), ("Role", Action::Replaced)];
    assert_eq!(changes.collect::<Vec<_>>(), expected);
    assert!(
        calls[0]
            .body
            .contains("ParameterKey=Old&Parameters.member.2.UsePreviousValue=true")
    );
    assert!(calls[0].body.contains("ChangeSetType=UPDATE") && !calls[0].body.contains("Tags"));
    assert!(calls.iter().all(|call| call.action != "DeleteChangeSet"));
}

#[tokio::test(start_paused = true)]
async fn a_change_set_without_changes_is_deleted() {
    let nothing: [fn() -> Reply; 2] = [
        || {
            change_set(
                "FAILED",
                "The submitted information didn't contain changes. Submit …",
                "",
            )
        },
        // CloudFormation cannot know that an application is the same.
        || change_set("CREATE_COMPLETE", "", AUTOMATIC),
    ];
    for answer in nothing {
        let (found, calls) = propose(answer).await;
        assert_eq!(found, Ok(None));
        assert_eq!(calls.last().unwrap().action, "DeleteChangeSet");
    }
    let (refused, calls) = propose(|| change_set("FAILED", "Role exists", "")).await;
    assert!(
        refused
            .unwrap_err()
            .cause()
            .contains("s: no change set can be made: Role exists")
    );
    assert_eq!(calls.last().unwrap().action, "DeleteChangeSet");
}
