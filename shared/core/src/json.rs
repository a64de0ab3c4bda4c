//! JSON from outside: read as a whole, or refused with what is wrong with it.
//! Stricter than `serde_json::Value`: an object with a duplicate key is refused, instead of taking the last one.

use std::fmt;

use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::domain::redact_emails;
use crate::error::{ErrorName, Failure};

/// What is wrong with a key that an object has already.
pub const TWICE: &str = "duplicate key";

/// What is wrong with a text that should be JSON; never a value of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The keys (and the places in lists) that lead to what is wrong; empty: the text as a whole.
    pub path: Vec<String>,
    pub what: String,
}

impl Fault {
    /// The path as it is written in messages, e.g. `stackSets[0].region`.
    pub fn field(&self) -> String {
        let mut field = String::new();
        for step in &self.path {
            if !field.is_empty() && !step.starts_with('[') {
                field.push('.');
            }
            field.push_str(step);
        }
        field
    }
}

/// Reads a text.
///
/// # Errors
/// Every duplicate key, or the one reason why it is not JSON.
pub fn read(text: &str) -> Result<Value, Vec<Fault>> {
    if text.starts_with('\u{feff}') {
        return Err(vec![whole(
            "is not JSON: it begins with a byte order mark".to_owned(),
        )]);
    }
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let mut path = Vec::new();
    let mut faults = Vec::new();
    let strict = Strict {
        path: &mut path,
        faults: &mut faults,
    };
    let read = strict
        .deserialize(&mut deserializer)
        .map_err(|error| format!("is not JSON: {error}"));
    let read = read.and_then(|value| match deserializer.end() {
        Ok(()) => Ok(value),
        Err(error) => Err(format!("nothing may follow it: {error}")),
    });
    match read {
        Err(what) => Err(vec![whole(what)]),
        Ok(value) if faults.is_empty() => Ok(value),
        Ok(_) => Err(faults),
    }
}

/// The words of an error of `serde_json` without the text that it repeats: that may be a person's name.
pub fn without_values(words: &str) -> String {
    const BEFORE: &str = ": string \"";
    const AFTER: &str = "\", expected ";
    match (words.find(BEFORE), words.rfind(AFTER)) {
        (Some(start), Some(end)) if start < end => {
            let rest = &words[end + 1..];
            format!("{}: a string{rest}", &words[..start])
        }
        _ => words.to_owned(),
    }
}

/// Reads an event.
///
/// # Errors
/// The given name, with every key of the event that holds a duplicate key, or why it is not JSON.
pub fn read_event(text: &str, unreadable: ErrorName) -> Result<Value, Failure> {
    read(text).map_err(|faults| {
        let words: Vec<String> = faults.iter().map(words_of_fault).collect();
        Failure::new(unreadable, words.join("; "))
    })
}

/// Names the key of the event only: those below may be the names of people.
fn words_of_fault(fault: &Fault) -> String {
    match &fault.path[..] {
        [] => format!("the event {}", fault.what),
        [key] => format!("{}: {}", short(key), fault.what),
        [key, ..] => format!("{}: a key in it: {}", short(key), fault.what),
    }
}

fn short(key: &str) -> String {
    redact_emails(key).chars().take(128).collect()
}

/// Decodes the input of a step.
///
/// # Errors
/// `InvalidState`, with the path of the field that cannot be read.
pub fn decode<Input: DeserializeOwned>(event: Value) -> Result<Input, Failure> {
    serde_path_to_error::deserialize(event).map_err(|error| {
        let words = without_values(&error.inner().to_string());
        let path = error.path().to_string();
        let place = if path == "." {
            String::new()
        } else {
            format!(" at {path}")
        };
        Failure::new(
            ErrorName::InvalidState,
            format!("the step's input{place}: {words}"),
        )
    })
}

fn whole(what: String) -> Fault {
    Fault {
        path: Vec::new(),
        what,
    }
}

/// Builds a value, and notes the keys that are there twice.
struct Strict<'a> {
    path: &'a mut Vec<String>,
    faults: &'a mut Vec<Fault>,
}

