//! The picture of the state machine shows exactly the definition's states and transitions.
//! It is the first mermaid `stateDiagram-v2` in `statemachine/README.md`; the one in `README.md` shows the working states.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use contract_tests::definition::{Definition, EDGE, Transition};
use contract_tests::text;

const PICTURE: &str = "statemachine/README.md";

/// The transitions of the picture; a line is `A --> B`, perhaps with `: words`, or opens or closes a scope.
fn picture(page: &str) -> Vec<Transition> {
    let readme = text(page);
    let (_, after) = readme.split_once("```mermaid\nstateDiagram-v2\n").unwrap();
    let (lines, _) = after.split_once("```").unwrap();
    let mut scope = String::new();
    let mut transitions = Vec::new();
    // Two dashes part the branches of a parallel state.
    let told = |line: &&str| !line.is_empty() && *line != "--";
    for line in lines.lines().map(str::trim).filter(told) {
        if let Some((from, rest)) = line.split_once(" --> ") {
            let to = rest.split(": ").next().unwrap_or(rest);
            transitions.push((scope.clone(), from.to_owned(), to.to_owned()));
        } else if let Some(name) = line
            .strip_prefix("state ")
            .and_then(|rest| rest.strip_suffix(" {"))
        {
            name.clone_into(&mut scope);
        } else if line == "}" {
            scope.clear();
        } else {
            panic!("{page}: cannot read the line {line}");
        }
    }
    transitions
}

#[test]
fn the_picture_shows_every_transition_of_the_definition_and_no_other() {
    let shown = picture(PICTURE);
    let unique: BTreeSet<Transition> = shown.iter().cloned().collect();
    assert_eq!(unique.len(), shown.len(), "a transition is drawn twice");
    let defined = Definition::read().transitions();
    let missing: Vec<_> = defined.difference(&unique).collect();
    let wrong: Vec<_> = unique.difference(&defined).collect();
    assert!(
        missing.is_empty() && wrong.is_empty(),
        "not drawn: {missing:?}; drawn, but not defined: {wrong:?}"
    );
}

#[test]
fn the_picture_shows_every_state() {
    let shown = picture(PICTURE);
    for (scope, name, _) in Definition::read().states() {
        let is_shown = shown
            .iter()
            .any(|(in_scope, from, to)| in_scope == scope && (from == name || to == name));
        assert!(is_shown, "{name}");
    }
}

#[test]
fn the_table_of_states_has_every_task() {
    let readme = text(PICTURE);
    for (_, name, _) in Definition::read().of_type("Task") {
        assert!(readme.contains(&format!("\n| {name} |")), "{name}");
    }
}

#[test]
fn the_readme_shows_the_machine_at_a_glance() {
    let definition = Definition::read();
    let (outer, inner): (Vec<_>, Vec<_>) = picture("README.md")
        .into_iter()
        .partition(|(scope, ..)| scope.is_empty());
    let shown: BTreeSet<(String, String)> =
        outer.into_iter().map(|(_, from, to)| (from, to)).collect();
    assert_eq!(shown, definition.at_a_glance());
    // Inside a compound state the working states are shown, in their order.
    let drawn: BTreeSet<(&str, &str)> = inner
        .iter()
        .flat_map(|(scope, from, to)| [(scope.as_str(), from.as_str()), (scope, to)])
        .filter(|(_, name)| *name != EDGE)
        .collect();
    let working: BTreeSet<(&str, &str)> = definition
        .of_type("Task")
        .filter(|(scope, ..)| inner.iter().any(|(shown, ..)| shown == scope))
        .map(|(scope, name, _)| (scope, name))
        .collect();
    assert_eq!(drawn, working);
}
