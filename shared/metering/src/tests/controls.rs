//! The control: what must be equal before a month can be final, and what is said where it is not. Examples s and u.
//! Also the currency of a month.

use super::{bill, odd_bill, only, prove, total};
use crate::bill::Bill;
use crate::line::Kind;
use crate::plan::{PlanCoverage, PlanData, PlanKind};
use crate::publish::{Documents, Edition, Publication};
use crate::read::{MonthRead, currency_of, has_savings_plans, services_of_reservations};
use crate::testing::{
    EC2, M, P, RDS, account, amount, control_of, group, infos, moment, month_read, plan, settings,
};
use crate::time::Window;
use avm_core::config::Filter;
use avm_core::error::ErrorName;

/// The control says 100.00, the accounts' groups that sum.
fn usage(sum: &str) -> MonthRead {
    let groups = vec![group(P, "Usage", EC2, [sum, sum])];
    let mut read = month_read("2026-01", groups, Vec::new());
    read.control = control_of(&[group(P, "Usage", EC2, ["100", "100"])]);
    read
}

#[test]
fn u_what_no_account_has_is_told_outside_of_accounts() {
    assert!(usage("100").agrees(Filter::None));
    assert!(!usage("99.4").agrees(Filter::None));
    let month = bill(usage("99.4"));
    assert_eq!(total(&month, P), "99.40");
    let rest = &month.unattributed[0];
    assert_eq!(
        (rest.kind, rest.amount, rest.rounded.to_string()),
        (Kind::Unattributed, amount("0.6"), "0.60".to_owned())
    );
    assert!(!month.is_settled());
}

#[test]
fn both_figures_of_the_control_count() {
    let mut read = usage("100");
    read.groups[0].cost.unblended = amount("99.4");
    assert!(!read.agrees(Filter::None));
    let month = odd_bill(read);
    assert_eq!(month.unattributed[0].billed, amount("0.6"));
    assert!(month.unattributed[0].amount.is_zero());
}

#[test]
fn a_cent_is_what_aws_rounds_away() {
    let read = usage("99.99");
    assert!(read.agrees(Filter::None));
    let month = odd_bill(read);
    assert!(month.unattributed.is_empty());
    assert!(month.is_settled());
    assert!(!usage("99.989").agrees(Filter::None));
    let read = usage("100.011");
    assert!(!read.agrees(Filter::None));
}

#[test]
fn a_record_type_that_only_the_accounts_or_only_the_control_has_is_seen() {
    let mut read = usage("100");
    read.groups.push(group(P, "Tax", EC2, ["5", "5"]));
    assert!(!read.agrees(Filter::None));
    assert!(read.agrees(Filter::ExcludeTax));
    let mut read = usage("100");
    read.control
        .extend(control_of(&[group(P, "Tax", EC2, ["5", "5"])]));
    assert!(!read.agrees(Filter::None));
    let month = bill(read);
    assert_eq!(month.unattributed[0].record_type, Some("Tax".into()));
}

#[test]
fn s_no_record_of_a_plan_is_no_plan() {
    let groups = vec![
        group(P, "Usage", EC2, ["1", "1"]),
        // An ordinary fee is the same in both figures.
        group(P, "Fee", "AWS Support (Business)", ["100", "100"]),
    ];
    let read = month_read("2026-01", groups, Vec::new());
    assert!(services_of_reservations(&read.control).is_empty());
    assert!(!has_savings_plans(&read.control));
    assert!(bill(read).is_settled());
}

#[test]
fn a_record_of_a_plan_tells_the_service_to_ask_for() {
    for (record_type, costs) in [
        ("DiscountedUsage", ["1", "0"]),
        ("RIFee", ["0", "1"]),
        ("Fee", ["0", "1"]),
    ] {
        let control = control_of(&[group(P, record_type, RDS, costs)]);
        assert_eq!(
            services_of_reservations(&control),
            [RDS].into(),
            "{record_type}"
        );
    }
    for record_type in [
        "SavingsPlanCoveredUsage",
        "SavingsPlanNegation",
        "SavingsPlanRecurringFee",
        "SavingsPlanUpfrontFee",
    ] {
        let control = control_of(&[group(P, record_type, EC2, ["0", "1"])]);
        assert!(has_savings_plans(&control), "{record_type}");
        let nothing = control_of(&[group(P, record_type, EC2, ["0", "0"])]);
        assert!(!has_savings_plans(&nothing), "{record_type}");
    }
}

