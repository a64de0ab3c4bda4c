//! One function for each kind of input: any bytes, no panic, and an answer that keeps the rules.
//! A text that is no UTF-8 ends here: Lambda and the Parameter Store refuse it before anything is decoded.

use std::collections::BTreeMap;

use avm_core::config::{Document, DowngradePolicy, LandingZone, Platform, check_document};
use avm_core::contract::call::{Call, Nothing, Request};
use avm_core::contract::order::Order;
use avm_core::domain::{Pattern, PatternArguments, PatternError, account_tags, clean_tag_value};
use avm_core::error::{ErrorName, Failure};
use avm_core::json;
use avm_entry_point::payload::KEYS;
use avm_world::{InMemory, answer_event};
use permission_downgrade::{Alone, answer as downgrade};
use record_failure::{RecordFailure, Report, Subject};
use serde_json::{Map, Value, json};

use crate::told::{check_failure, check_words};
use crate::world::{self, World, at_once};

/// Tags of the payload, some of which mean more.
const TAG_KEYS: [&str; 6] = [
    "tag",
    "tagLandingZone",
    "tagA",
    "tagtag",
    "tagStage",
    "accountId",
];

/// The names under which a request may be refused.
const OF_A_REQUEST: [ErrorName; 4] = [
    ErrorName::InvalidRequest,
    ErrorName::InvalidConfiguration,
    ErrorName::LandingZoneNotAllowed,
    ErrorName::UnknownLandingZone,
];

/// A payload of AVMEntryPoint, as it comes.
pub fn payload(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        drop(call_entry_point(text));
    }
}

/// A payload that is JSON in any case: the bytes choose keys, mostly known ones, and their values.
pub fn fields(bytes: &[u8]) {
    let keys = [&KEYS[..], &TAG_KEYS].concat();
    let mut payload = json!({"ProductName": "space", "Stage": "shop"});
    let mut rest = bytes;
    while let [key, length, after @ ..] = rest {
        let (value, after) = after.split_at(usize::from(*length).min(after.len()));
        let value = String::from_utf8_lossy(value);
        let known = keys[usize::from(*key) % keys.len()];
        let name = if *key >= 128 {
            format!("{known}{value}")
        } else {
            known.to_owned()
        };
        payload[name] = value.into();
        rest = after;
    }
    drop(call_entry_point(&payload.to_string()));
}

/// Sends a payload to the entry point, and holds against the rules what comes of it.
///
/// # Errors
/// Those of the entry point.
pub fn call_entry_point(text: &str) -> Result<Order, Failure> {
    let world = World::default();
    let answer = json::read_event(text, ErrorName::InvalidRequest)
        .and_then(|event| world.call(&event))
        .inspect_err(|failure| {
            check_failure(failure, &OF_A_REQUEST);
            assert!(
                world.started().is_empty(),
                "a refused request has started a vend"
            );
        })?;
    check_words(&answer.message);
    let started = world.started();
    let [input] = &started[..] else {
        panic!("{} executions were started", started.len());
    };
    let order: Value = serde_json::from_str(input).unwrap();
    let read: Order = json::decode(order.clone()).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), order);
    check_tags(&read);
    Ok(read)
}

/// AWS takes all tags, they leave room for the machine's own, and none of the request's is lost.
fn check_tags(order: &Order) {
    let request = &order.request;
    let tags = account_tags(&request.tags);
    assert!(tags.len() <= 39, "{} tags", tags.len());
    for (key, value) in &tags {
        assert!((1..=128).contains(&key.chars().count()), "{key}");
        assert_eq!(&clean_tag_value(value), value);
        assert!(!["ProductName", "Stage"].contains(&key.trim()));
        assert!(!key.trim().to_ascii_lowercase().starts_with("aws:"));
        assert!(!key.trim().to_ascii_lowercase().starts_with("avm:"));
    }
    for (key, value) in &request.tags {
        let alone = account_tags(&BTreeMap::from([(key.clone(), value.clone())]));
        for (key, value) in alone {
            assert_eq!(tags.get(&key), Some(&value), "a tag is lost");
        }
    }
    for identifier in [request.product_name.as_str(), request.stage.as_str()] {
        assert_eq!(clean_tag_value(identifier), identifier);
    }
}

/// The input of a step, of the downgrade alone, and of the step that records a failure.
pub fn step(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    drop(read_step(text));
    drop(read_downgrade(text));
    record(text);
}

/// Reads the input of a step that works on the account.
///
/// # Errors
/// Those of the step.
pub fn read_step(text: &str) -> Result<Request, Failure> {
    let names = [ErrorName::InvalidState];
    let event = json::read_event(text, ErrorName::InvalidState)
        .inspect_err(|failure| check_failure(failure, &names))?;
    let before_the_account = json::decode::<Request<Nothing, Nothing, Nothing>>(event.clone());
    let read = Request::read(event).inspect_err(|failure| check_failure(failure, &names))?;
    assert!(
        before_the_account.is_ok(),
        "an account makes a step readable"
    );
    let written = serde_json::to_value(&read).unwrap();
    assert_eq!(json::decode(written), Ok(read.clone()));
    Ok(read)
}

/// Calls PermissionDowngrade in a world without roles: what it can read, it cannot do.
///
/// # Errors
/// What keeps it from reading the event.
pub fn read_downgrade(text: &str) -> Result<(), Failure> {
    let refusals = [ErrorName::InvalidRequest];
    let alone = Alone {
        access_role: "MeshstackAccountAccessRole".parse().unwrap(),
        policy: DowngradePolicy::Standard,
    };
    let world = InMemory::default();
    let answer = json::read_event(text, ErrorName::InvalidRequest)
        .map(|event| at_once(downgrade(event, &alone, &world, async |_| {})));
    match answer {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(failure)) if !refusals.contains(&failure.name()) => Ok(()),
        Ok(Err(failure)) | Err(failure) => {
            check_failure(&failure, &refusals);
            assert!(world.journal().is_empty(), "a refused call has called AWS");
            Err(failure)
        }
    }
}

