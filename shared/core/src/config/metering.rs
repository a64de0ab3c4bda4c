//! The section `metering` of the platform document: what costs are reported, and who pays for commitments.
//! What the settings do to a report is the business of the metering; here is what they may be.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Problem;
use crate::domain::{AccountId, Month};

/// How the costs of the organization's accounts are reported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Metering {
    /// Which of the bill's lines are left out.
    pub filter: Filter,
    /// Whether the account that buys a Reserved Instance pays its upfront when it is billed, and gets the amortized upfront
    /// back month by month.
    pub reserved_instance_fair_chargeback: bool,
    /// The same for Savings Plans.
    pub savings_plan_fair_chargeback: bool,
    /// Plans that start earlier are treated as if the flags were off; absent: none are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fair_chargeback_since: Option<Month>,
    /// Accounts whose plans stay amortized: typically the one that buys for everybody.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub fair_chargeback_excluded_accounts: BTreeSet<AccountId>,
    /// The figure of Cost Explorer that a line's amount is.
    #[serde(default)]
    pub metric: Metric,
    /// The first day of the next month on which a month may become final; 2 to 28.
    #[serde(default = "final_from_day")]
    #[schemars(range(min = 2, max = 28))]
    pub final_from_day: u8,
    /// Days of the next month on which a final month is compared with Cost Explorer again; after `finalFromDay`, up to 28.
    #[serde(default = "recheck_days")]
    pub recheck_days: BTreeSet<u8>,
    /// How many months before the current one are made if they do not exist; up to 13.
    #[serde(default = "backfill_months")]
    #[schemars(range(max = 13))]
    pub backfill_months: u8,
    /// How many requests a run may make, each USD 0.01; 10 to 5000.
    #[serde(default = "max_requests_per_run")]
    #[schemars(range(min = 10, max = 5000))]
    pub max_requests_per_run: u32,
}

/// Which lines of the bill are left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Filter {
    /// None.
    None,
    /// Taxes.
    ExcludeTax,
}

/// A figure of Cost Explorer in which upfront payments are spread over the life of a plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Metric {
    /// Before discounts that AWS gives on the whole bill.
    #[default]
    AmortizedCost,
    /// After them.
    NetAmortizedCost,
}

const fn final_from_day() -> u8 {
    8
}

fn recheck_days() -> BTreeSet<u8> {
    [10, 15, 20].into()
}

const fn backfill_months() -> u8 {
    1
}

const fn max_requests_per_run() -> u32 {
    500
}

impl Metering {
    /// Whether either flag is on.
    pub const fn has_fair_chargeback(&self) -> bool {
        self.reserved_instance_fair_chargeback || self.savings_plan_fair_chargeback
    }

    /// What the types of the fields cannot say.
    pub(super) fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut wrong = |is_wrong: bool, field: &str, expected: &str| {
            if is_wrong {
                problems.push(Problem::new(format!("metering.{field}"), expected));
            }
        };
        wrong(
            self.metric == Metric::NetAmortizedCost && self.has_fair_chargeback(),
            "metric",
            "must be AmortizedCost with a fair chargeback: AWS tells the upfront of a plan before discounts only",
        );
        wrong(
            self.fair_chargeback_since.is_some() && !self.has_fair_chargeback(),
            "fairChargebackSince",
            "needs reservedInstanceFairChargeback or savingsPlanFairChargeback",
        );
        wrong(
            !self.fair_chargeback_excluded_accounts.is_empty() && !self.has_fair_chargeback(),
            "fairChargebackExcludedAccounts",
            "needs reservedInstanceFairChargeback or savingsPlanFairChargeback",
        );
        let is_day = (2..=28).contains(&self.final_from_day);
        wrong(!is_day, "finalFromDay", "must be 2 to 28");
        wrong(
            self.recheck_days
                .iter()
                .any(|day| *day > 28 || is_day && *day <= self.final_from_day),
            "recheckDays",
            "must be days after finalFromDay, up to 28",
        );
        wrong(
            self.backfill_months > 13,
            "backfillMonths",
            "must be 0 to 13: Cost Explorer knows no more months",
        );
        wrong(
            !(10..=5000).contains(&self.max_requests_per_run),
            "maxRequestsPerRun",
            "must be 10 to 5000",
        );
        problems
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::config::{Document, Platform, check_document};

    fn problems(metering: Value) -> Vec<String> {
        let mut document = Platform::sample();
        document["metering"] = metering;
        match check_document::<Platform>(&document.to_string()) {
            Ok(_) => Vec::new(),
            Err(problems) => problems.iter().map(ToString::to_string).collect(),
        }
    }

    fn with(field: &str, value: Value) -> Value {
        let mut metering = json!({
            "filter": "none",
            "reservedInstanceFairChargeback": true,
            "savingsPlanFairChargeback": false
        });
        metering[field] = value;
        metering
    }

    #[test]
    fn a_section_is_whole_with_three_fields_and_has_defaults() {
        let mut document = Platform::sample();
        document["metering"] = with("filter", json!("exclude-tax"));
        let platform: Platform = check_document(&document.to_string()).unwrap();
        let metering = platform.metering.unwrap();
        assert_eq!(metering.final_from_day, 8);
        assert_eq!(metering.recheck_days, [10, 15, 20].into());
        assert_eq!(
            (metering.backfill_months, metering.max_requests_per_run),
            (1, 500)
        );
    }

    #[test]
    fn what_contradicts_itself_is_refused_with_its_field() {
        for (field, value) in [
            ("metric", json!("NetAmortizedCost")),
            ("finalFromDay", json!(1)),
            ("finalFromDay", json!(29)),
            ("recheckDays", json!([8])),
            ("recheckDays", json!([29])),
            ("backfillMonths", json!(14)),
            ("maxRequestsPerRun", json!(9)),
            ("maxRequestsPerRun", json!(5001)),
            ("fairChargebackSince", json!("2026-13")),
            ("fairChargebackExcludedAccounts", json!(["12"])),
            ("filter", json!("EXCLUDE_TAX")),
            ("surprise", json!(1)),
        ] {
            let found = problems(with(field, value));
            assert_eq!(found.len(), 1, "{field}: {found:?}");
            let path = format!("field metering.{field}");
            assert!(found[0].starts_with(&path), "{field}: {found:?}");
        }
    }

    #[test]
    fn what_only_a_flag_gives_a_meaning_needs_a_flag() {
        let mut metering = with("reservedInstanceFairChargeback", json!(false));
        metering["fairChargebackSince"] = json!("2026-01");
        metering["fairChargebackExcludedAccounts"] = json!(["111111111111"]);
        let found = problems(metering.clone());
        assert_eq!(found.len(), 2, "{found:?}");
        metering["savingsPlanFairChargeback"] = json!(true);
        assert_eq!(problems(metering), [""; 0]);
    }

    #[test]
    fn taxes_and_flags_are_decisions_and_have_no_default() {
        for field in [
            "filter",
            "reservedInstanceFairChargeback",
            "savingsPlanFairChargeback",
        ] {
            let mut metering = with("filter", json!("none"));
            metering.as_object_mut().unwrap().remove(field);
            let found = problems(metering);
            assert_eq!(found, [format!("field metering.{field}: is missing")]);
        }
    }
}
