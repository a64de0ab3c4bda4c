//! The CSV: its rows for each kind of line, its three sums, and what a spreadsheet must not take for a formula.
//! It is read here as a spreadsheet reads it, by another code than the one that writes it.

use std::collections::BTreeMap;

use super::{bill, example_a};
use crate::bill::Bill;
use crate::focus::COLUMNS;
use crate::publish::{AccountInfo, Documents, Edition, Publication};
use crate::read::CostGroup;
use crate::testing::{EC2, M, P, RDS, account, documents, group, infos, month_read, settings};

type Row = BTreeMap<String, String>;

fn rows_of(text: &str) -> Vec<Row> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let names = reader.headers().unwrap().clone();
    assert_eq!(names.iter().collect::<Vec<_>>(), COLUMNS);
    let rows = reader.records().map(|row| {
        let row = row.unwrap();
        names
            .iter()
            .zip(row.iter())
            .map(|(name, cell)| (name.to_owned(), cell.to_owned()))
            .collect()
    });
    rows.collect()
}

fn csv(bill: &Bill) -> String {
    documents(bill, &settings()).csv
}

/// Billed, category, frequency, effective, charged, kind.
fn shape(row: &Row) -> [&str; 6] {
    [
        "BilledCost",
        "ChargeCategory",
        "ChargeFrequency",
        "EffectiveCost",
        "x_ChargebackCost",
        "x_LineKind",
    ]
    .map(|column| row[column].as_str())
}

#[test]
fn the_upfront_is_beside_what_aws_says() {
    let rows = rows_of(&csv(&example_a()));
    let shapes: Vec<[&str; 6]> = rows.iter().map(shape).collect();
    assert_eq!(
        shapes,
        [
            [
                "0",
                "Usage",
                "Usage-Based",
                "74.4",
                "74.4",
                "reservationCoveredUsage"
            ],
            ["876", "Purchase", "One-Time", "0", "876", "upfrontPayment"],
            [
                "0",
                "Adjustment",
                "Recurring",
                "0",
                "-74.4",
                "upfrontDiscount"
            ],
        ]
    );
    let payment = &rows[1];
    for (column, cell) in [
        ("BillingAccountId", M),
        ("BillingCurrency", "USD"),
        ("BillingPeriodStart", "2026-01-01T00:00:00Z"),
        ("BillingPeriodEnd", "2026-02-01T00:00:00Z"),
        ("CommitmentDiscountCategory", "Usage"),
        (
            "CommitmentDiscountId",
            "arn:aws:rds:eu-central-1:222222222222:ri:r1",
        ),
        ("CommitmentDiscountType", "Reserved Instance"),
        ("ServiceCategory", "Databases"),
        ("ServiceName", RDS),
        ("SubAccountId", P),
        ("ListCost", ""),
        ("x_RoundedCost", "876.00"),
        ("x_Status", "final"),
        ("x_Version", "1"),
        ("x_Workspace", "likvid"),
        ("x_Project", "payments-prod"),
    ] {
        assert_eq!(payment[column], cell, "{column}");
    }
}

/// The rows of one group with both flags off.
fn shapes_of(record_type: &str, costs: [&str; 2]) -> Vec<[String; 6]> {
    let mut off = settings();
    off.reserved_instance_fair_chargeback = false;
    off.savings_plan_fair_chargeback = false;
    let groups = vec![group(P, record_type, EC2, costs)];
    let bill = super::bill_with(month_read("2026-01", groups, Vec::new()), &off);
    let rows = rows_of(&documents(&bill, &off).csv);
    rows.iter()
        .map(|row| shape(row).map(str::to_owned))
        .collect()
}

