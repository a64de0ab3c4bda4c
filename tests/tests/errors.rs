//! The definition against the taxonomy: which errors are retried, which are caught, and where that leads.
//! Names of AWS that are not ours are listed here; any other name is a mistake.

use std::collections::BTreeSet;

use avm_core::error::{ErrorName, Kind};
use contract_tests::definition::{Definition, EDGE, matched, raised, targets};
use serde_json::Value;

/// What Step Functions, Lambda and its sandbox raise themselves.
const NAMES_OF_AWS: [&str; 11] = [
    "Lambda.AWSLambdaException",
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.SdkClientException",
    "Lambda.ServiceException",
    "Lambda.TooManyRequestsException",
    "Lambda.Unknown",
    "Runtime.ExitError",
    "Sandbox.Timedout",
    "States.ALL",
    "States.TaskFailed",
    "States.Timeout",
];

fn names_of(kind: Kind) -> Vec<&'static str> {
    ErrorName::ALL
        .iter()
        .filter(|name| name.kind() == kind)
        .map(|name| name.as_str())
        .collect()
}

fn is_ours(name: &str) -> bool {
    ErrorName::ALL.iter().any(|ours| ours.as_str() == name)
}

fn invokes_lambda(state: &Value) -> bool {
    state["Resource"]
        .as_str()
        .is_some_and(|resource| resource.ends_with(":::lambda:invoke"))
}

#[test]
fn every_name_in_the_definition_is_of_the_taxonomy_or_of_aws() {
    let definition = Definition::read();
    for (_, state_name, state) in definition.states() {
        let names = ["Retry", "Catch"]
            .into_iter()
            .flat_map(|list| matched(state, list));
        for name in names {
            assert!(
                is_ours(name) || NAMES_OF_AWS.contains(&name),
                "{state_name}: {name}"
            );
        }
        if let Some(name) = raised(state) {
            assert!(is_ours(name), "{state_name} raises {name}");
        }
    }
}

#[test]
fn every_busy_name_is_retried_by_every_step() {
    let definition = Definition::read();
    let steps: Vec<_> = definition
        .of_type("Task")
        .filter(|(_, _, state)| invokes_lambda(state))
        .collect();
    assert_eq!(steps.len(), 13);
    for (_, state_name, state) in steps {
        let retried = matched(state, "Retry");
        for name in names_of(Kind::Busy) {
            assert!(
                retried.contains(&name),
                "{state_name} does not retry {name}"
            );
        }
        let platform = NAMES_OF_AWS
            .iter()
            .filter(|name| !name.starts_with("States."));
        for name in platform.chain(&["States.Timeout"]) {
            assert!(retried.contains(name), "{state_name} does not retry {name}");
        }
    }
}

#[test]
fn nothing_but_busy_names_of_ours_is_retried() {
    let definition = Definition::read();
    for (_, state_name, state) in definition.states() {
        let retried = matched(state, "Retry");
        for name in ErrorName::ALL
            .iter()
            .filter(|name| name.kind() != Kind::Busy)
        {
            assert!(
                !retried.contains(&name.as_str()),
                "{state_name} retries {name}"
            );
        }
        // These two match errors of ours, too.
        if invokes_lambda(state) {
            assert!(!retried.contains(&"States.ALL"), "{state_name}");
            assert!(!retried.contains(&"States.TaskFailed"), "{state_name}");
        }
    }
}

#[test]
fn every_name_of_a_bounded_wait_is_raised_by_exactly_one_state() {
    let definition = Definition::read();
    for name in names_of(Kind::TimedOut) {
        let states: Vec<&str> = definition
            .states()
            .filter(|(_, _, state)| raised(state) == Some(name))
            .map(|(_, state_name, _)| state_name)
            .collect();
        assert_eq!(states.len(), 1, "{name}: {states:?}");
    }
    let raised_names: Vec<&str> = definition
        .states()
        .filter_map(|(_, _, state)| raised(state))
        .collect();
    assert_eq!(
        raised_names.len(),
        names_of(Kind::TimedOut).len(),
        "{raised_names:?}"
    );
}

#[test]
fn every_task_has_a_time_limit_retriers_with_bounds_and_a_catcher_of_everything() {
    let definition = Definition::read();
    for (_, state_name, state) in definition.of_type("Task") {
        assert!(state["TimeoutSeconds"].as_u64().is_some(), "{state_name}");
        let retriers = state["Retry"].as_array().unwrap();
        assert!(!retriers.is_empty(), "{state_name}");
        for retrier in retriers {
            assert!(retrier["MaxAttempts"].as_u64().unwrap() > 0, "{state_name}");
            assert!(
                retrier["BackoffRate"].as_f64().unwrap() > 1.0,
                "{state_name}"
            );
            let (first, cap) = (&retrier["IntervalSeconds"], &retrier["MaxDelaySeconds"]);
            assert!(
                first.as_u64().unwrap() < cap.as_u64().unwrap(),
                "{state_name}"
            );
            assert_eq!(retrier["JitterStrategy"], "FULL", "{state_name}");
        }
        assert_eq!(matched(state, "Catch"), ["States.ALL"], "{state_name}");
    }
    let compound = definition
        .of_type("Map")
        .chain(definition.of_type("Parallel"));
    for (_, state_name, state) in compound {
        assert_eq!(matched(state, "Catch"), ["States.ALL"], "{state_name}");
    }
}

