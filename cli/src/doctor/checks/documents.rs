//! The deployed documents, by the rules of `avm config check`, and what they name in the automation account.

use avm_core::rules::ways_out::WaysOut;
use avm_documents::{Found, Kind};

use crate::doctor::facts::Facts;
use crate::doctor::finding::{Check, Finding};

const DEPLOY: &str = "repair the document and run `avm config deploy`";

pub fn findings(facts: &Facts) -> Vec<Finding> {
    let Some(documents) = &facts.documents else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    if !documents.iter().any(|file| file.kind == Kind::Platform) {
        findings.push(Finding::new(
            Check::Document,
            "/avm/platform",
            "there is no such parameter",
            "run `avm config deploy` in the automation account",
        ));
    }
    let ways_out = facts.machine().map(|stack| ways_out(&stack.parameters));
    let problems = avm_documents::problems(documents, ways_out.as_ref());
    findings.extend(problems.into_iter().map(|one| of(Check::Document, one)));
    if !facts.allows_examples {
        let examples = avm_documents::placeholders(documents);
        findings.extend(examples.into_iter().map(|one| of(Check::Placeholder, one)));
    }
    for (name, stack_set) in &facts.stack_sets {
        findings.extend(of_stack_set(name, stack_set.as_ref(), facts.most_instances));
    }
    findings
}

fn of(check: Check, Found { file, problem }: Found) -> Finding {
    let found = if problem.field.is_empty() {
        problem.expected
    } else {
        format!("field {}: {}", problem.field, problem.expected)
    };
    Finding::new(check, file, found, DEPLOY)
}

/// What the template lets documents name, from the parameters of its stack.
fn ways_out(parameters: &std::collections::BTreeMap<String, String>) -> WaysOut {
    let value = |name: &str| parameters.get(name).map_or("", String::as_str);
    WaysOut {
        metadata_hosts: value("SamlMetadataHosts").parse().unwrap_or_default(),
        templates: value("AccessStackTemplates").parse().unwrap_or_default(),
        ..WaysOut::default()
    }
}

fn of_stack_set(
    name: &str,
    stack_set: Option<&avm_aws::installation::StackSet>,
    most: Option<u64>,
) -> Option<Finding> {
    let of = |found: String, remedy: &str| Some(Finding::new(Check::StackSet, name, found, remedy));
    let Some(stack_set) = stack_set else {
        return of(
            "a landing zone names it, and there is no such StackSet".to_owned(),
            "deploy templates/landing-zone.yaml, or correct the name in the document",
        );
    };
    if stack_set.failed > 0 {
        return of(
            format!(
                "has not come to {} accounts in its latest form",
                stack_set.failed
            ),
            "list them with `aws cloudformation list-stack-instances --filters Name=DETAILED_STATUS,Values=FAILED`, repair what \
             their reasons name, and send the requests of these accounts again",
        );
    }
    let instances = u64::try_from(stack_set.instances).unwrap_or(u64::MAX);
    if most.is_some_and(|most| instances.saturating_mul(10) >= most.saturating_mul(9)) {
        return of(
            format!("has {instances} instances, nine tenths of its quota or more"),
            "ask for more stack instances per StackSet in Service Quotas of the automation account",
        );
    }
    None
}
