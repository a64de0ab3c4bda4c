//! Naming patterns: Java `String.format` as far as meshStack uses it (`%s`, `%n$s`, `%n$d`, `%%`), and its placeholders `#{…}`.
//! Arguments: 1 workspace identifier, 2 project identifier, 3 numeric project id, 4 role name suffix; ours: 5 a digest of 1 and 2.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::sha256;

/// A pattern that has been read; anything that meshStack does not use is refused with its position.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pattern {
    text: String,
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Words(String),
    /// Zero-based index of the argument, and whether it must be a number.
    Argument {
        index: usize,
        number: bool,
    },
}

/// What a pattern is filled with.
#[derive(Clone, Copy, Debug)]
pub struct PatternArguments<'a> {
    /// Argument 1.
    pub workspace: &'a str,
    /// Argument 2.
    pub project: &'a str,
    /// Argument 3, where the request carries it.
    pub project_id: Option<&'a str>,
    /// Argument 4, only for the names of groups.
    pub role: Option<&'a str>,
}

/// Why a pattern is refused, or could not be filled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PatternError {
    /// A conversion that is not one of `%s`, `%n$s`, `%n$d`, `%%`, at this character (from 1).
    Unsupported {
        /// Position of the `%`, counted in characters from 1.
        position: usize,
    },
    /// A `#{…}` that no request can fill, at this character (from 1).
    UnknownPlaceholder {
        /// Position of the `#`, counted in characters from 1.
        position: usize,
    },
    /// An argument that does not exist: its number (from 1).
    NoSuchArgument {
        /// Number of the argument, from 1.
        number: usize,
        /// Position of the `%`, counted in characters from 1.
        position: usize,
    },
    /// An argument that the request does not carry: its number (from 1).
    MissingArgument {
        /// Number of the argument, from 1.
        number: usize,
    },
    /// `%n$d` was asked for, and the argument is not a number.
    NotANumber {
        /// Number of the argument, from 1.
        number: usize,
    },
}

const ARGUMENTS: usize = 5;
/// The number of the project id among the arguments, the only one that is a number.
const PROJECT_ID: usize = 3;
/// The number of the role name suffix among the arguments, which only groups have.
const ROLE: usize = 4;
/// The number of the digest of workspace and project among the arguments: for names that have room for no separator.
const DIGEST: usize = 5;
/// How many digits of the digest: too many to look for another project that has the same.
const DIGEST_DIGITS: usize = 16;

/// Where an argument ends in what a pattern makes: what it is filled with must not hold the character that follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Separator {
    /// Number of the argument, from 1.
    pub argument: usize,
    pub character: char,
}

/// An argument whose end cannot be told: another one, a letter or a digit follows it. Its number (from 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inseparable(pub usize);

/// meshStack: the longest workspace identifier that a pattern may be filled with, in characters.
pub const LONGEST_WORKSPACE: usize = 16;
/// meshStack: the longest project identifier that a pattern may be filled with, in characters.
pub const LONGEST_PROJECT: usize = 30;

impl Pattern {
    /// The pattern as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the pattern has exactly one plain `%s`: meshStack's older form, filled with
    /// `workspace.project`.
    pub fn is_single(&self) -> bool {
        let arguments = self
            .pieces
            .iter()
            .filter(|piece| matches!(piece, Piece::Argument { .. }));
        arguments.count() == 1 && self.text.replace("%%", "").contains("%s")
    }