#[test]
fn each_kind_has_its_rows() {
    for (record_type, costs, expected) in [
        (
            "Usage",
            ["3", "3"],
            &[["3", "Usage", "Usage-Based", "3", "3", "usage"]][..],
        ),
        (
            "RIFee",
            ["2", "5"],
            &[
                ["0", "Usage", "Usage-Based", "2", "2", "unusedReservation"],
                ["5", "Purchase", "Recurring", "0", "0", "unusedReservation"],
            ],
        ),
        (
            "SavingsPlanRecurringFee",
            ["0", "5"],
            &[["5", "Purchase", "Recurring", "0", "0", "unusedSavingsPlan"]],
        ),
        (
            "Fee",
            ["4", "4"],
            &[["4", "Purchase", "One-Time", "4", "4", "fee"]],
        ),
        (
            "Fee",
            ["4", "880"],
            &[
                ["4", "Purchase", "One-Time", "4", "4", "fee"],
                ["876", "Purchase", "One-Time", "0", "0", "fee"],
            ],
        ),
        (
            "Fee",
            ["0", "876"],
            &[["876", "Purchase", "One-Time", "0", "0", "fee"]],
        ),
        (
            "Refund",
            ["-4", "-4"],
            &[["-4", "Adjustment", "One-Time", "-4", "-4", "refund"]],
        ),
        (
            "Credit",
            ["-4", "-4"],
            &[["-4", "Credit", "One-Time", "-4", "-4", "credit"]],
        ),
        (
            "Tax",
            ["4", "4"],
            &[["4", "Tax", "One-Time", "4", "4", "tax"]],
        ),
        (
            "New",
            ["4", "4"],
            &[["4", "Adjustment", "One-Time", "4", "4", "other"]],
        ),
        (
            "Bundled Discount",
            ["-4", "-4"],
            &[["-4", "Adjustment", "One-Time", "-4", "-4", "discount"]],
        ),
    ] {
        assert_eq!(
            shapes_of(record_type, costs),
            expected,
            "{record_type} {costs:?}"
        );
    }
}

#[test]
fn a_row_without_a_service_has_the_only_one_of_its_record_type() {
    let tax = |service: &str, of: &str| -> CostGroup {
        let mut group = group(of, "Tax", service, ["1", "1"]);
        group.service = Some(service.to_owned());
        group
    };
    let service_of = |groups: Vec<CostGroup>| {
        let mut read = month_read("2026-01", groups, Vec::new());
        for group in &mut read.groups {
            group.service = None;
        }
        rows_of(&csv(&bill(read)))[0]["ServiceName"].clone()
    };
    assert_eq!(service_of(vec![tax(EC2, P)]), EC2);
    assert_eq!(
        service_of(vec![tax(EC2, P), tax(RDS, M)]),
        "Multiple services"
    );
}

#[test]
fn names_that_people_choose_are_no_formulas_and_amounts_stay_numbers() {
    let groups = vec![group(P, "Credit", EC2, ["-5", "-5"])];
    let bill = bill(month_read("2026-01", groups, Vec::new()));
    for name in ["=cmd()", "+1", "-1", "@x", "a,\"b\"\nc"] {
        let mut accounts = infos(&bill);
        for info in accounts.values_mut() {
            info.name = name.to_owned();
            let owner = info.owner.as_mut().unwrap();
            owner.workspace = name.to_owned();
            owner.project = name.to_owned();
        }
        accounts.insert(
            account(M),
            AccountInfo {
                name: name.to_owned(),
                ..AccountInfo::unknown()
            },
        );
        let publication = Publication {
            bill: &bill,
            settings: &settings(),
            accounts: &accounts,
            payer: &account(M),
        };
        let documents = Documents::of(publication, Edition::FIRST).unwrap();
        let row = &rows_of(&documents.csv)[0];
        let expected = if name.starts_with('a') {
            name.to_owned()
        } else {
            format!("'{name}")
        };
        for column in [
            "SubAccountName",
            "BillingAccountName",
            "x_Workspace",
            "x_Project",
        ] {
            assert_eq!(row[column], expected, "{column}");
        }
        assert_eq!(row["BilledCost"], "-5");
    }
}

#[test]
fn what_no_account_has_comes_last() {
    let mut read = month_read(
        "2026-01",
        vec![group(P, "Usage", EC2, ["9", "9"])],
        Vec::new(),
    );
    read.control[0].cost.amortized = crate::testing::amount("10");
    read.control[0].cost.unblended = crate::testing::amount("10");
    let rows = rows_of(&csv(&bill(read)));
    let of = |row: &Row| (row["SubAccountId"].clone(), row["x_LineKind"].clone());
    let told = |id: &str, kind: &str| (id.to_owned(), kind.to_owned());
    let found: Vec<_> = rows.iter().map(of).collect();
    assert_eq!(found, [told(P, "usage"), told("", "unattributed")]);
}
