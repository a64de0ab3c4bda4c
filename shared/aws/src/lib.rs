//! The adapters to AWS, and the Lambda side: the only place that knows the AWS SDK.
//! Clients are built once per sandbox; every error becomes a [`Failure`](avm_core::error::Failure) here.

pub mod account_aliases;
pub mod account_factory;
pub mod account_settings;
pub mod account_tags;
pub mod accounts;
pub mod assignments;
mod call;
pub mod clock;
pub mod control_tower;
pub mod directory;
pub mod documents;
pub mod ec2;
pub mod environment;
pub mod executions;
pub mod external_id;
pub mod failure;
pub mod host;
mod iam;
pub mod lambda;
pub mod metering;
pub mod metrics;
pub mod notices;
pub mod organizational_units;
mod organizations;
mod plain;
pub mod readiness;
pub mod role_policies;
pub mod roles;
pub mod saml_metadata;
pub mod saml_providers;
pub mod scim;
pub mod secrets;
pub mod sessions;
pub mod stack_sets;
pub mod stacks;
pub mod survey;
pub mod web;
#[cfg(test)]
mod wire;
#[cfg(test)]
mod xml_answers;

use std::time::Duration;

use aws_config::BehaviorVersion;
pub use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;

/// The configuration of a step's clients: credentials of the function's role, bounded time-outs.
///
/// The SDK tries three times; what lasts longer is retried by the state machine.
pub async fn configuration() -> SdkConfig {
    bounded(Duration::from_secs(10), Duration::from_secs(25)).await
}

/// The same for a function whose caller waits for the answer: it gives up early, the caller calls again.
pub async fn impatient_configuration() -> SdkConfig {
    bounded(Duration::from_secs(3), Duration::from_secs(7)).await
}

/// The same for a function that nobody waits for: Cost Explorer may think for a while, and some documents are long.
pub async fn patient_configuration() -> SdkConfig {
    bounded(Duration::from_secs(45), Duration::from_mins(2)).await
}

/// The same for the call of a function that may take all the time that Lambda gives it. It is tried once: a second try would
/// have a second run pay for the same.
pub async fn waiting_configuration() -> SdkConfig {
    let waiting = bounded(Duration::from_mins(16), Duration::from_mins(16)).await;
    let waiting = waiting.into_builder();
    waiting.retry_config(RetryConfig::disabled()).build()
}

async fn bounded(attempt: Duration, operation: Duration) -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(3))
        .operation_attempt_timeout(attempt)
        .operation_timeout(operation)
        .build();
    aws_config::defaults(BehaviorVersion::v2026_01_12())
        .retry_config(RetryConfig::standard())
        .timeout_config(timeouts)
        .load()
        .await
}