    /// The arguments that the pattern uses: the number of each (from 1), and whether it must be a number.
    pub fn arguments(&self) -> impl Iterator<Item = (usize, bool)> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Words(_) => None,
            Piece::Argument { index, number } => Some((index + 1, *number)),
        })
    }

    /// Whether the pattern uses that argument (from 1).
    pub fn uses(&self, wanted: usize) -> bool {
        self.arguments().any(|(number, _)| number == wanted)
    }

    /// The words between the arguments.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Words(words) => Some(words.as_str()),
            Piece::Argument { .. } => None,
        })
    }

    /// What the arguments must not hold, so that two projects (and, for groups, two roles) never get one name: read from the
    /// left, each argument then ends where its separator stands first. What follows once all is told needs none.
    ///
    /// # Errors
    /// The first argument whose end nothing tells.
    pub fn separators(&self, of_roles: bool) -> Result<Vec<Separator>, Inseparable> {
        let pieces = self.expanded();
        let mut told = [false; ARGUMENTS + 1];
        let mut separators = Vec::new();
        for (at, piece) in pieces.iter().enumerate() {
            let Piece::Argument { index, .. } = piece else {
                continue;
            };
            let is_project_told = told[PROJECT_ID] || told[DIGEST] || (told[1] && told[2]);
            if is_project_told && (told[ROLE] || !of_roles) {
                break;
            }
            let argument = index + 1;
            told[argument] = true;
            let is_argument = |piece: &Piece| matches!(piece, Piece::Argument { .. });
            if !pieces[at + 1..].iter().any(is_argument) {
                break;
            }
            let Some(Piece::Words(words)) = pieces.get(at + 1) else {
                return Err(Inseparable(argument));
            };
            match words.chars().next() {
                Some(character) if !character.is_alphanumeric() => separators.push(Separator {
                    argument,
                    character,
                }),
                _ => return Err(Inseparable(argument)),
            }
        }
        Ok(separators)
    }

    /// The pieces; a single `%s` is what it stands for, `workspace.project`.
    fn expanded(&self) -> Vec<Piece> {
        if !self.is_single() {
            return self.pieces.clone();
        }
        let argument = |index| Piece::Argument {
            index,
            number: false,
        };
        let both = [argument(0), Piece::Words(".".to_owned()), argument(1)];
        let pieces = self.pieces.iter().flat_map(|piece| match piece {
            Piece::Argument { .. } => both.to_vec(),
            words @ Piece::Words(_) => vec![words.clone()],
        });
        pieces.collect()
    }

    /// Fills the pattern.
    ///
    /// # Errors
    /// An argument that is not there, or is not a number where one is asked for.
    pub fn format(&self, arguments: PatternArguments<'_>) -> Result<String, PatternError> {
        let joined = format!("{}.{}", arguments.workspace, arguments.project);
        let first = if self.is_single() {
            &joined
        } else {
            arguments.workspace
        };
        let digest = arguments.digest();
        let values = [
            Some(first),
            Some(arguments.project),
            arguments.project_id,
            arguments.role,
            Some(&digest),
        ];
        self.pieces
            .iter()
            .map(|piece| match piece {
                Piece::Words(words) => Ok(words.clone()),
                Piece::Argument { index, number } => {
                    let value = values[*index]
                        .ok_or(PatternError::MissingArgument { number: index + 1 })?;
                    if *number && value.parse::<i64>().is_err() {
                        return Err(PatternError::NotANumber { number: index + 1 });
                    }
                    Ok(value.to_owned())
                }
            })
            .collect()
    }
}

impl PatternArguments<'_> {
    /// Argument 5. Identifiers hold no NUL.
    fn digest(&self) -> String {
        let mut digest = sha256(&format!("{}\0{}", self.workspace, self.project));
        digest.truncate(DIGEST_DIGITS);
        digest
    }
}

impl From<Pattern> for String {
    fn from(pattern: Pattern) -> Self {
        pattern.text
    }
}

impl fmt::Display for PatternError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsupported { position } => write!(
                formatter,
                "pattern: the conversion at character {position} is not one of %s, %n$s, %n$d, %%"
            ),
            Self::UnknownPlaceholder { position } => {
                let known: Vec<String> = reading::names().collect();
                write!(
                    formatter,
                    "pattern: the placeholder at character {position} is not one of {}, each without a format",
                    known.join(", ")
                )
            }
            Self::NoSuchArgument { number, position } => write!(
                formatter,
                "pattern: the conversion at character {position} asks for argument {number}; there are \
                 1 workspace, 2 project, 3 project id, 4 role name suffix, 5 digest of workspace and project"
            ),
            Self::MissingArgument { number } => {
                write!(
                    formatter,
                    "pattern: argument {number} is not in the request"
                )
            }
            Self::NotANumber { number } => {
                write!(formatter, "pattern: argument {number} is not a number")
            }
        }
    }
}

impl std::error::Error for PatternError {}

impl schemars::JsonSchema for Pattern {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Pattern".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "Java String.format pattern: %s, %n$s, %n$d, %%; 1 workspace, 2 project, 3 numeric project id, 5 digest of workspace and project; a single %s stands for workspace.project; or meshStack's #{workspaceIdentifier}, #{projectIdentifier}, #{meshProjectId}, #{platformGroupAlias}"
        })
    }
}

mod reading;
#[cfg(test)]
mod tests;
