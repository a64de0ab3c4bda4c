//! What the roles may do, as the templates say it: the function's own, and those behind its doors.
//! Actions by service, as people read them; resources and conditions are in the templates.

use std::collections::{BTreeMap, BTreeSet};

use avm_core::doors::{Behind, DOORS, DoorRow};
use serde_json::Value;

use crate::functions::{Function, functions};
use crate::steps::assumed;
use crate::template::{MACHINE, resources, statements, template, texts};

pub const MANAGEMENT: &str = "templates/vending-roles.yaml";
pub const MEMBER: &str = "templates/landing-zone-stackset.yaml";

/// The template that makes the role behind a door; none: AWS makes it with the account.
pub const fn template_of(row: &DoorRow) -> Option<&'static str> {
    match row.behind {
        Behind::Own => Some(MACHINE),
        Behind::Management(_) => Some(MANAGEMENT),
        Behind::Member(_) => Some(MEMBER),
        Behind::AccessRole => None,
    }
}

/// What a role may do.
#[derive(Default)]
pub struct Rights {
    /// Actions by their service; an action that is allowed only under a condition has a star.
    pub allowed: BTreeMap<String, BTreeSet<String>>,
    /// What is denied, by the name of the statement.
    pub denied: BTreeMap<String, BTreeSet<String>>,
}

/// The rights of a role of a template, without its logs and traces and the roles that it may assume.
pub fn rights(path: &str, role: &str) -> Rights {
    let template = template(path);
    let mut rights = Rights::default();
    for statement in statements(&resources(&template)[role]) {
        add(&mut rights, statement);
    }
    rights
}

fn add(rights: &mut Rights, statement: &Value) {
    let is_conditional = statement.get("Condition").is_some();
    for action in texts(&statement["Action"]) {
        let (service, name) = action.split_once(':').unwrap();
        if statement["Effect"] == "Deny" {
            let sid = statement["Sid"].as_str().unwrap().to_owned();
            rights
                .denied
                .entry(sid)
                .or_default()
                .insert(name.to_owned());
        } else if !["logs", "sts", "xray"].contains(&service) {
            let star = if is_conditional { "*" } else { "" };
            let allowed = rights.allowed.entry(service.to_owned()).or_default();
            allowed.insert(format!("{name}{star}"));
        }
    }
}

/// A role under which functions act in another account.
pub struct Role {
    pub name: String,
    pub template: &'static str,
    /// The roles of the functions that act under it.
    pub used_by: BTreeSet<String>,
}

/// Every role behind a door that a function assumes itself.
pub fn roles(functions: &[Function]) -> Vec<Role> {
    DOORS
        .iter()
        .filter_map(|row| {
            let name = match row.behind {
                Behind::Management(role) | Behind::Member(role) => role.to_owned(),
                Behind::Own | Behind::AccessRole => return None,
            };
            let users = functions
                .iter()
                .filter(|function| assumed(&function.folder).contains(name.as_str()));
            Some(Role {
                used_by: users.map(|function| function.role.clone()).collect(),
                template: template_of(row)?,
                name,
            })
        })
        .collect()
}

/// Every role of a function and every role that functions act under, with its template.
pub fn every_role() -> Vec<(String, String)> {
    let functions = functions();
    let behind = roles(&functions).into_iter();
    let own = functions
        .into_iter()
        .map(|function| (function.role, function.template));
    own.chain(behind.map(|role| (role.name, role.template.to_owned())))
        .collect()
}
