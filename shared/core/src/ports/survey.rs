//! Who has power over the organization: read for operators, who compare it with what the machine is kept away from.
//! No step asks this.

use std::collections::BTreeSet;

use crate::domain::{AccountId, GroupId, Region};
use crate::error::Failure;

/// A look over the organization, from its management account.
pub trait Survey {
    /// The account that manages the organization.
    async fn management(&self) -> Result<AccountId, Failure>;

    /// Whether the organization manages the root credentials of its accounts.
    async fn has_central_root_access(&self) -> Result<bool, Failure>;

    /// The accounts that may act for the organization in some service.
    async fn delegated_administrators(&self) -> Result<BTreeSet<AccountId>, Failure>;

    /// The accounts that the landing zone of AWS Control Tower names: log archive, audit, backup.
    async fn accounts_of_control_tower(
        &self,
        home: &Region,
    ) -> Result<BTreeSet<AccountId>, Failure>;

    /// The groups that are assigned to the account, with whatever permission set.
    async fn groups_of(&self, account: &AccountId) -> Result<BTreeSet<GroupId>, Failure>;
}
