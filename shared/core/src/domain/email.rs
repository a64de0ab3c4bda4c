//! The e-mail address of an account, and the removal of addresses from words that are logged.
//! The rule is AWS Organizations' for `CreateAccount.Email`; a `Debug` print never shows the address.

use std::fmt;

use super::cloudformation::sha256;
use super::text::InvalidText;

/// An address that AWS Organizations takes for an account (6 to 64 characters, 7-bit ASCII).
#[derive(Clone, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

impl Email {
    /// The address itself: for AWS only, never for a log.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The address in lower case, the form by which addresses are compared.
    pub fn normalized(&self) -> String {
        self.0.to_ascii_lowercase()
    }

    /// Eight digits that stand for the address in names, which hold no address.
    pub fn digest(&self) -> String {
        sha256(&self.normalized())[..8].to_owned()
    }

    /// Whether a text is the same address in any letter case.
    pub fn is_same_as(&self, text: &str) -> bool {
        self.0.eq_ignore_ascii_case(text)
    }
}

impl PartialEq for Email {
    fn eq(&self, other: &Self) -> bool {
        self.is_same_as(&other.0)
    }
}

impl Eq for Email {}

impl fmt::Debug for Email {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("<e-mail>")
    }
}

impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.0
    }
}

impl TryFrom<String> for Email {
    type Error = InvalidText;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let valid = text.is_ascii()
            && (6..=64).contains(&text.len())
            && text
                .split_once('@')
                .is_some_and(|(local, domain)| is_local_part(local) && is_domain(domain));
        if valid {
            Ok(Self(text))
        } else {
            Err(InvalidText {
                what: "account e-mail address",
                expected: "an address as AWS Organizations takes it: 6 to 64 ASCII characters, one '@', \
                           no white space and none of \"'()<>[]:;,\\|%& before it, a domain with a dot after it",
            })
        }
    }
}

impl std::str::FromStr for Email {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::try_from(text.to_owned())
    }
}

fn is_local_part(local: &str) -> bool {
    !local.is_empty()
        && !local.starts_with('.')
        && !local
            .bytes()
            .any(|byte| !byte.is_ascii_graphic() || b"\"'()<>[]:;,\\|%&".contains(&byte))
}

fn is_domain(domain: &str) -> bool {
    domain.contains('.')
        && !domain.starts_with(['-', '.'])
        && !domain.ends_with(['-', '.'])
        && domain
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte))
}

/// The same words with everything that looks like an e-mail address replaced by `<e-mail>`.
pub fn redact_emails(words: &str) -> String {
    if !words.contains('@') {
        return words.to_owned();
    }
    words
        .split_inclusive(|character: char| {
            character.is_whitespace() || "\"'<>()[]{},;".contains(character)
        })
        .map(redact_token)
        .collect()
}

fn redact_token(token: &str) -> String {
    let word = token.trim_end_matches(|character: char| {
        character.is_whitespace() || "\"'<>()[]{},;.:".contains(character)
    });
    let is_address = word
        .split_once('@')
        .is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.'));
    if is_address {
        format!("<e-mail>{}", &token[word.len()..])
    } else {
        token.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_organizations_takes_are_taken() {
        for text in [
            "a@b.io",
            "aws+workspace.project@example.com",
            "A.B_c-d@sub.example.com",
        ] {
            assert!(text.parse::<Email>().is_ok(), "{text}");
        }
    }

    #[test]
    fn addresses_that_organizations_refuses_are_refused() {
        let too_long = format!("{}@example.com", "a".repeat(60));
        for text in [
            "",
            "a@b",
            "a@b.",
            "a@.b",
            "a@-b.c",
            ".abc@example.com",
            "a b@example.com",
            "a@b@example.com",
            "a%b@example.com",
            "a\\b@example.com",
            "ä@example.com",
            "a@exämple.com",
            "a\n@example.com",
            &too_long,
        ] {
            assert!(text.parse::<Email>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_debug_print_hides_the_address() {
        let email: Email = "someone@example.com".parse().unwrap();
        assert_eq!(format!("{email:?}"), "<e-mail>");
    }

    #[test]
    fn addresses_are_the_same_in_any_letter_case() {
        assert_eq!(
            "A@Example.com".parse::<Email>().unwrap(),
            "a@example.COM".parse().unwrap()
        );
    }

    #[test]
    fn words_lose_their_addresses_and_keep_the_rest() {
        assert_eq!(
            redact_emails("taken: 'a.b+c@example.com', by <x@y.org>. Role a@b stays"),
            "taken: '<e-mail>', by <<e-mail>>. Role a@b stays"
        );
    }
}
