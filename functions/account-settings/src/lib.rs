//! Sets the alternate contacts and the budget of the account and enables its opt-in regions: read, compare, show, apply, wait.
//! All of it from the management account: regions come before every step that works in one, and contacts are never printed.

mod budget;
mod plan;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use avm_core::config::LandingZone;
use avm_core::contract::answer::{Answer, Plan as _};
use avm_core::contract::call::{Mode, Request};
use avm_core::domain::{AccountId, AlternateContact, Region};
use avm_core::doors::Door;
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::account_settings::{
    AccountSettings as Settings, ContactKind, Enabling, RegionStatus,
};
use avm_core::step::{Acted, Patience, Step, Wait};
use avm_core::world::World;
use futures_util::future::{try_join, try_join_all};
use serde::{Deserialize, Serialize};

pub use budget::BudgetOutcome;
pub use plan::Plan;

/// The step.
pub struct AccountSettings;

/// What the machine sends.
pub type Call = Request<Notes, Option<Input>>;

/// `{"OnlyRegions": true}` for the call that comes before all other steps; otherwise `{"Budgets": …}`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Input {
    /// All regions are begun with, and those that other steps work in are waited for.
    ///
    /// The rest is not: an administrator of the account can keep regions changing for as long as they like, and what takes people
    /// out of the account comes later.
    #[serde(default)]
    pub only_regions: bool,
    /// Whether budgets are looked at: where the machine is deployed with them, but for an account that cannot have one.
    #[serde(default)]
    pub budgets: bool,
}

/// `{"Contacts": {"billing": "set", …}, "Regions": {"eu-south-1": "enabled", …}, "Budget": "set"}`; of contacts no more than that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Done {
    /// What was done about each contact.
    pub contacts: BTreeMap<ContactKind, ContactOutcome>,
    /// What was done about each region of the landing zone.
    pub regions: BTreeMap<Region, RegionOutcome>,
    /// What was done about the budget.
    #[serde(default, skip_serializing_if = "BudgetOutcome::is_none")]
    pub budget: BudgetOutcome,
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
    /// It was enabled when this state came to it, perhaps by the state Regions, which comes first.
    Unchanged,
    /// It has become enabled.
    Enabled,
}

/// `{"Contacts": {…}, "Regions": […], "Budget": "set"}`: contacts and budget are settled, the regions are waited for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Notes {
    /// What was done about each contact.
    pub contacts: BTreeMap<ContactKind, ContactOutcome>,
    /// The regions that were not enabled when this state came first.
    pub regions: BTreeSet<Region>,
    /// What was done about the budget.
    #[serde(default, skip_serializing_if = "BudgetOutcome::is_none")]
    pub budget: BudgetOutcome,
}

impl Step for AccountSettings {
    const NAME: &'static str = "account-settings";
    const DOORS: &'static [Door] = &[Door::AccountSettings];
    const PROVES_CALLER: bool = false;
    /// About five hours: a region takes minutes as a rule, and may take hours (Account Management, `EnableRegion`).
    const PATIENCE: Option<Patience> = Some(Patience {
        work: Wait {
            looks: 50,
            first: 15,
            growth: 15,
            longest: 600,
        },
        turn: None,
        gives_up: ErrorName::AccountSettingsTimedOut,
    });

    type Call = Call;
    type Plan = Plan;
    type Done = Done;

    /// Reads what the landing zone names, and the budget; what is settled is not read again. Fails with `InvalidConfiguration`
    /// for a region that AWS does not have and a topic that a budget cannot tell, and with `NameTaken` for a budget of others.
    async fn look(call: &Call, world: &impl World) -> Result<Plan, Failure> {
        let budget = async {
            if only_regions(call) || call.notes().is_some() {
                return Ok(Vec::new());
            }
            budget::look(call, world).await
        };
        let (mut plan, budget) = try_join(look_at_settings(call, world), budget).await?;
        plan.budget = budget;
        Ok(plan)
    }

    async fn act(call: &Call, plan: Plan, world: &impl World) -> Result<Acted<Self>, Failure> {
        if plan.is_empty() {
            return Ok(answer(call, plan, &BTreeMap::new()));
        }
        let account = &call.account.account_id;
        let settings = world.account_settings(Door::AccountSettings).await?;
        for kind in &plan.set {
            if let Some(contact) = wanted(&call.order.landing_zone.settings, *kind) {
                settings.set_contact(account, *kind, contact).await?;
            }
        }
        budget::act(call, &plan.budget, world).await?;
        let needed = call.order.regions();
        let mut waiting = enable(&plan, &needed, account, &settings).await?;
        if only_regions(call) {
            waiting.retain(|region, _| needed.contains(region));
        }
        Ok(answer(call, plan, &waiting))
    }
}

