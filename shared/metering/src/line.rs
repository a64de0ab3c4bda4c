//! The lines of a report: what AWS charged, and what the chargeback adds to it.
//! Lines are made of an account's groups; the order of the groups does not matter.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::money::{Amount, Cents};
use crate::plan::PlanKind;
use crate::read::{Cost, CostGroup};
use crate::record::{Class, RecordType};

/// What a line is; the order is that of all documents.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// Usage at its price.
    Usage,
    /// Usage that a Reserved Instance covers.
    ReservationCoveredUsage,
    /// Usage that a Savings Plan covers.
    SavingsPlanCoveredUsage,
    /// What nobody used of a Reserved Instance.
    UnusedReservation,
    /// What nobody used of a Savings Plan.
    UnusedSavingsPlan,
    /// A fee, e.g. of the marketplace; also an upfront that is not charged back.
    Fee,
    /// A discount of AWS.
    Discount,
    /// A credit of AWS.
    Credit,
    /// A refund of AWS.
    Refund,
    /// A tax.
    Tax,
    /// A record type that nobody knew when this was written.
    Other,
    /// What the control has and no account.
    Unattributed,
    /// An upfront that was billed in this month, to the account that bought the plan.
    UpfrontPayment,
    /// The amortized part of an upfront, back to the account that paid it.
    UpfrontDiscount,
}

impl Kind {
    /// The kind of what AWS charges under that record type.
    pub const fn of(class: Class) -> Self {
        match class {
            Class::Usage => Self::Usage,
            Class::DiscountedUsage => Self::ReservationCoveredUsage,
            Class::SavingsPlanCoveredUsage => Self::SavingsPlanCoveredUsage,
            Class::ReservationFee => Self::UnusedReservation,
            Class::SavingsPlanRecurringFee => Self::UnusedSavingsPlan,
            Class::Fee | Class::SavingsPlanUpfrontFee => Self::Fee,
            Class::Discount => Self::Discount,
            Class::Credit => Self::Credit,
            Class::Refund => Self::Refund,
            Class::Tax => Self::Tax,
            Class::SavingsPlanNegation | Class::Other => Self::Other,
        }
    }

    /// As documents write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Usage => "usage",
            Self::ReservationCoveredUsage => "reservationCoveredUsage",
            Self::SavingsPlanCoveredUsage => "savingsPlanCoveredUsage",
            Self::UnusedReservation => "unusedReservation",
            Self::UnusedSavingsPlan => "unusedSavingsPlan",
            Self::Fee => "fee",
            Self::Discount => "discount",
            Self::Credit => "credit",
            Self::Refund => "refund",
            Self::Tax => "tax",
            Self::Other => "other",
            Self::Unattributed => "unattributed",
            Self::UpfrontPayment => "upfrontPayment",
            Self::UpfrontDiscount => "upfrontDiscount",
        }
    }

    /// Whether the chargeback made it; all others are AWS's.
    pub const fn is_chargeback(self) -> bool {
        matches!(self, Self::UpfrontPayment | Self::UpfrontDiscount)
    }
}

/// A line of a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Line {
    pub kind: Kind,
    /// The record type in AWS's spelling.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record_type: Option<RecordType>,
    /// Absent where AWS was asked for all services together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The plans whose upfront it is, as far as AWS tells.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub plans: Vec<String>,
    /// What the owner pays, exactly.
    pub amount: Amount,
    /// What the owner pays, in cents that add up.
    pub rounded: Cents,
    /// What was on the bill.
    pub billed: Amount,
}

impl Line {
    /// The kind of the plan whose upfront it is: those of Savings Plans are told for all services together.
    pub fn plan_kind(&self) -> Option<PlanKind> {
        let kind = if self.service.is_some() {
            PlanKind::ReservedInstance
        } else {
            PlanKind::SavingsPlan
        };
        self.kind.is_chargeback().then_some(kind)
    }
}

/// What makes a line of AWS one line: its kind, its service and its record type, in the order of documents.
type Key = (Kind, Option<String>, RecordType);

/// What AWS has charged an account, by line.
#[derive(Clone, Debug, Default)]
pub struct Charges(pub(crate) BTreeMap<Key, Cost>);

impl Charges {
    /// The charges of the groups of one account.
    pub fn of<'a>(groups: impl IntoIterator<Item = &'a CostGroup>) -> Self {
        let mut charges = Self::default();
        let mut negated: BTreeMap<RecordType, Cost> = BTreeMap::new();
        for group in groups {
            let class = group.record_type.class();
            if class == Class::SavingsPlanNegation {
                let sum = negated.entry(group.record_type.clone()).or_default();
                *sum = sum.plus(group.cost);
            } else {
                charges.add(
                    Kind::of(class),
                    group.service.clone(),
                    &group.record_type,
                    group.cost,
                );
            }
        }
        for (record_type, cost) in negated {
            charges.negate(&record_type, cost);
        }
        charges
    }

    fn add(&mut self, kind: Kind, service: Option<String>, record_type: &RecordType, cost: Cost) {
        let key = (kind, service, record_type.clone());
        let sum = self.0.entry(key).or_default();
        *sum = sum.plus(cost);
    }

    /// Takes the price of covered usage off the bill, as the negation does. What is left is an artefact of AWS's rounding;
    /// from a cent on it is a line of its own.
    fn negate(&mut self, record_type: &RecordType, negation: Cost) {
        let mut left = negation.unblended;
        let mut covered: Vec<&mut Cost> = self
            .0
            .iter_mut()
            .filter(|((kind, ..), _)| *kind == Kind::SavingsPlanCoveredUsage)
            .map(|(_, cost)| cost)
            .collect();
        for cost in &mut covered {
            left += std::mem::take(&mut cost.unblended);
        }
        match covered.into_iter().next() {
            Some(first) if left.abs() < Amount::CENT => {
                first.unblended = left;
                left = Amount::ZERO;
            }
            _ => {}
        }
        let rest = Cost {
            amortized: negation.amortized,
            unblended: left,
        };
        if !rest.is_zero() {
            self.add(Kind::Other, None, record_type, rest);
        }
    }

    /// The lines, without those of nothing; not rounded yet.
    pub fn into_lines(self) -> Vec<Line> {
        self.0
            .into_iter()
            .filter(|(_, cost)| !cost.is_zero())
            .map(|((kind, service, record_type), cost)| Line {
                kind,
                record_type: Some(record_type),
                service,
                plans: Vec::new(),
                amount: cost.amortized,
                rounded: Cents::ZERO,
                billed: cost.unblended,
            })
            .collect()
    }
}
