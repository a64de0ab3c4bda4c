//! The template of the metering: reports that outlive it and that nobody reads on the way, and a run every day.
//! What the function and its roles may do is told with all others, in `rights.rs` and `template.rs`.
#![allow(clippy::unwrap_used)]

use contract_tests::template::{referred, resources, statements, template, texts, where_it_holds};
use serde_json::{Value, json};

const METERING: &str = "templates/metering.yaml";

fn resource(id: &str) -> Value {
    resources(&template(METERING))[id].clone()
}

#[test]
fn reports_outlive_the_stack_and_every_version_is_kept_for_a_while() {
    let bucket = resource("Reports");
    for key in ["DeletionPolicy", "UpdateReplacePolicy"] {
        assert_eq!(bucket[key], "Retain", "{key}");
    }
    let properties = &bucket["Properties"];
    assert_eq!(properties["VersioningConfiguration"]["Status"], "Enabled");
    let rules = properties["LifecycleConfiguration"]["Rules"]
        .as_array()
        .unwrap();
    let rules: Vec<&Value> = rules.iter().map(where_it_holds).collect();
    let expired = |prefix: &str| {
        let mut rules = rules.iter();
        let rule = rules.find(|rule| rule["Prefix"] == prefix).unwrap();
        referred(&rule["ExpirationInDays"]).to_owned()
    };
    assert_eq!(expired("estimated/"), "MeteringEstimatedRetentionInDays");
    for prefix in ["final/", "current/final/"] {
        assert_eq!(expired(prefix), "MeteringFinalRetentionInDays");
    }
    let of_versions = rules
        .iter()
        .find_map(|rule| rule.get("NoncurrentVersionExpiration"));
    let kept = referred(&of_versions.unwrap()["NoncurrentDays"]).to_owned();
    assert_eq!(kept, "MeteringNoncurrentRetentionInDays");
}

#[test]
fn nobody_outside_of_the_account_can_be_let_into_the_reports() {
    let properties = &resource("Reports")["Properties"];
    let blocked = properties["PublicAccessBlockConfiguration"]
        .as_object()
        .unwrap();
    assert_eq!(blocked.len(), 4);
    assert!(blocked.values().all(|value| value == true), "{blocked:?}");
    let owner = &properties["OwnershipControls"]["Rules"][0]["ObjectOwnership"];
    assert_eq!(owner, "BucketOwnerEnforced");
}

#[test]
fn reports_travel_and_lie_encrypted_under_the_key_of_ones_own_if_there_is_one() {
    let policy = resource("ReportsPolicy")["Properties"]["PolicyDocument"].clone();
    let statements = policy["Statement"].as_array().unwrap();
    let in_transit = &statements[0];
    assert_eq!(in_transit["Effect"], "Deny");
    assert_eq!(
        (&in_transit["Principal"], &in_transit["Action"]),
        (&json!("*"), &json!("s3:*"))
    );
    assert_eq!(in_transit["Resource"].as_array().unwrap().len(), 2);
    assert_eq!(
        in_transit["Condition"],
        json!({"Bool": {"aws:SecureTransport": "false"}})
    );
    assert_eq!(statements[1]["Fn::If"][0], "HasKey");
    let other_key = where_it_holds(&statements[1]);
    assert_eq!(
        (&other_key["Effect"], &other_key["Action"]),
        (&json!("Deny"), &json!("s3:PutObject"))
    );
    let condition = &other_key["Condition"]["StringNotEqualsIfExists"];
    let key = &condition["s3:x-amz-server-side-encryption-aws-kms-key-id"];
    assert_eq!(referred(key), "MeteringKeyArn");
    let encryption = &resource("Reports")["Properties"]["BucketEncryption"];
    let ways = &encryption["ServerSideEncryptionConfiguration"][0]["Fn::If"];
    let with_key = &ways[1]["ServerSideEncryptionByDefault"];
    assert_eq!(referred(&with_key["KMSMasterKeyID"]), "MeteringKeyArn");
    assert_eq!(
        ways[2]["ServerSideEncryptionByDefault"]["SSEAlgorithm"],
        "AES256"
    );
}

#[test]
fn the_key_of_the_reports_is_used_through_s3_only() {
    let role = resource("AVMMeteringFunctionRole");
    let of_key = statements(&role)
        .into_iter()
        .find(|statement| texts(&statement["Action"])[0].starts_with("kms:"));
    let condition = &of_key.unwrap()["Condition"]["StringEquals"]["kms:ViaService"];
    assert_eq!(condition["Fn::Sub"], "s3.${AWS::Region}.${AWS::URLSuffix}");
}

/// The pointer of a final month is the event of that month.
#[test]
fn the_bucket_tells_event_bridge_what_comes_into_being() {
    let notified = &resource("Reports")["Properties"]["NotificationConfiguration"];
    assert_eq!(
        notified["EventBridgeConfiguration"]["EventBridgeEnabled"],
        true
    );
}

#[test]
fn it_runs_by_its_schedule_with_an_empty_event_and_a_failure_is_told() {
    let properties = &resource("Metering")["Properties"];
    let daily = &properties["Events"]["Daily"]["Properties"];
    assert_eq!(referred(&daily["Schedule"]), "MeteringSchedule");
    assert_eq!(daily["Input"], "{}");
    let asynchronous = &properties["EventInvokeConfig"];
    assert_eq!(asynchronous["MaximumRetryAttempts"], 1);
    let told = &asynchronous["DestinationConfig"]["OnFailure"];
    assert_eq!(referred(&told["Destination"]), "FailureTopic");
    for alarm in [
        "MeteringErrorsAlarm",
        "MeteringSilenceAlarm",
        "MeteringPriceAlarm",
        "MeteringDifferenceAlarm",
    ] {
        let actions = &resource(alarm)["Properties"]["AlarmActions"];
        assert_eq!(referred(&actions[0]), "FailureTopic", "{alarm}");
    }
}

/// The boundary is deployed before the bucket and before the key: it names neither, but says whose bucket, and through what.
#[test]
fn no_function_reaches_a_bucket_of_another_account_or_uses_a_key_but_through_s3() {
    let automation = template("templates/automation.yaml");
    let document = &resources(&automation)["AVMFunctionsBoundary"]["Properties"]["PolicyDocument"];
    let condition = |action: &str| {
        let mut all = document["Statement"].as_array().unwrap().iter();
        let one = all.find(|one| texts(&one["Action"]).contains(&action));
        one.unwrap()["Condition"].clone()
    };
    let own = json!({"StringEquals": {"aws:ResourceAccount": {"Ref": "AWS::AccountId"}}});
    assert_eq!(condition("s3:PutObject"), own);
    let service = json!({"Fn::Sub": "s3.${AWS::Region}.${AWS::URLSuffix}"});
    let through = json!({"StringEquals": {"kms:ViaService": service}});
    assert_eq!(condition("kms:GenerateDataKey"), through);
}
