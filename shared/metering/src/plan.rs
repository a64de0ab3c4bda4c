//! Commitments: Reserved Instances and Savings Plans, as AWS tells what became of them in a month.
//! What a plan costs follows from the bill; from here come its life, its upfront, and the part of that for the month.

use avm_core::domain::AccountId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::money::{Amount, Cents};
use crate::time::{Moment, Window};

/// The two kinds of commitments.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub enum PlanKind {
    ReservedInstance,
    SavingsPlan,
}

/// A plan in a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Its ARN, or the id of the subscription where AWS tells no ARN.
    pub id: String,
    pub kind: PlanKind,
    /// The account that bought it.
    pub account: AccountId,
    /// The service of a Reserved Instance.
    pub service: Option<String>,
    /// `All Upfront`, `Partial Upfront`, `No Upfront`.
    pub payment_option: String,
    pub start: Moment,
    /// The last second of its life.
    pub end: Moment,
    /// AWS does not say whether this is for one instance or for all of them.
    pub upfront: Amount,
    pub instances: u32,
    /// The parts for the window that was asked for.
    pub amortized_upfront: Amount,
    pub amortized_recurring: Amount,
    /// It was given back: its upfront is refunded.
    pub is_returned: bool,
}

impl Plan {
    /// What its upfront may be: as told, and for each instance.
    pub fn possible_upfronts(&self) -> [Amount; 2] {
        [self.upfront, self.upfront.times(self.instances)]
    }

    /// The part of the upfront for the window in cents, so that the parts of a whole life add up to the upfront: the
    /// difference of two rounded sums. Each is at most a cent away from AWS's own figure; where none is, the plan has a
    /// shape that nobody knows, and AWS's figure counts. The upfront that fits is told with it.
    pub fn amortized_cents(&self, window: Window) -> (Cents, Amount) {
        let fits = |cents: Cents| (cents.exact() - self.amortized_upfront).abs() <= Amount::CENT;
        self.possible_upfronts()
            .into_iter()
            .map(|upfront| (self.cents_of(upfront, window), upfront))
            .find(|(cents, _)| fits(*cents))
            .unwrap_or((self.amortized_upfront.rounded(), self.upfront))
    }

    fn cents_of(&self, upfront: Amount, window: Window) -> Cents {
        let (start, end) = (self.start.floored(), self.end.plus_seconds(1).floored());
        let life = start.hours_to(end);
        if life <= 0 {
            return Cents::ZERO;
        }
        let until = |moment: Moment| {
            let hours = start.hours_to(moment.floored()).clamp(0, life);
            upfront.share(hours, life)
        };
        until(window.end) - until(Moment::start_of(window.month))
    }
}

/// What AWS has told of the plans of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlanData {
    /// The flag is off: nobody asked.
    NotRead,
    /// There are plans, and AWS cannot tell yet what became of them.
    Pending,
    /// The plans in that part of the month, which may be none.
    Known { plans: Vec<Plan>, window: Window },
    /// The bill has no record of such a plan.
    NoPlans,
}

impl PlanData {
    /// The plans that are known.
    pub fn plans(&self) -> &[Plan] {
        match self {
            Self::Known { plans, .. } => plans,
            Self::NotRead | Self::Pending | Self::NoPlans => &[],
        }
    }
}

/// How much of a month the figures of plans cover.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub enum PlanCoverage {
    Complete,
    Partial,
    Pending,
    NotRead,
}

impl PlanCoverage {
    /// The least that the answers of both kinds cover.
    pub fn of(answers: [&PlanData; 2]) -> Self {
        if answers.contains(&&PlanData::Pending) {
            return Self::Pending;
        }
        if answers.iter().all(|data| **data == PlanData::NotRead) {
            return Self::NotRead;
        }
        let is_partial =
            |data: &&PlanData| matches!(data, PlanData::Known { window, .. } if !window.is_whole());
        if answers.iter().any(is_partial) {
            Self::Partial
        } else {
            Self::Complete
        }
    }

    /// Whether a month may become final with it.
    pub const fn is_enough(self) -> bool {
        matches!(self, Self::Complete | Self::NotRead)
    }
}