#[test]
fn s_plans_that_aws_cannot_tell_yet_keep_the_month_open_without_a_discount() {
    let groups = vec![
        group(P, "Fee", RDS, ["0", "876"]),
        group(P, "RIFee", RDS, ["74.4", "0"]),
    ];
    let mut read = month_read("2026-01", groups, Vec::new());
    read.reservations = PlanData::Pending;
    let month = bill(read);
    assert_eq!(month.coverage, PlanCoverage::Pending);
    assert!(!month.is_settled());
    assert_eq!(total(&month, P), "950.40");
    // The bill shows an upfront, and nobody knows of which plan.
    assert!(only(&month, P, Kind::UpfrontPayment).plans.is_empty());
}

#[test]
fn figures_of_a_part_of_the_month_do_not_settle_it() {
    let groups = vec![group(P, "DiscountedUsage", RDS, ["67.2", "0"])];
    let mut read = month_read("2026-02", groups, Vec::new());
    read.reservations = PlanData::Known {
        plans: vec![plan(PlanKind::ReservedInstance, "876", "64.8")],
        window: Window::of(read.month, moment("2026-03-01T06:00:00Z")).unwrap(),
    };
    let month = bill(read.clone());
    assert_eq!(month.coverage, PlanCoverage::Partial);
    assert!(!month.is_settled());
    read.is_estimated = true;
    assert!(!bill(read).is_settled());
}

#[test]
fn a_month_has_one_currency_of_three() {
    let with = |currencies: &[(&str, &str)]| {
        let mut control = Vec::new();
        for (service, currency) in currencies {
            let mut groups = control_of(&[group(P, "Usage", service, ["1", "1"])]);
            groups[0].currencies = [(*currency).to_owned()].into();
            control.extend(groups);
        }
        currency_of(&control)
    };
    assert_eq!(with(&[]).unwrap().as_str(), "USD");
    assert_eq!(with(&[(EC2, "EUR"), (RDS, "EUR")]).unwrap().as_str(), "EUR");
    let failure = with(&[(EC2, "GBP")]).unwrap_err();
    assert_eq!(failure.name(), ErrorName::UnsupportedCurrency);
    let failure = with(&[(EC2, "USD"), (RDS, "CNY")]).unwrap_err();
    assert_eq!(failure.name(), ErrorName::MixedCurrencies);
    assert!(
        failure.cause().contains(&format!("CNY ({RDS})")),
        "{failure}"
    );
}

#[test]
fn documents_that_were_changed_are_found_out() {
    let groups = vec![
        group(P, "Usage", EC2, ["10", "10"]),
        group(M, "Usage", EC2, ["5", "5"]),
    ];
    let month = Bill::of(month_read("2026-01", groups, Vec::new()), &settings()).unwrap();
    let publication = Publication {
        bill: &month,
        settings: &settings(),
        accounts: &infos(&month),
        payer: &account(M),
    };
    let documents = Documents::of(publication, Edition::FIRST).unwrap();
    prove(&documents);
    let found = |change: &dyn Fn(&mut crate::check::StoredMonth)| {
        let mut stored = super::stored(&documents);
        change(&mut stored);
        crate::check::differences(&stored).join("; ")
    };
    let words = found(&|stored| {
        let report = stored.reports.get_mut(&account(P)).unwrap();
        *report = report.replace("\"10\"", "\"9\"");
    });
    assert!(words.contains("SHA-256"), "{words}");
    assert!(words.contains("do not add up"), "{words}");
    assert!(words.contains("the sum of Usage is 14, not 15"), "{words}");
    let words = found(&|stored| drop(stored.reports.remove(&account(P))));
    assert!(
        words.contains("accounts/222222222222.json is missing"),
        "{words}"
    );
    let words = found(&|stored| stored.csv = stored.csv.replacen("10,111", "11,111", 1));
    assert!(
        words.contains("lines.csv: the sum of BilledCost is 16, not 15"),
        "{words}"
    );
    let words = found(&|stored| stored.manifest.controls.amortized = amount("16"));
    assert!(
        words.contains("what AWS charges, amortized is 15, not 16"),
        "{words}"
    );
    let words = found(&|stored| {
        stored.manifest.accounts.get_mut(&account(P)).unwrap().owner = None;
    });
    assert!(words.contains("the owner is not the manifest's"), "{words}");
}
