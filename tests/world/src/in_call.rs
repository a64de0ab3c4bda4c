//! The world as one call of a step sees it: doors are opened when a port is first asked for, and only those that it names.
//! Reads and writes go through what is behind a door, which notes them and lets faults happen.

use std::time::Duration;

use avm_core::contract::call::Scene;
use avm_core::domain::{AccountId, PermissionsBoundaryName, Region, SingleSignOnInstance};
use avm_core::doors::Door;
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::account_aliases::AccountAliases;
use avm_core::ports::account_factory::AccountFactory;
use avm_core::ports::account_roles::RoleOverview;
use avm_core::ports::account_settings::AccountSettings;
use avm_core::ports::account_tags::{AccountTags, TaggedAccounts};
use avm_core::ports::accounts::Accounts;
use avm_core::ports::assignments::Assignments;
use avm_core::ports::budgets::Budgets;
use avm_core::ports::control_tower::ControlTower;
use avm_core::ports::default_vpcs::{DefaultVpcRemoval, DefaultVpcs};
use avm_core::ports::directory::{Groups, Members};
use avm_core::ports::documents::Documents;
use avm_core::ports::executions::RunningVends;
use avm_core::ports::organizational_units::{OrganizationalUnits, UnitDirectory};
use avm_core::ports::readiness::Readiness;
use avm_core::ports::role_policies::RolePolicyChanges;
use avm_core::ports::roles::Roles;
use avm_core::ports::root_access::RootAccess;
use avm_core::ports::saml_metadata::SamlMetadataSource;
use avm_core::ports::saml_providers::SamlProviders;
use avm_core::ports::stack_sets::StackSetOperations;
use avm_core::ports::stacks::Stacks;
use avm_core::rules::standing_accounts::StandingAccounts;
use avm_core::rules::ways_out::WaysOut;
use avm_core::world::{Host, World};

use crate::faults::{Fault, no_answer};
use crate::identity_store::Directory;
use crate::state::State;
use crate::world::InMemory;

/// The world as one call of a step sees it.
pub(crate) struct InCall<'a> {
    world: &'a InMemory,
    account: Option<AccountId>,
    doors: &'static [Door],
}

/// What is behind a door that has been opened: every port is implemented on it.
pub struct Behind<'a> {
    world: &'a InMemory,
    pub(crate) door: Door,
    account: Option<AccountId>,
    /// The name under which IAM's refusals fail.
    pub(crate) refusal: ErrorName,
}

impl Behind<'_> {
    /// The account that the call is about.
    pub(crate) fn account(&self) -> AccountId {
        self.account.clone().expect("the step works on an account")
    }

    /// A read: noted, refused if it is to be, and answered from the state, or from an older one.
    pub(crate) fn read<T>(
        &self,
        words: impl AsRef<str>,
        answer: impl FnOnce(&State) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let words = words.as_ref();
        self.world.note(self.door, words, false);
        let mut faults = self.world.faults.borrow_mut();
        faults.refuse(words)?;
        let is_stale = faults.stale_reads > 0 && words.starts_with(&faults.stale_words);
        if is_stale {
            faults.stale_reads -= 1;
        }
        drop(faults);
        let source = if is_stale {
            &self.world.before_last_write
        } else {
            &self.world.state
        };
        answer(&source.borrow())
    }

    /// A write: noted, refused if it is to be, and done; a fault may keep it from its effect, or its answer from arriving.
    pub(crate) fn write<T>(
        &self,
        words: impl AsRef<str>,
        effect: impl FnOnce(&mut State) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let words = words.as_ref();
        let number = self.world.writes().len();
        self.world.note(self.door, words, true);
        self.world.faults.borrow_mut().refuse(words)?;
        let fault = self
            .world
            .faults
            .borrow_mut()
            .write
            .take_if(|(at, _)| *at == number);
        if let Some((_, Fault::Before)) = fault {
            return Err(no_answer());
        }
        let before = self.world.state.borrow().clone();
        let answer = effect(&mut self.world.state.borrow_mut());
        *self.world.before_last_write.borrow_mut() = before;
        match fault {
            Some(_) => Err(no_answer()),
            None => answer,
        }
    }
}

impl Behind<'_> {
    /// What the world keeps for itself, e.g. how many calls are under way: no call of AWS.
    pub(crate) fn aside<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.world.state.borrow_mut())
    }
}

impl<'a> InCall<'a> {
    pub(crate) fn new(world: &'a InMemory, scene: &Scene, doors: &'static [Door]) -> Self {
        Self {
            world,
            account: scene.account.clone(),
            doors,
        }
    }

