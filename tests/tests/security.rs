//! The threat model against the tests that it names: each of them exists.
//! A test that is renamed or taken away must not leave a claim behind.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::path::Path;

use contract_tests::{root, text};

/// `module::test` of every test of a folder, in Rust and Python.
fn tests_in(folder: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let is_code = path
            .extension()
            .is_some_and(|extension| extension == "rs" || extension == "py");
        if !is_code {
            continue;
        }
        let module = path.file_stem().unwrap().to_str().unwrap();
        let code = std::fs::read_to_string(&path).unwrap();
        found.insert(module.to_owned());
        let names = code
            .lines()
            .map(str::trim_start)
            .map(|line| line.strip_prefix("async ").unwrap_or(line))
            .filter_map(|line| {
                line.strip_prefix("def ")
                    .or_else(|| line.strip_prefix("fn "))
            })
            .filter_map(|line| line.split('(').next());
        found.extend(names.map(|name| format!("{module}::{name}")));
    }
    found
}

#[test]
fn every_test_that_the_threat_model_names_exists() {
    let document = text("SECURITY.md");
    let existing: BTreeSet<String> = [
        "tests/tests",
        "tests/end_to_end",
        "tests/end_to_end/apart",
        "tests/end_to_end/attacks",
        "tests/analysis",
        "tests/bad-input/tests",
        "shared/core/src/domain",
        "shared/core/src/rules",
        "shared/aws/src",
        "functions/identity-provider/src",
    ]
    .iter()
    .flat_map(|folder| tests_in(&root().join(folder)))
    .collect();
    let words = document.split('`').skip(1).step_by(2);
    let named: Vec<&str> = words
        .filter(|word| word.starts_with("test_") || word.contains("::"))
        .filter(|word| {
            word.chars()
                .all(|letter| letter.is_ascii_alphanumeric() || "_:".contains(letter))
        })
        .filter(|word| *word != "module::test")
        .collect();
    assert!(named.len() > 30, "{named:?}");
    for name in named {
        assert!(existing.contains(name), "SECURITY.md names {name}");
    }
}
