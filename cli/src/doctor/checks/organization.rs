//! The organization: its quota of accounts, the services that it trusts, AWS Control Tower, IAM Identity Center, and what is
//! protected.

use std::collections::BTreeSet;

use avm_aws::installation::Stack;
use avm_core::config::{ControlTower, LandingZone, Platform};
use avm_core::contract::order::PlatformSettings;
use avm_core::domain::PermissionSetReference;
use avm_documents::Found;

use crate::doctor::facts::{Facts, Management, PermissionSets};
use crate::doctor::finding::{Check, Finding};

/// AWS Organizations makes five accounts at a time.
const LEAST_ROOM: u64 = 5;
/// AWS Control Tower user guide, "Request a quota increase": what the quota of concurrent account operations is raised to at most.
const MOST_OPERATIONS: u64 = 10;
const ACCOUNT_MANAGEMENT: &str = "account.amazonaws.com";
const IDENTITY_CENTER: &str = "IAM Identity Center";
const MORE_PERMISSION_SETS: &str = "delete permission sets that nobody needs, or ask for more in Service Quotas (IAM Identity Center, in its region) of \
     the management account";

pub fn findings(facts: &Facts) -> Vec<Finding> {
    let Some(management) = &facts.management else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    findings.extend(of_room(management));
    let zones: Vec<LandingZone> = facts
        .landing_zones()
        .into_iter()
        .map(|(_, zone)| zone)
        .collect();
    findings.extend(of_trusted_access(
        management,
        facts.platform().as_ref(),
        &zones,
    ));
    if let Some(most) = management.permission_sets.most_of_account {
        let zones = facts.landing_zones().into_iter();
        findings.extend(zones.filter_map(|(name, zone)| of_mappings(&name, &zone, most)));
    }
    if let Some(platform) = facts.platform() {
        findings.extend(of_control_tower(management, &platform));
        findings.extend(of_identity_center(management, &platform));
        if zones.iter().any(|zone| zone.single_sign_on.is_some()) {
            findings.extend(of_key(management, facts.vending_roles()));
        }
        findings.extend(of_permission_sets(&management.permission_sets));
    }
    findings.extend(management.unprotected.iter().map(unprotected));
    findings
}

fn of_room(management: &Management) -> Option<Finding> {
    let (accounts, most) = (management.accounts?, management.most_accounts?);
    (accounts + LEAST_ROOM > most).then(|| {
        Finding::new(
            Check::Quota,
            "AWS Organizations",
            format!("the organization has {accounts} accounts and may have {most}"),
            "ask for more accounts in Service Quotas (AWS Organizations, us-east-1) of the management account",
        )
    })
}

/// AWS Account Management sets the contacts of another account, and enables its regions, for an organization that trusts it.
fn of_trusted_access(
    management: &Management,
    platform: Option<&Platform>,
    zones: &[LandingZone],
) -> Option<Finding> {
    let trusted = management.trusted_services.as_ref()?;
    let enables_regions = |zone: &LandingZone| {
        platform.map_or(!zone.opt_in_regions.is_empty(), |platform| {
            let settings = PlatformSettings::of(platform, zone);
            !settings.regions_to_enable(zone).is_empty()
        })
    };
    let needs = |zone: &LandingZone| zone.alternate_contacts.is_some() || enables_regions(zone);
    let is_missing = zones.iter().any(needs) && !trusted.contains(ACCOUNT_MANAGEMENT);
    is_missing.then(|| {
        Finding::new(
            Check::Organization,
            ACCOUNT_MANAGEMENT,
            "is not trusted by the organization: contacts and regions of accounts cannot be set",
            format!("aws organizations enable-aws-service-access --service-principal {ACCOUNT_MANAGEMENT}"),
        )
    })
}

fn of_control_tower(management: &Management, platform: &Platform) -> Vec<Finding> {
    let (Some(tower), Some(found)) = (&platform.control_tower, &management.towers) else {
        return Vec::new();
    };
    let finding = |found: String, remedy: &str| {
        Finding::new(Check::Organization, "AWS Control Tower", found, remedy)
    };
    let mut findings = Vec::new();
    match found.first() {
        None => findings.push(finding(
            format!("there is no landing zone in {}", tower.region),
            "correct controlTower.region of the platform document",
        )),
        Some(zone) => {
            if zone.status == "FAILED" {
                findings.push(finding(
                    "its landing zone has failed".to_owned(),
                    "repair or reset the landing zone in the console of AWS Control Tower",
                ));
            }
            if zone.drift == "DRIFTED" {
                findings.push(finding(
                    "its landing zone has drifted, and enrolls no account until that is repaired"
                        .to_owned(),
                    "reset the landing zone in the console of AWS Control Tower",
                ));
            }
        }
    }
    findings.extend(
        management
            .most_operations
            .and_then(|most| of_operations(tower, most)),
    );
    findings
}

