//! The words of CloudFormation: parameters, and the tokens that make a start safe to repeat.
//! Values of parameters are never printed: e-mail addresses are among them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use sha2::{Digest, Sha256};

use super::text::text_type;

text_type!(
    /// The id of an operation of a StackSet, or the token of a stack's: chosen by the caller, so that a start can be
    /// repeated (CloudFormation: a letter or digit, then letters, digits and hyphens; 128 at most).
    OperationId,
    "operation id",
    "a letter or digit, then letters, digits or '-', 128 characters at most",
    "^[A-Za-z0-9][A-Za-z0-9-]{0,127}$",
    |text| (1..=128).contains(&text.len())
        && text.starts_with(|first: char| first.is_ascii_alphanumeric())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
);

text_type!(
    /// The id of a stack, its ARN: it still names the stack when the stack is deleted.
    StackId,
    "stack id",
    "of the form arn:<partition>:cloudformation:<region>:<account>:stack/<name>/<id>",
    "^arn:[a-z-]+:cloudformation:[a-z0-9-]+:[0-9]{12}:stack/[^/]+/.+$",
    |text| {
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        matches!(parts[..], ["arn", _, "cloudformation", _, _, resource] if resource.starts_with("stack/"))
    }
);

/// What CloudFormation shows in place of the value of a `NoEcho` parameter.
const MASK: &str = "****";

impl OperationId {
    /// The id that belongs to these parts: the same parts give the same id, at every replay.
    pub fn of_parts<'a>(parts: impl IntoIterator<Item = &'a str>) -> Self {
        Self(format!("avm-{}", &digest(parts)[..40]))
    }
}

impl StackId {
    /// The name of the stack.
    pub fn name(&self) -> &str {
        self.as_str().split('/').nth(1).unwrap_or_default()
    }
}

/// SHA-256 of a text, in hexadecimal digits, as `sha256sum` prints it.
pub fn sha256(text: &str) -> String {
    sha256_of(text.as_bytes())
}

/// SHA-256 of bytes, in hexadecimal digits.
pub fn sha256_of(bytes: &[u8]) -> String {
    hexadecimal(Sha256::digest(bytes).as_slice())
}

/// SHA-256 over the parts, each with its length in front, in hexadecimal digits.
fn digest<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hexadecimal(hash.finalize().as_slice())
}

fn hexadecimal(bytes: &[u8]) -> String {
    const DIGITS: [u8; 16] = *b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 0xf])
        .map(|half| char::from(DIGITS[usize::from(half)]))
        .collect()
}

/// Parameters of a template with their values, which a debug print leaves out.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Parameters(BTreeMap<String, String>);

impl Parameters {
    /// Those whose keys are declared: CloudFormation refuses every other one.
    #[must_use]
    pub fn declared_in(self, declared: &BTreeSet<String>) -> Self {
        self.0
            .into_iter()
            .filter(|(key, _)| declared.contains(key))
            .collect()
    }

    /// Those whose value `CloudFormation` shows: all but those of `NoEcho` parameters.
    #[must_use]
    pub fn visible(self) -> Self {
        let keys = self.visible_keys();
        self.declared_in(&keys)
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// The values that CloudFormation shows: all but those of `NoEcho` parameters.
    pub fn visible_keys(&self) -> BTreeSet<String> {
        self.iter()
            .filter(|(_, value)| *value != MASK)
            .map(|(key, _)| key.to_owned())
            .collect()
    }

    /// Keys in their order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Keys and values, in the order of the keys.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// The keys whose value in `present` is another, is missing, or is hidden by `NoEcho` and so unknown.
    pub fn changed_from(&self, present: &Self) -> Vec<String> {
        self.iter()
            .filter(|(key, value)| {
                present
                    .get(key)
                    .is_none_or(|known| known == MASK || known != *value)
            })
            .map(|(key, _)| key.to_owned())
            .collect()
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(String, String)> for Parameters {
    fn from_iter<Pairs: IntoIterator<Item = (String, String)>>(pairs: Pairs) -> Self {
        Self(pairs.into_iter().collect())
    }
}

impl From<BTreeMap<String, String>> for Parameters {
    fn from(parameters: BTreeMap<String, String>) -> Self {
        Self(parameters)
    }
}

impl fmt::Debug for Parameters {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters(pairs: &[(&str, &str)]) -> Parameters {
        pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn an_operation_id_depends_on_every_part_and_on_nothing_else() {
        let id = OperationId::of_parts(["execution", "set", "a"]);
        assert_eq!(id, OperationId::of_parts(["execution", "set", "a"]));
        assert_ne!(id, OperationId::of_parts(["execution", "seta", ""]));
        assert_ne!(id, OperationId::of_parts(["execution", "set", "b"]));
        assert!(id.as_str().parse::<OperationId>().is_ok());
        assert_eq!(id.as_str().len(), 44);
    }

    #[test]
    fn changed_are_other_missing_and_hidden_values() {
        let wanted = parameters(&[
            ("Equal", "1"),
            ("Hidden", "2"),
            ("Missing", "3"),
            ("Other", "4"),
        ]);
        let present = parameters(&[
            ("Equal", "1"),
            ("Hidden", "****"),
            ("Other", "5"),
            ("Theirs", "6"),
        ]);
        assert_eq!(
            wanted.changed_from(&present),
            ["Hidden", "Missing", "Other"]
        );
    }

    #[test]
    fn a_digest_is_the_one_that_everybody_else_computes() {
        assert_eq!(
            sha256("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn a_debug_print_shows_keys_only() {
        let shown = format!("{:?}", parameters(&[("AccountEmail", "a@example.com")]));
        assert_eq!(shown, r#"{"AccountEmail"}"#);
    }

    #[test]
    fn ids_of_another_form_are_refused() {
        for text in ["", "-a", "a b", "a_b", &"a".repeat(129)] {
            assert!(text.parse::<OperationId>().is_err(), "{text}");
        }
        assert!("meshstack-cf-access".parse::<StackId>().is_err());
    }

    #[test]
    fn a_stack_id_holds_the_name_of_the_stack() {
        let id: StackId =
            "arn:aws:cloudformation:eu-central-1:111111111111:stack/meshstack-cf-access/0"
                .parse()
                .unwrap();
        assert_eq!(id.name(), "meshstack-cf-access");
    }
}
