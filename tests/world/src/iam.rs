//! IAM roles of accounts with their policies.
//! What is there, what is under way, and how AWS answers.
#![allow(unused, clippy::todo)]

use crate::in_call::Behind;
use avm_core::domain::{AttachedPolicy, PolicyArn, PolicyDocument, RoleArn, RoleName};
use avm_core::error::Failure;
use avm_core::ports::role_policies::*;
use avm_core::ports::roles::*;
use std::collections::BTreeSet;

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

impl Roles for Behind<'_> {
    async fn find_role(&self, _role: &RoleName) -> Result<Option<Role>, Failure> {
        todo!()
    }

    async fn create_role(&self, _role: &NewRole<'_>) -> Result<RoleCreation, Failure> {
        todo!()
    }

    async fn update_trust(&self, _role: &RoleName, _trust: &PolicyDocument) -> Result<(), Failure> {
        todo!()
    }

    async fn list_attached(&self, _role: &RoleName) -> Result<BTreeSet<AttachedPolicy>, Failure> {
        todo!()
    }

    async fn attach(&self, _role: &RoleName, _policy: &PolicyArn) -> Result<Attachment, Failure> {
        todo!()
    }

    async fn detach(&self, _role: &RoleName, _policy: &AttachedPolicy) -> Result<(), Failure> {
        todo!()
    }

    async fn delete_role(&self, _role: &RoleName) -> Result<RoleDeletion, Failure> {
        todo!()
    }
}

impl RolePolicies for Behind<'_> {
    async fn list_inline(&self, _role: &RoleName) -> Result<BTreeSet<String>, Failure> {
        todo!()
    }

    async fn find_inline(
        &self,
        _role: &RoleName,
        _policy: &str,
    ) -> Result<Option<PolicyDocument>, Failure> {
        todo!()
    }

    async fn list_attached(&self, _role: &RoleName) -> Result<BTreeSet<AttachedPolicy>, Failure> {
        todo!()
    }
}

impl RolePolicyChanges for Behind<'_> {
    async fn put_inline(
        &self,
        _role: &RoleName,
        _policy: &str,
        _document: &PolicyDocument,
    ) -> Result<(), Failure> {
        todo!()
    }

    async fn delete_inline(&self, _role: &RoleName, _policy: &str) -> Result<(), Failure> {
        todo!()
    }

    async fn detach(&self, _role: &RoleName, _policy: &AttachedPolicy) -> Result<(), Failure> {
        todo!()
    }
}
