//! The tags of accounts.
//! An account that Organizations does not show has no tags that could be read or written.

use std::collections::{BTreeMap, BTreeSet};

use avm_core::domain::{AccountId, COMPLETION_KEYS, FAILURE_KEY_PREFIX};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::account_tags::{AccountTags, TaggedAccounts};

use super::{Member, State};
use crate::in_call::Behind;

fn not_found(account: &AccountId) -> Failure {
    Failure::new(ErrorName::AccountNotFound, "no such target").of_account(account)
}

/// No step may say that a vend is done beside saying that it has failed.
fn assert_one_signal(member: &Member) {
    let is_done = COMPLETION_KEYS
        .iter()
        .any(|key| member.tags.contains_key(*key));
    let has_failed = member
        .tags
        .keys()
        .any(|key| key.starts_with(FAILURE_KEY_PREFIX));
    assert!(
        !(is_done && has_failed),
        "the done signal beside a failure: {:?}",
        member.tags
    );
}

impl State {
    fn tagged(&self, account: &AccountId) -> Result<&Member, Failure> {
        let member = self.members.get(account);
        member
            .filter(|member| member.tags_shown_after == 0)
            .ok_or_else(|| not_found(account))
    }

    fn tagged_mut(&mut self, account: &AccountId) -> Result<&mut Member, Failure> {
        self.tagged(account)?;
        self.members
            .get_mut(account)
            .ok_or_else(|| not_found(account))
    }
}

/// The index shows what AWS Organizations shows, and nothing of an account that has no tags.
impl TaggedAccounts for Behind<'_> {
    async fn find(
        &self,
        tags: &BTreeMap<String, String>,
    ) -> Result<BTreeMap<AccountId, BTreeMap<String, String>>, Failure> {
        let indexed = |member: &Member| {
            let shown = member.indexed.as_ref().unwrap_or(&member.tags);
            let has = |(key, value)| shown.get(key) == Some(value);
            let carries = member.tags_shown_after == 0 && !shown.is_empty() && tags.iter().all(has);
            carries.then(|| shown.clone())
        };
        self.read("tag:GetResources", |state| {
            let members = state.organizations.members.iter();
            let found = members.filter_map(|(id, member)| Some((id.clone(), indexed(member)?)));
            Ok(found.collect())
        })
    }
}

impl AccountTags for Behind<'_> {
    async fn list(&self, account: &AccountId) -> Result<BTreeMap<String, String>, Failure> {
        let words = format!("organizations:ListTagsForResource {account}");
        self.read(words, |state| {
            Ok(state.organizations.tagged(account)?.tags.clone())
        })
    }

    async fn put(
        &self,
        account: &AccountId,
        tags: &BTreeMap<String, String>,
    ) -> Result<(), Failure> {
        let keys: Vec<&str> = tags.keys().map(String::as_str).collect();
        let words = format!("organizations:TagResource {}", keys.join(" "));
        self.write(words, |state| {
            let member = state.organizations.tagged_mut(account)?;
            member.tags.extend(tags.clone());
            assert_one_signal(member);
            Ok(())
        })
    }

    async fn remove(&self, account: &AccountId, keys: &BTreeSet<String>) -> Result<(), Failure> {
        let words: Vec<&str> = keys.iter().map(String::as_str).collect();
        let words = format!("organizations:UntagResource {}", words.join(" "));
        self.write(words, |state| {
            let member = state.organizations.tagged_mut(account)?;
            member.tags.retain(|key, _| !keys.contains(key));
            Ok(())
        })
    }
}
