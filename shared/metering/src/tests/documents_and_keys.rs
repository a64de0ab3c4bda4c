//! The documents as bytes: what they look like, that the same month gives the same, and under which keys they lie.

use serde_json::{Value, json};

use super::{example_a, odd_bill, stored};
use crate::documents::{Manifest, OwnerSource, Report, Status, owner_of, read};
use crate::plan::PlanKind;
use crate::publish::{Documents, Edition, Publication};
use crate::testing::{
    EC2, M, P, RDS, U, account, documents, group, infos, month_read, plan, settings,
};

const REPORT: &str = r#"{
  "schema": "avm/tenant-usage-report/1",
  "month": "2026-01",
  "status": "final",
  "version": 1,
  "accountId": "222222222222",
  "accountName": "account-222",
  "accountState": "ACTIVE",
  "owner": {
    "workspace": "likvid",
    "project": "payments-prod",
    "source": "completionTags"
  },
  "currency": "USD",
  "metric": "AmortizedCost",
  "filter": "none",
  "fairChargeback": {
    "reservedInstances": true,
    "savingsPlans": true
  },
  "planData": "complete",
  "lines": [
    {
      "kind": "reservationCoveredUsage",
      "recordType": "DiscountedUsage",
      "service": "Amazon Relational Database Service",
      "amount": "74.4",
      "rounded": "74.40",
      "billed": "0"
    },
    {
      "kind": "upfrontPayment",
      "recordType": "Fee",
      "service": "Amazon Relational Database Service",
      "plans": [
        "arn:aws:rds:eu-central-1:222222222222:ri:r1"
      ],
      "amount": "876",
      "rounded": "876.00",
      "billed": "876"
    },
    {
      "kind": "upfrontDiscount",
      "service": "Amazon Relational Database Service",
      "plans": [
        "arn:aws:rds:eu-central-1:222222222222:ri:r1"
      ],
      "amount": "-74.4",
      "rounded": "-74.40",
      "billed": "0"
    }
  ],
  "total": {
    "amount": "876",
    "rounded": "876.00",
    "billed": "876"
  }
}
"#;

#[test]
fn the_report_of_example_a_is_that_of_the_documentation() {
    let documents = documents(&example_a(), &settings());
    assert_eq!(documents.reports[&account(P)], REPORT);
}

#[test]
fn the_manifest_of_example_a_says_what_proves_it() {
    let documents = documents(&example_a(), &settings());
    let manifest: Value = serde_json::from_str(&documents.manifest_text).unwrap();
    assert_eq!(
        manifest["controls"],
        json!({
            "amortized": "74.4",
            "unblended": "876",
            "upfrontPayments": "876",
            "upfrontDiscounts": "-74.4",
            "partition": [
                { "recordType": "DiscountedUsage", "amortized": "74.4", "unblended": "0", "difference": "0" },
                { "recordType": "Fee", "amortized": "0", "unblended": "876", "difference": "0" }
            ],
            "cashDifference": "0"
        })
    );
    assert_eq!(
        manifest["plans"],
        json!([{
            "id": "arn:aws:rds:eu-central-1:222222222222:ri:r1", "kind": "reservedInstance",
            "accountId": "222222222222", "service": RDS, "paymentOption": "All Upfront",
            "start": "2026-01-01T00:00:00Z", "end": "2026-12-31T23:59:59Z",
            "upfront": "876", "amortizedUpfront": "74.4", "amortizedRecurring": "0"
        }])
    );
    assert_eq!(
        manifest["unassigned"],
        json!({"accounts": [], "rounded": "0.00"})
    );
    let keys: Vec<&String> = manifest.as_object().unwrap().keys().collect();
    assert!(keys.contains(&&"csvSha256".to_owned()), "{keys:?}");
}

