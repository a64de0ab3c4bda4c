//! A small organization in memory: accounts, creations, and the readiness of new accounts.
//! It behaves like AWS Organizations where the step depends on it, and can lose an answer.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard};

use avm_core::domain::{AccountId, AccountName, Email};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::account_tags::AccountTags;
use avm_core::ports::accounts::{
    AccountState, Accounts, Creation, CreationFailure, CreationStart, CreationState, FoundAccount,
    NewAccount,
};
use avm_core::ports::readiness::{Probe, Readiness};
use avm_core::rules::owner::Owner;
use avm_core::testing::order;

/// When the answer to the next write is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    BeforeTheEffect,
    AfterTheEffect,
}

#[derive(Clone, Debug)]
pub struct Asked {
    pub id: String,
    pub wanted: NewAccount,
    pub state: CreationState,
}

#[derive(Default)]
pub struct State {
    pub accounts: Vec<FoundAccount>,
    pub creations: Vec<Asked>,
    pub tags: BTreeMap<AccountId, BTreeMap<String, String>>,
    /// Accounts whose tags are not shown yet.
    pub untaggable: Vec<AccountId>,
    /// Accounts that exist and are not shown yet.
    pub hidden: Vec<AccountId>,
    /// Creations that are taken and not shown yet.
    pub unseen_creations: bool,
    /// The reason with which the next creation ends at once.
    pub ends_with: Option<CreationFailure>,
    pub lost: Option<Lost>,
    pub obstacle: Option<String>,
    /// The name under which every look at the readiness fails.
    pub unreachable: Option<ErrorName>,
    pub refusal: Option<ErrorName>,
    /// What AWS waits for before it takes another creation.
    pub full: Option<String>,
    pub reads: Vec<&'static str>,
}

#[derive(Default)]
pub struct World(Mutex<State>);

pub fn found(id: &str, name: &str, email: &str, state: AccountState) -> FoundAccount {
    FoundAccount {
        id: id.parse().unwrap(),
        name: name.to_owned(),
        email: email.parse().ok(),
        arn: format!("arn:aws:organizations::333333333333:account/o-exampleorg/{id}"),
        state,
    }
}

impl World {
    pub fn with(accounts: &[FoundAccount]) -> Self {
        let world = Self::default();
        world.state().accounts = accounts.to_vec();
        world
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// Tags an account, as an earlier vend or somebody else has done.
    pub fn tag(&self, id: &str, pairs: &[(&str, &str)]) {
        let tags = pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        self.state().tags.insert(id.parse().unwrap(), tags);
    }

    /// Lets AWS finish every creation that is in progress.
    pub fn finish(&self) {
        let mut state = self.state();
        for at in 0..state.creations.len() {
            if state.creations[at].state != CreationState::InProgress {
                continue;
            }
            let wanted = state.creations[at].wanted.clone();
            let taken = state
                .accounts
                .iter()
                .any(|account| account.email.as_ref() == Some(&wanted.email));
            state.creations[at].state = if taken {
                CreationState::Failed(CreationFailure::EmailAlreadyExists)
            } else {
                let id = format!("{:012}", 700_000_000_000 + state.accounts.len());
                let account = found(
                    &id,
                    wanted.name.as_str(),
                    wanted.email.expose(),
                    AccountState::Active,
                );
                state.tags.insert(account.id.clone(), wanted.tags);
                state.accounts.push(account);
                CreationState::Succeeded(id.parse().unwrap())
            };
        }
    }

    /// The sample order's owner tags an account, as its creation does.
    pub fn own(&self, id: &str) {
        let tags = Owner::of(&order().request).tags();
        self.state().tags.insert(id.parse().unwrap(), tags);
    }

    /// An earlier execution of the sample order's project asks for an account.
    pub fn ask(&self, name: &str, email: &str) {
        let wanted = NewAccount {
            name: name.parse().unwrap(),
            email: email.parse().unwrap(),
            access_role: "Role".parse().unwrap(),
            tags: Owner::of(&order().request).tags(),
        };
        self.state().take(wanted);
    }
}

impl State {
    fn take(&mut self, wanted: NewAccount) -> Creation {
        let concurrent = self.creations.iter().any(|asked| {
            asked.state == CreationState::InProgress && asked.wanted.email == wanted.email
        });
        let state = if let Some(reason) = self.ends_with.take() {
            CreationState::Failed(reason)
        } else if concurrent {
            CreationState::Failed(CreationFailure::ConcurrentAccountModification)
        } else {
            CreationState::InProgress
        };
        let id = format!("car-{}", self.creations.len() + 1);
        self.creations.push(Asked {
            id: id.clone(),
            wanted,
            state: state.clone(),
        });
        Creation { id, state }
    }

