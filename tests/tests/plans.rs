//! The plan machine against the vend: the same steps, under the same conditions.
//! A step that a vend runs and a plan does not ask would be a surprise.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use contract_tests::definition::{Definition, PLAN, VEND, expression, says_done};
use contract_tests::functions::called_by;
use contract_tests::json;

/// What a vend runs for every landing zone, and what it runs for each StackSet.
const ALWAYS: &str = "";
/// Nothing has failed where nothing was done.
const AFTER_FAILURE: &str = "DowngradeAfterFailure";
/// A part of account-settings, which the plan of the whole tells.
const PART: &str = "Regions";
const OF_EACH_STACK_SET: &str = "$order.LandingZone.Settings.stackSets";
/// What a plan tells besides, of what a vend leaves.
const LEFT: &str = "left-instances";

/// The steps of the vend, by their condition.
fn vended() -> BTreeMap<String, String> {
    let definition = Definition::read(VEND);
    let mut conditions = BTreeMap::new();
    for (state, folder) in called_by(VEND) {
        if [AFTER_FAILURE, PART].contains(&state.as_str()) {
            continue;
        }
        let choices = definition.of_type("Choice");
        let mut ways = choices.flat_map(|(_, choice)| choice["Choices"].as_array().unwrap());
        let way = ways.find(|way| !says_done(way) && way["Next"] == state.as_str());
        let condition = way.map_or(ALWAYS, |way| expression(&way["Condition"]));
        conditions.insert(folder, of_an_older_account(&definition, condition));
    }
    let items = &definition.state("ApplyStackSets")["Items"];
    assert_eq!(expression(items), format!("[{OF_EACH_STACK_SET}]"));
    conditions.insert("apply-stackset".to_owned(), OF_EACH_STACK_SET.to_owned());
    conditions.remove("record-failure");
    conditions
}

/// The condition for an account that this vend has not made, as the variables begin with: a plan makes none.
fn of_an_older_account(definition: &Definition, condition: &str) -> String {
    let variables = &definition.state("Prepare")["Assign"];
    assert_eq!(variables["created"], false);
    let condition = condition.replace(" and $not($created)", "");
    condition.replace("$budgets", expression(&variables["budgets"]))
}

/// The steps of a plan, by their condition: `condition ? {'Step': 'name', …}`, or `list.{'Step': 'name', …}`.
fn planned() -> BTreeMap<String, String> {
    let definition = json(PLAN);
    let states = definition["States"].as_object().unwrap();
    let tasks = states.values().filter(|state| state["Type"] == "Task");
    let mut conditions: BTreeMap<String, String> = tasks
        .map(|task| {
            let name = task["Arguments"]["Payload"]["Step"].as_str().unwrap();
            (name.to_owned(), ALWAYS.to_owned())
        })
        .collect();
    let items = expression(&states["OtherSteps"]["Items"]);
    let items = items.strip_prefix('[').unwrap().strip_suffix(']').unwrap();
    let mut rest = items;
    while let Some((before, after)) = rest.split_once("{'Step': '") {
        let (name, after) = after.split_once('\'').unwrap();
        let condition = before.trim_end_matches(" ? ").trim_end_matches('.');
        let condition = condition.strip_prefix('(').map_or(condition, |inner| {
            inner.strip_suffix(')').unwrap_or(condition)
        });
        conditions.insert(name.to_owned(), condition.to_owned());
        rest = after.split_once("}, ").map_or("", |(_, next)| next);
    }
    conditions
}

#[test]
fn a_plan_asks_the_steps_that_a_vend_would_run_under_the_same_conditions() {
    let mut planned = planned();
    assert_eq!(planned.remove(LEFT), Some(ALWAYS.to_owned()));
    assert_eq!(planned, vended());
}
