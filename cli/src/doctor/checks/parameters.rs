//! Documents against the parameters of the stacks, and the stacks' against each other: what a landing zone wants has to be
//! switched on in both accounts.

use std::collections::{BTreeMap, BTreeSet};

use avm_core::config::{Elevation, Enrollment, LandingZone, Platform};
use avm_core::rules::stack_set_names::NamesOfStackSets;

use crate::doctor::facts::Facts;
use crate::doctor::finding::{Check, Finding};

const MACHINE: &str = "template.yaml";
const ROLES: &str = "templates/vending-roles.yaml";
/// "As in template.yaml", say their descriptions.
const SAME: [&str; 7] = [
    "AccountAccessRoleName",
    "ElevatesAccessRoles",
    "MachineName",
    "MeshcloudAccountId",
    "Metering",
    "ProtectedAccountIds",
    "SetsBudgets",
];

type Parameters = BTreeMap<String, String>;

pub fn findings(facts: &Facts) -> Vec<Finding> {
    let machine = facts.machine().map(|stack| &stack.parameters);
    let roles = facts.vending_roles().map(|stack| &stack.parameters);
    let mut findings = Vec::new();
    if let (Some(machine), Some(roles)) = (machine, roles) {
        findings.extend(
            SAME.into_iter()
                .filter_map(|name| differs(name, machine, roles)),
        );
    }
    let Some(platform) = facts.platform() else {
        return findings;
    };
    if let Some(machine) = machine {
        findings.extend(of_platform(&platform, machine));
    }
    for (name, zone) in facts.landing_zones() {
        let place = format!("landing zone {name}");
        if let Some(machine) = machine {
            let pattern = value(machine, "LandingZoneStackSetNamePattern");
            findings.extend(of_stack_sets(&place, &zone, pattern));
            findings.extend(unmet(
                &place,
                MACHINE,
                machine,
                &of_the_machine(&zone, &platform),
            ));
        }
        if let Some(roles) = roles {
            findings.extend(unmet(&place, ROLES, roles, &of_the_roles(&zone, &platform)));
        }
    }
    findings
}

fn value<'a>(parameters: &'a Parameters, name: &str) -> &'a str {
    parameters.get(name).map_or("", String::as_str)
}

fn differs(name: &str, machine: &Parameters, roles: &Parameters) -> Option<Finding> {
    let (one, other) = (value(machine, name), value(roles, name));
    let ids = |text: &str| text.split(',').map(str::to_owned).collect::<BTreeSet<_>>();
    (ids(one) != ids(other)).then(|| {
        Finding::new(
            Check::Parameter,
            name,
            format!("is {one:?} in the stack of {MACHINE} and {other:?} in that of {ROLES}"),
            format!("deploy the one that is wrong with the value of the other ({name})"),
        )
    })
}

fn of_platform(platform: &Platform, machine: &Parameters) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut expect = |name: &str, expected: &str, why: &str| {
        let found = value(machine, name);
        if found != expected {
            let words = format!(
                "the document's {why} is {expected:?}, and {name} of {MACHINE} is {found:?}"
            );
            let remedy =
                format!("deploy {MACHINE} with {name}={expected}, or correct the document");
            findings.push(Finding::new(
                Check::Parameter,
                "/avm/platform",
                words,
                remedy,
            ));
        }
    };
    let role = platform.account_access_role.as_str();
    expect("AccountAccessRoleName", role, "accountAccessRole");
    let instance = platform.single_sign_on.as_ref();
    if let Some(scim) = instance.and_then(|instance| instance.scim.as_ref()) {
        let secret = scim.token_secret_arn.as_str();
        expect(
            "ScimTokenSecretArn",
            secret,
            "singleSignOn.scim.tokenSecretArn",
        );
    }
    if platform.metering.is_none() && value(machine, "Metering") == "true" {
        findings.push(Finding::new(
            Check::Parameter,
            "/avm/platform",
            "has no section metering, and the metering is deployed",
            "write the section (docs/METERING.md), or deploy template.yaml with Metering=false",
        ));
    }
    if platform.identity_provider.is_some()
        && (value(machine, "SamlEntityId").is_empty()
            || value(machine, "SamlCertificateFingerprints").is_empty())
    {
        findings.push(Finding::new(
            Check::Parameter,
            "/avm/platform",
            format!("has an identityProvider, and {MACHINE} does not say whose metadata are taken"),
            format!("deploy {MACHINE} with SamlEntityId and SamlCertificateFingerprints"),
        ));
    }
    findings
}

