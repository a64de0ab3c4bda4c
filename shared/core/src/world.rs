//! What a step reaches: every port, each behind a door that is opened when the port is first asked for.
//! AWS is one such world, the AWS in memory of the tests another.

mod looking;

use std::time::Duration;

use serde_json::Value;

use crate::contract::call::{Mode, Scene};
use crate::domain::{ExecutionArn, PermissionsBoundaryName, Region, SingleSignOnInstance};
use crate::doors::Door;
use crate::error::{ErrorName, Failure};
use crate::ports::account_aliases::AccountAliases;
use crate::ports::account_factory::AccountFactory;
use crate::ports::account_roles::RoleOverview;
use crate::ports::account_settings::AccountSettings;
use crate::ports::account_tags::{AccountTags, TaggedAccounts};
use crate::ports::accounts::Accounts;
use crate::ports::assignments::Assignments;
use crate::ports::budgets::Budgets;
use crate::ports::control_tower::ControlTower;
use crate::ports::default_vpcs::{DefaultVpcRemoval, DefaultVpcs};
use crate::ports::directory::{Groups, Members};
use crate::ports::documents::Documents;
use crate::ports::executions::RunningVends;
use crate::ports::organizational_units::{OrganizationalUnits, UnitDirectory};
use crate::ports::readiness::Readiness;
use crate::ports::role_policies::RolePolicyChanges;
use crate::ports::roles::Roles;
use crate::ports::root_access::RootAccess;
use crate::ports::saml_metadata::SamlMetadataSource;
use crate::ports::saml_providers::SamlProviders;
use crate::ports::stack_sets::StackSetOperations;
use crate::ports::stacks::Stacks;
use crate::rules::standing_accounts::StandingAccounts;
use crate::rules::ways_out::WaysOut;

pub use looking::Looking;

/// Where a function runs: it makes the world of each call.
pub trait Host {
    /// The accounts that the machine stands on.
    fn standing(&self) -> &StandingAccounts;

    /// Proves that an event comes from the machine: see [`prove`](crate::rules::caller::prove). What was proved once for an
    /// execution and its order is not asked again.
    async fn prove_caller(
        &self,
        execution: Option<ExecutionArn>,
        order: &Value,
    ) -> Result<(), Failure>;

    /// The world of one call; only these doors can be opened in it.
    fn world(&self, scene: &Scene, doors: &'static [Door], mode: Mode) -> impl World;
}

/// The world of one call.
///
/// Every method that opens a door fails with `AccessDenied` and the like, with the role that could not be assumed; the failure
/// knows the door ([`Failure::closed_door`]).
pub trait World {
    /// The accounts that the machine stands on.
    fn standing(&self) -> &StandingAccounts;

    /// Where documents may lead out of the organization.
    fn ways_out(&self) -> &WaysOut;

    /// The permissions boundary of the roles that are made in accounts.
    fn boundary(&self) -> &PermissionsBoundaryName;

    /// The partition of the accounts: `aws`, `aws-cn`, `aws-us-gov`.
    fn partition(&self) -> &str;

    /// So long after now, as RFC 3339 in UTC with whole seconds.
    fn time(&self, after: Duration) -> String;

    async fn accounts(&self, door: Door) -> Result<impl Accounts, Failure>;

    async fn account_tags(&self, door: Door) -> Result<impl AccountTags, Failure>;

    async fn tagged_accounts(&self, door: Door) -> Result<impl TaggedAccounts, Failure>;

    async fn organization(
        &self,
        door: Door,
    ) -> Result<impl OrganizationalUnits + UnitDirectory, Failure>;

    /// Whether accounts can be used; opens [`Door::MemberAccess`] and what is behind it.
    async fn readiness(&self) -> Result<impl Readiness, Failure>;

    async fn documents(&self, door: Door) -> Result<impl Documents, Failure>;

    /// The vends that are under way, to be read with the function's own role.
    async fn vends(&self, door: Door) -> Result<impl RunningVends, Failure>;

    async fn stacks(&self, door: Door, region: &Region) -> Result<impl Stacks, Failure>;

    async fn stack_sets(&self, door: Door) -> Result<impl StackSetOperations, Failure>;

    async fn account_factory(
        &self,
        door: Door,
        region: &Region,
    ) -> Result<impl AccountFactory, Failure>;

    async fn control_tower(
        &self,
        door: Door,
        region: &Region,
    ) -> Result<impl ControlTower, Failure>;

    /// What IAM refuses is a failure of that name.
    async fn roles(&self, door: Door, refusal: ErrorName) -> Result<impl Roles, Failure>;

    async fn role_policies(&self, door: Door) -> Result<impl RolePolicyChanges, Failure>;

    async fn role_overview(&self, door: Door) -> Result<impl RoleOverview, Failure>;

    /// Whether root credentials are managed centrally, behind a door of the management account; what the root user has, behind one
    /// of the account.
    async fn root_access(&self, door: Door) -> Result<impl RootAccess, Failure>;

    async fn saml_providers(&self, door: Door) -> Result<impl SamlProviders, Failure>;

    /// The metadata that identity providers publish; behind no door.
    fn saml_metadata(&self) -> &impl SamlMetadataSource;

    async fn account_aliases(&self, door: Door) -> Result<impl AccountAliases, Failure>;

    async fn account_settings(&self, door: Door) -> Result<impl AccountSettings, Failure>;

    async fn budgets(&self, door: Door) -> Result<impl Budgets, Failure>;

    /// The region is one that is always enabled.
    async fn default_vpcs(
        &self,
        door: Door,
        region: &Region,
    ) -> Result<impl DefaultVpcs + DefaultVpcRemoval, Failure>;

    async fn assignments(
        &self,
        door: Door,
        instance: &SingleSignOnInstance,
    ) -> Result<impl Assignments, Failure>;

    /// Where groups are found and written: the identity store, or SCIM where the instance has it.
    async fn groups(
        &self,
        door: Door,
        instance: &SingleSignOnInstance,
    ) -> Result<impl Groups, Failure>;

    /// Where members are read.
    async fn members(
        &self,
        door: Door,
        instance: &SingleSignOnInstance,
    ) -> Result<impl Members, Failure>;
}
