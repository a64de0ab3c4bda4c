//! Enrolls the account with AWS Control Tower, and thereby brings it to its organizational unit.
//! By the Account Factory or by a move alone, as the landing zone says; every operation is looked for before it is started.

mod auto;
mod causes;
mod execution_role;
mod factory;
mod follow;
mod plan;
mod preflight;
mod role;
mod room;
#[cfg(test)]
mod tests;
mod ways;

use avm_core::config::{ControlTower as Settings, Enrollment};
use avm_core::contract::step::{Answer, StepRequest};
use avm_core::domain::{Account, AccountId, ParentId, ProvisionedProductId, RecordId};
use avm_core::error::{ErrorName, Failure};
use avm_core::rules::standing_accounts::StandingAccounts;
use serde::{Deserialize, Serialize};

pub use ways::Ways;

/// The name of the step: in failures and in the log.
pub const STEP: &str = "enroll";

/// What the state machine sends.
pub type Request = StepRequest<Rest, Progress>;
type StepAnswer = Answer<Done, Progress>;

/// `{"Account": {…}, "Placement": {…}}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Rest {
    /// The account that create-account found or made.
    pub account: Account,
    /// What place-account has answered.
    pub placement: Placement,
}

/// Where the account is to sit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Placement {
    /// The organizational unit: the target, or the one below it in which the account sits already.
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
    /// What was done.
    pub change: Change,
    /// What became of `AWSControlTowerExecution`; absent where nothing was done and nobody looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execution_role: Option<RoleOutcome>,
}

/// What is done with the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// Nothing: it is enrolled, and where it should be.
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

/// What is waited for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "Doing", rename_all_fields = "PascalCase")]
pub enum Progress {
    /// What is to do shows at the next look.
    Look {
        /// What was tried.
        #[serde(default, skip_serializing_if = "Attempts::is_first")]
        attempts: Attempts,
        /// Whether Control Tower has no room for one more operation: one cheap look tells when it has some.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        queued: bool,
    },
    /// An operation of the Account Factory that this execution started.
    Record {
        /// Its record.
        record: RecordId,
        /// What it is for.
        purpose: Purpose,
        /// What was tried.
        #[serde(default, skip_serializing_if = "Attempts::is_first")]
        attempts: Attempts,
    },
    /// The baseline of an account that sits in its unit.
    Baseline {
        /// What was done with the account.
        change: Change,
    },
}

/// What an operation of the Account Factory is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// The account is enrolled.
    Enroll,
    /// It is moved to another unit.
    Move,
    /// Its provisioned product is applied again.
    Repair,
    /// What a failed try has left behind is taken away.
    Remove,
}

/// What this execution has tried already; every new try has a token of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Attempts {
    /// How often Control Tower had no room for one more operation.
    #[serde(skip_serializing_if = "is_zero")]
    pub without_room: u32,
    /// Whether the execution role could not be assumed once.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub role_not_seen: bool,
    /// Whether what an earlier try had left behind was taken away.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub repairs: bool,
    /// Whether one of them was to move the account: it may sit in its unit since, though the operation has failed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub moves: bool,
}

impl Attempts {
    fn is_first(&self) -> bool {
        *self == Self::default()
    }
}

// The form that serde asks for.
#[allow(clippy::trivially_copy_pass_by_ref)]
const fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// What all parts of the step need.
struct Step<'a, W> {
    request: &'a Request,
    account: &'a Account,
    wanted: &'a ParentId,
    settings: &'a Settings,
    management: &'a AccountId,
    ways: &'a W,
}

/// Enrolls the account, or finds that it is enrolled where it should be.
///
/// # Errors
/// `EnrolmentNotPossible` with what is missing, before anything is written; `EnrolmentFailed` with Control Tower's reason;
/// `AccessDenied` where the downgraded access role would have to make the execution role; `UnknownOrganizationalUnit`,
/// `InvalidRequest` for an account that is never enrolled, `InvalidState` for a landing zone without enrollment.
pub async fn handle(
    request: &Request,
    standing: &StandingAccounts,
    ways: &impl Ways,
) -> Result<StepAnswer, Failure> {
    let account = &request.rest.account;
    standing.refuse(&account.account_id, "Account.AccountId")?;
    enroll(request, standing, ways)
        .await
        .map_err(|failure| failure.of_account(&account.account_id))
}

/// The region of Control Tower: that of the clients.
///
/// # Errors
/// `InvalidConfiguration` for a platform without AWS Control Tower.
pub fn settings(request: &Request) -> Result<&Settings, Failure> {
    request
        .order
        .platform
        .control_tower
        .as_ref()
        .ok_or_else(|| {
            Failure::new(
                ErrorName::InvalidConfiguration,
                "the landing zone has an enrollment, and the platform document has no controlTower",
            )
        })
}

async fn enroll(
    request: &Request,
    standing: &StandingAccounts,
    ways: &impl Ways,
) -> Result<StepAnswer, Failure> {
    let step = Step {
        request,
        account: &request.rest.account,
        wanted: &request.rest.placement.organizational_unit_id,
        settings: settings(request)?,
        management: standing.management(),
        ways,
    };
    let progress = request.progress.as_ref();
    match step.strategy() {
        Enrollment::ServiceCatalog => step.by_factory(progress).await,
        Enrollment::Auto => step.by_move(progress).await,
        Enrollment::None => Err(Failure::new(
            ErrorName::InvalidState,
            format!(
                "landing zone {} has no enrollment",
                request.order.landing_zone.name
            ),
        )),
    }
}

impl<W: Ways> Step<'_, W> {
    fn strategy(&self) -> Enrollment {
        self.request.order.landing_zone.settings.enrollment
    }

    fn done(&self, change: Change, execution_role: Option<RoleOutcome>) -> StepAnswer {
        tracing::info!(
            execution = self.request.execution.name(),
            account = self.account.account_id.as_str(),
            organizational_unit = self.wanted.as_str(),
            ?change,
            ?execution_role,
            "the account is enrolled"
        );
        Answer::Done(Done {
            enrollment: self.strategy(),
            organizational_unit_id: self.wanted.clone(),
            change,
            execution_role,
        })
    }
}

/// The answer when what is to do shows at the next look.
fn look_again(waiting_for: impl Into<String>, attempts: Attempts) -> StepAnswer {
    Answer::Pending {
        waiting_for: waiting_for.into(),
        progress: Progress::Look {
            attempts,
            queued: false,
        },
    }
}

/// The name of the provisioned product of an account that the machine enrolls.
fn product_name(account: &AccountId) -> String {
    format!("avm-{account}")
}

/// The words for a provisioned product in failures and in the log.
fn product_in_words(name: &str, id: &ProvisionedProductId) -> String {
    format!("provisioned product {name} ({id})")
}
