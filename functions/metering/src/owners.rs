//! Whose the accounts of a month are: as their tags say, or as the last report says that names a closed one.
//! A final month keeps its owners, and what the accounts were called.

use std::collections::BTreeMap;

use avm_core::domain::AccountId;
use avm_core::error::Failure;
use avm_metering::bill::Bill;
use avm_metering::documents::{AccountState, Manifest, Owner, OwnerSource, owner_of};
use avm_metering::ports::{KnownAccount, ReportStore};
use avm_metering::publish::AccountInfo;
use avm_metering::shelf::Shelf;

use crate::publishing::State;
use crate::request::HISTORY;

/// What reports say of the accounts of a bill, and of the payer.
pub async fn of(
    bill: &Bill,
    known: &BTreeMap<AccountId, KnownAccount>,
    state: &State,
    shelf: &Shelf<'_, impl ReportStore>,
    payer: &AccountId,
) -> Result<BTreeMap<AccountId, AccountInfo>, Failure> {
    let mut past = Past {
        kept: state.final_manifest(),
        manifests: state.estimated_manifest().into_iter().cloned().collect(),
        previous: shelf.find_manifest(bill.month.previous()).await?,
    };
    past.manifests.extend(past.previous.clone());
    let mut month = bill.month.previous();
    for _ in 1..HISTORY {
        let is_missing = |account: &AccountId| {
            past.kept_of(account).is_none()
                && needs_memory(known.get(account))
                && past.last_of(account).is_none()
        };
        if !bill.accounts.keys().any(is_missing) {
            break;
        }
        month = month.previous();
        past.manifests.extend(shelf.find_manifest(month).await?);
    }
    let accounts = bill.accounts.keys().chain([payer]);
    Ok(accounts
        .map(|account| (account.clone(), past.info(account, known.get(account))))
        .collect())
}

/// Whether the tags of an account cannot tell its owner: it is gone, or closed and has lost them.
fn needs_memory(known: Option<&KnownAccount>) -> bool {
    known.is_none_or(|account| {
        account.state != AccountState::Active && owner_of(&account.tags).is_none()
    })
}

/// What earlier reports say.
struct Past<'a> {
    /// The month itself, if it is final.
    kept: Option<&'a Manifest>,
    /// The newest first.
    manifests: Vec<Manifest>,
    previous: Option<Manifest>,
}

impl Past<'_> {
    fn kept_of(&self, account: &AccountId) -> Option<(&str, AccountState, Option<&Owner>)> {
        let found = self.kept?.accounts.get(account)?;
        Some((&found.name, found.state, found.owner.as_ref()))
    }

    fn last_of(&self, account: &AccountId) -> Option<(&str, Option<&Owner>)> {
        let mut manifests = self.manifests.iter();
        let found = manifests.find_map(|manifest| manifest.accounts.get(account))?;
        Some((&found.name, found.owner.as_ref()))
    }

    fn info(&self, account: &AccountId, known: Option<&KnownAccount>) -> AccountInfo {
        let (name, state, owner) = if let Some((name, state, owner)) = self.kept_of(account) {
            (name.to_owned(), state, owner.cloned())
        } else {
            self.today(account, known)
        };
        AccountInfo {
            previous_owner: self.previous_owner(account, owner.as_ref()),
            name,
            state,
            owner,
        }
    }

    /// What the organization says of an account; of one that it does not know, what was said last.
    fn today(
        &self,
        account: &AccountId,
        known: Option<&KnownAccount>,
    ) -> (String, AccountState, Option<Owner>) {
        let (last_name, last_owner) = self.last_of(account).unwrap_or_default();
        let last_owner = last_owner.filter(|_| needs_memory(known)).map(remembered);
        let Some(known) = known else {
            return (last_name.to_owned(), AccountState::Gone, last_owner);
        };
        let owner = owner_of(&known.tags).or(last_owner);
        (known.name.clone(), known.state, owner)
    }

    /// Who paid the month before, where that was somebody else.
    fn previous_owner(&self, account: &AccountId, owner: Option<&Owner>) -> Option<Owner> {
        let before = self.previous.as_ref()?.accounts.get(account)?;
        let before = before.owner.as_ref()?;
        let is_same = owner.is_some_and(|owner| owner.is_same(before));
        (!is_same).then(|| before.clone())
    }
}

fn remembered(owner: &Owner) -> Owner {
    Owner {
        source: OwnerSource::LastKnown,
        ..owner.clone()
    }
}
