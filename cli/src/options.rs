//! The options that every command has: who signs in where, how the answer looks, how much is told.
//! Their names and variables are those of the AWS CLI.

use std::ffi::OsString;

use anstream::ColorChoice;
use clap::{Args, ValueEnum};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::prelude::*;

/// What is told with `--debug`: how the SDK signs in, tries and tries again. At this level it tells no body of a call.
const TOLD: [&str; 3] = ["aws_config", "aws_runtime", "aws_smithy_runtime"];

/// The options of every command.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Options of every command")]
pub struct Options {
    /// The profile to sign in with, from ~/.aws/config; also AWS_PROFILE, but this one goes before keys in variables
    #[arg(long, global = true, value_name = "NAME")]
    pub profile: Option<String>,
    /// The region of the account vending machine; also AWS_REGION, or `region` of the profile
    #[arg(long, global = true, value_name = "REGION")]
    pub region: Option<String>,
    /// Another address of AWS, such as a local one; also AWS_ENDPOINT_URL
    #[arg(long, global = true, value_name = "URL")]
    pub endpoint_url: Option<String>,
    /// Whether to write in colours; NO_COLOR and CLICOLOR_FORCE count as well
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
    /// Tell on standard error how AWS is called; no secrets
    #[arg(long, global = true)]
    pub debug: bool,
}

/// The option of commands that answer with a list.
#[derive(Args, Clone, Copy, Debug)]
pub struct Output {
    /// How the answer looks: text for people, the other formats have the same for programs
    #[arg(
        long = "output",
        value_name = "FORMAT",
        env = "AVM_OUTPUT",
        default_value = "text"
    )]
    pub format: Format,
}

/// The formats of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A sentence for each thing
    #[default]
    Text,
    /// Columns
    Table,
    /// A list of objects
    Json,
    /// The same as YAML
    Yaml,
}

/// When to write in colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal
    Auto,
    Always,
    Never,
}

impl Color {
    /// Makes all that is written, by us and by the parser of the arguments, keep to it.
    pub fn keep_to(self) {
        let choice = match self {
            Self::Auto => ColorChoice::Auto,
            Self::Always => ColorChoice::Always,
            Self::Never => ColorChoice::Never,
        };
        choice.write_global();
    }

    /// The choice in arguments that are not parsed yet: the parser writes its help and its errors in colours, too.
    pub fn of(arguments: &[OsString]) -> Self {
        let words: Vec<_> = arguments.iter().filter_map(|word| word.to_str()).collect();
        let value = words.iter().zip(words.iter().skip(1).copied().chain([""]));
        let value = value.filter_map(|(word, next)| match word.strip_prefix("--color") {
            Some("") => Some(next),
            Some(value) => value.strip_prefix('='),
            None => None,
        });
        let choices = value.filter_map(|value| Self::from_str(value, false).ok());
        choices.last().unwrap_or(Self::Auto)
    }
}

/// The arguments with a `--` behind `config import`, if that is the command: what follows is for another program, which has
/// options of the same names.
pub fn leave_to_import(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let mut pairs = arguments.windows(2);
    if let Some(at) = pairs.position(|pair| pair == ["config", "import"]) {
        arguments.insert(at + 2, "--".into());
    }
    arguments
}

/// Tells on standard error how AWS is called.
pub fn tell_calls() {
    let told = TOLD.map(|target| (target, LevelFilter::DEBUG));
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(false);
    let lines = lines.with_filter(Targets::new().with_targets(told));
    // Another subscriber can only be there in a test.
    let _ = tracing_subscriber::registry().with(lines).try_init();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_chosen_before_the_arguments_are_parsed() {
        let of = |words: &[&str]| Color::of(&words.iter().map(OsString::from).collect::<Vec<_>>());
        assert_eq!(of(&["avm", "--color", "never", "--help"]), Color::Never);
        assert_eq!(of(&["avm", "config", "--color=always"]), Color::Always);
        assert_eq!(of(&["avm", "config"]), Color::Auto);
        assert_eq!(of(&["avm", "--color", "pink"]), Color::Auto);
        assert_eq!(of(&["avm", "--color"]), Color::Auto);
    }
}
