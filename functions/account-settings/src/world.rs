//! The settings of one account in memory, as AWS Account Management keeps them.
//! It limits how many regions change at once, and can lose the answer of a write.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use avm_core::config::AlternateContact;
use avm_core::domain::{AccountId, Region};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::account_settings::{AccountSettings, ContactKind, Enabling, RegionStatus};

/// When the answer to a write is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    BeforeTheEffect,
    AfterTheEffect,
}

#[derive(Default)]
pub struct State {
    pub contacts: BTreeMap<ContactKind, AlternateContact>,
    pub regions: BTreeMap<Region, RegionStatus>,
    pub calls: Vec<String>,
    pub writes: Vec<String>,
    /// How many regions of the organization may change at once.
    pub limit: Option<usize>,
    /// The write (from 0) whose answer is lost.
    pub lost: Option<(usize, Lost)>,
    pub refusal: Option<ErrorName>,
}

#[derive(Default)]
pub struct World(Mutex<State>);

impl World {
    pub fn with(regions: &[(&str, RegionStatus)]) -> Self {
        let world = Self::default();
        world.state().regions = regions
            .iter()
            .map(|(name, status)| (name.parse().unwrap(), status.clone()))
            .collect();
        world
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    pub fn status(&self, region: &str) -> RegionStatus {
        self.state().regions[&region.parse().unwrap()].clone()
    }

    /// What is changing has changed.
    pub fn time_passes(&self) {
        for status in self.state().regions.values_mut() {
            match status {
                RegionStatus::Enabling => *status = RegionStatus::Enabled,
                RegionStatus::Disabling => *status = RegionStatus::Disabled,
                _ => {}
            }
        }
    }

    fn call(&self, words: String) -> Result<MutexGuard<'_, State>, Failure> {
        let mut state = self.state();
        state.calls.push(words);
        match state.refusal {
            Some(name) => Err(Failure::new(name, "refused")),
            None => Ok(state),
        }
    }

    fn write<T>(&self, words: String, effect: impl FnOnce(&mut State) -> T) -> Result<T, Failure> {
        let mut state = self.call(words.clone())?;
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

impl AccountSettings for World {
    async fn has_contact(
        &self,
        _: &AccountId,
        kind: ContactKind,
        contact: &AlternateContact,
    ) -> Result<bool, Failure> {
        let state = self.call(format!("get {kind}"))?;
        Ok(state.contacts.get(&kind) == Some(contact))
    }

    async fn set_contact(
        &self,
        _: &AccountId,
        kind: ContactKind,
        contact: &AlternateContact,
    ) -> Result<(), Failure> {
        self.write(format!("set {kind}"), |state| {
            state.contacts.insert(kind, contact.clone());
        })
    }

    async fn list_regions(&self, _: &AccountId) -> Result<BTreeMap<Region, RegionStatus>, Failure> {
        Ok(self.call("list".to_owned())?.regions.clone())
    }

    async fn start_enabling(&self, _: &AccountId, region: &Region) -> Result<Enabling, Failure> {
        self.write(format!("enable {region}"), |state| {
            let changing = |status: &&RegionStatus| {
                matches!(status, RegionStatus::Enabling | RegionStatus::Disabling)
            };
            let at_once = state.regions.values().filter(changing).count();
            let status = state.regions.get_mut(region).unwrap();
            if *status == RegionStatus::Disabling || at_once >= state.limit.unwrap_or(6) {
                return Enabling::NotNow("AWS says: not now".to_owned());
            }
            if *status == RegionStatus::Disabled {
                *status = RegionStatus::Enabling;
            }
            Enabling::Started
        })
    }
}
