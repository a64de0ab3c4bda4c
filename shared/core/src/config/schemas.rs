//! The JSON Schemas of the configuration documents, made from their types.
//! They are checked in with the documents, so that editors find them.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{LandingZone, Platform};

/// Every schema: the name of its file below `configuration/schemas/`, and its text.
pub fn schemas() -> [(&'static str, String); 2] {
    [
        (
            "landing-zone.schema.json",
            schema_text(&schemars::schema_for!(LandingZone).to_value()),
        ),
        (
            "platform.schema.json",
            schema_text(&schemars::schema_for!(Platform).to_value()),
        ),
    ]
}

/// A schema as it is checked in.
pub fn schema_text(schema: &Value) -> String {
    format!("{:#}\n", sorted(schema))
}

/// The same with the keys of every object in order, however serde_json was built.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let ordered: BTreeMap<&String, &Value> = fields.iter().collect();
            ordered
                .into_iter()
                .map(|(key, value)| (key.clone(), sorted(value)))
                .collect()
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        other => other.clone(),
    }
}
