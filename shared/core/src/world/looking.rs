//! A world in which every door leads to a role that only looks: for a step that asks other steps' looks.
//! What is behind no door is the same.

use std::time::Duration;

use super::World;
use crate::domain::{PermissionsBoundaryName, Region, SingleSignOnInstance};
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

/// That world, seen so.
pub struct Looking<'a, W>(pub &'a W);

impl<W: World> World for Looking<'_, W> {
    fn standing(&self) -> &StandingAccounts {
        self.0.standing()
    }

    fn ways_out(&self) -> &WaysOut {
        self.0.ways_out()
    }

    fn boundary(&self) -> &PermissionsBoundaryName {
        self.0.boundary()
    }

    fn partition(&self) -> &str {
        self.0.partition()
    }

    fn time(&self, after: Duration) -> String {
        self.0.time(after)
    }

    async fn accounts(&self, door: Door) -> Result<impl Accounts, Failure> {
        self.0.accounts(door.to_look()).await
    }

    async fn account_tags(&self, door: Door) -> Result<impl AccountTags, Failure> {
        self.0.account_tags(door.to_look()).await
    }

    async fn tagged_accounts(&self, door: Door) -> Result<impl TaggedAccounts, Failure> {
        self.0.tagged_accounts(door.to_look()).await
    }

    async fn organization(
        &self,
        door: Door,
    ) -> Result<impl OrganizationalUnits + UnitDirectory, Failure> {
        self.0.organization(door.to_look()).await
    }

    async fn readiness(&self) -> Result<impl Readiness, Failure> {
        self.0.readiness().await
    }

    async fn documents(&self, door: Door) -> Result<impl Documents, Failure> {
        self.0.documents(door.to_look()).await
    }

    async fn vends(&self, door: Door) -> Result<impl RunningVends, Failure> {
        self.0.vends(door.to_look()).await
    }

    async fn stacks(&self, door: Door, region: &Region) -> Result<impl Stacks, Failure> {
        self.0.stacks(door.to_look(), region).await
    }

    async fn stack_sets(&self, door: Door) -> Result<impl StackSetOperations, Failure> {
        self.0.stack_sets(door.to_look()).await
    }

    async fn account_factory(
        &self,
        door: Door,
        region: &Region,
    ) -> Result<impl AccountFactory, Failure> {
        self.0.account_factory(door.to_look(), region).await
    }

    async fn control_tower(
        &self,
        door: Door,
        region: &Region,
    ) -> Result<impl ControlTower, Failure> {
        self.0.control_tower(door.to_look(), region).await
    }

    async fn roles(&self, door: Door, refusal: ErrorName) -> Result<impl Roles, Failure> {
        self.0.roles(door.to_look(), refusal).await
    }

    async fn role_policies(&self, door: Door) -> Result<impl RolePolicyChanges, Failure> {
        self.0.role_policies(door.to_look()).await
    }

    async fn role_overview(&self, door: Door) -> Result<impl RoleOverview, Failure> {
        self.0.role_overview(door.to_look()).await
    }

    async fn root_access(&self, door: Door) -> Result<impl RootAccess, Failure> {
        self.0.root_access(door.to_look()).await
    }

    async fn saml_providers(&self, door: Door) -> Result<impl SamlProviders, Failure> {
        self.0.saml_providers(door.to_look()).await
    }

    fn saml_metadata(&self) -> &impl SamlMetadataSource {
        self.0.saml_metadata()
    }

    async fn account_aliases(&self, door: Door) -> Result<impl AccountAliases, Failure> {
        self.0.account_aliases(door.to_look()).await
    }

    async fn account_settings(&self, door: Door) -> Result<impl AccountSettings, Failure> {
        self.0.account_settings(door.to_look()).await
    }

    async fn budgets(&self, door: Door) -> Result<impl Budgets, Failure> {
        self.0.budgets(door.to_look()).await
    }

    async fn default_vpcs(
        &self,
        door: Door,
        region: &Region,
    ) -> Result<impl DefaultVpcs + DefaultVpcRemoval, Failure> {
        self.0.default_vpcs(door.to_look(), region).await
    }

    async fn assignments(
        &self,
        door: Door,
        instance: &SingleSignOnInstance,
    ) -> Result<impl Assignments, Failure> {
        self.0.assignments(door.to_look(), instance).await
    }

    async fn groups(
        &self,
        door: Door,
        instance: &SingleSignOnInstance,
    ) -> Result<impl Groups, Failure> {
        self.0.groups(door.to_look(), instance).await
    }

    async fn members(
        &self,
        door: Door,
        instance: &SingleSignOnInstance,
    ) -> Result<impl Members, Failure> {
        self.0.members(door.to_look(), instance).await
    }
}
