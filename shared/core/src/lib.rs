//! What the account vending machine is about, without a word of the AWS SDK: domain, configuration, contract, rules, ports.
//! Each layer knows only those named before it: domain, doors, error, json, ports, config, contract, rules, world, step.

pub mod config;
pub mod contract;
pub mod domain;
pub mod doors;
pub mod error;
pub mod json;
pub mod ports;
pub mod rules;
pub mod step;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod world;
