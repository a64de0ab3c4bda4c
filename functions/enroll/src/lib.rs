//! Enrolls the account with AWS Control Tower, and thereby brings it to its organizational unit.
//! By the Account Factory or by a move alone, as the landing zone says; every operation is looked for before it is started.

mod auto;
mod factory;
mod missing;
mod notes;
mod plan;
mod role;
#[cfg(test)]
mod tests;
mod unit;

use avm_core::config::{ControlTower as Settings, Enrollment};
use avm_core::contract::answer::Answer;
use avm_core::contract::call::Request;
use avm_core::domain::{Account, ParentId};
use avm_core::doors::Door;
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::account_factory::AccountFactory;
use avm_core::ports::control_tower::ControlTower;
use avm_core::ports::organizational_units::{OrganizationalUnits, UnitDirectory};
use avm_core::step::{Acted, Patience, Step, Wait};
use avm_core::world::World;
use serde::{Deserialize, Serialize};

pub use notes::{Attempts, Notes, Purpose};
pub use plan::{Ending, Plan, Product};

/// The step; it needs a landing zone with an enrollment.
pub struct Enroll;

/// What the machine sends.
pub type Call = Request<Notes, Placement>;
type Answered = Acted<Enroll>;

/// What place-account has answered: where the account is to sit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Placement {
    /// The target, or the unit below it in which the account sits already.
    pub organizational_unit_id: ParentId,
}

/// What the step has done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Done {
    /// By which strategy.
    pub enrollment: Enrollment,
    /// Where the account sits.
    pub organizational_unit_id: ParentId,
    pub change: Change,
    /// What became of `AWSControlTowerExecution`; absent where nothing was done and nobody looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execution_role: Option<RoleOutcome>,
}

/// What was done with the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// Nothing: it was enrolled, and where it should be.
    None,
    /// It was not enrolled.
    Enrolled,
    /// It was enrolled in another unit.
    Moved,
    /// An earlier enrollment was broken.
    Repaired,
}

/// What became of `AWSControlTowerExecution`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RoleOutcome {
    /// The machine made it and has removed it.
    Removed,
    /// It stays: the platform says so, somebody else made it, or somebody has attached more to it.
    Kept,
    /// It stays: it may not be removed, because of a control of Control Tower or of the downgrade.
    Guarded,
    /// There is none.
    Absent,
}

impl Step for Enroll {
    const NAME: &'static str = "enroll";
    const DOORS: &'static [Door] = &[Door::Enrollment, Door::Placement, Door::Access];
    const PROVES_CALLER: bool = true;
    /// An enrollment takes about half an hour. It may wait for twelve hours until Control Tower has room, always as long
    /// between two looks, so that none is ahead of others because it came late.
    const PATIENCE: Option<Patience> = Some(Patience {
        work: Wait {
            looks: 60,
            first: 45,
            growth: 15,
            longest: 120,
        },
        turn: Some(Wait {
            looks: 240,
            first: 180,
            growth: 0,
            longest: 180,
        }),
        gives_up: ErrorName::EnrolmentTimedOut,
    });

    type Call = Call;
    type Plan = Plan;
    type Done = Done;

    /// Fails with `EnrolmentNotPossible` for what the landing zone lacks, `UnknownOrganizationalUnit`, and `EnrolmentFailed` for
    /// what somebody has to repair.
    async fn look(call: &Call, world: &impl World) -> Result<Plan, Failure> {
        let enrolling = Enrolling::new(call, world)?;
        match enrolling.strategy() {
            Enrollment::ServiceCatalog => enrolling.look_at_factory().await,
            Enrollment::Auto => enrolling.look_at_baseline().await,
            Enrollment::None => {
                let landing_zone = &call.order.landing_zone.name;
                let words = format!("landing zone {landing_zone} has no enrollment");
                Err(Failure::new(ErrorName::InvalidState, words))
            }
        }
    }