/// What a landing zone wants, the parameter that it needs, and the value.
type Wish<'a> = (&'static str, &'static str, &'a str);

fn of_the_machine<'a>(zone: &LandingZone, _: &'a Platform) -> Vec<Wish<'a>> {
    [
        (
            zone.elevation == Elevation::WhenNeeded,
            "elevation",
            "ElevatesAccessRoles",
        ),
        (zone.budget.is_some(), "budget", "SetsBudgets"),
    ]
    .into_iter()
    .filter(|(wants, ..)| *wants)
    .map(|(_, setting, parameter)| (setting, parameter, "true"))
    .collect()
}

fn of_the_roles<'a>(zone: &LandingZone, platform: &'a Platform) -> Vec<Wish<'a>> {
    let switches = [
        (
            zone.enrollment != Enrollment::None,
            "enrollment",
            "EnrollsWithControlTower",
        ),
        (
            zone.access_stack.is_some(),
            "accessStack",
            "DeploysAccessStacks",
        ),
        (zone.account_alias, "accountAlias", "SetsAccountAliases"),
        (
            zone.delete_default_vpcs,
            "deleteDefaultVpcs",
            "RemovesDefaultVpcs",
        ),
        (
            zone.identity_provider.is_some(),
            "identityProvider",
            "SetsUpIdentityProviders",
        ),
    ];
    let switches = switches.into_iter().filter(|(wants, ..)| *wants);
    let mut wishes: Vec<Wish> = switches
        .map(|(_, setting, parameter)| (setting, parameter, "true"))
        .collect();
    let product = platform.control_tower.as_ref();
    let product = product.and_then(|tower| tower.account_factory_product_id.as_ref());
    if let (Enrollment::ServiceCatalog, Some(product)) = (zone.enrollment, product) {
        wishes.push(("enrollment", "AccountFactoryProductId", product.as_str()));
    }
    if let (Some(_), Some(instance)) = (&zone.single_sign_on, &platform.single_sign_on) {
        let (arn, store) = (&instance.instance_arn, &instance.identity_store_id);
        wishes.push(("singleSignOn", "SsoInstanceArn", arn.as_str()));
        wishes.push(("singleSignOn", "IdentityStoreId", store.as_str()));
    }
    wishes
}

fn unmet(place: &str, template: &str, parameters: &Parameters, wishes: &[Wish]) -> Vec<Finding> {
    let wishes = wishes.iter();
    wishes
        .filter(|(_, parameter, expected)| value(parameters, parameter) != *expected)
        .map(|(setting, parameter, expected)| {
            let is = value(parameters, parameter);
            Finding::new(
                Check::Parameter,
                place,
                format!("wants {setting}, and {parameter} of {template} is {is:?}"),
                format!("deploy {template} with {parameter}={expected}, or change the document"),
            )
        })
        .collect()
}

fn of_stack_sets(place: &str, zone: &LandingZone, pattern: &str) -> Vec<Finding> {
    let Ok(allowed) = pattern.parse::<NamesOfStackSets>();
    let names = zone.stack_sets.iter().map(|one| &one.name);
    names
        .filter(|name| !allowed.matches(name))
        .map(|name| {
            Finding::new(
                Check::Parameter,
                place,
                format!("names the StackSet {name}, which LandingZoneStackSetNamePattern ({pattern}) does not let the functions roll out"),
                format!("deploy {MACHINE} and templates/automation.yaml with a pattern that {name} fits, or rename the StackSet"),
            )
        })
        .collect()
}
