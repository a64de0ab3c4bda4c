//! The invocation on the wire: where it goes, and what a failure of the function becomes.

use serde_json::json;

use super::invoke;
use crate::wire::{Reply, answering};
use avm_core::error::ErrorName;

#[tokio::test]
async fn the_function_is_called_with_the_event_and_its_answer_returned() {
    let (configuration, calls) = answering(|_| Reply::Said(200, "{\"done\":[]}".to_owned()));
    let region = "eu-central-1".parse().unwrap();
    let event = json!({"Month": "2026-01"});
    let answer = invoke(configuration, &region, "avm-metering", &event)
        .await
        .unwrap();
    assert_eq!(answer, json!({"done": []}));
    let call = calls.lock().unwrap()[0].clone();
    let uri =
        "https://lambda.eu-central-1.amazonaws.com/2015-03-31/functions/avm-metering/invocations";
    assert_eq!(call.uri, uri);
    assert_eq!(call.body, event.to_string());
    assert!(call.headers["authorization"].contains("/eu-central-1/lambda/aws4_request"));
}

#[tokio::test]
async fn a_failure_of_the_function_keeps_its_name_and_words() {
    for (told, name) in [
        ("CostExplorerNotEnabled", ErrorName::CostExplorerNotEnabled),
        ("Runtime.ExitError", ErrorName::Internal),
    ] {
        let body = json!({"errorType": told, "errorMessage": "avm-metering: off"}).to_string();
        let (configuration, _) =
            answering(move |_| Reply::Headed(["x-amz-function-error", "Unhandled"], body.clone()));
        let region = "eu-central-1".parse().unwrap();
        let failure = invoke(configuration, &region, "f", &json!({}))
            .await
            .unwrap_err();
        assert_eq!(failure.name(), name);
        assert!(failure.cause().contains("avm-metering: off"), "{failure}");
    }
}

#[tokio::test]
async fn a_refusal_has_its_type_in_a_header_where_the_body_has_none() {
    const MISSING: &str = "ResourceNotFoundException";
    for (status, header, body, code, name) in [
        (
            403,
            "AccessDeniedException",
            json!({"Message": "no"}),
            "AccessDeniedException",
            ErrorName::AccessDenied,
        ),
        (
            404,
            "ResourceNotFoundException:http://internal.amazon.com/coral/",
            json!({"Type": "User", "Message": "no"}),
            MISSING,
            ErrorName::Internal,
        ),
        (
            404,
            "AccessDeniedException",
            json!({"__type": MISSING, "message": "no"}),
            MISSING,
            ErrorName::Internal,
        ),
    ] {
        let (configuration, _) = answering(move |_| {
            Reply::Refused(status, ["x-amzn-errortype", header], body.to_string())
        });
        let region = "eu-central-1".parse().unwrap();
        let failure = invoke(configuration, &region, "f", &json!({}))
            .await
            .unwrap_err();
        assert_eq!(failure.name(), name);
        let words = format!("lambda:InvokeFunction failed with {code}: no");
        assert_eq!(failure.cause(), words);
    }
}
