//! AWS Control Tower: its landing zone, the units that it governs, and the accounts that it has enrolled.
//! A unit is registered, and an account enrolled, by its baseline; what Control Tower does on its own follows moves.

use std::collections::{BTreeMap, BTreeSet};

use avm_core::domain::{AccountId, ParentId, RoleName};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::control_tower::{
    BaselineStatus, ControlTower, EnabledBaseline, LandingZoneState,
};
use avm_core::testing::account as sample;

use crate::in_call::Behind;
use crate::state::State as Whole;

/// The ARN of an account of the organization.
pub fn account_arn(account: &AccountId) -> String {
    format!("arn:aws:organizations::333333333333:account/o-exampleorg/{account}")
}

/// The ARN of the baseline of a unit.
fn baseline_arn(unit: &ParentId) -> String {
    format!("arn:aws:controltower:eu-west-1:333333333333:enabledbaseline/{unit}")
}

/// A baseline with that ARN, as the child of that one.
pub fn enabled(arn: &str, parent: Option<String>, status: BaselineStatus) -> EnabledBaseline {
    EnabledBaseline {
        arn: arn.to_owned(),
        parent,
        status,
        is_drifted: false,
        operation: Some("operation-1".to_owned()),
    }
}

/// The baseline of an account as the child of a unit's.
pub fn child_of(unit: &ParentId, status: BaselineStatus) -> EnabledBaseline {
    enabled("account", Some(baseline_arn(unit)), status)
}

/// Control Tower of the organization; none until there is a landing zone.
#[derive(Clone, Debug, Default)]
pub struct State {
    pub landing_zone: Option<LandingZoneState>,
    /// The baselines of units and accounts.
    pub of_units: BTreeMap<ParentId, EnabledBaseline>,
    /// Those that a landing zone of version 4.0 has beside them, by the target's ARN.
    pub besides: BTreeMap<String, Vec<EnabledBaseline>>,
    pub of_accounts: BTreeMap<AccountId, EnabledBaseline>,
    /// The ARNs of units that have controls, whether they have baselines or not.
    pub with_controls: BTreeSet<String>,
    /// For so many looks more than one the baseline of an account is under change.
    pub enrollment_lasts: u32,
    left: BTreeMap<AccountId, u32>,
    /// On so many accounts besides Control Tower is at work.
    pub under_change_elsewhere: usize,
    /// What Control Tower says of an operation; none: it may not be asked.
    pub operation_message: Option<String>,
    /// The control that guards the roles of Control Tower is on in registered units.
    pub guards_roles: bool,
}

impl State {
    /// What two worlds must have in common.
    pub fn essence(&self) -> String {
        format!("{:?} {:?}", self.of_units, self.of_accounts)
    }

    /// The baselines of accounts come to their end.
    pub fn tick(&mut self) {
        for (account, baseline) in &mut self.of_accounts {
            if baseline.status != BaselineStatus::UnderChange {
                continue;
            }
            let left = self.left.entry(account.clone());
            let left = left.or_insert(self.enrollment_lasts);
            if *left == 0 {
                self.left.remove(account);
                baseline.status = BaselineStatus::Succeeded;
            } else {
                *left -= 1;
            }
        }
    }

    /// Sets up a landing zone that enrolls accounts which are moved into a registered unit.
    pub fn set_up(&mut self) {
        self.landing_zone = Some(LandingZoneState {
            version: "3.3".to_owned(),
            enrolls_moved_accounts: true,
            is_processing: false,
        });
    }

    /// Registers a unit, as far as that status says.
    pub fn register(&mut self, unit: &ParentId, status: BaselineStatus) {
        let baseline = enabled(&baseline_arn(unit), None, status);
        self.of_units.insert(unit.clone(), baseline);
    }

    /// The main baselines on these targets.
    fn on(&self, targets: &[&str]) -> Vec<(String, EnabledBaseline)> {
        let units = self.of_units.iter();
        let units = units.filter_map(|(unit, one)| Some((sample().unit_arn(unit)?, one)));
        let accounts = self.of_accounts.iter();
        let accounts = accounts.map(|(account, one)| (account_arn(account), one));
        let all = units.chain(accounts);
        all.filter(|(target, _)| targets.contains(&target.as_str()))
            .map(|(target, one)| (target, one.clone()))
            .collect()
    }

    fn under_change(&self) -> usize {
        let accounts = self.of_accounts.values();
        let own = accounts.filter(|one| one.status == BaselineStatus::UnderChange);
        self.under_change_elsewhere + own.count()
    }
}

