//! The tree of the organization: its root, its units, and where accounts sit in it.
//! Reading and writing are apart, so that a step that only verifies needs no right to write.

use crate::domain::{AccountId, OrganizationalUnitId, ParentId, WorkspaceIdentifier};
use crate::error::Failure;

/// A unit below some parent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganizationalUnit {
    pub id: OrganizationalUnitId,
    pub name: String,
}

/// What sits in a parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Child<'a> {
    Account(&'a AccountId),
    Unit(&'a ParentId),
}

impl Child<'_> {
    /// The id on the wire.
    pub fn id(&self) -> &str {
        match self {
            Self::Account(id) => id.as_str(),
            Self::Unit(id) => id.as_str(),
        }
    }
}

/// What came of a new unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnitCreation {
    Made(OrganizationalUnitId),
    /// The parent already has a unit of that name.
    NameTaken,
}

/// What came of a move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// The account is in the destination, moved by this call or by another.
    Arrived,
    /// The account was not where the move expected it.
    SourceGone,
    /// There is no such destination.
    DestinationGone,
}

/// Reads the tree of the organization.
pub trait OrganizationTree {
    /// The units directly below a parent, all pages.
    ///
    /// # Errors
    /// Organizations refuses, does not answer, or the parent has gone.
    async fn list_units(&self, parent: &ParentId) -> Result<Vec<OrganizationalUnit>, Failure>;

    /// What an account or a unit sits in; none if Organizations does not show the child (yet).
    async fn find_parent(&self, child: Child<'_>) -> Result<Option<ParentId>, Failure>;
}

/// Knows units by their id.
pub trait UnitDirectory {
    /// The name of a unit; none if there is no such unit.
    async fn find_unit_name(&self, unit: &ParentId) -> Result<Option<String>, Failure>;
}

/// Changes the tree of the organization.
pub trait OrganizationalUnits: OrganizationTree {
    /// Makes a unit below a parent; one for a workspace says so from the beginning, by its tag `avm:workspace`.
    ///
    /// # Errors
    /// Organizations refuses, does not answer, or one of its limits is reached.
    async fn create_unit(
        &self,
        parent: &ParentId,
        name: &str,
        workspace: Option<&WorkspaceIdentifier>,
    ) -> Result<UnitCreation, Failure>;

    /// The workspace that the tag of a unit names.
    async fn find_workspace(&self, unit: &ParentId) -> Result<Option<String>, Failure>;

    /// Moves an account.
    async fn move_account(
        &self,
        account: &AccountId,
        from: &ParentId,
        to: &ParentId,
    ) -> Result<Move, Failure>;
}
