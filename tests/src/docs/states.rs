//! The table of the states that work, and the bounds of a whole vend.

use serde_json::Value;

use crate::definition::{Definition, VEND, expression, invokes_lambda, says_done};
use crate::functions::{called_by, functions};
use crate::history::Worst;
use crate::steps::step;

use super::{code, table as markdown, words};

/// Every task, map, parallel state and end of the machine itself, in its order.
pub fn table(path: &str) -> String {
    let definition = Definition::read(path);
    let mut rows = Vec::new();
    add_rows(path, &definition, "", &mut rows);
    markdown(["state", "calls", "does", "only if", "waits"], &rows)
}

fn add_rows(path: &str, definition: &Definition, scope: &str, rows: &mut Vec<[String; 5]>) {
    let calls = called_by(path);
    let functions = functions();
    let starts = definition.starts(scope).iter();
    for name in starts.flat_map(|start| definition.in_order(start)) {
        let state = definition.state(name);
        let kind = state["Type"].as_str().unwrap();
        let is_end = kind == "Succeed" || kind == "Fail";
        let is_told = ["Task", "Map", "Parallel"].contains(&kind) || is_end && scope.is_empty();
        if !is_told {
            continue;
        }
        let title = calls.get(name).map(String::as_str);
        let called = functions
            .iter()
            .find(|function| Some(function.title()) == title);
        let waits = title.and_then(|title| step(title)?.patience.as_ref());
        rows.push([
            name.to_owned(),
            called.map_or_else(|| of_another_kind(state), |found| code(&found.name)),
            state["Comment"].as_str().unwrap_or_default().to_owned(),
            condition(definition, name).map_or_else(String::new, |words| code(&words)),
            waits.map_or_else(String::new, words::patience),
        ]);
        if kind == "Map" || kind == "Parallel" {
            add_rows(path, definition, name, rows);
        }
    }
}

fn of_another_kind(state: &Value) -> String {
    let kind = state["Type"].as_str().unwrap();
    match state["Resource"].as_str() {
        Some(resource) if !invokes_lambda(state) => {
            let call = resource.rsplit(":::").next().unwrap();
            code(call)
        }
        _ => kind.to_owned(),
    }
}

/// The condition under which a state is entered, in the words of the landing zone's document.
pub fn condition(definition: &Definition, name: &str) -> Option<String> {
    let choices = definition.of_type("Choice");
    let mut ways = choices.flat_map(|(_, state)| state["Choices"].as_array().unwrap());
    let way = ways.find(|way| !says_done(way) && way["Next"] == name)?;
    Some(expression(&way["Condition"]).replace("$order.LandingZone.Settings.", ""))
}

/// What the worst vend comes to.
pub fn bounds() -> String {
    let worst = Worst::of_the_configuration();
    let seconds = u32::try_from(worst.seconds()).unwrap();
    let limit = u32::try_from(Definition::read(VEND).timeout_seconds()).unwrap();
    format!(
        "With {} StackSets, every step at the end of its patience and every retrier used up once, a vend has at most {} events in its \
         history, of the 25,000 that AWS allows, and waits for at most {}; an execution may run for {}.\n",
        avm_core::config::MOST_STACK_SETS,
        thousands(worst.events()),
        words::time(seconds),
        words::time(limit),
    )
}

fn thousands(number: u64) -> String {
    format!("{},{:03}", number / 1000, number % 1000)
}