    /// Fails with `EnrolmentNotPossible` for what the platform lacks, `EnrolmentFailed` with Control Tower's reason, and
    /// `AccessDenied` where the downgraded access role would have to make the execution role.
    async fn act(call: &Call, plan: Plan, world: &impl World) -> Result<Answered, Failure> {
        let enrolling = Enrolling::new(call, world)?;
        let attempts = enrolling.attempts.clone();
        match plan {
            Plan::Settled {
                change,
                execution_role,
            } => Ok(enrolling.done(change, execution_role)),
            Plan::RemoveRole { change } => {
                let outcome = enrolling.settle_role().await?;
                Ok(enrolling.done(change, Some(outcome)))
            }
            Plan::Wait { what } => Ok(look_again(what, attempts)),
            Plan::Queue { words } => Ok(factory::queued(&words, attempts)),
            Plan::Follow { record, purpose } => Ok(factory::running(record, purpose, attempts)),
            Plan::Failed { purpose, ending } => enrolling.judge(purpose, ending).await,
            Plan::Enroll {
                unit_name,
                from,
                is_governed,
            } => enrolling.enroll(unit_name, from, is_governed).await,
            Plan::Update {
                product,
                purpose,
                unit_name,
            } => enrolling.update(&product, purpose, unit_name).await,
            Plan::Terminate { product } => enrolling.terminate(&product).await,
            Plan::Move { from, change, .. } => enrolling.move_account(from, change).await,
            Plan::AwaitTurn { change, words } => Ok(Answer::Queued {
                waiting_for: words,
                notes: Notes::Baseline { change, unseen: 0 },
            }),
            Plan::AwaitBaseline { change, unseen, .. } => {
                Ok(enrolling.baseline_pending(change, unseen))
            }
            Plan::Leave { from, change } => enrolling.leave(from, change).await,
        }
    }
}

/// What all parts of the step need.
struct Enrolling<'a, W> {
    call: &'a Call,
    account: &'a Account,
    wanted: &'a ParentId,
    settings: &'a Settings,
    attempts: Attempts,
    world: &'a W,
}

impl<'a, W: World> Enrolling<'a, W> {
    fn new(call: &'a Call, world: &'a W) -> Result<Self, Failure> {
        let settings = call.order.platform.control_tower.as_ref();
        Ok(Self {
            call,
            account: &call.account,
            wanted: &call.input.organizational_unit_id,
            settings: settings.ok_or_else(|| {
                Failure::new(
                    ErrorName::InvalidConfiguration,
                    "the landing zone has an enrollment, and the platform document has no controlTower",
                )
            })?,
            attempts: call.notes().map(Notes::attempts).unwrap_or_default(),
            world,
        })
    }

    fn strategy(&self) -> Enrollment {
        self.call.order.landing_zone.settings.enrollment
    }

    async fn open_factory(&self) -> Result<impl AccountFactory, Failure> {
        let region = &self.settings.region;
        self.world.account_factory(Door::Enrollment, region).await
    }

    async fn open_tower(&self) -> Result<impl ControlTower, Failure> {
        let region = &self.settings.region;
        self.world.control_tower(Door::Enrollment, region).await
    }

    /// To read: moves go through a door of their own.
    async fn open_organization(&self) -> Result<impl OrganizationalUnits + UnitDirectory, Failure> {
        self.world.organization(Door::Enrollment).await
    }

    fn done(&self, change: Change, execution_role: Option<RoleOutcome>) -> Answered {
        Answer::Done(Done {
            enrollment: self.strategy(),
            organizational_unit_id: self.wanted.clone(),
            change,
            execution_role,
        })
    }
}

/// The answer when what is to do shows at the next look.
fn look_again(waiting_for: impl Into<String>, attempts: Attempts) -> Answered {
    Answer::Working {
        waiting_for: waiting_for.into(),
        notes: Notes::Look {
            attempts,
            queued: false,
        },
    }
}
