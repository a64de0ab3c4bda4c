//! The call of a function by an operator: it is invoked, and its answer waited for.
//! One operation of Lambda, through a plain client.

#[cfg(test)]
mod tests;

use aws_config::SdkConfig;
use serde_json::Value;

use crate::json::refusal;
use crate::plain::{Client, Request, Service};
use avm_core::domain::Region;
use avm_core::error::{ErrorName, Failure};

const LAMBDA: Service = Service {
    id: "Lambda",
    signing_name: "lambda",
    version: "2015-03-31",
    signs_as_s3: false,
    refusal,
};
const INVOKE: &str = "lambda:InvokeFunction";

/// Invokes the function of that name and returns its answer.
///
/// # Errors
/// Lambda refuses; the function fails, with its own name and words.
pub async fn invoke(
    configuration: SdkConfig,
    region: &Region,
    function: &str,
    event: &Value,
) -> Result<Value, Failure> {
    let client = Client::new(LAMBDA, configuration);
    let suffix = region.dns_suffix();
    let of_region = || format!("https://lambda.{region}.{suffix}");
    let endpoint = client.other_endpoint().unwrap_or_else(of_region);
    let request = Request {
        method: "POST",
        path: format!("/2015-03-31/functions/{function}/invocations"),
        headers: vec![("content-type", "application/json".to_owned())],
        body: event.to_string().into_bytes(),
    };
    let to = (region.as_str(), endpoint.as_str());
    let reply = client.send(INVOKE, to, request).await?;
    let answer: Value = serde_json::from_str(&reply.body).unwrap_or_default();
    if reply.function_error.is_none() {
        return Ok(answer);
    }
    let text = |field: &str| answer[field].as_str().unwrap_or_default().to_owned();
    let error = text("errorType");
    let words = format!("{error}: {}", text("errorMessage"));
    let name = ErrorName::find(&error).unwrap_or(ErrorName::Internal);
    Err(Failure::new(name, words))
}
