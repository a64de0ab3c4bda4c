//! What is shown of a month: the table with its chart, the rows, the bodies for meshStack, the proof.

use std::cell::RefCell;
use std::collections::BTreeMap;

use avm_core::error::Failure;
use avm_metering::bill::Bill;
use avm_metering::documents::{Owner, OwnerSource, PointerSchema};
use avm_metering::plan::PlanKind;
use avm_metering::ports::{ETag, Stored, Swap};
use avm_metering::publish::{Documents, Edition, Publication};
use avm_metering::shelf::pointer_key;
use avm_metering::testing::{
    EC2, M, P, RDS, U, account, group, infos, moment, month_read, plan, settings,
};
use clap::Parser;

use super::chart::{self, Paper};
use super::*;

#[derive(Default)]
struct Bucket(RefCell<BTreeMap<String, String>>);

impl ReportStore for Bucket {
    async fn find(&self, key: &str) -> Result<Option<Stored>, Failure> {
        let objects = self.0.borrow();
        Ok(objects.get(key).map(|text| Stored {
            text: text.clone(),
            etag: ETag(String::new()),
        }))
    }

    async fn put(&self, key: &str, text: &str) -> Result<(), Failure> {
        self.0.borrow_mut().insert(key.to_owned(), text.to_owned());
        Ok(())
    }

    async fn swap(&self, key: &str, text: &str, _: Option<&ETag>) -> Result<Swap, Failure> {
        self.put(key, text).await?;
        Ok(Swap::Done)
    }
}

#[derive(Parser)]
struct Command {
    #[command(flatten)]
    options: Options,
}

fn stop(words: &str) -> Stop {
    Stop::Usage(words.to_owned())
}

fn options(words: &[&str]) -> Options {
    let words = ["report", "2026-02"].iter().chain(words);
    Command::try_parse_from(words).unwrap().options
}

/// February of example c: P gets 67.20 back, U pays them; M has a cost that nobody owns.
fn february(extra: &str, edition: Edition) -> Documents {
    let groups = vec![
        group(U, "DiscountedUsage", RDS, ["67.2", "0"]),
        group(M, "Usage", EC2, [extra, extra]),
    ];
    let plans = vec![plan(PlanKind::ReservedInstance, "876", "67.2")];
    let settings = settings();
    let bill = Bill::of(month_read("2026-02", groups, plans), &settings).unwrap();
    let mut accounts = infos(&bill);
    accounts.get_mut(&account(M)).unwrap().owner = None;
    accounts.get_mut(&account(U)).unwrap().owner = Some(Owner {
        workspace: "likvid".to_owned(),
        project: "trading".to_owned(),
        source: OwnerSource::OwnerTags,
    });
    let publication = Publication {
        bill: &bill,
        settings: &settings,
        accounts: &accounts,
        payer: &account(M),
    };
    Documents::of(publication, edition).unwrap()
}

fn publish(bucket: &Bucket, documents: &Documents, before: Option<&Pointer>) -> Pointer {
    let mut objects = bucket.0.borrow_mut();
    for (key, text) in documents.entries() {
        objects.insert(key, text.to_owned());
    }
    objects.insert(documents.manifest_key(), documents.manifest_text.clone());
    let pointer = Pointer {
        schema: PointerSchema::V1,
        month: documents.manifest.month,
        status: documents.manifest.status,
        version: documents.manifest.version,
        manifest: documents.manifest_key(),
        sha256: documents.manifest_sha256.clone(),
        started_at: moment("2026-03-08T06:00:00Z"),
        published_at: moment("2026-03-08T06:00:01Z"),
        requests: 4,
        request_cost: avm_metering::money::Cents::of(4),
        replaced: before.map(Pointer::with_itself).unwrap_or_default(),
    };
    let key = pointer_key(pointer.status, pointer.month);
    objects.insert(key, text_of(&pointer).unwrap());
    pointer
}

fn bucket() -> Bucket {
    let bucket = Bucket::default();
    let first = publish(&bucket, &february("5", Edition::FIRST), None);
    publish(&bucket, &february("6.50", Edition::after(1)), Some(&first));
    bucket
}

async fn show(words: &[&str]) -> String {
    let options = options(words);
    let shown = find(&options, &bucket()).await.unwrap();
    assert_eq!(differences(&shown.month), [""; 0]);
    written(&options, &shown).unwrap()
}

#[tokio::test]
async fn the_table_has_an_account_in_each_row_and_the_negative_bar_to_the_left() {
    let table = show(&[]).await;
    let lines: Vec<&str> = table.lines().map(str::trim_end).collect();
    assert_eq!(lines[0], "2026-02, updated v2 (v1: 5.00), USD");
    assert!(
        lines[2].starts_with("workspace     project        account"),
        "{table}"
    );
    let columns: Vec<&str> = lines[2].split_whitespace().skip(3).collect();
    let kinds = [
        "usage",
        "reservationCoveredUsage",
        "upfrontDiscount",
        "total",
    ];
    assert_eq!(columns, kinds);
    let amounts = |line: &str| -> Vec<String> {
        let cells = line.split_whitespace().map(str::to_owned);
        cells.filter(|cell| cell.contains('.')).collect()
    };
    assert!(lines[3].starts_with("likvid        payments-prod  222222222222 account-222"));
    assert_eq!(amounts(lines[3]), ["-67.20", "-67.20"]);
    assert_eq!(amounts(lines[4]), ["67.20", "67.20"]);
    assert!(lines[5].starts_with("(unassigned)"), "{table}");
    assert_eq!(amounts(lines[6]), ["6.50", "67.20", "-67.20", "6.50"]);
    let bars = &lines[8..];
    assert_eq!(bars.len(), 3);
    let (start, end) = (bars[0].find('█').unwrap(), bars[1].find('█').unwrap());
    assert!(start < end, "{table}");
    assert!(!table.contains('\u{1b}'));
}

