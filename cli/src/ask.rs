//! The operator's word before something is written: said beforehand with `--yes`, or asked for on a terminal.
//! Without a terminal nobody is asked, so that no script waits for an answer.

use std::io::{self, BufRead, IsTerminal, Write};

use clap::Args;

use crate::exit::Stop;

const REMEDY: &str = "look with --dry-run, then say --yes";

/// Whether to write, and whether to ask before.
#[derive(Args, Clone, Copy, Debug)]
pub struct Consent {
    /// Change nothing; say what would be done
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask; without a terminal nobody can be asked
    #[arg(long, short, conflicts_with = "dry_run")]
    pub yes: bool,
}

impl Consent {
    /// Whether anybody can say so, before the work of a plan is begun.
    ///
    /// # Errors
    /// Nobody has said so, and nobody can be asked.
    pub fn can_be_given(self, question: &str) -> Result<(), Stop> {
        if self.yes || is_terminal() {
            return Ok(());
        }
        Err(nobody(question, REMEDY))
    }

    /// Whether the operator wants this, whose details are told before the question.
    ///
    /// # Errors
    /// Nobody has said so, and nobody can be asked.
    pub fn to(self, question: &str, details: &[String]) -> Result<bool, Stop> {
        if self.yes {
            return Ok(true);
        }
        on_terminal(question, REMEDY, |input, output| {
            is_yes(question, details, input, output)
        })
    }
}

/// The same for what cannot be undone: the name of what goes has to be typed.
///
/// # Errors
/// Nobody can be asked.
pub fn by_name(question: &str, name: &str, details: &[String]) -> Result<bool, Stop> {
    let remedy = "look at the plan, then say --yes";
    on_terminal(question, remedy, |input, output| {
        is_named(question, name, details, input, output)
    })
}

fn on_terminal(
    question: &str,
    remedy: &str,
    ask: impl FnOnce(&mut dyn BufRead, &mut dyn Write) -> io::Result<bool>,
) -> Result<bool, Stop> {
    if !is_terminal() {
        return Err(nobody(question, remedy));
    }
    let (input, output) = (io::stdin(), io::stderr());
    ask(&mut input.lock(), &mut output.lock())
        .map_err(|error| Stop::Usage(format!("the terminal cannot be used: {error}")))
}

fn is_terminal() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

fn nobody(question: &str, remedy: &str) -> Stop {
    Stop::Usage(format!(
        "{question} Nobody can be asked without a terminal. Remedy: {remedy}"
    ))
}

fn is_named(
    question: &str,
    name: &str,
    details: &[String],
    input: &mut dyn BufRead,
    output: &mut dyn Write,
) -> io::Result<bool> {
    let asked = format!("{question} Type {name} to go on: ");
    Ok(word(&asked, details, input, output)? == name)
}

/// Only a clear word is a yes; the end of the input is none.
fn is_yes(
    question: &str,
    details: &[String],
    input: &mut dyn BufRead,
    output: &mut dyn Write,
) -> io::Result<bool> {
    let word = word(&format!("{question} [y/N] "), details, input, output)?;
    Ok(["y", "yes"].contains(&word.to_lowercase().as_str()))
}

fn word(
    asked: &str,
    details: &[String],
    input: &mut dyn BufRead,
    output: &mut dyn Write,
) -> io::Result<String> {
    for detail in details {
        writeln!(output, "{detail}")?;
    }
    write!(output, "{asked}")?;
    output.flush()?;
    let mut word = String::new();
    input.read_line(&mut word)?;
    Ok(word.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clear_word_is_a_yes() {
        for (word, yes) in [
            ("y\n", true),
            ("YES\n", true),
            ("\n", false),
            ("", false),
            ("yess\n", false),
            ("n\ny\n", false),
        ] {
            let mut told = Vec::new();
            let details = ["/avm/platform: would be updated".to_owned()];
            let said = is_yes("Write it?", &details, &mut word.as_bytes(), &mut told).unwrap();
            assert_eq!(said, yes, "{word:?}");
            let told = String::from_utf8(told).unwrap();
            assert_eq!(told, "/avm/platform: would be updated\nWrite it? [y/N] ");
        }
    }

    #[test]
    fn what_cannot_be_undone_takes_its_name() {
        for (word, yes) in [
            ("avm\n", true),
            ("yes\n", false),
            ("\n", false),
            ("AVM\n", false),
        ] {
            let mut told = Vec::new();
            let said = is_named("Remove it?", "avm", &[], &mut word.as_bytes(), &mut told).unwrap();
            assert_eq!(said, yes, "{word:?}");
            assert_eq!(told, b"Remove it? Type avm to go on: ");
        }
    }
}
