//! The adapters: the only place that knows the AWS SDK.
//! Clients are built once per sandbox; every error becomes a [`Failure`](crate::error::Failure) here.

pub mod failure;
pub mod sessions;

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};

/// The configuration of every client: credentials of the function's role, bounded time-outs.
///
/// The SDK tries three times; what lasts longer is retried by the state machine.
pub async fn configuration() -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(3))
        .operation_attempt_timeout(Duration::from_secs(10))
        .operation_timeout(Duration::from_secs(25))
        .build();
    aws_config::defaults(BehaviorVersion::v2026_01_12())
        .retry_config(RetryConfig::standard())
        .timeout_config(timeouts)
        .load()
        .await
}
