//! AWS Organizations: accounts, their tags and creations, and the tree of units that they sit in.
//! An organization has a root and nothing else until a test says so; an account is there as soon as it is spoken of.

mod accounts;
mod tags;
mod tree;

use std::collections::BTreeMap;

use avm_core::domain::{AccountId, Moment, ParentId};
use avm_core::ports::accounts::{AccountState, CreationFailure, CreationState, NewAccount};
use avm_core::testing::account as sample;

pub use tree::{ROOT, Unit, root, unit_id};

/// An account of the organization.
#[derive(Clone, Debug)]
pub struct Member {
    pub name: String,
    /// A text: there are accounts with an address that could not be asked for.
    pub email: String,
    pub state: AccountState,
    /// What it sits in; none: the tree does not show it.
    pub parent: Option<ParentId>,
    pub tags: BTreeMap<String, String>,
    /// What the index of tags shows of it, where it is behind.
    pub indexed: Option<BTreeMap<String, String>>,
    /// It is not shown before so many looks have passed.
    pub shown_after: u32,
    /// The same for its tags: until then they are those of no account that is known.
    pub tags_shown_after: u32,
    pub joined: Option<Moment>,
    pub is_invited: bool,
}

impl Member {
    /// An active account in the root, without a tag.
    pub fn new(name: &str, email: &str) -> Self {
        Self {
            name: name.to_owned(),
            email: email.to_owned(),
            state: AccountState::Active,
            parent: Some(root()),
            tags: BTreeMap::new(),
            indexed: None,
            shown_after: 0,
            tags_shown_after: 0,
            joined: None,
            is_invited: false,
        }
    }

    /// Writes tags, as an earlier vend or somebody else has done.
    pub fn tag(&mut self, pairs: &[(&str, &str)]) {
        let owned = |&(key, value): &(&str, &str)| (key.to_owned(), value.to_owned());
        self.tags.extend(pairs.iter().map(owned));
    }
}

/// A creation that was asked for.
#[derive(Clone, Debug)]
pub struct Asked {
    pub id: String,
    pub wanted: NewAccount,
    pub state: CreationState,
    left: u32,
}

/// One organization.
#[derive(Clone, Debug, Default)]
pub struct State {
    pub members: BTreeMap<AccountId, Member>,
    pub creations: Vec<Asked>,
    /// The units, in the order in which they were made.
    pub units: Vec<Unit>,

    /// How many accounts a page of their list has; 0: all of them.
    pub accounts_per_page: usize,
    /// For so many looks more than one a creation is in progress.
    pub creation_lasts: u32,
    /// New accounts are not shown before so many looks have passed.
    pub new_accounts_shown_after: u32,
    /// Creations are not listed before so many looks have passed.
    pub creations_listed_after: u32,
    /// AWS takes no other creation before so many looks have passed.
    pub room_after: u32,
    /// The reason with which the next creation ends at once.
    pub ends_with: Option<CreationFailure>,

    /// Units that exist are not listed.
    pub units_unlisted: bool,
    /// Names of units that differ in letter case only are the same.
    pub ignores_case: bool,
    /// Before our next moves others move the account there.
    pub moved_by_others: Vec<ParentId>,
}

impl State {
    /// What two worlds must have in common: accounts by what they are, units by their paths.
    pub fn essence(&self) -> String {
        let mut accounts: Vec<String> = self
            .members
            .values()
            .map(|member| {
                let place = member.parent.as_ref().and_then(|at| self.path(at));
                let Member {
                    name,
                    email,
                    state,
                    tags,
                    ..
                } = member;
                format!("{name} {email} {state} {place:?} {tags:?}")
            })
            .collect();
        accounts.sort();
        let units = self.units.iter().map(|unit| self.path(&unit.id));
        let mut units: Vec<_> = units.collect();
        units.sort();
        format!("{accounts:?} {units:?}")
    }

    /// Creations go on, and what AWS does not show yet comes nearer.
    pub fn tick(&mut self) {
        for member in self.members.values_mut() {
            member.shown_after = member.shown_after.saturating_sub(1);
            member.tags_shown_after = member.tags_shown_after.saturating_sub(1);
        }
        self.creations_listed_after = self.creations_listed_after.saturating_sub(1);
        self.room_after = self.room_after.saturating_sub(1);
        self.go_on_with_creations();
    }

    /// The account of that id. Where there is none yet there is one now: the sample account under its own name and address,
    /// another one under names made of its id.
    pub fn account(&mut self, id: &AccountId) -> &mut Member {
        self.members.entry(id.clone()).or_insert_with(|| {
            let sample = sample();
            if *id == sample.account_id {
                Member::new(&sample.account_name, sample.account_email.expose())
            } else {
                Member::new(&format!("account-{id}"), &format!("aws+{id}@example.com"))
            }
        })
    }

    /// The tags of an account; none where there is no such account.
    pub fn tags(&self, id: &AccountId) -> BTreeMap<String, String> {
        let member = self.members.get(id);
        member.map(|member| member.tags.clone()).unwrap_or_default()
    }

    /// What an account sits in.
    pub fn parent(&self, id: &AccountId) -> Option<&ParentId> {
        self.members.get(id)?.parent.as_ref()
    }

    /// Moves an account, which is there afterwards.
    pub fn put_into(&mut self, id: &AccountId, parent: &ParentId) {
        self.account(id).parent = Some(parent.clone());
    }
}
