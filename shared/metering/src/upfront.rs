//! The chargeback of upfront payments: who has paid one in this month, and who gets a part of one back.
//! The bill leads: an upfront is what is billed and not amortized. A plan's start only says which plan it was.

use std::collections::BTreeMap;

use avm_core::config::Metering;
use avm_core::domain::{AccountId, Month};

use crate::line::{Charges, Kind, Line};
use crate::money::{Amount, Cents};
use crate::plan::{Plan, PlanData, PlanKind};
use crate::record::{Class, RecordType};
use crate::time::Moment;

/// The rules of a platform in one month.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    pub settings: &'a Metering,
    pub month: Month,
}

impl Rules<'_> {
    /// Whether plans of that kind and account are charged back.
    fn holds(self, kind: PlanKind, account: &AccountId) -> bool {
        let is_on = match kind {
            PlanKind::ReservedInstance => self.settings.reserved_instance_fair_chargeback,
            PlanKind::SavingsPlan => self.settings.savings_plan_fair_chargeback,
        };
        is_on
            && !self
                .settings
                .fair_chargeback_excluded_accounts
                .contains(account)
    }

    /// Whether an upfront that is billed in this month is charged.
    fn charges(self, kind: PlanKind, account: &AccountId) -> bool {
        let has_begun = self
            .settings
            .fair_chargeback_since
            .is_none_or(|since| self.month >= since);
        has_begun && self.holds(kind, account)
    }

    /// Whether a part of the plan's upfront goes back to who paid it.
    fn discounts(self, plan: &Plan) -> bool {
        let has_begun = self
            .settings
            .fair_chargeback_since
            .is_none_or(|since| plan.start >= Moment::start_of(since));
        has_begun
            && self.holds(plan.kind, &plan.account)
            && !plan.is_returned
            && !plan.amortized_upfront.is_zero()
    }
}

/// Takes the upfronts of an account out of its charges, and makes a line of each.
pub fn payments(
    rules: Rules<'_>,
    account: &AccountId,
    charges: &mut Charges,
    plans: &[&Plan],
) -> Vec<Line> {
    let mut lines = Vec::new();
    for kind in [PlanKind::ReservedInstance, PlanKind::SavingsPlan] {
        if rules.charges(kind, account) {
            for upfront in take_upfronts(charges, kind) {
                lines.extend(lines_of(
                    &upfront,
                    &starting(rules.month, kind, &upfront, plans),
                ));
            }
        }
    }
    lines
}

/// What was billed as the upfront of plans: of Reserved Instances for a service, of Savings Plans for all of them.
struct Upfront {
    service: Option<String>,
    record_type: RecordType,
    amount: Amount,
}

fn take_upfronts(charges: &mut Charges, kind: PlanKind) -> Vec<Upfront> {
    let is_billed_as = |class: Class| match kind {
        PlanKind::ReservedInstance => class == Class::Fee,
        PlanKind::SavingsPlan => matches!(class, Class::SavingsPlanUpfrontFee | Class::Refund),
    };
    // By service; the record type of the fee comes before that of a refund.
    let mut found: BTreeMap<Option<String>, Upfront> = BTreeMap::new();
    for ((_, service, record_type), cost) in &charges.0 {
        if is_billed_as(record_type.class()) {
            let key = match kind {
                PlanKind::ReservedInstance => service.clone(),
                PlanKind::SavingsPlan => None,
            };
            let upfront = found.entry(key.clone()).or_insert_with(|| Upfront {
                service: key,
                record_type: record_type.clone(),
                amount: Amount::ZERO,
            });
            upfront.amount += cost.unblended - cost.amortized;
        }
    }
    found.retain(|_, upfront| !upfront.amount.is_zero());
    for ((_, service, record_type), cost) in &mut charges.0 {
        let is_taken = match kind {
            PlanKind::ReservedInstance => found.contains_key(service),
            PlanKind::SavingsPlan => found.contains_key(&None),
        };
        if is_taken && is_billed_as(record_type.class()) {
            cost.unblended = cost.amortized;
        }
    }
    found.into_values().collect()
}

/// The plans with an upfront that start in the month and can be what was billed.
fn starting<'a>(
    month: Month,
    kind: PlanKind,
    upfront: &Upfront,
    plans: &[&'a Plan],
) -> Vec<&'a Plan> {
    let (from, until) = (Moment::start_of(month), Moment::start_of(month.next()));
    let is_one = |plan: &&&Plan| {
        plan.kind == kind
            && plan.service == upfront.service
            && (from..until).contains(&plan.start)
            && !plan.upfront.is_zero()
    };
    let mut found: Vec<&Plan> = plans.iter().filter(is_one).copied().collect();
    found.sort_by(|one, other| one.id.cmp(&other.id));
    found
}

/// A line for each plan where their upfronts are what was billed, else one line. Together they are what was billed: the part
/// of a cent by which AWS's figures may differ goes to the first.
fn lines_of(upfront: &Upfront, plans: &[&Plan]) -> Vec<Line> {
    let line = |plans: Vec<String>, amount: Amount| Line {
        kind: Kind::UpfrontPayment,
        record_type: Some(upfront.record_type.clone()),
        service: upfront.service.clone(),
        plans,
        amount,
        rounded: amount.rounded(),
        billed: amount,
    };
    let fitting = [0, 1].into_iter().find_map(|form| {
        let amounts: Vec<Amount> = plans
            .iter()
            .map(|plan| plan.possible_upfronts()[form])
            .collect();
        let rest = upfront.amount - amounts.iter().copied().sum();
        (!plans.is_empty() && rest.abs() <= Amount::CENT).then_some((amounts, rest))
    });
    let Some((mut amounts, rest)) = fitting else {
        let ids = plans.iter().map(|plan| plan.id.clone()).collect();
        return vec![line(ids, upfront.amount)];
    };
    if let Some(first) = amounts.first_mut() {
        *first += rest;
    }
    let each = plans.iter().zip(amounts);
    each.map(|(plan, amount)| line(vec![plan.id.clone()], amount))
        .collect()
}

/// The parts of upfronts that go back in this month, by account. It does not matter who used the plan.
pub fn discounts(rules: Rules<'_>, data: [&PlanData; 2]) -> BTreeMap<AccountId, Vec<Line>> {
    let mut lines: BTreeMap<AccountId, Vec<Line>> = BTreeMap::new();
    for data in data {
        let PlanData::Known { plans, window } = data else {
            continue;
        };
        for plan in plans.iter().filter(|plan| rules.discounts(plan)) {
            let (cents, _) = plan.amortized_cents(*window);
            let of_account = lines.entry(plan.account.clone()).or_default();
            of_account.push(discount(plan, cents));
        }
    }
    for of_account in lines.values_mut() {
        of_account
            .sort_by(|one, other| (&one.service, &one.plans).cmp(&(&other.service, &other.plans)));
    }
    lines
}

fn discount(plan: &Plan, cents: Cents) -> Line {
    Line {
        kind: Kind::UpfrontDiscount,
        record_type: None,
        service: plan.service.clone(),
        plans: vec![plan.id.clone()],
        amount: -plan.amortized_upfront,
        rounded: -cents,
        billed: Amount::ZERO,
    }
}
