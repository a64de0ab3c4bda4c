//! Where the functions and the state machines log to: groups that end and can be encrypted, and no others.
//! All functions log to one group, so that one query shows a vend; nobody can make them log what they send to AWS.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use contract_tests::functions::{functions, machines, paths_with_functions};
use contract_tests::template::{
    MACHINE, of_type, paths_of_the_machine, referred, resources, statements, template, texts,
};
use serde_json::Value;

#[test]
fn all_functions_log_to_one_group_and_to_no_other() {
    let outer = template(MACHINE);
    let group = of_functions(&outer);
    assert_eq!(resources(&outer)[group]["Type"], "AWS::Logs::LogGroup");
    for function in functions() {
        let id = &function.id;
        let template = template(&function.template);
        assert_eq!(of_functions(&template), group, "{id}");
        let own = &function.resource["Properties"]["LoggingConfig"];
        assert!(own.is_null(), "{id} logs elsewhere");
        let role = &resources(&template)[&function.role];
        let logs: Vec<&Value> = statements(role)
            .into_iter()
            .filter(|statement| texts(&statement["Action"])[0].starts_with("logs:"))
            .collect();
        let [writes] = logs[..] else {
            panic!("{id} has {} statements about logs", logs.len());
        };
        let actions = texts(&writes["Action"]);
        assert_eq!(actions, ["logs:CreateLogStream", "logs:PutLogEvents"]);
        assert_eq!(log_group(&writes["Resource"]), group, "{id}");
    }
}

/// The log group of a template's functions, by the name that it has outside.
fn of_functions(template: &Value) -> &str {
    referred(&template["Globals"]["Function"]["LoggingConfig"]["LogGroup"])
}

/// The log group of an ARN: an application makes it of the group's name.
fn log_group(arn: &Value) -> &str {
    let made = arn["Fn::Sub"].as_str();
    made.map_or_else(
        || referred(arn),
        |text| {
            let (_, name) = text.split_once(":log-group:${").unwrap();
            name.strip_suffix("}:*").unwrap()
        },
    )
}

/// The groups of the functions and of the state machines; there are no others, and nothing logs elsewhere.
#[test]
fn every_log_group_has_an_end_and_can_be_encrypted_with_a_key_of_ones_own() {
    let outer = template(MACHINE);
    let mut logged_to = BTreeSet::from([of_functions(&outer).to_owned()]);
    for machine in machines() {
        let logging = &machine.properties["Logging"];
        assert_eq!(logging["IncludeExecutionData"], false);
        for destination in logging["Destinations"].as_array().unwrap() {
            let group = &destination["CloudWatchLogsLogGroup"]["LogGroupArn"];
            logged_to.insert(log_group(group).to_owned());
        }
    }
    let templates = paths_of_the_machine();
    let templates: Vec<Value> = templates.iter().map(|path| template(path)).collect();
    let mut groups = BTreeSet::new();
    for (id, group) in templates
        .iter()
        .flat_map(|template| of_type(template, "AWS::Logs::LogGroup"))
    {
        groups.insert(id.clone());
        let properties = &group["Properties"];
        let end = referred(&properties["RetentionInDays"]);
        assert_eq!(end, "LogRetentionInDays", "{id}");
        let key = &properties["KmsKeyId"]["Fn::If"];
        assert_eq!(key[0], "HasLogEncryptionKey", "{id}");
        assert_eq!(referred(&key[1]), "LogEncryptionKeyArn", "{id}");
    }
    assert_eq!(groups, logged_to);
}

#[test]
fn no_parameter_lets_the_functions_log_what_they_send_to_aws() {
    let template = template(MACHINE);
    let levels = &template["Parameters"]["LogLevel"]["AllowedValues"];
    assert_eq!(texts(levels), ["INFO", "WARN", "ERROR"]);
    for path in paths_with_functions() {
        let logging = &self::template(&path)["Globals"]["Function"]["LoggingConfig"];
        assert_eq!(referred(&logging["ApplicationLogLevel"]), "LogLevel");
    }
    for function in functions() {
        let id = &function.id;
        let own = &function.resource["Properties"]["LoggingConfig"];
        assert!(own.is_null(), "{id} has a level of its own");
        let mut variables = function.variables.keys();
        let sets_level = variables.any(|name| name.contains("LOG"));
        assert!(!sets_level, "{id} sets a level by variable");
    }
}
