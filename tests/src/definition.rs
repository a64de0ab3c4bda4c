//! The state machine's definition as a graph: states with their scope, transitions, and what can be reached.
//! A scope is the machine itself (`""`), a map or all branches of a parallel state, by its name.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::json;

/// The start or an end of a scope, as mermaid writes both.
pub const EDGE: &str = "[*]";

/// A transition: scope, from, to.
pub type Transition = (String, String, String);

/// The definition, by scopes.
pub struct Definition {
    scopes: BTreeMap<String, Scope>,
}

/// States that may follow each other; a parallel state has a start for each of its branches.
#[derive(Default)]
struct Scope {
    starts: Vec<String>,
    states: BTreeMap<String, Value>,
}

impl Definition {
    /// The definition of the repository.
    #[must_use]
    pub fn read() -> Self {
        let mut scopes = BTreeMap::new();
        add_scope(&mut scopes, "", &json("statemachine/vend-account.asl.json"));
        Self { scopes }
    }

    /// Every state: scope, name, state.
    pub fn states(&self) -> impl Iterator<Item = (&str, &str, &Value)> {
        self.scopes.iter().flat_map(|(name, scope)| {
            let states = scope.states.iter();
            states.map(|(state_name, state)| (name.as_str(), state_name.as_str(), state))
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
        let state = self.scopes[scope].states.get(name);
        state.unwrap_or_else(|| panic!("there is no state {name}"))
    }

    /// Every transition of the definition.
    #[must_use]
    pub fn transitions(&self) -> BTreeSet<Transition> {
        let mut transitions = BTreeSet::new();
        for (name, scope) in &self.scopes {
            for start in &scope.starts {
                transitions.insert((name.clone(), EDGE.to_owned(), start.clone()));
            }
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
                || ["Task", "Map", "Parallel", "Succeed", "Fail"]
                    .iter()
                    .any(|kind| self.state("", name)["Type"] == *kind)
        };
        let start = self.scopes[""].starts[0].as_str();
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

fn add_scope(scopes: &mut BTreeMap<String, Scope>, name: &str, machine: &Value) {
    let start = machine["StartAt"].as_str().unwrap().to_owned();
    scopes
        .entry(name.to_owned())
        .or_default()
        .starts
        .push(start);
    for (inner_name, state) in machine["States"].as_object().unwrap() {
        let branches = state["Branches"].as_array().into_iter().flatten();
        for inner in state.get("ItemProcessor").into_iter().chain(branches) {
            add_scope(scopes, inner_name, inner);
        }
        let states = &mut scopes.get_mut(name).unwrap().states;
        let before = states.insert(inner_name.clone(), state.clone());
        assert!(before.is_none(), "two states are called {inner_name}");
    }
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
