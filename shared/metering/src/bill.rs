//! The bill of a month: every account's lines, charged back and rounded, with the sums that prove it.
//! A function of what was read and of the settings alone: the same month gives the same bill.

use std::collections::BTreeMap;

use avm_core::config::Metering;
use avm_core::domain::{AccountId, Month};
use avm_core::error::Failure;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::line::{Charges, Kind, Line};
use crate::money::{Amount, Cents, Currency};
use crate::plan::{Plan, PlanCoverage, PlanData};
use crate::read::{ControlGroup, Cost, CostGroup, MonthRead, Part, currency_of};
use crate::record::RecordType;
use crate::rounding::share_out;
use crate::upfront::{self, Rules};

/// A month in lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bill {
    pub month: Month,
    pub currency: Currency,
    /// The lines of every account that has any, in the order of documents.
    pub accounts: BTreeMap<AccountId, Vec<Line>>,
    /// What the control has and no account.
    pub unattributed: Vec<Line>,
    pub partition: Vec<Part>,
    /// The record types that the control has for one service only, with that service.
    pub only_services: BTreeMap<RecordType, String>,
    pub coverage: PlanCoverage,
    /// The plans of the month, by id.
    pub plans: Vec<BilledPlan>,
    pub is_estimated: bool,
    /// Both kinds are charged back for everybody, and all of it is known: then what is charged is what was billed.
    pub is_cash: bool,
}

/// A plan with the upfront that its parts are of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BilledPlan {
    pub plan: Plan,
    pub upfront: Amount,
}

/// Three sums over lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sums {
    pub amount: Amount,
    pub rounded: Cents,
    pub billed: Amount,
}

impl Sums {
    /// The sums over lines; cents are added, never rounded again.
    pub fn of<'a>(lines: impl IntoIterator<Item = &'a Line>) -> Self {
        lines.into_iter().fold(Self::default(), |sums, line| Self {
            amount: sums.amount + line.amount,
            rounded: sums.rounded + line.rounded,
            billed: sums.billed + line.billed,
        })
    }
}

impl Bill {
    /// The bill of a month.
    ///
    /// # Errors
    /// The month has no currency, or more than one.
    pub fn of(read: MonthRead, settings: &Metering) -> Result<Self, Failure> {
        let currency = currency_of(&read.control)?;
        let read = read.filtered(settings.filter);
        let rules = Rules {
            settings,
            month: read.month,
        };
        let data = [&read.reservations, &read.savings_plans];
        let partition = read.partition();
        let mut unattributed = unattributed(&partition);
        let mut accounts = lines_by_account(rules, &read);
        round(&mut accounts, &mut unattributed);
        for (account, lines) in upfront::discounts(rules, data) {
            accounts.entry(account).or_default().extend(lines);
        }
        accounts.retain(|_, lines| !lines.is_empty());
        let coverage = PlanCoverage::of(data);
        Ok(Self {
            month: read.month,
            currency,
            accounts,
            unattributed,
            partition,
            only_services: only_services(&read.control),
            coverage,
            plans: billed_plans(data),
            is_estimated: read.is_estimated,
            is_cash: coverage == PlanCoverage::Complete && is_for_everybody(settings),
        })
    }

    /// Every line, those outside of accounts last.
    pub fn lines(&self) -> impl Iterator<Item = &Line> {
        self.accounts.values().flatten().chain(&self.unattributed)
    }

    /// Whether nothing of it can change by itself any more, as far as AWS says.
    pub fn is_settled(&self) -> bool {
        !self.is_estimated && self.coverage.is_enough() && self.unattributed.is_empty()
    }

    /// Both figures of the control.
    pub fn control(&self) -> Cost {
        self.partition
            .iter()
            .fold(Cost::default(), |sum, part| sum.plus(part.control))
    }
}

fn is_for_everybody(settings: &Metering) -> bool {
    settings.reserved_instance_fair_chargeback
        && settings.savings_plan_fair_chargeback
        && settings.fair_chargeback_since.is_none()
        && settings.fair_chargeback_excluded_accounts.is_empty()
}

fn only_services(control: &[ControlGroup]) -> BTreeMap<RecordType, String> {
    let mut services: BTreeMap<&RecordType, Vec<&String>> = BTreeMap::new();
    for group in control {
        services
            .entry(&group.record_type)
            .or_default()
            .push(&group.service);
    }
    services
        .into_iter()
        .filter_map(|(record_type, services)| match services[..] {
            [only] => Some((record_type.clone(), only.clone())),
            _ => None,
        })
        .collect()
}

/// A line for each record type of which more than a cent belongs to no account.
fn unattributed(partition: &[Part]) -> Vec<Line> {
    partition
        .iter()
        .filter(|part| !part.difference.is_negligible())
        .map(|part| Line {
            kind: Kind::Unattributed,
            record_type: Some(part.record_type.clone()),
            service: None,
            plans: Vec::new(),
            amount: part.difference.amortized,
            rounded: Cents::ZERO,
            billed: part.difference.unblended,
        })
        .collect()
}

/// What AWS charges each account, and the upfronts it has paid.
fn lines_by_account(rules: Rules<'_>, read: &MonthRead) -> BTreeMap<AccountId, Vec<Line>> {
    let mut groups: BTreeMap<&AccountId, Vec<&CostGroup>> = BTreeMap::new();
    for group in &read.groups {
        groups.entry(&group.account).or_default().push(group);
    }
    let mut plans: BTreeMap<&AccountId, Vec<&Plan>> = BTreeMap::new();
    let known = [&read.reservations, &read.savings_plans];
    for plan in known.into_iter().flat_map(PlanData::plans) {
        plans.entry(&plan.account).or_default().push(plan);
    }
    groups
        .into_iter()
        .map(|(account, groups)| {
            let mut charges = Charges::of(groups);
            let of_account = plans.get(account).map_or(&[][..], Vec::as_slice);
            let payments = upfront::payments(rules, account, &mut charges, of_account);
            let mut lines = charges.into_lines();
            lines.extend(payments);
            (account.clone(), lines)
        })
        .collect()
}

/// Gives AWS's lines cents whose sum is the rounded sum of the organization: first to accounts, then to their lines.
fn round(accounts: &mut BTreeMap<AccountId, Vec<Line>>, unattributed: &mut [Line]) {
    let mut pools: Vec<Vec<&mut Line>> = accounts
        .values_mut()
        .map(|lines| {
            let of_aws = lines.iter_mut().filter(|line| !line.kind.is_chargeback());
            of_aws.collect()
        })
        .collect();
    pools.push(unattributed.iter_mut().collect());
    let sum = |pool: &Vec<&mut Line>| pool.iter().map(|line| line.amount).sum::<Amount>();
    let sums: Vec<Amount> = pools.iter().map(sum).collect();
    let target = sums.iter().copied().sum::<Amount>().rounded();
    for (pool, share) in pools.into_iter().zip(share_out(target, &sums)) {
        let amounts: Vec<Amount> = pool.iter().map(|line| line.amount).collect();
        for (line, cents) in pool.into_iter().zip(share_out(share, &amounts)) {
            line.rounded = cents;
        }
    }
}

fn billed_plans(data: [&PlanData; 2]) -> Vec<BilledPlan> {
    let mut plans = Vec::new();
    for data in data {
        if let PlanData::Known {
            plans: known,
            window,
        } = data
        {
            plans.extend(known.iter().map(|plan| BilledPlan {
                plan: plan.clone(),
                upfront: plan.amortized_cents(*window).1,
            }));
        }
    }
    plans.sort_by(|one, other| one.plan.id.cmp(&other.plan.id));
    plans
}