/// The notice of a failure: a subject that SNS takes, and a message in which every line is one of ours.
fn record(text: &str) {
    let Ok(event) = json::read_event(text, ErrorName::InvalidState) else {
        return;
    };
    let report = Report::read(event.clone()).unwrap();
    for words in [&report.step, &report.error, &report.cause, &report.remedy] {
        check_words(words);
    }
    if matches!(report.subject, Subject::Found(_)) {
        return;
    }
    let world = InMemory::default();
    let Ok(answer) = at_once(answer_event::<RecordFailure>(&world, &event)) else {
        panic!("a failure cannot be recorded");
    };
    assert!(world.opened().is_empty(), "tags are opened");
    let notice = &answer["Result"];
    let subject = notice["Subject"].as_str().unwrap();
    assert!((1..=100).contains(&subject.len()), "{subject}");
    assert!(
        subject.bytes().all(|byte| (b' '..=b'~').contains(&byte)),
        "{subject}"
    );
    let message = notice["Message"].as_str().unwrap();
    assert!(message.lines().count() <= 20, "{message}");
    message
        .lines()
        .filter(|line| !line.is_empty())
        .for_each(check_words);
}

/// A platform document and a landing zone.
pub fn configuration(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    drop(check_platform(text));
    drop(check_landing_zone(text));
}

/// Reads a platform document.
///
/// # Errors
/// Its problems, as they are printed.
pub fn check_platform(text: &str) -> Result<Platform, Vec<String>> {
    let platform: Platform = read(text)?;
    let zone: LandingZone = check_document(world::PRODUCTION).unwrap();
    told(zone.problems_on(&platform).iter().map(ToString::to_string));
    Ok(platform)
}

/// Reads a landing zone, and holds it against the platform of the repository.
///
/// # Errors
/// Its problems, as they are printed.
pub fn check_landing_zone(text: &str) -> Result<LandingZone, Vec<String>> {
    let zone: LandingZone = read(text)?;
    let platform: Platform = check_document(world::PLATFORM).unwrap();
    let problems = told(zone.problems_on(&platform).iter().map(ToString::to_string));
    if problems.is_empty() {
        Ok(zone)
    } else {
        Err(problems)
    }
}

fn read<Kind>(text: &str) -> Result<Kind, Vec<String>>
where
    Kind: Document + serde::Serialize + PartialEq + std::fmt::Debug,
{
    match check_document::<Kind>(text) {
        Ok(document) => {
            let written = serde_json::to_string(&document).unwrap();
            assert_eq!(check_document::<Kind>(&written), Ok(document), "{written}");
            Ok(check_document(text).unwrap())
        }
        Err(problems) => {
            assert!(!problems.is_empty());
            Err(told(problems.iter().map(ToString::to_string)))
        }
    }
}

fn told(problems: impl Iterator<Item = String>) -> Vec<String> {
    problems
        .inspect(|problem| assert_eq!(avm_core::domain::one_line(problem), *problem))
        .collect()
}

/// A naming pattern: alone, and in every field of a platform that holds one.
pub fn pattern(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    match Pattern::try_from(text.to_owned()) {
        Ok(pattern) => {
            assert_eq!(pattern.as_str(), text);
            fill(&pattern);
        }
        Err(
            PatternError::Unsupported { position } | PatternError::NoSuchArgument { position, .. },
        ) => assert_eq!(text.chars().nth(position - 1), Some('%')),
        Err(PatternError::UnknownPlaceholder { position }) => {
            assert_eq!(text.chars().nth(position - 1), Some('#'));
        }
        Err(error) => panic!("{error}"),
    }
    for field in [
        "accountNamePattern",
        "accountEmailPattern",
        "accountAliasPattern",
        "groupNamePattern",
    ] {
        drop(check_platform(&platform_with(field, text)));
    }
}

/// The platform document of the repository with another pattern in that field.
#[must_use]
pub fn platform_with(field: &str, pattern: &str) -> String {
    let mut platform: Value = serde_json::from_str(world::PLATFORM).unwrap();
    if field == "groupNamePattern" {
        platform["singleSignOn"][field] = pattern.into();
    } else {
        platform[field] = pattern.into();
    }
    platform.to_string()
}

/// The longest identifiers: the result is as long as the words and the arguments together.
fn fill(pattern: &Pattern) {
    let (workspace, project) = ("w".repeat(16), "p".repeat(30));
    let made = pattern.format(PatternArguments {
        workspace: &workspace,
        project: &project,
        project_id: Some("42"),
        role: Some("admin"),
    });
    let words: usize = pattern.words().map(str::len).sum();
    let is_single = pattern.is_single();
    let arguments = pattern.arguments().map(|(number, _)| match number {
        1 if is_single => workspace.len() + 1 + project.len(),
        1 => workspace.len(),
        2 => project.len(),
        3 => 2,
        4 => 5,
        _ => 16,
    });
    match made {
        Ok(made) => assert_eq!(made.len(), words + arguments.sum::<usize>()),
        Err(PatternError::NotANumber { number }) => {
            assert!(
                pattern
                    .arguments()
                    .any(|argument| argument == (number, true))
            );
        }
        Err(error) => panic!("{error}"),
    }
}

/// An object of `count` tags.
#[must_use]
pub fn tags(count: usize) -> Map<String, Value> {
    (0..count)
        .map(|index| (format!("tagT{index}"), json!("x")))
        .collect()
}
