//! The error names of the definitions and the code against the taxonomy: which are retried, and where each comes from.
//! A name that is neither ours nor AWS's is a mistake.

use std::collections::BTreeSet;

use avm_core::error::{ErrorName, Kind};
use contract_tests::definition::{Definition, PLAN, VEND, invokes_lambda, matched};
use contract_tests::names_of_aws::{NAMES_OF_AWS, WILDCARDS, retried};
use contract_tests::steps::STEPS;
use contract_tests::{files_below, text};

/// The names of that kind that a step may fail with.
fn names_of(kind: Kind) -> impl Iterator<Item = &'static str> {
    let of_kind = ErrorName::ALL
        .iter()
        .filter(move |name| name.kind() == kind)
        .filter(|name| !ErrorName::OF_METERING.contains(name));
    of_kind.map(|name| name.as_str())
}

#[test]
fn every_name_in_the_definitions_is_of_the_taxonomy_or_of_aws() {
    let ours = ErrorName::ALL.iter().map(|name| name.as_str());
    let of_aws = NAMES_OF_AWS.iter().flat_map(|names| names.names);
    let known: BTreeSet<&str> = ours.chain(of_aws.copied()).chain(WILDCARDS).collect();
    for definition in [VEND, PLAN].map(Definition::read) {
        for (state_name, state) in definition.states() {
            for name in ["Retry", "Catch"]
                .into_iter()
                .flat_map(|list| matched(state, list))
            {
                assert!(known.contains(name), "{state_name}: {name}");
            }
        }
    }
}

#[test]
fn every_step_retries_every_busy_name_and_the_platforms_and_nothing_else() {
    let expected: BTreeSet<&str> = names_of(Kind::Busy).chain(retried()).collect();
    for definition in [VEND, PLAN].map(Definition::read) {
        for (state_name, state) in definition.of_type("Task") {
            if invokes_lambda(state) {
                let names: BTreeSet<&str> = matched(state, "Retry").into_iter().collect();
                assert_eq!(names, expected, "{state_name}");
            }
        }
    }
}

/// The steps that give up under each name of a bounded wait: one, but for the look at what was made, which two take.
#[test]
fn every_name_of_a_bounded_wait_is_where_its_step_gives_up() {
    for name in ErrorName::ALL {
        let steps: Vec<&str> = STEPS
            .iter()
            .filter(|step| {
                step.patience
                    .is_some_and(|patience| patience.gives_up == *name)
            })
            .map(|step| step.name)
            .collect();
        let is_well = match (name.kind(), name) {
            (Kind::TimedOut, ErrorName::VerificationPending) => {
                steps == ["permission-downgrade", "completion"]
            }
            (Kind::TimedOut, _) => steps.len() == 1,
            _ => steps.is_empty(),
        };
        assert!(is_well, "{name}: {steps:?}");
    }
}

#[test]
fn every_name_is_given_to_a_failure_by_some_code() {
    let code: String = ["functions", "shared"]
        .iter()
        .flat_map(|folder| files_below(folder, "rs"))
        .filter(|path| !path.contains("test") && !path.ends_with("core/src/error.rs"))
        .filter(|path| !path.ends_with("core/src/error/failure.rs"))
        .map(|path| text(&path))
        .collect();
    for name in ErrorName::ALL {
        assert!(code.contains(&format!("ErrorName::{name}")), "{name}");
    }
}
