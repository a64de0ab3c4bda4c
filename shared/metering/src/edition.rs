//! What a bill is published with: the edition it appears as, and what is known of its accounts.
//! Both come from outside: the bill itself is the same whoever owns an account.

use std::collections::BTreeMap;

use avm_core::config::Metering;
use avm_core::domain::AccountId;

use crate::bill::Bill;
use crate::documents::{AccountState, Owner, Status};

/// The edition as which a bill appears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edition {
    pub status: Status,
    pub version: u32,
    pub supersedes: Option<u32>,
}

impl Edition {
    pub const ESTIMATED: Self = Self {
        status: Status::Estimated,
        version: 0,
        supersedes: None,
    };
    pub const FIRST: Self = Self {
        status: Status::Final,
        version: 1,
        supersedes: None,
    };

    /// The version after that one.
    pub const fn after(version: u32) -> Self {
        Self {
            status: Status::Final,
            version: version + 1,
            supersedes: Some(version),
        }
    }
}

/// What a report says of its account beside the costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountInfo {
    pub name: String,
    pub state: AccountState,
    pub owner: Option<Owner>,
    pub previous_owner: Option<Owner>,
}

impl AccountInfo {
    /// An account of which nobody knows anything.
    pub const fn unknown() -> Self {
        Self {
            name: String::new(),
            state: AccountState::Gone,
            owner: None,
            previous_owner: None,
        }
    }
}

/// All that a bill is published with.
#[derive(Clone, Copy, Debug)]
pub struct Publication<'a> {
    pub bill: &'a Bill,
    pub settings: &'a Metering,
    /// Those of the bill at least.
    pub accounts: &'a BTreeMap<AccountId, AccountInfo>,
    /// The account that AWS bills.
    pub payer: &'a AccountId,
}
