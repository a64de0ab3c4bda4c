//! `RoleBindings`: project role → user names, as a JSON object or as a string that holds one.
//! A fault is told with its path; a user name is never repeated, also not where it stands in the place of a role.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use shared::config::LandingZone;
use shared::domain::{ProjectRole, UserName};
use shared::order::RoleBindings;

use super::kind_of;
use crate::problems::Problems;

/// The key of the payload.
const FIELD: &str = "RoleBindings";
const EXPECTED: &str =
    "must be a JSON object of project roles with lists of user names, or a string that holds one";

/// Reads the bindings; null is as good as none at all. What is wrong is added to the problems.
pub(super) fn read(given: &Value, problems: &mut Problems) -> Option<RoleBindings> {
    match given {
        Value::Null => None,
        Value::Object(roles) => Some(read_roles(roles, problems)),
        Value::String(text) => match serde_json::from_str(text) {
            Ok(Value::Null) => None,
            Ok(Value::Object(roles)) => Some(read_roles(&roles, problems)),
            Ok(other) => {
                let kind = kind_of(&other);
                problems.add(FIELD, format!("{EXPECTED}, not one that holds {kind}"));
                None
            }
            Err(error) => {
                let (line, column) = (error.line(), error.column());
                let expected =
                    format!("{EXPECTED}: it is not JSON at line {line}, column {column}");
                problems.add(FIELD, expected);
                None
            }
        },
        other => {
            problems.add(FIELD, format!("{EXPECTED}, not {}", kind_of(other)));
            None
        }
    }
}

fn read_roles(roles: &Map<String, Value>, problems: &mut Problems) -> RoleBindings {
    let mut bindings = RoleBindings::new();
    for (index, (key, users)) in roles.iter().enumerate() {
        if users.is_null() {
            continue;
        }
        // A key that is no role may be a user name, by mistake: it is told by its place.
        let Some(role) = problems.take(
            &format!("{FIELD}, key {}", index + 1),
            key.parse::<ProjectRole>(),
        ) else {
            continue;
        };
        let path = format!("{FIELD}.{role}");
        if let Value::Array(users) = users {
            bindings.insert(role, read_users(&path, users, problems));
        } else {
            let expected = format!("must be a list of user names, not {}", kind_of(users));
            problems.add(&path, expected);
        }
    }
    bindings
}

fn read_users(path: &str, users: &[Value], problems: &mut Problems) -> BTreeSet<UserName> {
    let mut names = BTreeSet::new();
    for (index, user) in users.iter().enumerate() {
        let path = format!("{path}[{index}]");
        match user {
            Value::String(name) => names.extend(problems.take(&path, name.parse::<UserName>())),
            other => problems.add(
                &path,
                format!(
                    "must be a user name in a JSON string, not {}",
                    kind_of(other)
                ),
            ),
        }
    }
    names
}

/// The bindings that the landing zone's single sign-on uses.
///
/// meshStack sends the same bindings whatever the landing zone: without single sign-on they are dropped, so that who is
/// in a project makes no order differ; so are roles that only the SAML provider's roles are mapped to. A role that the
/// landing zone does not map at all is added to the problems.
pub fn used_by(
    landing_zone: &LandingZone,
    bindings: Option<RoleBindings>,
    problems: &mut Problems,
) -> Option<RoleBindings> {
    let groups = &landing_zone.single_sign_on.as_ref()?.role_mappings;
    let provider = landing_zone.identity_provider.as_ref();
    let mut known: BTreeSet<&ProjectRole> = groups.keys().collect();
    if let Some(provider) = provider {
        known.extend(provider.role_mappings_managed.keys());
        known.extend(provider.role_mappings_external.keys());
    }
    let mut bindings = bindings?;
    for role in bindings.keys().filter(|role| !known.contains(role)) {
        let known: Vec<&str> = known.iter().map(|role| role.as_str()).collect();
        problems.add(
            &format!("{FIELD}.{role}"),
            format!(
                "the landing zone does not map this project role; it maps {}",
                known.join(", ")
            ),
        );
    }
    bindings.retain(|role, _| groups.contains_key(role));
    Some(bindings)
}

#[cfg(test)]
mod tests;
