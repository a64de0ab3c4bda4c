//! The shape of the definition: what every task has, where failures lead, and that nothing loops but the waits.
//! The definition calls, waits and catches; it counts nothing and words no remedy.

use std::collections::BTreeSet;

use avm_core::error::ErrorName;
use contract_tests::definition::{
    DOCTOR, Definition, EDGE, PLAN, RECONCILE, VEND, invokes_lambda, matched, says_done, targets,
};
use contract_tests::functions::called_by;
use contract_tests::steps::step;
use contract_tests::template::{MACHINE, resources, template};
use contract_tests::text;
use serde_json::Value;

const MOST_LINES: usize = 650;

/// What comes after a failure tries less often, so that people hear of it soon; and a person waits for the doctor.
const TRIES_LESS: [&str; 3] = ["RecordFailure", "DowngradeAfterFailure", "Ask"];

#[test]
fn the_definition_is_short_and_has_no_counter_no_bound_and_no_remedy() {
    let definition = text(VEND);
    assert!(definition.lines().count() <= MOST_LINES);
    for words in [" >= ", " + 1", "TimedOut\"", "Remedy", "Looks"] {
        assert!(!definition.contains(words), "{words}");
    }
    for name in ErrorName::ALL {
        assert!(!definition.contains(name.remedy()), "{name}");
    }
}

#[test]
fn there_is_one_retrier() {
    let mut retriers = BTreeSet::new();
    for definition in [VEND, PLAN, RECONCILE, DOCTOR].map(Definition::read) {
        for (name, state) in definition.of_type("Task") {
            let found = state["Retry"].as_array().unwrap();
            assert_eq!(found.len(), 1, "{name}");
            let mut retrier = found[0].clone();
            assert_eq!(retrier["JitterStrategy"], "FULL", "{name}");
            let number = |key: &str| found[0][key].as_u64().unwrap();
            assert!(number("MaxAttempts") > 0 && number("BackoffRate") > 1);
            assert!(number("IntervalSeconds") < number("MaxDelaySeconds"));
            if TRIES_LESS.contains(&name) {
                let tries = retrier["MaxAttempts"].take().as_u64();
                let vend = Definition::read(VEND);
                let another = vend.state("CreateAccount");
                let most = another["Retry"][0]["MaxAttempts"].clone();
                assert!(tries < most.as_u64(), "{name}");
                retrier["MaxAttempts"] = most;
            }
            if invokes_lambda(state) {
                retriers.insert(retrier.to_string());
            }
        }
    }
    assert_eq!(retriers.len(), 1, "{retriers:?}");
}

#[test]
fn every_task_has_a_time_limit_and_everything_that_can_fail_is_caught() {
    for definition in [VEND, PLAN, RECONCILE, DOCTOR].map(Definition::read) {
        for (name, state) in definition.of_type("Task") {
            assert!(state["TimeoutSeconds"].is_u64(), "{name}");
        }
        assert!(definition.timeout_seconds() > 0);
    }
    for (name, state) in Definition::read(VEND).states() {
        let kind = state["Type"].as_str().unwrap();
        if ["Task", "Map", "Parallel"].contains(&kind) {
            assert_eq!(matched(state, "Catch"), ["States.ALL"], "{name}");
        }
    }
}

/// A catcher of a step says which state failed; in a branch it leads to the branch's own failure.
#[test]
fn every_catcher_of_a_step_names_its_state() {
    let definition = Definition::read(VEND);
    for (name, state) in definition.of_type("Task") {
        if invokes_lambda(state) && name != "RecordFailure" {
            let words = format!(
                "{{% $merge([{{'Step': '{name}', 'Cause': 'no cause was given'}}, $states.errorOutput]) %}}"
            );
            assert_eq!(state["Catch"][0]["Output"], words, "{name}");
        }
    }
}

/// By their names the function of stopped vends knows what was done.
#[test]
fn what_is_entered_when_a_step_is_done_is_a_state() {
    let definition = Definition::read(VEND);
    for (name, before) in
        stopped_vend::ENTERED_WHEN_DONE
            .into_iter()
            .zip(["Enroll", "AccessStack", "SetUpAccount"])
    {
        assert!(definition.scope(name).is_empty());
        let work = definition.reachable(before);
        assert!(work.contains(name), "{name} does not follow {before}");
        assert!(!definition.reachable(name).contains(before));
    }
}

/// Where a vend was stopped in it, the function of stopped vends waits for its last call.
#[test]
fn the_state_that_gives_power_is_known_with_the_time_that_its_call_has() {
    let definition = Definition::read(VEND);
    let state = definition.state(stopped_vend::GIVES_POWER);
    let function = &state["Arguments"]["FunctionName"];
    assert_eq!(function, "${ElevationFunctionArn}");
    let machine = template(MACHINE);
    let timeout = &resources(&machine)["Elevation"]["Properties"]["Timeout"];
    assert_eq!(*timeout, stopped_vend::LONGEST_CALL.as_secs());
}

