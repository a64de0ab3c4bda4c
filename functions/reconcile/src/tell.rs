//! What a night comes to: one notice, if there is something to tell, and how much power was left.
//! An account stands once in the notice, under the worst that was found.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::finding::{Finding, Kind};

/// The most accounts of a kind that are named in a notice; the log has all.
const MOST_NAMED: usize = 50;

/// What was found in a night.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Night {
    /// How many accounts were to be looked at.
    accounts: usize,
    /// What each look has found: a finding, or an empty text. A look that broke has none.
    results: Vec<Value>,
}

/// Access roles that were powerful at the end of the night.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Power {
    pub roles: u64,
    /// For how many hours at most the oldest may have been so.
    pub oldest_hours: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Told {
    pub(crate) power: Power,
    notice: Option<Notice>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Notice {
    subject: String,
    message: String,
}

pub(crate) fn tell(night: &Night) -> Told {
    let texts: Vec<&str> = night.results.iter().filter_map(Value::as_str).collect();
    let mut by_kind: BTreeMap<Kind, Vec<Finding>> = BTreeMap::new();
    let mut power = Power {
        roles: 0,
        oldest_hours: 0,
    };
    let mut seen = 0;
    for text in texts {
        let Some(finding) = Finding::of(text) else {
            seen += usize::from(text.is_empty());
            continue;
        };
        seen += 1;
        if finding.kinds.contains(&Kind::Powerful) {
            power.roles += 1;
            power.oldest_hours = power.oldest_hours.max(finding.hours);
        }
        if let Some(worst) = finding.kinds.first() {
            by_kind.entry(*worst).or_default().push(finding);
        }
    }
    let unseen = night.accounts.saturating_sub(seen);
    let notice = notice(&by_kind, power, unseen);
    Told { power, notice }
}

fn notice(by_kind: &BTreeMap<Kind, Vec<Finding>>, power: Power, unseen: usize) -> Option<Notice> {
    let differing: usize = by_kind.values().map(Vec::len).sum();
    if differing + unseen == 0 {
        return None;
    }
    let mut message =
        "The nightly look at the vended accounts found what is not as it was made.\n".to_owned();
    for (kind, findings) in by_kind {
        message.push_str(&section(*kind, findings, power));
    }
    if unseen > 0 {
        let words =
            "could not be looked at: the executions of the map run in avm-reconcile say why";
        // Writing to a text cannot fail.
        let _ = writeln!(message, "\n{unseen} accounts {words}.");
    }
    Some(Notice {
        subject: format!(
            "AVM: {} powerful access roles, {} accounts to look after",
            power.roles,
            differing + unseen
        ),
        message,
    })
}

fn section(kind: Kind, findings: &[Finding], power: Power) -> String {
    let mut text = format!("\n{} ({}).", head(kind), findings.len());
    if kind == Kind::Powerful {
        let _ = write!(
            text,
            " The oldest may have been so for {} hours.",
            power.oldest_hours
        );
    }
    let _ = writeln!(text, " Remedy: {}.", remedy(kind));
    for Finding { account, words, .. } in findings.iter().take(MOST_NAMED) {
        let _ = writeln!(text, "- {account}: {words}");
    }
    if findings.len() > MOST_NAMED {
        let more = findings.len() - MOST_NAMED;
        let _ = writeln!(
            text,
            "- and {more} more, which the log of avm-reconcile names"
        );
    }
    text
}

const fn head(kind: Kind) -> &'static str {
    match kind {
        Kind::Powerful => "Access roles that are powerful without a vend",
        Kind::Downgraded => {
            "Access roles that were powerful without a vend, and have been taken down"
        }
        Kind::RootUser => "Accounts whose root user has credentials",
        Kind::Unread => "Accounts that could not be looked into",
        Kind::Roles => "Roles that are not as they were made",
        Kind::StackSets => "Instances of StackSets that landing zones do not name",
        Kind::Tags => "Tags that do not tell whose the account is",
    }
}

const fn remedy(kind: Kind) -> &'static str {
    match kind {
        Kind::Powerful => {
            "send the request of the account again, or invoke PermissionDowngrade with its id; where both fail, see that the StackSet \
             avm-landing-zone has an instance in the account whose roles nobody has changed"
        }
        Kind::Downgraded => {
            "find out in CloudTrail of the account who gave the role its policies (AttachRolePolicy, PutRolePolicy)"
        }
        Kind::RootUser => {
            "find out in CloudTrail of the account who has made them, and delete them in the management account (IAM, Root access \
             management, or sts:AssumeRoot with the task policy IAMDeleteRootUserCredentials)"
        }
        Kind::Unread => {
            "see that the StackSet avm-landing-zone has an instance in the account and that AVMVerificationRole is as it makes it; for a \
             passing error, the next night looks again"
        }
        Kind::Roles => {
            "find out in CloudTrail of the account who changed the role, and put it back as the StackSet makes it; the guard rails keep \
             tenants from these roles"
        }
        Kind::StackSets => {
            "run the command in the automation account, in the machine's region, which takes away what the instance has made; or write \
             the StackSet into the landing zone again"
        }
        Kind::Tags => {
            "find out in CloudTrail of the management account who changed the tags, write them again, or send the request of the account \
             by its id"
        }
    }
}
