//! An organization with Control Tower in memory: units, one account, its provisioned product, its execution role.
//! Operations run until the test lets them end; answers to writes can be lost, before and after their effect.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use avm_core::domain::{OperationId, ParentId, RecordId};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::account_factory::{
    Artifact, LaunchPath, Problem, ProductStatus, ProvisionedProduct, Record, RecordError,
    RecordStatus,
};
use avm_core::ports::control_tower::{BaselineStatus, EnabledBaseline, LandingZoneState};
use avm_core::testing::account;

use super::iam::WorldRole;
use crate::Ways;

pub(super) const ROOT: &str = "r-ab12";
/// Registered units, and one that is not.
pub(super) const SANDBOX: &str = "ou-ab12-00000001";
pub(super) const WORKLOADS: &str = "ou-ab12-00000002";
pub(super) const WILD: &str = "ou-ab12-00000003";

/// An unregistered unit below a registered one.
pub(super) const DEEP: &str = "ou-ab12-00000004";

/// When the answer to a write is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lost {
    BeforeTheEffect,
    AfterTheEffect,
}

/// Where the provisioned product shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shows {
    /// In searches for the account and by its name.
    Everywhere,
    /// By its name only.
    ByName,
    /// Nowhere yet, though there is one.
    Nowhere,
    /// Everywhere still, though there is none any more.
    Still,
}

/// What an operation does when it ends well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    Enroll(ParentId),
    Update(ParentId),
    Remove,
}

#[derive(Clone, Debug)]
pub(super) struct Operation {
    pub(super) id: RecordId,
    pub(super) token: OperationId,
    pub(super) effect: Effect,
    pub(super) record: Record,
}

pub(super) struct State {
    pub(super) account_in: ParentId,
    /// Whether a unit has the baseline, and how far it is.
    pub(super) units: BTreeMap<ParentId, Option<BaselineStatus>>,
    pub(super) product: Option<ProvisionedProduct>,
    pub(super) shows: Shows,
    pub(super) operations: Vec<Operation>,
    /// How the next operations end, badly or well; none left: as the rules say.
    pub(super) ends: VecDeque<Option<(RecordError, ProductStatus)>>,
    /// How many of the next starts meet too many operations.
    pub(super) refused_starts: usize,
    /// Operations on other accounts, as their provisioned products show them.
    pub(super) other_products_under_change: usize,
    /// Operations on other accounts, as their baselines show them.
    pub(super) other_accounts_under_change: usize,
    pub(super) refusal: Option<Failure>,
    pub(super) role: Option<WorldRole>,
    /// Whether the access role may write roles.
    pub(super) is_downgraded: bool,
    /// Whether the control that guards the roles of Control Tower is on in registered units.
    pub(super) guards_roles: bool,
    /// Why IAM takes no write of a role, whoever asks.
    pub(super) role_refusal: Option<Failure>,
    /// How many of the next attachments come too early for a role that was just made.
    pub(super) late_attachments: usize,
    pub(super) artifacts: Option<Vec<Artifact>>,
    pub(super) paths: Vec<LaunchPath>,
    pub(super) landing_zone: Option<LandingZoneState>,
    pub(super) baseline: Option<EnabledBaseline>,
    pub(super) operation_message: Option<String>,
    pub(super) writes: Vec<String>,
    pub(super) reads: usize,
    pub(super) doors: Vec<&'static str>,
    /// The write (from 0) whose answer is lost.
    pub(super) lost: Option<(usize, Lost)>,
}

#[derive(Clone)]
pub(super) struct World(Arc<Mutex<State>>);

pub(super) fn parent(text: &str) -> ParentId {
    text.parse().unwrap()
}

pub(super) fn unit_arn(unit: &ParentId) -> String {
    account().unit_arn(unit).unwrap()
}

fn unit_baseline_arn(unit: &ParentId) -> String {
    format!("arn:aws:controltower:eu-west-1:333333333333:enabledbaseline/{unit}")
}

pub(super) fn enabled(
    arn: &str,
    parent: Option<String>,
    status: BaselineStatus,
) -> EnabledBaseline {
    EnabledBaseline {
        arn: arn.to_owned(),
        parent,
        status,
        operation: Some("operation-1".to_owned()),
    }
}

/// The baseline of the account as a child of the unit's.
pub(super) fn child_of(unit: &str, status: BaselineStatus) -> EnabledBaseline {
    enabled("account", Some(unit_baseline_arn(&parent(unit))), status)
}

pub(super) fn product(status: ProductStatus, has_succeeded: bool) -> ProvisionedProduct {
    ProvisionedProduct {
        id: "pp-1".parse().unwrap(),
        name: "avm-111111111111".to_owned(),
        status,
        message: None,
        last_record: Some("rec-of-earlier".parse().unwrap()),
        has_succeeded,
        token: Some("earlier".to_owned()),
    }
}

pub(super) fn error(problem: Problem, words: &str) -> RecordError {
    RecordError {
        problem,
        words: words.to_owned(),
    }
}

impl World {
    /// The account in that parent, not enrolled; a Control Tower that is ready for it.
    pub(super) fn with_account_in(place: &str) -> Self {
        let registered = || Some(BaselineStatus::Succeeded);
        let units = [
            (SANDBOX, registered()),
            (WORKLOADS, registered()),
            (WILD, None),
            (DEEP, None),
        ];
        Self(Arc::new(Mutex::new(State {
            account_in: parent(place),
            units: units.map(|(id, baseline)| (parent(id), baseline)).into(),
            product: None,
            shows: Shows::Everywhere,
            operations: Vec::new(),
            ends: VecDeque::new(),
            refused_starts: 0,
            other_products_under_change: 0,
            other_accounts_under_change: 0,
            refusal: None,
            role: None,
            is_downgraded: false,
            guards_roles: false,
            role_refusal: None,
            late_attachments: 0,
            artifacts: Some(vec![artifact("pa-1", true, false, 1)]),
            paths: vec![path("lpv2-1", "Account Factory")],
            landing_zone: Some(LandingZoneState {
                version: "3.3".to_owned(),
                enrolls_moved_accounts: true,
            }),
            baseline: None,
            operation_message: None,
            writes: Vec::new(),
            reads: 0,
            doors: Vec::new(),
            lost: None,
        })))
    }

