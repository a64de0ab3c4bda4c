//! The tags of an account in AWS Organizations: meshStack's done signal, and the memory of the last vend.
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
