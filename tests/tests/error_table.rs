//! `ERRORS.md` against the taxonomy and the definition: every name has a row, with its kind and its remedy.
//! A name that is gone must leave the table, too.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};

use avm_core::error::{ErrorName, Kind};
use contract_tests::definition::{Definition, matched};
use contract_tests::{files_below, text};

/// The cells of every row of the table below that headline, without its two lines of head.
fn rows(headline: &str) -> Vec<Vec<String>> {
    let document = text("ERRORS.md");
    let (_, section) = document.split_once(&format!("\n{headline}\n")).unwrap();
    let section = section.split("\n## ").next().unwrap();
    section
        .lines()
        .filter(|line| line.starts_with('|'))
        .skip(2)
        .map(|line| {
            let cells = line.trim_matches('|').split(" | ");
            cells.map(|cell| cell.trim().to_owned()).collect()
        })
        .collect()
}

const fn in_words(kind: Kind) -> &'static str {
    match kind {
        Kind::BadInput => "bad input",
        Kind::Busy => "busy",
        Kind::Terminal => "terminal",
        Kind::TimedOut => "bounded wait",
    }
}

/// The names in a cell: every text in backticks.
fn names(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

#[test]
fn every_name_has_one_row_with_its_kind_and_its_remedy() {
    let mut found = BTreeMap::new();
    for row in rows("## Names of the AVM") {
        let [name, kind, cause, became, remedy] = &row[..] else {
            panic!("not five cells: {row:?}");
        };
        let name = name.trim_matches('`').to_owned();
        assert!(!cause.is_empty() && !became.is_empty(), "{name}");
        let before = found.insert(name.clone(), (kind.clone(), remedy.clone()));
        assert!(before.is_none(), "{name} has two rows");
    }
    let expected: BTreeMap<String, (String, String)> = ErrorName::ALL
        .iter()
        .map(|name| {
            let told = (in_words(name.kind()).to_owned(), name.remedy().to_owned());
            (name.to_string(), told)
        })
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn every_name_of_aws_that_the_definition_retries_has_a_row() {
    let told: Vec<String> = rows("## Names of AWS")
        .iter()
        .inspect(|row| assert_eq!(row.len(), 4, "{row:?}"))
        .flat_map(|row| names(&row[0]).map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let once: BTreeSet<&String> = told.iter().collect();
    assert_eq!(once.len(), told.len());
    let definition = Definition::read();
    let ours: BTreeSet<&str> = ErrorName::ALL.iter().map(|name| name.as_str()).collect();
    let mut retried = BTreeSet::new();
    for (_, _, state) in definition.states() {
        retried.extend(matched(state, "Retry"));
    }
    // Whatever a call of the machine itself, that of SNS, ends with.
    retried.remove("States.TaskFailed");
    for name in retried.into_iter().filter(|name| !ours.contains(name)) {
        assert!(
            told.iter().any(|one| one == name),
            "{name} is not in ERRORS.md"
        );
    }
}

#[test]
fn every_kind_is_explained() {
    let document = text("ERRORS.md");
    for name in ErrorName::ALL {
        let line = format!("\n| {} | ", in_words(name.kind()));
        assert_eq!(document.matches(&line).count(), 1, "{name}");
    }
}

/// The machine raises those of the bounded waits; `errors.rs` looks at them.
#[test]
fn every_other_name_is_given_to_a_failure_by_some_code() {
    let code: String = ["functions", "shared/src"]
        .iter()
        .flat_map(|folder| files_below(folder, "rs"))
        .filter(|path| !path.contains("test") && !path.ends_with("shared/src/error.rs"))
        .map(|path| text(&path))
        .collect();
    for name in ErrorName::ALL {
        let is_given = code.contains(&format!("ErrorName::{name}"));
        let is_of_the_machine = name.kind() == Kind::TimedOut;
        assert_ne!(is_given, is_of_the_machine, "{name}");
    }
}
