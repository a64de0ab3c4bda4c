//! The identity store: groups, people, members.
//! What is there, what is under way, and how AWS answers.
#![allow(unused, clippy::todo)]

use avm_core::domain::{GroupId, GroupName, MembershipId, UserId, UserName};
use avm_core::error::Failure;
use avm_core::ports::directory::*;

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

impl Groups for Behind<'_> {
    fn marks_groups(&self) -> bool {
        todo!()
    }

    async fn find_group(&self, _name: &GroupName) -> Result<Option<GroupId>, Failure> {
        todo!()
    }

    async fn find_user(&self, _name: &UserName) -> Result<Option<UserId>, Failure> {
        todo!()
    }

    async fn create_group(&self, _name: &GroupName) -> Result<NewGroup, Failure> {
        todo!()
    }

    async fn add_members(&self, _group: &GroupId, _users: &[UserId]) -> Result<(), Failure> {
        todo!()
    }

    async fn remove_members(&self, _group: &GroupId, _members: &[Member]) -> Result<(), Failure> {
        todo!()
    }

    async fn delete_group(&self, _group: &GroupId) -> Result<(), Failure> {
        todo!()
    }
}

impl Members for Behind<'_> {
    async fn find_details(&self, _group: &GroupId) -> Result<Option<GroupDetails>, Failure> {
        todo!()
    }

    async fn list_members(&self, _group: &GroupId) -> Result<Vec<Member>, Failure> {
        todo!()
    }
}
