//! The look into every region, through the role that can only look.
//! Where the account has no such role, or an older one without the rights, the access role looks instead.

use std::collections::BTreeMap;

use avm_core::domain::{Region, RoleName};
use avm_core::doors::Door;
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::default_vpcs::{DefaultVpcs, Look};
use avm_core::world::World;
use futures_util::{StreamExt, stream};

use crate::{AT_ONCE, Call};

/// What each region shows; what goes wrong in one is that one's own.
pub(crate) type Looks = BTreeMap<Region, Result<Look, Failure>>;

/// Looks into every region, or into those that are still open. Fails with `AccessDenied` where neither role may look,
/// with the remedy.
pub(crate) async fn survey(call: &Call, world: &impl World) -> Result<Looks, Failure> {
    let refused = match through(call, world, Door::Verification).await {
        Err(failure) if failure.name() == ErrorName::AccessDenied => failure,
        looks => return looks,
    };
    tracing::warn!(
        execution = call.execution.name(),
        cause = refused.cause(),
        "the access role looks, because the verification role cannot"
    );
    let looks = through(call, world, Door::Access).await;
    looks.map_err(|failure| match failure.name() {
        ErrorName::AccessDenied => nobody_may_look(&refused, &failure),
        _ => failure,
    })
}

fn nobody_may_look(verification: &Failure, access: &Failure) -> Failure {
    let words = format!(
        "nobody may look for default VPCs: {}; {}",
        verification.cause(),
        access.cause()
    );
    let remedy = format!(
        "deploy the landing zone's StackSet as it ships, with a role {} that may call ec2:DescribeRegions and \
         ec2:DescribeVpcs, and send the request again",
        RoleName::VERIFICATION
    );
    let failure = Failure::new(ErrorName::AccessDenied, words).with_remedy(remedy);
    match verification.closed_door() {
        Some(door) => failure.at_door(door),
        None => failure,
    }
}

/// The subnets of a default VPC tell the VPC as well; only where there are none the VPC is asked for.
async fn look_into(
    vpcs: &impl DefaultVpcs,
    region: &Region,
    is_new: bool,
) -> Result<Look, Failure> {
    if is_new {
        match vpcs.look_by_subnets(region).await {
            Ok(Look::Nothing) => {}
            looked => return looked,
        }
    }
    vpcs.look(region).await
}

/// Looks with one role; a role that is refused in every region is refused altogether.
async fn through(call: &Call, world: &impl World, door: Door) -> Result<Looks, Failure> {
    let vpcs = world
        .default_vpcs(door, &call.order.platform.region)
        .await?;
    let regions = match call.notes() {
        Some(notes) => notes.regions.clone(),
        None => vpcs.list_regions().await?,
    };
    let vpcs = &vpcs;
    let mut regions = regions;
    let mut looks = Looks::new();
    // A new account has a whole default VPC in each of its regions, and a settled one in none: one region tells which.
    let home = &call.order.platform.region;
    if call.notes().is_none()
        && let Some(first) = regions.get(home).or_else(|| regions.first()).cloned()
        && let Ok(look @ Look::Found(_)) = vpcs.look_by_subnets(&first).await
    {
        regions.remove(&first);
        looks.insert(first, Ok(look));
    }
    let is_new = !looks.is_empty();
    let others = stream::iter(regions)
        .map(async |region| {
            let look = look_into(vpcs, &region, is_new).await;
            (region, look)
        })
        .buffer_unordered(AT_ONCE);
    looks.extend(others.collect::<Looks>().await);
    let is_refused = |look: &Result<Look, Failure>| {
        look.as_ref()
            .is_err_and(|failure| failure.name() == ErrorName::AccessDenied)
    };
    match looks.values().next() {
        Some(Err(refused)) if looks.values().all(is_refused) => Err(refused.clone()),
        _ => Ok(looks),
    }
}
