//! Policy documents action by action: what is granted to whom, on what, under which condition.
//! Of a template with its intrinsic functions resolved, or of a plain JSON document.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

/// What stands for values that only a deployment knows, as the seeds write them.
pub type Values<'a> = &'a [(&'a str, &'a str)];

/// The grants of an action: `on <resource> to <principal> if <condition>`, what is not said left out.
pub type Grants = BTreeMap<String, BTreeSet<String>>;

/// A part of a template without intrinsic functions: parameters and pseudo parameters have the given values, and every
/// `Fn::If` goes the way of a condition that holds. Names that are not given are a mistake.
pub fn resolve(part: &Value, values: Values<'_>) -> Value {
    match part {
        Value::Object(fields) => resolve_object(fields, values),
        Value::Array(items) => items
            .iter()
            .map(|item| resolve(item, values))
            .filter(|item| !item.is_null())
            .collect(),
        other => other.clone(),
    }
}

fn resolve_object(fields: &Map<String, Value>, values: Values<'_>) -> Value {
    let value_of = |name: &str| {
        let found = values.iter().find(|(known, _)| *known == name);
        found.unwrap_or_else(|| panic!("no value for {name}")).1
    };
    let mut entries = fields.iter();
    match (entries.next(), entries.next()) {
        (Some((key, Value::String(name))), None) if key == "Ref" => match name.as_str() {
            "AWS::NoValue" => Value::Null,
            name => value_of(name).into(),
        },
        (Some((key, Value::String(text))), None) if key == "Fn::Sub" => {
            let mut parts = text.split("${");
            let mut resolved = parts.next().unwrap_or_default().to_owned();
            for part in parts {
                let (name, rest) = part.split_once('}').unwrap();
                resolved += value_of(name);
                resolved += rest;
            }
            resolved.into()
        }
        (Some((key, Value::Array(ways))), None) if key == "Fn::If" => resolve(&ways[1], values),
        _ => fields
            .iter()
            .map(|(key, field)| (key.clone(), resolve(field, values)))
            .filter(|(_, field)| !field.is_null())
            .collect::<Map<String, Value>>()
            .into(),
    }
}

/// The grants of statements that allow; one that denies is a mistake here.
pub fn grants(statements: &[Value]) -> Grants {
    let mut grants = Grants::new();
    for statement in statements {
        assert_eq!(statement["Effect"], "Allow", "{statement}");
        let condition = match &statement["Condition"] {
            Value::Null => String::new(),
            condition => format!(" if {}", sorted(condition)),
        };
        for (resource, principal) in objects(statement) {
            for action in list(&statement["Action"]) {
                let grant = format!("{resource}{principal}{condition}");
                let of_action = grants.entry(action.to_owned()).or_default();
                of_action.insert(grant.trim().to_owned());
            }
        }
    }
    grants
}

/// The same with the keys of every object in their order, however the document has them.
pub fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let in_order: BTreeMap<&String, &Value> = fields.iter().collect();
            in_order
                .into_iter()
                .map(|(key, field)| (key.clone(), sorted(field)))
                .collect::<Map<String, Value>>()
                .into()
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        other => other.clone(),
    }
}

/// Every resource with every principal of a statement.
fn objects(statement: &Value) -> Vec<(String, String)> {
    let resources = match &statement["Resource"] {
        Value::Null => vec![String::new()],
        resources => words("on ", resources),
    };
    let principals = match &statement["Principal"] {
        Value::Null => vec![String::new()],
        Value::Object(kinds) => kinds
            .iter()
            .flat_map(|(kind, names)| words(&format!(" to {kind} "), names))
            .collect(),
        other => words(" to ", other),
    };
    resources
        .iter()
        .flat_map(|resource| {
            principals
                .iter()
                .map(move |principal| (resource.clone(), principal.clone()))
        })
        .collect()
}

fn words(before: &str, value: &Value) -> Vec<String> {
    list(value)
        .iter()
        .map(|text| format!("{before}{text}"))
        .collect()
}

fn list(value: &Value) -> Vec<&str> {
    crate::template::texts(value)
}
