//! What the metering needs of the outside: costs, the accounts of the organization, and a store of reports.
//! An adapter over a Data Export can take the place of Cost Explorer without a change of the rest.

use std::collections::{BTreeMap, BTreeSet};

use avm_core::config::Metric;
use avm_core::domain::{AccountId, Month};
use avm_core::error::Failure;

use crate::documents::AccountState;
use crate::plan::Plan;
use crate::read::{Answer, ControlGroup, CostGroup};
use crate::record::RecordType;
use crate::time::Window;

/// The names of the two figures that are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figures {
    pub amortized: &'static str,
    pub unblended: &'static str,
}

impl Figures {
    /// The figures of a metric: both before discounts on the whole bill, or both after them.
    pub const fn of(metric: Metric) -> Self {
        match metric {
            Metric::AmortizedCost => Self {
                amortized: "AmortizedCost",
                unblended: "UnblendedCost",
            },
            Metric::NetAmortizedCost => Self {
                amortized: "NetAmortizedCost",
                unblended: "NetUnblendedCost",
            },
        }
    }
}

/// What AWS tells of plans.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlanAnswer {
    Plans(Vec<Plan>),
    /// It has no data, or none yet.
    NotYet,
}

/// A month and the metric that it is asked for in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question {
    pub month: Month,
    pub metric: Metric,
}

/// The costs of the organization.
pub trait Costs {
    /// All accounts together, by service and record type.
    async fn control(&self, of: Question) -> Result<Answer<ControlGroup>, Failure>;

    /// One record type, by account and service.
    async fn by_service(
        &self,
        of: Question,
        record_type: &RecordType,
    ) -> Result<Answer<CostGroup>, Failure>;

    /// All record types but these, by account and record type.
    async fn rest(
        &self,
        of: Question,
        except: &BTreeSet<&RecordType>,
    ) -> Result<Answer<CostGroup>, Failure>;

    /// The Reserved Instances of a service.
    async fn reservations(&self, window: Window, service: &str) -> Result<PlanAnswer, Failure>;

    /// The Savings Plans.
    async fn savings_plans(&self, window: Window) -> Result<PlanAnswer, Failure>;

    /// How many requests were made so far; each has its price.
    fn requests(&self) -> u32;
}

/// An account of the organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownAccount {
    pub name: String,
    pub state: AccountState,
    pub tags: BTreeMap<String, String>,
}

/// The accounts of the organization.
pub trait KnownAccounts {
    /// Every account that the organization has.
    async fn list(&self) -> Result<BTreeMap<AccountId, KnownAccount>, Failure>;
}

/// What distinguishes two states of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ETag(pub String);

/// An object as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    pub text: String,
    pub etag: ETag,
}

/// What became of a conditional write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Swap {
    Done,
    /// The object is not what it was.
    Changed,
}

/// The store of reports.
pub trait ReportStore {
    /// The object under that key; none if there is none.
    async fn find(&self, key: &str) -> Result<Option<Stored>, Failure>;

    /// Writes an object whose key follows from its content: to write it again changes nothing.
    async fn put(&self, key: &str, text: &str) -> Result<(), Failure>;

    /// Writes an object if it still is what was read; `None`: if there is none.
    async fn swap(&self, key: &str, text: &str, was: Option<&ETag>) -> Result<Swap, Failure>;
}
