//! The plan operations: attributes in both spellings, and what AWS does not know yet.
//! Answers are written as AWS writes them.

use serde_json::{Value, json};

use crate::metering::cost_explorer::CostExplorer;
use crate::wire::{Call, Reply, answering};
use avm_core::error::ErrorName;
use avm_metering::plan::{Plan, PlanKind};
use avm_metering::ports::{Costs, PlanAnswer};
use avm_metering::time::{Moment, Window};

const RDS: &str = "Amazon Relational Database Service";

fn window() -> Window {
    let month = "2026-01".parse().unwrap();
    Window {
        month,
        end: Moment::start_of(month).plus_days(9),
    }
}

fn attributes() -> Value {
    json!({
        "accountId": "222222222222", "subscriptionId": "1234567890", "service": RDS,
        "reservationARN": "arn:aws:rds:eu-central-1:222222222222:ri:r1", "subscriptionType": "Partial Upfront",
        "numberOfInstances": "2", "startDateTime": "2026-01-01T00:00:00.000Z",
        "endDateTime": "2026-12-31T23:59:59.000Z", "upfrontFee": "438.0", "hourlyRecurringFee": "0.03"
    })
}

fn reservation(attributes: &Value) -> Value {
    json!({"UtilizationsByTime": [{"Groups": [{
        "Key": "SubscriptionId", "Value": "1234567890", "Attributes": attributes,
        "Utilization": {"AmortizedUpfrontFee": "37.2", "AmortizedRecurringFee": "22.32"}
    }]}]})
}

async fn reservations(answer: Value) -> Result<PlanAnswer, ErrorName> {
    let (configuration, _) = answering(move |_| Reply::Said(200, answer.to_string()));
    let explorer = CostExplorer::of(configuration, "aws", 500);
    let answer = explorer.reservations(window(), RDS).await;
    answer.map_err(|failure| failure.name())
}

async fn plan(answer: Value) -> Plan {
    match reservations(answer).await.unwrap() {
        PlanAnswer::Plans(plans) => plans[0].clone(),
        PlanAnswer::NotYet => panic!("no plans"),
    }
}

#[tokio::test]
async fn a_reservation_is_read_from_its_attributes() {
    let plan = plan(reservation(&attributes())).await;
    assert_eq!(plan.id, "arn:aws:rds:eu-central-1:222222222222:ri:r1");
    assert_eq!(plan.kind, PlanKind::ReservedInstance);
    assert_eq!(plan.service.as_deref(), Some(RDS));
    assert_eq!(plan.instances, 2);
    assert_eq!(plan.end.to_string(), "2026-12-31T23:59:59Z");
    let amounts = [
        plan.upfront,
        plan.amortized_upfront,
        plan.amortized_recurring,
    ];
    assert_eq!(
        amounts.map(|amount| amount.to_string()),
        ["438", "37.2", "22.32"]
    );
}

#[tokio::test]
async fn one_service_is_asked_for_without_a_granularity() {
    let (configuration, calls) = answering(|_| Reply::Said(200, "{}".to_owned()));
    let explorer = CostExplorer::of(configuration, "aws", 500);
    let answer = explorer.reservations(window(), RDS).await.unwrap();
    assert_eq!(answer, PlanAnswer::Plans(Vec::new()));
    let body: Value = serde_json::from_str(&calls.lock().unwrap()[0].body).unwrap();
    assert_eq!(
        body,
        json!({
            "TimePeriod": {"Start": "2026-01-01", "End": "2026-01-10"},
            "GroupBy": [{"Type": "DIMENSION", "Key": "SUBSCRIPTION_ID"}],
            "Filter": {"Dimensions": {"Key": "SERVICE", "Values": [RDS]}}
        })
    );
}

#[tokio::test]
async fn a_plan_without_an_upfront_need_not_tell_one_and_others_must() {
    let mut told = attributes();
    told.as_object_mut().unwrap().remove("upfrontFee");
    assert_eq!(
        reservations(reservation(&told)).await,
        Err(ErrorName::Internal)
    );
    told["subscriptionType"] = "No Upfront".into();
    assert!(plan(reservation(&told)).await.upfront.is_zero());
    for field in ["accountId", "startDateTime", "endDateTime"] {
        let mut told = attributes();
        told.as_object_mut().unwrap().remove(field);
        assert_eq!(
            reservations(reservation(&told)).await,
            Err(ErrorName::Internal),
            "{field}"
        );
    }
    let mut told = attributes();
    told.as_object_mut().unwrap().remove("reservationARN");
    assert_eq!(plan(reservation(&told)).await.id, "1234567890");
}

#[tokio::test]
async fn data_that_is_not_available_is_not_none() {
    let (configuration, _) =
        answering(|_| crate::wire::json_error("DataUnavailableException", None));
    let explorer = CostExplorer::of(configuration, "aws", 500);
    assert_eq!(
        explorer.reservations(window(), RDS).await,
        Ok(PlanAnswer::NotYet)
    );
    assert_eq!(
        explorer.savings_plans(window()).await,
        Ok(PlanAnswer::NotYet)
    );
}

fn savings_plan(status: &str) -> Value {
    json!({"SavingsPlanArn": "arn:aws:savingsplans::222222222222:savingsplan/s1", "Attributes": {
        "AccountId": "222222222222", "SavingsPlanARN": "arn:aws:savingsplans::222222222222:savingsplan/s1",
        "PaymentOption": "Partial Upfront", "PurchaseTerm": "1yr", "StartDateTime": "2023-12-06T18:24:57.000Z",
        "EndDateTime": "2024-12-05T18:24:56.000Z", "UpfrontFee": "44.0", "Status": status
    }, "AmortizedCommitment": {"AmortizedUpfrontCommitment": "3.49588968", "AmortizedRecurringCommitment": "3.5"}})
}

#[tokio::test]
async fn savings_plans_are_read_over_all_pages_by_their_own_token() {
    let (configuration, calls) = answering(|call: &Call| {
        let body: Value = serde_json::from_str(&call.body).unwrap();
        let page = if body["NextToken"].is_null() {
            json!({"SavingsPlansUtilizationDetails": [savings_plan("Active")], "NextToken": "t"})
        } else {
            json!({"SavingsPlansUtilizationDetails": [savings_plan("Returned")]})
        };
        Reply::Said(200, page.to_string())
    });
    let explorer = CostExplorer::of(configuration, "aws", 500).without_pace();
    let PlanAnswer::Plans(plans) = explorer.savings_plans(window()).await.unwrap() else {
        panic!("no plans");
    };
    assert_eq!(plans[0].upfront.to_string(), "44");
    assert_eq!(plans[0].amortized_upfront.to_string(), "3.49588968");
    assert_eq!(plans[0].service, None);
    let returned: Vec<bool> = plans.iter().map(|plan| plan.is_returned).collect();
    assert_eq!(returned, [false, true]);
    let body: Value = serde_json::from_str(&calls.lock().unwrap()[0].body).unwrap();
    assert_eq!(
        body["DataType"],
        json!(["ATTRIBUTES", "AMORTIZED_COMMITMENT"])
    );
    assert_eq!(body["MaxResults"], 100);
}
