//! An account that refuses the access role: a new one does so for some minutes, an old one means it.
//! An account that was invited has the role only if somebody has made it, and may let in others than the machine.

use std::time::Duration;

use avm_core::contract::call::Call as _;
use avm_core::domain::Moment;
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::readiness::{Obstacle, Probe};
use avm_core::world::World;

use crate::Call;

/// IAM shows new roles and policies late, also in an old account: so many looks are waited for.
const LOOKS: u32 = 3;
/// How AWS words the refusal of a policy that denies, which no time changes (IAM User Guide, "access denied error messages").
const EXPLICIT: &str = "explicit deny";

/// Whether what keeps the machine out is a refusal that waiting does not change.
pub(crate) fn is_meant(
    obstacle: &Obstacle,
    is_invited: bool,
    joined: Option<Moment>,
    call: &Call,
    world: &impl World,
) -> bool {
    let now = world.time(Duration::ZERO).parse::<Moment>();
    let is_old = is_invited
        || joined
            .zip(now.ok())
            .is_some_and(|(joined, now)| now.hours_since(joined) >= 1);
    let is_final = is_old || obstacle.words.contains(EXPLICIT);
    obstacle.is_denial && call.looks().work >= LOOKS && is_final
}

/// The refusal as a failure, with who has to let whom in.
pub(crate) fn of(obstacle: &Obstacle, probe: &Probe<'_>, world: &impl World) -> Failure {
    let (partition, management) = (world.partition(), world.standing().management());
    Failure::new(ErrorName::AccessDenied, &obstacle.words).with_remedy(format!(
        "look into the account and at the service control policies above it: the role {} has to be there with \
         AdministratorAccess or a minimum policy of the machine, and to trust arn:{partition}:iam::{management}:root, as \
         CreateAccount makes it. An account that was invited or imported has it only once somebody has made it; then send \
         the request again",
        probe.access_role
    ))
}
