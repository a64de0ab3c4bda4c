//! What a role may do: inline documents, and managed policies that are attached to it.
//! Documents are compared as JSON values: neither white space nor the order of keys makes a difference.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The document of an inline policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PolicyDocument(Value);

impl PolicyDocument {
    /// A document that is made here.
    pub const fn new(document: Value) -> Self {
        Self(document)
    }

    /// A stored document. Text that is not JSON is kept as text, and so equals no document of ours.
    pub fn of_text(text: &str) -> Self {
        Self(serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned())))
    }

    /// The document as a JSON value.
    pub const fn as_value(&self) -> &Value {
        &self.0
    }
}

/// The document as JSON on one line, as IAM takes it.
impl fmt::Display for PolicyDocument {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0)
    }
}

/// A managed policy that is attached to a role.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AttachedPolicy {
    /// Its name, e.g. `AdministratorAccess`.
    pub name: String,
    /// Its ARN, e.g. `arn:aws:iam::aws:policy/AdministratorAccess`.
    pub arn: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_equal_in_any_spelling() {
        let one = PolicyDocument::of_text(r#"{"Version": "2012-10-17", "Statement": []}"#);
        let other = PolicyDocument::of_text(r#"{"Statement":[],"Version":"2012-10-17"}"#);
        assert_eq!(one, other);
        assert_ne!(one, PolicyDocument::of_text("not JSON"));
    }
}
