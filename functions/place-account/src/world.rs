//! A small organization in memory: a root, units, and accounts that sit in them.
//! It behaves like AWS Organizations where the step depends on it, and can lose an answer.

use std::sync::{Mutex, MutexGuard};

use avm_core::domain::{AccountId, OrganizationalUnitId, ParentId};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::organizational_units::{
    Child, Move, OrganizationTree, OrganizationalUnit, OrganizationalUnits, UnitCreation,
};

pub const ROOT: &str = "r-ab12";

/// When the answer to a write is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    BeforeTheEffect,
    AfterTheEffect,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    pub id: ParentId,
    pub parent: ParentId,
    pub name: String,
}

#[derive(Default)]
pub struct State {
    pub units: Vec<Unit>,
    /// Where the account sits; none: it is not visible.
    pub account_in: Option<ParentId>,
    pub writes: Vec<String>,
    pub calls: usize,
    /// Units that exist and are not listed yet.
    pub unlisted: bool,
    /// Whether AWS takes names that differ in letter case for the same.
    pub ignores_case: bool,
    /// The write (from 0) whose answer is lost.
    pub lost: Option<(usize, Lost)>,
    /// Somebody else moves the account there before our next moves.
    pub moved_by_others: Vec<ParentId>,
    pub refusal: Option<ErrorName>,
}

#[derive(Default)]
pub struct World(Mutex<State>);

pub fn unit_id(number: usize) -> ParentId {
    format!("ou-ab12-{number:08}").parse().unwrap()
}

impl World {
    /// Units in the order of their numbers (from 1), each below the parent of that number (0: the root).
    pub fn with(units: &[(usize, &str)], account_in: usize) -> Self {
        let world = Self::default();
        let parent = |number| match number {
            0 => ROOT.parse().unwrap(),
            _ => unit_id(number),
        };
        world.state().units = units
            .iter()
            .enumerate()
            .map(|(at, (below, name))| Unit {
                id: unit_id(at + 1),
                parent: parent(*below),
                name: (*name).to_owned(),
            })
            .collect();
        world.state().account_in = Some(parent(account_in));
        world
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// Writes, or loses the answer, before or after the effect.
    fn write<T>(&self, words: String, effect: impl FnOnce(&mut State) -> T) -> Result<T, Failure> {
        let mut state = self.state();
        state.calls += 1;
        if let Some(name) = state.refusal.take() {
            return Err(Failure::new(name, "refused"));
        }
        let number = state.writes.len();
        state.writes.push(words);
        let no_answer = Failure::new(ErrorName::ServiceUnavailable, "the connection was cut");
        match state.lost.take_if(|(at, _)| *at == number) {
            None => Ok(effect(&mut state)),
            Some((_, Lost::BeforeTheEffect)) => Err(no_answer),
            Some((_, Lost::AfterTheEffect)) => {
                effect(&mut state);
                Err(no_answer)
            }
        }
    }
}

impl OrganizationTree for World {
    async fn find_root(&self) -> Result<ParentId, Failure> {
        self.state().calls += 1;
        Ok(ROOT.parse().unwrap())
    }

    async fn list_units(&self, parent: &ParentId) -> Result<Vec<OrganizationalUnit>, Failure> {
        let mut state = self.state();
        state.calls += 1;
        if state.unlisted {
            return Ok(Vec::new());
        }
        let below = state.units.iter().filter(|unit| unit.parent == *parent);
        Ok(below
            .map(|unit| OrganizationalUnit {
                id: unit.id.as_str().parse().unwrap(),
                name: unit.name.clone(),
            })
            .collect())
    }

    async fn find_parent(&self, child: Child<'_>) -> Result<Option<ParentId>, Failure> {
        let mut state = self.state();
        state.calls += 1;
        Ok(match child {
            Child::Account(_) => state.account_in.clone(),
            Child::Unit(id) => {
                let unit = state.units.iter().find(|unit| unit.id == *id);
                unit.map(|unit| unit.parent.clone())
            }
        })
    }
}

impl OrganizationalUnits for World {
    async fn create_unit(&self, parent: &ParentId, name: &str) -> Result<UnitCreation, Failure> {
        self.write(format!("create {name}"), |state| {
            let ignores_case = state.ignores_case;
            let taken = state.units.iter().any(|unit| {
                unit.parent == *parent
                    && (unit.name == name || ignores_case && unit.name.eq_ignore_ascii_case(name))
            });
            if taken {
                return UnitCreation::NameTaken;
            }
            let id = unit_id(state.units.len() + 1);
            state.units.push(Unit {
                id: id.clone(),
                parent: parent.clone(),
                name: name.to_owned(),
            });
            let id: OrganizationalUnitId = id.as_str().parse().unwrap();
            UnitCreation::Made(id)
        })
    }

    async fn move_account(
        &self,
        _: &AccountId,
        from: &ParentId,
        to: &ParentId,
    ) -> Result<Move, Failure> {
        self.write(format!("move to {to}"), |state| {
            if !state.moved_by_others.is_empty() {
                state.account_in = Some(state.moved_by_others.remove(0));
            }
            let exists = to.is_root() || state.units.iter().any(|unit| unit.id == *to);
            if !exists {
                Move::DestinationGone
            } else if state.account_in.as_ref() == Some(to) {
                Move::Arrived
            } else if state.account_in.as_ref() != Some(from) {
                Move::SourceGone
            } else {
                state.account_in = Some(to.clone());
                Move::Arrived
            }
        })
    }
}
