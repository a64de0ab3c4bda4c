//! IAM Identity Center: permission sets and account assignments.
//! What is there, what is under way, and how AWS answers.
#![allow(unused, clippy::todo)]

use avm_core::domain::{
    AccountId, AssignmentRequestId, GroupId, PermissionSetArn, PermissionSetReference,
};
use avm_core::error::Failure;
use avm_core::ports::assignments::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

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

impl Assignments for Behind<'_> {
    async fn find_permission_set(
        &self,
        _reference: &PermissionSetReference,
    ) -> Result<Option<PermissionSet>, Failure> {
        todo!()
    }

    async fn list_provisioned(
        &self,
        _account: &AccountId,
    ) -> Result<BTreeSet<PermissionSetArn>, Failure> {
        todo!()
    }

    async fn list_groups(
        &self,
        _account: &AccountId,
        _permission_set: &PermissionSetArn,
    ) -> Result<BTreeSet<GroupId>, Failure> {
        todo!()
    }

    async fn list_of_group(&self, _group: &GroupId) -> Result<BTreeSet<Assignment>, Failure> {
        todo!()
    }

    async fn start(&self, _action: Action, _assignment: &Assignment) -> Result<Start, Failure> {
        todo!()
    }

    async fn find_request(
        &self,
        _action: Action,
        _id: &AssignmentRequestId,
    ) -> Result<Option<RequestState>, Failure> {
        todo!()
    }
}
