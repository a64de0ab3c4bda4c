//! The tags of an account: which keys the payload's `tag…` become, and which values AWS accepts.
//! Rules: AWS Organizations (`Tag`: key 1 to 128, value 0 to 256 of `\p{L}\p{Z}\p{N}_.:/=+-@`).

use std::collections::BTreeMap;
use std::fmt;

use super::email::redact_emails;
use serde::{Deserialize, Serialize};
use unicode_general_category::{GeneralCategory, get_general_category};

/// The tags by which meshStack sees that a vend is done; written last, by the completion only.
pub const COMPLETION_KEYS: [&str; 2] = ["ProductName", "Stage"];

/// The tag that says when a vend of the account last succeeded; it stays when a later one fails.
pub const COMPLETED_AT_KEY: &str = "avm:completed-at";

/// The tag that names the execution of the last vend that succeeded.
pub const EXECUTION_KEY: &str = "avm:execution";

/// The tag that names the workspace that the account was made for; written when the account is created.
pub const OWNER_WORKSPACE_KEY: &str = "avm:workspace";

/// The tag that names the project that the account was made for; written when the account is created.
pub const OWNER_PROJECT_KEY: &str = "avm:project";

/// The tags of the owner, in the order of [`COMPLETION_KEYS`]; they stay when a vend fails.
pub const OWNER_KEYS: [&str; 2] = [OWNER_WORKSPACE_KEY, OWNER_PROJECT_KEY];

/// The tag that names the further machine of the organization that the account is of; the first one's accounts have none.
pub const MACHINE_KEY: &str = "avm:machine";

/// The tag that holds an account to the landing zone that it was vended in; written by the completion, and it stays when a
/// later vend fails.
pub const LANDING_ZONE_KEY: &str = "avm:landing-zone";

/// The prefix of the tags of a failed vend; the completion removes them.
pub const FAILURE_KEY_PREFIX: &str = "avm:failed-";

const LONGEST_KEY: usize = 128;
const LONGEST_VALUE: usize = 256;

/// The address or name of the person who made the project; any text, hidden from logs.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ContactAddress(String);

impl ContactAddress {
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The text itself: for AWS only, never for a log.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ContactAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("<contact>")
    }
}

/// The account tags that the payload's tags become: `tagEnvironment` is the account tag `Environment`.
///
/// A name that is reserved (the completion tags, `avm:…`, `aws:…`) keeps its `tag` prefix. A character that AWS does not
/// take becomes `_`; a key is cut at 128 characters, a value at 256. [`altered_tags`] tells which tags this has changed,
/// [`colliding_tags`] which would overwrite each other.
pub fn account_tags(tags: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    tags.iter()
        .map(|(key, value)| (account_tag_key(key), clean_tag_value(value)))
        .collect()
}

/// What was changed to fit AWS's rules: one text for each changed tag, with its key and without its value. A user chooses the key,
/// too: an address in it is removed.
pub fn altered_tags(tags: &BTreeMap<String, String>) -> Vec<String> {
    let altered = tags.iter().filter_map(|(key, value)| {
        let changes: Vec<String> = [
            changes("key", tag_name(key), LONGEST_KEY),
            changes("value", value, LONGEST_VALUE),
        ]
        .into_iter()
        .flatten()
        .collect();
        (!changes.is_empty()).then(|| {
            format!(
                "{}: {}",
                redact_emails(&clean(key, LONGEST_KEY)),
                changes.join(", ")
            )
        })
    });
    altered.collect()
}

/// What [`clean`] does to a text, in words.
fn changes(what: &str, text: &str, longest: usize) -> Option<String> {
    let is_cut = text.chars().count() > longest;
    let is_replaced = !text.chars().take(longest).all(is_tag_character);
    let change = match (is_replaced, is_cut) {
        (false, false) => return None,
        (true, false) => "characters replaced by _".to_owned(),
        (false, true) => format!("cut at {longest} characters"),
        (true, true) => format!("characters replaced by _ and cut at {longest}"),
    };
    Some(format!("{what} {change}"))
}

/// Groups of the payload's keys that would be one account tag with different values: all but one would be lost.
pub fn colliding_tags(tags: &BTreeMap<String, String>) -> Vec<Vec<&str>> {
    let mut by_account_tag: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for key in tags.keys() {
        let group = by_account_tag.entry(account_tag_key(key)).or_default();
        group.push(key);
    }
    let differ = |keys: &Vec<&str>| {
        let mut values = keys.iter().map(|key| clean_tag_value(&tags[*key]));
        let first = values.next();
        values.any(|value| Some(value) != first)
    };
    by_account_tag.into_values().filter(differ).collect()
}

fn account_tag_key(key: &str) -> String {
    clean(tag_name(key), LONGEST_KEY)
}