#[test]
fn no_catcher_leads_to_success() {
    let definition = Definition::read(VEND);
    for (name, state) in definition.states() {
        for catcher in state["Catch"].as_array().into_iter().flatten() {
            for reached in definition.reachable(catcher["Next"].as_str().unwrap()) {
                let end = definition.state(reached);
                let succeeds = end["Type"] == "Succeed" || end["End"] == true;
                assert!(!succeeds, "a catcher of {name} leads to {reached}");
            }
        }
    }
}

#[test]
fn every_end_is_a_success_or_a_failure_with_the_name_of_what_failed() {
    let definition = Definition::read(VEND);
    for (name, state) in definition.of_type("Fail") {
        let error = state["Error"].as_str().unwrap();
        assert!(error.starts_with("{% $replace($"), "{name}: {error}");
        assert!(state["Cause"].is_string(), "{name}");
    }
    let successes = definition.of_type("Succeed");
    let of_the_machine: Vec<&str> = successes
        .map(|(name, _)| name)
        .filter(|name| definition.scope(name).is_empty())
        .collect();
    assert_eq!(of_the_machine, ["Vended"]);
    assert!(definition.states().all(|(_, state)| state["End"] != true));
}

/// Task, choice by the answer's status, wait as long as the answer says, and the task again.
#[test]
fn every_wait_is_that_of_a_step_with_patience_and_every_such_step_has_one() {
    let definition = Definition::read(VEND);
    let mut waiting = BTreeSet::new();
    for (wait, state) in definition.of_type("Wait") {
        let varied = "{% $ceil($states.input.WaitSeconds * (0.75 + $random() / 2)) %}";
        assert_eq!(state["Seconds"], varied, "{wait}");
        let task = state["Next"].as_str().unwrap();
        let choice = definition.state(definition.state(task)["Next"].as_str().unwrap());
        assert_eq!(choice["Default"], wait);
        let [way] = &choice["Choices"].as_array().unwrap()[..] else {
            panic!("the choice before {wait} has more than one way");
        };
        assert!(says_done(way), "{way}");
        assert!(waiting.insert(task.to_owned()), "{task} has two waits");
    }
    for (state, folder) in called_by(VEND) {
        let facts = step(&folder).unwrap();
        let has_patience = facts.patience.is_some();
        assert_eq!(has_patience, waiting.remove(&state), "{state}");
        let is_called_again = definition.state(&state)["Arguments"]["Payload"]["Progress"]
            == "{% $states.input.Progress %}";
        assert_eq!(has_patience, is_called_again, "{state}");
    }
    assert!(waiting.is_empty(), "{waiting:?} call no step");
}

#[test]
fn there_is_no_other_loop_than_those_of_the_waits() {
    let definition = Definition::read(VEND);
    let is_wait = |state: &Value| state["Type"] == "Wait";
    for (name, state) in definition.states().filter(|(_, state)| !is_wait(state)) {
        let mut reached = BTreeSet::new();
        let mut open = targets(state);
        while let Some(next) = open.pop() {
            assert_ne!(next, name, "{name} comes again without a wait");
            let is_new = next != EDGE && reached.insert(next);
            if is_new && !is_wait(definition.state(next)) {
                open.extend(targets(definition.state(next)));
            }
        }
    }
}

/// What breaks in a look is told, and ends nothing; and an item has no name of its own to fail under.
#[test]
fn every_look_at_an_account_is_caught_and_the_map_bears_what_is_not() {
    let definition = Definition::read(RECONCILE);
    for name in ["Look", "Downgrade", "LookAgain"] {
        let state = definition.state(name);
        assert_eq!(matched(state, "Catch"), ["States.ALL"], "{name}");
    }
    let map = definition.state("LookAtAccounts");
    assert_eq!(
        map["ItemProcessor"]["ProcessorConfig"]["Mode"],
        "DISTRIBUTED"
    );
    assert_eq!(map["ToleratedFailurePercentage"], 100.0);
    let at_once = map["MaxConcurrency"].as_u64().unwrap();
    assert!((1..=10).contains(&at_once), "{at_once}");
}

/// One function that fails keeps no other from being asked, and nothing that a starter sends reaches a function but an account.
#[test]
fn the_doctor_sends_one_question_and_bears_every_failure() {
    let definition = Definition::read(DOCTOR);
    let ask = definition.state("Ask");
    assert_eq!(matched(ask, "Catch"), ["States.ALL"]);
    let sent = &ask["Arguments"]["Payload"];
    let expected = serde_json::json!({
        "Mode": "Doctor", "AccountId": "{% $account %}", "AccessRole": "{% $accessRole %}"
    });
    assert_eq!(*sent, expected);
}
