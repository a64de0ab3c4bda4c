//! The adapter against answers of AWS Budgets: what is asked and written, what is read, and what each refusal means.
//! Nobody's address comes out, whoever a budget tells.

use std::sync::{Arc, Mutex};

use super::*;
use crate::wire::{Call, Reply, answering, json_error};

fn account() -> AccountId {
    "111111111111".parse().unwrap()
}

fn budget() -> Budget {
    serde_json::from_value(json!({
        "amount": "500.00",
        "currency": "USD",
        "thresholds": [{"percent": 80, "of": "actual"}, {"percent": 100, "of": "forecasted"}],
        "topicArn": "arn:aws:sns:eu-central-1:333333333333:avm-budgets"
    }))
    .unwrap()
}

fn said(answer: &Value) -> Reply {
    Reply::Said(200, answer.to_string())
}

fn budgets(
    partition: &str,
    answer: impl Fn(&Call) -> Reply + Send + Sync + 'static,
) -> (ManagementBudgets, Arc<Mutex<Vec<Call>>>) {
    let (configuration, calls) = answering(answer);
    let payer = "333333333333".parse().unwrap();
    (
        ManagementBudgets::of(configuration, partition, payer),
        calls,
    )
}

fn bodies(calls: &Mutex<Vec<Call>>) -> Vec<(String, Value)> {
    let calls = calls.lock().unwrap();
    let one = |call: &Call| {
        (
            call.action.clone(),
            serde_json::from_str(&call.body).unwrap(),
        )
    };
    calls.iter().map(one).collect()
}

/// A budget as AWS answers it: amounts and thresholds with a decimal, every kind of cost said.
fn of_aws() -> Value {
    let mut found = document(&account(), Terms::from(&budget()));
    found["BudgetLimit"]["Amount"] = "500.0".into();
    found["TimePeriod"] = json!({"Start": 1_793_491_200, "End": 3_706_473_600_u64});
    found["CalculatedSpend"] = json!({"ActualSpend": {"Amount": "0.0", "Unit": "USD"}});
    found
}

/// AWS with this budget, and this subscriber of each of its notifications.
fn has(budget: Value, subscriber: Value) -> impl Fn(&Call) -> Reply + Send + Sync {
    move |call| {
        said(&match call.action.as_str() {
            "DescribeBudget" => json!({"Budget": budget}),
            "ListTagsForResource" => {
                json!({"ResourceTags": [{"Key": "avm:account", "Value": "111111111111"}]})
            }
            "DescribeNotificationsForBudget" if call.body.contains("NextToken") => {
                json!({"Notifications": [{
                    "NotificationType": "FORECASTED", "ComparisonOperator": "LESS_THAN", "Threshold": 12.5,
                    "ThresholdType": "ABSOLUTE_VALUE", "NotificationState": "OK"
                }]})
            }
            "DescribeNotificationsForBudget" => {
                json!({"NextToken": "next", "Notifications": [{
                    "NotificationType": "ACTUAL", "ComparisonOperator": "GREATER_THAN", "Threshold": 80.0,
                    "ThresholdType": "PERCENTAGE", "NotificationState": "ALARM"
                }]})
            }
            "DescribeSubscribersForNotification" => json!({"Subscribers": [subscriber]}),
            other => panic!("{other}"),
        })
    }
}

fn topic() -> Value {
    json!({"SubscriptionType": "SNS", "Address": "arn:aws:sns:eu-central-1:333333333333:avm-budgets"})
}

#[tokio::test]
async fn a_budget_is_made_whole_with_whom_it_tells_and_whose_it_is() {
    let (budgets, calls) = budgets("aws", |_| Reply::Said(200, String::new()));
    budgets.create(&account(), &budget()).await.unwrap();
    let [(action, body)] = &bodies(&calls)[..] else {
        panic!("one call");
    };
    assert_eq!(action, "CreateBudget");
    assert_eq!(body["AccountId"], "333333333333");
    assert_eq!(
        body["ResourceTags"],
        json!([{"Key": "avm:account", "Value": "111111111111"}])
    );
    assert_eq!(
        body["Budget"],
        json!({
            "BudgetName": "avm-111111111111",
            "BudgetType": "COST",
            "TimeUnit": "MONTHLY",
            "BudgetLimit": {"Amount": "500.00", "Unit": "USD"},
            "CostFilters": {"LinkedAccount": ["111111111111"]},
            "CostTypes": {
                "IncludeCredit": false, "IncludeRefund": false, "IncludeDiscount": true,
                "IncludeOtherSubscription": true, "IncludeRecurring": true, "IncludeSubscription": true,
                "IncludeSupport": true, "IncludeTax": true, "IncludeUpfront": true,
                "UseAmortized": false, "UseBlended": false
            }
        })
    );
    let alerts = body["NotificationsWithSubscribers"].as_array().unwrap();
    assert_eq!(alerts.len(), 2);
    assert_eq!(alerts[0]["Subscribers"], json!([topic()]));
    assert_eq!(
        alerts[1]["Notification"],
        json!({
            "NotificationType": "FORECASTED", "ComparisonOperator": "GREATER_THAN", "Threshold": 100,
            "ThresholdType": "PERCENTAGE"
        })
    );
}