#[tokio::test]
async fn accounts_kinds_and_versions_are_chosen() {
    let table = show(&["--project", "trading"]).await;
    assert!(
        table.contains("333333333333") && !table.contains("222222222222"),
        "{table}"
    );
    let table = show(&["--version", "1"]).await;
    assert!(table.starts_with("2026-02, final v1, USD"), "{table}");
    assert!(table.contains("5.00"), "{table}");
    let table = show(&["--kind", "upfrontDiscount"]).await;
    assert!(!table.contains("reservationCoveredUsage"), "{table}");
    let missing = find(&options(&["--version", "7"]), &bucket()).await.err();
    assert_eq!(missing.unwrap(), stop("2026-02 has no version 7"));
    let none = find(&options(&[]), &Bucket::default()).await.err();
    assert_eq!(none.unwrap(), stop("there is no report of 2026-02"));
}

#[tokio::test]
async fn an_estimate_that_has_expired_can_be_made_anew() {
    let bucket = Bucket::default();
    let documents = february("5", Edition::ESTIMATED);
    publish(&bucket, &documents, None);
    assert!(find(&options(&[]), &bucket).await.is_ok());
    bucket.0.borrow_mut().remove(&documents.manifest_key());
    let expired = find(&options(&[]), &bucket).await.err();
    assert_eq!(
        expired.unwrap(),
        stop("the estimate of 2026-02 has expired: avm meter 2026-02 makes it anew")
    );
}

#[tokio::test]
async fn rows_are_those_of_the_file() {
    let whole = show(&["--output", "csv"]).await;
    assert_eq!(whole, february("6.50", Edition::after(1)).csv);
    let some = show(&["--output", "csv", "--account", U]).await;
    assert_eq!(some.lines().count(), 2);
    assert!(whole.contains(some.lines().last().unwrap()));
    let none = show(&[
        "--output",
        "csv",
        "--workspace",
        "likvid",
        "--kind",
        "usage",
    ])
    .await;
    assert_eq!(none.lines().count(), 1);
}

#[tokio::test]
async fn documents_are_an_array_of_reports() {
    let text = show(&["--output", "json", "--workspace", "likvid"]).await;
    let reports: Vec<Report> = serde_json::from_str(&text).unwrap();
    assert_eq!(reports.len(), 2);
}

#[tokio::test]
async fn meshstack_gets_a_body_for_each_account_with_numbers() {
    let words = [
        "--output",
        "meshstack",
        "--platform",
        "aws.eu",
        "--account",
        P,
    ];
    let text = show(&words).await;
    let bodies: serde_json::Value = serde_json::from_str(&text).unwrap();
    let body = &bodies[0];
    assert_eq!(body["platformTenantId"], P);
    assert_eq!(body["period"], "2026-02-01Z");
    assert_eq!(body["body"]["fullPlatformIdentifier"], "aws.eu");
    let item = &body["body"]["lineItems"][0];
    assert_eq!(item["usageType"], "upfrontDiscount");
    assert_eq!(item["totalCost"].to_string(), "-67.2");
    assert_eq!(item["currency"], "USD");
    assert!(text.contains("\"totalCost\": -67.20"), "{text}");
    let without = ["report", "2026-02", "--output", "meshstack"];
    assert!(Command::try_parse_from(without).is_err());
}

#[tokio::test]
async fn a_month_that_does_not_prove_itself_is_not_shown() {
    let bucket = bucket();
    let check = options(&["--check"]);
    let mut answer = Answer::default();
    assert_eq!(run(&check, &bucket, &mut answer).await, Ok(Outcome::Done));
    let documents = february("6.50", Edition::after(1));
    let (key, _) = documents.entries().next().unwrap();
    bucket.0.borrow_mut().remove(&key);
    assert_eq!(
        run(&check, &bucket, &mut answer).await,
        Ok(Outcome::Problems)
    );
    let shown = run(&options(&[]), &bucket, &mut answer).await;
    let Err(Stop::Usage(words)) = shown else {
        panic!("{shown:?}");
    };
    assert!(words.contains("is missing"), "{words}");
}

#[test]
fn bars_fit_the_paper_and_have_colours_where_asked() {
    let total = |name: &str, cents| (name.to_owned(), avm_metering::money::Cents::of(cents));
    let totals = [
        total("a", 10_000),
        total("b", -5_000),
        total("c", 1),
        total("d", 0),
    ];
    let paper = Paper {
        width: 50,
        has_colour: false,
    };
    let chart = chart::of(&totals, paper);
    let lengths: Vec<usize> = chart
        .lines()
        .map(|line| line.matches('█').count())
        .collect();
    assert!(
        chart.lines().all(|line| line.chars().count() <= 50),
        "{chart}"
    );
    assert_eq!((lengths[0] / 2, lengths[2], lengths[3]), (lengths[1], 1, 0));
    let paper = Paper {
        has_colour: true,
        ..paper
    };
    assert!(chart::of(&totals, paper).contains("\u{1b}[31m"));
}
