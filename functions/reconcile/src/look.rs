//! A look at one account: whether it is vended, what its roles and tags are, and whether a vend is at work on it.
//! An account that is vended right now is left alone: its roles are as the vend needs them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use avm_core::config::{LandingZone, read_document};
use avm_core::domain::{
    AccountId, Email, LANDING_ZONE_KEY, LANDING_ZONE_PARAMETERS, LandingZoneName, Moment,
};
use avm_core::doors::Door;
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::account_tags::AccountTags;
use avm_core::ports::accounts::{AccountState, Accounts, FoundAccount};
use avm_core::ports::documents::Documents;
use avm_core::ports::executions::RunningVends;
use avm_core::rules::turn::is_vend_of;
use avm_core::world::World;
use futures_util::try_join;
use serde::Serialize;

use crate::finding::{Finding, Kind};
use crate::{Settings, Subject, owner, roles, root_user, stack_sets};

/// What the machine does next, and tells in the end.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Looked {
    /// The finding; empty: there is nothing to tell.
    found: String,
    /// Whether the access role is to be taken down now.
    downgrade: bool,
}

pub(crate) async fn look(
    subject: &Subject,
    settings: &Settings,
    world: &impl World,
) -> Result<Looked, Failure> {
    let seen = see(subject, settings, world).await?;
    let before = subject.before.as_deref().and_then(Finding::of);
    let downgrade = before.is_none()
        && matches!(
            &seen,
            Seen::Differs {
                can_be_taken_down: true,
                ..
            }
        );
    let finding = match before {
        None => seen.finding(),
        Some(before) => after_a_downgrade(before, seen, subject.refusal.as_deref()),
    };
    if let Some(finding) = &finding {
        tracing::warn!(
            step = crate::NAME,
            account = %finding.account,
            found = finding.text(usize::MAX),
            downgrade,
            "not as it was made"
        );
    }
    Ok(Looked {
        found: finding.map_or_else(String::new, |finding| finding.text(subject.room)),
        downgrade,
    })
}

/// What is told of an account that was to be taken down: what it carried is told, unless a vend has come to work on it.
fn after_a_downgrade(before: Finding, now: Seen, refusal: Option<&str>) -> Option<Finding> {
    if matches!(now, Seen::LeftAlone) {
        return None;
    }
    let now = now.finding();
    let mut kinds = now
        .as_ref()
        .map(|now| now.kinds.clone())
        .unwrap_or_default();
    let now = now.map(|now| now.words);
    let words = if kinds.contains(&Kind::Powerful) {
        let why = refusal.unwrap_or("IAM shows the old policies");
        let carried = now.unwrap_or(before.words);
        format!("could not be taken down ({why}): {carried}")
    } else {
        kinds.insert(Kind::Downgraded);
        let taken = format!("taken down: {}", before.words);
        [taken]
            .into_iter()
            .chain(now)
            .collect::<Vec<String>>()
            .join("; ")
    };
    Some(Finding {
        kinds,
        words,
        ..before
    })
}

/// What a look has found.
enum Seen {
    /// The account is nobody's of ours, or all is well.
    NothingToTell,
    /// A vend is at work on it, or it is closed.
    LeftAlone,
    Differs {
        finding: Finding,
        can_be_taken_down: bool,
    },
}

impl Seen {
    fn finding(self) -> Option<Finding> {
        match self {
            Self::Differs { finding, .. } => Some(finding),
            Self::NothingToTell | Self::LeftAlone => None,
        }
    }
}

