//! The tables of configuration documents: good, bad, odd.
//! A problem always names the field and what is expected.

use serde_json::{Value, json};

use super::*;
use crate::error::ErrorName;
use crate::testing::{full_landing_zone_json, full_platform_json};

mod mappings;
mod rules;
mod together;

fn platform(changes: &Value) -> Value {
    changed(Platform::sample(), changes)
}

fn landing_zone(changes: &Value) -> Value {
    changed(LandingZone::sample(), changes)
}

fn changed(mut document: Value, changes: &Value) -> Value {
    for (field, value) in changes.as_object().unwrap() {
        if value == "<absent>" {
            document.as_object_mut().unwrap().remove(field);
        } else {
            document[field] = value.clone();
        }
    }
    document
}

fn problems<Kind: Document>(document: &Value) -> Vec<String> {
    match check_document::<Kind>(&document.to_string()) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn good_and_odd_platforms_are_taken() {
    for changes in [
        json!({}),
        json!({"$schema": "schemas/platform.schema.json"}),
        json!({"accountEmailPattern": "aws+%s@meshcloud.io_"[..19]}),
        json!({"accountEmailPattern": "aws+%s@meshcloud.io"}),
        json!({"accountEmailPattern": "p%3$d@accounts.example.com"}),
        json!({"accountEmailPattern": "%2$s-%1$s@aws.example.com"}),
        json!({"accountNamePattern": "%s"}),
        json!({"accountNamePattern": "%2$s of %1$s"}),
        json!({"accountNamePattern": "a fixed name"}),
        json!({"accountNamePattern": "#{workspaceIdentifier}.#{projectIdentifier}"}),
        json!({"accountEmailPattern": "aws+#{workspaceIdentifier}.#{projectIdentifier}@ex.example"}),
        json!({"landingZoneTag": "tagLandingZone", "defaultLandingZone": "sandbox"}),
        json!({"region": "us-gov-west-1"}),
    ] {
        assert_eq!(
            problems::<Platform>(&platform(&changes)),
            [""; 0],
            "{changes}"
        );
    }
}

#[test]
fn what_a_partition_does_not_offer_is_a_note() {
    for (region, noted) in [
        ("eu-central-1", false),
        ("cn-north-1", false),
        ("us-gov-west-1", true),
    ] {
        let document = platform(&json!({"region": region})).to_string();
        let notes = check_document::<Platform>(&document).unwrap().notes();
        let words = "field region: AWS Organizations creates no account from within the partition aws-us-gov";
        assert_eq!(notes.len(), usize::from(noted), "{region}");
        assert!(notes.iter().all(|note| note.to_string().starts_with(words)));
    }
}

#[test]
fn a_bad_platform_names_the_field_and_what_is_expected() {
    for (changes, expected) in [
        (json!({"platform": ""}), "field platform: must be a name"),
        (
            json!({"platform": "a\nb"}),
            "field platform: must be a name",
        ),
        (
            json!({"platform": 1}),
            "field platform: invalid type: integer",
        ),
        (
            json!({"region": "europe"}),
            "field region: region must be an AWS region",
        ),
        (json!({"region": null}), "field region: invalid type: null"),
        (json!({"region": "<absent>"}), "field region: is missing"),
        (
            json!({"accountAccessRole": "a b"}),
            "field accountAccessRole: role name must be",
        ),
        (
            json!({"accountEmailPattern": "aws+%s@example-long.com"}),
            "field accountEmailPattern: with one %s must have at most 20 characters",
        ),
        (
            json!({"accountEmailPattern": "aws@example.com"}),
            "field accountEmailPattern: must make another address for every project",
        ),
        (
            json!({"accountEmailPattern": "%1$s@accounts.example.com"}),
            "field accountEmailPattern: must make another address for every project",
        ),
        (
            json!({"accountEmailPattern": "%s.%s"}),
            "field accountEmailPattern: must make a valid address",
        ),
        (
            json!({"accountEmailPattern": "%s.%s.%4$s@example.com"}),
            "field accountEmailPattern: must not use argument 4",
        ),
        (
            json!({"accountEmailPattern": "%1$d.%2$s@example.com"}),
            "field accountEmailPattern: must not use argument 1 as a number",
        ),
        (
            json!({"accountEmailPattern": "%d@example.com"}),
            "field accountEmailPattern: pattern: the conversion at character 1",
        ),
        (
            json!({"accountNamePattern": "für %s"}),
            "field accountNamePattern: must make a valid account name",
        ),
        (
            json!({"accountNamePattern": ""}),
            "field accountNamePattern: must make a valid",
        ),
        (
            json!({"accountNamePattern": "%s%s%s%s"}),
            "field accountNamePattern: must not use argument 4",
        ),
        (
            json!({"landingZoneTag": "LandingZone"}),
            "field landingZoneTag: must be a key",
        ),
        (
            json!({"landingZoneTag": "tag"}),
            "field landingZoneTag: must be a key",
        ),
        (
            json!({"defaultLandingZone": "a/b"}),
            "field defaultLandingZone: landing zone name must be",
        ),
        (
            json!({"Region": "x"}),
            "field Region: is unknown; known fields are $schema, ",
        ),
    ] {
        let found = problems::<Platform>(&platform(&changes));
        assert_eq!(found.len(), 1, "{changes}: {found:?}");
        assert!(found[0].starts_with(expected), "{changes}: {found:?}");
    }
}

#[test]
fn good_and_odd_landing_zones_are_taken() {
    for changes in [
        json!({}),
        json!({"organizationalUnit": "/"}),
        json!({"organizationalUnit": "Workloads/Sandbox", "createOrganizationalUnits": true}),
        json!({"organizationalUnit": "ou-ab12-12345678", "hierarchicalAssignment": true}),
        json!({"accessStack": {"template": "shipped"}}),
        json!({"accessStack": {"template": "https://bucket.s3.amazonaws.com/access.yaml"}}),
        json!({"stackSets": []}),
        json!({"stackSets": [{"name": "a", "region": "eu-central-1"}, {"name": "a", "region": "eu-west-1"}]}),
        json!({"downgrade": "none"}),
        json!({"downgrade": "self-upgradable"}),
    ] {
        assert_eq!(
            problems::<LandingZone>(&landing_zone(&changes)),
            [""; 0],
            "{changes}"
        );
    }
}

#[test]
fn the_older_spelling_of_enrollment_is_read_and_written_as_aws_spells_it() {
    let older = landing_zone(
        &json!({"organizationalUnit": "Workloads/Production", "enrolment": "service-catalog"}),
    );
    let read = check_document::<LandingZone>(&older.to_string()).unwrap();
    assert_eq!(read.enrollment, Enrollment::ServiceCatalog);
    let written = serde_json::to_value(&read).unwrap();
    assert_eq!(written["enrollment"], "service-catalog");
    assert!(written.get("enrolment").is_none());
    let both = landing_zone(&json!({"enrolment": "auto", "enrollment": "none"}));
    let problems = problems::<LandingZone>(&both);
    assert!(problems[0].contains("enrollment"), "{problems:?}");
    let wrong = landing_zone(&json!({"enrolment": "sometimes"}));
    assert!(!self::problems::<LandingZone>(&wrong).is_empty());
}

#[test]
fn a_bad_landing_zone_names_the_field_and_what_is_expected() {
    for (changes, expected) in [
        (
            json!({"organizationalUnit": "a//b"}),
            "field organizationalUnit: organizational unit must be",
        ),
        (
            json!({"organizationalUnit": "<absent>"}),
            "field organizationalUnit: is missing",
        ),
        (
            json!({"downgrade": "some"}),
            "field downgrade: unknown variant `some`, expected one of",
        ),
        (json!({"downgrade": null}), "field downgrade: "),
        (
            json!({"createOrganizationalUnits": "yes"}),
            "field createOrganizationalUnits: invalid type",
        ),
        (
            json!({"accessStack": "shipped"}),
            "field accessStack: invalid type",
        ),
        (
            json!({"accessStack": {"template": "http://x"}}),
            "field accessStack.template: the template must be",
        ),
        (
            json!({"accessStack": {}}),
            "field accessStack.template: is missing",
        ),
        (
            json!({"accessStack": {"template": "shipped", "x": 1}}),
            "field accessStack.x: unknown field",
        ),
        (json!({"stackSets": {}}), "field stackSets: invalid type"),
        (
            json!({"stackSets": [{"name": "a"}]}),
            "field stackSets[0].region: is missing",
        ),
        (
            json!({"stackSets": [{"name": "a", "region": "eu-central-1"}, {"name": "1", "region": "eu-central-1"}]}),
            "field stackSets[1].name: StackSet name must be",
        ),
        (
            json!({"stackSets": [{"name": "a", "region": "eu-central-1"}, {"name": "a", "region": "eu-central-1"}]}),
            "field stackSets[1]: must not repeat the StackSet and region of stackSets[0]",
        ),
        (json!({"name": "sandbox"}), "field name: is unknown"),
    ] {
        let found = problems::<LandingZone>(&landing_zone(&changes));
        assert_eq!(found.len(), 1, "{changes}: {found:?}");
        assert!(found[0].starts_with(expected), "{changes}: {found:?}");
    }
}

#[test]
fn what_is_no_document_is_refused() {
    for (text, expected) in [
        ("", "the document: is not JSON: EOF"),
        ("{", "the document: is not JSON: EOF"),
        ("[]", "the document: must be a JSON object"),
        ("null", "the document: must be a JSON object"),
        ("\"x\"", "the document: must be a JSON object"),
        (
            r#"{"organizationalUnit": "", "downgrade": "none"} x"#,
            "the document: nothing may follow it",
        ),
        (
            r#"{"organizationalUnit": "", "downgrade": "none", "downgrade": "none"}"#,
            "field downgrade: duplicate key",
        ),
    ] {
        let problems = check_document::<LandingZone>(text).unwrap_err();
        assert!(
            problems[0].to_string().starts_with(expected),
            "{text}: {problems:?}"
        );
    }
}

#[test]
fn all_problems_of_a_document_are_found_at_once() {
    let document = json!({
        "platform": "", "region": 7, "accountAccessRole": "", "accountNamePattern": "%s", "landingZoneTag": "x", "more": 1
    });
    let failure = read_document::<Platform>("configuration/platform.json", &document.to_string())
        .unwrap_err();
    assert_eq!(failure.name(), ErrorName::InvalidConfiguration);
    for field in [
        "accountEmailPattern",
        "accountAccessRole",
        "landingZoneTag",
        "more",
        "platform",
        "region",
    ] {
        assert!(
            failure.cause().contains(&format!("field {field}: ")),
            "{field}: {failure}"
        );
    }
    assert!(
        failure
            .cause()
            .starts_with("configuration/platform.json, field "),
        "{failure}"
    );
}

#[test]
fn validate_names_the_source() {
    let mut platform: Platform = serde_json::from_value(Platform::sample()).unwrap();
    assert_eq!(platform.validate("/avm/platform"), Ok(()));
    platform.landing_zone_tag = Some("x".to_owned());
    let failure = platform.validate("/avm/platform").unwrap_err();
    assert_eq!(failure.name(), ErrorName::InvalidConfiguration);
    assert!(
        failure
            .cause()
            .starts_with("/avm/platform, field landingZoneTag: must be"),
        "{failure}"
    );
}

#[test]
fn documents_are_read_and_written_back_unchanged() {
    let mut platform = full_platform_json();
    platform["$schema"] = json!("schemas/platform.schema.json");
    platform["landingZoneTag"] = json!("tagLandingZone");
    let read: Platform = read_document("platform", &platform.to_string()).unwrap();
    assert_eq!(serde_json::to_value(read).unwrap(), platform);
    let mut landing_zone = full_landing_zone_json();
    landing_zone["$schema"] = json!("../schemas/landing-zone.schema.json");
    landing_zone["accessStack"]["template"] = json!("https://bucket.s3.amazonaws.com/access.yaml");
    let read: LandingZone = read_document("landing zone", &landing_zone.to_string()).unwrap();
    assert_eq!(serde_json::to_value(read).unwrap(), landing_zone);
}

#[test]
fn samples_are_valid_and_schemas_know_their_fields() {
    assert_eq!(problems::<Platform>(&Platform::sample()), [""; 0]);
    assert_eq!(problems::<LandingZone>(&LandingZone::sample()), [""; 0]);
    for (file, schema) in schemas() {
        let schema: Value = serde_json::from_str(&schema).unwrap();
        assert_eq!(schema["additionalProperties"], false, "{file}");
    }
}
