//! Reserved Instances: who pays the upfront, who gets it back, and who pays for the usage. Examples a to e, g, o, p and q.
//! Plans run for the year 2026, 8760 hours; January has 744 hours, February 672.

use super::{bill, bill_with, lines, only, organization, total};
use crate::bill::Bill;
use crate::line::Kind;
use crate::plan::{Plan, PlanKind};
use crate::read::CostGroup;
use crate::testing::{
    EC2, M, P, RDS, U, account, amount, group, moment, month_read, plan, settings,
};

fn rds(of: &str, record_type: &str, amortized: &str, unblended: &str) -> CostGroup {
    group(of, record_type, RDS, [amortized, unblended])
}

fn reservation(upfront: &str, amortized: &str) -> Plan {
    plan(PlanKind::ReservedInstance, upfront, amortized)
}

fn all_upfront(month: &str, groups: Vec<CostGroup>, amortized: &str) -> Bill {
    bill(month_read(
        month,
        groups,
        vec![reservation("876", amortized)],
    ))
}

#[test]
fn a_used_by_the_purchaser_is_cash() {
    // U = 876, 0.10 per hour. January: 74.40 + 876.00 - 74.40 = 876.00; February: 67.20 - 67.20 = 0.00.
    let january = all_upfront(
        "2026-01",
        vec![
            rds(P, "Fee", "0", "876"),
            rds(P, "DiscountedUsage", "74.4", "0"),
        ],
        "74.4",
    );
    let expected = [
        "reservationCoveredUsage 74.40",
        "upfrontPayment 876.00",
        "upfrontDiscount -74.40",
    ];
    assert_eq!(lines(&january, P), expected);
    assert_eq!(total(&january, P), "876.00");
    let payment = only(&january, P, Kind::UpfrontPayment);
    assert_eq!(
        payment.plans,
        ["arn:aws:rds:eu-central-1:222222222222:ri:r1"]
    );
    assert_eq!(
        (payment.amount, payment.billed),
        (amount("876"), amount("876"))
    );
    let february = all_upfront(
        "2026-02",
        vec![rds(P, "DiscountedUsage", "67.2", "0")],
        "67.2",
    );
    let expected = ["reservationCoveredUsage 67.20", "upfrontDiscount -67.20"];
    assert_eq!(lines(&february, P), expected);
    assert_eq!(total(&february, P), "0.00");
}

#[test]
fn a_twelve_discounts_are_the_upfront() {
    // 31 days 74.40, 30 days 72.00, February 67.20.
    let mut sum = crate::money::Cents::ZERO;
    let mut month: avm_core::domain::Month = "2026-01".parse().unwrap();
    for amortized in [
        "74.4", "67.2", "74.4", "72", "74.4", "72", "74.4", "74.4", "72", "74.4", "72", "74.4",
    ] {
        let groups = vec![rds(P, "DiscountedUsage", amortized, "0")];
        let bill = all_upfront(&month.to_string(), groups, amortized);
        let discount = only(&bill, P, Kind::UpfrontDiscount);
        assert_eq!(discount.rounded.exact(), -amount(amortized), "{month}");
        sum += discount.rounded;
        month = month.next();
    }
    assert_eq!(sum.to_string(), "-876.00");
}

#[test]
fn b_unused_by_anyone_costs_the_purchaser_the_upfront() {
    let groups = vec![rds(P, "Fee", "0", "876"), rds(P, "RIFee", "74.4", "0")];
    let january = all_upfront("2026-01", groups, "74.4");
    let expected = [
        "unusedReservation 74.40",
        "upfrontPayment 876.00",
        "upfrontDiscount -74.40",
    ];
    assert_eq!(lines(&january, P), expected);
    assert_eq!(total(&january, P), "876.00");
    let february = all_upfront("2026-02", vec![rds(P, "RIFee", "67.2", "0")], "67.2");
    assert_eq!(total(&february, P), "0.00");
}

