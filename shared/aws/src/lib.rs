//! The adapters to AWS, and the Lambda side: the only place that knows the AWS SDK.
//! Clients are built once per sandbox; every error becomes a [`Failure`](avm_core::error::Failure) here.

pub mod account_aliases;
pub mod account_factory;
pub mod account_settings;
pub mod account_tags;
pub mod accounts;
pub mod assignments;
pub mod budgets;
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
pub mod installation;
pub mod invocation;
mod json;
pub mod lambda;
pub mod metering;
pub mod metrics;
pub mod notices;
pub mod organizational_units;
mod organizations;
mod plain;
pub mod readiness;
pub mod role_overview;
pub mod role_policies;
pub mod roles;
pub mod root_access;
pub mod s3;
pub mod saml_metadata;
pub mod saml_providers;
pub mod scim;
pub mod secrets;
pub mod sessions;
pub mod stack_sets;
pub mod stacks;
pub mod survey;
pub mod tagged_accounts;
pub mod web;
#[cfg(test)]
mod wire;
#[cfg(test)]
mod xml_answers;

use std::time::Duration;

pub use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, ConfigLoader};

/// The configuration of a step's clients: credentials of the function's role, bounded time-outs.
///
/// The SDK tries three times; what lasts longer is retried by the state machine.
pub async fn configuration() -> SdkConfig {
    loader().load().await
}

/// What it is made of, for whoever signs in otherwise than a function does.
pub fn loader() -> ConfigLoader {
    bounded(Duration::from_secs(10), Duration::from_secs(25))
}

/// The same for a function whose caller waits for the answer: it gives up early, the caller calls again.
pub async fn impatient_configuration() -> SdkConfig {
    bounded(Duration::from_secs(3), Duration::from_secs(7))
        .load()
        .await
}

/// The same for a function that nobody waits for: Cost Explorer may think for a while, and some documents are long.
pub fn patient_loader() -> ConfigLoader {
    bounded(Duration::from_secs(45), Duration::from_mins(2))
}

/// The same for the call of a function that may take all the time that Lambda gives it. It is tried once: a second try would
/// have a second run pay for the same.
pub fn waiting_loader() -> ConfigLoader {
    bounded(Duration::from_mins(16), Duration::from_mins(16)).retry_config(RetryConfig::disabled())
}

fn bounded(attempt: Duration, operation: Duration) -> ConfigLoader {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(3))
        .operation_attempt_timeout(attempt)
        .operation_timeout(operation)
        .build();
    aws_config::defaults(BehaviorVersion::v2026_01_12())
        .retry_config(RetryConfig::standard())
        .timeout_config(timeouts)
}