/// The rules of AWS's endpoints for this service, as its SDKs have them.
#[tokio::test]
async fn each_partition_has_one_endpoint_and_signs_for_one_region() {
    for (partition, host, region) in [
        ("aws", "https://budgets.amazonaws.com/", "us-east-1"),
        (
            "aws-cn",
            "https://budgets.amazonaws.com.cn/",
            "cn-northwest-1",
        ),
        (
            "aws-eusc",
            "https://budgets.eusc-de-east-1.api.amazonwebservices.eu/",
            "eusc-de-east-1",
        ),
    ] {
        let (budgets, calls) = budgets(partition, |_| json_error("NotFoundException", None));
        assert_eq!(budgets.find(&account()).await, Ok(None));
        let calls = calls.lock().unwrap();
        assert_eq!(calls[0].uri, host);
        let scope = format!("/{region}/budgets/aws4_request");
        assert!(
            calls[0].headers["authorization"].contains(&scope),
            "{partition}"
        );
        assert_eq!(
            calls[0].headers["x-amz-target"],
            "AWSBudgetServiceGateway.DescribeBudget"
        );
    }
}

#[tokio::test]
async fn a_budget_is_read_with_everything_that_it_tells() {
    let (budgets, calls) = budgets("aws", has(of_aws(), topic()));
    let found = budgets.find(&account()).await.unwrap().unwrap();
    assert_eq!(found.terms, Some(Terms::from(&budget())));
    let [actual, other] = &found.alerts[..] else {
        panic!("{found:?}");
    };
    assert_eq!(actual.words, "ACTUAL GREATER_THAN 80.0 PERCENTAGE");
    assert_eq!(actual.threshold, Some(budget().thresholds[0]));
    assert_eq!(actual.tells, Some(budget().topic_arn));
    assert_eq!(other.words, "FORECASTED LESS_THAN 12.5 ABSOLUTE_VALUE");
    assert_eq!(other.threshold, None);
    let bodies = bodies(&calls);
    let arn = "arn:aws:budgets::333333333333:budget/avm-111111111111";
    assert_eq!(bodies[1].1["ResourceARN"], arn);
    assert_eq!(bodies[3].1["NextToken"], "next");
}

#[tokio::test]
async fn of_a_budget_of_others_nothing_more_is_read() {
    let (budgets, calls) = budgets("aws", |call| {
        said(&match call.action.as_str() {
            "DescribeBudget" => json!({"Budget": of_aws()}),
            _ => json!({"ResourceTags": []}),
        })
    });
    let found = budgets.find(&account()).await.unwrap().unwrap();
    assert!(found.tags.is_empty());
    assert_eq!(bodies(&calls).len(), 2);
}

#[tokio::test]
async fn what_no_landing_zone_can_ask_for_has_no_terms() {
    for (pointer, value) in [
        ("/BudgetType", json!("USAGE")),
        ("/TimeUnit", json!("QUARTERLY")),
        (
            "/CostFilters",
            json!({"LinkedAccount": ["111111111111", "222222222222"]}),
        ),
        (
            "/CostFilters",
            json!({"LinkedAccount": ["111111111111"], "Service": ["AWS Lambda"]}),
        ),
        ("/CostFilters", json!({})),
        ("/CostTypes/IncludeRefund", json!(true)),
        ("/CostTypes/IncludeTax", json!(false)),
        ("/CostTypes/UseAmortized", json!(true)),
        ("/BudgetLimit/Unit", json!("GB")),
        ("/BudgetLimit/Amount", json!("500.001")),
        ("/AutoAdjustData", json!({"AutoAdjustType": "FORECAST"})),
        (
            "/PlannedBudgetLimits",
            json!({"1793491200": {"Amount": "500", "Unit": "USD"}}),
        ),
    ] {
        let mut budget = of_aws();
        budget["AutoAdjustData"] = json!(null);
        budget["PlannedBudgetLimits"] = json!(null);
        *budget.pointer_mut(pointer).unwrap() = value.clone();
        let (budgets, _) = budgets("aws", has(budget, topic()));
        let found = budgets.find(&account()).await.unwrap().unwrap();
        assert_eq!(found.terms, None, "{pointer} {value}");
    }
}