async fn see(subject: &Subject, settings: &Settings, world: &impl World) -> Result<Seen, Failure> {
    let account = &subject.account;
    let tags = world.account_tags(Door::Reconcile).await?;
    let tags = tags.list(account).await?;
    if !owner::is_vended(&tags, &settings.machine) {
        return Ok(Seen::NothingToTell);
    }
    let mut told: Vec<(Kind, String)> = Vec::new();
    let mut tell = |kind: Kind, words: Vec<String>| {
        told.extend(words.into_iter().map(|words| (kind, words)));
    };
    let zone = match zone_of(&tags, world).await? {
        Ok(zone) => zone,
        Err(words) => {
            tell(Kind::Tags, vec![words]);
            None
        }
    };
    let roles = roles::look(account, zone.as_ref(), settings, world).await?;
    let can_be_taken_down = !roles.power.is_empty();
    tell(Kind::Powerful, roles.power);
    // Whoever cannot read the roles has been told so.
    if roles.unread.is_none()
        && let Some((kind, words)) = root_user::look(world).await?
    {
        tell(kind, vec![words]);
    }
    if let Some(cause) = roles.unread {
        let words = format!("cannot be looked into: {cause}");
        tell(Kind::Unread, vec![words]);
        // CreateAccount makes the access role an administrator's, and nobody has taken it down yet.
        if !owner::has_been_completed(&tags) {
            tell(
                Kind::Powerful,
                vec!["was never vended to the end".to_owned()],
            );
        }
    }
    tell(Kind::Roles, roles.differences);
    if let Some(zone) = &zone {
        let (kind, words) = stack_sets::look(subject, zone, world).await?;
        tell(kind, words);
    }
    tell(Kind::Tags, owner::differences(&tags));
    if told.is_empty() {
        return Ok(Seen::NothingToTell);
    }
    let Some(found) = at_rest(account, world).await? else {
        return Ok(Seen::LeftAlone);
    };
    let words: Vec<String> = told.iter().map(|(_, words)| words.clone()).collect();
    let finding = Finding {
        account: account.clone(),
        kinds: told
            .into_iter()
            .map(|(kind, _)| kind)
            .collect::<BTreeSet<Kind>>(),
        hours: hours(&tags, &found, world),
        words: words.join("; "),
    };
    Ok(Seen::Differs {
        finding,
        can_be_taken_down,
    })
}

/// The landing zone that the account is held to, if there is one; or what is wrong with it, in words.
async fn zone_of(
    tags: &BTreeMap<String, String>,
    world: &impl World,
) -> Result<Result<Option<LandingZone>, String>, Failure> {
    let Some(name) = tags.get(LANDING_ZONE_KEY) else {
        return Ok(Ok(None));
    };
    let Ok(name) = name.parse::<LandingZoneName>() else {
        let words = format!("tag {LANDING_ZONE_KEY} names no landing zone");
        return Ok(Err(words));
    };
    let parameter = format!("{LANDING_ZONE_PARAMETERS}{name}");
    let documents = world.documents(Door::Own).await?;
    let Some(stored) = documents.find_document(&parameter).await? else {
        return Ok(Err(format!("there is no document {parameter}")));
    };
    match read_document::<LandingZone>(&parameter, &stored.text) {
        Ok(zone) => Ok(Ok(Some(zone))),
        Err(failure) if failure.name() == ErrorName::InvalidConfiguration => {
            Ok(Err(failure.cause().to_owned()))
        }
        Err(failure) => Err(failure),
    }
}

/// The account, if it is active and no vend is at work on it.
async fn at_rest(account: &AccountId, world: &impl World) -> Result<Option<FoundAccount>, Failure> {
    let (accounts, vends) = try_join!(world.accounts(Door::Reconcile), world.vends(Door::Own))?;
    let (found, running) = try_join!(accounts.find_account(account), vends.list_running())?;
    Ok(found.filter(|found| {
        let addresses: Vec<&Email> = found.email.iter().collect();
        let is_vended = running
            .iter()
            .any(|vend| is_vend_of(&vend.name, &found.id, &addresses));
        found.state == AccountState::Active && !is_vended
    }))
}

/// For how many hours at most the access role may have been powerful: since a vend has proved that it was not, else since the
/// account is there.
fn hours(tags: &BTreeMap<String, String>, found: &FoundAccount, world: &impl World) -> u64 {
    let since = owner::completed(tags).or(found.joined);
    let now = world.time(Duration::ZERO).parse::<Moment>();
    match (now, since) {
        (Ok(now), Some(since)) => now.hours_since(since),
        _ => 0,
    }
}
