//! IAM account aliases: an alias belongs to one account of all of AWS, and an account has one.
//! What becomes of an alias when the account gets another one is not documented: every way is here.

use std::collections::{BTreeMap, BTreeSet};

use avm_core::domain::{AccountAlias, AccountId};
use avm_core::error::Failure;
use avm_core::ports::account_aliases::{AccountAliases, AliasCreation};

use crate::in_call::Behind;

/// What becomes of an alias when the account gets another one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Second {
    #[default]
    Replaces,
    IsRefused,
    IsAdded,
}

impl Second {
    pub const ALL: [Self; 3] = [Self::Replaces, Self::IsRefused, Self::IsAdded];
}

/// The aliases of accounts, and those of everybody else.
#[derive(Clone, Debug, Default)]
pub struct State {
    pub of_accounts: BTreeMap<AccountId, BTreeSet<AccountAlias>>,
    pub elsewhere: BTreeSet<AccountAlias>,
    pub second: Second,
}

impl State {
    /// What two worlds must have in common.
    pub fn essence(&self) -> String {
        format!("{:?} {:?}", self.of_accounts, self.elsewhere)
    }

    /// An alias has its effect at once.
    pub fn tick(&mut self) {}

    /// The aliases of an account.
    pub fn of(&mut self, account: &AccountId) -> &mut BTreeSet<AccountAlias> {
        self.of_accounts.entry(account.clone()).or_default()
    }

    fn is_taken(&self, alias: &AccountAlias) -> bool {
        self.elsewhere.contains(alias)
            || self
                .of_accounts
                .values()
                .any(|aliases| aliases.contains(alias))
    }
}

impl AccountAliases for Behind<'_> {
    async fn list(&self) -> Result<BTreeSet<AccountAlias>, Failure> {
        self.read("iam:ListAccountAliases", |state| {
            let found = state.aliases.of_accounts.get(&self.account());
            Ok(found.cloned().unwrap_or_default())
        })
    }

    async fn create(&self, alias: &AccountAlias) -> Result<AliasCreation, Failure> {
        self.write(format!("iam:CreateAccountAlias {alias}"), |state| {
            let aliases = &mut state.aliases;
            if aliases.is_taken(alias) {
                return Ok(AliasCreation::Taken);
            }
            let second = aliases.second;
            let ours = aliases.of(&self.account());
            match second {
                Second::IsRefused if !ours.is_empty() => return Ok(AliasCreation::NoPlace),
                Second::Replaces => ours.clear(),
                Second::IsRefused | Second::IsAdded => {}
            }
            ours.insert(alias.clone());
            Ok(AliasCreation::Made)
        })
    }

    async fn delete(&self, alias: &AccountAlias) -> Result<(), Failure> {
        self.write(format!("iam:DeleteAccountAlias {alias}"), |state| {
            state.aliases.of(&self.account()).remove(alias);
            Ok(())
        })
    }
}
