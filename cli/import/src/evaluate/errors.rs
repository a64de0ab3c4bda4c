//! The errors of the library in words: where and what, and never a part of the file.
//! What the library does not know of the language is told apart from a mistake where that can be seen.

use dhall::error::{Error, ErrorKind};

/// What the library does not know of the language: it reads version 20 of the standard, from 2021.
const NEWER: &str = "newer than what this reader knows (such as with on optionals, showConstructor, dates, as Bytes): read what \
     `dhall --file FILE` makes of it instead";

/// Where and what, without the lines of the file that the library shows.
pub(super) fn words_of_error(error: impl Into<Error>) -> String {
    let error = error.into();
    let shown = error.to_string();
    let what = match error.kind() {
        ErrorKind::IO(error) => return format!("it cannot be read: {error}"),
        ErrorKind::Parse(_) => format!("it is not Dhall, or {NEWER}"),
        ErrorKind::Typecheck(_) => words_of_type_error(&shown),
        _ => "an import cannot be resolved".to_owned(),
    };
    match position(&shown) {
        Some((line, column)) => format!("line {line}, column {column}: {what}"),
        None => what,
    }
}

/// The library's own word for the error: what follows a quotation mark or a colon may be a value.
fn words_of_type_error(shown: &str) -> String {
    let title = shown
        .strip_prefix("Type error: error: ")
        .unwrap_or_default()
        .lines()
        .next()
        .unwrap_or_default();
    let word: String = title
        .chars()
        .take_while(|character| character.is_ascii_alphabetic() || *character == ' ')
        .collect();
    match word.trim() {
        "" => "a type is wrong".to_owned(),
        "error" => "an import cannot be read".to_owned(),
        word if word.starts_with("unbound variable") => {
            format!(
                "a type is wrong ({word}); if it is no typing error, it is not defined here, or {NEWER}"
            )
        }
        word => format!("a type is wrong ({word})"),
    }
}

/// Line and column behind the first `-->`.
fn position(shown: &str) -> Option<(usize, usize)> {
    let (_, rest) = shown.split_once("--> ")?;
    let mut parts = rest.lines().next()?.rsplit(':');
    let column = parts.next()?.trim().parse().ok()?;
    let line = parts.next()?.trim().parse().ok()?;
    Some((line, column))
}
