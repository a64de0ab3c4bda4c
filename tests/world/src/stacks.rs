//! CloudFormation stacks of accounts.
//! What is there, what is under way, and how AWS answers.
#![allow(unused, clippy::todo)]

use avm_core::domain::{OperationId, Parameters, StackId};
use avm_core::error::Failure;
use avm_core::ports::stacks::*;
use std::collections::BTreeSet;
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

impl Stacks for Behind<'_> {
    async fn list(&self, _prefix: &str) -> Result<Vec<Stack>, Failure> {
        todo!()
    }

    async fn find(&self, _id: &StackId) -> Result<Option<Stack>, Failure> {
        todo!()
    }

    async fn declared_by(&self, _url: &str) -> Result<BTreeSet<String>, Failure> {
        todo!()
    }

    async fn start_creation(
        &self,
        _name: &str,
        _specification: &Specification,
        _token: &OperationId,
    ) -> Result<Creation, Failure> {
        todo!()
    }

    async fn start_update(
        &self,
        _id: &StackId,
        _specification: &Specification,
        _token: &OperationId,
    ) -> Result<Update, Failure> {
        todo!()
    }

    async fn start_deletion(&self, _id: &StackId, _token: &OperationId) -> Result<Start, Failure> {
        todo!()
    }

    async fn start_rollback(&self, _id: &StackId, _token: &OperationId) -> Result<Start, Failure> {
        todo!()
    }

    async fn find_first_failure(&self, _id: &StackId) -> Result<Option<String>, Failure> {
        todo!()
    }
}
