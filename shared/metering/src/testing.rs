//! Samples for tests: months as Cost Explorer would tell them, written the way the specification's examples are.
//! `P` buys, `U` uses, `M` manages; the control is made of the groups.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};

use avm_core::config::{Filter, Metering, Metric};
use avm_core::domain::AccountId;

use crate::bill::Bill;
use crate::documents::{AccountState, Owner, OwnerSource};
use crate::money::Amount;
use crate::plan::{Plan, PlanData, PlanKind};
use crate::publish::{AccountInfo, Documents, Edition, Publication};
use crate::read::{ControlGroup, Cost, CostGroup, MonthRead, services_of_reservations};
use crate::time::{Moment, Window};

pub const M: &str = "111111111111";
pub const P: &str = "222222222222";
pub const U: &str = "333333333333";
/// The service of the examples' reservations.
pub const RDS: &str = "Amazon Relational Database Service";
pub const EC2: &str = "Amazon Elastic Compute Cloud - Compute";

/// An account id.
pub fn account(id: &str) -> AccountId {
    id.parse().unwrap()
}

/// An amount as AWS writes it.
pub fn amount(text: &str) -> Amount {
    Amount::read(text).unwrap()
}

/// A moment.
pub fn moment(text: &str) -> Moment {
    text.parse().unwrap()
}

/// Both flags on, nothing filtered.
pub fn settings() -> Metering {
    Metering {
        filter: Filter::None,
        reserved_instance_fair_chargeback: true,
        savings_plan_fair_chargeback: true,
        fair_chargeback_since: None,
        fair_chargeback_excluded_accounts: BTreeSet::new(),
        metric: Metric::AmortizedCost,
        final_from_day: 8,
        recheck_days: [10, 15, 20].into(),
        backfill_months: 1,
        max_requests_per_run: 500,
    }
}

/// A group: account, record type, amortized, unblended; with a service where Cost Explorer is asked for one.
pub fn group(of: &str, record_type: &str, service: &str, costs: [&str; 2]) -> CostGroup {
    let record_type = record_type.into();
    let [amortized, unblended] = costs.map(amount);
    let mut group = CostGroup {
        account: account(of),
        service: None,
        record_type,
        cost: Cost {
            amortized,
            unblended,
        },
    };
    if group.record_type.is_read_by_service() {
        group.service = Some(service.to_owned());
    }
    group
}

/// The control that agrees with the groups.
pub fn control_of(groups: &[CostGroup]) -> Vec<ControlGroup> {
    let mut sums: BTreeMap<(String, _), Cost> = BTreeMap::new();
    for group in groups {
        let service = group.service.clone();
        let service = service.unwrap_or_else(|| "Savings Plans for AWS Compute usage".to_owned());
        let sum = sums
            .entry((service, group.record_type.clone()))
            .or_default();
        *sum = sum.plus(group.cost);
    }
    sums.into_iter()
        .map(|((service, record_type), cost)| ControlGroup {
            service,
            record_type,
            cost,
            currencies: BTreeSet::from_iter((!cost.is_zero()).then(|| "USD".to_owned())),
        })
        .collect()
}

/// A plan of `P` for the year 2026 with that upfront, and the part of it that AWS tells for the month.
pub fn plan(kind: PlanKind, upfront: &str, amortized: &str) -> Plan {
    let (id, service) = match kind {
        PlanKind::ReservedInstance => ("arn:aws:rds:eu-central-1:222222222222:ri:r1", Some(RDS)),
        PlanKind::SavingsPlan => ("arn:aws:savingsplans::222222222222:savingsplan/s1", None),
    };
    Plan {
        id: id.to_owned(),
        kind,
        account: account(P),
        service: service.map(str::to_owned),
        payment_option: "All Upfront".to_owned(),
        start: moment("2026-01-01T00:00:00Z"),
        end: moment("2026-12-31T23:59:59Z"),
        upfront: amount(upfront),
        instances: 1,
        amortized_upfront: amount(amortized),
        amortized_recurring: Amount::ZERO,
        is_returned: false,
    }
}

/// A month with these groups and plans, of which everything is known.
pub fn month_read(month: &str, groups: Vec<CostGroup>, plans: Vec<Plan>) -> MonthRead {
    let month = month.parse().unwrap();
    let control = control_of(&groups);
    let window = Window {
        month,
        end: Moment::start_of(month.next()),
    };
    let (reservations, savings_plans): (Vec<Plan>, Vec<Plan>) = plans
        .into_iter()
        .partition(|plan| plan.kind == PlanKind::ReservedInstance);
    let data = |plans: Vec<Plan>, has_any: bool| {
        if has_any || !plans.is_empty() {
            PlanData::Known { plans, window }
        } else {
            PlanData::NoPlans
        }
    };
    let has_reservations = !services_of_reservations(&control).is_empty();
    let has_savings_plans = crate::read::has_savings_plans(&control);
    MonthRead {
        month,
        control,
        groups,
        is_estimated: false,
        reservations: data(reservations, has_reservations),
        savings_plans: data(savings_plans, has_savings_plans),
    }
}

/// What is known of the accounts of a bill: names, and an owner for each.
pub fn infos(bill: &Bill) -> BTreeMap<AccountId, AccountInfo> {
    let info = |id: &AccountId| AccountInfo {
        name: format!("account-{}", &id.as_str()[..3]),
        state: AccountState::Active,
        owner: Some(Owner {
            workspace: "likvid".to_owned(),
            project: "payments-prod".to_owned(),
            source: OwnerSource::CompletionTags,
        }),
        previous_owner: None,
    };
    bill.accounts
        .keys()
        .map(|id| (id.clone(), info(id)))
        .collect()
}

/// The documents of a bill as its first final version.
pub fn documents(bill: &Bill, settings: &Metering) -> Documents {
    let publication = Publication {
        bill,
        settings,
        accounts: &infos(bill),
        payer: &account(M),
    };
    Documents::of(publication, Edition::FIRST).unwrap()
}
