//! What the step reaches, and through which door: a door is opened only by what needs it.
//! A look at an enrolled account opens none.

use std::future::Future;

use avm_core::error::Failure;
use avm_core::ports::account_factory::AccountFactory;
use avm_core::ports::control_tower::ControlTower;
use avm_core::ports::organizational_units::{OrganizationTree, OrganizationalUnits, UnitDirectory};
use avm_core::ports::roles::Roles;

/// The world of the step.
pub trait Ways {
    /// The Account Factory, through the enrollment role.
    type Factory: AccountFactory;
    /// Control Tower, through the enrollment role.
    type Tower: ControlTower;
    /// The organization to read, through the enrollment role.
    type Organization: OrganizationTree + UnitDirectory;
    /// The organization to change, through the placement role.
    type Placement: OrganizationalUnits;
    /// The roles of the account, through the access role; what IAM refuses is `EnrolmentFailed`.
    type Roles: Roles;

    /// The Account Factory.
    fn factory(&self) -> &Self::Factory;

    /// Control Tower.
    fn tower(&self) -> &Self::Tower;

    /// The organization to read.
    fn organization(&self) -> &Self::Organization;

    /// The way to move accounts.
    ///
    /// # Errors
    /// A role on the way cannot be assumed.
    fn open_placement(&self) -> impl Future<Output = Result<Self::Placement, Failure>>;

    /// The way into the account.
    ///
    /// # Errors
    /// A role on the way cannot be assumed.
    fn open_roles(&self) -> impl Future<Output = Result<Self::Roles, Failure>>;
}
