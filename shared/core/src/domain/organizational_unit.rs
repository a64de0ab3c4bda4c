//! Where a landing zone wants its accounts: the root, an id, a path of names, or one unit per workspace.
//! Names follow AWS Organizations (1 to 128 characters); a path may be five levels deep (Organizations quota).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{InvalidText, OrganizationalUnitId, ParentId, RootId};

/// The setting `organizationalUnit` of a landing zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum OrganizationalUnitTarget {
    /// `""`: a unit named like the workspace below the root, made on demand.
    PerWorkspace,
    /// `"/"`: the root of the organization.
    Root,
    /// `"ou-…"` or `"r-…"`, also as AWS's tools write them: `"Name (ou-…)"`, an ARN, an entity path (`"o-…/r-…/ou-…"`).
    Id(ParentId),
    /// `"Workloads/Sandbox"`: names from the root downwards.
    Path(Vec<String>),
}

const DEEPEST: usize = 5;
/// What the console and other tools call the root; AWS gives it that name.
const ROOT: &str = "Root";

impl TryFrom<String> for OrganizationalUnitTarget {
    type Error = InvalidText;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.is_empty() {
            return Ok(Self::PerWorkspace);
        }
        if text == "/" {
            return Ok(Self::Root);
        }
        if let Some(id) = id_in(&text) {
            return Ok(Self::Id(id));
        }
        if is_broken_id(&text) {
            return Err(refusal(
                "an id (ou-… or r-…), the ARN of a unit or root, or Name (ou-…), and its id is none",
            ));
        }
        let parts = || text.split('/').filter(|part| !part.is_empty());
        if parts().next().is_some_and(is_above_units) || parts().any(is_like_unit_id) {
            return Err(refusal(
                "an id (ou-xxxx-xxxxxxxx or r-xxxx), AWS's path of ids (o-…/r-…/ou-…), or a path of names below the root \
                 without any id; a unit that is really called like an id is named by its own",
            ));
        }
        let names: Vec<String> = text
            .strip_prefix('/')
            .unwrap_or(&text)
            .split('/')
            .map(str::to_owned)
            .collect();
        if names[0].eq_ignore_ascii_case(ROOT) {
            return Err(refusal(
                "\"/\" for the root, or a path that begins below it, without Root; a unit that is really called Root is \
                 named by its id",
            ));
        }
        if names.len() <= DEEPEST && names.iter().all(|name| is_unit_name(name)) {
            Ok(Self::Path(names))
        } else {
            Err(refusal(
                "an id (ou-… or r-…), \"/\" for the root, \"\" for one unit per workspace, or a path of at most five \
                 names of 1 to 128 characters such as Workloads/Sandbox",
            ))
        }
    }
}

const fn refusal(expected: &'static str) -> InvalidText {
    InvalidText {
        what: "organizational unit",
        expected,
    }
}

/// The id in the notations that AWS and its tools have for a unit: itself, an ARN, an entity path, and Control Tower's
/// `Name (ou-…)`.
fn id_in(text: &str) -> Option<ParentId> {
    let id = in_brackets(text)
        .or_else(|| id_of_arn(text))
        .or_else(|| id_of_entity_path(text))
        .unwrap_or(text);
    id.to_ascii_lowercase().parse().ok()
}

/// What stands in brackets at the end, if it begins like the id of a unit, or is one of a root.
fn in_brackets(text: &str) -> Option<&str> {
    let (_, id) = text.strip_suffix(')')?.rsplit_once(" (")?;
    let lower = id.to_ascii_lowercase();
    (lower.starts_with("ou-") || lower.parse::<RootId>().is_ok()).then_some(id)
}

/// The last id of an entity path: the organization's, the root's, and those of the units down to it; the first one or two may
/// be left out, and a slash may end it.
///
/// Rule source: IAM User Guide, "Understand the AWS Organizations entity path" (read on 2026-11-29).
fn id_of_entity_path(text: &str) -> Option<&str> {
    let mut ids: Vec<&str> = text.trim_matches('/').split('/').collect();
    if is_organization_id(ids[0]) {
        ids.remove(0);
    }
    let is_of_path = |(at, id): (usize, &&str)| {
        let id = id.to_ascii_lowercase();
        id.parse::<OrganizationalUnitId>().is_ok() || (at == 0 && id.parse::<RootId>().is_ok())
    };
    let is_path = ids.iter().enumerate().all(is_of_path);
    is_path.then(|| ids.pop()).flatten()
}

