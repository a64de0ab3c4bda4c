//! AWS Control Tower: baselines and the landing zone.
//! What is there, what is under way, and how AWS answers.
#![allow(unused, clippy::todo)]

use avm_core::error::Failure;
use avm_core::ports::control_tower::*;
use std::collections::BTreeMap;

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

impl ControlTower for Behind<'_> {
    async fn baselines_on(
        &self,
        _targets: &[&str],
    ) -> Result<BTreeMap<String, EnabledBaseline>, Failure> {
        todo!()
    }

    async fn count_accounts_under_change(&self) -> Result<usize, Failure> {
        todo!()
    }

    async fn find_landing_zone(&self) -> Result<Option<LandingZoneState>, Failure> {
        todo!()
    }

    async fn find_operation_message(&self, _operation: &str) -> Result<Option<String>, Failure> {
        todo!()
    }
}