#[test]
fn c_used_by_another_account_makes_the_purchasers_month_negative() {
    // January: P 876.00 - 74.40 = 801.60, U 74.40. February: P -67.20, U 67.20.
    let groups = vec![
        rds(P, "Fee", "0", "876"),
        rds(U, "DiscountedUsage", "74.4", "0"),
    ];
    let january = all_upfront("2026-01", groups, "74.4");
    let expected = ["upfrontPayment 876.00", "upfrontDiscount -74.40"];
    assert_eq!(lines(&january, P), expected);
    let totals = [
        total(&january, P),
        total(&january, U),
        organization(&january),
    ];
    assert_eq!(totals, ["801.60", "74.40", "876.00"]);
    let february = all_upfront(
        "2026-02",
        vec![rds(U, "DiscountedUsage", "67.2", "0")],
        "67.2",
    );
    let totals = [
        total(&february, P),
        total(&february, U),
        organization(&february),
    ];
    assert_eq!(totals, ["-67.20", "67.20", "0.00"]);
}

#[test]
fn c2_used_by_two_and_partly_unused() {
    // 60 % P, 30 % U, 10 % unused: P 44.64 + 7.44 + 876.00 - 74.40 = 853.68, U 22.32.
    let groups = vec![
        rds(P, "Fee", "0", "876"),
        rds(P, "DiscountedUsage", "44.64", "0"),
        rds(P, "RIFee", "7.44", "0"),
        rds(U, "DiscountedUsage", "22.32", "0"),
    ];
    let january = all_upfront("2026-01", groups, "74.4");
    assert_eq!(
        [total(&january, P), total(&january, U)],
        ["853.68", "22.32"]
    );
}

#[test]
fn d_no_upfront_has_no_chargeback() {
    // 0.12 per hour: 744 hours are 89.28.
    let groups = vec![
        rds(P, "DiscountedUsage", "89.28", "0"),
        rds(P, "RIFee", "0", "89.28"),
    ];
    let january = bill(month_read("2026-01", groups, vec![reservation("0", "0")]));
    assert_eq!(lines(&january, P), ["reservationCoveredUsage 89.28"]);
    assert_eq!(total(&january, P), "89.28");
    let unused = only(&january, P, Kind::UnusedReservation);
    assert_eq!(
        (unused.amount, unused.billed),
        (amount("0"), amount("89.28"))
    );
}

#[test]
fn e_partial_upfront_leaves_the_recurring_part() {
    // U = 438 (0.05 per hour) and 0.03 recurring. January: 59.52 + 438.00 - 37.20 = 460.32 = 438 + 22.32 billed.
    let groups = vec![
        rds(P, "Fee", "0", "438"),
        rds(P, "DiscountedUsage", "59.52", "0"),
        rds(P, "RIFee", "0", "22.32"),
    ];
    let january = bill(month_read(
        "2026-01",
        groups,
        vec![reservation("438", "37.2")],
    ));
    let expected = [
        "reservationCoveredUsage 59.52",
        "upfrontPayment 438.00",
        "upfrontDiscount -37.20",
    ];
    assert_eq!(lines(&january, P), expected);
    assert_eq!(total(&january, P), "460.32");
    // February: 53.76 - 33.60 = 20.16.
    let groups = vec![
        rds(P, "DiscountedUsage", "53.76", "0"),
        rds(P, "RIFee", "0", "20.16"),
    ];
    let february = bill(month_read(
        "2026-02",
        groups,
        vec![reservation("438", "33.6")],
    ));
    assert_eq!(total(&february, P), "20.16");
}

