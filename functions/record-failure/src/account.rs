//! The failure on the account's tags: what failed is written, the tags that say "done" are taken away.
//! Only of an account that a step has found for the order; one that only the request names may be anybody's.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use avm_core::domain::{AccountId, COMPLETION_KEYS, FAILURE_KEY_PREFIX, clean_tag_value};
use avm_core::error::Failure;
use avm_core::ports::account_tags::AccountTags;
use avm_core::rules::owner::{Claim, Owner};

use crate::report::Report;

/// What became of the account's tags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Marking {
    /// There is no account to mark.
    NoAccount,
    /// The account carries the failure and no completion tags.
    Marked,
    /// The account was left alone: no step has found that it is the one of the request.
    LeftAlone,
    /// The account was left alone: its tags, as told here, name another owner by now.
    Anothers(String),
    /// The account could not be marked.
    Refused(Failure),
}

impl fmt::Display for Marking {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAccount => formatter.write_str("no account"),
            Self::Marked => formatter.write_str("marked"),
            Self::LeftAlone => formatter.write_str("left alone"),
            Self::Anothers(tags) => write!(formatter, "left alone, it is another's: {tags}"),
            Self::Refused(failure) => write!(formatter, "refused: {failure}"),
        }
    }
}

/// Read, diff, apply: the completion tags go first, because they are what meshStack acts upon. An account that somebody
/// else has tagged as theirs since it was found is not touched.
///
/// # Errors
/// Those of the tags.
pub(crate) async fn mark(
    report: &Report,
    account: &AccountId,
    now: &str,
    tags: &impl AccountTags,
) -> Result<Marking, Failure> {
    let present = tags.list(account).await?;
    let claim = report.owner.as_ref().map(|owner| owner.claim(&present));
    if let Some(Claim::Anothers(others)) = claim {
        return Ok(Marking::Anothers(others));
    }
    let done: BTreeSet<String> = COMPLETION_KEYS
        .into_iter()
        .filter(|key| present.contains_key(*key))
        .map(str::to_owned)
        .collect();
    if !done.is_empty() {
        tags.remove(account, &done).await?;
    }
    let wanted = failure_tags(report);
    let is_told = wanted
        .iter()
        .all(|(key, value)| present.get(key) == Some(value));
    // Without the completion tags nothing else says whose account this is.
    let mut written = report.owner.as_ref().map(Owner::tags).unwrap_or_default();
    written.retain(|key, _| !present.contains_key(key));
    if !is_told {
        written.extend(wanted);
        written.insert(key("at"), now.to_owned());
    }
    if !written.is_empty() {
        tags.put(account, &written).await?;
    }
    Ok(Marking::Marked)
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
