//! The discounts of a plan's whole life, month by month: example f. AWS's figures, rounded one by one, are not the upfront.
//! AWS rounds the hourly rate to eight decimals; here that is done anew, in whole numbers.

use avm_core::domain::Month;

use super::{bill, total};
use crate::money::{Amount, Cents};
use crate::plan::{Plan, PlanKind};
use crate::testing::{P, RDS, amount, group, moment, month_read, plan};
use crate::time::{Moment, Window};

/// What AWS tells for so many hours: whole units of the eighth decimal, half up.
fn as_aws_tells(upfront: i64, life: i64, hours: i64) -> Amount {
    let eighth = 100_000_000_i64;
    let part = i128::from(upfront) * i128::from(eighth) * i128::from(hours);
    let rounded = (2 * part + i128::from(life)) / (2 * i128::from(life));
    amount(&format!("{rounded}E-8"))
}

/// The cents of every month of a plan's life.
fn life(upfront: i64, start: &str, end: &str, first: &str, months: usize) -> Vec<Cents> {
    let mut plan = Plan {
        start: moment(start),
        end: moment(end),
        ..plan(PlanKind::ReservedInstance, &upfront.to_string(), "0")
    };
    let (from, to) = (plan.start.floored(), plan.end.plus_seconds(1).floored());
    let mut month: Month = first.parse().unwrap();
    let mut cents = Vec::new();
    for _ in 0..months {
        let window = Window {
            month,
            end: Moment::start_of(month.next()),
        };
        let (begin, until) = (from.max(Moment::start_of(month)), to.min(window.end));
        let hours = begin.hours_to(until);
        plan.amortized_upfront = as_aws_tells(upfront, from.hours_to(to), hours);
        cents.push(plan.amortized_cents(window).0);
        month = month.next();
    }
    cents
}

fn written(cents: &[Cents]) -> Vec<String> {
    cents.iter().map(Cents::to_string).collect()
}

fn sum(cents: &[Cents]) -> String {
    cents.iter().copied().sum::<Cents>().to_string()
}

#[test]
fn f_a_plan_that_starts_and_ends_inside_months_sums_to_its_upfront() {
    // 500 from 2026-03-10T09:30:00Z: 519 hours in the first month, 225 in the last; one by one it would be 500.04.
    let cents = life(
        500,
        "2026-03-10T09:30:00Z",
        "2027-03-10T09:29:59Z",
        "2026-03",
        13,
    );
    let expected = [
        "29.62", "41.10", "42.46", "41.10", "42.47", "42.46", "41.10", "42.46", "41.10", "42.47",
        "42.46", "38.36", "12.84",
    ];
    assert_eq!(written(&cents), expected);
    assert_eq!(sum(&cents), "500.00");
}

#[test]
fn f_a_year_from_january() {
    // 100; one by one it would be 99.98.
    let cents = life(
        100,
        "2026-01-01T00:00:00Z",
        "2026-12-31T23:59:59Z",
        "2026-01",
        12,
    );
    let expected = [
        "8.49", "7.67", "8.50", "8.22", "8.49", "8.22", "8.49", "8.50", "8.21", "8.50", "8.22",
        "8.49",
    ];
    assert_eq!(written(&cents), expected);
    assert_eq!(sum(&cents), "100.00");
}

#[test]
fn f_a_year_across_a_leap_day() {
    // 44 from 2023-12-06T18:24:57Z; one by one it would be 44.03.
    let cents = life(
        44,
        "2023-12-06T18:24:57Z",
        "2024-12-05T18:24:56Z",
        "2023-12",
        13,
    );
    let expected = [
        "3.04", "3.74", "3.50", "3.73", "3.62", "3.74", "3.61", "3.74", "3.74", "3.61", "3.74",
        "3.62", "0.57",
    ];
    assert_eq!(written(&cents), expected);
    assert_eq!(sum(&cents), "44.00");
}

#[test]
fn f_first_and_last_month_on_the_report() {
    // March 2026: 29.62 + 500.00 - 29.62 = 500.00; March 2027: 12.84 - 12.84 = 0.00.
    let of = |month: &str, amortized: &str, fee: Option<&str>| {
        let plan = Plan {
            start: moment("2026-03-10T09:30:00Z"),
            end: moment("2027-03-10T09:29:59Z"),
            ..plan(PlanKind::ReservedInstance, "500", amortized)
        };
        let mut groups = vec![group(P, "DiscountedUsage", RDS, [amortized, "0"])];
        groups.extend(fee.map(|fee| group(P, "Fee", RDS, ["0", fee])));
        total(&bill(month_read(month, groups, vec![plan])), P)
    };
    assert_eq!(of("2026-03", "29.62328767", Some("500")), "500.00");
    assert_eq!(of("2027-03", "12.84246575", None), "0.00");
}

#[test]
fn a_plan_of_a_shape_that_nobody_knows_is_rounded_as_aws_tells_it() {
    let plan = plan(PlanKind::ReservedInstance, "876", "12.345");
    let month = "2026-01".parse().unwrap();
    let window = Window {
        month,
        end: Moment::start_of(month.next()),
    };
    assert_eq!(
        plan.amortized_cents(window),
        (Cents::of(1234), amount("876"))
    );
    let endless = Plan {
        end: moment("2025-01-01T00:00:00Z"),
        ..plan
    };
    assert_eq!(endless.amortized_cents(window).0, Cents::of(1234));
}

#[test]
fn a_part_of_a_month_is_discounted_up_to_its_window() {
    // 876 over 8760 hours: ten days are 24.00.
    let plan = plan(PlanKind::ReservedInstance, "876", "24");
    let window = Window {
        month: "2026-01".parse().unwrap(),
        end: moment("2026-01-11T00:00:00Z"),
    };
    assert_eq!(plan.amortized_cents(window).0, Cents::of(2400));
}