/// The key of the account tag, before it is cleaned.
fn tag_name(key: &str) -> &str {
    let name = key.strip_prefix("tag");
    name.filter(|name| !name.trim().is_empty() && !is_reserved(name.trim()))
        .unwrap_or(key)
}

fn is_reserved(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower.starts_with("aws:") || lower.starts_with("avm:") || COMPLETION_KEYS.contains(&name)
}

/// A tag value that AWS accepts: invalid characters become `_`, and the text is cut at 256.
pub fn clean_tag_value(value: &str) -> String {
    clean(value, LONGEST_VALUE)
}

fn clean(text: &str, longest: usize) -> String {
    text.chars()
        .take(longest)
        .map(|character| {
            if is_tag_character(character) {
                character
            } else {
                '_'
            }
        })
        .collect()
}

/// `\p{L}`, `\p{N}` and the spaces of `\p{Z}`: narrower than Rust's "alphanumeric", which takes vowel signs too.
fn is_tag_character(character: char) -> bool {
    use GeneralCategory::{
        DecimalNumber, LetterNumber, LowercaseLetter, ModifierLetter, OtherLetter, OtherNumber,
        SpaceSeparator, TitlecaseLetter, UppercaseLetter,
    };
    "_.:/=+-@".contains(character)
        || matches!(
            get_general_category(character),
            DecimalNumber
                | LetterNumber
                | LowercaseLetter
                | ModifierLetter
                | OtherLetter
                | OtherNumber
                | SpaceSeparator
                | TitlecaseLetter
                | UppercaseLetter
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_lose_their_prefix_unless_the_name_is_reserved() {
        let tags = [
            "tagEnvironment",
            "tagStage",
            "tagProductName",
            "tagavm:execution",
            "tagAWS:x",
            "tag",
        ]
        .map(|key| (key.to_owned(), "v".to_owned()))
        .into();
        let keys: Vec<String> = account_tags(&tags).into_keys().collect();
        assert_eq!(
            keys,
            [
                "Environment",
                "tag",
                "tagAWS:x",
                "tagProductName",
                "tagStage",
                "tagavm:execution"
            ]
        );
    }

    #[test]
    fn values_are_brought_to_the_alphabet_and_length_that_aws_takes() {
        assert_eq!(clean_tag_value("a b/c@d=ä"), "a b/c@d=ä");
        assert_eq!(clean_tag_value("50% (net)\n<x>"), "50_ _net___x_");
        assert_eq!(clean_tag_value("é 東京 ٣ ½"), "é 東京 ٣ ½");
        // Vowel signs, marks and circled letters are letters to Unicode's "alphabetic", and not to AWS.
        assert_eq!(
            clean_tag_value("\u{939}\u{93f}|\u{e01}\u{e31}|\u{628}\u{650}|\u{24b6}|\u{2028}"),
            "\u{939}__\u{e01}__\u{628}_____"
        );
        assert_eq!(clean_tag_value(&"x".repeat(300)).len(), 256);
    }

    fn tags(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        let owned = |&(key, value): &(&str, &str)| (key.to_owned(), value.to_owned());
        pairs.iter().map(owned).collect()
    }

    #[test]
    fn a_tag_that_is_changed_is_told_without_its_value() {
        let long = "x".repeat(257);
        let long_key = format!("tagK{}", "k".repeat(128));
        let given = tags(&[
            ("tagPlain", "a b"),
            ("tagShare", "50%"),
            ("tag of ada@example.com", "1%"),
            ("tagText", &long),
            ("tagA(b)", "x"),
            (&long_key, &format!("%{long}")),
        ]);
        assert_eq!(
            altered_tags(&given),
            [
                "tag of <e-mail>: value characters replaced by _".to_owned(),
                "tagA_b_: key characters replaced by _".to_owned(),
                format!(
                    "{}: key cut at 128 characters, value characters replaced by _ and cut at 256",
                    &long_key[..128]
                ),
                "tagShare: value characters replaced by _".to_owned(),
                "tagText: value cut at 256 characters".to_owned(),
            ]
        );
    }

    #[test]
    fn keys_that_would_be_one_tag_are_found_unless_their_values_are_the_same() {
        let given = tags(&[
            ("tagA(b", "1"),
            ("tagA)b", "2"),
            ("tagStage", "x"),
            ("tagtagStage", "y"),
            ("tagC%", "same"),
            ("tagC|", "same"),
            ("tagOther", "z"),
        ]);
        assert_eq!(
            colliding_tags(&given),
            [["tagA(b", "tagA)b"], ["tagStage", "tagtagStage"]]
        );
    }

    #[test]
    fn white_space_does_not_hide_a_reserved_name() {
        let given = tags(&[
            ("tag Stage", "x"),
            ("tagavm:execution ", "y"),
            ("tag ", "z"),
        ]);
        let keys: Vec<String> = account_tags(&given).into_keys().collect();
        assert_eq!(keys, ["tag ", "tag Stage", "tagavm:execution "]);
    }
}
