//! Words for people: in errors, logs, notices and mails.
//! Text from outside may have characters that start a new line or hide what follows; here they are made visible.

use unicode_general_category::{GeneralCategory, get_general_category};

/// The same words on one line: control characters, separators of lines, and invisible characters (such as those that turn the
/// direction of writing) are written as Rust and JSON write them in a string, `\n` or `\u{202e}`.
pub fn one_line(words: &str) -> String {
    if !words.chars().any(is_hidden) {
        return words.to_owned();
    }
    let mut line = String::with_capacity(words.len());
    for character in words.chars() {
        if is_hidden(character) {
            line.extend(character.escape_default());
        } else {
            line.push(character);
        }
    }
    line
}

/// Whether a person would not see the character, or see something else because of it.
fn is_hidden(character: char) -> bool {
    if (' '..='~').contains(&character) {
        return false;
    }
    matches!(
        get_general_category(character),
        GeneralCategory::Control
            | GeneralCategory::Format
            | GeneralCategory::LineSeparator
            | GeneralCategory::ParagraphSeparator
    )
}

/// Whether every character is valid in XML 1.0, and so in AWS's requests: all but most control characters.
pub fn is_xml_text(text: &str) -> bool {
    text.chars().all(|character| {
        matches!(character, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_written_out() {
        assert_eq!(one_line("a\nb\r\u{1b}[31m"), "a\\nb\\r\\u{1b}[31m");
        assert_eq!(
            one_line("x\u{2028}y\u{202e}z\u{200b}\u{85}"),
            "x\\u{2028}y\\u{202e}z\\u{200b}\\u{85}"
        );
        assert_eq!(one_line("Zoë 東京 🙂 \"x\" \\n"), "Zoë 東京 🙂 \"x\" \\n");
    }

    #[test]
    fn a_text_that_xml_cannot_hold_is_known() {
        for text in ["", "a\tb\r\nc", "ä€🙂", "\u{7f}\u{85}"] {
            assert!(is_xml_text(text), "{text:?}");
        }
        for text in ["\u{0}", "a\u{b}", "\u{1b}", "\u{fffe}", "\u{ffff}"] {
            assert!(!is_xml_text(text), "{text:?}");
        }
    }
}
