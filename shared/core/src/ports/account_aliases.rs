//! The alias of one account: AWS takes one for each account, and each alias once across all accounts.
//! The list may lag some seconds behind a write.

use std::collections::BTreeSet;

use crate::domain::AccountAlias;
use crate::error::Failure;

/// What became of a creation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AliasCreation {
    /// The account has the alias. One that it had before is gone: so AWS documents it, in its SDK for Ruby only.
    Made,
    /// Some account has it: another one, or this one, if the list did not show it.
    Taken,
    /// The account has an alias already, and AWS did not replace it.
    NoPlace,
}

/// Reads and changes the alias of an account.
pub trait AccountAliases {
    /// The aliases of the account: none or one, unless AWS begins to allow more.
    async fn list(&self) -> Result<BTreeSet<AccountAlias>, Failure>;

    /// Gives the account the alias.
    async fn create(&self, alias: &AccountAlias) -> Result<AliasCreation, Failure>;

    /// Takes an alias away from the account; one that is gone already is success.
    async fn delete(&self, alias: &AccountAlias) -> Result<(), Failure>;
}
