//! Sets the alternate contacts of the account and enables its opt-in regions: read, compare, show, apply, and wait.
//! All of it from the management account, so a later vend needs no role in the account; contacts are never printed.

mod plan;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod world;

use std::collections::{BTreeMap, BTreeSet};

use avm_core::config::{AlternateContact, LandingZone};
use avm_core::contract::step::{Answer, OnAccount, StepRequest};
use avm_core::domain::{AccountId, Region};
use avm_core::error::Failure;
use avm_core::ports::account_settings::{AccountSettings, ContactKind, Enabling, RegionStatus};
use avm_core::rules::standing_accounts::StandingAccounts;
use futures_util::future::{try_join, try_join_all};
use serde::{Deserialize, Serialize};

use plan::{Plan, RegionPlan};

/// The name of the step: in failures and in the log.
pub const STEP: &str = "account-settings";

/// What the state machine sends.
pub type Request = StepRequest<OnAccount, Progress>;
/// What it is answered.
pub type Response = Answer<Done, Progress>;

/// `{"Contacts": {"billing": "set", …}, "Regions": {"eu-south-1": "enabled", …}}`; of contacts no more than that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Done {
    /// What was done about each contact.
    pub contacts: BTreeMap<ContactKind, ContactOutcome>,
    /// What was done about each region of the landing zone.
    pub regions: BTreeMap<Region, RegionOutcome>,
}

/// What was done about a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ContactOutcome {
    /// The landing zone names none: whatever the account has was not even read.
    None,
    /// It was as the landing zone wants it.
    Unchanged,
    /// It was set.
    Set,
}

/// What was done about a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RegionOutcome {
    /// It was enabled already.
    Unchanged,
    /// It has become enabled.
    Enabled,
}

/// `{"Contacts": {…}, "Regions": […]}`: the contacts are settled, the regions are waited for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Progress {
    /// What was done about each contact.
    pub contacts: BTreeMap<ContactKind, ContactOutcome>,
    /// The regions that were not enabled when this execution came first.
    pub regions: BTreeSet<Region>,
}

/// Brings contacts and regions to what the landing zone says.
///
/// # Errors
/// Those of [`AccountSettings`], and: `InvalidRequest` for an account that the machine stands on,
/// `InvalidConfiguration` for a region that AWS does not have.
pub async fn handle(
    request: &Request,
    standing: &StandingAccounts,
    settings: &impl AccountSettings,
) -> Result<Response, Failure> {
    let account = &request.rest.account.account_id;
    standing.refuse(account, "Account.AccountId")?;
    settle(request, account, settings)
        .await
        .map_err(|failure| failure.of_account(account))
}

async fn settle(
    request: &Request,
    account: &AccountId,
    settings: &impl AccountSettings,
) -> Result<Response, Failure> {
    let landing_zone = &request.order.landing_zone.settings;
    let plan = read(request, account, settings).await?;
    tracing::info!(
        execution = request.execution.name(),
        account = account.as_str(),
        plan = plan.to_string(),
        "settings of the account compared"
    );
    for kind in plan.contacts_to_set() {
        if let Some(contact) = wanted(landing_zone, kind) {
            settings.set_contact(account, kind, contact).await?;
        }
    }
    let waiting = enable(&plan.regions, account, settings).await?;
    Ok(answer(request, &plan, &waiting))
}

/// Reads what the landing zone names, and nothing else; contacts that are settled are not read again.
async fn read(
    request: &Request,
    account: &AccountId,
    settings: &impl AccountSettings,
) -> Result<Plan, Failure> {
    let landing_zone = &request.order.landing_zone.settings;
    let settled = request.progress.as_ref().map(|progress| &progress.contacts);
    let contacts = async {
        match settled {
            Some(settled) => Ok(settled.clone()),
            None => compare_contacts(landing_zone, account, settings).await,
        }
    };
    let regions = async {
        if landing_zone.opt_in_regions.is_empty() {
            return Ok(BTreeMap::new());
        }
        settings.list_regions(account).await
    };
    let (contacts, found) = try_join(contacts, regions).await?;
    Ok(Plan {
        contacts,
        is_new: settled.is_none(),
        regions: RegionPlan::of(&landing_zone.opt_in_regions, &found)?,
    })
}

async fn compare_contacts(
    landing_zone: &LandingZone,
    account: &AccountId,
    settings: &impl AccountSettings,
) -> Result<BTreeMap<ContactKind, ContactOutcome>, Failure> {
    let compared = ContactKind::ALL.map(async |kind| {
        let outcome = match wanted(landing_zone, kind) {
            None => ContactOutcome::None,
            Some(contact) if settings.has_contact(account, kind, contact).await? => {
                ContactOutcome::Unchanged
            }
            Some(_) => ContactOutcome::Set,
        };
        Ok((kind, outcome))
    });
    Ok(try_join_all(compared).await?.into_iter().collect())
}

fn wanted(landing_zone: &LandingZone, kind: ContactKind) -> Option<&AlternateContact> {
    let contacts = landing_zone.alternate_contacts.as_ref()?;
    match kind {
        ContactKind::Billing => contacts.billing.as_ref(),
        ContactKind::Operations => contacts.operations.as_ref(),
        ContactKind::Security => contacts.security.as_ref(),
    }
}

/// Begins with as many regions as AWS lets change at once; says of every region that is not enabled what it waits for.
async fn enable(
    plan: &RegionPlan,
    account: &AccountId,
    settings: &impl AccountSettings,
) -> Result<BTreeMap<Region, String>, Failure> {
    let mut waiting: BTreeMap<Region, String> = plan
        .waiting
        .iter()
        .map(|(region, status)| (region.clone(), format!("is {status}")))
        .collect();
    let mut refusal = None;
    for (number, region) in plan.to_enable.iter().enumerate() {
        let words = if number >= plan.room {
            "waits: AWS changes six regions of an account at once".to_owned()
        } else if let Some(refusal) = &refusal {
            format!("waits: {refusal}")
        } else {
            match settings.start_enabling(account, region).await? {
                Enabling::Started => format!("is {}", RegionStatus::Enabling),
                Enabling::NotNow(words) => {
                    refusal = Some(words.clone());
                    format!("waits: {words}")
                }
            }
        };
        waiting.insert(region.clone(), words);
    }
    Ok(waiting)
}

fn answer(request: &Request, plan: &Plan, waiting: &BTreeMap<Region, String>) -> Response {
    let earlier = request.progress.as_ref().map(|progress| &progress.regions);
    if !waiting.is_empty() {
        let words: Vec<String> = waiting
            .iter()
            .map(|(region, words)| format!("{region} {words}"))
            .collect();
        return Answer::Pending {
            waiting_for: format!("the regions of the account: {}", words.join("; ")),
            progress: Progress {
                contacts: plan.contacts.clone(),
                regions: earlier
                    .into_iter()
                    .flatten()
                    .chain(waiting.keys())
                    .cloned()
                    .collect(),
            },
        };
    }
    let wanted = &request.order.landing_zone.settings.opt_in_regions;
    let outcome = |region: &Region| {
        if earlier.is_some_and(|waited| waited.contains(region)) {
            RegionOutcome::Enabled
        } else {
            RegionOutcome::Unchanged
        }
    };
    Answer::Done(Done {
        contacts: plan.contacts.clone(),
        regions: wanted
            .iter()
            .map(|region| (region.clone(), outcome(region)))
            .collect(),
    })
}