/// Vends count everybody's operations against what the document says: too much is refused, too little waits for nothing.
fn of_operations(tower: &ControlTower, most: u64) -> Option<Finding> {
    let at_once = u64::try_from(tower.account_operations_at_once.count()).unwrap_or_default();
    let remedy = if most < at_once {
        "correct the platform document, or ask for more in Service Quotas of the management account"
            .to_owned()
    } else if most.min(MOST_OPERATIONS) > at_once {
        let most = most.min(MOST_OPERATIONS);
        format!("write {most} into the platform document: vends wait longer than they need to")
    } else {
        return None;
    };
    Some(Finding::new(
        Check::Quota,
        "AWS Control Tower",
        format!(
            "works on {most} accounts at a time; controlTower.accountOperationsAtOnce says {at_once}"
        ),
        remedy,
    ))
}

fn of_identity_center(management: &Management, platform: &Platform) -> Option<Finding> {
    let (wanted, found) = (
        platform.single_sign_on.as_ref()?,
        management.instances.as_ref()?,
    );
    let is_there = found.iter().any(|one| {
        one.arn == wanted.instance_arn.as_str()
            && one.identity_store == wanted.identity_store_id.as_str()
    });
    (!is_there).then(|| {
        Finding::new(
            Check::Organization,
            IDENTITY_CENTER,
            format!("there is no instance {} with this identity store in {}", wanted.instance_arn, wanted.region),
            "correct singleSignOn of the platform document: `aws sso-admin list-instances` in its region names both",
        )
    })
}

/// Service authorization reference, dependent actions of IAM Identity Center: whoever calls such an instance or its store needs
/// `kms:Decrypt` on the key.
fn of_key(management: &Management, roles: Option<&Stack>) -> Option<Finding> {
    let (key, roles) = (management.instance_key.as_ref()?, roles?);
    let allowed = roles.parameters.get("IdentityCenterKeyArn");
    let allowed = allowed.map_or("", String::as_str);
    (key != allowed).then(|| {
        Finding::new(
            Check::Parameter,
            IDENTITY_CENTER,
            format!("encrypts under your key {key}, and IdentityCenterKeyArn of templates/vending-roles.yaml is {allowed:?}"),
            format!(
                "deploy templates/vending-roles.yaml with IdentityCenterKeyArn={key}, and have the key's policy let the management \
                 account's roles decrypt through sso and identitystore"
            ),
        )
    })
}

fn of_permission_sets(found: &PermissionSets) -> Option<Finding> {
    let (count, most) = (found.count?, found.most?);
    (count.saturating_mul(10) >= most.saturating_mul(9)).then(|| {
        Finding::new(
            Check::Quota,
            IDENTITY_CENTER,
            format!("has {count} permission sets and may have {most}"),
            MORE_PERMISSION_SETS,
        )
    })
}

/// Each is provisioned to the account, beside what the account has otherwise.
fn of_mappings(name: &str, zone: &LandingZone, most: u64) -> Option<Finding> {
    let mappings = &zone.single_sign_on.as_ref()?.role_mappings;
    let mapped: BTreeSet<&PermissionSetReference> = mappings
        .values()
        .flat_map(|mapping| &mapping.permission_sets)
        .collect();
    let count = u64::try_from(mapped.len()).unwrap_or(u64::MAX);
    (count > most).then(|| {
        Finding::new(
            Check::Quota,
            IDENTITY_CENTER,
            format!(
                "landing zone {name} maps roles to {count} permission sets, and an account may have {most}"
            ),
            MORE_PERMISSION_SETS,
        )
    })
}

fn unprotected(Found { problem, .. }: &Found) -> Finding {
    let remedy = match problem.field.as_str() {
        "centralRootAccess" => "turn it on, or take centralRootAccess out of the platform document",
        "ProtectedGroupIds" => "deploy templates/vending-roles.yaml with it",
        _ => "deploy template.yaml and templates/vending-roles.yaml with it",
    };
    Finding::new(Check::Protection, &problem.field, &problem.expected, remedy)
}
