//! What the functions of the account vending machine have in common.
//! The data goes one way: payload, domain types, ports, adapters; only [`aws`] knows the SDK.

pub mod aws;
pub mod config;
pub mod domain;
pub mod environment;
pub mod error;
pub mod json;
pub mod lambda;
pub mod minimum_policy;
pub mod order;
pub mod owner;
pub mod placement;
pub mod ports;
pub mod standing_accounts;
pub mod step;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
