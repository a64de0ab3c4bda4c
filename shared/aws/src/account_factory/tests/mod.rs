//! The Account Factory on the wire: what is sent, what is read, and what each refusal and each message means.
//! Messages are those of Control Tower's troubleshooting guide and of public reports.

mod starts;

use serde_json::{Value, json};

use super::*;
use crate::wire::{Call, Reply, answering, json_error};
use avm_core::domain::{Account, ParentId};
use avm_core::ports::account_factory::{Problem, ProductStatus};
use avm_core::testing::account;

fn said(body: &Value) -> Reply {
    Reply::Said(200, body.to_string())
}

fn refused(code: &str, message: &str) -> Reply {
    Reply::Said(400, json!({"__type": code, "Message": message}).to_string())
}

fn factory(configuration: &SdkConfig) -> ServiceCatalogAccountFactory {
    ServiceCatalogAccountFactory::in_region(configuration, &"eu-west-1".parse().unwrap())
}

fn product() -> ProductId {
    "prod-abc".parse().unwrap()
}

fn offer() -> Offer {
    Offer {
        product: product(),
        artifact: "pa-1".parse().unwrap(),
        path: "lpv2-1".parse().unwrap(),
    }
}

fn unit() -> Unit {
    let id: ParentId = "ou-ab12-11111111".parse().unwrap();
    let name = "Sandbox".to_owned();
    Unit { id, name }
}

fn token() -> OperationId {
    OperationId::of_parts(["token"])
}

fn body(call: &Call) -> Value {
    serde_json::from_str(&call.body).unwrap()
}

#[tokio::test]
async fn versions_are_read_and_a_product_that_is_not_there_has_none() {
    let (configuration, calls) = answering(|_| {
        said(&json!({"ProvisioningArtifactDetails": [
            {"Id": "pa-1", "Active": true, "Guidance": "DEFAULT", "CreatedTime": 1_700_000_000},
            {"Id": "pa-2", "Guidance": "DEPRECATED"},
        ]}))
    });
    let found = factory(&configuration)
        .find_artifacts(&product())
        .await
        .unwrap()
        .unwrap();
    let read: Vec<_> = found
        .iter()
        .map(|one| {
            (
                one.id.as_str(),
                one.is_active,
                one.is_deprecated,
                one.made_at,
            )
        })
        .collect();
    assert_eq!(
        read,
        [
            ("pa-1", true, false, 1_700_000_000),
            ("pa-2", false, true, 0)
        ]
    );
    let call = calls.lock().unwrap()[0].clone();
    assert_eq!(body(&call), json!({"ProductId": "prod-abc"}));
    assert!(call.uri.contains("eu-west-1"), "{}", call.uri);
    let (configuration, _) = answering(|_| json_error("ResourceNotFoundException", None));
    let found = factory(&configuration).find_artifacts(&product()).await;
    assert_eq!(found, Ok(None));
}

#[tokio::test]
async fn launch_paths_are_read_from_all_pages_and_a_role_that_is_offered_none_has_none() {
    let (configuration, _) = answering(|call| {
        said(&if call.body.contains("PageToken") {
            json!({"LaunchPathSummaries": [{"Id": "lpv2-2", "Name": "Other"}]})
        } else {
            json!({"LaunchPathSummaries": [{"Id": "lpv2-1", "Name": "Account Factory"}], "NextPageToken": "2"})
        })
    });
    let paths = factory(&configuration)
        .list_launch_paths(&product())
        .await
        .unwrap();
    let names: Vec<&str> = paths.iter().map(|path| path.name.as_str()).collect();
    assert_eq!(names, ["Account Factory", "Other"]);
    for (code, message) in [
        ("ResourceNotFoundException", "no"),
        (
            "InvalidParametersException",
            "No launch paths found for resource: prod-abc",
        ),
    ] {
        let (configuration, _) = answering(move |_| refused(code, message));
        let paths = factory(&configuration).list_launch_paths(&product()).await;
        assert_eq!(paths, Ok(Vec::new()));
    }
}