/// Whether a part has the form of an organization's or a root's id, which stand above all units.
fn is_above_units(part: &str) -> bool {
    is_organization_id(part) || part.to_ascii_lowercase().parse::<RootId>().is_ok()
}

/// AWS Organizations API: `^o-[a-z0-9]{10,32}$`.
fn is_organization_id(part: &str) -> bool {
    let part = part.to_ascii_lowercase();
    part.strip_prefix("o-")
        .is_some_and(|rest| (10..=32).contains(&rest.len()) && is_alphanumeric(rest))
}

/// Whether a part is a unit's id, or was meant as one: `ou-`, the four characters or more of a root, and letters or digits.
fn is_like_unit_id(part: &str) -> bool {
    let part = part.to_ascii_lowercase();
    part.strip_prefix("ou-")
        .and_then(|rest| rest.split_once('-'))
        .is_some_and(|(root, unit)| {
            (4..=32).contains(&root.len()) && is_alphanumeric(root) && is_alphanumeric(unit)
        })
}

fn is_alphanumeric(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn id_of_arn(text: &str) -> Option<&str> {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let ["arn", _, "organizations", "", _, resource] = parts[..] else {
        return None;
    };
    let (_, id) = resource.rsplit_once('/')?;
    (resource.starts_with("ou/") || resource.starts_with("root/")).then_some(id)
}

/// What is written as an id and is none would be made as a unit of that name.
fn is_broken_id(text: &str) -> bool {
    text.starts_with("arn:") || in_brackets(text).is_some()
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
            "description": "ou-… or r-…, alone, in an ARN, at the end of AWS's path of ids (o-…/r-…/ou-…) or as Name (ou-…); \"/\" for the root, a path of names such as Workloads/Sandbox, or \"\" for one organizational unit per workspace"
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
    fn the_notations_of_other_tools_are_understood_or_refused_with_the_right_form() {
        for (text, id) in [
            (
                "Shared Infra Service (ou-zr7y-lnenmry9)",
                "ou-zr7y-lnenmry9",
            ),
            ("Workloads/Sandbox (ou-ab12-12345678)", "ou-ab12-12345678"),
            ("OU-AB12-12345678", "ou-ab12-12345678"),
            (
                "arn:aws:organizations::111111111111:ou/o-a1b2c3d4e5/ou-ab12-12345678",
                "ou-ab12-12345678",
            ),
            (
                "arn:aws:organizations::111111111111:root/o-a1b2c3d4e5/r-ab12",
                "r-ab12",
            ),
            (
                "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/ou-ab12-22222222",
                "ou-ab12-22222222",
            ),
            ("o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/", "ou-ab12-11111111"),
            ("r-ab12/ou-ab12-11111111", "ou-ab12-11111111"),
            ("/ou-ab12-11111111/ou-ab12-22222222/", "ou-ab12-22222222"),
            ("o-a1b2c3d4e5/r-ab12", "r-ab12"),
            ("Root (r-ab12)", "r-ab12"),
        ] {
            let id = OrganizationalUnitTarget::Id(id.parse().unwrap());
            assert_eq!(parse(text).unwrap(), id, "{text}");
        }
        for (text, form) in [
            ("Root", "\"/\" for the root"),
            ("root/Workloads", "below it, without Root"),
            ("/Root/Workloads", "below it, without Root"),
            ("Sandbox (ou-ab12)", "its id is none"),
            (
                "arn:aws:organizations::111111111111:account/o-a1b2c3d4e5/222222222222",
                "its id is none",
            ),
            ("r-ab12/Workloads", "without any id"),
            ("o-a1b2c3d4e5", "without any id"),
            ("o-a1b2c3d4e5/ou-ab12-1111111", "without any id"),
            ("o-a1b2c3d4e5/r-ab12/Workloads/Sandbox", "without any id"),
            (
                "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/222222222222",
                "without any id",
            ),
            ("o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*", "without any id"),
            ("ou-ab12-1234567", "ou-xxxx-xxxxxxxx"),
            ("Workloads/ou-ab12-11111111", "without any id"),
            ("/Workloads/OU-AB12-1", "without any id"),
        ] {
            let refusal = parse(text).unwrap_err().to_string();
            assert!(refusal.contains(form), "{text}: {refusal}");
        }
        for text in [
            "Prod (EU)",
            "Prod (r-x)",
            "Workloads/Root",
            "Workloads/r-team",
            "R-and-D",
            "R-and-D/o-o",
            "ou-sandbox",
            "ou-eu-production",
            "ou-prod-eu-west",
        ] {
            assert!(
                matches!(parse(text), Ok(OrganizationalUnitTarget::Path(_))),
                "{text}"
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
