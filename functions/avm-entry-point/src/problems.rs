//! The collected faults of a request: each names its field and what is expected, never the refused value.
//! One failure names all of them, so that a caller corrects a request once.

use avm_core::error::{ErrorName, Failure};

/// A message names at most this many fields: it must stay short enough for a log and a screen.
const MOST_NAMED: usize = 30;
/// A longer name is cut: a caller may choose the names of tags.
const LONGEST_FIELD: usize = 128;

/// The fields as they are named in a message.
pub fn shown_fields(fields: &[&str]) -> String {
    let shown: Vec<String> = fields.iter().map(|field| shown_field(field)).collect();
    shown.join(", ")
}

/// A caller chooses the names of tags: they are cut, and control characters become `_`.
fn shown_field(field: &str) -> String {
    field
        .chars()
        .take(LONGEST_FIELD)
        .map(|character| {
            if character.is_control() {
                '_'
            } else {
                character
            }
        })
        .collect()
}

/// Faults found so far.
#[derive(Debug, Default)]
pub struct Problems(Vec<String>);

impl Problems {
    /// Adds what is wrong with that field.
    pub fn add(&mut self, field: &str, expected: impl AsRef<str>) {
        self.0
            .push(format!("{}: {}", shown_field(field), expected.as_ref()));
    }

    /// Adds what is wrong with that field, unless it was added before.
    pub fn add_once(&mut self, field: &str, expected: impl AsRef<str>) {
        self.add(field, expected);
        if let Some((last, before)) = self.0.split_last()
            && before.contains(last)
        {
            self.0.pop();
        }
    }

    /// Takes the value, or adds the reason why there is none.
    pub fn take<Value, Reason: ToString>(
        &mut self,
        field: &str,
        read: Result<Value, Reason>,
    ) -> Option<Value> {
        read.map_err(|reason| self.add(field, reason.to_string()))
            .ok()
    }

    /// The failure that names all faults, if there are any.
    pub fn into_failure(self) -> Option<Failure> {
        if self.0.is_empty() {
            return None;
        }
        let more = self.0.len().saturating_sub(MOST_NAMED);
        let mut words = self.0[..self.0.len() - more].join("; ");
        if more > 0 {
            words = format!("{words}; and {more} more");
        }
        Some(Failure::new(ErrorName::InvalidRequest, words))
    }
}
