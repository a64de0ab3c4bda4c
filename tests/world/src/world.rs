//! The world itself: state, faults, and a journal of every call with the door that it came through.
//! Every port is implemented on what is behind a door, in the file of its service.

use std::cell::{Cell, Ref, RefCell, RefMut};
use std::collections::BTreeMap;

use avm_core::contract::call::{Mode, Scene};
use avm_core::domain::{ExecutionArn, PermissionsBoundaryName};
use avm_core::doors::Door;
use avm_core::error::{ErrorName, Failure};
use avm_core::rules::caller;
use avm_core::rules::standing_accounts::StandingAccounts;
use avm_core::rules::ways_out::WaysOut;
use avm_core::testing::{standing_accounts, ways_out};
use avm_core::world::Host;
use serde_json::Value;

use crate::faults::{Fault, Faults, Refusal};
use crate::in_call::InCall;
use crate::state::State;

/// A call that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub door: Door,
    /// The call and what it was about, e.g. `iam:CreateAccountAlias space-shop`.
    pub words: String,
    pub is_write: bool,
}

/// One AWS in memory.
pub struct InMemory {
    pub(crate) state: RefCell<State>,
    pub(crate) before_last_write: RefCell<State>,
    pub(crate) faults: RefCell<Faults>,
    journal: RefCell<Vec<Entry>>,
    pub(crate) opened: RefCell<Vec<Door>>,
    pub(crate) closed: RefCell<BTreeMap<Door, Failure>>,
    standing: StandingAccounts,
    pub ways_out: WaysOut,
    pub boundary: PermissionsBoundaryName,
    asks_who_calls: Cell<bool>,
}

impl Default for InMemory {
    fn default() -> Self {
        Self {
            state: RefCell::default(),
            before_last_write: RefCell::default(),
            faults: RefCell::default(),
            journal: RefCell::default(),
            opened: RefCell::default(),
            closed: RefCell::default(),
            standing: standing_accounts(),
            ways_out: ways_out(),
            boundary: PermissionsBoundaryName::none(),
            asks_who_calls: Cell::new(false),
        }
    }
}

impl InMemory {
    /// A world with this state.
    pub fn with(change: impl FnOnce(&mut State)) -> Self {
        let world = Self::default();
        change(&mut world.state_mut());
        *world.before_last_write.borrow_mut() = world.state().clone();
        world
    }

    /// From now on a step that proves its caller meets the executions of this world; before, every caller is the machine.
    pub fn ask_who_calls(&self) {
        self.asks_who_calls.set(true);
    }

    pub fn state(&self) -> Ref<'_, State> {
        self.state.borrow()
    }

    /// For what others do, while nobody looks: not in the journal.
    pub fn state_mut(&self) -> RefMut<'_, State> {
        self.state.borrow_mut()
    }

    /// The words of every write so far.
    pub fn writes(&self) -> Vec<String> {
        self.words(|entry| entry.is_write)
    }

    /// The words of every read so far.
    pub fn reads(&self) -> Vec<String> {
        self.words(|entry| !entry.is_write)
    }

    /// Every call so far.
    pub fn journal(&self) -> Vec<Entry> {
        self.journal.borrow().clone()
    }

    /// Forgets the journal and which doors were opened; the state stays.
    pub fn forget_journal(&self) {
        self.journal.borrow_mut().clear();
        self.opened.borrow_mut().clear();
    }

    /// The doors that were opened, in their order.
    pub fn opened(&self) -> Vec<Door> {
        self.opened.borrow().clone()
    }

    /// The write of that number, from 0, meets a fault.
    pub fn disturb_write(&self, number: usize, fault: Fault) {
        self.faults.borrow_mut().write = Some((number, fault));
    }

    /// So many of the next reads whose words begin so show the state before the last write.
    pub fn show_old(&self, reads: usize, words: &str) {
        let mut faults = self.faults.borrow_mut();
        faults.stale_reads = reads;
        words.clone_into(&mut faults.stale_words);
    }

    /// What the stale reads show, where it is not the state before the last write.
    pub fn set_old_state(&self, state: State) {
        *self.before_last_write.borrow_mut() = state;
    }

    /// Every call whose words begin so fails.
    pub fn refuse(&self, words: &str, failure: Failure) {
        self.add_refusal(words, None, failure);
    }

    /// The next calls whose words begin so fail, so often.
    pub fn refuse_times(&self, words: &str, times: usize, failure: Failure) {
        self.add_refusal(words, Some(times), failure);
    }

    fn add_refusal(&self, words: &str, times: Option<usize>, failure: Failure) {
        self.faults.borrow_mut().refusals.push(Refusal {
            words: words.to_owned(),
            times,
            failure,
        });
    }

    /// The role of a door cannot be assumed.
    pub fn close(&self, door: Door) {
        let words = format!("could not assume the role behind {door:?}");
        self.close_with(door, Failure::new(ErrorName::AccessDenied, words));
    }

    /// The role of a door cannot be assumed, for that reason.
    pub fn close_with(&self, door: Door, failure: Failure) {
        self.closed.borrow_mut().insert(door, failure.at_door(door));
    }

    pub(crate) fn is_undisturbed(&self) -> bool {
        self.faults.borrow().is_used_up()
    }

    fn words(&self, wanted: impl Fn(&Entry) -> bool) -> Vec<String> {
        let journal = self.journal.borrow();
        let entries = journal.iter().filter(|entry| wanted(entry));
        entries.map(|entry| entry.words.clone()).collect()
    }

    pub(crate) fn note(&self, door: Door, words: &str, is_write: bool) {
        self.journal.borrow_mut().push(Entry {
            door,
            words: words.to_owned(),
            is_write,
        });
    }
}

impl Host for InMemory {
    fn standing(&self) -> &StandingAccounts {
        &self.standing
    }

    async fn prove_caller(
        &self,
        execution: Option<ExecutionArn>,
        order: &Value,
    ) -> Result<(), Failure> {
        if !self.asks_who_calls.get() {
            return Ok(());
        }
        caller::prove(execution.as_ref(), order, self).await
    }

    fn world(
        &self,
        scene: &Scene,
        doors: &'static [Door],
        _mode: Mode,
    ) -> impl avm_core::world::World {
        InCall::new(self, scene, doors)
    }
}