#[test]
fn g_two_plans_of_one_account_have_a_line_each() {
    // U = 100 since January (A 8.49315068) and 500 since 10 March (A 29.62328767): 38.12 + 500.00 - 8.50 - 29.62 = 500.00.
    let first = reservation("100", "8.49315068");
    let second = Plan {
        id: "arn:aws:rds:eu-central-1:222222222222:ri:r2".to_owned(),
        start: moment("2026-03-10T09:30:00Z"),
        end: moment("2027-03-10T09:29:59Z"),
        ..reservation("500", "29.62328767")
    };
    let groups = vec![
        rds(P, "Fee", "0", "500"),
        rds(P, "DiscountedUsage", "38.11643835", "0"),
    ];
    let march = bill(month_read("2026-03", groups, vec![second.clone(), first]));
    let expected = [
        "reservationCoveredUsage 38.12",
        "upfrontPayment 500.00",
        "upfrontDiscount -8.50",
        "upfrontDiscount -29.62",
    ];
    assert_eq!(lines(&march, P), expected);
    assert_eq!(total(&march, P), "500.00");
    assert_eq!(only(&march, P, Kind::UpfrontPayment).plans, [second.id]);
}

#[test]
fn two_plans_of_one_month_are_labelled_when_their_upfronts_are_what_was_billed() {
    let other = Plan {
        id: "arn:aws:rds:eu-central-1:222222222222:ri:r2".to_owned(),
        instances: 3,
        ..reservation("100", "25.47945206")
    };
    let groups = |fee: &str| {
        vec![
            rds(P, "Fee", "0", fee),
            rds(P, "DiscountedUsage", "99", "0"),
        ]
    };
    let payments = |fee: &str| -> Vec<(usize, String)> {
        let plans = vec![other.clone(), reservation("876", "74.4")];
        let bill = Bill::of(month_read("2026-01", groups(fee), plans), &settings()).unwrap();
        let lines = bill.accounts[&account(P)].iter();
        lines
            .filter(|line| line.kind == Kind::UpfrontPayment)
            .map(|line| (line.plans.len(), line.amount.to_string()))
            .collect()
    };
    // As told; times the three instances, with the part of a cent on the first; neither.
    assert_eq!(
        payments("976"),
        [(1, "876".to_owned()), (1, "100".to_owned())]
    );
    let with_rest = [(1, "876.004".to_owned()), (1, "300".to_owned())];
    assert_eq!(payments("1176.004"), with_rest);
    assert_eq!(payments("1000"), [(2, "1000".to_owned())]);
}

#[test]
fn an_upfront_that_aws_tells_for_one_instance_is_charged_back_for_all() {
    // Three instances at 100 each: 300 x 744 / 8760 = 25.479452054795.
    let plan = Plan {
        instances: 3,
        ..reservation("100", "25.47945206")
    };
    let groups = vec![
        rds(P, "Fee", "0", "300"),
        rds(P, "DiscountedUsage", "25.47945206", "0"),
    ];
    let january = bill(month_read("2026-01", groups, vec![plan]));
    assert_eq!(january.plans[0].upfront, amount("300"));
    assert_eq!(
        only(&january, P, Kind::UpfrontDiscount).rounded.to_string(),
        "-25.48"
    );
    assert_eq!(total(&january, P), "300.00");
}

#[test]
fn o_a_modified_reservation_is_not_charged_again() {
    // A new subscription from 1 May for 5880 hours with 588, and no fee: 74.40 - 74.40 = 0.00.
    let modified = Plan {
        start: moment("2026-05-01T00:00:00Z"),
        ..reservation("588", "74.4")
    };
    let groups = vec![rds(P, "DiscountedUsage", "74.4", "0")];
    let may = bill(month_read("2026-05", groups, vec![modified]));
    let expected = ["reservationCoveredUsage 74.40", "upfrontDiscount -74.40"];
    assert_eq!(lines(&may, P), expected);
    assert_eq!(total(&may, P), "0.00");
}

#[test]
fn p_with_flags_off_the_view_is_amortized() {
    let mut off = settings();
    off.reserved_instance_fair_chargeback = false;
    off.savings_plan_fair_chargeback = false;
    let groups = vec![
        rds(P, "Fee", "0", "876"),
        rds(U, "DiscountedUsage", "74.4", "0"),
    ];
    let mut read = month_read("2026-01", groups, Vec::new());
    read.reservations = crate::plan::PlanData::NotRead;
    read.savings_plans = crate::plan::PlanData::NotRead;
    let january = bill_with(read, &off);
    assert_eq!(lines(&january, P), [""; 0]);
    let fee = only(&january, P, Kind::Fee);
    assert_eq!((fee.amount, fee.billed), (amount("0"), amount("876")));
    assert_eq!([total(&january, P), total(&january, U)], ["0.00", "74.40"]);
    assert_eq!(january.coverage, crate::plan::PlanCoverage::NotRead);
}

