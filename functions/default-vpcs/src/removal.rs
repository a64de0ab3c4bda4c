//! One region: who uses the default VPC, then its parts, then the VPC itself.
//! Subnets go first: should something have moved in, AWS refuses before the way to the internet is cut.

use avm_core::domain::DefaultVpc;
use avm_core::error::Failure;
use avm_core::ports::default_vpcs::{
    DefaultVpcRemoval, FoundVpc, Gateway, NetworkInterface, Removal,
};

use crate::outcome::Outcome;

/// More interfaces than this are counted only.
const MOST_NAMED: usize = 3;

/// Deletes the VPC, unless somebody uses it. `was_kept`: AWS kept something of it in an earlier call of this execution.
pub(crate) async fn remove(
    access: &impl DefaultVpcRemoval,
    found: FoundVpc,
    was_kept: bool,
) -> Outcome {
    let id = found.vpc.id().clone();
    match try_remove(access, found).await {
        Ok(Tried::Deleted) => Outcome::Deleted,
        Ok(Tried::InUse(words)) => Outcome::in_use(id, words),
        Ok(Tried::Kept(words)) if was_kept => Outcome::in_use(id, words),
        Ok(Tried::Kept(words)) => Outcome::Kept(words),
        Err(failure) => Outcome::failed(Some(id), failure),
    }
}

enum Tried {
    Deleted,
    /// Somebody uses it; nothing was touched.
    InUse(String),
    /// AWS sees a dependency: one that is there, or one whose deletion it does not see yet.
    Kept(String),
}

async fn try_remove(access: &impl DefaultVpcRemoval, found: FoundVpc) -> Result<Tried, Failure> {
    let vpc = &found.vpc;
    let subnets = match found.subnets {
        Some(subnets) => subnets,
        None => access.list_subnets(vpc).await?,
    };
    // Every network interface has an address of a subnet: who they are is asked only where one is taken.
    if subnets.iter().any(|subnet| !subnet.is_free) {
        let interfaces = access.list_network_interfaces(vpc).await?;
        if !interfaces.is_empty() {
            return Ok(Tried::InUse(in_words(&interfaces)));
        }
    }
    for subnet in subnets {
        if let Removal::InUse(words) = access.delete_subnet(vpc, &subnet.id).await? {
            return Ok(Tried::Kept(words));
        }
    }
    for gateway in access.list_gateways(vpc).await? {
        if let Removal::InUse(words) = remove_gateway(access, vpc, &gateway).await? {
            return Ok(Tried::Kept(words));
        }
    }
    Ok(match access.delete_vpc(vpc).await? {
        Removal::Gone => Tried::Deleted,
        Removal::InUse(words) => Tried::Kept(words),
    })
}

async fn remove_gateway(
    access: &impl DefaultVpcRemoval,
    vpc: &DefaultVpc,
    gateway: &Gateway,
) -> Result<Removal, Failure> {
    let id = &gateway.id;
    if !gateway.is_attached {
        // Left over from a call that was cut off. If it is in use, then of somebody who has found another use for it.
        access.delete_gateway(vpc, id).await?;
        return Ok(Removal::Gone);
    }
    access.mark_gateway(vpc, id).await?;
    if let Removal::InUse(words) = access.detach_gateway(vpc, id).await? {
        return Ok(Removal::InUse(words));
    }
    access.delete_gateway(vpc, id).await
}

fn in_words(interfaces: &[NetworkInterface]) -> String {
    let named: Vec<String> = interfaces
        .iter()
        .take(MOST_NAMED)
        .map(|interface| format!("{} ({})", interface.id, interface.kind))
        .collect();
    let more = match interfaces.len().saturating_sub(MOST_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!(
        "it is in use by network interfaces {}{more}",
        named.join(", ")
    )
}
