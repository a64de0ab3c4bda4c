//! Deletes the default VPCs of the account in all enabled regions, side by side: look, delete, and tell what remains.
//! It looks through a role that can only look; the access role is opened only where something is to be deleted.

mod outcome;
mod plan;
mod remains;
mod removal;
mod survey;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use avm_core::contract::answer::Answer;
use avm_core::contract::call::Request;
use avm_core::domain::Region;
use avm_core::doors::Door;
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::default_vpcs::FoundVpc;
use avm_core::step::{Acted, Patience, Step, Wait};
use avm_core::world::World;
use futures_util::{StreamExt, stream};
use serde::{Deserialize, Serialize};

use outcome::{Outcome, Report};

pub use plan::{Clear, Plan};

/// How many regions are worked on at a time: all of them would be some hundred connections at once.
const AT_ONCE: usize = 10;

/// The step.
pub struct DefaultVpcs;

/// What the machine sends.
pub type Call = Request<Notes, Option<Input>>;

/// `{"Enabled": ["eu-south-1", …]}`: absent from machines of earlier versions, and from plans.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Input {
    /// The regions that account-settings has waited for until they were enabled.
    #[serde(default)]
    pub enabled: BTreeSet<Region>,
}

/// `{"Deleted": ["eu-central-1", …], "Closed": […]?, "Regions": 17}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Done {
    /// The regions whose default VPC was deleted.
    pub deleted: BTreeSet<Region>,
    /// The regions that a service control policy closes: nobody in the account can use what is in them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub closed: BTreeSet<Region>,
    /// How many regions were looked at.
    pub regions: usize,
}

/// What is done, and which regions are still open.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Notes {
    /// The regions that are looked at again.
    pub regions: BTreeSet<Region>,
    /// Those of them in which AWS has kept something for a dependency once: EC2 sees deletions late.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub kept: BTreeSet<Region>,
    /// Those of them whose default VPC was being deleted: where it is gone, the answer to its deletion was lost.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub begun: BTreeSet<Region>,
    /// What is done.
    pub done: Done,
}

impl Step for DefaultVpcs {
    const NAME: &'static str = "default-vpcs";
    const DOORS: &'static [Door] = &[Door::Verification, Door::Access];
    const PROVES_CALLER: bool = false;
    /// About four hours: for regions that were just enabled, and for as long as EC2 says that it verifies a new account
    /// (`PendingVerification`, "up to 4 hours").
    const PATIENCE: Option<Patience> = Some(Patience {
        work: Wait {
            looks: 45,
            first: 15,
            growth: 15,
            longest: 600,
        },
        turn: None,
        gives_up: ErrorName::DefaultVpcsTimedOut,
    });

    type Call = Call;
    type Plan = Plan;
    type Done = Done;

    /// Fails with `AccessDenied` where neither role may look. What goes wrong in one region is part of the plan.
    async fn look(call: &Call, world: &impl World) -> Result<Plan, Failure> {
        if !call.order.landing_zone.settings.delete_default_vpcs {
            return Ok(Plan::Keep);
        }
        let looks = survey::survey(call, world).await?;
        Ok(Plan::Clear(Clear::new(call, looks)))
    }

    /// Fails with `DefaultVpcsRemain` and every region that remains, or with `AccessDenied` where nothing but rights is
    /// missing; both after all other regions are done.
    async fn act(call: &Call, plan: Plan, world: &impl World) -> Result<Acted<Self>, Failure> {
        let clear = match plan {
            Plan::Keep => return Ok(Answer::Done(Done::default())),
            Plan::Clear(clear) => clear,
        };
        let (mut outcomes, found) = clear.outcomes();
        if call.progress.is_none() {
            doubt(call, &mut outcomes, !found.is_empty());
        }
        if !found.is_empty() {
            outcomes.extend(delete(call, found, world).await?);
        }
        Report::new(call, outcomes).answer()
    }
}

/// Takes nothing for granted that AWS makes in its own time and shows late: the default VPCs of a new account, which shows some
/// of them, and that of a region that was just enabled. Such a region is looked at once more.
fn doubt(call: &Call, outcomes: &mut BTreeMap<Region, Outcome>, is_new: bool) {
    let enabled = call.input.as_ref().map(|input| &input.enabled);
    for (region, outcome) in outcomes {
        if enabled.is_some_and(|enabled| enabled.contains(region)) {
            outcome.doubt("no default VPC shows, and the region was just enabled");
        } else if is_new {
            outcome.doubt("no default VPC shows, though other regions have one");
        }
    }
}

/// Deletes in all regions side by side; what goes wrong in one is that one's outcome.
async fn delete(
    call: &Call,
    found: Vec<FoundVpc>,
    world: &impl World,
) -> Result<BTreeMap<Region, Outcome>, Failure> {
    let platform = &call.order.platform;
    let access = match world.default_vpcs(Door::Access, &platform.region).await {
        Ok(access) => access,
        Err(refused) if refused.name() == ErrorName::AccessDenied => {
            let outcome = |found: FoundVpc| {
                let vpc = found.vpc;
                let failed = Outcome::failed(Some(vpc.id().clone()), refused.clone());
                (vpc.region().clone(), failed)
            };
            return Ok(found.into_iter().map(outcome).collect());
        }
        Err(failure) => return Err(failure),
    };
    let kept = call.notes().map(|notes| &notes.kept);
    let (access, kept) = (&access, &kept);
    Ok(stream::iter(found)
        .map(async |found| {
            let region = found.vpc.region().clone();
            let was_kept = kept.is_some_and(|kept| kept.contains(&region));
            let outcome = removal::remove(access, found, was_kept).await;
            (region, outcome)
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await)
}
