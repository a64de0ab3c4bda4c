//! Reading and checking a configuration document: every problem with its field and what is expected.
//! Used by the entry point for what is deployed, and by the command line for files.

use std::collections::BTreeSet;
use std::fmt;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::domain::one_line;
use crate::error::{ErrorName, Failure};
use crate::json;

/// What is wrong with one field of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The path of the field, e.g. `stackSets[0].region`; empty: the document as a whole.
    pub field: String,
    /// What is wrong with it, and what is expected.
    pub expected: String,
}

impl Problem {
    /// A problem of that field.
    pub fn new(field: impl Into<String>, expected: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            expected: expected.into(),
        }
    }

    /// The field of the document itself below which the problem is.
    fn root(&self) -> &str {
        self.field.split(['.', '[']).next().unwrap_or_default()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = if self.field.is_empty() {
            format!("the document: {}", self.expected)
        } else {
            format!("field {}: {}", self.field, self.expected)
        };
        formatter.write_str(&one_line(&words))
    }
}

/// A kind of configuration document.
pub trait Document: DeserializeOwned + JsonSchema {
    /// A valid document: its fields replace faulty ones, so that the rest can be checked as well.
    fn sample() -> Value;

    /// What the types of the fields cannot say.
    fn problems(&self) -> Vec<Problem>;

    /// Checks what the types of the fields cannot say; `source` is the file or parameter of the document.
    ///
    /// # Errors
    /// `InvalidConfiguration`, with the source, every faulty field and what is expected.
    fn validate(&self, source: &str) -> Result<(), Failure> {
        match self.problems() {
            problems if problems.is_empty() => Ok(()),
            problems => Err(failure(source, &problems)),
        }
    }
}

/// Reads a document; `source` is the file or parameter that it comes from.
///
/// # Errors
/// `InvalidConfiguration`, with the source, every faulty field and what is expected.
pub fn read_document<Kind: Document>(source: &str, text: &str) -> Result<Kind, Failure> {
    check_document(text).map_err(|problems| failure(source, &problems))
}

/// Reads a document.
pub fn check_document<Kind: Document>(text: &str) -> Result<Kind, Vec<Problem>> {
    let value = json::read(text).map_err(|faults| {
        let problem = |fault: &json::Fault| Problem::new(fault.field(), fault.what.clone());
        faults.iter().map(problem).collect::<Vec<Problem>>()
    })?;
    let Value::Object(fields) = value else {
        return Err(vec![Problem::new("", "must be a JSON object")]);
    };
    match serde_path_to_error::deserialize::<_, Kind>(Value::Object(fields.clone())) {
        Ok(document) => match document.problems() {
            problems if problems.is_empty() => Ok(document),
            problems => Err(problems),
        },
        Err(error) => match problems_by_field::<Kind>(fields) {
            problems if problems.is_empty() => Err(vec![problem_of(&error)]),
            problems => Err(problems),
        },
    }
}

/// The failure that names the source and all problems of its document.
pub(super) fn failure(source: &str, problems: &[Problem]) -> Failure {
    let words: Vec<String> = problems.iter().map(ToString::to_string).collect();
    Failure::new(
        ErrorName::InvalidConfiguration,
        format!("{source}, {}", words.join("; ")),
    )
}

/// Replaces each faulty field by the sample's, until the document can be read.
fn problems_by_field<Kind: Document>(mut fields: Map<String, Value>) -> Vec<Problem> {
    let schema = schemars::schema_for!(Kind).to_value();
    let sample = Kind::sample();
    let mut problems = Vec::new();
    let names = |key: &str| schema.get(key).cloned().unwrap_or_default();
    let known = names("properties");
    fields.retain(|name, _| {
        let is_known = known.get(name).is_some();
        if !is_known {
            let known: Vec<&str> = known
                .as_object()
                .into_iter()
                .flat_map(Map::keys)
                .map(String::as_str)
                .collect();
            let expected = format!("is unknown; known fields are {}", known.join(", "));
            problems.push(Problem::new(name, expected));
        }
        is_known
    });
    for name in names("required")
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
    {
        if !fields.contains_key(name) {
            problems.push(Problem::new(name, "is missing"));
            fields.insert(name.to_owned(), sample[name].clone());
        }
    }
    let mut replaced: BTreeSet<String> = problems
        .iter()
        .map(|problem| problem.field.clone())
        .collect();
    // Every round replaces one field.
    for _ in 0..=fields.len() {
        match serde_path_to_error::deserialize::<_, Kind>(Value::Object(fields.clone())) {
            Ok(document) => {
                let rest = document.problems().into_iter();
                problems.extend(rest.filter(|problem| !replaced.contains(problem.root())));
                break;
            }
            Err(error) => {
                let problem = problem_of(&error);
                let root = problem.root().to_owned();
                problems.push(problem);
                match sample.get(&root) {
                    Some(value) => fields.insert(root.clone(), value.clone()),
                    None => fields.remove(&root),
                };
                replaced.insert(root);
            }
        }
    }
    problems
}

fn problem_of(error: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    let path = match error.path().to_string() {
        path if path == "." => String::new(),
        path => path,
    };
    let words = error.inner().to_string();
    let missing = words
        .strip_prefix("missing field `")
        .and_then(|rest| rest.split_once('`'));
    match missing {
        Some((name, _)) if path.is_empty() => Problem::new(name, "is missing"),
        Some((name, _)) => Problem::new(format!("{path}.{name}"), "is missing"),
        None => Problem::new(path, words),
    }
}
