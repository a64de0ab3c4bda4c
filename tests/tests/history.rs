//! The worst vend that the configuration admits ends by itself: its history has room, and its waits end before the execution does.
//! AWS ends an execution at 25,000 events, or when its time is over, and no catcher runs then.

use avm_core::config::MOST_STACK_SETS;
use contract_tests::definition::{Definition, VEND};
use contract_tests::history::Worst;

/// Of 25,000: a look that is retried costs more than one that is not.
const MOST_EVENTS: u64 = 20_000;

#[test]
fn the_history_of_the_worst_vend_has_room() {
    let events = Worst::of_the_configuration().events();
    assert!(events <= MOST_EVENTS, "{events} events");
}

/// What AWS allows.
const END_OF_A_HISTORY: u64 = 25_000;

#[test]
fn without_a_bound_on_the_stack_sets_the_history_would_end_a_vend() {
    let many = Worst::with_stack_sets(2 * MOST_STACK_SETS as u64);
    assert!(many.events() > END_OF_A_HISTORY);
}

#[test]
fn the_waits_of_the_worst_vend_end_well_before_its_time_does() {
    let seconds = Worst::of_the_configuration().seconds();
    let limit = Definition::read(VEND).timeout_seconds();
    assert!(seconds * 5 < limit * 4, "{seconds} of {limit} seconds");
}
