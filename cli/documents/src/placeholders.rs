//! What no organization has: the domains, ids and numbers that stand in examples, ours and AWS's.
//! An account made with an address that nobody receives mail for has a root user that nobody can recover.

use avm_core::config::Problem;
use serde_json::Value;

use crate::folder::File;
use crate::problems::Found;

/// RFC 2606, section 3: second-level domains for examples.
const RESERVED_DOMAINS: [&str; 3] = ["example.com", "example.net", "example.org"];
/// RFC 2606, section 2, and RFC 6761: top-level domains that never lead anywhere.
const RESERVED_TOPS: [&str; 4] = ["example", "invalid", "localhost", "test"];
/// The ids of AWS whose last part AWS makes at random: IAM Identity Center, identity stores, AWS Organizations, Service Catalog.
const IDS: [&str; 9] = ["d", "o", "ou", "port", "pp", "prod", "ps", "r", "ssoins"];
/// Account ids of AWS's documentation, besides those of equal digits.
const ACCOUNTS: [&str; 4] = [
    "012345678901",
    "098765432109",
    "123456789012",
    "210987654321",
];
/// What a telephone number of an example ends with.
const NUMBERS: [&str; 2] = ["1234567", "7654321"];
/// The shortest run of equal or ascending characters that somebody has typed and no machine has drawn.
const RUN: usize = 4;
/// The root of an organization may have an id of four characters, of which one cannot tell.
const SHORTEST: usize = 8;

/// Every field that holds what only examples hold, by document and name. A document that is not JSON has none: that is a problem of its own.
pub fn placeholders(documents: &[File]) -> Vec<Found> {
    let mut found = Vec::new();
    for document in documents {
        let Ok(value) = serde_json::from_str(&document.text) else {
            continue;
        };
        let mut problems = Vec::new();
        look(&value, String::new(), &mut problems);
        problems.sort_by(|one, other| one.field.cmp(&other.field));
        let file = document.path.display().to_string();
        found.extend(problems.into_iter().map(|problem| Found {
            file: file.clone(),
            problem,
        }));
    }
    found
}

