//! The failure that tells what remains: every region with its cause, and what to do about each kind of cause.
//! Regions of one fate are named together, for a cause may be long and a policy the same everywhere.

use std::collections::BTreeMap;

use avm_core::domain::{Region, RoleName, VpcId};
use avm_core::error::{ErrorName, Failure};
use avm_core::rules::power;

/// A region that stays as it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Remaining<'a> {
    pub(crate) region: &'a Region,
    /// Its default VPC, if it could be seen.
    pub(crate) vpc: Option<&'a VpcId>,
    pub(crate) failure: &'a Failure,
}

impl Remaining<'_> {
    fn is_denied(&self) -> bool {
        self.failure.name() == ErrorName::AccessDenied
    }

    fn place(&self) -> String {
        match self.vpc {
            Some(vpc) => format!("{vpc} in {}", self.region),
            None => self.region.to_string(),
        }
    }
}

/// The failure of all regions that remain, if there are any: `AccessDenied` where nothing but rights is missing.
pub(crate) fn failure(remaining: &[Remaining<'_>]) -> Option<Failure> {
    let name = match remaining {
        [] => return None,
        _ if remaining.iter().all(Remaining::is_denied) => ErrorName::AccessDenied,
        _ => ErrorName::DefaultVpcsRemain,
    };
    let causes = remaining
        .iter()
        .map(|region| (region.place(), region.failure.cause()));
    let cause = format!("default VPCs remain: {}", grouped(causes));
    Some(Failure::new(name, cause).with_remedy(remedy(remaining)))
}

fn remedy(remaining: &[Remaining<'_>]) -> String {
    let unseen = places(remaining, |region| {
        region.is_denied() && region.vpc.is_none()
    });
    let unwritten = places(remaining, |region| {
        region.is_denied() && region.vpc.is_some()
    });
    let mut remedies = Vec::new();
    if !remaining.iter().all(Remaining::is_denied) {
        remedies.push(ErrorName::DefaultVpcsRemain.remedy().to_owned());
    }
    if !unseen.is_empty() {
        remedies.push(format!(
            "let role {} call ec2:DescribeVpcs in {unseen}, and send the request again",
            RoleName::VERIFICATION
        ));
    }
    if !unwritten.is_empty() {
        remedies.push(format!(
            "delete {unwritten} by hand as an administrator of the account; or, {}",
            power::REMEDY
        ));
    }
    remedies.join("; ")
}

fn places(remaining: &[Remaining<'_>], wanted: impl Fn(&Remaining<'_>) -> bool) -> String {
    let places: Vec<String> = remaining
        .iter()
        .filter(|region| wanted(region))
        .map(Remaining::place)
        .collect();
    places.join(", ")
}

/// `a, b: cause; c: another cause`.
pub(crate) fn grouped<'a>(places: impl IntoIterator<Item = (String, &'a str)>) -> String {
    let mut by_cause: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (place, cause) in places {
        by_cause.entry(cause).or_default().push(place);
    }
    let groups: Vec<String> = by_cause
        .into_iter()
        .map(|(cause, places)| format!("{}: {cause}", places.join(", ")))
        .collect();
    groups.join("; ")
}
