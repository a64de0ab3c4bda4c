//! `avm report`: a month as it is published, as a table, as CSV, as the documents themselves, or for meshStack.
//! `--check` proves a month from its documents alone. Everything is read with the caller's own rights.

mod chart;
mod meshstack;
mod rows;
mod table;

use std::io::{Write, stdout};

use anstream::{AutoStream, ColorChoice};
use avm_core::domain::{AccountId, Month};
use avm_core::ports::documents::Documents;
use avm_metering::check::{StoredMonth, differences};
use avm_metering::documents::{Pointer, Report, Status, read, text_of};
use avm_metering::line::Kind;
use avm_metering::ports::ReportStore;
use avm_metering::shelf::Shelf;
use clap::{Args, ValueEnum};

use crate::Outcome;
use crate::answer::Answer;
use crate::exit::Stop;

/// The parameter that the metering's template makes.
pub const BUCKET_PARAMETER: &str = "/avm/metering/bucket";

/// What is to be shown of a month.
#[derive(Args, Clone, Debug)]
pub struct Options {
    /// The month, e.g. 2026-01
    #[arg(value_name = "MONTH")]
    month: Month,
    /// Only this account
    #[arg(long, value_name = "ID")]
    account: Option<AccountId>,
    /// Only accounts of this workspace
    #[arg(long, value_name = "NAME")]
    workspace: Option<String>,
    /// Only accounts of this project
    #[arg(long, value_name = "NAME")]
    project: Option<String>,
    /// Only lines of this kind, e.g. upfrontPayment
    #[arg(long, value_name = "KIND", value_parser = kind)]
    kind: Option<Kind>,
    /// This version of a final month instead of the current one
    #[arg(long, value_name = "N")]
    version: Option<u32>,
    /// How it is written
    #[arg(long, value_name = "FORM", default_value = "table")]
    output: Form,
    /// The full identifier of the platform in meshStack, for `--output meshstack`
    #[arg(
        long,
        value_name = "PLATFORM.LOCATION",
        required_if_eq("output", "meshstack")
    )]
    platform: Option<String>,
    /// Show nothing; prove that the documents are whole and add up, and exit 1 if they do not
    #[arg(long, conflicts_with_all = ["account", "workspace", "project", "kind", "output"])]
    check: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    Table,
    Csv,
    Json,
    Meshstack,
}

fn kind(text: &str) -> Result<Kind, String> {
    serde_json::from_value(text.into()).map_err(|_| "must be a kind of line".to_owned())
}

/// The bucket of the reports.
///
/// # Errors
/// The parameter cannot be read, or there is none.
pub async fn bucket(documents: &impl Documents) -> Result<String, Stop> {
    let found = documents.find_document(BUCKET_PARAMETER).await?;
    let missing = || format!("{BUCKET_PARAMETER} does not exist: deploy the metering first");
    Ok(found.map(|parameter| parameter.text).ok_or_else(missing)?)
}

/// What a reader sees: the pointer of the month, its documents, and the total of the version before.
struct Shown {
    pointer: Pointer,
    version: u32,
    month: StoredMonth,
    before: Option<(u32, String)>,
}

/// Shows or proves the month.
///
/// # Errors
/// The store refuses; there is no such month or version; a document is not what its manifest says.
pub async fn run(
    options: &Options,
    store: &impl ReportStore,
    answer: &mut Answer,
) -> Result<Outcome, Stop> {
    let shown = find(options, store).await?;
    let found = differences(&shown.month);
    if options.check {
        return Ok(proved(&shown, found, answer));
    }
    if let Some(first) = found.first() {
        let words = "the month does not prove itself";
        let month = options.month;
        return Err(Stop::Usage(format!(
            "{words}: {first}; `avm report --check {month}` says everything"
        )));
    }
    let text = written(options, &shown)?;
    let mut out = stdout().lock();
    // A reader that has seen enough, such as `head`, is no fault.
    let _ = out.write_all(text.as_bytes());
    Ok(Outcome::Done)
}

