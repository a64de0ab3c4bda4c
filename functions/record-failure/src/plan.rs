//! What is written on the account, as plain data: the tags that say "done" go, then what failed is written.
//! An account that somebody else has tagged as theirs since it was found is not touched.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use avm_core::contract::answer;
use avm_core::domain::{
    AccountId, COMPLETION_KEYS, FAILURE_KEY_PREFIX, clean_tag_value, redact_emails,
};
use avm_core::error::Failure;
use avm_core::ports::account_tags::AccountTags;
use avm_core::rules::owner::{Claim, Owner};
use avm_core::rules::tag_room::MOST_TAGS;
use serde::{Serialize, Serializer};

use crate::report::Report;

/// What has to happen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Plan {
    /// There is no account to mark.
    NoAccount,
    /// No step has found that the account is the one of the request.
    LeaveAlone,
    /// The tags of the account, as told here, name another owner by now.
    LeaveToOthers(#[serde(serialize_with = "shown")] String),
    /// The tags are written, as far as they differ.
    Mark(TagPlan),
    /// The tags cannot be read: the failure is told, and nothing written.
    TellOnly(#[serde(serialize_with = "shown")] Failure),
}

/// The changes, in the order in which they are made. Sent without values: they hold what somebody has typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct TagPlan {
    /// The completion tags go first, because they are what meshStack acts upon.
    remove: BTreeSet<String>,
    #[serde(serialize_with = "keys")]
    put: BTreeMap<String, String>,
    /// What the account has no room for.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) left_out: BTreeSet<String>,
}

impl Plan {
    pub(crate) fn new(report: &Report, present: &BTreeMap<String, String>, now: &str) -> Self {
        let claim = report.owner.as_ref().map(|owner| owner.claim(present));
        if let Some(Claim::Anothers(others)) = claim {
            return Self::LeaveToOthers(others);
        }
        let done = COMPLETION_KEYS.map(str::to_owned);
        let remove = done.into_iter().filter(|key| present.contains_key(key));
        let wanted = failure_tags(report);
        let is_told = wanted
            .iter()
            .all(|(key, value)| present.get(key) == Some(value));
        // Without the completion tags nothing else says whose account this is.
        let owner = report.owner.as_ref().map(Owner::tags).unwrap_or_default();
        let mut put = owner.clone();
        put.retain(|key, _| !present.contains_key(key));
        if !is_told {
            put.extend(wanted);
            put.insert(key("at"), now.to_owned());
        }
        let remove: BTreeSet<String> = remove.collect();
        let left_out = left_out(present, &remove, &put, &owner);
        put.retain(|key, _| !left_out.contains(key));
        Self::Mark(TagPlan {
            remove,
            put,
            left_out,
        })
    }
}

impl TagPlan {
    fn is_settled(&self) -> bool {
        self.remove.is_empty() && self.put.is_empty()
    }

    pub(crate) async fn apply(
        &self,
        account: &AccountId,
        tags: &impl AccountTags,
    ) -> Result<(), Failure> {
        if !self.remove.is_empty() {
            tags.remove(account, &self.remove).await?;
        }
        if !self.put.is_empty() {
            tags.put(account, &self.put).await?;
        }
        Ok(())
    }
}

/// The tags that the account has no room for. A part of the failure is better than none of it: what failed comes first.
fn left_out(
    present: &BTreeMap<String, String>,
    remove: &BTreeSet<String>,
    put: &BTreeMap<String, String>,
    owner: &BTreeMap<String, String>,
) -> BTreeSet<String> {
    let room = MOST_TAGS.saturating_sub(present.len() - remove.len());
    let mut new: Vec<&String> = put
        .keys()
        .filter(|key| !present.contains_key(*key))
        .collect();
    let first = ["step", "error", "remedy", "cause"].map(key);
    let rank = |new: &&String| first.iter().position(|first| first == *new);
    new.sort_by_key(|new| match rank(new) {
        Some(rank) => rank + 1,
        None if owner.contains_key(*new) => 0,
        None => first.len() + 1,
    });
    new.into_iter().skip(room).cloned().collect()
}

fn failure_tags(report: &Report) -> BTreeMap<String, String> {
    [
        ("step", report.step.as_str()),
        ("error", &report.error),
        ("cause", &report.cause),
        ("remedy", &report.remedy),
        ("execution", report.execution_name()),
    ]
    .map(|(name, value)| (key(name), clean_tag_value(value)))
    .into()
}

fn key(name: &str) -> String {
    format!("{FAILURE_KEY_PREFIX}{name}")
}

fn keys<S: Serializer>(tags: &BTreeMap<String, String>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(tags.keys())
}

fn shown<S: Serializer>(words: &impl fmt::Display, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&redact_emails(&words.to_string()))
}

impl answer::Plan for Plan {
    fn is_empty(&self) -> bool {
        match self {
            Self::NoAccount | Self::LeaveAlone | Self::LeaveToOthers(_) => true,
            Self::Mark(tags) => tags.is_settled(),
            Self::TellOnly(_) => false,
        }
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAccount => formatter.write_str("nothing to mark: there is no account"),
            Self::LeaveAlone => formatter.write_str(
                "nothing to mark: no step has found that the account is the one of the request",
            ),
            Self::LeaveToOthers(tags) => write!(
                formatter,
                "nothing to mark: the account is another's, {}",
                redact_emails(tags)
            ),
            Self::Mark(tags) if tags.is_settled() => {
                formatter.write_str("nothing to do: the failure is on the account")
            }
            Self::Mark(TagPlan {
                remove,
                put,
                left_out,
            }) => {
                let remove: Vec<&str> = remove.iter().map(String::as_str).collect();
                let put: Vec<&str> = put.keys().map(String::as_str).collect();
                let left_out: Vec<&str> = left_out.iter().map(String::as_str).collect();
                let parts = [
                    ("remove the tags", remove),
                    ("write the tags", put),
                    ("leave out, for lack of room, the tags", left_out),
                ];
                let parts = parts.iter().filter(|(_, keys)| !keys.is_empty());
                let parts: Vec<String> = parts
                    .map(|(doing, keys)| format!("{doing} {}", keys.join(", ")))
                    .collect();
                formatter.write_str(&parts.join("; "))
            }
            Self::TellOnly(failure) => {
                write!(formatter, "tell only, nothing can be marked: {failure}")
            }
        }
    }
}