/// Contacts and regions: what the landing zone names, and nothing else.
async fn look_at_settings(call: &Call, world: &impl World) -> Result<Plan, Failure> {
    let landing_zone = &call.order.landing_zone.settings;
    let settled = call.notes().map(|notes| &notes.contacts);
    let wanted = &landing_zone.opt_in_regions;
    let is_about_contacts = !only_regions(call) && landing_zone.alternate_contacts.is_some();
    let no_contacts = || ContactKind::ALL.map(|kind| (kind, ContactOutcome::None));
    let is_about_regions = !wanted.is_empty() && !were_waited_for(call);
    if !is_about_contacts && !is_about_regions {
        return Ok(Plan::without_regions(no_contacts().into()));
    }
    let account = &call.account.account_id;
    let settings = &world.account_settings(Door::AccountSettings).await?;
    let contacts = async {
        match settled {
            Some(settled) => Ok(settled.clone()),
            None if !is_about_contacts => Ok(no_contacts().into()),
            None => compare_contacts(landing_zone, account, settings).await,
        }
    };
    let regions = async {
        if !is_about_regions {
            return Ok(None);
        }
        settings.list_regions(account).await.map(Some)
    };
    let (contacts, found) = try_join(contacts, regions).await?;
    let mut plan = Plan::without_regions(contacts);
    if settled.is_some() {
        plan.set.clear();
    }
    match found {
        Some(found) => plan.with_regions(wanted, &found),
        None => Ok(plan),
    }
}

/// Whether the state Regions has waited for every region of the landing zone, which it does for those that steps work in.
fn were_waited_for(call: &Call) -> bool {
    let needed = call.order.regions();
    let mut wanted = call.order.landing_zone.settings.opt_in_regions.iter();
    let is_later = call.mode == Mode::Act && !only_regions(call) && call.notes().is_none();
    is_later && wanted.all(|region| needed.contains(region))
}

fn only_regions(call: &Call) -> bool {
    call.input.is_some_and(|input| input.only_regions)
}

async fn compare_contacts(
    landing_zone: &LandingZone,
    account: &AccountId,
    settings: &impl Settings,
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

/// Begins with as many regions as AWS lets change at once, the needed ones first; says of every region that is not enabled what
/// it waits for.
async fn enable(
    plan: &Plan,
    needed: &BTreeSet<Region>,
    account: &AccountId,
    settings: &impl Settings,
) -> Result<BTreeMap<Region, String>, Failure> {
    let mut waiting: BTreeMap<Region, String> = plan
        .waiting
        .iter()
        .map(|(region, status)| (region.clone(), format!("is {status}")))
        .collect();
    let mut refusal = None;
    let (first, then): (Vec<&Region>, Vec<&Region>) = plan
        .enable
        .iter()
        .partition(|region| needed.contains(*region));
    for (number, region) in first.into_iter().chain(then).enumerate() {
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

fn answer(call: &Call, plan: Plan, waiting: &BTreeMap<Region, String>) -> Acted<AccountSettings> {
    let earlier = call.notes().map(|notes| &notes.regions);
    let budget = call.notes().map_or_else(
        || BudgetOutcome::of(budget::wanted(call), &plan.budget),
        |notes| notes.budget,
    );
    let contacts = plan.contacts;
    if !waiting.is_empty() {
        let words: Vec<String> = waiting
            .iter()
            .map(|(region, words)| format!("{region} {words}"))
            .collect();
        let regions = earlier.into_iter().flatten().chain(waiting.keys());
        let regions = regions.cloned().collect();
        return Answer::Working {
            waiting_for: format!("the regions of the account: {}", words.join("; ")),
            notes: Notes {
                contacts,
                regions,
                budget,
            },
        };
    }
    let outcome = |region: &Region| {
        if earlier.is_some_and(|waited| waited.contains(region)) {
            RegionOutcome::Enabled
        } else {
            RegionOutcome::Unchanged
        }
    };
    let wanted = call.order.landing_zone.settings.opt_in_regions.iter();
    let regions = wanted
        .map(|region| (region.clone(), outcome(region)))
        .collect();
    Answer::Done(Done {
        contacts,
        regions,
        budget,
    })
}
