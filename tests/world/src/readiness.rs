//! Whether an account can be used.
//! What is there, what is under way, and how AWS answers.
#![allow(unused, clippy::todo)]

use avm_core::domain::{AccountId, Region, RoleName};
use avm_core::error::Failure;
use avm_core::ports::readiness::*;

use crate::in_call::Behind;

/// What is there.
#[derive(Clone, Debug, Default)]
pub struct State {}

impl State {
    /// What two worlds must have in common.
    pub fn essence(&self) -> String {
        format!("{self:?}")
    }

    /// What is under way goes on by one look.
    pub fn tick(&mut self) {}
}

impl Readiness for Behind<'_> {
    async fn find_obstacle(&self, _probe: &Probe<'_>) -> Result<Option<String>, Failure> {
        todo!()
    }
}
