//! `RoleBindings`: project role → user names, as a JSON object or as a string that holds one.
//! Errors name the path, never a user, even if roles and users are swapped.

use std::collections::{BTreeMap, BTreeSet};

use avm_core::config::LandingZone;
use avm_core::contract::order::RoleBindings;
use avm_core::domain::{ProjectRole, UserName};
use avm_core::json;
use serde_json::{Map, Value};

use super::kind_of;
use crate::problems::Problems;

/// The key of the payload.
const FIELD: &str = "RoleBindings";
const EXPECTED: &str =
    "must be a JSON object of project roles with lists of user names, or a string that holds one";

/// Reads the bindings; null counts as absent. Faults are added to the problems.
pub(super) fn read(given: &Value, problems: &mut Problems) -> Option<RoleBindings> {
    match given {
        Value::Null => None,
        Value::Object(roles) => Some(read_roles(roles, problems)),
        Value::String(text) => match json::read(text) {
            Ok(Value::Null) => None,
            Ok(Value::Object(roles)) => Some(read_roles(&roles, problems)),
            Ok(other) => {
                let kind = kind_of(&other);
                problems.add(FIELD, format!("{EXPECTED}, not one that holds {kind}"));
                None
            }
            Err(faults) => {
                // The path of a fault may hold a user name.
                let what = match faults.first() {
                    Some(fault) if fault.what == json::TWICE => "a key in it: duplicate key",
                    Some(fault) => &format!("it {}", fault.what),
                    None => "it cannot be read",
                };
                problems.add(FIELD, format!("{EXPECTED}: {what}"));
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
    let sorted: BTreeMap<&String, &Value> = roles.iter().collect();
    for (index, (key, users)) in sorted.into_iter().enumerate() {
        if users.is_null() {
            continue;
        }
        let place = format!("{FIELD}.(sorted key {})", index + 1);
        let Some(role) = problems.take(&place, key.parse::<ProjectRole>()) else {
            continue;
        };
        let list = users.as_array().map_or(&[][..], Vec::as_slice);
        let path = if is_surely_role(list.iter().filter_map(Value::as_str)) {
            format!("{FIELD}.{role}")
        } else {
            place
        };
        if let Value::Array(users) = users {
            bindings.insert(role, read_users(&path, users, problems));
        } else {
            let expected = format!("must be a list of user names, not {}", kind_of(users));
            problems.add(&path, expected);
        }
    }
    bindings
}

/// Whether the key of these names is a project role and not a user: one of the names, such as an address, cannot be a role.
fn is_surely_role<'a>(mut names: impl Iterator<Item = &'a str>) -> bool {
    names.any(|name| name.parse::<ProjectRole>().is_err())
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
/// meshStack sends the same bindings for every landing zone. Without single sign-on they are dropped, so that the people of a
/// project make no order differ; so are roles that only the SAML provider maps. Of a role that the landing zone does not map, only
/// the name is kept, and single-sign-on reports that it was ignored. To refuse it would keep people in the account whose mapping
/// was removed, for as long as a caller names the role. An object from users to roles is refused: it would empty every group.
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
    let names: Vec<&str> = known.iter().map(|role| role.as_str()).collect();
    let is_known = |user: &UserName| names.contains(&user.expose());
    for (_, users) in bindings
        .iter_mut()
        .filter(|(role, _)| !known.contains(role))
    {
        if users.iter().any(is_known) {
            let fault =
                "must go from project roles to the users in them, not from users to their roles";
            let expected = format!("{fault}; the landing zone maps {}", names.join(", "));
            problems.add_once(FIELD, expected);
        }
        users.clear();
    }
    bindings.retain(|role, _| groups.contains_key(role) || !known.contains(role));
    Some(bindings)
}

#[cfg(test)]
mod tests;
