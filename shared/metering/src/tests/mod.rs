//! The examples that were worked out by hand, each with its numbers, and the identities that every one of them must keep.
//! A scene is a month; what its test says is what a controller would read in the report.

mod amounts;
mod chargeback;
mod commitments;
mod controls;
mod csv_file;
mod documents_and_keys;
mod hours;
mod life_of_a_plan;
mod other_lines;
mod properties;
mod records;

use avm_core::config::Metering;

use crate::bill::{Bill, Sums};
use crate::check::{StoredMonth, differences};
use crate::line::{Kind, Line};
use crate::plan::PlanKind;
use crate::publish::Documents;
use crate::read::MonthRead;
use crate::testing::{P, RDS, account, documents, group, month_read, plan, settings};

/// A bill whose identities have been checked, also in its documents, and that charges what was billed.
pub(super) fn bill(read: MonthRead) -> Bill {
    bill_with(read, &settings())
}

pub(super) fn bill_with(read: MonthRead, settings: &Metering) -> Bill {
    let bill = Bill::of(read, settings).unwrap();
    let documents = documents(&bill, settings);
    prove(&documents);
    let difference = documents.manifest.controls.cash_difference;
    if let Some(difference) = difference.filter(|_| bill.unattributed.is_empty()) {
        let plans = i128::try_from(bill.plans.len()).unwrap();
        assert!(difference.abs().rounded().number() <= plans, "{difference}");
    }
    bill
}

/// The same of a month in which the figures of AWS do not agree among themselves.
pub(super) fn odd_bill(read: MonthRead) -> Bill {
    let bill = Bill::of(read, &settings()).unwrap();
    prove(&documents(&bill, &settings()));
    bill
}

/// January of example a: a reservation that its purchaser uses.
pub(super) fn example_a() -> Bill {
    let groups = vec![
        group(P, "Fee", RDS, ["0", "876"]),
        group(P, "DiscountedUsage", RDS, ["74.4", "0"]),
    ];
    let plans = vec![plan(PlanKind::ReservedInstance, "876", "74.4")];
    bill(month_read("2026-01", groups, plans))
}

pub(super) fn stored(documents: &Documents) -> StoredMonth {
    StoredMonth {
        manifest: documents.manifest.clone(),
        reports: documents.reports.clone(),
        csv: documents.csv.clone(),
    }
}

/// The identities of a month, by its documents.
pub(super) fn prove(documents: &Documents) {
    assert_eq!(differences(&stored(documents)), [""; 0]);
}

/// The rounded lines of an account that cost something: kind and cents, in the order of the report.
pub(super) fn lines(bill: &Bill, id: &str) -> Vec<String> {
    let lines = bill.accounts.get(&account(id)).into_iter().flatten();
    lines
        .filter(|line| !line.amount.is_zero())
        .map(|line| format!("{} {}", line.kind.as_str(), line.rounded))
        .collect()
}

/// The rounded total of an account.
pub(super) fn total(bill: &Bill, id: &str) -> String {
    let lines = bill.accounts.get(&account(id)).into_iter().flatten();
    Sums::of(lines).rounded.to_string()
}

/// The rounded total of the organization.
pub(super) fn organization(bill: &Bill) -> String {
    Sums::of(bill.lines()).rounded.to_string()
}

pub(super) fn only(bill: &Bill, id: &str, kind: Kind) -> Line {
    let lines = bill.accounts[&account(id)].iter();
    let found: Vec<&Line> = lines.filter(|line| line.kind == kind).collect();
    assert_eq!(found.len(), 1, "{found:?}");
    found[0].clone()
}
