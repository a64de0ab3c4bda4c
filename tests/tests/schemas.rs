//! The checked-in schemas are those of the types, and the example documents are valid.
//! `cargo run -p cli -- config schema` writes the schemas anew.

use std::collections::BTreeMap;

use avm_core::config::{LandingZone, Platform, read_document, schemas};
use contract_tests::{files_below, text};

#[test]
fn the_checked_in_schemas_are_those_of_the_types() {
    let found = files_below("configuration/schemas", "json");
    let of_types: BTreeMap<String, String> = schemas()
        .into_iter()
        .chain(avm_metering::documents::schemas())
        .map(|(file, schema)| (format!("configuration/schemas/{file}"), schema))
        .collect();
    assert_eq!(found, of_types.keys().cloned().collect::<Vec<_>>());
    for (path, schema) in of_types {
        assert!(
            text(&path) == schema,
            "{path} differs: run `cargo run -p cli -- config schema`"
        );
    }
}

#[test]
fn the_example_documents_are_valid_and_name_their_schema() {
    let path = "configuration/platform.json";
    let platform: Platform = read_document(path, &text(path)).unwrap();
    assert_eq!(
        platform.schema.as_deref(),
        Some("schemas/platform.schema.json")
    );
    let zones = files_below("configuration/landing-zones", "json");
    assert!(zones.len() >= 2, "{zones:?}");
    for path in &zones {
        let zone: LandingZone = read_document(path, &text(path)).unwrap();
        let schema = zone.schema.as_deref();
        assert_eq!(
            schema,
            Some("../schemas/landing-zone.schema.json"),
            "{path}"
        );
    }
    let default = platform.default_landing_zone.unwrap();
    assert!(zones.contains(&format!("configuration/landing-zones/{default}.json")));
}
