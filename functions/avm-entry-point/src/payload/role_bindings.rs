//! `RoleBindings`: project role → user names, as a JSON object or as a string that holds one.
//! A document of another shape is refused, with the path and never a user; a name that nobody can have is left out and counted.

use std::collections::{BTreeMap, BTreeSet};

use avm_core::config::LandingZone;
use avm_core::contract::order::{LeftOut, RoleBindings};
use avm_core::domain::{ProjectRole, UserName};
use avm_core::json;
use serde_json::{Map, Value};

use super::kind_of;
use crate::problems::Problems;

/// The key of the payload.
const FIELD: &str = "RoleBindings";
const EXPECTED: &str =
    "must be a JSON object of project roles with lists of user names, or a string that holds one";

/// The bindings as they were given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Given {
    roles: BTreeMap<ProjectRole, Users>,
    /// The users of each key that can be no project role.
    others: Vec<Users>,
}

/// The users of a key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Users {
    names: BTreeSet<UserName>,
    /// How many more there are, whose names nobody can have.
    impossible: usize,
}

/// Reads the bindings; null counts as absent. Faults are added to the problems.
pub(super) fn read(given: &Value, problems: &mut Problems) -> Option<Given> {
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

fn read_roles(roles: &Map<String, Value>, problems: &mut Problems) -> Given {
    let mut given = Given::default();
    let sorted: BTreeMap<&String, &Value> = roles.iter().collect();
    for (index, (key, users)) in sorted.into_iter().enumerate() {
        if users.is_null() {
            continue;
        }
        let role = key.parse::<ProjectRole>().ok();
        let list = users.as_array().map_or(&[][..], Vec::as_slice);
        let path = match &role {
            Some(role) if is_surely_role(list.iter().filter_map(Value::as_str)) => {
                format!("{FIELD}.{role}")
            }
            _ => format!("{FIELD}.(sorted key {})", index + 1),
        };
        let Value::Array(users) = users else {
            let expected = format!("must be a list of user names, not {}", kind_of(users));
            problems.add(&path, expected);
            continue;
        };
        let users = read_users(&path, users, problems);
        match role {
            Some(role) => {
                given.roles.insert(role, users);
            }
            None => given.others.push(users),
        }
    }
    given
}

/// Whether the key of these names is a project role and not a user: one of the names, such as an address, cannot be a role.
fn is_surely_role<'a>(mut names: impl Iterator<Item = &'a str>) -> bool {
    names.any(|name| name.parse::<ProjectRole>().is_err())
}

fn read_users(path: &str, users: &[Value], problems: &mut Problems) -> Users {
    let mut read = Users::default();
    for (index, user) in users.iter().enumerate() {
        match user {
            Value::String(name) => match name.parse() {
                Ok(name) => {
                    read.names.insert(name);
                }
                Err(_) => read.impossible += 1,
            },
            other => problems.add(
                &format!("{path}[{index}]"),
                format!(
                    "must be a user name in a JSON string, not {}",
                    kind_of(other)
                ),
            ),
        }
    }
    read
}

/// The bindings that the landing zone's single sign-on uses, and how much of them is left out.
///
/// A caller sends the same bindings for every landing zone. Without single sign-on they are dropped, so that the people of a
/// project make no order differ; so are roles that only the SAML provider maps. Of a role that the landing zone does not map, only
/// the name is kept, and single-sign-on reports that it was ignored; what can be no role or nobody's name is only counted. To refuse
/// either would keep people in the account who were taken out of it, for as long as a caller names the role. An object from
/// users to roles is refused: it would empty every group.
pub fn used_by(
    landing_zone: &LandingZone,
    given: Option<Given>,
    problems: &mut Problems,
) -> Option<(RoleBindings, LeftOut)> {
    let groups = &landing_zone.single_sign_on.as_ref()?.role_mappings;
    let provider = landing_zone.identity_provider.as_ref();
    let mut known: BTreeSet<&ProjectRole> = groups.keys().collect();
    if let Some(provider) = provider {
        known.extend(provider.role_mappings_managed.keys());
        known.extend(provider.role_mappings_external.keys());
    }
    let given = given?;
    if given.is_from_users_to_roles(&known) {
        let names: Vec<&str> = known.iter().map(|role| role.as_str()).collect();
        let fault =
            "must go from project roles to the users in them, not from users to their roles";
        let expected = format!("{fault}; the landing zone maps {}", names.join(", "));
        problems.add(FIELD, expected);
    }
    let mut left_out = LeftOut {
        roles: given.others.len(),
        users: 0,
    };
    let mut bindings = RoleBindings::new();
    for (role, users) in given.roles {
        if groups.contains_key(&role) {
            left_out.users += users.impossible;
            bindings.insert(role, users.names);
        } else if !known.contains(&role) {
            bindings.insert(role, BTreeSet::new());
        }
    }
    Some((bindings, left_out))
}

impl Given {
    /// Whether roles and users are swapped: a key that is no known role has one among its users, or, since a user's name is
    /// often no possible role, such keys are there and a known role is not.
    fn is_from_users_to_roles(&self, known: &BTreeSet<&ProjectRole>) -> bool {
        let names: BTreeSet<&str> = known.iter().map(|role| role.as_str()).collect();
        let has_role = |users: &Users| users.names.iter().any(|user| names.contains(user.expose()));
        let (of_known, of_unknown): (Vec<_>, Vec<_>) = self
            .roles
            .iter()
            .partition(|(role, _)| known.contains(role));
        let mut of_unknown = of_unknown.into_iter().map(|(_, users)| users);
        let is_without_known = !self.others.is_empty() && !known.is_empty() && of_known.is_empty();
        is_without_known || self.others.iter().any(has_role) || of_unknown.any(has_role)
    }
}

#[cfg(test)]
mod tests;
