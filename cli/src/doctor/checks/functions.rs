//! What the functions have answered: whether they do, in which version, and whether the trusts let them in.
//! A role that no landing zone needs may be closed.

use std::collections::{BTreeMap, BTreeSet};

use avm_aws::installation::{Asked, Trial};
use avm_core::config::{Elevation, Enrollment, LandingZone};

use crate::doctor::facts::{Facts, Functions};
use crate::doctor::finding::{Check, Finding};

const VERSION: &str = env!("CARGO_PKG_VERSION");
const OF_VERSIONS: &str = "deploy template.yaml of the version of this command, or use the command of the version that is deployed";

pub fn findings(facts: &Facts) -> Vec<Finding> {
    let asked = match &facts.functions {
        Functions::Unknown => return Vec::new(),
        Functions::NoMachine => {
            return vec![Finding::new(
                Check::Version,
                "avm-doctor",
                "there is no such state machine: an earlier version is deployed, and no trust was tried",
                OF_VERSIONS,
            )];
        }
        Functions::Asked(asked) => asked,
    };
    let zones: Vec<LandingZone> = facts
        .landing_zones()
        .into_iter()
        .map(|(_, zone)| zone)
        .collect();
    let mut findings: Vec<Finding> = asked.iter().filter_map(silent).collect();
    findings.extend(asked.iter().filter_map(of_another_version));
    findings.extend(closed(asked, &zones));
    findings
}

fn silent(asked: &Asked) -> Option<Finding> {
    let error = asked.error.as_ref()?;
    let cause = asked.cause.as_deref().unwrap_or("no cause was given");
    Some(Finding::new(
        Check::Function,
        &asked.function,
        format!("does not answer: {error}: {cause}"),
        "look at its log in /aws/lambda/avm and at the stack of template.yaml; deploy the stack again where the function is gone",
    ))
}

fn of_another_version(asked: &Asked) -> Option<Finding> {
    let version = asked
        .version
        .as_ref()
        .filter(|version| *version != VERSION)?;
    let found = format!("is of version {version}, this command of {VERSION}");
    Some(Finding::new(
        Check::Version,
        &asked.function,
        found,
        OF_VERSIONS,
    ))
}

/// Whether some landing zone has the function work as its roles.
fn is_wanted(function: &str, zones: &[LandingZone]) -> bool {
    let any = |wants: fn(&LandingZone) -> bool| zones.iter().any(wants);
    match function {
        "avm-enroll" => any(|zone| zone.enrollment != Enrollment::None),
        "avm-access-stack" => any(|zone| zone.access_stack.is_some()),
        "avm-account-alias" => any(|zone| zone.account_alias),
        "avm-default-vpcs" => any(|zone| zone.delete_default_vpcs),
        "avm-single-sign-on" => any(|zone| zone.single_sign_on.is_some()),
        "avm-identity-provider" => any(|zone| zone.identity_provider.is_some()),
        "avm-elevation" => any(|zone| zone.elevation == Elevation::WhenNeeded),
        _ => true,
    }
}

/// The roles that do not let somebody in, each once; where none lets anybody in, that is one fault.
fn closed(asked: &[Asked], zones: &[LandingZone]) -> Vec<Finding> {
    let wanted = asked.iter().filter(|one| is_wanted(&one.function, zones));
    let trials: Vec<(&str, &Trial)> = wanted
        .flat_map(|one| {
            one.trusts
                .iter()
                .map(|trial| (one.function.as_str(), trial))
        })
        .collect();
    if trials.len() > 1 && trials.iter().all(|(_, trial)| trial.error.is_some()) {
        let cause = trials[0].1.cause.as_deref().unwrap_or_default();
        return vec![Finding::new(
            Check::Trust,
            "every role of the management account",
            format!("lets no function in: {cause}"),
            "deploy templates/vending-roles.yaml in the management account, with MachineExternalIds of the secret avm/external-id/machine \
             and this account as AutomationAccountId",
        )];
    }
    let mut roles: BTreeMap<String, (BTreeSet<&str>, &Trial)> = BTreeMap::new();
    for (function, trial) in trials {
        if trial.error.is_some() {
            let role = roles
                .entry(trial.role.to_string())
                .or_insert((BTreeSet::new(), trial));
            role.0.insert(function);
        }
    }
    let roles = roles.into_iter();
    roles
        .map(|(role, (functions, trial))| of_role(&role, &functions, trial))
        .collect()
}

fn of_role(role: &str, functions: &BTreeSet<&str>, trial: &Trial) -> Finding {
    let functions: Vec<&str> = functions.iter().copied().collect();
    let cause = trial.cause.as_deref().unwrap_or_default();
    let is_of_management = role.contains(":role/AVM")
        && !role.ends_with("/AVMVerificationRole")
        && !role.ends_with("/AVMIdentityProviderRole");
    let remedy = if is_of_management {
        "deploy templates/vending-roles.yaml in the management account, with the ExternalId of the machine and the parameter that \
         switches on what the landing zones want"
    } else {
        "look at the role in the account, as OrganizationAccountAccessRole; the next vend of the account brings the roles of the \
         StackSet avm-landing-zone up to date"
    };
    let found = format!("does not let {} in: {cause}", functions.join(", "));
    Finding::new(Check::Trust, role, found, remedy)
}
