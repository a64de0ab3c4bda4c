//! CloudFormation templates as JSON values: `!Ref x` is `{"Ref": "x"}`, `!GetAtt x` is `{"Fn::GetAtt": "x"}`.
//! Aliases and merges (`<<`) are written out. And what a role in them allows.

use std::collections::BTreeSet;

use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde_json::{Map, Value, json};

use crate::{files_below, text};

/// The template of the machine.
pub const MACHINE: &str = "template.yaml";

/// All templates, by their paths from the root.
pub fn paths() -> Vec<String> {
    let mut paths = files_below("templates", "yaml");
    paths.insert(0, MACHINE.to_owned());
    paths
}

/// The template of the machine, and after it those of the applications that are nested in it, by their paths from the root.
pub fn paths_of_the_machine() -> Vec<String> {
    let machine = template(MACHINE);
    let applications = of_type(&machine, "AWS::Serverless::Application");
    // Whichever order a map keeps its keys in, and that is a feature of another crate to say, there is one.
    let nested: BTreeSet<&str> = applications
        .map(|(_, found)| found["Properties"]["Location"].as_str().unwrap())
        .collect();
    [MACHINE]
        .into_iter()
        .chain(nested)
        .map(str::to_owned)
        .collect()
}

/// The path from the root of what a template refers to by its path from the template's folder.
pub fn from_root(template: &str, path: &str) -> String {
    match template.rsplit_once('/') {
        None => path.to_owned(),
        Some((folder, _)) => path
            .strip_prefix("../")
            .map_or_else(|| format!("{folder}/{path}"), str::to_owned),
    }
}

/// What stands for the name of a further machine; the first one, which all tables tell of, has none.
const MACHINE_NAME: &str = "${MachineName}";

/// A template, by its path from the root; one that another includes as text is the template in that text.
pub fn template(path: &str) -> Value {
    let document = parsed(path, &text(path).replace(MACHINE_NAME, ""));
    match &document["Fn::Sub"][0] {
        Value::String(text) => substituted(parsed(path, text), false),
        _ => document,
    }
}

fn parsed(path: &str, text: &str) -> Value {
    match Yaml::load_from_str(text) {
        Ok(documents) if documents.len() == 1 => value(&documents[0]),
        Ok(documents) => panic!("{path} holds {} documents", documents.len()),
        Err(error) => panic!("{path}: {error}"),
    }
}

/// What including a text does, written as functions: its `${x}` are those of the outer template, its `${!x}` its own.
fn substituted(part: Value, is_sub: bool) -> Value {
    match part {
        Value::String(text) if is_sub => json!(text.replace("${!", "${")),
        Value::String(text) if text.contains("${") => json!({"Fn::Sub": text}),
        Value::Array(items) => items
            .into_iter()
            .map(|item| substituted(item, false))
            .collect(),
        Value::Object(fields) => {
            let fields = fields.into_iter();
            let fields = fields.map(|(key, field)| {
                let field = substituted(field, key == "Fn::Sub");
                (key, field)
            });
            fields.collect::<Map<String, Value>>().into()
        }
        other => other,
    }
}

fn value(yaml: &Yaml<'_>) -> Value {
    match yaml {
        Yaml::Value(Scalar::Null) => Value::Null,
        Yaml::Value(Scalar::Boolean(value)) => json!(value),
        Yaml::Value(Scalar::Integer(value)) => json!(value),
        Yaml::Value(Scalar::FloatingPoint(value)) => json!(value.into_inner()),
        Yaml::Value(Scalar::String(value)) => json!(value),
        Yaml::Sequence(items) => items.iter().map(value).collect(),
        Yaml::Mapping(fields) => {
            let mut own = Map::new();
            for (key, field) in fields {
                own.insert(key.as_str().unwrap().to_owned(), value(field));
            }
            in_short(with_merged(own)).into()
        }
        Yaml::Tagged(tag, inner) => {
            let name = match tag.suffix.as_str() {
                "Ref" | "Condition" => tag.suffix.clone(),
                other => format!("Fn::{other}"),
            };
            json!({name: value(inner)})
        }
        other => panic!("a template has no such node: {other:?}"),
    }
}

/// A mapping with what its `<<` merges into it; its own fields are kept.
fn with_merged(mut own: Map<String, Value>) -> Map<String, Value> {
    match own.remove("<<") {
        None => own,
        Some(Value::Object(mut merged)) => {
            merged.extend(own);
            merged
        }
        Some(other) => panic!("merges {other}, which is no mapping"),
    }
}

/// A template may also have the long form of `!GetAtt x.y`, with a list.
fn in_short(mut own: Map<String, Value>) -> Map<String, Value> {
    if let Some(Value::Array(parts)) = own.get("Fn::GetAtt") {
        let parts: Vec<&str> = parts.iter().filter_map(Value::as_str).collect();
        own = Map::from_iter([("Fn::GetAtt".to_owned(), json!(parts.join(".")))]);
    }
    own
}

/// The resources of a template, by their logical ids.
pub fn resources(template: &Value) -> &Map<String, Value> {
    template["Resources"].as_object().unwrap()
}

/// The resources of that type with their logical ids.
pub fn of_type<'a>(
    template: &'a Value,
    kind: &'a str,
) -> impl Iterator<Item = (&'a String, &'a Value)> {
    resources(template)
        .iter()
        .filter(move |(_, resource)| resource["Type"] == kind)
}

/// A text or a list of texts as a list.
pub fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().map(|item| item.as_str().unwrap()).collect(),
        other => panic!("neither a text nor a list of texts: {other}"),
    }
}

/// The statements of a role's own policies; those that hang on a condition too, as if it held.
pub fn statements(role: &Value) -> Vec<&Value> {
    role["Properties"]["Policies"]
        .as_array()
        .unwrap()
        .iter()
        .map(where_it_holds)
        .flat_map(|policy| policy["PolicyDocument"]["Statement"].as_array().unwrap())
        .map(where_it_holds)
        .collect()
}

/// What an `Fn::If` is where its condition holds; anything else is itself.
pub fn where_it_holds(value: &Value) -> &Value {
    value.get("Fn::If").map_or(value, |ways| &ways[1])
}

/// The logical id that a property refers to; to a function also where it is to a version of it.
pub fn referred(property: &Value) -> &str {
    let property = where_it_holds(property);
    let reference = property.get("Ref").or_else(|| property.get("Fn::GetAtt"));
    let id = reference.and_then(Value::as_str).unwrap();
    let of_function = id.strip_suffix(".Version");
    of_function.or(id.strip_suffix(".Arn")).unwrap_or(id)
}

/// The names of the roles in the ARNs of a part of a template.
pub fn roles_named(part: &Value) -> BTreeSet<String> {
    part.to_string()
        .split(":role/")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap().to_owned())
        .collect()
}

/// The actions that a role's own policies allow.
pub fn allowed_actions(role: &Value) -> BTreeSet<&str> {
    statements(role)
        .into_iter()
        .filter(|statement| statement["Effect"] == "Allow")
        .flat_map(|statement| texts(&statement["Action"]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_merge_gives_what_a_mapping_does_not_have_itself() {
        let text = "a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\nc: *a\n";
        let read = value(&Yaml::load_from_str(text).unwrap()[0]);
        let expected = json!({"a": {"x": 1, "y": 2}, "b": {"x": 1, "y": 3}, "c": {"x": 1, "y": 2}});
        assert_eq!(read, expected);
    }
}