#[test]
fn documents_are_read_as_they_were_written_and_nothing_else_is() {
    let documents = documents(&example_a(), &settings());
    let text = &documents.reports[&account(P)];
    let report: Report = read("report", text).unwrap();
    assert_eq!(&crate::documents::text_of(&report).unwrap(), text);
    let manifest: Manifest = read("manifest", &documents.manifest_text).unwrap();
    assert_eq!(manifest, documents.manifest);
    for (from, to) in [
        ("\"version\": 1", "\"version\": 1, \"more\": 1"),
        ("74.40", "74.4"),
        ("\"-74.4\"", "\"-74.40\""),
        ("2026-01", "2026-13"),
        ("222222222222", "2222"),
        ("usage-report/1", "usage-report/2"),
        ("\"USD\"", "\"GBP\""),
    ] {
        let changed = text.replacen(from, to, 1);
        assert_ne!(&changed, text, "{from}");
        assert!(read::<Report>("report", &changed).is_err(), "{to}");
    }
    let without_owner = text.replacen("\"owner\"", "\"owner2\"", 1);
    assert!(read::<Report>("report", &without_owner).is_err());
}

#[test]
fn the_order_of_groups_and_the_cuts_of_pages_do_not_matter() {
    let groups = vec![
        group(U, "Usage", EC2, ["1.005", "1"]),
        group(P, "Fee", RDS, ["0", "876"]),
        group(P, "DiscountedUsage", RDS, ["74.4", "0"]),
        group(P, "Usage", EC2, ["0.015", "3"]),
        group(P, "Usage", EC2, ["0.01", "3"]),
        group(M, "Tax", EC2, ["7.777", "7.777"]),
    ];
    let plans = vec![
        plan(PlanKind::ReservedInstance, "876", "74.4"),
        plan(PlanKind::SavingsPlan, "100", "8.49315068"),
    ];
    let bytes = |reverse: bool| {
        let mut read = month_read("2026-01", groups.clone(), plans.clone());
        if reverse {
            read.groups.reverse();
            read.control.reverse();
        }
        let bill = odd_bill(read);
        documents(&bill, &settings())
    };
    assert_eq!(bytes(false), bytes(true));
}

#[test]
fn keys_follow_from_the_content_and_the_edition() {
    let bill = example_a();
    let settings = settings();
    let publication = Publication {
        bill: &bill,
        settings: &settings,
        accounts: &infos(&bill),
        payer: &account(M),
    };
    let of = |edition| Documents::of(publication, edition).unwrap();
    let first = of(Edition::FIRST);
    let content = &first.manifest_sha256[..16];
    assert_eq!(
        first.manifest_key(),
        format!("final/2026-01/v1-{content}/organization.json")
    );
    let keys: Vec<String> = first.entries().map(|(key, _)| key).collect();
    assert_eq!(
        keys,
        [
            format!("final/2026-01/v1-{content}/accounts/222222222222.json"),
            format!("final/2026-01/v1-{content}/lines.csv"),
        ]
    );
    let second = of(Edition::after(1));
    assert_eq!(second.manifest.supersedes, Some(1));
    assert!(second.manifest_key().starts_with("final/2026-01/v2-"));
    let estimated = of(Edition::ESTIMATED);
    assert_eq!(estimated.manifest.status, Status::Estimated);
    assert!(estimated.manifest_key().starts_with("estimated/2026-01/"));
    assert_eq!(crate::check::differences(&stored(&second)), [""; 0]);
}

#[test]
fn t_the_owner_is_that_of_the_completion_else_of_the_creation() {
    let of = |pairs: &[(&str, &str)]| {
        let owned = |&(key, value): &(&str, &str)| (key.to_owned(), value.to_owned());
        owner_of(&pairs.iter().map(owned).collect())
            .map(|owner| (owner.workspace, owner.project, owner.source))
    };
    let told = |source| Some(("w".to_owned(), "p".to_owned(), source));
    let (completion, creation) = (
        [("ProductName", "w"), ("Stage", "p")],
        [("avm:workspace", "w"), ("avm:project", "p")],
    );
    assert_eq!(of(&completion), told(OwnerSource::CompletionTags));
    assert_eq!(of(&creation), told(OwnerSource::OwnerTags));
    let both = [completion, [("avm:workspace", "x"), ("avm:project", "y")]].concat();
    assert_eq!(of(&both), told(OwnerSource::CompletionTags));
    for half in [
        &[("ProductName", "w")][..],
        &[("ProductName", "w"), ("avm:project", "p")],
        &[("productname", "w"), ("stage", "p")],
        &[("ProductName", ""), ("Stage", "p")],
        &[],
    ] {
        assert_eq!(of(half), None, "{half:?}");
    }
}