#[tokio::test]
async fn nobodys_address_comes_out() {
    let person = json!({"SubscriptionType": "EMAIL", "Address": "ada@example.com"});
    let (budgets, _) = budgets("aws", has(of_aws(), person));
    let found = budgets.find(&account()).await.unwrap().unwrap();
    assert!(found.alerts.iter().all(|alert| alert.tells.is_none()));
    assert!(!format!("{found:?}").contains("ada@"));
}

#[tokio::test]
async fn changes_name_the_budget_and_the_notification_as_aws_has_it() {
    let (budgets, calls) = budgets("aws", |_| said(&json!({})));
    let (account, budget) = (account(), budget());
    let alert = Alert {
        words: "ACTUAL GREATER_THAN 80.0 PERCENTAGE".to_owned(),
        threshold: None,
        tells: None,
    };
    budgets
        .set_terms(&account, Terms::from(&budget))
        .await
        .unwrap();
    budgets.remove_alert(&account, &alert).await.unwrap();
    let threshold = budget.thresholds[1];
    budgets
        .add_alert(&account, threshold, &budget.topic_arn)
        .await
        .unwrap();
    budgets.delete(&account).await.unwrap();
    let bodies = bodies(&calls);
    let actions: Vec<&str> = bodies.iter().map(|(action, _)| action.as_str()).collect();
    assert_eq!(
        actions,
        [
            "UpdateBudget",
            "DeleteNotification",
            "CreateNotification",
            "DeleteBudget"
        ]
    );
    assert_eq!(bodies[0].1["NewBudget"]["BudgetName"], "avm-111111111111");
    assert_eq!(bodies[1].1["Notification"]["Threshold"], 80.0);
    assert_eq!(bodies[2].1["Subscribers"], json!([topic()]));
    for (_, body) in &bodies[1..] {
        assert_eq!(body["BudgetName"], "avm-111111111111");
        assert_eq!(body["AccountId"], "333333333333");
    }
}

#[tokio::test]
async fn what_is_gone_is_not_taken_away_again() {
    let (budgets, _) = budgets("aws", |_| json_error("NotFoundException", None));
    budgets.delete(&account()).await.unwrap();
    let alert = Alert {
        words: "ACTUAL GREATER_THAN 80.0 PERCENTAGE".to_owned(),
        threshold: None,
        tells: None,
    };
    budgets.remove_alert(&account(), &alert).await.unwrap();
}

#[tokio::test]
async fn every_refusal_has_its_name() {
    for (code, name, words) in [
        (
            "InvalidParameterException",
            ErrorName::InvalidConfiguration,
            "publish",
        ),
        (
            "CreationLimitExceededException",
            ErrorName::InvalidConfiguration,
            "quota",
        ),
        (
            "DuplicateRecordException",
            ErrorName::ConcurrentModification,
            "",
        ),
        ("InternalErrorException", ErrorName::ServiceUnavailable, ""),
        ("ThrottlingException", ErrorName::Throttled, ""),
        (
            "AccessDeniedException",
            ErrorName::AccessDenied,
            "SetsBudgets=true",
        ),
    ] {
        let (budgets, _) = budgets("aws", move |_| json_error(code, None));
        let failure = budgets.create(&account(), &budget()).await.unwrap_err();
        assert_eq!(failure.name(), name, "{failure}");
        assert!(failure.to_string().contains(words), "{failure}");
        assert_eq!(failure.account(), Some(&account()));
    }
    let (budgets, _) = budgets("aws", |_| json_error("NotFoundException", None));
    let updated = budgets.set_terms(&account(), Terms::from(&budget())).await;
    assert_eq!(
        updated.unwrap_err().name(),
        ErrorName::ConcurrentModification
    );
}
