//! The worst vend that the configuration admits: how many events its history gets, and how long it waits.
//! AWS ends an execution at 25,000 events.

use avm_core::config::MOST_STACK_SETS;
use avm_core::step::Patience;
use serde_json::Value;

use crate::definition::{Definition, EDGE, VEND, invokes_lambda, says_done, targets};
use crate::functions::called_by;
use crate::steps::step;

/// Entered, scheduled, started, succeeded or failed, exited.
const OF_A_TASK: u64 = 5;
/// Scheduled, started, failed.
const OF_A_RETRY: u64 = 3;
/// Entered, exited: of a choice, a wait, an end.
const OF_OTHERS: u64 = 2;
/// A task, the choice that it is not done, the wait.
const OF_A_LOOK: u64 = OF_A_TASK + 2 * OF_OTHERS;
/// Entered, started, succeeded, exited: of a map or of all branches; and the beginning and end of an iteration.
const OF_A_SCOPE: u64 = 4;
const OF_AN_ITERATION: u64 = 2;

/// The worst vend.
pub struct Worst {
    definition: Definition,
    folders: std::collections::BTreeMap<String, String>,
    stack_sets: u64,
}

impl Worst {
    /// With as many StackSets as a landing zone may have.
    pub fn of_the_configuration() -> Self {
        Self::with_stack_sets(MOST_STACK_SETS as u64)
    }

    pub fn with_stack_sets(stack_sets: u64) -> Self {
        Self {
            definition: Definition::read(VEND),
            folders: called_by(VEND),
            stack_sets,
        }
    }

    /// At most so many events: as if every state were entered, every step used up its patience, and every task its retrier.
    pub fn events(&self) -> u64 {
        OF_OTHERS + self.events_of("")
    }

    fn events_of(&self, scope: &str) -> u64 {
        let starts = self.definition.starts(scope).iter();
        let states = starts.flat_map(|start| self.definition.in_order(start));
        states.map(|name| self.events_of_state(name)).sum()
    }

    fn events_of_state(&self, name: &str) -> u64 {
        let state = self.definition.state(name);
        match state["Type"].as_str().unwrap() {
            "Task" => {
                let looks = self.patience(name).map_or(0, Patience::most_looks);
                let of_looks = OF_A_TASK.max(OF_A_LOOK * u64::from(looks));
                of_looks + OF_A_RETRY * most_retries(state)
            }
            "Map" => {
                let iterations = self.stack_sets * (OF_AN_ITERATION + self.events_of(name));
                OF_A_SCOPE + iterations
            }
            "Parallel" => OF_A_SCOPE + self.events_of(name),
            // These are counted with each look.
            "Wait" => 0,
            "Choice" if says_done(&state["Choices"][0]) => 0,
            _ => OF_OTHERS,
        }
    }

    /// The seconds that are waited on the longest way: each wait a quarter longer than its middle, and every retrier used up.
    pub fn seconds(&self) -> u64 {
        self.seconds_from(&self.definition.starts("")[0], &mut Vec::new())
    }

    fn seconds_from<'a>(&'a self, name: &'a str, way: &mut Vec<&'a str>) -> u64 {
        if name == EDGE || way.contains(&name) {
            return 0;
        }
        way.push(name);
        let state = self.definition.state(name);
        let next = targets(state).into_iter();
        let longest = next.map(|next| self.seconds_from(next, way)).max();
        way.pop();
        self.seconds_of_state(name, state) + longest.unwrap_or_default()
    }

    fn seconds_of_state(&self, name: &str, state: &Value) -> u64 {
        let branches = || {
            let starts = self.definition.starts(name).iter();
            let seconds = starts.map(|start| self.seconds_from(start, &mut Vec::new()));
            seconds.max().unwrap_or_default()
        };
        match state["Type"].as_str().unwrap() {
            "Task" => {
                let waits = self.patience(name).map_or(0, Patience::total_seconds);
                u64::from(waits) * 5 / 4 + seconds_of_retries(state)
            }
            "Map" => {
                let at_a_time = state["MaxConcurrency"].as_u64().unwrap();
                self.stack_sets.div_ceil(at_a_time) * branches()
            }
            "Parallel" => branches(),
            _ => 0,
        }
    }

    fn patience(&self, state: &str) -> Option<&'static Patience> {
        let folder = self.folders.get(state)?;
        let facts = step(folder).unwrap_or_else(|| panic!("{folder} is no step"));
        assert!(invokes_lambda(self.definition.state(state)));
        facts.patience.as_ref()
    }
}

fn retriers(state: &Value) -> impl Iterator<Item = &Value> {
    state["Retry"].as_array().into_iter().flatten()
}

fn most_retries(state: &Value) -> u64 {
    retriers(state)
        .map(|retrier| retrier["MaxAttempts"].as_u64().unwrap())
        .sum()
}

fn seconds_of_retries(state: &Value) -> u64 {
    let number = |retrier: &Value, key: &str| retrier[key].as_u64().unwrap();
    let mut sum = 0;
    for retrier in retriers(state) {
        let mut delay = number(retrier, "IntervalSeconds");
        for _ in 0..number(retrier, "MaxAttempts") {
            sum += delay.min(number(retrier, "MaxDelaySeconds"));
            delay *= number(retrier, "BackoffRate");
        }
    }
    sum
}
