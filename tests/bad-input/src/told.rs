//! What every word that leaves the account vending machine must be, whatever it was made of.
//! One line, nothing invisible, no e-mail address, and not too long for a log.

use avm_core::domain::{one_line, redact_emails};
use avm_core::error::{ErrorName, Failure};

/// The longest message that a person may be asked to read; 60 fields with keys of 128 characters fit.
const LONGEST: usize = 40_000;

/// Words for a person or a log.
pub fn check_words(words: &str) {
    assert_eq!(one_line(words), words, "words that are not one line");
    assert_eq!(redact_emails(words), words, "words with an e-mail address");
    assert!(words.len() <= LONGEST, "{} bytes of words", words.len());
    assert!(!words.is_empty(), "no words");
}

/// A refusal: under one of these names, in words that may be logged.
pub fn check_failure(failure: &Failure, names: &[ErrorName]) {
    assert!(
        names.contains(&failure.name()),
        "{}: {failure}",
        failure.name()
    );
    check_words(&failure.to_string());
    check_words(failure.cause());
}
