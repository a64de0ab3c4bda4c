//! AWS Organizations: accounts, their tags and creations, the tree of units.
//! What is there, what is under way, and how AWS answers.
#![allow(unused, clippy::todo)]

use crate::in_call::Behind;
use avm_core::domain::{
    Account, AccountId, AccountName, Email, OrganizationalUnitId, ParentId, RoleName,
};
use avm_core::error::Failure;
use avm_core::ports::account_tags::*;
use avm_core::ports::accounts::*;
use avm_core::ports::organizational_units::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

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

impl Accounts for Behind<'_> {
    async fn find_account(&self, _id: &AccountId) -> Result<Option<FoundAccount>, Failure> {
        todo!()
    }

    async fn find_account_by_email(&self, _email: &Email) -> Result<Option<FoundAccount>, Failure> {
        todo!()
    }

    async fn list_open_creations(&self, _name: &AccountName) -> Result<Vec<Creation>, Failure> {
        todo!()
    }

    async fn find_lack_of_room(&self) -> Result<Option<String>, Failure> {
        todo!()
    }

    async fn start_creation(&self, _account: &NewAccount) -> Result<CreationStart, Failure> {
        todo!()
    }

    async fn find_creation(&self, _id: &str) -> Result<Option<Creation>, Failure> {
        todo!()
    }
}

impl AccountTags for Behind<'_> {
    async fn list(&self, _account: &AccountId) -> Result<BTreeMap<String, String>, Failure> {
        todo!()
    }

    async fn put(
        &self,
        _account: &AccountId,
        _tags: &BTreeMap<String, String>,
    ) -> Result<(), Failure> {
        todo!()
    }

    async fn remove(&self, _account: &AccountId, _keys: &BTreeSet<String>) -> Result<(), Failure> {
        todo!()
    }
}

impl OrganizationTree for Behind<'_> {
    async fn find_root(&self) -> Result<ParentId, Failure> {
        todo!()
    }

    async fn list_units(&self, _parent: &ParentId) -> Result<Vec<OrganizationalUnit>, Failure> {
        todo!()
    }

    async fn find_parent(&self, _child: Child<'_>) -> Result<Option<ParentId>, Failure> {
        todo!()
    }
}

impl UnitDirectory for Behind<'_> {
    async fn find_unit_name(&self, _unit: &ParentId) -> Result<Option<String>, Failure> {
        todo!()
    }
}

impl OrganizationalUnits for Behind<'_> {
    async fn create_unit(&self, _parent: &ParentId, _name: &str) -> Result<UnitCreation, Failure> {
        todo!()
    }

    async fn move_account(
        &self,
        _account: &AccountId,
        _from: &ParentId,
        _to: &ParentId,
    ) -> Result<Move, Failure> {
        todo!()
    }
}
