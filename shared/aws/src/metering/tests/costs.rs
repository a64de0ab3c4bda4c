//! `GetCostAndUsage`: queries, pages, what is counted, and each refusal that means something.

use std::collections::BTreeSet;
use std::sync::Mutex;

use serde_json::{Value, json};

use crate::metering::cost_explorer::CostExplorer;
use crate::wire::{Call, Reply, answering};
use avm_core::config::Metric;
use avm_core::error::{ErrorName, Failure};
use avm_metering::ports::{Costs, Question};

fn question() -> Question {
    Question {
        month: "2026-01".parse().unwrap(),
        metric: Metric::AmortizedCost,
    }
}

fn explorer(
    answer: impl Fn(&Call) -> Reply + Send + Sync + 'static,
) -> (CostExplorer, std::sync::Arc<Mutex<Vec<Call>>>) {
    let (configuration, calls) = answering(answer);
    let explorer = CostExplorer::of(configuration, "aws", 500).without_pace();
    (explorer, calls)
}

fn group(keys: [&str; 2], amortized: &str, unblended: &str) -> Value {
    let figure = |amount: &str| json!({"Amount": amount, "Unit": "USD"});
    json!({"Keys": keys, "Metrics": {"AmortizedCost": figure(amortized), "UnblendedCost": figure(unblended)}})
}

fn page(groups: &[Value], next: Option<&str>) -> Reply {
    let mut page = json!({"ResultsByTime": [{
        "TimePeriod": {"Start": "2026-01-01", "End": "2026-02-01"}, "Total": {}, "Estimated": false, "Groups": groups
    }]});
    if let Some(token) = next {
        page["NextPageToken"] = token.into();
    }
    Reply::Said(200, page.to_string())
}

fn error(code: &str, message: &str) -> Reply {
    Reply::Said(400, json!({"__type": code, "message": message}).to_string())
}

fn body(call: &Call) -> Value {
    serde_json::from_str(&call.body).unwrap()
}

#[tokio::test]
async fn the_control_is_one_query_over_everything_in_the_region_of_billing() {
    let (explorer, calls) =
        explorer(|_| page(&[group(["Amazon EC2", "Usage"], "4.38E2", "438")], None));
    let control = explorer.control(question()).await.unwrap();
    assert_eq!(control.groups[0].cost.amortized.to_string(), "438");
    assert_eq!(control.groups[0].currencies, ["USD".to_owned()].into());
    assert!(!control.is_estimated);
    let call = calls.lock().unwrap()[0].clone();
    assert_eq!(call.uri, "https://ce.us-east-1.amazonaws.com/");
    assert_eq!(
        call.headers["x-amz-target"],
        "AWSInsightsIndexService.GetCostAndUsage"
    );
    assert!(call.headers["authorization"].contains("/us-east-1/ce/aws4_request"));
    assert_eq!(
        body(&call),
        json!({
            "TimePeriod": {"Start": "2026-01-01", "End": "2026-02-01"},
            "Granularity": "MONTHLY",
            "Metrics": ["AmortizedCost", "UnblendedCost"],
            "GroupBy": [{"Type": "DIMENSION", "Key": "SERVICE"}, {"Type": "DIMENSION", "Key": "RECORD_TYPE"}]
        })
    );
    assert_eq!(explorer.requests(), 1);
}

#[tokio::test]
async fn other_partitions_have_their_own_region_of_billing() {
    for (partition, uri) in [
        ("aws-cn", "https://ce.cn-northwest-1.amazonaws.com.cn/"),
        ("aws-us-gov", "https://ce.us-gov-west-1.amazonaws.com/"),
        ("aws-iso-b", "https://ce.us-isob-east-1.sc2s.sgov.gov/"),
    ] {
        let (configuration, calls) = answering(|_| page(&[], None));
        let explorer = CostExplorer::of(configuration, partition, 500);
        explorer.control(question()).await.unwrap();
        assert_eq!(calls.lock().unwrap()[0].uri, uri);
    }
}

#[tokio::test]
async fn net_figures_are_asked_for_by_their_names() {
    let (explorer, calls) = explorer(|_| page(&[], None));
    let question = Question {
        metric: Metric::NetAmortizedCost,
        ..question()
    };
    explorer.control(question).await.unwrap();
    let metrics = body(&calls.lock().unwrap()[0])["Metrics"].clone();
    assert_eq!(metrics, json!(["NetAmortizedCost", "NetUnblendedCost"]));
}

#[tokio::test]
async fn a_record_type_is_read_over_all_pages_with_its_token_and_the_same_query() {
    let (explorer, calls) = explorer(|call| match body(call)["NextPageToken"].as_str() {
        None => page(
            &[group(["222222222222", "Amazon EC2"], "1", "2")],
            Some("t1"),
        ),
        Some("t1") => page(&[], Some("t2")),
        _ => page(&[group(["333333333333", "Amazon EC2"], "3", "4")], None),
    });
    let answer = explorer
        .by_service(question(), &"RIFee".into())
        .await
        .unwrap();
    let found: Vec<String> = answer
        .groups
        .iter()
        .map(|group| group.account.to_string())
        .collect();
    assert_eq!(found, ["222222222222", "333333333333"]);
    assert_eq!(answer.groups[0].service.as_deref(), Some("Amazon EC2"));
    let calls = calls.lock().unwrap();
    assert_eq!(calls.len(), 3);
    let mut last = body(&calls[2]);
    assert_eq!(last["NextPageToken"], "t2");
    last.as_object_mut().unwrap().remove("NextPageToken");
    assert_eq!(last, body(&calls[0]));
    let filter = json!({"Dimensions": {"Key": "RECORD_TYPE", "Values": ["RIFee"]}});
    assert_eq!(last["Filter"], filter);
    assert_eq!(explorer.requests(), 3);
}

