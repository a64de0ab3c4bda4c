//! Control Tower on the wire: pages, children, the one baseline that counts, and what each refusal means.
//! Its protocol is REST: the path of the address tells the call.

use avm_core::error::ErrorName;
use serde_json::{Value, json};

use super::*;
use crate::wire::{Call, Reply, answering, json_error};

const UNIT: &str = "arn:aws:organizations::333333333333:ou/o-exampleorg/ou-ab12-11111111";
const ACCOUNT: &str = "arn:aws:organizations::333333333333:account/o-exampleorg/111111111111";
const TOWER: &str = "arn:aws:controltower:eu-west-1::baseline/17BSJV3IGJ2QSGA2";
const BACKUP: &str = "arn:aws:controltower:eu-west-1::baseline/OTHER";

fn said(body: &Value) -> Reply {
    Reply::Said(200, body.to_string())
}

fn tower(configuration: &SdkConfig) -> ControlTowerApi {
    ControlTowerApi::in_region(
        configuration,
        &"eu-west-1".parse().unwrap(),
        &BaselineMemory::default(),
    )
}

fn baselines(call: &Call) -> Option<Reply> {
    call.uri.ends_with("/list-baselines").then(|| {
        said(&if call.body.contains("nextToken") {
            json!({"baselines": [{"arn": TOWER, "name": "AWSControlTowerBaseline"}]})
        } else {
            json!({"baselines": [{"arn": BACKUP, "name": "BackupBaseline"}], "nextToken": "2"})
        })
    })
}

fn enabled_on(target: &str, baseline: &str, arn: &str, status: &str) -> Value {
    json!({
        "arn": arn, "baselineIdentifier": baseline, "targetIdentifier": target, "parentIdentifier": "parent",
        "statusSummary": {"status": status, "lastOperationIdentifier": "operation-1"},
    })
}

#[tokio::test]
async fn accounts_under_change_are_counted_once_each_on_all_pages() {
    let other = ACCOUNT.replace("111111111111", "222222222222");
    let (configuration, calls) = answering(move |call| {
        said(&if call.body.contains("nextToken") {
            json!({"enabledBaselines": [
                enabled_on(ACCOUNT, BACKUP, "x", "UNDER_CHANGE"), enabled_on(&other, TOWER, "y", "UNDER_CHANGE"),
            ]})
        } else {
            json!({"nextToken": "2", "enabledBaselines": [
                enabled_on(UNIT, TOWER, "unit", "UNDER_CHANGE"), enabled_on(ACCOUNT, TOWER, "z", "UNDER_CHANGE"),
            ]})
        })
    });
    let count = tower(&configuration).count_accounts_under_change().await;
    assert_eq!(count, Ok(2));
    let calls = calls.lock().unwrap();
    let first: Value = serde_json::from_str(&calls[0].body).unwrap();
    assert_eq!(
        first,
        json!({"filter": {"statuses": ["UNDER_CHANGE"]}, "includeChildren": true})
    );
}

#[tokio::test]
async fn the_baselines_of_units_and_accounts_are_read_from_all_pages() {
    let (configuration, calls) = answering(|call| {
        baselines(call).unwrap_or_else(|| {
            said(&if call.body.contains("nextToken") {
                json!({"enabledBaselines": [
                    enabled_on(ACCOUNT, TOWER, "child", "UNDER_CHANGE"), enabled_on("elsewhere", TOWER, "x", "FAILED"),
                ]})
            } else {
                json!({"nextToken": "2", "enabledBaselines": [
                    enabled_on(UNIT, TOWER, "unit", "SUCCEEDED"), enabled_on(UNIT, BACKUP, "x", "FAILED"),
                ]})
            })
        })
    });
    let found = tower(&configuration)
        .baselines_on(&[UNIT, ACCOUNT])
        .await
        .unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!(found[UNIT].status, BaselineStatus::Succeeded);
    assert_eq!(
        found[ACCOUNT],
        EnabledBaseline {
            arn: "child".to_owned(),
            parent: Some("parent".to_owned()),
            status: BaselineStatus::UnderChange,
            is_drifted: false,
            operation: Some("operation-1".to_owned()),
        }
    );
    let calls = calls.lock().unwrap();
    let first: Value = serde_json::from_str(&calls[0].body).unwrap();
    assert_eq!(
        first,
        json!({"filter": {"targetIdentifiers": [UNIT, ACCOUNT]}, "includeChildren": true})
    );
    assert!(calls[0].uri.contains("eu-west-1"), "{}", calls[0].uri);
}

