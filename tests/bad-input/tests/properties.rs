//! Properties that hold for any input, found with generated ones: decoding, tags, patterns.
//! What is generated is near to what is valid, so that both sides of every rule are met.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use avm_core::domain::{account_tags, altered_tags, colliding_tags};
use avm_entry_point::payload::KEYS;
use bad_input::{metering, targets};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;
use serde_json::{Map, Value, json};

fn configuration(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: Some(Box::new(FileFailurePersistence::Off)),
        ..ProptestConfig::default()
    }
}

/// What AWS Organizations takes as a tag, by Rust's own tables where they are the same as those of `\p{L}\p{Z}\p{N}`.
fn is_taken(text: &str, longest: usize) -> bool {
    text.chars().count() <= longest
        && !text.chars().any(|character| {
            character.is_control()
                || (character.is_ascii_punctuation() && !"_.:/=+-@".contains(character))
        })
}

/// Any JSON, nested a little.
fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            btree_map(any::<String>(), inner, 0..4)
                .prop_map(|fields| fields.into_iter().collect::<Map<_, _>>().into()),
        ]
    })
}

fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select([&KEYS[..], &["tagLandingZone", "tagStage"]].concat())
            .prop_map(str::to_owned),
        "tag\\PC{0,8}",
        any::<String>(),
    ]
}

fn tags() -> impl Strategy<Value = BTreeMap<String, String>> {
    let key = prop_oneof![
        "tag[A-C(%) ]{0,3}",
        "tag\\PC{0,140}",
        Just("tagStage".to_owned()),
        Just("tagtagStage".to_owned())
    ];
    let value = prop_oneof!["[ab%]{0,2}", any::<String>(), "\\PC{250,260}"];
    btree_map(key, value, 0..8)
}

proptest! {
    #![proptest_config(configuration(500))]

    /// No panic, no vend, a refusal with its rules, or a vend with its rules: `call_entry_point` asserts them.
    #[test]
    fn any_payload_has_an_answer(fields in btree_map(key(), json_value(), 0..8)) {
        let payload: Map<String, Value> = fields.into_iter().collect();
        drop(targets::call_entry_point(&Value::from(payload).to_string()));
    }

    /// A valid payload comes out as it went in.
    #[test]
    fn a_valid_payload_is_carried_unchanged(
        id in "[0-9]{12}",
        name in "[ -~]{1,50}",
        email in "[a-z0-9+_-][a-z0-9.+_-]{0,20}@[a-z0-9]{1,10}\\.[a-z]{2,6}",
        workspace in "[\\p{L}\\p{Nd}_.:/=+@-]{1,100}",
        project in "[\\p{L}\\p{Nd}_.:/=+@-]{1,100}",
        contact in "\\PC{0,30}",
        tag in "\\PC{0,300}",
    ) {
        let payload = json!({
            "AccountId": id, "AccountName": name, "AccountEmail": email, "ProductName": workspace, "Stage": project,
            "ContactEmail": contact, "tagA": tag, "LandingZone": "sandbox"
        });
        let order = targets::call_entry_point(&payload.to_string()).unwrap();
        let request = serde_json::to_value(&order.request).unwrap();
        for key in ["AccountId", "AccountName", "AccountEmail", "ProductName", "Stage", "ContactEmail"] {
            prop_assert_eq!(&request[key], &payload[key]);
        }
        prop_assert_eq!(&order.request.tags["tagA"], &tag);
    }

    /// Whatever the tags are: AWS takes what they become, and what is changed or would be lost is told.
    #[test]
    fn no_tag_is_lost_in_silence(tags in tags()) {
        let (mapped, altered, colliding) = (account_tags(&tags), altered_tags(&tags), colliding_tags(&tags));
        for (key, value) in &mapped {
            prop_assert!(!key.is_empty() && is_taken(key, 128) && is_taken(value, 256));
            prop_assert!(!["ProductName", "Stage"].contains(&key.as_str()));
        }
        let unchanged = tags.iter().filter(|(key, value)| {
            let name = key.strip_prefix("tag").unwrap();
            mapped.get(name) == Some(value) || mapped.get(*key) == Some(value)
        });
        let told = altered.len() + colliding.iter().map(Vec::len).sum::<usize>();
        prop_assert!(unchanged.count() + told >= tags.len(), "{mapped:?} {altered:?} {colliding:?}");
        if colliding.is_empty() {
            for (key, value) in &tags {
                let alone = account_tags(&BTreeMap::from([(key.clone(), value.clone())]));
                prop_assert!(alone.iter().all(|(key, value)| mapped.get(key) == Some(value)));
            }
        }
    }

    #[test]
    fn any_text_is_a_pattern_or_refused_at_its_place(text in "[%$0-9sda-c@.+-]{0,24}|\\PC{0,24}") {
        targets::pattern(text.as_bytes());
    }

    #[test]
    fn any_document_is_read_or_refused(
        field in prop::sample::select(vec!["region", "accountAccessRole", "controlTower", "singleSignOn", "landingZoneTag", "x"]),
        value in json_value(),
    ) {
        let mut document: Value = serde_json::from_str(bad_input::world::PLATFORM).unwrap();
        document[field] = value.clone();
        targets::configuration(document.to_string().as_bytes());
        let mut zone: Value = serde_json::from_str(bad_input::world::PRODUCTION).unwrap();
        zone[field] = value;
        targets::configuration(zone.to_string().as_bytes());
    }

    #[test]
    fn any_bytes_are_no_reason_to_panic(bytes in vec(any::<u8>(), 0..200)) {
        targets::payload(&bytes);
        targets::fields(&bytes);
        targets::step(&bytes);
        targets::configuration(&bytes);
    }
}

fn line_of_a_month() -> impl Strategy<Value = String> {
    let record_type = prop::sample::select(vec![
        "Usage",
        "DiscountedUsage",
        "RIFee",
        "Fee",
        "SavingsPlanCoveredUsage",
        "SavingsPlanNegation",
        "SavingsPlanRecurringFee",
        "SavingsPlanUpfrontFee",
        "Refund",
        "Tax",
        "Some Discount",
        "New",
    ]);
    let amount = prop_oneof![
        (-100_000_i64..100_000).prop_map(|cents| format!("{cents}E-2")),
        (-10_i64..10, -14_i32..3).prop_map(|(digit, exponent)| format!("{digit}.5E{exponent}")),
        Just("0".to_owned()),
    ];
    let group = (
        "[1-3]",
        record_type,
        "[ab=]",
        amount.clone(),
        amount.clone(),
    )
        .prop_map(|(account, record_type, service, amortized, unblended)| {
            format!("{account}|{record_type}|{service}|{amortized}|{unblended}")
        });
    let day = (1_u8..13, 1_u8..29, 2024_u16..2029)
        .prop_map(|(month, day, year)| format!("{year}-{month:02}-{day:02}T05:30:00.000Z"));
    let plan = (day.clone(), day, amount.clone(), amount, 0_u16..4).prop_map(
        |(start, end, upfront, amortized, instances)| {
            format!("plan|{start}|{end}|{upfront}|{amortized}|{instances}")
        },
    );
    prop_oneof![4 => group, 1 => plan, 1 => "\\PC{0,20}"]
}

proptest! {
    #![proptest_config(configuration(256))]

    #[test]
    fn any_month_keeps_its_identities(lines in vec(line_of_a_month(), 0..12)) {
        metering::month(lines.join("\n").as_bytes());
    }
}

#[test]
fn the_months_that_the_fuzzer_begins_with_keep_their_identities() {
    for seed in metering::SEEDS {
        metering::month(seed.as_bytes());
    }
}
