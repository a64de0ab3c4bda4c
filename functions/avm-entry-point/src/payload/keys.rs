//! The known keys of the payload, and their near misses.
//! All other keys are accepted with any value.

use serde_json::Value;

/// The known keys, except `tag…`.
pub const KEYS: [&str; 12] = [
    "AccountId",
    "AccountName",
    "AccountEmail",
    "AccountArn",
    "ProductName",
    "Stage",
    "ProjectId",
    "ContactEmail",
    "CostCenter",
    "LandingZone",
    "Force",
    "RoleBindings",
];

/// Whether a key differs from a known one only in letter case, white space or punctuation, or has characters that are not ASCII
/// in place of at most half of its letters.
pub(super) fn is_look_alike(key: &str, known: &str) -> bool {
    let plain = |text: &str| -> String {
        let letters = text
            .chars()
            .filter(|character| !character.is_ascii() || character.is_ascii_alphanumeric());
        letters
            .map(|character| character.to_ascii_lowercase())
            .collect()
    };
    let (key, known) = (plain(key), plain(known));
    let pairs = || key.chars().zip(known.chars());
    let foreign = pairs().filter(|(found, _)| !found.is_ascii()).count();
    let is_near = |text: &str| text.chars().filter(char::is_ascii).eq(known.chars());
    is_near(&key)
        || (key.chars().count() == known.len()
            && 2 * foreign <= known.len()
            && pairs().all(|(found, wanted)| found == wanted || !found.is_ascii()))
}

/// meshStack's tags are `tag<Name>`, also with a list; `tags` with a list or an object is an unknown key.
pub(super) fn is_tag(key: &str, value: &Value) -> bool {
    key.strip_prefix("tag").is_some_and(|name| {
        name.starts_with(char::is_uppercase) || !(value.is_array() || value.is_object())
    })
}
