//! The adapter between AWS Lambda and a handler: decoding, logging once, and typed errors.
//! Events are taken as JSON values, so that one that does not decode fails under a name of ours.

use std::fmt;
use std::time::{Duration, SystemTime};

use lambda_runtime::{Diagnostic, LambdaEvent, service_fn, tracing};
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

use avm_core::doors::Door;
use avm_core::error::{ErrorName, Failure, Kind};
use avm_core::json;
use avm_core::step::{self, Step};

use crate::environment::Environment;
use crate::host::Aws;

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

/// A step of the machine as a Lambda function: all that its `main` says is which step it is.
///
/// # Errors
/// A variable of the environment is missing or wrong; the Lambda Runtime API does not answer.
pub fn main<S: Step>() -> Result<(), lambda_runtime::Error> {
    start(async |environment| {
        let aws = Aws::new(&environment).await?;
        serve_behind(S::NAME, S::DOORS, &aws, async |event| {
            step::run::<S>(event, &aws).await
        })
        .await
    })
}

/// Starts the log (JSON or text as `AWS_LAMBDA_LOG_FORMAT` says, levels as `AWS_LAMBDA_LOG_LEVEL`) and a runtime of one
/// thread, and reads the environment.
pub fn start(
    work: impl AsyncFnOnce(Environment) -> Result<(), lambda_runtime::Error>,
) -> Result<(), lambda_runtime::Error> {
    tracing::init_default_subscriber();
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(work(Environment::of_process()))
}

/// Serves invocations of the step by the state machine until the sandbox ends.
pub async fn serve<Handle, Output>(
    step: &'static str,
    handle: Handle,
) -> Result<(), lambda_runtime::Error>
where
    Handle: AsyncFn(Value) -> Result<Output, Failure>,
    Output: Serialize,
{
    serve_as(step, ErrorName::InvalidState, async |event, _| {
        handle(event).await
    })
    .await
}

/// The same, and the doctor's question whether those doors are open: for functions that only machines of ours may invoke.
pub async fn serve_behind<Handle, Output>(
    step: &'static str,
    doors: &[Door],
    aws: &Aws,
    handle: Handle,
) -> Result<(), lambda_runtime::Error>
where
    Handle: AsyncFn(Value) -> Result<Output, Failure>,
    Output: Serialize,
{
    let handle = &handle;
    serve(step, async |event| {
        aws.answer(event, doors, async |event| handle(event).await)
            .await
    })
    .await
}

/// Serves invocations by callers outside, such as meshStack, until the sandbox ends.
pub async fn serve_callers<Handle, Output>(
    step: &'static str,
    handle: Handle,
) -> Result<(), lambda_runtime::Error>
where
    Handle: AsyncFn(Value) -> Result<Output, Failure>,
    Output: Serialize,
{
    serve_as(step, ErrorName::InvalidRequest, async |event, _| {
        handle(event).await
    })
    .await
}

/// The same for a function that looks how much of its time is left.
pub async fn serve_with_time<Handle, Output>(
    step: &'static str,
    handle: Handle,
) -> Result<(), lambda_runtime::Error>
where
    Handle: AsyncFn(Value, TimeLeft) -> Result<Output, Failure>,
    Output: Serialize,
{
    serve_as(step, ErrorName::InvalidRequest, handle).await
}

/// How much of an invocation's time is left.
#[derive(Clone, Copy, Debug)]
pub struct TimeLeft(SystemTime);

/// What Lambda gives a function at most.
const LONGEST_INVOCATION: Duration = Duration::from_mins(15);

impl TimeLeft {
    /// Until that moment, in milliseconds since 1970. One that has passed at the start is none: cargo-lambda tells 1970.
    fn until(milliseconds: u64) -> Self {
        let deadline = SystemTime::UNIX_EPOCH + Duration::from_millis(milliseconds);
        let now = SystemTime::now();
        if deadline > now {
            Self(deadline)
        } else {
            Self(now + LONGEST_INVOCATION)
        }
    }

    /// What is left now.
    pub fn now(self) -> Duration {
        let left = self.0.duration_since(SystemTime::now());
        left.unwrap_or_default()
    }
}

/// `unreadable` is the name under which an event fails that is no JSON. The runtime is given the event as it came: its own
/// error for one that it cannot read would be the name of a Rust type.
async fn serve_as<Handle, Output>(
    step: &'static str,
    unreadable: ErrorName,
    handle: Handle,
) -> Result<(), lambda_runtime::Error>
where
    Handle: AsyncFn(Value, TimeLeft) -> Result<Output, Failure>,
    Output: Serialize,
{
    let handle = &handle;
    lambda_runtime::run(service_fn(
        move |event: LambdaEvent<Box<RawValue>>| async move {
            let left = TimeLeft::until(event.context.deadline);
            let event = json::read_event(event.payload.get(), unreadable);
            // Boxed: the futures of the SDK are nested deeper than the compiler looks into one type.
            let answer = Box::pin(async { handle(event?, left).await });
            match answer.await {
                Ok(output) => Ok(output),
                Err(failure) => {
                    log_failure(step, &failure);
                    Err(StepFailure { step, failure })
                }
            }
        },
    ))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_of_an_invocation_is_counted_from_a_deadline_that_can_be_one() {
        let soon = SystemTime::now() + Duration::from_mins(2);
        let soon = soon.duration_since(SystemTime::UNIX_EPOCH).unwrap();
        let left = TimeLeft::until(u64::try_from(soon.as_millis()).unwrap()).now();
        assert!(left <= Duration::from_mins(2) && left > Duration::from_mins(1));
        assert!(TimeLeft::until(0).now() > Duration::from_mins(14));
    }

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
}
