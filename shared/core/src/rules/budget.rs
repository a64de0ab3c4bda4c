//! What takes the budget of an account from what was found to what its landing zone says.
//! The name is the account's; whose a budget is says its tag alone, and one without it is nobody's to change.

use std::fmt;

use crate::domain::{AccountId, Budget, Threshold};
use crate::error::{ErrorName, Failure};
use crate::ports::budgets::{Alert, FoundBudget, Terms};

/// The tag of a budget that a vend has made: the account that it is for.
pub const ACCOUNT_KEY: &str = "avm:account";

/// The name of the budget of an account.
pub fn name_of(account: &AccountId) -> String {
    format!("avm-{account}")
}

/// Whether a vend has made the budget, for that account.
pub fn is_ours(found: &FoundBudget, account: &AccountId) -> bool {
    found.tags.get(ACCOUNT_KEY).map(String::as_str) == Some(account.as_str())
}

/// One change of a budget.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    Create,
    SetTerms,
    RemoveAlert(Alert),
    AddAlert(Threshold),
    Delete,
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Create => formatter.write_str("create the budget"),
            Self::SetTerms => formatter.write_str("set what the budget is about"),
            Self::RemoveAlert(alert) => write!(formatter, "remove the alert {}", alert.words),
            Self::AddAlert(threshold) => write!(formatter, "add the alert at {threshold}"),
            Self::Delete => formatter.write_str("delete the budget"),
        }
    }
}

/// What is to be done, in its order. A budget that nobody wants and that no vend has made is left alone.
///
/// # Errors
/// `NameTaken` where the name is somebody else's.
pub fn changes(
    wanted: Option<&Budget>,
    account: &AccountId,
    found: Option<&FoundBudget>,
) -> Result<Vec<Change>, Failure> {
    match (wanted, found) {
        (None, Some(found)) if is_ours(found, account) => Ok(vec![Change::Delete]),
        (None, _) => Ok(Vec::new()),
        (Some(_), None) => Ok(vec![Change::Create]),
        (Some(wanted), Some(found)) if is_ours(found, account) => Ok(differences(wanted, found)),
        (Some(_), Some(_)) => Err(taken(account)),
    }
}

fn differences(wanted: &Budget, found: &FoundBudget) -> Vec<Change> {
    let is_as_wanted = |alert: &Alert| {
        alert.tells.as_ref() == Some(&wanted.topic_arn)
            && alert
                .threshold
                .is_some_and(|threshold| wanted.thresholds.contains(&threshold))
    };
    let (kept, others): (Vec<&Alert>, Vec<&Alert>) =
        found.alerts.iter().partition(|alert| is_as_wanted(alert));
    let is_kept =
        |threshold: &Threshold| kept.iter().any(|alert| alert.threshold == Some(*threshold));
    let terms = found.terms != Some(Terms::from(wanted));
    let added = wanted
        .thresholds
        .iter()
        .filter(|threshold| !is_kept(threshold));
    // Removed first: a budget has room for a few only, and for each threshold once.
    terms
        .then_some(Change::SetTerms)
        .into_iter()
        .chain(others.into_iter().cloned().map(Change::RemoveAlert))
        .chain(added.copied().map(Change::AddAlert))
        .collect()
}

fn taken(account: &AccountId) -> Failure {
    let name = name_of(account);
    let words = format!(
        "there is a budget {name} in the management account that does not say, by the tag {ACCOUNT_KEY}, that a vend has made it"
    );
    Failure::new(ErrorName::NameTaken, words)
        .of_account(account)
        .with_remedy(format!(
            "look whose the budget is: delete it, or give it the tag {ACCOUNT_KEY} with {account}, then send the request again"
        ))
}
