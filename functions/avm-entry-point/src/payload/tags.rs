//! The tags of the payload: `tag…` with a text, or with what meshStack's other types of tags may come as.
//! What AWS makes of them is in `avm_core::domain::account_tags`; here each becomes one text.

use std::collections::{BTreeMap, BTreeSet};

use avm_core::domain::{account_tags, colliding_tags, redact_emails};
use serde_json::Value;

use super::keys::is_tag;
use super::{Reader, kind_of};
use crate::problems::shown_fields;

/// AWS Organizations: tags of one account.
const MOST_ACCOUNT_TAGS: usize = 50;
/// The AVM's own tags: two for the owner, three for the vend, and six for a failure, which replace the two completion tags.
const OWN_ACCOUNT_TAGS: usize = 11;
/// Between the values of a list: AWS Organizations takes it in a tag, a comma it does not, and values may hold spaces.
const BETWEEN_VALUES: &str = "/";

/// The tags of a request.
#[derive(Debug, Default)]
pub(super) struct Tags {
    /// Under their full keys.
    pub(super) texts: BTreeMap<String, String>,
    /// Those that did not come as a text: the key of each and what it was, without its value.
    pub(super) taken_as_text: Vec<String>,
}

/// A tag's value, and what it was if it was no text.
enum Read {
    Text(String),
    Other(String, &'static str),
}

impl Reader<'_> {
    pub(super) fn tags(&mut self) -> Tags {
        let fields = self.fields;
        let mut tags = Tags::default();
        for (key, value) in fields.iter().filter(|(key, value)| is_tag(key, value)) {
            let Some(read) = self.tag(key, value) else {
                continue;
            };
            let text = match read {
                Read::Text(text) => text,
                Read::Other(text, what) => {
                    let shown = redact_emails(&shown_fields(&[key]));
                    tags.taken_as_text.push(format!("{shown}: {what}"));
                    text
                }
            };
            self.check_xml(key, &text);
            tags.texts.insert(key.clone(), text);
        }
        self.check_room(&tags.texts);
        self.check_collisions(&tags.texts);
        tags
    }

    /// The text of a tag. meshStack has tags of the types text, number, boolean and Multi Select, and does not say how it sends
    /// them ("Tag", docs.meshcloud.io, read on 2026-11-29). The values of a list have an order and come once, so that the same
    /// selection is the same request.
    fn tag(&mut self, key: &str, value: &Value) -> Option<Read> {
        match value {
            Value::Null => None,
            Value::String(text) => Some(Read::Text(text.clone())),
            Value::Number(number) => Some(Read::Other(
                number.to_string(),
                "a number, taken as its text",
            )),
            Value::Bool(is_true) => Some(Read::Other(
                is_true.to_string(),
                "a boolean, taken as its text",
            )),
            Value::Array(values) => self.listed_tag(key, values),
            Value::Object(_) => self.refuse_tag(key, kind_of(value)),
        }
    }

    fn listed_tag(&mut self, key: &str, values: &[Value]) -> Option<Read> {
        let mut texts = BTreeSet::new();
        for value in values {
            let text = match value {
                Value::String(text) => text.clone(),
                Value::Number(_) | Value::Bool(_) => value.to_string(),
                Value::Null | Value::Array(_) | Value::Object(_) => {
                    return self.refuse_tag(key, &format!("a list that holds {}", kind_of(value)));
                }
            };
            texts.insert(text);
        }
        // Nothing is selected.
        if texts.is_empty() {
            return None;
        }
        let texts: Vec<String> = texts.into_iter().collect();
        let text = texts.join(BETWEEN_VALUES);
        Some(Read::Other(
            text,
            "a list, its values put together with / between them",
        ))
    }

    fn refuse_tag(&mut self, key: &str, found: &str) -> Option<Read> {
        let expected =
            format!("must be a JSON string, a number, a boolean or a list of these, not {found}");
        self.problems.add(key, expected);
        None
    }

    fn check_room(&mut self, tags: &BTreeMap<String, String>) {
        let room = MOST_ACCOUNT_TAGS - OWN_ACCOUNT_TAGS;
        if account_tags(tags).len() > room {
            self.problems.add(
                "tag…",
                format!(
                    "at most {room} may be given: AWS allows {MOST_ACCOUNT_TAGS} tags on an account, and the account \
                     vending machine uses {OWN_ACCOUNT_TAGS}"
                ),
            );
        }
    }

    fn check_collisions(&mut self, tags: &BTreeMap<String, String>) {
        for keys in colliding_tags(tags) {
            for key in &keys {
                let others: Vec<&str> = keys.iter().copied().filter(|other| other != key).collect();
                self.problems.add(
                    key,
                    format!(
                        "must not become the same account tag as {} with a different value",
                        shown_fields(&others)
                    ),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::payload::Payload;

    fn read(tags: &Value) -> Payload {
        let mut payload = json!({"ProductName": "space", "Stage": "shop"});
        for (key, value) in tags.as_object().unwrap() {
            payload[key] = value.clone();
        }
        Payload::read(&payload).unwrap()
    }

    #[test]
    fn a_tag_that_is_no_text_becomes_one_and_is_told_without_its_value() {
        let payload = read(&json!({
            "tagEnvironment": ["prod", "dev", "prod"], "tagCount": 3, "tagShare": -1.5, "tagPublic": false,
            "tagMixed": [2, "x y", true], "tagNone": [], "tags": ["a"], "tag of ada@example.com": 7, "tagOne": ["sandbox"]
        }));
        let tags: Vec<(&str, &str)> = payload
            .tags
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .collect();
        assert_eq!(
            tags,
            [
                ("tag of ada@example.com", "7"),
                ("tagCount", "3"),
                ("tagEnvironment", "dev/prod"),
                ("tagMixed", "2/true/x y"),
                ("tagOne", "sandbox"),
                ("tagPublic", "false"),
                ("tagShare", "-1.5"),
            ]
        );
        let list = "a list, its values put together with / between them";
        let mut told = payload.taken_as_text;
        told.sort();
        assert_eq!(
            told,
            [
                "tag of <e-mail>: a number, taken as its text".to_owned(),
                "tagCount: a number, taken as its text".to_owned(),
                format!("tagEnvironment: {list}"),
                format!("tagMixed: {list}"),
                format!("tagOne: {list}"),
                "tagPublic: a boolean, taken as its text".to_owned(),
                "tagShare: a number, taken as its text".to_owned(),
            ]
        );
    }

    #[test]
    fn the_same_selection_in_another_order_is_the_same_request() {
        let selected = |values: Value| read(&json!({"tagTeams": values}));
        assert_eq!(
            selected(json!(["a", "b"])),
            selected(json!(["b", "a", "b"]))
        );
        let text = selected(json!("a/b"));
        assert_eq!(selected(json!(["a", "b"])).tags, text.tags);
        assert!(text.taken_as_text.is_empty());
    }
}