    fn visible(&self, is_it: impl Fn(&FoundAccount) -> bool) -> Option<FoundAccount> {
        self.accounts
            .iter()
            .find(|account| !self.hidden.contains(&account.id) && is_it(account))
            .cloned()
    }
}

fn no_answer() -> Failure {
    Failure::new(ErrorName::ServiceUnavailable, "the connection was cut")
}

impl Accounts for World {
    async fn find_account(&self, id: &AccountId) -> Result<Option<FoundAccount>, Failure> {
        let mut state = self.state();
        state.reads.push("account");
        Ok(state.visible(|account| account.id == *id))
    }

    async fn find_account_by_email(&self, email: &Email) -> Result<Option<FoundAccount>, Failure> {
        let mut state = self.state();
        state.reads.push("e-mail");
        Ok(state.visible(|account| account.email.as_ref() == Some(email)))
    }

    async fn list_open_creations(&self, name: &AccountName) -> Result<Vec<Creation>, Failure> {
        let mut state = self.state();
        state.reads.push("creations");
        if state.unseen_creations {
            return Ok(Vec::new());
        }
        let open = state.creations.iter().filter(|asked| {
            asked.wanted.name == *name && !matches!(asked.state, CreationState::Failed(_))
        });
        Ok(open
            .map(|asked| Creation {
                id: asked.id.clone(),
                state: asked.state.clone(),
            })
            .collect())
    }

    async fn find_lack_of_room(&self) -> Result<Option<String>, Failure> {
        let mut state = self.state();
        state.reads.push("room");
        Ok(state.full.clone())
    }

    async fn start_creation(&self, account: &NewAccount) -> Result<CreationStart, Failure> {
        let mut state = self.state();
        if let Some(name) = state.refusal.take() {
            return Err(Failure::new(name, "refused"));
        }
        if let Some(words) = &state.full {
            return Ok(CreationStart::NotYet(words.clone()));
        }
        match state.lost.take() {
            Some(Lost::BeforeTheEffect) => Err(no_answer()),
            Some(Lost::AfterTheEffect) => {
                state.take(account.clone());
                Err(no_answer())
            }
            None => Ok(CreationStart::Taken(state.take(account.clone()))),
        }
    }

    async fn find_creation(&self, id: &str) -> Result<Option<Creation>, Failure> {
        let mut state = self.state();
        state.reads.push("creation");
        let asked = state.creations.iter().find(|asked| asked.id == id);
        Ok(asked.map(|asked| Creation {
            id: asked.id.clone(),
            state: asked.state.clone(),
        }))
    }
}

impl AccountTags for World {
    async fn list(&self, account: &AccountId) -> Result<BTreeMap<String, String>, Failure> {
        let mut state = self.state();
        state.reads.push("tags");
        if state.untaggable.contains(account) {
            return Err(Failure::new(ErrorName::AccountNotFound, "no such target"));
        }
        Ok(state.tags.get(account).cloned().unwrap_or_default())
    }

    async fn put(&self, _: &AccountId, _: &BTreeMap<String, String>) -> Result<(), Failure> {
        panic!("the step writes no tags to an account that exists")
    }

    async fn remove(&self, _: &AccountId, _: &BTreeSet<String>) -> Result<(), Failure> {
        panic!("the step removes no tags")
    }
}

impl Readiness for World {
    async fn find_obstacle(&self, _: &Probe<'_>) -> Result<Option<String>, Failure> {
        if let Some(name) = self.state().unreachable {
            return Err(Failure::new(name, "could not assume AVMMemberAccessRole"));
        }
        Ok(self.state().obstacle.clone())
    }
}