fn proved(shown: &Shown, found: Vec<String>, answer: &mut Answer) -> Outcome {
    let is_whole = found.is_empty();
    for words in found {
        answer.add(words.clone(), [("difference", words)]);
    }
    let mut notes = Vec::new();
    if let Some(difference) = shown.month.manifest.controls.cash_difference {
        notes.push(format!(
            "what is charged is {difference} more than what was billed"
        ));
    }
    if is_whole {
        let accounts = shown.month.reports.len();
        notes.push(format!(
            "{}: {accounts} reports are whole and add up",
            title(shown)
        ));
    }
    if !notes.is_empty() {
        answer.note(notes.join("\n"));
    }
    if is_whole {
        Outcome::Done
    } else {
        Outcome::Problems
    }
}

async fn find(options: &Options, store: &impl ReportStore) -> Result<Shown, Stop> {
    let shelf = Shelf { store };
    let month = options.month;
    let pointer = shelf.find_current(month).await?;
    let pointer = pointer.ok_or_else(|| format!("there is no report of {month}"))?;
    let newest = pointer.with_itself();
    let version = options.version.unwrap_or(pointer.version);
    let place = newest.iter().position(|found| found.version == version);
    let place = place.ok_or_else(|| format!("{month} has no version {version}"))?;
    let chosen = &newest[place];
    let manifest = if version == pointer.version {
        let found = shelf.manifest(&pointer).await?;
        found.ok_or_else(|| {
            format!("the estimate of {month} has expired: avm meter {month} makes it anew")
        })?
    } else {
        shelf.replaced(chosen).await?
    };
    let mut before = None;
    if let Some(replaced) = place.checked_sub(1).map(|place| &newest[place]) {
        let manifest = shelf.replaced(replaced).await?;
        before = Some((replaced.version, manifest.total.rounded.to_string()));
    }
    let documents = shelf.documents(&chosen.manifest, manifest).await;
    Ok(Shown {
        month: documents?,
        pointer,
        version,
        before,
    })
}

/// The month and how far it is.
fn title(shown: &Shown) -> String {
    let month = shown.pointer.month;
    match (shown.pointer.status, &shown.before) {
        (Status::Estimated, _) => format!("{month}, estimated"),
        (Status::Final, None) => format!("{month}, final v{}", shown.version),
        (Status::Final, Some((version, total))) => {
            format!("{month}, updated v{} (v{version}: {total})", shown.version)
        }
    }
}

/// The reports that the options ask for, with the lines that they ask for; unassigned accounts last.
fn reports(options: &Options, month: &StoredMonth) -> Result<Vec<Report>, Stop> {
    let mut reports = Vec::new();
    for (account, text) in &month.reports {
        let mut report: Report = read(account.as_str(), text)?;
        let is_of = |wanted: &Option<String>, value: Option<&String>| {
            wanted.is_none() || wanted.as_ref() == value
        };
        let owner = report.owner.as_ref();
        let is_asked = options
            .account
            .as_ref()
            .is_none_or(|wanted| wanted == account)
            && is_of(&options.workspace, owner.map(|owner| &owner.workspace))
            && is_of(&options.project, owner.map(|owner| &owner.project));
        if is_asked {
            report
                .lines
                .retain(|line| options.kind.is_none_or(|kind| line.kind == kind));
            reports.push(report);
        }
    }
    let place = |report: &Report| {
        let owner = report.owner.clone();
        (owner.is_none(), owner, report.account_id.clone())
    };
    reports.sort_by_key(place);
    Ok(reports)
}

fn written(options: &Options, shown: &Shown) -> Result<String, Stop> {
    Ok(match options.output {
        Form::Csv => rows::of(options, &shown.month.csv)?,
        Form::Json => text_of(&reports(options, &shown.month)?)?,
        Form::Meshstack => {
            let platform = options.platform.as_deref().unwrap_or_default();
            let reports = reports(options, &shown.month)?;
            let imports = reports
                .iter()
                .map(|report| meshstack::import(report, platform));
            text_of(&imports.collect::<Result<Vec<_>, _>>()?)?
        }
        Form::Table => {
            let reports = reports(options, &shown.month)?;
            let manifest = &shown.month.manifest;
            let chart =
                chart::Paper::of_terminal(AutoStream::choice(&stdout()) != ColorChoice::Never);
            table::of(&title(shown), manifest, &reports, chart)
        }
    })
}

#[cfg(test)]
mod tests;
