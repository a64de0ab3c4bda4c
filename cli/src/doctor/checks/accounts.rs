//! The accounts that the machine stands on: stacks, drift, secrets, regions, quotas, whom roles trust, who hears of failures.

use std::collections::{BTreeMap, BTreeSet};

use avm_aws::installation::Stack;
use avm_core::domain::Region;

use crate::doctor::facts::{Account, Facts};
use crate::doctor::finding::{Check, Finding};

/// AWS Config, rule `access-keys-rotated`: how many days a key is used at most, unless somebody says otherwise.
const LONGEST_USE: u64 = 90;
/// A vend runs some functions one after the other; a hundred requests come at once when meshStack replicates.
const LEAST_CONCURRENCY: u64 = 100;

pub fn findings(facts: &Facts) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(of_stacks(&facts.automation, &facts.stack, "template.yaml"));
    if let Some(management) = &facts.management {
        let roles = "templates/vending-roles.yaml";
        findings.extend(of_stacks(&management.account, &management.stack, roles));
    }
    if let Some(meshcloud) = &facts.meshcloud {
        // Who has made the users by hand has no stack of theirs.
        findings.extend(of_what_is_there(&meshcloud.account));
        findings.extend(meshcloud.keys.iter().filter_map(of_key));
    }
    findings.extend(facts.missing_secrets.iter().map(|secret| {
        Finding::new(
            Check::Secret,
            secret,
            "there is no such secret",
            "deploy templates/external-ids.yaml in the automation account, and the trusts with its value (templates/README.md)",
        )
    }));
    findings.extend(of_regions(facts));
    if let Some(most) = facts.concurrency.filter(|most| *most < LEAST_CONCURRENCY) {
        findings.push(Finding::new(
            Check::Quota,
            "Lambda",
            format!("{most} functions may run at once; a replication of meshStack needs {LEAST_CONCURRENCY}"),
            "ask for more \"Concurrent executions\" of AWS Lambda in Service Quotas of the automation account",
        ));
    }
    if facts.subscribers == Some(0) {
        findings.push(Finding::new(
            Check::Notice,
            "avm-failures",
            "nobody has subscribed to the topic, or confirmed it",
            "aws sns subscribe --topic-arn … --protocol email --notification-endpoint …, and confirm the mail",
        ));
    }
    findings
}

fn of_stacks(account: &Account, wanted: &str, template: &str) -> Vec<Finding> {
    let Some(stacks) = &account.stacks else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    if !stacks.contains_key(wanted) {
        findings.push(Finding::new(
            Check::Stack,
            wanted,
            format!("there is no such stack in {}", account.region),
            format!("deploy {template}, sign in to its account and region, or name the stack that it has"),
        ));
    }
    findings.extend(of_what_is_there(account));
    findings
}

/// The stacks that were found, what was changed in them, and whom the roles trust.
fn of_what_is_there(account: &Account) -> Vec<Finding> {
    let stacks = account.stacks.iter().flatten();
    let mut findings: Vec<Finding> = stacks
        .filter_map(|(name, stack)| of_status(name, stack))
        .collect();
    findings.extend(account.drifted.iter().map(|(stack, drifted)| {
        let what = if drifted.status == "DELETED" { "deleted" } else { "changed" };
        Finding::new(
            Check::Drift,
            stack,
            format!("{} was {what} by hand", drifted.resource),
            "see what differs with `aws cloudformation describe-stack-resource-drifts`; put it back, or take the change into the \
             template and deploy it",
        )
    }));
    findings.extend(account.gone.iter().map(|(role, principal)| {
        Finding::new(
            Check::Principal,
            role,
            format!("still trusts {principal}, a user or role that is gone"),
            "deploy the template of the role again: its trusts name the account, and the name as a condition",
        )
    }));
    findings
}

fn of_key((user, days): &(String, u64)) -> Option<Finding> {
    (*days > LONGEST_USE).then(|| {
        Finding::new(
            Check::Key,
            user,
            format!("has an access key that is {days} days old"),
            "make another with `aws iam create-access-key`, give it to meshStack, then deactivate and delete the old one; or let \
             meshStack sign in by workload identity federation (MeshStackPrincipal, CostExplorerPrincipal)",
        )
    })
}

fn of_status(name: &str, stack: &Stack) -> Option<Finding> {
    let is_well = stack.status.ends_with("_COMPLETE") && stack.status != "ROLLBACK_COMPLETE";
    let is_at_work = stack.status.ends_with("_IN_PROGRESS");
    if is_well || is_at_work {
        return None;
    }
    let remedy = match stack.status.as_str() {
        "UPDATE_ROLLBACK_FAILED" => {
            "repair what its events name, then `aws cloudformation continue-update-rollback`"
        }
        "ROLLBACK_COMPLETE" | "CREATE_FAILED" | "ROLLBACK_FAILED" => {
            "its creation has failed: delete the stack, repair what its events name, and deploy it again"
        }
        _ => "look at its events, repair what they name, and deploy it again",
    };
    Some(Finding::new(
        Check::Stack,
        name,
        format!("is {}", stack.status),
        remedy,
    ))
}

/// The regions that have to be open besides those of the vended accounts, which a vend opens itself.
fn of_regions(facts: &Facts) -> Vec<Finding> {
    let mut needed: BTreeMap<Region, BTreeSet<&str>> = BTreeMap::new();
    for (_, zone) in facts.landing_zones() {
        for stack_set in zone.stack_sets {
            needed
                .entry(stack_set.region)
                .or_default()
                .insert("a landing zone's StackSet");
        }
    }
    let mut findings = closed(&facts.automation, &needed, "automation");
    let Some(management) = &facts.management else {
        return findings;
    };
    let mut needed: BTreeMap<Region, BTreeSet<&str>> = BTreeMap::new();
    if let Ok(own) = facts.automation.region.parse() {
        needed
            .entry(own)
            .or_default()
            .insert("the machine, which calls STS there");
    }
    if let Some(platform) = facts.platform() {
        if let Some(tower) = platform.control_tower {
            needed
                .entry(tower.region)
                .or_default()
                .insert("AWS Control Tower");
        }
        if let Some(instance) = platform.single_sign_on {
            needed
                .entry(instance.region)
                .or_default()
                .insert("IAM Identity Center");
        }
    }
    findings.extend(closed(&management.account, &needed, "management"));
    findings
}

fn closed(
    account: &Account,
    needed: &BTreeMap<Region, BTreeSet<&str>>,
    name: &str,
) -> Vec<Finding> {
    let Some(open) = &account.regions else {
        return Vec::new();
    };
    let closed = needed.iter().filter(|(region, _)| !open.contains(*region));
    closed
        .map(|(region, for_what)| {
            let for_what: Vec<&str> = for_what.iter().copied().collect();
            Finding::new(
                Check::Region,
                region.as_str(),
                format!(
                    "is not enabled in the {name} account, and is that of {}",
                    for_what.join(" and of ")
                ),
                format!("aws account enable-region --region-name {region}, as the {name} account"),
            )
        })
        .collect()
}
