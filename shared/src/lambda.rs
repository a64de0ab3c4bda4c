//! The adapter between AWS Lambda and a handler: decoding, logging once, and typed errors.
//! Events are taken as JSON values, so that one that does not decode fails under a name of ours.

use std::fmt;

use lambda_runtime::{Diagnostic, LambdaEvent, service_fn, tracing};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::{ErrorName, Failure, Kind};

/// A failure with the step in which it happened; what Lambda reports as `errorType` and `errorMessage`.
struct StepFailure {
    step: &'static str,
    failure: Failure,
}

/// What the runtime logs of an error that we have logged already: no more than its name.
impl fmt::Debug for StepFailure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} answers {}", self.step, self.failure.name())
    }
}

impl From<StepFailure> for Diagnostic {
    fn from(failed: StepFailure) -> Self {
        Self {
            error_type: failed.failure.name().to_string(),
            error_message: format!("{}: {}", failed.step, failed.failure),
        }
    }
}

/// Starts the log: JSON or text as `AWS_LAMBDA_LOG_FORMAT` says, levels as `AWS_LAMBDA_LOG_LEVEL`.
pub fn start_log() {
    tracing::init_default_subscriber();
}

/// Serves invocations of the step until the sandbox ends.
///
/// # Errors
/// The Lambda Runtime API does not answer.
pub async fn serve<Handle, Output>(
    step: &'static str,
    handle: Handle,
) -> Result<(), lambda_runtime::Error>
where
    Handle: AsyncFn(Value) -> Result<Output, Failure>,
    Output: Serialize,
{
    let handle = &handle;
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| async move {
        // Boxed: the futures of the SDK are nested deeper than the compiler looks into one type.
        match Box::pin(handle(event.payload)).await {
            Ok(output) => Ok(output),
            Err(failure) => {
                log_failure(step, &failure);
                Err(StepFailure { step, failure })
            }
        }
    }))
    .await
}

fn log_failure(step: &'static str, failure: &Failure) {
    let account = failure
        .account()
        .map(ToString::to_string)
        .unwrap_or_default();
    let (error, cause, remedy) = (failure.name().as_str(), failure.cause(), failure.remedy());
    if failure.name().kind() == Kind::Busy {
        tracing::warn!(
            step,
            error,
            account,
            cause,
            remedy,
            "step failed and is retried"
        );
    } else {
        tracing::error!(step, error, account, cause, remedy, "step failed");
    }
}

/// Decodes the input of a step.
///
/// # Errors
/// `InvalidState`, with the path of the field that cannot be read.
pub fn decode<Input: DeserializeOwned>(event: Value) -> Result<Input, Failure> {
    serde_path_to_error::deserialize(event).map_err(|error| {
        Failure::new(
            ErrorName::InvalidState,
            format!("the step's input at {}: {}", error.path(), error.inner()),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lambda_reports_the_name_and_the_step() {
        let failure = Failure::new(ErrorName::Throttled, "too many requests");
        let diagnostic = Diagnostic::from(StepFailure {
            step: "create-account",
            failure,
        });
        assert_eq!(diagnostic.error_type, "Throttled");
        assert_eq!(
            diagnostic.error_message,
            "create-account: too many requests. Remedy: send the request again later."
        );
    }

    #[test]
    fn an_input_that_does_not_decode_names_the_path() {
        let failure =
            decode::<std::collections::BTreeMap<String, u8>>(serde_json::json!({"a": "x"}))
                .unwrap_err();
        assert_eq!(failure.name(), ErrorName::InvalidState);
        assert!(failure.cause().contains("at a:"), "{failure}");
    }
}
