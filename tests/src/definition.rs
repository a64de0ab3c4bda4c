//! The state machine's definition as a graph: states with their scope, transitions, and what can be reached.
//! A scope is the machine itself (`""`) or a map, by its name.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::json;

/// The start or an end of a scope, as mermaid writes both.
pub const EDGE: &str = "[*]";

/// A transition: scope, from, to.
pub type Transition = (String, String, String);

/// The definition, by scopes.
pub struct Definition {
    scopes: BTreeMap<String, Value>,
}

impl Definition {
    /// The definition of the repository.
    #[must_use]
    pub fn read() -> Self {
        let mut scopes = BTreeMap::new();
        add_scope(&mut scopes, "", json("statemachine/vend-account.asl.json"));
        Self { scopes }
    }

    /// Every state: scope, name, state.
    pub fn states(&self) -> impl Iterator<Item = (&str, &str, &Value)> {
        self.scopes.iter().flat_map(|(scope, machine)| {
            let states = machine["States"].as_object().unwrap();
            states
                .iter()
                .map(|(name, state)| (scope.as_str(), name.as_str(), state))
        })
    }

    /// The states of that type: scope, name, state.
    pub fn of_type(&self, kind: &str) -> impl Iterator<Item = (&str, &str, &Value)> {
        self.states()
            .filter(move |(_, _, state)| state["Type"] == kind)
    }

    /// A state by its scope and name.
    #[must_use]
    pub fn state(&self, scope: &str, name: &str) -> &Value {
        let state = &self.scopes[scope]["States"][name];
        assert!(state.is_object(), "there is no state {name}");
        state
    }

    /// Every transition of the definition.
    #[must_use]
    pub fn transitions(&self) -> BTreeSet<Transition> {
        let mut transitions = BTreeSet::new();
        for (scope, machine) in &self.scopes {
            let start = machine["StartAt"].as_str().unwrap();
            transitions.insert((scope.clone(), EDGE.to_owned(), start.to_owned()));
        }
        for (scope, name, state) in self.states() {
            for target in targets(state) {
                transitions.insert((scope.to_owned(), name.to_owned(), target.to_owned()));
            }
        }
        transitions
    }

    /// The machine at a glance: which working state may follow which, across choices, waits and passes.
    #[must_use]
    pub fn at_a_glance(&self) -> BTreeSet<(String, String)> {
        let is_shown = |name: &str| {
            name == EDGE
                || ["Task", "Map", "Succeed", "Fail"]
                    .iter()
                    .any(|kind| self.state("", name)["Type"] == *kind)
        };
        let start = self.scopes[""]["StartAt"].as_str().unwrap();
        let shown = self
            .states()
            .filter(|(scope, name, _)| scope.is_empty() && is_shown(name));
        let mut glance = BTreeSet::new();
        let ways = shown.map(|(_, name, state)| (name, targets(state)));
        for (from, firsts) in ways.chain([(EDGE, vec![start])]) {
            let (mut open, mut seen) = (firsts, BTreeSet::new());
            while let Some(name) = open.pop() {
                if is_shown(name) {
                    glance.insert((from.to_owned(), name.to_owned()));
                } else if seen.insert(name) {
                    open.extend(targets(self.state("", name)));
                }
            }
        }
        glance
    }

    /// Every state that can be reached from one of a scope, itself included.
    #[must_use]
    pub fn reachable<'a>(&'a self, scope: &str, from: &'a str) -> BTreeSet<&'a str> {
        let mut reached = BTreeSet::new();
        let mut open = vec![from];
        while let Some(name) = open.pop() {
            if name != EDGE && reached.insert(name) {
                open.extend(targets(self.state(scope, name)));
            }
        }
        reached
    }
}

fn add_scope(scopes: &mut BTreeMap<String, Value>, name: &str, machine: Value) {
    for (inner_name, state) in machine["States"].as_object().unwrap() {
        if let Some(inner) = state.get("ItemProcessor") {
            add_scope(scopes, inner_name, inner.clone());
        }
        assert_ne!(state["Type"], "Parallel", "branches are not read here");
    }
    scopes.insert(name.to_owned(), machine);
}

/// The states that follow a state, by any way.
#[must_use]
pub fn targets(state: &Value) -> Vec<&str> {
    let mut targets: Vec<&str> = [&state["Next"], &state["Default"]]
        .into_iter()
        .filter_map(Value::as_str)
        .collect();
    for list in ["Choices", "Catch"] {
        let ways = state[list].as_array().into_iter().flatten();
        targets.extend(ways.map(|way| way["Next"].as_str().unwrap()));
    }
    let ends = state["End"] == true || state["Type"] == "Succeed" || state["Type"] == "Fail";
    if ends {
        targets.push(EDGE);
    }
    targets
}

/// The error names in the retriers or catchers (`list`) of a state.
#[must_use]
pub fn matched<'a>(state: &'a Value, list: &str) -> Vec<&'a str> {
    state[list]
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|rule| rule["ErrorEquals"].as_array().unwrap())
        .map(|name| name.as_str().unwrap())
        .collect()
}

/// The error name that a state raises itself, as a Fail or as a failure that it records.
#[must_use]
pub fn raised(state: &Value) -> Option<&str> {
    let error = match state["Type"].as_str() {
        Some("Fail") => &state["Error"],
        Some("Pass") => &state["Assign"]["failure"]["Error"],
        _ => return None,
    };
    error.as_str().filter(|name| !name.starts_with("{%"))
}
