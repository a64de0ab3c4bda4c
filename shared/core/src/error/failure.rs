//! A failed step, in words that may be logged: on one line, without addresses, and with what to do about it.
//! What its name means for the state machine is in the taxonomy, one level up.

use std::fmt;

use super::ErrorName;
use crate::domain::{AccountId, one_line, redact_emails};
use crate::doors::Door;

/// A failed step: its name, its cause, the account it concerns, and the remedy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    name: ErrorName,
    cause: String,
    account: Option<AccountId>,
    remedy: Option<String>,
    closed_door: Option<Door>,
}

impl Failure {
    /// A failure with its cause, on one line; e-mail addresses are taken out of the words.
    #[must_use]
    pub fn new(name: ErrorName, cause: impl AsRef<str>) -> Self {
        Self {
            name,
            cause: words(cause.as_ref()),
            account: None,
            remedy: None,
            closed_door: None,
        }
    }

    /// The same failure, of that account.
    #[must_use]
    pub fn of_account(mut self, account: &AccountId) -> Self {
        self.account.get_or_insert_with(|| account.clone());
        self
    }

    /// The same failure with a remedy that fits better than the name's own.
    #[must_use]
    pub fn with_remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(one_line(&remedy.into()));
        self
    }

    /// The same failure under another name.
    #[must_use]
    pub fn renamed(mut self, name: ErrorName) -> Self {
        self.name = name;
        self
    }

    /// The same failure, with words in front of its cause that say what was being done.
    #[must_use]
    pub fn while_doing(mut self, context: &str) -> Self {
        self.cause = format!("{}: {}", words(context), self.cause);
        self
    }

    /// The same failure, to open that door.
    #[must_use]
    pub const fn at_door(mut self, door: Door) -> Self {
        self.closed_door = Some(door);
        self
    }

    /// The door that could not be opened, where that is the failure.
    #[must_use]
    pub const fn closed_door(&self) -> Option<Door> {
        self.closed_door
    }

    /// Its name.
    #[must_use]
    pub const fn name(&self) -> ErrorName {
        self.name
    }

    /// Its cause in words.
    #[must_use]
    pub fn cause(&self) -> &str {
        &self.cause
    }

    /// The account it concerns, if one is known.
    #[must_use]
    pub const fn account(&self) -> Option<&AccountId> {
        self.account.as_ref()
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> &str {
        self.remedy.as_deref().unwrap_or(self.name.remedy())
    }
}

/// What a service says may have 32,768 characters; beside the longest order they would not fit into what Step Functions hands
/// to the state that tells people (256 KiB, its quotas).
const LONGEST_WORDS: usize = 8_000;

/// Words that may be logged: without addresses, and on one line, so that nothing in them can pass for a line of its own.
fn words(text: &str) -> String {
    let mut words = one_line(&redact_emails(text));
    if words.len() > LONGEST_WORDS {
        words.truncate(words.floor_char_boundary(LONGEST_WORDS));
        words.push('…');
    }
    words
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.cause)?;
        if let Some(account) = &self.account {
            write!(formatter, " (account {account})")?;
        }
        write!(formatter, ". Remedy: {}.", self.remedy())
    }
}

impl std::error::Error for Failure {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_of_any_length_leaves_room_for_the_remedy() {
        let failure = Failure::new(ErrorName::Throttled, "ä".repeat(20_000));
        assert!(failure.cause().len() <= LONGEST_WORDS + '…'.len_utf8());
        assert!(failure.to_string().contains("…. Remedy: "));
    }

    #[test]
    fn a_failure_says_cause_account_and_remedy_without_addresses() {
        let account = "123456789012".parse().unwrap();
        let failure = Failure::new(ErrorName::EmailAlreadyInUse, "a@example.com is taken")
            .of_account(&account);
        assert_eq!(
            failure.to_string(),
            "<e-mail> is taken (account 123456789012). Remedy: choose another e-mail address: this one belongs to \
             an account that cannot be adopted."
        );
    }

    #[test]
    fn a_failure_is_one_line_whatever_it_repeats() {
        let failure = Failure::new(ErrorName::Internal, "a\nERROR forged\u{2028}x")
            .while_doing("b\r")
            .with_remedy("c\u{1b}[2J");
        assert_eq!(
            failure.to_string(),
            "b\\r: a\\nERROR forged\\u{2028}x. Remedy: c\\u{1b}[2J."
        );
    }
}
