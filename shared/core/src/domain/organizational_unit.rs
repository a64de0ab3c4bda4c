//! Where a landing zone wants its accounts: the root, an id, a path of names, or one unit per workspace.
//! Names follow AWS Organizations (1 to 128 characters); a path may be five levels deep (Organizations quota).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{InvalidText, ParentId};

/// The setting `organizationalUnit` of a landing zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum OrganizationalUnitTarget {
    /// `""`: a unit named like the workspace below the root, made on demand.
    PerWorkspace,
    /// `"/"`: the root of the organization.
    Root,
    /// `"ou-…"` or `"r-…"`.
    Id(ParentId),
    /// `"Workloads/Sandbox"`: names from the root downwards.
    Path(Vec<String>),
}

const DEEPEST: usize = 5;

impl TryFrom<String> for OrganizationalUnitTarget {
    type Error = InvalidText;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.is_empty() {
            return Ok(Self::PerWorkspace);
        }
        if text == "/" {
            return Ok(Self::Root);
        }
        if let Ok(id) = text.parse::<ParentId>() {
            return Ok(Self::Id(id));
        }
        let names: Vec<String> = text
            .strip_prefix('/')
            .unwrap_or(&text)
            .split('/')
            .map(str::to_owned)
            .collect();
        if names.len() <= DEEPEST && names.iter().all(|name| is_unit_name(name)) {
            Ok(Self::Path(names))
        } else {
            Err(InvalidText {
                what: "organizational unit",
                expected: "an id (ou-… or r-…), \"/\" for the root, \"\" for one unit per workspace, or a path of at \
                           most five names of 1 to 128 characters such as Workloads/Sandbox",
            })
        }
    }
}

fn is_unit_name(name: &str) -> bool {
    (1..=128).contains(&name.chars().count())
        && name.trim() == name
        && !name.chars().any(char::is_control)
}

impl OrganizationalUnitTarget {
    /// Whether this is known to be the other target or to lie below it, whatever the tree looks like: where one is an id and
    /// the other a path, nothing is known.
    pub fn is_at_or_below(&self, other: &Self) -> bool {
        match (self, other) {
            (_, Self::Root) => true,
            (_, Self::Id(id)) if id.is_root() => true,
            (Self::Path(names), Self::Path(above)) => names.starts_with(above),
            _ => self == other,
        }
    }
}

impl From<OrganizationalUnitTarget> for String {
    fn from(target: OrganizationalUnitTarget) -> Self {
        target.to_string()
    }
}

impl fmt::Display for OrganizationalUnitTarget {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PerWorkspace => Ok(()),
            Self::Root => formatter.write_str("/"),
            Self::Id(id) => write!(formatter, "{id}"),
            Self::Path(names) => formatter.write_str(&names.join("/")),
        }
    }
}

impl schemars::JsonSchema for OrganizationalUnitTarget {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "OrganizationalUnitTarget".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "ou-… or r-…, \"/\" for the root, a path of names such as Workloads/Sandbox, or \"\" for one organizational unit per workspace"
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<OrganizationalUnitTarget, InvalidText> {
        OrganizationalUnitTarget::try_from(text.to_owned())
    }

    #[test]
    fn every_form_is_read_and_written_back() {
        for text in [
            "",
            "/",
            "r-ab12",
            "ou-ab12-12345678",
            "Sandbox",
            "Workloads/Production",
        ] {
            assert_eq!(String::from(parse(text).unwrap()), text);
        }
        assert_eq!(
            parse("/Workloads/Sandbox").unwrap(),
            OrganizationalUnitTarget::Path(vec!["Workloads".to_owned(), "Sandbox".to_owned()])
        );
    }

    #[test]
    fn only_what_is_known_to_be_below_counts_as_below() {
        for (one, other, expected) in [
            ("a/b", "a", true),
            ("a", "a", true),
            ("", "", true),
            ("ou-ab12-12345678", "ou-ab12-12345678", true),
            ("", "/", true),
            ("ou-ab12-12345678", "/", true),
            ("a/b", "r-ab12", true),
            ("a", "a/b", false),
            ("ab", "a", false),
            ("A", "a", false),
            ("/", "a", false),
            ("/", "", false),
            ("a", "", false),
            ("", "a", false),
            ("a", "ou-ab12-12345678", false),
            ("ou-ab12-12345678", "a", false),
            ("ou-ab12-87654321", "ou-ab12-12345678", false),
        ] {
            let (one_target, other_target) = (parse(one).unwrap(), parse(other).unwrap());
            assert_eq!(
                one_target.is_at_or_below(&other_target),
                expected,
                "{one:?} below {other:?}"
            );
        }
    }

    #[test]
    fn empty_names_and_deep_paths_are_refused() {
        for text in ["a//b", "a/", "a/b/c/d/e/f", " a", "a\nb"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