#[tokio::test]
async fn all_baselines_of_a_target_are_told_with_their_drift() {
    let (configuration, calls) = answering(|_| {
        let mut drifted = enabled_on(ACCOUNT, BACKUP, "b", "SUCCEEDED");
        drifted["driftStatusSummary"] = json!({"types": {"inheritance": {"status": "DRIFTED"}}});
        let mut in_sync = enabled_on(ACCOUNT, TOWER, "a", "FAILED");
        in_sync["driftStatusSummary"] = json!({"types": {"inheritance": {"status": "IN_SYNC"}}});
        said(&json!({"enabledBaselines": [in_sync, drifted]}))
    });
    let found = tower(&configuration)
        .all_baselines_on(&[UNIT, ACCOUNT])
        .await;
    let found = found.unwrap();
    assert_eq!(found.len(), 1);
    let of_account: Vec<_> = found[ACCOUNT]
        .iter()
        .map(|one| (one.arn.as_str(), one.is_drifted, &one.status))
        .collect();
    assert_eq!(
        of_account,
        [
            ("a", false, &BaselineStatus::Failed),
            ("b", true, &BaselineStatus::Succeeded)
        ]
    );
    assert_eq!(calls.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn accounts_that_a_unit_is_at_work_on_are_found_by_its_baselines() {
    let (configuration, calls) = answering(|_| {
        said(&json!({"enabledBaselines": [
            enabled_on(ACCOUNT, TOWER, "a", "UNDER_CHANGE"), enabled_on(ACCOUNT, BACKUP, "b", "UNDER_CHANGE"),
        ]}))
    });
    let found = tower(&configuration).accounts_under_change(&["unit"]).await;
    assert_eq!(found.unwrap(), [ACCOUNT.to_owned()].into());
    let asked: Value = serde_json::from_str(&calls.lock().unwrap()[0].body).unwrap();
    assert_eq!(
        asked,
        json!({
            "filter": {"parentIdentifiers": ["unit"], "statuses": ["UNDER_CHANGE"]},
            "includeChildren": true,
        })
    );
}

#[tokio::test]
async fn where_nothing_is_enabled_nobody_asks_which_baseline_counts() {
    let (configuration, calls) = answering(|_| said(&json!({"enabledBaselines": []})));
    let found = tower(&configuration).baselines_on(&[UNIT]).await.unwrap();
    assert!(found.is_empty());
    assert_eq!(calls.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn every_status_is_read() {
    for (text, status) in [
        ("FAILED", BaselineStatus::Failed),
        ("NEW", BaselineStatus::Other("NEW".to_owned())),
    ] {
        let (configuration, _) = answering(move |call| {
            let enabled = json!({"enabledBaselines": [enabled_on(UNIT, TOWER, "unit", text)]});
            baselines(call).unwrap_or_else(|| said(&enabled))
        });
        let found = tower(&configuration).baselines_on(&[UNIT]).await.unwrap();
        assert_eq!(found[UNIT].status, status);
    }
}

#[tokio::test]
async fn a_control_tower_without_its_baseline_is_internal() {
    let (configuration, _) = answering(|call| {
        said(&if call.uri.ends_with("/list-baselines") {
            json!({"baselines": []})
        } else {
            json!({"enabledBaselines": [enabled_on(UNIT, TOWER, "unit", "SUCCEEDED")]})
        })
    });
    let failure = tower(&configuration)
        .baselines_on(&[UNIT])
        .await
        .unwrap_err();
    assert_eq!(failure.name(), ErrorName::Internal);
}

#[tokio::test]
async fn the_landing_zone_tells_whether_it_enrolls_what_is_moved_and_is_being_changed() {
    for (types, status, expected) in [
        (json!(["INHERITANCE_DRIFT"]), "ACTIVE", (true, false)),
        (json!([]), "PROCESSING", (false, true)),
        (json!([]), "FAILED", (false, false)),
    ] {
        let (configuration, calls) = answering(move |call| {
            said(&if call.uri.ends_with("/list-landingzones") {
                json!({"landingZones": [{"arn": "landing-zone"}]})
            } else {
                json!({"landingZone": {"version": "3.3", "manifest": {}, "remediationTypes": types, "status": status}})
            })
        });
        let state = tower(&configuration)
            .find_landing_zone()
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (state.enrolls_moved_accounts, state.is_processing),
            expected
        );
        assert_eq!(state.version, "3.3");
        assert!(calls.lock().unwrap()[1].body.contains("landing-zone"));
    }
    let (configuration, _) = answering(|_| said(&json!({"landingZones": []})));
    assert_eq!(tower(&configuration).find_landing_zone().await, Ok(None));
    let (configuration, _) = answering(|call| {
        if call.uri.ends_with("/list-landingzones") {
            said(&json!({"landingZones": [{"arn": "landing-zone"}]}))
        } else {
            json_error("ResourceNotFoundException", None)
        }
    });
    assert_eq!(tower(&configuration).find_landing_zone().await, Ok(None));
}

#[tokio::test]
async fn the_message_of_an_operation_is_read_if_there_is_one() {
    for (message, expected) in [(json!("why"), Some("why".to_owned())), (json!(""), None)] {
        let (configuration, _) = answering(move |_| {
            said(
                &json!({"baselineOperation": {"operationIdentifier": "1", "statusMessage": message}}),
            )
        });
        let found = tower(&configuration).find_operation_message("1").await;
        assert_eq!(found, Ok(expected));
    }
    let (configuration, _) = answering(|_| json_error("ResourceNotFoundException", None));
    assert_eq!(
        tower(&configuration).find_operation_message("1").await,
        Ok(None)
    );
}

#[tokio::test]
async fn a_unit_has_controls_if_any_page_tells_one() {
    let (configuration, calls) = answering(|call| {
        let more = json!({"enabledControls": [], "nextToken": "2"});
        let one = json!({"enabledControls": [{"arn": "control", "targetIdentifier": UNIT}]});
        if call.body.contains("unknown") {
            return json_error("ResourceNotFoundException", None);
        }
        said(if call.body.contains("nextToken") {
            &one
        } else {
            &more
        })
    });
    let tower = tower(&configuration);
    assert_eq!(tower.has_controls(&["unknown", UNIT]).await, Ok(true));
    assert_eq!(calls.lock().unwrap().len(), 3);
    assert_eq!(tower.has_controls(&["unknown"]).await, Ok(false));
    assert_eq!(tower.has_controls(&[]).await, Ok(false));
}

#[tokio::test(start_paused = true)]
async fn errors_keep_their_meaning() {
    for (code, name) in [
        ("AccessDeniedException", ErrorName::AccessDenied),
        ("ThrottlingException", ErrorName::Throttled),
        ("InternalServerException", ErrorName::ServiceUnavailable),
        ("ValidationException", ErrorName::Internal),
    ] {
        let (configuration, _) = answering(move |_| json_error(code, None));
        let tower = tower(&configuration);
        let names = [
            tower.baselines_on(&[UNIT]).await.unwrap_err().name(),
            tower.has_controls(&[UNIT]).await.unwrap_err().name(),
            tower.find_landing_zone().await.unwrap_err().name(),
            tower.find_operation_message("1").await.unwrap_err().name(),
        ];
        assert_eq!(names, [name; 4], "{code}");
    }
}
