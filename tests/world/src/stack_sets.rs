//! CloudFormation StackSets with their instances and operations.
//! What is there, what is under way, and how AWS answers.
#![allow(unused, clippy::todo)]

use avm_core::domain::{AccountId, OperationId, Parameters, Region, StackSetName};
use avm_core::error::Failure;
use avm_core::ports::stack_sets::*;
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

impl StackSets for Behind<'_> {
    async fn find_stack_set(&self, _name: &StackSetName) -> Result<Option<StackSet>, Failure> {
        todo!()
    }

    async fn find_instance(
        &self,
        _stack_set: &StackSetName,
        _account: &AccountId,
        _region: &Region,
    ) -> Result<Option<Instance>, Failure> {
        todo!()
    }
}

impl StackSetOperations for Behind<'_> {
    async fn start_creation(
        &self,
        _place: &InstancePlace,
        _overrides: &Overrides,
        _id: &OperationId,
    ) -> Result<Start, Failure> {
        todo!()
    }

    async fn start_update(
        &self,
        _place: &InstancePlace,
        _overrides: &Overrides,
        _id: &OperationId,
    ) -> Result<Start, Failure> {
        todo!()
    }

    async fn find_operation(
        &self,
        _stack_set: &StackSetName,
        _id: &OperationId,
    ) -> Result<Option<Operation>, Failure> {
        todo!()
    }

    async fn find_reason(
        &self,
        _place: &InstancePlace,
        _id: &OperationId,
    ) -> Result<Option<String>, Failure> {
        todo!()
    }
}
