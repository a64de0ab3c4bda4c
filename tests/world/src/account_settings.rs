//! AWS Account Management: alternate contacts and regions.
//! What is there, what is under way, and how AWS answers.
#![allow(unused, clippy::todo)]

use avm_core::domain::AlternateContact;
use avm_core::domain::{AccountId, Region};
use avm_core::error::Failure;
use avm_core::ports::account_settings::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

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

impl AccountSettings for Behind<'_> {
    async fn has_contact(
        &self,
        _account: &AccountId,
        _kind: ContactKind,
        _contact: &AlternateContact,
    ) -> Result<bool, Failure> {
        todo!()
    }

    async fn set_contact(
        &self,
        _account: &AccountId,
        _kind: ContactKind,
        _contact: &AlternateContact,
    ) -> Result<(), Failure> {
        todo!()
    }

    async fn list_regions(
        &self,
        _account: &AccountId,
    ) -> Result<BTreeMap<Region, RegionStatus>, Failure> {
        todo!()
    }

    async fn start_enabling(
        &self,
        _account: &AccountId,
        _region: &Region,
    ) -> Result<Enabling, Failure> {
        todo!()
    }
}
