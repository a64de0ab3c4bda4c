//! The tables of SECURITY.md that are read from the templates: who may become which role, what whoever runs as a function
//! could change, and what none of the machine's roles in the management account may ever do.

use avm_core::domain::RoleName;
use serde_json::Value;

use crate::functions::{Function, functions};
use crate::grants::{change, condition, shortened, values};
use crate::rights::{MANAGEMENT, MEMBER};
use crate::template::{
    of_type, paths_of_the_machine, resources, statements, template, texts, where_it_holds,
};

use super::{code, table};

/// The accounts by the templates that make roles in them.
fn accounts() -> Vec<(&'static str, String)> {
    let machine = paths_of_the_machine().into_iter();
    [
        ("management", "templates/management.yaml"),
        ("management", MANAGEMENT),
        ("automation", "templates/automation.yaml"),
    ]
    .map(|(account, path)| (account, path.to_owned()))
    .into_iter()
    .chain(machine.map(|path| ("automation", path)))
    .chain(["templates/access-stack.yaml", MEMBER].map(|path| ("member", path.to_owned())))
    .collect()
}

/// What AWS makes so in every account that it creates or enrolls.
const MADE_BY_AWS: [(&str, &str); 2] = [
    ("${AccountAccessRoleName}", "made by CreateAccount"),
    (
        RoleName::CONTROL_TOWER_EXECUTION,
        "as AWS Control Tower asks for it",
    ),
];
const NOTHING: &str = "–";
const OF_THE_ACCESS_ROLE: &str =
    "everything in the account until its downgrade, then what its minimum policy leaves";

/// Every role, with whom its trust policy names and what it asks for; roles with one trust are told together.
pub fn trusts() -> String {
    let mut found: Vec<([String; 3], Vec<String>)> = Vec::new();
    let mut add = |trust: [String; 3], role: String| {
        let same = found.iter_mut().find(|(known, _)| *known == trust);
        match same {
            Some((_, roles)) => roles.push(role),
            None => found.push((trust, vec![role])),
        }
    };
    for (account, path) in accounts() {
        let template = template(&path);
        let mut roles: Vec<_> = of_type(&template, "AWS::IAM::Role").collect();
        roles.sort_by_key(|(id, _)| *id);
        for (_, role) in roles {
            let properties = &role["Properties"];
            let trust = &properties["AssumeRolePolicyDocument"]["Statement"];
            for statement in trust.as_array().unwrap() {
                let condition = condition(&statement["Condition"]);
                let who = principals(&statement["Principal"]);
                let name = code(&values(&properties["RoleName"]).concat());
                add([account.to_owned(), who, words_of(&condition)], name);
            }
        }
    }
    for (role, maker) in MADE_BY_AWS {
        let root = code("${ManagementAccountId}:root");
        add(
            ["member".to_owned(), root, format!("– ({maker})")],
            code(role),
        );
    }
    let rows: Vec<[String; 4]> = found
        .into_iter()
        .map(|([account, who, condition], roles)| [account, roles.join("<br>"), who, condition])
        .collect();
    table(["account", "roles", "trust", "if"], &rows)
}

fn principals(principal: &Value) -> String {
    let kinds = principal.as_object().unwrap().values();
    let names: Vec<String> = kinds.flat_map(values).collect();
    let short = names.iter().map(|name| {
        let rest = name.strip_prefix("arn:aws:iam::").unwrap_or(name);
        code(rest)
    });
    short.collect::<Vec<String>>().join("<br>")
}

fn words_of(condition: &str) -> String {
    if condition.is_empty() {
        NOTHING.to_owned()
    } else {
        code(condition)
    }
}

/// For each function: every role that whoever runs as it can be, with what these may change. A role leads to those that its
/// policies let it assume.
pub fn functions_and_roles() -> String {
    let templates: Vec<Value> = accounts().iter().map(|(_, path)| template(path)).collect();
    let mut found = Vec::new();
    let mut functions = functions();
    functions.sort_by(|one, other| one.name.cmp(&other.name));
    for function in functions {
        let rows = reached(&function, &templates);
        let changes_nothing = rows.iter().all(|row| row[2] == NOTHING);
        // A role that only leads to others is told by these.
        found.extend(
            rows.into_iter()
                .filter(|row| changes_nothing || row[2] != NOTHING),
        );
    }
    table(["whoever runs as", "can be", "and then change"], &found)
}

/// Every role that a function reaches: whoever runs as it, the role, and what that may change.
fn reached(function: &Function, templates: &[Value]) -> Vec<[String; 3]> {
    let mut found = Vec::new();
    let mut names = vec![(function.role.clone(), String::new())];
    while let Some((name, place)) = names.get(found.len()).cloned() {
        // A role that no template makes is the access role.
        let mut resources = templates.iter().map(resources);
        let changes = match resources.find_map(|resources| resources.get(&name)) {
            Some(role) => {
                let statements = statements(role);
                names.extend(statements.iter().flat_map(|statement| assumable(statement)));
                changes(&statements)
            }
            None => OF_THE_ACCESS_ROLE.to_owned(),
        };
        found.push([
            code(&function.name),
            format!("{}{place}", code(&name)),
            changes,
        ]);
    }
    found
}

/// The roles that a statement lets assume, with whose they are.
fn assumable(statement: &Value) -> Vec<(String, String)> {
    if statement["Effect"] != "Allow" || statement["Action"] != "sts:AssumeRole" {
        return Vec::new();
    }
    let only = match condition(&statement["Condition"]) {
        none if none.is_empty() => none,
        some => format!(", if {}", code(&some)),
    };
    let resources = shortened(&statement["Resource"]).into_iter();
    resources
        .map(|resource| {
            let (account, role) = resource.split_once(":role/").unwrap();
            (role.to_owned(), format!(" of {}{only}", code(account)))
        })
        .collect()
}

/// What the statements let change besides assuming roles, a line for each.
fn changes(statements: &[&Value]) -> String {
    let changes = statements
        .iter()
        .filter_map(|statement| change(statement))
        .filter(|change| change.actions != ["sts:AssumeRole"]);
    let lines: Vec<String> = changes
        .map(|change| {
            let held = match change.condition {
                none if none.is_empty() => none,
                some => format!(", if {}", code(&some)),
            };
            format!(
                "{} on {}{held}",
                listed(&change.actions),
                listed(&change.resources)
            )
        })
        .collect();
    if lines.is_empty() {
        NOTHING.to_owned()
    } else {
        lines.join("<br>")
    }
}

fn listed(texts: &[String]) -> String {
    texts
        .iter()
        .map(|text| code(text))
        .collect::<Vec<String>>()
        .join(", ")
}

/// The statements of the permissions boundary.
pub fn boundary() -> String {
    let template = template(MANAGEMENT);
    let policy = &resources(&template)["AVMBoundary"]["Properties"]["PolicyDocument"];
    let statements = policy["Statement"]
        .as_array()
        .unwrap()
        .iter()
        .map(where_it_holds);
    let rows: Vec<[String; 4]> = statements
        .map(|statement| {
            let (what, actions) = match statement.get("NotAction") {
                Some(actions) => ("everything but ", actions),
                None => ("", &statement["Action"]),
            };
            let actions: Vec<String> = texts(actions).into_iter().map(str::to_owned).collect();
            [
                statement["Effect"].as_str().unwrap().to_owned(),
                format!("{what}{}", listed(&actions)),
                listed(&shortened(&statement["Resource"])),
                words_of(&condition(&statement["Condition"])),
            ]
        })
        .collect();
    table(["effect", "actions", "on", "if"], &rows)
}
