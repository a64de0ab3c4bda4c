//! What holds for every month: cents that add up, and a plan's life that comes to nothing, whoever used it.

use std::ops::Range;

use proptest::prelude::*;

use super::{documents, prove};
use crate::bill::{Bill, Sums};
use crate::line::Kind;
use crate::money::{Amount, Cents};
use crate::plan::{Plan, PlanKind};
use crate::read::CostGroup;
use crate::rounding::share_out;
use crate::testing::{P, RDS, account, amount, group, month_read, plan, settings};
use crate::time::Moment;

const TYPES: [&str; 9] = [
    "Usage",
    "DiscountedUsage",
    "RIFee",
    "Fee",
    "Tax",
    "Credit",
    "SavingsPlanCoveredUsage",
    "SavingsPlanNegation",
    "BundledDiscount",
];

fn any_amount() -> impl Strategy<Value = String> {
    prop_oneof![
        (-1_000_000_i64..1_000_000).prop_map(|cents| format!("{cents}E-2")),
        (-1_000_000_000_000_i64..1_000_000_000_000).prop_map(|parts| format!("{parts}E-11")),
        Just("0".to_owned()),
    ]
}

fn any_group() -> impl Strategy<Value = CostGroup> {
    let id = (1_u8..5).prop_map(|id| format!("00000000000{id}"));
    (id, 0..TYPES.len(), 0..3_usize, any_amount(), any_amount()).prop_map(
        |(id, record_type, service, amortized, unblended)| {
            let service = ["one", "two", "three"][service];
            group(&id, TYPES[record_type], service, [&amortized, &unblended])
        },
    )
}

fn rounded_once(bill: &Bill) -> Vec<(Amount, Cents)> {
    bill.lines()
        .filter(|line| !line.kind.is_chargeback())
        .map(|line| (line.amount, line.rounded))
        .collect()
}

proptest! {
    #[test]
    fn cents_add_up_and_no_line_moves_by_a_cent(groups in prop::collection::vec(any_group(), 0..40), seed in any::<u64>()) {
        let bill = Bill::of(month_read("2026-01", groups.clone(), Vec::new()), &settings()).unwrap();
        let lines = rounded_once(&bill);
        let exact: Amount = lines.iter().map(|(amount, _)| *amount).sum();
        let cents: Cents = lines.iter().map(|(_, cents)| *cents).sum();
        prop_assert_eq!(cents, exact.rounded());
        for (amount, cents) in lines {
            prop_assert!((amount - cents.exact()).abs() < Amount::CENT, "{} {}", amount, cents);
        }
        let mut shuffled = groups;
        let count = shuffled.len().max(1);
        shuffled.rotate_left(usize::try_from(seed % count as u64).unwrap() % count);
        shuffled.reverse();
        let other = Bill::of(month_read("2026-01", shuffled, Vec::new()), &settings()).unwrap();
        prop_assert_eq!(&other.accounts, &bill.accounts);
        prove(&documents(&bill, &settings()));
    }

    #[test]
    fn whole_cents_never_change(cents in prop::collection::vec(-10_000_i128..10_000, 0..20), more in prop::collection::vec(any_amount(), 0..5)) {
        let mut amounts: Vec<Amount> = cents.iter().map(|cents| Cents::of(*cents).exact()).collect();
        amounts.extend(more.iter().map(|text| amount(text)));
        let target = amounts.iter().copied().sum::<Amount>().rounded();
        let shares = share_out(target, &amounts);
        prop_assert_eq!(shares.iter().copied().sum::<Cents>(), target);
        for (cents, share) in cents.iter().zip(&shares) {
            prop_assert_eq!(Cents::of(*cents), *share);
        }
    }

    #[test]
    fn what_is_written_is_read_back(parts in -1_000_000_000_000_000_000_i64..1_000_000_000_000_000_000) {
        let exact = amount(&format!("{parts}E-12"));
        prop_assert_eq!(exact.to_string().parse::<Amount>().unwrap(), exact);
        let cents = exact.rounded();
        prop_assert_eq!(cents.to_string().parse::<Cents>().unwrap(), cents);
    }

    #[test]
    fn the_life_of_a_plan_comes_to_nothing_whoever_uses_it(
        upfront in 1_i64..10_000_000, start in 0_i64..8_760, years in prop::sample::select(vec![1_i64, 3]), used in 0_i64..=100,
    ) {
        life(upfront, start, years, used)?;
    }
}

/// A plan from purchase to end, used to `used` percent by another account: what is paid and given back is nothing to the
/// cent, and every month what is charged is what was billed.
fn life(upfront: i64, start: i64, years: i64, used: i64) -> Result<(), TestCaseError> {
    let begin = Moment::start_of("2024-01".parse().unwrap()).plus_seconds(start * 3600 + 1234);
    let hours = years * 8760;
    let whole = Plan {
        start: begin,
        end: begin.plus_seconds(hours * 3600 - 1),
        ..plan(PlanKind::ReservedInstance, &format!("{upfront}E-2"), "0")
    };
    let (from, to) = (whole.start.floored(), whole.end.plus_seconds(1).floored());
    let mut month = begin.month().unwrap();
    let mut chargeback = Cents::ZERO;
    while Moment::start_of(month) < to {
        let part = from.max(Moment::start_of(month))..to.min(Moment::start_of(month.next()));
        let is_first = part.start == from;
        let bill = month_of(&whole, &month.to_string(), &part, (hours, used), is_first);
        let sums = Sums::of(bill.lines());
        let billed = if is_first {
            whole.upfront
        } else {
            Amount::ZERO
        };
        prop_assert_eq!(sums.billed, billed);
        prop_assert_eq!(sums.amount, billed, "in cash");
        let lines = bill.accounts[&account(P)].iter();
        chargeback += lines
            .filter(|line| matches!(line.kind, Kind::UpfrontPayment | Kind::UpfrontDiscount))
            .map(|line| line.rounded)
            .sum();
        month = month.next();
    }
    prop_assert_eq!(chargeback, Cents::ZERO);
    Ok(())
}

/// One month of the plan: AWS amortizes by hours, and rounds to eight decimals.
fn month_of(
    whole: &Plan,
    month: &str,
    part: &Range<Moment>,
    (hours, used): (i64, i64),
    is_first: bool,
) -> Bill {
    let cents = whole.upfront.rounded().number();
    let eighths = cents * 1_000_000 * i128::from(part.start.hours_to(part.end)) / i128::from(hours);
    let amortized = amount(&format!("{eighths}E-8"));
    let by_other = amount(&format!("{}E-8", eighths * i128::from(used) / 100));
    let unused = (amortized - by_other).to_string();
    let mut groups = vec![
        group(
            "333333333333",
            "DiscountedUsage",
            RDS,
            [&by_other.to_string(), "0"],
        ),
        group(P, "RIFee", RDS, [&unused, "0"]),
    ];
    if is_first {
        groups.push(group(P, "Fee", RDS, ["0", &whole.upfront.to_string()]));
    }
    let plan = Plan {
        amortized_upfront: amortized,
        ..whole.clone()
    };
    Bill::of(month_read(month, groups, vec![plan]), &settings()).unwrap()
}
