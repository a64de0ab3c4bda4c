//! Closed accounts, taxes, credits, discounts and their rounding: examples k to n.
//! What AWS charges under other record types goes through as it is.

use avm_core::config::Filter;

use super::{bill, bill_with, lines, odd_bill, organization, total};
use crate::line::Kind;
use crate::plan::{Plan, PlanKind};
use crate::testing::{EC2, P, RDS, account, group, month_read, plan, settings};

fn reservation(upfront: &str, amortized: &str) -> Plan {
    plan(PlanKind::ReservedInstance, upfront, amortized)
}

#[test]
fn k_the_plan_of_a_closed_account_bills_on_and_cancels() {
    // Closed on 15 June: 33.60 + 38.40 - 72.00 = 0.00; July 74.40 - 74.40 = 0.00.
    let groups = vec![
        group(P, "DiscountedUsage", RDS, ["33.6", "0"]),
        group(P, "RIFee", RDS, ["38.4", "0"]),
    ];
    let june = bill(month_read(
        "2026-06",
        groups,
        vec![reservation("876", "72")],
    ));
    let expected = [
        "reservationCoveredUsage 33.60",
        "unusedReservation 38.40",
        "upfrontDiscount -72.00",
    ];
    assert_eq!(lines(&june, P), expected);
    assert_eq!(total(&june, P), "0.00");
    let groups = vec![group(P, "RIFee", RDS, ["74.4", "0"])];
    let july = bill(month_read(
        "2026-07",
        groups,
        vec![reservation("876", "74.4")],
    ));
    assert_eq!(total(&july, P), "0.00");
}

#[test]
fn l_tax_is_on_the_cash_and_can_be_left_out() {
    // e in January with a tax of 87.4608: 59.52 + 87.46 + 438.00 - 37.20 = 547.78; without it 460.32.
    let groups = vec![
        group(P, "Fee", RDS, ["0", "438"]),
        group(P, "DiscountedUsage", RDS, ["59.52", "0"]),
        group(P, "RIFee", RDS, ["0", "22.32"]),
        group(P, "Tax", RDS, ["87.4608", "87.4608"]),
    ];
    let read = month_read("2026-01", groups, vec![reservation("438", "37.2")]);
    let with_tax = bill(read.clone());
    let expected = [
        "reservationCoveredUsage 59.52",
        "tax 87.46",
        "upfrontPayment 438.00",
        "upfrontDiscount -37.20",
    ];
    assert_eq!(lines(&with_tax, P), expected);
    assert_eq!(total(&with_tax, P), "547.78");
    let exact = crate::bill::Sums::of(&with_tax.accounts[&account(P)]).amount;
    assert_eq!(exact.to_string(), "547.7808");
    let mut without = settings();
    without.filter = Filter::ExcludeTax;
    let without_tax = bill_with(read, &without);
    assert_eq!(total(&without_tax, P), "460.32");
    assert!(without_tax.lines().all(|line| line.kind != Kind::Tax));
}

#[test]
fn m_a_credit_is_a_line() {
    let groups = vec![
        group(P, "Usage", EC2, ["120", "120"]),
        group(P, "Credit", EC2, ["-50", "-50"]),
    ];
    let month = bill(month_read("2026-01", groups, Vec::new()));
    assert_eq!(lines(&month, P), ["usage 120.00", "credit -50.00"]);
    assert_eq!(total(&month, P), "70.00");
}

#[test]
fn n_the_cents_of_the_organization_are_those_of_its_accounts() {
    // Three times 10.014 and -0.90126: 27.33822 is 27.34; floors are 27.33, and the smallest id gets the cent.
    let discount = "Enterprise Discount Program Discount";
    let ids = ["000000000001", "000000000002", "000000000003"];
    let groups = ids
        .iter()
        .flat_map(|id| {
            [
                group(id, discount, EC2, ["-0.90126", "-0.90126"]),
                group(id, "Usage", EC2, ["10.014", "10.014"]),
            ]
        })
        .collect();
    let month = bill(month_read("2026-01", groups, Vec::new()));
    assert_eq!(ids.map(|id| total(&month, id)), ["9.12", "9.11", "9.11"]);
    assert_eq!(lines(&month, ids[0]), ["usage 10.02", "discount -0.90"]);
    for id in &ids[1..] {
        assert_eq!(lines(&month, id), ["usage 10.01", "discount -0.90"]);
    }
    assert_eq!(organization(&month), "27.34");
}

#[test]
fn what_nobody_knows_is_kept_and_what_is_nothing_is_left_out() {
    let groups = vec![
        group(P, "Something new", EC2, ["1.5", "2"]),
        group(P, "Usage", EC2, ["0", "0"]),
        group(P, "Usage", RDS, ["0", "1"]),
    ];
    let month = odd_bill(month_read("2026-01", groups, Vec::new()));
    assert_eq!(lines(&month, P), ["other 1.50"]);
    assert_eq!(month.accounts[&account(P)].len(), 2);
}

#[test]
fn an_account_that_cost_nothing_has_no_report() {
    let groups = vec![group(P, "Usage", EC2, ["0", "0"])];
    let month = bill(month_read("2026-01", groups, Vec::new()));
    assert!(month.accounts.is_empty());
    assert_eq!(organization(&month), "0.00");
}
