//! The tags of accounts in AWS Organizations: meshStack's done signal, whose an account is, and the memory of the last vend.
//! Listing follows every page; writing replaces the values of keys that exist.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::AccountId;
use crate::error::Failure;

/// Reads and writes the tags of accounts.
pub trait AccountTags {
    /// Every tag of the account.
    async fn list(&self, account: &AccountId) -> Result<BTreeMap<String, String>, Failure>;

    /// Writes tags in one call: all or none.
    ///
    /// # Errors
    /// `InvalidRequest` where AWS refuses a tag (its rules, a tag policy, the limit); `AccountNotFound`.
    async fn put(
        &self,
        account: &AccountId,
        tags: &BTreeMap<String, String>,
    ) -> Result<(), Failure>;

    /// Removes tags in one call; keys that are gone already are success.
    async fn remove(&self, account: &AccountId, keys: &BTreeSet<String>) -> Result<(), Failure>;
}

/// Finds accounts by their tags, in an index that AWS keeps beside AWS Organizations.
pub trait TaggedAccounts {
    /// The accounts that carry all of these tags, with all tags of each; every account that has a tag, where none is given.
    ///
    /// The index follows the tags with a delay: who acts on an account reads its tags again.
    async fn find(
        &self,
        tags: &BTreeMap<String, String>,
    ) -> Result<BTreeMap<AccountId, BTreeMap<String, String>>, Failure>;
}