#[tokio::test]
async fn the_rest_is_everything_but_what_is_read_by_service() {
    let (explorer, calls) = explorer(|_| page(&[group(["222222222222", "Tax"], "1", "1")], None));
    let (usage, fee) = ("Usage".into(), "Fee".into());
    let except = BTreeSet::from([&usage, &fee]);
    let answer = explorer.rest(question(), &except).await.unwrap();
    assert_eq!(answer.groups[0].record_type.as_str(), "Tax");
    assert_eq!(answer.groups[0].service, None);
    explorer.rest(question(), &BTreeSet::new()).await.unwrap();
    let calls = calls.lock().unwrap();
    let filter = json!({"Not": {"Dimensions": {"Key": "RECORD_TYPE", "Values": ["Fee", "Usage"]}}});
    assert_eq!(body(&calls[0])["Filter"], filter);
    assert_eq!(body(&calls[1])["Filter"], Value::Null);
}

#[tokio::test]
async fn the_unit_of_nothing_does_not_count() {
    let (explorer, _) = explorer(|_| {
        let mut nothing = group(["Amazon EC2", "Usage"], "0", "0.0");
        nothing["Metrics"]["AmortizedCost"]["Unit"] = "N/A".into();
        page(&[nothing], None)
    });
    let control = explorer.control(question()).await.unwrap();
    assert!(control.groups[0].currencies.is_empty());
}

#[tokio::test]
async fn a_lost_place_is_looked_for_once_more_from_the_beginning() {
    for code in ["RequestChangedException", "InvalidNextTokenException"] {
        let losses = Mutex::new(1);
        let (explorer, calls) = explorer(move |call| {
            let has_token = !body(call)["NextPageToken"].is_null();
            let mut losses = losses.lock().unwrap();
            match (has_token, *losses) {
                (false, _) => page(&[group(["S", "Usage"], "1", "1")], Some("t")),
                (true, 0) => page(&[group(["S", "Tax"], "1", "1")], None),
                (true, _) => {
                    *losses -= 1;
                    error(code, "no")
                }
            }
        });
        let control = explorer.control(question()).await.unwrap();
        assert_eq!(control.groups.len(), 2, "the first page counts once");
        assert_eq!(calls.lock().unwrap().len(), 4);
    }
    let (explorer, _) = explorer(|_| error("RequestChangedException", "no"));
    let failure = explorer.control(question()).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::CostDataUnavailable);
}

#[tokio::test]
async fn refusals_mean_what_a_person_must_do() {
    for (code, message, name) in [
        (
            "AccessDeniedException",
            "User not enabled for cost explorer access",
            ErrorName::CostExplorerNotEnabled,
        ),
        (
            "AccessDeniedException",
            "not authorized",
            ErrorName::AccessDenied,
        ),
        (
            "LimitExceededException",
            "slow",
            ErrorName::CostDataUnavailable,
        ),
        (
            "DataUnavailableException",
            "not yet",
            ErrorName::CostDataUnavailable,
        ),
        ("BillExpirationException", "old", ErrorName::InvalidRequest),
        ("ValidationException", "what", ErrorName::Internal),
    ] {
        let (explorer, _) = explorer(move |_| error(code, message));
        let failure = explorer.control(question()).await.unwrap_err();
        assert_eq!(failure.name(), name, "{code}");
        assert!(failure.cause().starts_with("month 2026-01: "), "{failure}");
    }
}

#[tokio::test]
async fn requests_are_counted_before_they_are_made_and_end_at_the_limit() {
    let (configuration, calls) = answering(|_| page(&[], Some("t")));
    let explorer = CostExplorer::of(configuration, "aws", 3).without_pace();
    let failure = explorer.control(question()).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::CostExplorerRequestLimit);
    assert_eq!((calls.lock().unwrap().len(), explorer.requests()), (3, 3));
}

#[tokio::test(start_paused = true)]
async fn five_requests_are_made_in_a_second() {
    let (configuration, calls) = answering(|call| {
        let token = body(call)["NextPageToken"]
            .as_str()
            .unwrap_or("0")
            .to_owned();
        let number: u32 = token.parse().unwrap();
        page(
            &[],
            (number < 10).then(|| (number + 1).to_string()).as_deref(),
        )
    });
    let explorer = CostExplorer::of(configuration, "aws", 500);
    let begun = tokio::time::Instant::now();
    explorer.control(question()).await.unwrap();
    assert_eq!(calls.lock().unwrap().len(), 11);
    assert_eq!(begun.elapsed().as_millis() / 100, 20);
}

#[tokio::test]
async fn what_cannot_be_read_is_told_without_its_values() {
    let answers = [
        page(&[group(["S", "Usage"], "NaN", "1")], None),
        page(&[json!({"Keys": ["S"], "Metrics": {}})], None),
        page(&[json!({"Keys": ["S", "Usage"], "Metrics": {}})], None),
        Reply::Said(200, "<html>".to_owned()),
    ];
    for answer in answers {
        let answer = Mutex::new(Some(answer));
        let (explorer, _) = explorer(move |_| answer.lock().unwrap().take().unwrap());
        let failure: Failure = explorer.control(question()).await.unwrap_err();
        assert_eq!(failure.name(), ErrorName::Internal, "{failure}");
        assert!(!failure.cause().contains("NaN"), "{failure}");
    }
    let (explorer, _) = explorer(|_| page(&[group(["12", "S"], "1", "1")], None));
    let failure = explorer
        .by_service(question(), &"Usage".into())
        .await
        .unwrap_err();
    assert_eq!(failure.name(), ErrorName::Internal);
}
