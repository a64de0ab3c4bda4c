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

#[test]
fn the_configuration_admits_as_many_stack_sets_as_there_is_room_for() {
    let with_one_more = Worst::with_stack_sets(MOST_STACK_SETS as u64 + 1);
    assert!(with_one_more.events() > MOST_EVENTS, "one more has room");
}

#[test]
fn the_waits_of_the_worst_vend_end_well_before_its_time_does() {
    let seconds = Worst::of_the_configuration().seconds();
    let limit = Definition::read(VEND).timeout_seconds();
    assert!(seconds * 5 < limit * 4, "{seconds} of {limit} seconds");
}
