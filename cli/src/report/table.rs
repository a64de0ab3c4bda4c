//! The table of a month: an account in each row, its kinds of lines in columns, sums at the end, and a chart.
//! What people chose, names and tags, cannot break a row: it is on one line.

use std::collections::{BTreeMap, BTreeSet};

use avm_core::domain::one_line;
use avm_metering::bill::Sums;
use avm_metering::documents::{Manifest, Report};
use avm_metering::line::Kind;
use avm_metering::money::Cents;

use super::chart::{self, Paper};

const NOBODY: &str = "(unassigned)";
/// The columns of texts, on the left.
const TEXTS: usize = 3;

/// The table of these reports of the month.
pub fn of(title: &str, manifest: &Manifest, reports: &[Report], paper: Paper) -> String {
    let kinds: BTreeSet<Kind> = reports
        .iter()
        .flat_map(|report| &report.lines)
        .filter(|line| !line.rounded.is_zero())
        .map(|line| line.kind)
        .collect();
    let mut rows = vec![head(&kinds)];
    let mut sums: BTreeMap<Kind, Cents> = BTreeMap::new();
    let mut projects: BTreeMap<(bool, String), Cents> = BTreeMap::new();
    for report in reports {
        let of_kind = by_kind(report);
        let total = Sums::of(&report.lines).rounded;
        let owner = report.owner.as_ref();
        let workspace = owner.map_or(NOBODY, |owner| &owner.workspace);
        let project = owner.map_or("", |owner| &owner.project);
        let account = format!("{} {}", report.account_id, report.account_name);
        let texts = [workspace, project, &account].map(one_line);
        rows.push(row(texts, &kinds, &of_kind, total));
        for (kind, cents) in of_kind {
            *sums.entry(kind).or_default() += cents;
        }
        let name = one_line(&format!("{workspace} {project}"));
        let place = (owner.is_none(), name.trim().to_owned());
        *projects.entry(place).or_default() += total;
    }
    let total = sums.values().copied().sum();
    let texts = ["total".to_owned(), String::new(), String::new()];
    rows.push(row(texts, &kinds, &sums, total));
    let bars: Vec<(String, Cents)> = projects
        .into_iter()
        .map(|((_, name), total)| (name, total))
        .collect();
    let unattributed = Sums::of(&manifest.unattributed).rounded;
    let mut text = format!("{title}, {}\n\n", manifest.currency);
    text.push_str(&aligned(&rows));
    if !unattributed.is_zero() {
        let told = format!("no account has {unattributed}\n");
        text.push_str(&told);
    }
    text.push('\n');
    text.push_str(&chart::of(&bars, paper));
    text
}

fn by_kind(report: &Report) -> BTreeMap<Kind, Cents> {
    let mut sums = BTreeMap::new();
    for line in &report.lines {
        *sums.entry(line.kind).or_default() += line.rounded;
    }
    sums
}

fn head(kinds: &BTreeSet<Kind>) -> Vec<String> {
    let texts = ["workspace", "project", "account"];
    let kinds = kinds.iter().map(|kind| kind.as_str());
    let names = texts.into_iter().chain(kinds).chain(["total"]);
    names.map(str::to_owned).collect()
}

fn row(
    texts: [String; TEXTS],
    kinds: &BTreeSet<Kind>,
    of_kind: &BTreeMap<Kind, Cents>,
    total: Cents,
) -> Vec<String> {
    let cell = |kind: &Kind| match of_kind.get(kind) {
        Some(cents) if !cents.is_zero() => cents.to_string(),
        _ => String::new(),
    };
    let cells = kinds.iter().map(cell);
    texts
        .into_iter()
        .chain(cells)
        .chain([total.to_string()])
        .collect()
}

/// Texts to the left, amounts to the right.
fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let cells = row.iter().zip(&widths).enumerate();
        let cells: Vec<String> = cells
            .map(|(column, (cell, width))| {
                if column < TEXTS {
                    format!("{cell:<width$}")
                } else {
                    format!("{cell:>width$}")
                }
            })
            .collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}
