//! A state machine's definition as a graph: states with their scope, transitions, and what can be reached.
//! A scope is the machine itself (`""`), a map or all branches of a parallel state, by its name.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::json;

/// The start or an end of a scope, as mermaid writes both.
pub const EDGE: &str = "[*]";

/// The definition that vends an account.
pub const VEND: &str = "statemachine/vend-account.asl.json";

/// The definition that asks all steps for their plans.
pub const PLAN: &str = "statemachine/plan-account.asl.json";

/// The definition that looks at all accounts each night.
pub const RECONCILE: &str = "statemachine/reconcile.asl.json";

/// The definition that asks all functions whether the trusts let them in.
pub const DOCTOR: &str = "statemachine/doctor.asl.json";

/// A definition; the names of its states are unique, in all scopes together.
pub struct Definition {
    whole: Value,
    states: BTreeMap<String, Placed>,
    starts: BTreeMap<String, Vec<String>>,
}

struct Placed {
    scope: String,
    state: Value,
}

/// A way out of a state, with the words that say when it is taken.
pub struct Way<'a> {
    pub target: &'a str,
    pub words: &'static str,
}

impl Definition {
    /// A definition by its path from the root.
    pub fn read(path: &str) -> Self {
        let whole = json(path);
        let mut definition = Self {
            whole: whole.clone(),
            states: BTreeMap::new(),
            starts: BTreeMap::new(),
        };
        definition.add_scope("", &whole);
        definition
    }

    fn add_scope(&mut self, scope: &str, machine: &Value) {
        let start = machine["StartAt"].as_str().unwrap().to_owned();
        self.starts.entry(scope.to_owned()).or_default().push(start);
        for (name, state) in machine["States"].as_object().unwrap() {
            let branches = state["Branches"].as_array().into_iter().flatten();
            for inner in state.get("ItemProcessor").into_iter().chain(branches) {
                self.add_scope(name, inner);
            }
            let placed = Placed {
                scope: scope.to_owned(),
                state: state.clone(),
            };
            let before = self.states.insert(name.clone(), placed);
            assert!(before.is_none(), "two states are called {name}");
        }
    }

    /// Seconds after which an execution is ended.
    pub fn timeout_seconds(&self) -> u64 {
        self.whole["TimeoutSeconds"].as_u64().unwrap()
    }

    /// Every state with its name, in the order of the names.
    pub fn states(&self) -> impl Iterator<Item = (&str, &Value)> {
        let states = self.states.iter();
        states.map(|(name, placed)| (name.as_str(), &placed.state))
    }

    /// The states of that type with their names.
    pub fn of_type(&self, kind: &str) -> impl Iterator<Item = (&str, &Value)> {
        self.states()
            .filter(move |(_, state)| state["Type"] == kind)
    }

    /// A state by its name.
    pub fn state(&self, name: &str) -> &Value {
        let placed = self.states.get(name);
        &placed
            .unwrap_or_else(|| panic!("there is no state {name}"))
            .state
    }

    /// The scope of a state.
    pub fn scope(&self, name: &str) -> &str {
        &self.states[name].scope
    }

    /// The start of a scope; of a parallel state one for each branch.
    pub fn starts(&self, scope: &str) -> &[String] {
        &self.starts[scope]
    }

    /// What can be reached from a state, itself included: a wait before what comes after it, failures last.
    pub fn in_order<'a>(&'a self, start: &'a str) -> Vec<&'a str> {
        let mut found = Vec::new();
        let mut failures = Vec::new();
        let mut open = vec![start];
        while let Some(name) = open.pop().or_else(|| failures.pop()) {
            if name == EDGE || found.contains(&name) {
                continue;
            }
            found.push(name);
            let (caught, ways): (Vec<Way>, Vec<Way>) = ways(self.state(name))
                .into_iter()
                .partition(|way| way.words == "failed");
            failures.splice(0..0, caught.into_iter().map(|way| way.target));
            let (waits, others): (Vec<Way>, Vec<Way>) = ways
                .into_iter()
                .filter(|way| way.target != EDGE)
                .partition(|way| self.state(way.target)["Type"] == "Wait");
            open.extend(others.iter().rev().chain(&waits).map(|way| way.target));
        }
        found
    }

    /// Every state that can be reached from one of a scope, itself included.
    pub fn reachable<'a>(&'a self, from: &'a str) -> BTreeSet<&'a str> {
        self.in_order(from).into_iter().collect()
    }
}

/// The ways out of a state; where two lead to the same state, the first.
pub fn ways(state: &Value) -> Vec<Way<'_>> {
    let list = |key: &str| state[key].as_array().into_iter().flatten();
    let is_loop = list("Choices").any(says_done);
    let (yes, no) = if is_loop {
        ("done", "not yet")
    } else {
        ("yes", "no")
    };
    let choices = list("Choices").map(|choice| (&choice["Next"], yes));
    let others = [(&state["Default"], no), (&state["Next"], "")];
    let catchers = list("Catch").map(|catcher| (&catcher["Next"], "failed"));
    let mut ways: Vec<Way> = Vec::new();
    for (target, words) in choices.chain(others).chain(catchers) {
        let Some(target) = target.as_str() else {
            continue;
        };
        if ways.iter().all(|way| way.target != target) {
            ways.push(Way { target, words });
        }
    }
    if state["End"] == true || state["Type"] == "Succeed" || state["Type"] == "Fail" {
        ways.push(Way {
            target: EDGE,
            words: "",
        });
    }
    ways
}

/// Whether a choice asks if the step before it is done.
pub fn says_done(choice: &Value) -> bool {
    choice["Condition"] == "{% $states.input.Status = 'DONE' %}"
}

/// The states that follow a state, by any way.
pub fn targets(state: &Value) -> Vec<&str> {
    ways(state).into_iter().map(|way| way.target).collect()
}

/// Whether a state calls a function.
pub fn invokes_lambda(state: &Value) -> bool {
    state["Resource"]
        .as_str()
        .is_some_and(|resource| resource.ends_with(":::lambda:invoke"))
}

/// The error names in the retriers or catchers (`list`) of a state.
pub fn matched<'a>(state: &'a Value, list: &str) -> Vec<&'a str> {
    state[list]
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|rule| rule["ErrorEquals"].as_array().unwrap())
        .map(|name| name.as_str().unwrap())
        .collect()
}

/// The text within `{% … %}`.
pub fn expression(value: &Value) -> &str {
    let text = value.as_str().unwrap();
    text.strip_prefix("{% ")
        .and_then(|rest| rest.strip_suffix(" %}"))
        .unwrap_or(text)
}
