//! The names of StackSets that the machine may roll out, as `LandingZoneStackSetNamePattern` of template.yaml gives them.
//! A policy has the same pattern; this is for whoever has to say what it lets through.

use std::convert::Infallible;
use std::str::FromStr;

use serde::Deserialize;

use crate::domain::StackSetName;

/// The names of StackSets that are the machine's, with `*` for any characters.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct NamesOfStackSets(String);

impl NamesOfStackSets {
    /// Whether a name is one of them, as IAM matches.
    #[must_use]
    pub fn matches(&self, name: &StackSetName) -> bool {
        let mut parts = self.0.split('*');
        let Some(mut rest) = parts
            .next()
            .and_then(|first| name.as_str().strip_prefix(first))
        else {
            return false;
        };
        let Some(last) = parts.next_back() else {
            return rest.is_empty();
        };
        for part in parts {
            let Some((_, behind)) = rest.split_once(part) else {
                return false;
            };
            rest = behind;
        }
        rest.ends_with(last)
    }
}

impl FromStr for NamesOfStackSets {
    type Err = Infallible;

    fn from_str(pattern: &str) -> Result<Self, Infallible> {
        Ok(Self(pattern.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// IAM takes the same pattern: `*` stands for any characters, also for none.
    #[test]
    fn names_match_as_in_iam() {
        for (pattern, name, matches) in [
            ("avm-*", "avm-landing-zone", true),
            ("avm-*", "avm-", true),
            ("avm-*", "my-avm-zone", false),
            ("*", "anything", true),
            ("*-avm", "roles-avm", true),
            ("*-avm", "roles-avm-2", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c", false),
            ("a*a", "a", false),
            ("avm", "avm", true),
            ("avm", "avm-2", false),
            ("avm-*", "other", false),
            ("*", "x", true),
            ("a*c", "abbc", true),
            ("a*c", "ab", false),
            ("", "x", false),
        ] {
            let names: NamesOfStackSets = pattern.parse().unwrap();
            let name = name.parse().unwrap();
            assert_eq!(names.matches(&name), matches, "{pattern} {name}");
        }
    }
}
