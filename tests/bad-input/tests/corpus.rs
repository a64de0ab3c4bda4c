//! Every case of the corpus through the real decoding: accepted, or refused under the expected name with the fields named.
//! What was given is never repeated in a refusal of a request.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeSet;

use avm_core::error::Failure;
use avm_entry_point::payload::KEYS;
use bad_input::corpus::{self, Case, File};
use bad_input::targets;
use serde_json::Value;

/// Runs all cases, and tells all that go wrong.
fn run(name: &str, check: impl Fn(&File, &Case) -> Result<(), String>) {
    let file = corpus::read(name);
    let names: BTreeSet<&str> = file.cases.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(
        names.len(),
        file.cases.len(),
        "{name}: two cases of one name"
    );
    let wrong: Vec<String> = file
        .cases
        .iter()
        .filter_map(|case| Some(format!("{}: {}", case.name, check(&file, case).err()?)))
        .collect();
    assert!(
        wrong.is_empty(),
        "{name}: {}\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// Whether a failure is the one that the case expects.
fn compare<Read>(case: &Case, result: Result<Read, Failure>) -> Result<Option<Read>, String> {
    match (case.accepted, result) {
        (true, Ok(read)) => Ok(Some(read)),
        (true, Err(failure)) => Err(format!("is refused: {failure}")),
        (false, Ok(_)) => Err("is accepted".to_owned()),
        (false, Err(failure)) => {
            let words = failure.cause();
            if Some(failure.name().as_str()) != case.error.as_deref() {
                return Err(format!("fails as {}: {words}", failure.name()));
            }
            named(case, words).map(|()| None)
        }
    }
}

fn named(case: &Case, words: &str) -> Result<(), String> {
    match case.fields.iter().find(|field| !words.contains(*field)) {
        None => Ok(()),
        Some(field) => Err(format!("{field} is not named: {}", short(words))),
    }
}

fn short(words: &str) -> String {
    words.chars().take(300).collect()
}

fn refused(case: &Case, result: Result<(), Vec<String>>) -> Result<(), String> {
    match (case.accepted, result) {
        (true, Ok(())) => Ok(()),
        (true, Err(problems)) => Err(format!("is refused: {}", problems.join("; "))),
        (false, Ok(())) => Err("is accepted".to_owned()),
        (false, Err(problems)) => named(case, &problems.join("; ")),
    }
}

/// The keys at the beginnings of the faults of a refusal.
fn faulty_keys(cause: &str, known: &[&str]) -> BTreeSet<String> {
    let faults = cause.split("; ");
    let keys = faults.filter_map(|fault| fault.split([':', '.', '[']).next());
    keys.filter(|key| known.contains(key))
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_corpus_is_large_and_every_case_expects_one_thing() {
    let mut count = 0;
    for name in [
        "payload",
        "steps",
        "downgrade",
        "platform",
        "landing-zone",
        "patterns",
        "dhall",
    ] {
        let file = corpus::read(name);
        assert!(!file.about.is_empty());
        count += file.cases.len();
        for case in &file.cases {
            let is_refused = case.error.is_some() || !case.fields.is_empty() || name == "patterns";
            assert!(
                case.accepted || case.refused_by_lambda || is_refused,
                "{name}: {} expects nothing",
                case.name
            );
        }
    }
    assert!(count >= 500, "{count} cases");
}

#[test]
fn payloads() {
    run("payload", |file, case| {
        if let Some(digits) = &case.bytes {
            return refused_by_lambda(case, digits);
        }
        let text = file.text_of(case);
        let result = targets::call_entry_point(&text);
        if let Err(failure) = &result {
            let expected = case
                .fields
                .iter()
                .filter(|field| KEYS.contains(&field.as_str()));
            let expected: BTreeSet<String> = expected.cloned().collect();
            let found = faulty_keys(failure.cause(), &KEYS);
            if failure.name().as_str() == "InvalidRequest" && found != expected {
                return Err(format!("names {found:?}: {}", short(failure.cause())));
            }
            repeats_nothing(case, failure.cause())?;
        }
        if let Some(order) = compare(case, result)? {
            let told = avm_core::domain::altered_tags(&order.request.tags);
            let is_told = |key: &String| told.iter().any(|words| words.starts_with(key.as_str()));
            if told.len() != case.altered.len() || !case.altered.iter().all(is_told) {
                return Err(format!("altered tags are told as {told:?}"));
            }
        }
        Ok(())
    });
}

/// No string of the case that is long enough to be found by more than chance is in the refusal.
fn repeats_nothing(case: &Case, words: &str) -> Result<(), String> {
    let of_landing_zones = ["UnknownLandingZone", "LandingZoneNotAllowed"];
    let may_be_named = case
        .error
        .as_deref()
        .is_some_and(|name| of_landing_zones.contains(&name));
    let given = case.changes.values().filter_map(Value::as_str);
    let repeated = given
        .filter(|text| text.len() >= 7 && *text != "<absent>" && !may_be_named)
        .find(|text| words.contains(*text));
    repeated.map_or(Ok(()), |text| Err(format!("repeats {text:?}: {words}")))
}

/// Such bytes are no JSON to anybody, so that they never reach a function.
fn refused_by_lambda(case: &Case, digits: &str) -> Result<(), String> {
    let bytes: Vec<u8> = (0..digits.len() / 2)
        .map(|index| u8::from_str_radix(&digits[2 * index..2 * index + 2], 16).unwrap())
        .collect();
    let is_json = serde_json::from_slice::<Value>(&bytes).is_ok();
    if is_json || !case.refused_by_lambda {
        return Err("is JSON".to_owned());
    }
    Ok(())
}

#[test]
fn inputs_of_steps() {
    run("steps", |file, case| {
        compare(case, targets::read_step(&file.text_of(case))).and_then(|_| {
            let words = targets::read_step(&file.text_of(case)).err();
            match words {
                Some(failure) if failure.cause().contains("secret-person") => {
                    Err(format!("repeats a value: {failure}"))
                }
                _ => Ok(()),
            }
        })
    });
}

#[test]
fn events_of_the_downgrade() {
    run("downgrade", |file, case| {
        compare(case, targets::read_downgrade(&file.text_of(case))).map(drop)
    });
}

#[test]
fn platform_documents() {
    run("platform", |file, case| {
        refused(case, targets::check_platform(&file.text_of(case)).map(drop))
    });
}

#[test]
fn landing_zones() {
    run("landing-zone", |file, case| {
        refused(
            case,
            targets::check_landing_zone(&file.text_of(case)).map(drop),
        )
    });
}

#[test]
fn patterns() {
    run("patterns", |_, case| {
        let field = case.field.as_deref().unwrap();
        let pattern = corpus::words(case.pattern.as_ref().unwrap());
        let result = targets::check_platform(&targets::platform_with(field, &pattern));
        match (case.accepted, result) {
            (true, Ok(_)) => Ok(()),
            (true, Err(problems)) => Err(format!("is refused: {}", problems.join("; "))),
            (false, Ok(_)) => Err("is accepted".to_owned()),
            (false, Err(problems)) => match &problems[..] {
                [only] if only.contains(&format!("{field}: ")) => Ok(()),
                _ => Err(format!(
                    "{field} alone is not named: {}",
                    short(&problems.join("; "))
                )),
            },
        }
    });
}
