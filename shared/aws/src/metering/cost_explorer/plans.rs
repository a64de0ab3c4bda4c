//! Answers of the plan operations: attributes of a plan in two spellings, and its part of the window.
//! A plan that cannot be read whole ends the query: a part of a plan would be a wrong discount.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::answers::{GroupPage, Paged, unreadable};
use avm_core::error::Failure;
use avm_metering::money::Amount;
use avm_metering::plan::{Plan, PlanKind};
use avm_metering::time::Moment;

pub(super) type ReservationPage = GroupPage<Reservation>;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Reservation {
    #[serde(default)]
    value: String,
    #[serde(default)]
    attributes: BTreeMap<String, Value>,
    #[serde(default)]
    utilization: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SavingsPlanPage {
    #[serde(default)]
    savings_plans_utilization_details: Vec<SavingsPlan>,
    next_token: Option<String>,
}

impl Paged for SavingsPlanPage {
    const TOKEN: &'static str = "NextToken";

    fn next(&self) -> Option<&str> {
        self.next_token.as_deref().filter(|token| !token.is_empty())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SavingsPlan {
    #[serde(default, rename = "SavingsPlanArn")]
    arn: String,
    #[serde(default)]
    attributes: BTreeMap<String, Value>,
    #[serde(default)]
    amortized_commitment: BTreeMap<String, Value>,
}

/// Fields whose names begin with a small or a capital letter, depending on the operation.
struct Fields<'a>(&'a BTreeMap<String, Value>);

impl Fields<'_> {
    fn find(&self, name: &str) -> Option<&str> {
        let mut fields = self.0.iter();
        let found = fields.find(|(key, _)| key.eq_ignore_ascii_case(name));
        found
            .and_then(|(_, value)| value.as_str())
            .filter(|text| !text.is_empty())
    }

    fn need<Read: std::str::FromStr>(&self, name: &str) -> Result<Read, Failure> {
        let text = self.find(name).ok_or_else(|| lacks(name))?;
        text.parse().map_err(|_| lacks(name))
    }

    fn amount(&self, name: &str) -> Result<Amount, Failure> {
        let text = self.find(name).ok_or_else(|| lacks(name))?;
        Amount::read(text).map_err(|_| lacks(name))
    }

    /// Nothing where AWS tells nothing.
    fn amount_if_told(&self, name: &str) -> Result<Amount, Failure> {
        match self.find(name) {
            Some(_) => self.amount(name),
            None => Ok(Amount::ZERO),
        }
    }

    /// A plan without an upfront need not tell one.
    fn upfront(&self, option: &str) -> Result<Amount, Failure> {
        let has_none = option.eq_ignore_ascii_case("No Upfront");
        if has_none {
            self.amount_if_told("upfrontFee")
        } else {
            self.amount("upfrontFee")
        }
    }
}

fn lacks(name: &str) -> Failure {
    unreadable(&format!("a plan without a readable {name}"))
}

pub(super) fn reservations(
    pages: Vec<ReservationPage>,
    service: &str,
) -> Result<Vec<Plan>, Failure> {
    let groups = pages.into_iter().flat_map(GroupPage::into_groups);
    groups.map(|group| reservation(&group, service)).collect()
}

fn reservation(group: &Reservation, service: &str) -> Result<Plan, Failure> {
    let attributes = Fields(&group.attributes);
    let used = Fields(&group.utilization);
    let option = attributes.find("subscriptionType").unwrap_or_default();
    let id = attributes
        .find("reservationARN")
        .or(attributes.find("subscriptionId"))
        .unwrap_or(&group.value);
    if id.is_empty() {
        return Err(lacks("subscriptionId"));
    }
    let instances = match attributes.find("numberOfInstances") {
        Some(_) => attributes.need::<u16>("numberOfInstances")?.into(),
        None => 1,
    };
    Ok(Plan {
        id: id.to_owned(),
        kind: PlanKind::ReservedInstance,
        account: attributes.need("accountId")?,
        service: Some(service.to_owned()),
        payment_option: option.to_owned(),
        start: attributes.need::<Moment>("startDateTime")?,
        end: attributes.need::<Moment>("endDateTime")?,
        upfront: attributes.upfront(option)?,
        instances,
        amortized_upfront: used.amount("AmortizedUpfrontFee")?,
        amortized_recurring: used.amount_if_told("AmortizedRecurringFee")?,
        // A reservation cannot be given back. One that was modified ends early, and was amortized until then.
        is_returned: false,
    })
}

pub(super) fn savings_plans(pages: Vec<SavingsPlanPage>) -> Result<Vec<Plan>, Failure> {
    let plans = pages
        .into_iter()
        .flat_map(|page| page.savings_plans_utilization_details);
    plans.map(|plan| savings_plan(&plan)).collect()
}

fn savings_plan(plan: &SavingsPlan) -> Result<Plan, Failure> {
    let attributes = Fields(&plan.attributes);
    let amortized = Fields(&plan.amortized_commitment);
    let option = attributes.find("paymentOption").unwrap_or_default();
    let id = attributes.find("savingsPlanARN").unwrap_or(&plan.arn);
    if id.is_empty() {
        return Err(lacks("savingsPlanARN"));
    }
    let status = attributes.find("status").unwrap_or_default();
    let is_returned = ["returned", "pending-return"]
        .iter()
        .any(|returned| status.eq_ignore_ascii_case(returned));
    Ok(Plan {
        id: id.to_owned(),
        kind: PlanKind::SavingsPlan,
        account: attributes.need("accountId")?,
        service: None,
        payment_option: option.to_owned(),
        start: attributes.need::<Moment>("startDateTime")?,
        end: attributes.need::<Moment>("endDateTime")?,
        upfront: attributes.upfront(option)?,
        instances: 1,
        amortized_upfront: amortized.amount("AmortizedUpfrontCommitment")?,
        amortized_recurring: amortized.amount_if_told("AmortizedRecurringCommitment")?,
        is_returned,
    })
}
