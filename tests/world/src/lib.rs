//! One AWS in memory for the tests of all steps: its services share one state, its doors are those of the table.
//! One kit of faults disturbs any call, and one harness replays any step; see [`replay`].
#![allow(clippy::unwrap_used, clippy::expect_used)]

pub mod account_settings;
pub mod aliases;
pub mod budgets;
pub mod control_tower;
pub mod drive;
pub mod ec2;
pub mod faults;
pub mod iam;
pub mod identity_center;
pub mod identity_store;
mod in_call;
pub mod organizations;
pub mod readiness;
pub mod replay;
pub mod root_access;
pub mod saml;
pub mod service_catalog;
pub mod stack_sets;
pub mod stacks;
pub mod starts;
mod state;
mod world;

pub use drive::{answer, answer_event, drive, drive_event, event, plan_of, plan_of_event, read};
pub use faults::Fault;
pub use replay::replay;
pub use state::State;
pub use world::InMemory;
