//! The downgrade where nobody calls again: it looks again within the call, until IAM shows what was changed.
//! For callers outside, and for vends that have ended without their failure path.

use std::time::Duration;

use avm_core::contract::call::{Mode, Scene};
use avm_core::contract::order::Order;
use avm_core::domain::{AccountId, ExecutionArn};
use avm_core::error::{ErrorName, Failure};
use avm_core::rules::power::Reached;
use avm_core::step::Step;
use avm_core::world::Host;

use crate::apply::Outcome;
use crate::target::{Target, Wanted};
use crate::{Done, PermissionDowngrade};

/// IAM answers from before a write for some seconds: how long to wait before each further look.
const LOOKS: [Duration; 5] = [
    Duration::from_millis(200),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
];

/// A vend that has ended without its failure path.
pub struct Stopped<'a> {
    pub execution: &'a ExecutionArn,
    /// The account that its create-account has found or made.
    pub account: &'a AccountId,
    pub order: &'a Order,
    pub reached: Reached,
}

/// Takes the access role down, and says how powerful it is now; none where the landing zone asks for no downgrade.
///
/// # Errors
/// `InvalidRequest` for an account that the machine stands on; otherwise as for a call alone.
pub async fn take_down(
    stopped: &Stopped<'_>,
    host: &impl Host,
    pause: impl AsyncFn(Duration),
) -> Result<Option<String>, Failure> {
    let settings = &stopped.order.landing_zone.settings;
    let Some(policy) = settings.downgrade.policy() else {
        return Ok(None);
    };
    host.standing().refuse(stopped.account, "AccountId")?;
    let target = Target {
        account: stopped.account.clone(),
        access_role: stopped.order.platform.account_access_role.clone(),
        wanted: Wanted::Exactly(policy),
        is_alone: true,
        keeps_power_for: stopped.reached.still_needs_power(settings),
    };
    let scene = Scene {
        account: Some(target.account.clone()),
        access_role: target.access_role.clone(),
        session_name: stopped.execution.session_name(),
        execution_name: stopped.execution.name().to_owned(),
    };
    let done = at_once(&target, &scene, host, pause).await;
    done.map(|done| done.words)
        .map_err(|failure| failure.of_account(stopped.account))
}

pub(crate) async fn at_once(
    target: &Target,
    scene: &Scene,
    host: &impl Host,
    pause: impl AsyncFn(Duration),
) -> Result<Done, Failure> {
    let world = host.world(scene, PermissionDowngrade::DOORS, Mode::Act);
    let plan = target.look(&world).await?;
    tracing::info!(
        step = PermissionDowngrade::NAME,
        account = %target.account,
        role = %target.access_role,
        %plan,
        "planned where nobody calls again"
    );
    let waits = async |looks: usize| match LOOKS.get(looks - 1) {
        Some(time) => {
            pause(*time).await;
            true
        }
        None => false,
    };
    let outcome = target.take_down(&plan, &world, &waits).await?;
    let name = match outcome {
        Outcome::Down(verified) => {
            return Ok(Done {
                policy: plan.policy(),
                changed: plan.lines(),
                found: plan.found().clone(),
                verified,
                words: (!scene.execution_name.is_empty()).then(|| plan.told()),
            });
        }
        Outcome::MinimumNotShown => ErrorName::VerificationPending,
        Outcome::NotDown(_) => ErrorName::DowngradeFailed,
    };
    Err(Failure::new(name, outcome.words(target)))
}