#[tokio::test]
async fn the_product_of_an_account_is_searched_in_the_whole_account() {
    let (configuration, calls) = answering(|call| {
        said(&if call.body.contains("PageToken") {
            json!({"ProvisionedProducts": [{
                "Id": "pp-2", "Name": "avm-111111111111", "Type": "CONTROL_TOWER_ACCOUNT", "PhysicalId": "111111111111",
                "Status": "TAINTED", "StatusMessage": "why", "LastRecordId": "rec-2",
                "LastSuccessfulProvisioningRecordId": "rec-1", "IdempotencyToken": "token",
            }]})
        } else {
            json!({"NextPageToken": "2", "ProvisionedProducts": [
                {"Id": "pp-1", "Name": "z", "Type": "CONTROL_TOWER_ACCOUNT", "PhysicalId": "111111111111", "Status": "ERROR"},
                {"Id": "pp-3", "Name": "z", "Type": "CFN_STACK", "PhysicalId": "111111111111",
                 "LastSuccessfulProvisioningRecordId": "rec-1"},
                {"Id": "pp-4", "Name": "z", "Type": "CONTROL_TOWER_ACCOUNT", "PhysicalId": "222222222222",
                 "LastSuccessfulProvisioningRecordId": "rec-1"},
            ]})
        })
    });
    let found = factory(&configuration)
        .find_of_account(&account().account_id)
        .await
        .unwrap();
    assert_eq!(
        found,
        Some(ProvisionedProduct {
            id: "pp-2".parse().unwrap(),
            name: "avm-111111111111".to_owned(),
            status: ProductStatus::Tainted,
            message: Some("why".to_owned()),
            last_record: Some("rec-2".parse().unwrap()),
            has_succeeded: true,
            token: Some("token".to_owned()),
        })
    );
    assert_eq!(
        body(&calls.lock().unwrap()[0]),
        json!({
            "AccessLevelFilter": {"Key": "Account", "Value": "self"},
            "Filters": {"SearchQuery": ["physicalId:111111111111"]},
        })
    );
    let (configuration, _) = answering(|_| said(&json!({"ProvisionedProducts": []})));
    let found = factory(&configuration)
        .find_of_account(&account().account_id)
        .await;
    assert_eq!(found, Ok(None));
}

#[tokio::test]
async fn accounts_under_change_are_counted_on_all_pages() {
    let (configuration, calls) = answering(|call| {
        said(&if call.body.contains("PageToken") {
            json!({"ProvisionedProducts": [
                {"Id": "pp-1", "Type": "CONTROL_TOWER_ACCOUNT", "Status": "UNDER_CHANGE"},
                {"Id": "pp-2", "Type": "CFN_STACK", "Status": "UNDER_CHANGE"},
            ]})
        } else {
            json!({"NextPageToken": "2", "ProvisionedProducts": [
                {"Id": "pp-3", "Type": "CONTROL_TOWER_ACCOUNT", "Status": "UNDER_CHANGE"},
                {"Id": "pp-4", "Type": "CONTROL_TOWER_ACCOUNT", "Status": "AVAILABLE"},
            ]})
        })
    });
    assert_eq!(factory(&configuration).count_under_change().await, Ok(2));
    assert_eq!(
        body(&calls.lock().unwrap()[0]),
        json!({
            "AccessLevelFilter": {"Key": "Account", "Value": "self"},
            "Filters": {"SearchQuery": ["status:UNDER_CHANGE"]},
        })
    );
}

#[tokio::test]
async fn a_product_is_found_by_its_name_in_every_status() {
    for (text, status) in [
        ("AVAILABLE", ProductStatus::Available),
        ("UNDER_CHANGE", ProductStatus::UnderChange),
        ("TAINTED", ProductStatus::Tainted),
        ("ERROR", ProductStatus::Error),
        (
            "PLAN_IN_PROGRESS",
            ProductStatus::Other("PLAN_IN_PROGRESS".to_owned()),
        ),
    ] {
        let (configuration, calls) = answering(move |_| {
            said(
                &json!({"ProvisionedProductDetail": {"Id": "pp-1", "Name": "avm", "Status": text}}),
            )
        });
        let found = factory(&configuration)
            .find_named("avm")
            .await
            .unwrap()
            .unwrap();
        assert_eq!(found.status, status);
        assert!(!found.has_succeeded);
        assert_eq!(body(&calls.lock().unwrap()[0]), json!({"Name": "avm"}));
    }
    let (configuration, _) = answering(|_| json_error("ResourceNotFoundException", None));
    assert_eq!(factory(&configuration).find_named("avm").await, Ok(None));
}

#[tokio::test]
async fn a_record_tells_how_far_its_operation_is() {
    for (text, status) in [
        ("CREATED", RecordStatus::Running),
        ("IN_PROGRESS", RecordStatus::Running),
        ("IN_PROGRESS_IN_ERROR", RecordStatus::Running),
        ("SUCCEEDED", RecordStatus::Succeeded),
        ("FAILED", RecordStatus::Failed),
    ] {
        let (configuration, _) = answering(move |_| {
            said(
                &json!({"RecordDetail": {"RecordId": "rec-1", "Status": text, "RecordErrors": [
                    {"Code": "InternalServiceException", "Description": "could not baseline VPC in eu-west-1"},
                ]}}),
            )
        });
        let record = factory(&configuration)
            .find_record(&"rec-1".parse().unwrap())
            .await;
        let record = record.unwrap().unwrap();
        assert_eq!(record.status, status, "{text}");
        assert_eq!(
            record.errors[0].words,
            "InternalServiceException: could not baseline VPC in eu-west-1"
        );
    }
    let (configuration, _) = answering(|_| json_error("ResourceNotFoundException", None));
    let record = factory(&configuration)
        .find_record(&"rec-1".parse().unwrap())
        .await;
    assert_eq!(record, Ok(None));
}

