//! Savings Plans: examples h, i and j, and what becomes of their negation.
//! A plan at 0.10 per hour runs for the year 2026; January has 744 hours.

use super::{bill, bill_with, lines, odd_bill, only, organization, total};
use crate::bill::Bill;
use crate::line::Kind;
use crate::plan::{Plan, PlanKind};
use crate::read::CostGroup;
use crate::testing::{EC2, M, P, U, account, amount, group, moment, month_read, plan, settings};

fn charge(of: &str, record_type: &str, amortized: &str, unblended: &str) -> CostGroup {
    group(of, record_type, EC2, [amortized, unblended])
}

fn savings_plan(upfront: &str, amortized: &str) -> Plan {
    plan(PlanKind::SavingsPlan, upfront, amortized)
}

fn january(groups: Vec<CostGroup>, plan: Plan) -> Bill {
    bill(month_read("2026-01", groups, vec![plan]))
}

/// What a plan of P's costs: its upfront, the usage that it covers with its price elsewhere, what is unused with its fee.
fn bought(upfront: &str, [covered, price]: [&str; 2], [unused, fee]: [&str; 2]) -> Vec<CostGroup> {
    let payment = (upfront != "0").then(|| charge(P, "SavingsPlanUpfrontFee", "0", upfront));
    let others = [
        charge(P, "SavingsPlanCoveredUsage", covered, price),
        charge(P, "SavingsPlanNegation", "0", &format!("-{price}")),
        charge(P, "SavingsPlanRecurringFee", unused, fee),
    ];
    payment.into_iter().chain(others).collect()
}

#[test]
fn h_all_upfront_used_to_four_fifths() {
    // 59.52 + 14.88 + 876.00 - 74.40 = 876.00.
    let groups = bought("876", ["59.52", "82.67"], ["14.88", "0"]);
    let january = january(groups, savings_plan("876", "74.4"));
    let expected = [
        "savingsPlanCoveredUsage 59.52",
        "unusedSavingsPlan 14.88",
        "upfrontPayment 876.00",
        "upfrontDiscount -74.40",
    ];
    assert_eq!(lines(&january, P), expected);
    assert_eq!(total(&january, P), "876.00");
    let payment = only(&january, P, Kind::UpfrontPayment);
    assert_eq!(payment.record_type, Some("SavingsPlanUpfrontFee".into()));
    assert_eq!(payment.plan_kind(), Some(PlanKind::SavingsPlan));
}

#[test]
fn h_partial_upfront() {
    // U = 438, 0.05 recurring: 74.40 + 438.00 - 37.20 = 475.20.
    let groups = bought("438", ["74.4", "103.33"], ["0", "37.2"]);
    let january = january(groups, savings_plan("438", "37.2"));
    let expected = [
        "savingsPlanCoveredUsage 74.40",
        "upfrontPayment 438.00",
        "upfrontDiscount -37.20",
    ];
    assert_eq!(lines(&january, P), expected);
    assert_eq!(total(&january, P), "475.20");
}

#[test]
fn h_no_upfront() {
    let groups = bought("0", ["74.4", "103.33"], ["0", "74.4"]);
    let january = january(groups, savings_plan("0", "0"));
    assert_eq!(lines(&january, P), ["savingsPlanCoveredUsage 74.40"]);
    assert_eq!(total(&january, P), "74.40");
}

/// Bought on 10 March for 876, returned on the 14th; the usage comes back as on-demand 41.28.
fn returned(refund_amortized: &str) -> crate::read::MonthRead {
    let groups = vec![
        charge(P, "Usage", "41.28", "41.28"),
        charge(P, "SavingsPlanUpfrontFee", "0", "876"),
        charge(P, "Refund", refund_amortized, "-876"),
    ];
    let plan = Plan {
        start: moment("2026-03-10T12:00:00Z"),
        end: moment("2027-03-10T11:59:59Z"),
        is_returned: true,
        ..savings_plan("876", "9.6")
    };
    month_read("2026-03", groups, vec![plan])
}