impl Strict<'_> {
    fn within(&mut self, step: String) -> Strict<'_> {
        self.path.push(step);
        Strict {
            path: self.path,
            faults: self.faults,
        }
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        let number = serde_json::Number::from_f64(value);
        number
            .map(Value::Number)
            .ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        loop {
            let step = format!("[{}]", list.len());
            let item = items.next_element_seed(self.within(step));
            self.path.pop();
            match item? {
                Some(item) => list.push(item),
                None => return Ok(list.into()),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut fields: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(key) = fields.next_key::<String>()? {
            let value = fields.next_value_seed(self.within(key.clone()));
            if object.contains_key(&key) {
                self.faults.push(Fault {
                    path: self.path.clone(),
                    what: TWICE.to_owned(),
                });
            }
            self.path.pop();
            object.insert(key, value?);
        }
        Ok(object.into())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fault(text: &str) -> (String, String) {
        let faults = read(text).unwrap_err();
        (faults[0].field(), faults[0].what.clone())
    }

    #[test]
    fn json_is_read_as_it_is() {
        let text = r#"{"a": [1, -1, 1.5, true, null, "x\u0000\ud83d\ude42"], "b": {}}"#;
        let expected = json!({"a": [1, -1, 1.5, true, null, "x\u{0}\u{1F642}"], "b": {}});
        assert_eq!(read(text), Ok(expected));
    }

    #[test]
    fn every_key_that_is_there_twice_is_named_with_its_path() {
        let faults =
            read(r#"{"a": 1, "b": [{"c": 1, "c": 2}], "a": {"d": 1, "d": 1}}"#).unwrap_err();
        let fields: Vec<String> = faults.iter().map(Fault::field).collect();
        assert_eq!(fields, ["b[0].c", "a.d", "a"]);
    }

    #[test]
    fn what_is_no_json_is_refused_whatever_it_is() {
        for (text, words) in [
            ("", "EOF while parsing"),
            ("{", "EOF while parsing"),
            ("{} {}", "nothing may follow it"),
            ("\u{feff}{}", "byte order mark"),
            (r#"{"a": "\ud800"}"#, "hex escape"),
            ("{\"a\": \"\u{1}\"}", "control character"),
            ("1e999", "number out of range"),
            (&"[".repeat(100_000), "recursion limit"),
            (&"{\"a\":".repeat(100_000), "recursion limit"),
        ] {
            let (field, what) = fault(text);
            assert_eq!(field, "");
            assert!(what.contains(words), "{what}");
        }
    }

    #[test]
    fn words_lose_the_value_that_they_repeat() {
        let error = serde_json::from_value::<u8>(json!("ada \", expected x")).unwrap_err();
        assert_eq!(
            without_values(&error.to_string()),
            "invalid type: a string, expected u8"
        );
        assert_eq!(without_values("missing field `a`"), "missing field `a`");
    }

    #[test]
    fn an_input_that_does_not_decode_names_the_path() {
        let failure =
            decode::<std::collections::BTreeMap<String, u8>>(serde_json::json!({"a": "x"}))
                .unwrap_err();
        assert_eq!(failure.name(), ErrorName::InvalidState);
        assert!(failure.cause().contains("at a:"), "{failure}");
    }

    #[test]
    fn an_event_that_is_no_json_or_has_two_meanings_fails_under_a_name_of_ours() {
        let cause = |text: &str| {
            let failure = read_event(text, ErrorName::InvalidRequest).unwrap_err();
            assert_eq!(failure.name(), ErrorName::InvalidRequest);
            failure.cause().to_owned()
        };
        assert_eq!(
            cause(r#"{"AccountId": "1", "AccountId": "2"}"#),
            "AccountId: duplicate key"
        );
        assert_eq!(
            cause(r#"{"RoleBindings": {"ada": [], "ada": []}}"#),
            "RoleBindings: a key in it: duplicate key"
        );
        assert!(cause(r#"{"a": "\ud800"}"#).starts_with("the event is not JSON: "));
        assert!(cause(&"[".repeat(1000)).contains("recursion limit"));
    }
}