#[test]
fn the_machine_itself_has_a_time_limit() {
    let definition = contract_tests::json("statemachine/vend-account.asl.json");
    assert!(definition["TimeoutSeconds"].as_u64().is_some());
}

#[test]
fn no_catcher_leads_to_success() {
    let definition = Definition::read();
    let mut catchers = 0;
    for (scope, state_name, state) in definition.states() {
        for catcher in state["Catch"].as_array().into_iter().flatten() {
            catchers += 1;
            for reached in definition.reachable(scope, catcher["Next"].as_str().unwrap()) {
                let end = definition.state(scope, reached);
                let succeeds = end["Type"] == "Succeed" || end["End"] == true;
                assert!(!succeeds, "a catcher of {state_name} leads to {reached}");
            }
        }
    }
    assert!(catchers > 0);
}

#[test]
fn every_end_is_a_success_or_a_failure_with_a_name() {
    let definition = Definition::read();
    for (_, state_name, state) in definition.states() {
        if state["Type"] == "Fail" {
            assert!(state["Error"].is_string(), "{state_name}");
            assert!(state["Cause"].is_string(), "{state_name}");
        }
    }
    let successes: Vec<&str> = definition
        .of_type("Succeed")
        .map(|(_, name, _)| name)
        .collect();
    assert_eq!(successes, ["Vended"]);
}

/// The counters of a condition `$turn >= 250 or $attempt >= 80`; none for any other condition.
fn bounded_counters(condition: &str) -> Option<Vec<&str>> {
    let bounds = condition.strip_prefix("{% ")?.strip_suffix(" %}")?;
    bounds
        .split(" or ")
        .map(|bound| {
            let (counter, limit) = bound.strip_prefix('$')?.split_once(" >= ")?;
            limit.parse::<u32>().ok().map(|_| counter)
        })
        .collect()
}

/// Whether every look counts by exactly one of the counters, and none begins anew before the loop is done.
fn counts_every_look(task: &Value, counters: &[&str]) -> bool {
    let counting = |counter: &str| -> Option<&str> {
        task["Assign"][counter]
            .as_str()?
            .strip_prefix("{% $states.result.Payload.Status = 'DONE' ? 0 : $")?
            .strip_prefix(counter)?
            .strip_prefix(" + ")?
            .strip_suffix(" %}")
    };
    let halves = |counter: &str| counting(counter)?.strip_prefix('(')?.strip_suffix(')');
    match counters {
        [only] => counting(only) == Some("1"),
        [one, other] => {
            let (Some(one), Some(other)) = (halves(one), halves(other)) else {
                return false;
            };
            let are = |amounts_of_one: &str, amounts_of_other: &str| {
                one.split_once(" ? ").is_some_and(|(condition, amounts)| {
                    amounts == amounts_of_one
                        && other == format!("{condition} ? {amounts_of_other}")
                })
            };
            are("1 : 0", "0 : 1") || are("0 : 1", "1 : 0")
        }
        _ => false,
    }
}

/// The loop of a wait: the task that it leads to counts, and the choice after the task gives up at a number.
#[test]
fn every_wait_loop_is_bounded() {
    let definition = Definition::read();
    let mut loops = 0;
    for (scope, wait, state) in definition.of_type("Wait") {
        loops += 1;
        let [task_name] = targets(state)[..] else {
            panic!("{wait} leads to more than one state");
        };
        let task = definition.state(scope, task_name);
        let choice_name = task["Next"].as_str().unwrap();
        let choice = definition.state(scope, choice_name);
        assert_eq!(choice["Default"], wait, "{choice_name}");
        let ways = choice["Choices"].as_array().unwrap().iter();
        let gives_up: Vec<(Vec<&str>, &str)> = ways
            .filter_map(|way| {
                let counters = bounded_counters(way["Condition"].as_str()?)?;
                Some((counters, way["Next"].as_str()?))
            })
            .collect();
        let [(counters, end)] = &gives_up[..] else {
            panic!("{choice_name} does not give up");
        };
        assert!(
            counts_every_look(task, counters),
            "{task_name}: {counters:?}"
        );
        let name = raised(definition.state(scope, end));
        let ended = ErrorName::ALL
            .iter()
            .find(|known| Some(known.as_str()) == name);
        assert_eq!(
            ended.map(|known| known.kind()),
            Some(Kind::TimedOut),
            "{end}"
        );
    }
    assert_eq!(loops, 8);
}

#[test]
fn there_is_no_other_loop_than_those_of_the_waits() {
    let definition = Definition::read();
    for (scope, name, state) in definition.states() {
        if state["Type"] == "Wait" {
            continue;
        }
        let mut reached = BTreeSet::new();
        let mut open = targets(state);
        while let Some(next) = open.pop() {
            assert_ne!(next, name, "{name} comes again without a wait");
            let is_new = next != EDGE && reached.insert(next);
            if is_new && definition.state(scope, next)["Type"] != "Wait" {
                open.extend(targets(definition.state(scope, next)));
            }
        }
    }
}