    /// Without a door: what anybody can reach.
    pub(crate) fn outside(&self) -> Behind<'a> {
        Behind {
            world: self.world,
            door: Door::Own,
            account: self.account.clone(),
            refusal: ErrorName::Internal,
        }
    }

    fn open(&self, door: Door) -> Result<Behind<'a>, Failure> {
        assert!(
            self.doors.contains(&door),
            "the step does not name the door {door:?}"
        );
        self.world.opened.borrow_mut().push(door);
        if let Some(failure) = self.world.closed.borrow().get(&door) {
            return Err(failure.clone());
        }
        Ok(Behind {
            door,
            ..self.outside()
        })
    }
}

impl World for InCall<'_> {
    fn standing(&self) -> &StandingAccounts {
        self.world.standing()
    }

    fn ways_out(&self) -> &WaysOut {
        &self.world.ways_out
    }

    fn boundary(&self) -> &PermissionsBoundaryName {
        &self.world.boundary
    }

    fn partition(&self) -> &'static str {
        "aws"
    }

    /// In whole hours, within that month.
    fn time(&self, after: Duration) -> String {
        let hours = 10 + after.as_secs() / (60 * 60);
        let (day, hour) = (5 + hours / 24, hours % 24);
        assert!(day <= 30, "there is no such day in November");
        format!("2026-11-{day:02}T{hour:02}:00:00Z")
    }

    async fn accounts(&self, door: Door) -> Result<impl Accounts, Failure> {
        self.open(door)
    }

    async fn account_tags(&self, door: Door) -> Result<impl AccountTags, Failure> {
        self.open(door)
    }

    async fn tagged_accounts(&self, door: Door) -> Result<impl TaggedAccounts, Failure> {
        self.open(door)
    }

    async fn organization(
        &self,
        door: Door,
    ) -> Result<impl OrganizationalUnits + UnitDirectory, Failure> {
        self.open(door)
    }

    async fn readiness(&self) -> Result<impl Readiness, Failure> {
        self.open(Door::MemberAccess)
    }

    async fn documents(&self, door: Door) -> Result<impl Documents, Failure> {
        self.open(door)
    }

    async fn vends(&self, door: Door) -> Result<impl RunningVends, Failure> {
        self.open(door)
    }

    async fn stacks(&self, door: Door, _region: &Region) -> Result<impl Stacks, Failure> {
        self.open(door)
    }

    async fn stack_sets(&self, door: Door) -> Result<impl StackSetOperations, Failure> {
        self.open(door)
    }

    async fn account_factory(
        &self,
        door: Door,
        _region: &Region,
    ) -> Result<impl AccountFactory, Failure> {
        self.open(door)
    }

    async fn control_tower(
        &self,
        door: Door,
        _region: &Region,
    ) -> Result<impl ControlTower, Failure> {
        self.open(door)
    }

    async fn roles(&self, door: Door, refusal: ErrorName) -> Result<impl Roles, Failure> {
        Ok(Behind {
            refusal,
            ..self.open(door)?
        })
    }

    async fn role_policies(&self, door: Door) -> Result<impl RolePolicyChanges, Failure> {
        self.open(door)
    }

    async fn role_overview(&self, door: Door) -> Result<impl RoleOverview, Failure> {
        self.open(door)
    }

    async fn root_access(&self, door: Door) -> Result<impl RootAccess, Failure> {
        self.open(door)
    }

    async fn saml_providers(&self, door: Door) -> Result<impl SamlProviders, Failure> {
        self.open(door)
    }

    fn saml_metadata(&self) -> &impl SamlMetadataSource {
        self
    }

    async fn account_aliases(&self, door: Door) -> Result<impl AccountAliases, Failure> {
        self.open(door)
    }

    async fn account_settings(&self, door: Door) -> Result<impl AccountSettings, Failure> {
        self.open(door)
    }

    async fn budgets(&self, door: Door) -> Result<impl Budgets, Failure> {
        self.open(door)
    }

    async fn default_vpcs(
        &self,
        door: Door,
        _region: &Region,
    ) -> Result<impl DefaultVpcs + DefaultVpcRemoval, Failure> {
        self.open(door)
    }

    async fn assignments(
        &self,
        door: Door,
        _instance: &SingleSignOnInstance,
    ) -> Result<impl Assignments, Failure> {
        self.open(door)
    }

    async fn groups(
        &self,
        door: Door,
        instance: &SingleSignOnInstance,
    ) -> Result<impl Groups, Failure> {
        Ok(Directory::new(self.open(door)?, instance.scim.is_some()))
    }

    async fn members(
        &self,
        door: Door,
        _instance: &SingleSignOnInstance,
    ) -> Result<impl Members, Failure> {
        self.open(door)
    }
}