#[test]
fn every_known_message_of_control_tower_has_its_problem() {
    for (code, words, problem) in [
        (
            "ResourceInUseException",
            "Account Factory cannot complete an operation on this account, because the allowed maximum of 5 concurrent account \
             operations is exceeded. Try again later.",
            Problem::Busy,
        ),
        (
            "",
            "ResourceInUseException Account Factory cannot create this enrolled account right now, because another execution \
             is in progress. Try again later.",
            Problem::Busy,
        ),
        (
            "",
            "Account Factory cannot complete an operation on this account, because another AWS Control Tower operation is in \
             progress. Try again later.",
            Problem::Busy,
        ),
        (
            "",
            "AWS Control Tower cannot complete the operation because an operation on the landing zone is in progress.",
            Problem::Busy,
        ),
        (
            "ConcurrentModificationException",
            "Accounts are unmanaged one at a time.",
            Problem::Busy,
        ),
        (
            "InternalServiceException",
            "AWSControlTowerStackSetRole is unable to assume the AWSControlTowerExecution role, already exists",
            Problem::ExecutionRole,
        ),
        (
            "",
            "AWS Control Tower cannot create an AWS Config delivery channel because one already exists.",
            Problem::ConfigRecorder,
        ),
        (
            "",
            "AWS Control Tower cannot create an AWS Config configuration recorder because one already exists.",
            Problem::ConfigRecorder,
        ),
        (
            "",
            "A stack named SC-1 already exists",
            Problem::StackExists,
        ),
        (
            "",
            "AWS Control Tower cannot create the IAM role aws-controltower-AdministratorExecutionRole because the role already \
             exists.",
            Problem::RoleExists,
        ),
        (
            "",
            "AWS Control Tower could not baseline VPC in the managed account.",
            Problem::DefaultVpc,
        ),
        (
            "",
            "The stack set has reached SUCCEEDED state but has 1 NON-CURRENT stack instances.",
            Problem::StackInstances,
        ),
        (
            "",
            "AWS Control Tower cannot complete the operation because activation of account 111111111111 not complete. Try \
             again in one hour.",
            Problem::NotActivated,
        ),
        ("Odd", "something new", Problem::Unknown),
    ] {
        assert_eq!(record_error(code, words).problem, problem, "{words}");
    }
    assert_eq!(record_error("", " words ").words, "words");
}

#[tokio::test(start_paused = true)]
async fn errors_of_reading_keep_their_meaning() {
    for (code, of_product, name) in [
        (
            "AccessDeniedException",
            ErrorName::EnrolmentNotPossible,
            ErrorName::AccessDenied,
        ),
        (
            "ThrottlingException",
            ErrorName::Throttled,
            ErrorName::Throttled,
        ),
        (
            "InvalidParametersException",
            ErrorName::Internal,
            ErrorName::Internal,
        ),
    ] {
        let (configuration, _) = answering(move |_| json_error(code, None));
        let factory = factory(&configuration);
        let looks = [
            factory.find_artifacts(&product()).await.unwrap_err(),
            factory.list_launch_paths(&product()).await.unwrap_err(),
        ];
        assert_eq!(looks.each_ref().map(Failure::name), [of_product; 2]);
        assert!(looks.iter().all(|look| look.cause().contains(code)));
        let others = [
            factory
                .find_of_account(&account().account_id)
                .await
                .unwrap_err(),
            factory.find_named("avm").await.unwrap_err(),
            factory
                .find_record(&"rec-1".parse().unwrap())
                .await
                .unwrap_err(),
        ];
        assert_eq!(others.map(|other| other.name()), [name; 3], "{code}");
    }
}

#[tokio::test]
async fn a_product_that_the_role_may_not_see_comes_with_what_names_it() {
    let (configuration, _) = answering(|_| refused("AccessDeniedException", "not authorized"));
    let failure = factory(&configuration)
        .find_artifacts(&product())
        .await
        .unwrap_err();
    assert!(failure.cause().ends_with("not authorized"), "{failure}");
    for place in [
        "controlTower.accountFactoryProductId",
        "parameter AccountFactoryProductId of the vending roles",
    ] {
        assert!(failure.remedy().contains(place), "{failure}");
    }
}
