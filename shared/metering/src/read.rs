//! A month as it was read: the groups of the bill, the control that they must agree with, and the plans.
//! The control is one small query over everything, so that a part that nobody asked for cannot be missing unseen.

use std::collections::{BTreeMap, BTreeSet};

use avm_core::config::Filter;
use avm_core::domain::{AccountId, Month};
use avm_core::error::{ErrorName, Failure};

use crate::money::{Amount, Currency};
use crate::plan::PlanData;
use crate::record::{Class, RecordType};

/// Both figures of a charge: spread over time, and as billed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    pub amortized: Amount,
    pub unblended: Amount,
}

impl Cost {
    pub const fn is_zero(self) -> bool {
        self.amortized.is_zero() && self.unblended.is_zero()
    }

    /// The sum of both figures.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            amortized: self.amortized + other.amortized,
            unblended: self.unblended + other.unblended,
        }
    }

    /// The difference of both figures.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        Self {
            amortized: self.amortized - other.amortized,
            unblended: self.unblended - other.unblended,
        }
    }

    /// Whether neither figure is more than a cent.
    pub fn is_negligible(self) -> bool {
        self.amortized.abs() <= Amount::CENT && self.unblended.abs() <= Amount::CENT
    }
}

/// A group of the control: all accounts together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlGroup {
    pub service: String,
    pub record_type: RecordType,
    pub cost: Cost,
    /// The currencies of the figures that are not zero, as AWS writes them.
    pub currencies: BTreeSet<String>,
}

/// A group of one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CostGroup {
    pub account: AccountId,
    /// None where record types are read together.
    pub service: Option<String>,
    pub record_type: RecordType,
    pub cost: Cost,
}

/// An answer of Cost Explorer: what it says, and whether it may still change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer<Group> {
    pub groups: Vec<Group>,
    pub is_estimated: bool,
}

/// Everything that is known of a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonthRead {
    pub month: Month,
    pub control: Vec<ControlGroup>,
    pub groups: Vec<CostGroup>,
    /// Whether any answer may still change.
    pub is_estimated: bool,
    pub reservations: PlanData,
    pub savings_plans: PlanData,
}

/// A record type of the month: what the control says, and how far the groups are from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub record_type: RecordType,
    pub control: Cost,
    pub difference: Cost,
}

impl MonthRead {
    /// Without what the filter leaves out.
    #[must_use]
    pub fn filtered(mut self, filter: Filter) -> Self {
        self.control
            .retain(|group| is_kept(filter, &group.record_type));
        self.groups
            .retain(|group| is_kept(filter, &group.record_type));
        self
    }

    /// Each record type of the month with what is missing in the groups: the control less their sum.
    pub fn partition(&self) -> Vec<Part> {
        let mut sums: BTreeMap<&RecordType, [Cost; 2]> = BTreeMap::new();
        for group in &self.control {
            let sum = &mut sums.entry(&group.record_type).or_default()[0];
            *sum = sum.plus(group.cost);
        }
        for group in &self.groups {
            let sum = &mut sums.entry(&group.record_type).or_default()[1];
            *sum = sum.plus(group.cost);
        }
        let part = |(record_type, [control, found]): (&RecordType, [Cost; 2])| Part {
            record_type: record_type.clone(),
            control,
            difference: control.minus(found),
        };
        sums.into_iter()
            .map(part)
            .filter(|part| !part.control.is_zero() || !part.difference.is_zero())
            .collect()
    }

    /// Whether the groups are all of the bill that the filter keeps, to the cent and by record type.
    pub fn agrees(&self, filter: Filter) -> bool {
        self.partition()
            .iter()
            .filter(|part| is_kept(filter, &part.record_type))
            .all(|part| part.difference.is_negligible())
    }
}

fn is_kept(filter: Filter, record_type: &RecordType) -> bool {
    filter != Filter::ExcludeTax || record_type.class() != Class::Tax
}

/// The one currency of a control; that of the first AWS accounts where nothing was charged.
///
/// # Errors
/// `UnsupportedCurrency` and `MixedCurrencies`, with the currencies and the services in which they were found.
pub fn currency_of(control: &[ControlGroup]) -> Result<Currency, Failure> {
    let mut found: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for group in control {
        for currency in &group.currencies {
            let services = found.entry(currency).or_default();
            services.insert(&group.service);
        }
    }
    let codes: Vec<&str> = found.keys().copied().collect();
    match codes[..] {
        [] => Ok(Currency::Usd),
        [code] => Currency::find(code)
            .ok_or_else(|| Failure::new(ErrorName::UnsupportedCurrency, told(&found))),
        _ => Err(Failure::new(ErrorName::MixedCurrencies, told(&found))),
    }
}

fn told(found: &BTreeMap<&str, BTreeSet<&str>>) -> String {
    let words: Vec<String> = found
        .iter()
        .map(|(currency, services)| {
            let services: Vec<&str> = services.iter().copied().collect();
            format!("{currency} ({})", services.join(", "))
        })
        .collect();
    format!("Cost Explorer answers in {}", words.join("; "))
}

/// The services whose reservations have left a record: only of those can AWS tell what became of their plans.
pub fn services_of_reservations(control: &[ControlGroup]) -> BTreeSet<&str> {
    let is_of_one = |group: &&ControlGroup| match group.record_type.class() {
        Class::DiscountedUsage | Class::ReservationFee => !group.cost.is_zero(),
        // What is billed and not amortized is an upfront; all other fees are the same in both figures.
        Class::Fee => group.cost.amortized != group.cost.unblended,
        _ => false,
    };
    control
        .iter()
        .filter(is_of_one)
        .map(|group| group.service.as_str())
        .collect()
}

/// Whether a control has a record of a Savings Plan.
pub fn has_savings_plans(control: &[ControlGroup]) -> bool {
    control.iter().any(|group| {
        !group.cost.is_zero()
            && matches!(
                group.record_type.class(),
                Class::SavingsPlanCoveredUsage
                    | Class::SavingsPlanNegation
                    | Class::SavingsPlanRecurringFee
                    | Class::SavingsPlanUpfrontFee
            )
    })
}

/// The record types of a control that have cost something, as AWS spells them.
pub fn record_types(control: &[ControlGroup]) -> BTreeSet<&RecordType> {
    control
        .iter()
        .filter(|group| !group.cost.is_zero())
        .map(|group| &group.record_type)
        .collect()
}