impl Whole {
    /// Whether an account sits in a registered unit, or below one.
    pub(crate) fn is_governed(&self, account: &AccountId) -> bool {
        let units = &self.organizations.units;
        let mut at = self.organizations.parent(account);
        while let Some(unit) = at {
            if self.control_tower.of_units.contains_key(unit) {
                return true;
            }
            at = units
                .iter()
                .find(|one| one.id == *unit)
                .map(|one| &one.parent);
        }
        false
    }

    /// Whether a control of Control Tower lets nobody write that role of an account.
    pub(crate) fn is_guarded(&self, account: &AccountId, role: &RoleName) -> bool {
        self.control_tower.guards_roles
            && role.as_str() == RoleName::CONTROL_TOWER_EXECUTION
            && self.is_governed(account)
    }

    /// An account was moved: where moves enroll accounts, its baseline changes.
    pub(crate) fn follow_move(&mut self, account: &AccountId) {
        let tower = &mut self.control_tower;
        let zone = tower.landing_zone.as_ref();
        let Some(unit) = self.organizations.parent(account) else {
            return;
        };
        let enrolls = zone.is_some_and(|zone| zone.enrolls_moved_accounts);
        // AWS Control Tower User Guide, limits of automatic enrollment: one moved account of a unit at a time.
        let parent = Some(baseline_arn(unit));
        let is_taken = tower.of_accounts.iter().any(|(other, one)| {
            other != account && one.parent == parent && one.status == BaselineStatus::UnderChange
        });
        if enrolls && !is_taken && tower.of_units.contains_key(unit) {
            let baseline = child_of(unit, BaselineStatus::UnderChange);
            tower.of_accounts.insert(account.clone(), baseline);
        }
    }
}

impl ControlTower for Behind<'_> {
    async fn baselines_on(
        &self,
        targets: &[&str],
    ) -> Result<BTreeMap<String, EnabledBaseline>, Failure> {
        self.read("controltower:ListEnabledBaselines", |state| {
            Ok(state.control_tower.on(targets).into_iter().collect())
        })
    }

    async fn all_baselines_on(
        &self,
        targets: &[&str],
    ) -> Result<BTreeMap<String, Vec<EnabledBaseline>>, Failure> {
        self.read("controltower:ListEnabledBaselines", |state| {
            let tower = &state.control_tower;
            let mut all: BTreeMap<String, Vec<EnabledBaseline>> = BTreeMap::new();
            for (target, one) in tower.on(targets) {
                all.entry(target).or_default().push(one);
            }
            for (target, besides) in &tower.besides {
                if targets.contains(&target.as_str()) {
                    let of_target = all.entry(target.clone()).or_default();
                    of_target.extend(besides.iter().cloned());
                }
            }
            Ok(all)
        })
    }

    async fn has_controls(&self, units: &[&str]) -> Result<bool, Failure> {
        self.read("controltower:ListEnabledControls", |state| {
            let found = &state.control_tower.with_controls;
            Ok(units.iter().any(|&unit| found.contains(unit)))
        })
    }

    async fn accounts_under_change(&self, units: &[&str]) -> Result<BTreeSet<String>, Failure> {
        self.read("controltower:ListEnabledBaselines UNDER_CHANGE", |state| {
            let accounts = state.control_tower.of_accounts.iter();
            let at_work = accounts.filter(|(_, one)| {
                let parent = one.parent.as_deref();
                one.status == BaselineStatus::UnderChange
                    && parent.is_some_and(|parent| units.contains(&parent))
            });
            Ok(at_work.map(|(account, _)| account_arn(account)).collect())
        })
    }

    async fn count_accounts_under_change(&self) -> Result<usize, Failure> {
        self.read("controltower:ListEnabledBaselines UNDER_CHANGE", |state| {
            Ok(state.control_tower.under_change())
        })
    }

    async fn find_landing_zone(&self) -> Result<Option<LandingZoneState>, Failure> {
        self.read("controltower:GetLandingZone", |state| {
            Ok(state.control_tower.landing_zone.clone())
        })
    }

    async fn find_operation_message(&self, operation: &str) -> Result<Option<String>, Failure> {
        let words = format!("controltower:GetBaselineOperation {operation}");
        self.read(words, |state| {
            let message = state.control_tower.operation_message.clone();
            let refused = || Failure::new(ErrorName::AccessDenied, "not authorized");
            message.map(Some).ok_or_else(refused)
        })
    }
}
