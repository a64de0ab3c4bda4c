//! Whether an account can be used: by the access role, and in the services that later steps need.
//! Asked instead of waiting for a fixed time.

use crate::domain::{AccountId, Region, RoleName};
use crate::error::Failure;

/// What is asked about an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe<'a> {
    pub account: &'a AccountId,
    /// The role through which later steps work.
    pub access_role: &'a RoleName,
    /// The region in which later steps work.
    pub region: &'a Region,
}

/// What still keeps the account from being used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obstacle {
    /// In words that name the role, service or region.
    pub words: String,
    /// Whether a refusal is among it: a new account refuses for some minutes what it will allow, an old one means it.
    pub is_denial: bool,
}

/// The readiness of accounts.
pub trait Readiness {
    /// What still keeps the account from being used; none if it is ready. Only asks what the access role may still do after its downgrade.
    ///
    /// # Errors
    /// The way into the account is refused outside of it, or AWS does not answer.
    async fn find_obstacle(&self, probe: &Probe<'_>) -> Result<Option<Obstacle>, Failure>;
}
