//! How the text of a pattern is read: conversions of Java's `String.format`, and the placeholders of meshStack's templates.
//! Both may stand in one pattern; what is neither is a word of the name.

use super::{ARGUMENTS, PROJECT_ID, Pattern, PatternError, Piece, ROLE};

/// meshStack's placeholders that a request can fill, and the numbers of their arguments (from 1).
///
/// Rule source: meshStack's documentation, "Replication Configuration, String Templating" (read on 2026-11-29), and the schema of
/// its Terraform provider, `group_name_pattern` of `aws_sso`: "platformGroupAlias" is the suffix of the role's name. What was a
/// customer is a workspace now. `rand`, `platform`, `tenantPlatformNumber` and tags have no argument here, and a format after a
/// colon would cut names: two projects could get one.
pub(super) const PLACEHOLDERS: [(&str, usize); 5] = [
    ("workspaceIdentifier", 1),
    ("projectIdentifier", 2),
    ("meshProjectId", PROJECT_ID),
    ("platformGroupAlias", ROLE),
    ("customerIdentifier", 1),
];

/// The placeholders as they are written.
pub(super) fn names() -> impl Iterator<Item = String> {
    PLACEHOLDERS.iter().map(|(name, _)| format!("#{{{name}}}"))
}

impl TryFrom<String> for Pattern {
    type Error = PatternError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let mut pieces = Vec::new();
        let mut words = String::new();
        let mut next_plain = 0;
        let characters: Vec<char> = text.chars().collect();
        let mut at = 0;
        while at < characters.len() {
            let Some((conversion, length)) = read_at(&characters[at..], at + 1)? else {
                words.push(characters[at]);
                at += 1;
                continue;
            };
            let (index, number) = match conversion {
                Conversion::Percent => {
                    words.push('%');
                    at += length;
                    continue;
                }
                Conversion::Next => {
                    next_plain += 1;
                    (next_plain - 1, false)
                }
                Conversion::Positional { index, number } => (index, number),
            };
            if index >= ARGUMENTS {
                return Err(PatternError::NoSuchArgument {
                    number: index + 1,
                    position: at + 1,
                });
            }
            if !words.is_empty() {
                pieces.push(Piece::Words(std::mem::take(&mut words)));
            }
            pieces.push(Piece::Argument { index, number });
            at += length;
        }
        if !words.is_empty() {
            pieces.push(Piece::Words(words));
        }
        Ok(Self { text, pieces })
    }
}

enum Conversion {
    Percent,
    Next,
    Positional { index: usize, number: bool },
}

/// Reads what begins at the start, at that position of the pattern; none where it is a word's character.
fn read_at(
    characters: &[char],
    position: usize,
) -> Result<Option<(Conversion, usize)>, PatternError> {
    match characters {
        ['%', ..] => match read_conversion(characters) {
            None => Err(PatternError::Unsupported { position }),
            read => Ok(read),
        },
        ['#', '{', rest @ ..] => match read_placeholder(rest) {
            None => Err(PatternError::UnknownPlaceholder { position }),
            read => Ok(read),
        },
        _ => Ok(None),
    }
}

/// Reads the placeholder whose name follows; with it, the length with `#{` and `}` in characters.
fn read_placeholder(after_brace: &[char]) -> Option<(Conversion, usize)> {
    let length = after_brace.iter().position(|character| *character == '}')?;
    let name: String = after_brace[..length].iter().collect();
    let (_, argument) = PLACEHOLDERS.iter().find(|(known, _)| *known == name)?;
    let conversion = Conversion::Positional {
        index: argument - 1,
        number: false,
    };
    Some((conversion, length + 3))
}

/// Reads the conversion that begins with the `%` at the start; with it, its length in characters.
fn read_conversion(characters: &[char]) -> Option<(Conversion, usize)> {
    match characters.get(1)? {
        '%' => return Some((Conversion::Percent, 2)),
        's' => return Some((Conversion::Next, 2)),
        _ => {}
    }
    let digits: String = characters[1..]
        .iter()
        .take_while(|character| character.is_ascii_digit())
        .collect();
    let number: usize = digits.parse().ok().filter(|number| *number > 0)?;
    let after = 1 + digits.len();
    let is_number = match (characters.get(after)?, characters.get(after + 1)?) {
        ('$', 's') => false,
        ('$', 'd') => true,
        _ => return None,
    };
    Some((
        Conversion::Positional {
            index: number - 1,
            number: is_number,
        },
        after + 2,
    ))
}