#[test]
fn i_a_returned_plan_costs_nothing_however_aws_shows_the_refund() {
    let amortized = bill(returned("-876"));
    let expected = ["usage 41.28", "refund -876.00", "upfrontPayment 876.00"];
    assert_eq!(lines(&amortized, P), expected);
    assert_eq!(total(&amortized, P), "41.28");
    let billed = bill(returned("0"));
    assert_eq!(lines(&billed, P), ["usage 41.28"]);
    assert_eq!(total(&billed, P), "41.28");
    assert_eq!(only(&billed, P, Kind::Fee).billed, amount("876"));
    assert_eq!(only(&billed, P, Kind::Refund).billed, amount("-876"));
}

#[test]
fn i_with_the_flag_off_the_refund_is_what_aws_shows() {
    // 41.28 - 876.00 = -834.72.
    let mut off = settings();
    off.savings_plan_fair_chargeback = false;
    let march = bill_with(returned("-876"), &off);
    assert_eq!(total(&march, P), "-834.72");
}

#[test]
fn j_the_payer_buys_for_everybody() {
    // 1.00 per hour, 8760 upfront. M 44.00 + 8760.00 - 744.00 = 8060.00, A 400.00, B 300.00: 8760.00 in cash.
    let groups = vec![
        charge(M, "SavingsPlanUpfrontFee", "0", "8760"),
        charge(M, "SavingsPlanRecurringFee", "44", "0"),
        charge(P, "SavingsPlanCoveredUsage", "400", "560"),
        charge(P, "SavingsPlanNegation", "0", "-560"),
        charge(U, "SavingsPlanCoveredUsage", "300", "420"),
        charge(U, "SavingsPlanNegation", "0", "-420"),
    ];
    let plan = Plan {
        account: account(M),
        ..savings_plan("8760", "744")
    };
    let read = month_read("2026-01", groups, vec![plan]);
    let charged = bill(read.clone());
    assert_eq!(
        [M, P, U].map(|of| total(&charged, of)),
        ["8060.00", "400.00", "300.00"]
    );
    assert_eq!(organization(&charged), "8760.00");
    // Excluded, it is the centralized purchase: M 44.00, and 744.00 amortized in all.
    let mut excluded = settings();
    excluded.fair_chargeback_excluded_accounts = [account(M)].into();
    let amortized = bill_with(read, &excluded);
    assert_eq!(
        [M, P, U].map(|of| total(&amortized, of)),
        ["44.00", "400.00", "300.00"]
    );
    assert_eq!(organization(&amortized), "744.00");
}

#[test]
fn a_negation_that_fits_by_less_than_a_cent_leaves_its_rest_on_the_first_covered_line() {
    let rds = crate::testing::RDS;
    let billed = |negation: &str| -> Vec<(String, String)> {
        let groups = vec![
            group(P, "SavingsPlanCoveredUsage", rds, ["2", "3"]),
            charge(P, "SavingsPlanCoveredUsage", "4", "5"),
            charge(P, "SavingsPlanNegation", "0", negation),
        ];
        let bill = odd_bill(month_read("2026-01", groups, Vec::new()));
        let lines = bill.accounts[&account(P)].iter();
        lines
            .map(|line| (line.kind.as_str().to_owned(), line.billed.to_string()))
            .collect()
    };
    let told = |kind: &str, billed: &str| (kind.to_owned(), billed.to_owned());
    let covered = "savingsPlanCoveredUsage";
    assert_eq!(
        billed("-7.995"),
        [told(covered, "0.005"), told(covered, "0")]
    );
    let other = [
        told(covered, "0"),
        told(covered, "0"),
        told("other", "0.01"),
    ];
    assert_eq!(billed("-7.99"), other);
    // Without usage in this account, it is a line of its own.
    let groups = vec![charge(P, "SavingsPlanNegation", "0", "-1.5")];
    let alone = odd_bill(month_read("2026-01", groups, Vec::new()));
    assert_eq!(only(&alone, P, Kind::Other).billed, amount("-1.5"));
}