fn look(value: &Value, field: String, problems: &mut Vec<Problem>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let inner = if field.is_empty() {
                    name.clone()
                } else {
                    format!("{field}.{name}")
                };
                look(value, inner, problems);
            }
        }
        Value::Array(values) => {
            for (index, value) in values.iter().enumerate() {
                look(value, format!("{field}[{index}]"), problems);
            }
        }
        Value::String(text) => {
            if let Some(expected) = fault(&field, text) {
                problems.push(Problem::new(field, expected));
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// What is wrong with the text of that field; `$schema` is no setting.
fn fault(field: &str, text: &str) -> Option<String> {
    if field == "$schema" {
        return None;
    }
    if let Some(host) = hosts(text).find(|host| is_reserved(host)) {
        return Some(format!(
            "{host} is a domain for examples (RFC 2606, RFC 6761): nothing and nobody is reached there"
        ));
    }
    let mut words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-');
    if let Some(id) = words.find(|word| is_made_up(word)) {
        return Some(format!("{id} is an id of an example: AWS has not made it"));
    }
    let name = field.rsplit('.').next().unwrap_or_default();
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    if name == "phone" && NUMBERS.iter().any(|number| digits.ends_with(number)) {
        return Some("is the telephone number of an example".to_owned());
    }
    let mut parts = text.split(['-', '.']);
    if name == "accountAliasPattern" && parts.any(|part| part == "example") {
        return Some("is the pattern of an example: aliases begin with a name of yours".to_owned());
    }
    None
}

/// What follows an `@` or a `://`, up to where a domain ends.
fn hosts(text: &str) -> impl Iterator<Item = String> {
    let behind = ["@", "://"]
        .into_iter()
        .flat_map(|mark| text.split(mark).skip(1));
    behind.map(|rest| {
        let end =
            rest.find(|letter: char| !letter.is_ascii_alphanumeric() && !"-.".contains(letter));
        let host = &rest[..end.unwrap_or(rest.len())];
        host.trim_end_matches('.').to_lowercase()
    })
}

fn is_reserved(host: &str) -> bool {
    let below = |domain: &str| {
        let rest = host.strip_suffix(domain);
        rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    RESERVED_DOMAINS.into_iter().chain(RESERVED_TOPS).any(below)
}

fn is_made_up(word: &str) -> bool {
    if word.len() == 12 && word.bytes().all(|letter| letter.is_ascii_digit()) {
        return is_example_account(word);
    }
    let Some((kind, rest)) = word.split_once('-') else {
        return false;
    };
    if !IDS.contains(&kind) {
        return false;
    }
    // An organizational unit's id has that of its root in the middle.
    let last = rest.rsplit('-').next().unwrap_or(rest);
    last.starts_with("example") || is_typed(last)
}

/// Of equal digits, in one group or in three, or one that AWS's documentation counts up or down.
fn is_example_account(id: &str) -> bool {
    let equal = |group: &[u8]| group.iter().all(|digit| *digit == group[0]);
    id.as_bytes().chunks(4).all(equal) || ACCOUNTS.contains(&id)
}

/// Whether it is nothing but runs of equal or ascending characters, with at most one more.
fn is_typed(text: &str) -> bool {
    let letters = text.as_bytes();
    if letters.len() < SHORTEST {
        return false;
    }
    let mut at = 0;
    while letters.len() - at > 1 {
        let run = run(&letters[at..], |one, next| one == next)
            .max(run(&letters[at..], |one, next| next == follower(one)));
        if run < RUN {
            return false;
        }
        at += run;
    }
    true
}

fn run(letters: &[u8], goes_on: impl Fn(u8, u8) -> bool) -> usize {
    let pairs = letters.windows(2);
    1 + pairs.take_while(|pair| goes_on(pair[0], pair[1])).count()
}

const fn follower(letter: u8) -> u8 {
    if letter == b'9' { b'0' } else { letter + 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_that_lead_nowhere_are_found_and_others_are_not() {
        let is = |text: &str| fault("x", text).is_some();
        for text in [
            "aws+%s@example.com",
            "aws+%s@mail.Example.ORG",
            "https://idp.example.net/auth",
            "https://user@localhost:8080/",
            "http://localhost",
            "a@company.test",
            "a@company.invalid.",
            "https://idp.example",
        ] {
            assert!(is(text), "{text}");
        }
        for text in [
            "aws+%s@company.com",
            "a@example.company.io",
            "a@myexample.com",
            "https://idp.company.io/example.com",
            "https://attest/",
            "Example.com",
        ] {
            assert!(!is(text), "{text}");
        }
    }

    #[test]
    fn ids_of_examples_are_found_and_drawn_ones_are_not() {
        for id in [
            "111111111111",
            "000000000000",
            "123456789012",
            "111122223333",
            "ssoins-1111222233334444",
            "ssoins-1234567890abcdef",
            "ps-aaaa111122223333",
            "d-1234567890",
            "o-exampleorgid",
            "ou-abcd-11111111",
            "r-examplerootid111",
            "prod-abcd1234efgh5",
        ] {
            assert!(fault("x", id).is_some(), "{id}");
            let inside = format!("arn:aws:x::{id}/y");
            assert!(fault("x", &inside).is_some(), "{inside}");
        }
        for id in [
            "407162839405",
            "111122224333",
            "ssoins-69873cf59aa0c5d1",
            "ps-0d2f1bd41e2c9a73",
            "d-99672bd4a1",
            "o-k2v9x0w1q7",
            "ou-ab12-9xk2w0q7",
            "r-abcd",
            "prod-7xk2w0q7abcd4",
            "a-1111",
            "1234567890",
            "team-1111",
        ] {
            assert!(fault("x", id).is_none(), "{id}");
        }
    }

    #[test]
    fn numbers_and_aliases_of_examples_are_found_where_they_stand() {
        assert!(fault("alternateContacts.security.phone", "+49 69 123 4567").is_some());
        assert!(fault("alternateContacts.security.phone", "+49 69 4711 0815").is_none());
        assert!(fault("accountAliasPattern", "example-%s-%s").is_some());
        assert!(fault("accountAliasPattern", "examples-%s-%s").is_none());
        assert!(fault("$schema", "https://example.com/").is_none());
    }
}
