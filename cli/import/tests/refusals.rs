//! Odd input through the whole import: the cases of `tests/corpus/dhall.json`, and generated texts.
//! `tests/corpus/README.md` says how a case is written.
#![allow(clippy::unwrap_used)]

mod odd_input;

use std::fs;

use proptest::prelude::*;
use serde_json::Value;

#[test]
fn every_case_of_the_corpus_is_accepted_or_refused_as_it_says() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/corpus/dhall.json");
    let corpus: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let cases = corpus["cases"].as_array().unwrap();
    let wrong: Vec<String> = cases.iter().filter_map(|case| check(case).err()).collect();
    assert!(cases.len() >= 40, "{} cases", cases.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn check(case: &Value) -> Result<(), String> {
    let name = &case["name"];
    match odd_input::import(&words(&case["text"])) {
        Ok(()) if case["accepted"] == true => Ok(()),
        Ok(()) => Err(format!("{name}: is accepted")),
        Err(faults) if case["accepted"] == true => Err(format!("{name}: is refused: {faults:?}")),
        Err(faults) => {
            let faults = faults.join("; ");
            let mut named = case["fields"].as_array().unwrap().iter();
            let missing = named.find(|field| !faults.contains(field.as_str().unwrap()));
            missing.map_or(Ok(()), |field| {
                Err(format!("{name}: {faults}, not {field}"))
            })
        }
    }
}

/// A text: as it is, as a repetition, or as a list of both.
fn words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().map(words).collect(),
        repetition => {
            let times = repetition["$times"].as_u64().unwrap();
            let times = usize::try_from(times).unwrap();
            repetition["$repeat"].as_str().unwrap().repeat(times)
        }
    }
}

proptest! {
    // Each evaluation has a thread of its own.
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_dhall_or_refused(text in "[a-z{}\\[\\]()<>=:,|.\"\\\\ ->λ∀0-9]{0,60}") {
        drop(odd_input::import(&text));
    }
}
