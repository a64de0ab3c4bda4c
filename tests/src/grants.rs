//! The statements of policies as words: what is changed, where and under which condition, whatever functions of
//! CloudFormation the template says it with.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::template::{texts, where_it_holds};

/// A text with what CloudFormation knows by itself named in short, so that an ARN still has its colons.
fn plain(text: &str) -> String {
    text.replace("${AWS::", "${").replace("${Partition}", "aws")
}

/// What a statement does not only read.
pub struct Change {
    pub actions: Vec<String>,
    pub resources: Vec<String>,
    pub condition: String,
}

/// An action that changes nothing; logs and traces are everybody's.
fn is_read(action: &str) -> bool {
    let (service, name) = action.split_once(':').unwrap_or(("", action));
    let reads = ["Describe", "Get", "List", "Search"];
    ["logs", "xray"].contains(&service) || reads.iter().any(|verb| name.starts_with(verb))
}

/// What a statement that allows lets change; none, if it only lets read or denies.
pub fn change(statement: &Value) -> Option<Change> {
    if statement["Effect"] != "Allow" {
        return None;
    }
    let actions = texts(&statement["Action"]).into_iter();
    let actions: Vec<String> = actions
        .filter(|action| !is_read(action))
        .map(str::to_owned)
        .collect();
    (!actions.is_empty()).then(|| Change {
        actions,
        resources: shortened(&statement["Resource"]),
        condition: condition(&statement["Condition"]),
    })
}

/// The resources of a statement without what is the same in all of them: service and resource, of IAM the account instead.
pub fn shortened(resources: &Value) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for resource in values(resources) {
        let short = short(&resource);
        if !found.contains(&short) {
            found.push(short);
        }
    }
    found
}

fn short(arn: &str) -> String {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    match parts[..] {
        ["arn", _, "iam", _, account, rest] => format!("{account}:{rest}"),
        ["arn", _, service, _, _, rest] => format!("{service}:{rest}"),
        _ => arn.to_owned(),
    }
}

/// A condition in one line: operator, key and values of each of its parts.
pub fn condition(condition: &Value) -> String {
    let condition = where_it_holds(condition);
    let Some(operators) = condition.as_object() else {
        return String::new();
    };
    let mut parts = Vec::new();
    for (operator, keys) in sorted(operators) {
        for (key, expected) in sorted(keys.as_object().unwrap()) {
            parts.push(format!("{operator} {key} {}", values(expected).join(", ")));
        }
    }
    parts.join(" and ")
}

/// Whichever order a map keeps its keys in, and that is a feature of another crate to say, people read one.
fn sorted(fields: &Map<String, Value>) -> BTreeMap<&String, &Value> {
    fields.iter().collect()
}

/// The texts that a part of a template stands for; where a condition decides, those where it holds.
pub fn values(part: &Value) -> Vec<String> {
    let part = where_it_holds(part);
    match part {
        Value::Null => Vec::new(),
        Value::Array(items) => items.iter().flat_map(values).collect(),
        Value::Object(fields) => match fields.iter().next() {
            Some((function, Value::Array(arguments))) if function == "Fn::Split" => {
                values(&arguments[1])
            }
            Some((function, Value::Array(arguments))) if function == "Fn::Join" => {
                joined(arguments)
            }
            Some((function, argument)) if function == "Ref" => vec![named(argument)],
            Some((function, argument)) if function == "Fn::GetAtt" => vec![named(argument)],
            Some((function, Value::String(text))) if function == "Fn::Sub" => {
                vec![plain(text)]
            }
            _ => panic!("no text: {part}"),
        },
        Value::String(text) => vec![plain(text)],
        other => vec![other.to_string()],
    }
}

fn named(argument: &Value) -> String {
    plain(&format!("${{{}}}", argument.as_str().unwrap()))
}

/// A join with commas makes a list. One of a parameter that is a list is told by the parameter's name.
fn joined(arguments: &[Value]) -> Vec<String> {
    let parts = values(&arguments[1]);
    if arguments[0] == "," {
        parts
    } else {
        vec![parts.concat()]
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_list_that_is_joined_and_split_again_is_told_by_its_parameter() {
        let accounts = json!({"Fn::Split": [",", {"Fn::Join": [",", [
            {"Fn::Join": ["", ["arn:*:iam::", {"Fn::Join": [":role/*,arn:*:iam::", {"Ref": "Ids"}]}, ":role/*"]]},
            {"Fn::Sub": "arn:${AWS::Partition}:sso:::account/${One}"}
        ]]}]});
        let expected = ["${Ids}:role/*", "sso:account/${One}"];
        assert_eq!(shortened(&accounts), expected);
    }

    #[test]
    fn reads_logs_and_denials_change_nothing() {
        let statement = |effect: &str, action: &str| {
            change(&json!({"Effect": effect, "Action": [action], "Resource": "*"})).is_some()
        };
        assert!(statement("Allow", "iam:PutRolePolicy"));
        assert!(statement("Allow", "sts:AssumeRole"));
        assert!(!statement("Deny", "iam:PutRolePolicy"));
        assert!(!statement("Allow", "iam:GetRole"));
        assert!(!statement("Allow", "logs:PutLogEvents"));
    }

    #[test]
    fn a_condition_is_one_line() {
        let held = json!({"Fn::If": ["A", {"Bool": {"aws:ViaAWSService": "true"}}, {"Ref": "AWS::NoValue"}]});
        assert_eq!(condition(&held), "Bool aws:ViaAWSService true");
        assert_eq!(condition(&Value::Null), "");
    }
}
