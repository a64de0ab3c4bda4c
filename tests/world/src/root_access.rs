//! The root users of accounts: none has credentials, and the organization manages them, unless a test says otherwise.
//! Nothing that the machine does changes either.

use std::collections::{BTreeMap, BTreeSet};

use avm_core::domain::AccountId;
use avm_core::error::Failure;
use avm_core::ports::root_access::{RootAccess, RootCredential};

use crate::in_call::Behind;

/// Who has credentials, and whether the organization leaves that to its accounts.
#[derive(Clone, Debug, Default)]
pub struct State {
    pub is_left_to_accounts: bool,
    pub credentials: BTreeMap<AccountId, BTreeSet<RootCredential>>,
}

impl State {
    /// What two worlds must have in common.
    pub fn essence(&self) -> String {
        format!("{:?} {:?}", self.is_left_to_accounts, self.credentials)
    }

    /// Nothing is under way.
    pub fn tick(&mut self) {}
}

impl RootAccess for Behind<'_> {
    async fn is_central(&self) -> Result<bool, Failure> {
        self.read("iam:ListOrganizationsFeatures", |state| {
            Ok(!state.root_access.is_left_to_accounts)
        })
    }

    async fn credentials(&self) -> Result<BTreeSet<RootCredential>, Failure> {
        self.read("iam:GetAccountSummary", |state| {
            let found = state.root_access.credentials.get(&self.account());
            Ok(found.cloned().unwrap_or_default())
        })
    }
}