    /// The account in that registered unit, enrolled by an earlier execution.
    pub(super) fn with_enrolled(place: &str) -> Self {
        let world = Self::with_account_in(place);
        world.state().product = Some(product(ProductStatus::Available, true));
        world.state().baseline = Some(child_of(place, BaselineStatus::Succeeded));
        world
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    pub(super) fn writes(&self) -> Vec<String> {
        self.state().writes.clone()
    }

    pub(super) fn read(&self) -> MutexGuard<'_, State> {
        let mut state = self.state();
        state.reads += 1;
        state
    }

    /// Writes, or loses the answer, before or after the effect.
    pub(super) fn write<T>(
        &self,
        words: String,
        effect: impl FnOnce(&mut State) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let mut state = self.state();
        let number = state.writes.len();
        state.writes.push(words);
        let no_answer = Failure::new(ErrorName::ServiceUnavailable, "the connection was cut");
        match state.lost.take_if(|(at, _)| *at == number) {
            None => effect(&mut state),
            Some((_, Lost::BeforeTheEffect)) => Err(no_answer),
            Some((_, Lost::AfterTheEffect)) => {
                effect(&mut state)?;
                Err(no_answer)
            }
        }
    }

    /// Whatever runs ends: as the test wants, else as Control Tower's rules say.
    pub(super) fn end(&self) {
        let mut state = self.state();
        if let Some(baseline) = &mut state.baseline
            && baseline.status == BaselineStatus::UnderChange
        {
            baseline.status = BaselineStatus::Succeeded;
        }
        let running = |one: &Operation| one.record.status == RecordStatus::Running;
        let Some(at) = state.operations.iter().position(running) else {
            return;
        };
        let effect = state.operations[at].effect.clone();
        let wanted = state.ends.pop_front();
        let failure = wanted.unwrap_or_else(|| state.refused_by_rules(&effect));
        if let Some((error, left)) = failure {
            state.operations[at].record = Record {
                status: RecordStatus::Failed,
                errors: vec![error],
            };
            state.product.as_mut().unwrap().status = left;
            return;
        }
        state.operations[at].record.status = RecordStatus::Succeeded;
        state.take_effect(effect);
    }
}

impl State {
    pub(super) fn is_registered(&self, unit: &ParentId) -> bool {
        self.units.get(unit).is_some_and(Option::is_some)
    }

    /// Whether the account sits in a registered unit, or below one.
    fn is_governed(&self) -> bool {
        self.is_registered(&self.account_in) || self.account_in.as_str() == DEEP
    }

    pub(super) fn baseline_of(&self, unit: &ParentId) -> Option<EnabledBaseline> {
        let status = self.units.get(unit)?.clone()?;
        Some(enabled(&unit_baseline_arn(unit), None, status))
    }

    /// The control of registered units lets nobody change the roles of Control Tower.
    pub(super) fn may_write_roles(&self) -> bool {
        let is_guarded = self.guards_roles && self.is_governed();
        !is_guarded && !self.is_downgraded
    }

    fn refused_by_rules(&self, effect: &Effect) -> Option<(RecordError, ProductStatus)> {
        let Effect::Enroll(_) = effect else {
            return None;
        };
        let can_work = self.role.as_ref().is_some_and(|role| {
            role.is_administrator() && role.trust.to_string().contains("333333333333")
        });
        let problem = if !can_work {
            Problem::ExecutionRole
        } else if self.is_governed() {
            Problem::Unknown
        } else {
            return None;
        };
        Some((error(problem, "against the rules"), ProductStatus::Error))
    }

    fn take_effect(&mut self, effect: Effect) {
        match effect {
            Effect::Enroll(unit) | Effect::Update(unit) => {
                let product = self.product.as_mut().unwrap();
                product.status = ProductStatus::Available;
                product.has_succeeded = true;
                self.baseline = Some(child_of(unit.as_str(), BaselineStatus::Succeeded));
                self.account_in = unit;
            }
            Effect::Remove => {
                self.product = None;
                self.baseline = None;
            }
        }
    }
}

pub(super) fn artifact(id: &str, is_active: bool, is_deprecated: bool, made_at: i64) -> Artifact {
    Artifact {
        id: id.parse().unwrap(),
        is_active,
        is_deprecated,
        made_at,
    }
}

pub(super) fn path(id: &str, name: &str) -> LaunchPath {
    LaunchPath {
        id: id.parse().unwrap(),
        name: name.to_owned(),
    }
}

impl Ways for World {
    type Factory = Self;
    type Tower = Self;
    type Organization = Self;
    type Placement = Self;
    type Roles = Self;

    fn factory(&self) -> &Self {
        self
    }

    fn tower(&self) -> &Self {
        self
    }

    fn organization(&self) -> &Self {
        self
    }

    async fn open_placement(&self) -> Result<Self, Failure> {
        self.state().doors.push("placement");
        Ok(self.clone())
    }

    async fn open_roles(&self) -> Result<Self, Failure> {
        self.state().doors.push("roles");
        Ok(self.clone())
    }
}
