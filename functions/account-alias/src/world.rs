//! One account in a world of aliases, in memory: an alias belongs to one account, and an account has one.
//! It can treat a second alias in every way that AWS might, show writes late, and lose an answer.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard};

use avm_core::domain::AccountAlias;
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::account_aliases::{AccountAliases, AliasCreation};

/// What becomes of an alias when the account gets another one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Second {
    #[default]
    Replaces,
    IsRefused,
    IsAdded,
}

impl Second {
    pub const ALL: [Self; 3] = [Self::Replaces, Self::IsRefused, Self::IsAdded];
}

#[derive(Default)]
pub struct State {
    pub ours: BTreeSet<AccountAlias>,
    pub elsewhere: BTreeSet<AccountAlias>,
    pub second: Second,
    /// What the next lists show instead of what is there.
    pub late_lists: Vec<BTreeSet<AccountAlias>>,
    pub writes: Vec<String>,
    /// The write (from 0) whose answer is lost; whether it has its effect nevertheless.
    pub lost: Option<(usize, bool)>,
}

#[derive(Default)]
pub struct World(Mutex<State>);

pub fn alias(text: &str) -> AccountAlias {
    text.parse().unwrap()
}

pub fn aliases(texts: &[&str]) -> BTreeSet<AccountAlias> {
    texts.iter().map(|text| alias(text)).collect()
}

impl World {
    pub fn with(ours: &[&str], elsewhere: &[&str], second: Second) -> Self {
        let world = Self::default();
        world.state().ours = aliases(ours);
        world.state().elsewhere = aliases(elsewhere);
        world.state().second = second;
        world
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    fn write<T>(&self, words: String, effect: impl FnOnce(&mut State) -> T) -> Result<T, Failure> {
        let mut state = self.state();
        let number = state.writes.len();
        state.writes.push(words);
        let no_answer = Failure::new(ErrorName::ServiceUnavailable, "the connection was cut");
        match state.lost.take_if(|(at, _)| *at == number) {
            None => Ok(effect(&mut state)),
            Some((_, false)) => Err(no_answer),
            Some((_, true)) => {
                effect(&mut state);
                Err(no_answer)
            }
        }
    }
}

impl AccountAliases for World {
    async fn list(&self) -> Result<BTreeSet<AccountAlias>, Failure> {
        let mut state = self.state();
        if state.late_lists.is_empty() {
            return Ok(state.ours.clone());
        }
        Ok(state.late_lists.remove(0))
    }

    async fn create(&self, alias: &AccountAlias) -> Result<AliasCreation, Failure> {
        self.write(format!("create {alias}"), |state| {
            if state.elsewhere.contains(alias) || state.ours.contains(alias) {
                return AliasCreation::Taken;
            }
            match state.second {
                Second::IsRefused if !state.ours.is_empty() => return AliasCreation::NoPlace,
                Second::Replaces => state.ours.clear(),
                Second::IsRefused | Second::IsAdded => {}
            }
            state.ours.insert(alias.clone());
            AliasCreation::Made
        })
    }

    async fn delete(&self, alias: &AccountAlias) -> Result<(), Failure> {
        self.write(format!("delete {alias}"), |state| {
            state.ours.remove(alias);
        })
    }
}
