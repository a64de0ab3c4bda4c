//! The corpus: `tests/corpus/*.json`, cases with what is given and what must come of it.
//! `tests/corpus/README.md` says how a case is written; the end-to-end tests read the same files.

use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::targets;

/// A file of the corpus.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// What its cases are sent to.
    pub about: String,
    /// What the cases change.
    #[serde(default)]
    pub bases: Map<String, Value>,
    /// Its cases.
    pub cases: Vec<Case>,
}

/// A case.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Case {
    /// What it is, for people.
    pub name: String,
    /// The text itself.
    pub text: Option<Value>,
    /// The base, unless there is a text.
    pub base: Option<String>,
    /// What differs from the base.
    #[serde(default)]
    pub changes: Map<String, Value>,
    /// Where in the base one value is replaced.
    pub at: Option<Vec<String>>,
    /// That value.
    #[serde(default)]
    pub value: Value,
    /// Bytes in hexadecimal digits.
    pub bytes: Option<String>,
    /// The field of a platform document that holds the pattern.
    pub field: Option<String>,
    /// A naming pattern.
    pub pattern: Option<Value>,
    /// Whether it is accepted.
    #[serde(default)]
    pub accepted: bool,
    /// The keys of the tags that are accepted, but not as they are.
    #[serde(default)]
    pub altered: Vec<String>,
    /// Whether Lambda refuses it, before any function is started.
    #[serde(default)]
    pub refused_by_lambda: bool,
    /// The name of the refusal.
    pub error: Option<String>,
    /// What the words of the refusal name.
    #[serde(default)]
    pub fields: Vec<String>,
}

/// Reads a file.
#[must_use]
pub fn read(name: &str) -> File {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../corpus/{name}.json"));
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"))
}

impl File {
    /// The text of a case, as it is sent.
    #[must_use]
    pub fn text_of(&self, case: &Case) -> String {
        if let Some(text) = &case.text {
            return words(text);
        }
        let base = case.base.as_deref().and_then(|base| match base {
            "platform" => serde_json::from_str(crate::world::PLATFORM).ok(),
            "zone" => serde_json::from_str(crate::world::PRODUCTION).ok(),
            other => self.bases.get(other).cloned(),
        });
        let mut document = base.unwrap_or_else(|| panic!("{}: no base", case.name));
        for (key, value) in &case.changes {
            change(&mut document, key, value);
        }
        if let Some((last, before)) = case.at.as_deref().and_then(<[String]>::split_last) {
            let inner = before
                .iter()
                .fold(&mut document, |inner, key| &mut inner[key]);
            change(inner, last, &case.value);
        }
        document.to_string()
    }
}

fn change(document: &mut Value, key: &str, value: &Value) {
    let fields = document.as_object_mut().unwrap();
    match (key, value) {
        ("$tags", count) => {
            let count = usize::try_from(count.as_u64().unwrap()).unwrap();
            fields.extend(targets::tags(count));
        }
        ("$pairs", pairs) => {
            for pair in pairs.as_array().unwrap() {
                fields.insert(words(&pair[0]), expanded(&pair[1]));
            }
        }
        (_, Value::String(text)) if text == "<absent>" => {
            fields.remove(key);
        }
        _ => {
            fields.insert(key.to_owned(), expanded(value));
        }
    }
}

/// A value, in which a repetition (or a list with one) is written out as a text.
fn expanded(value: &Value) -> Value {
    let is_repetition = |value: &Value| value.get("$repeat").is_some();
    match value {
        Value::Array(parts) if parts.iter().any(is_repetition) => words(value).into(),
        value if is_repetition(value) => words(value).into(),
        value => value.clone(),
    }
}

/// A text: as it is, as a repetition, or as a list of both.
#[must_use]
pub fn words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().map(words).collect(),
        Value::Object(_) => {
            let times = usize::try_from(value["$times"].as_u64().unwrap()).unwrap();
            value["$repeat"].as_str().unwrap().repeat(times)
        }
        other => panic!("{other} is no text"),
    }
}