#[test]
fn q_each_flag_is_alone() {
    // a and h on P: 74.40 + 59.52 + 14.88 + 876.00 - 74.40 = 950.40 with the flag of reservations only.
    let groups = vec![
        rds(P, "Fee", "0", "876"),
        rds(P, "DiscountedUsage", "74.4", "0"),
        rds(P, "SavingsPlanUpfrontFee", "0", "876"),
        group(P, "SavingsPlanCoveredUsage", EC2, ["59.52", "82.67"]),
        rds(P, "SavingsPlanNegation", "0", "-82.67"),
        rds(P, "SavingsPlanRecurringFee", "14.88", "0"),
    ];
    let plans = vec![
        reservation("876", "74.4"),
        plan(PlanKind::SavingsPlan, "876", "74.4"),
    ];
    let mut one = settings();
    one.savings_plan_fair_chargeback = false;
    let january = bill_with(month_read("2026-01", groups.clone(), plans.clone()), &one);
    assert_eq!(total(&january, P), "950.40");
    let mut other = settings();
    other.reserved_instance_fair_chargeback = false;
    let january = bill_with(month_read("2026-01", groups, plans), &other);
    let expected = [
        "reservationCoveredUsage 74.40",
        "savingsPlanCoveredUsage 59.52",
        "unusedSavingsPlan 14.88",
        "upfrontPayment 876.00",
        "upfrontDiscount -74.40",
    ];
    assert_eq!(lines(&january, P), expected);
}

#[test]
fn plans_before_the_beginning_stay_amortized() {
    // Since February: January's upfront is not charged, and its plan gives nothing back in February.
    let mut since = settings();
    since.fair_chargeback_since = Some("2026-02".parse().unwrap());
    let groups = vec![
        rds(P, "Fee", "0", "876"),
        rds(P, "DiscountedUsage", "74.4", "0"),
    ];
    let plans = vec![reservation("876", "74.4")];
    let january = bill_with(month_read("2026-01", groups, plans), &since);
    assert_eq!(lines(&january, P), ["reservationCoveredUsage 74.40"]);
    let later = Plan {
        id: "arn:aws:rds:eu-central-1:222222222222:ri:r2".to_owned(),
        start: moment("2026-02-01T00:00:00Z"),
        end: moment("2027-01-31T23:59:59Z"),
        ..reservation("876", "67.2")
    };
    let groups = vec![
        rds(P, "Fee", "0", "876"),
        rds(P, "DiscountedUsage", "134.4", "0"),
    ];
    let plans = vec![reservation("876", "67.2"), later.clone()];
    let february = bill_with(month_read("2026-02", groups, plans), &since);
    assert_eq!(total(&february, P), "943.20");
    assert_eq!(only(&february, P, Kind::UpfrontDiscount).plans, [later.id]);
}

#[test]
fn the_payer_that_buys_for_everybody_can_stay_amortized() {
    let mut excluded = settings();
    excluded.fair_chargeback_excluded_accounts = [account(M)].into();
    let bought = |of: &str, id: &str| Plan {
        id: id.to_owned(),
        account: account(of),
        ..reservation("876", "74.4")
    };
    let groups = vec![
        rds(M, "Fee", "0", "876"),
        rds(P, "Fee", "0", "876"),
        rds(U, "DiscountedUsage", "148.8", "0"),
    ];
    let plans = vec![bought(M, "ri:m"), bought(P, "ri:p")];
    let january = bill_with(month_read("2026-01", groups, plans), &excluded);
    let totals = [M, P, U].map(|of| total(&january, of));
    assert_eq!(totals, ["0.00", "801.60", "148.80"]);
}
