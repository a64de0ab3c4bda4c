//! `template.yaml` against the folders of the functions: every function is deployed, with what its code reads.
//! Each has its own role and its own log group, so that rights and logs can be told apart.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};

use avm_aws::environment;
use contract_tests::template::{of_type, resources, template, texts};
use contract_tests::{files_below, function_folders, text};
use serde_json::Value;

const FUNCTION: &str = "AWS::Serverless::Function";

/// The functions of the template by the folder of their code: logical id and resource.
fn functions(template: &Value) -> BTreeMap<String, (&str, &Value)> {
    let mut functions = BTreeMap::new();
    for (id, function) in of_type(template, FUNCTION) {
        let code = function["Properties"]["CodeUri"].as_str().unwrap();
        let folder = code.strip_prefix("functions/").unwrap_or(code);
        let before = functions.insert(
            folder.trim_end_matches('/').to_owned(),
            (id.as_str(), function),
        );
        assert!(before.is_none(), "two functions have the code {folder}");
    }
    functions
}

/// The name of the binary that a folder's crate builds.
fn binary(folder: &str) -> String {
    let manifest = text(&format!("functions/{folder}/Cargo.toml"));
    let names: Vec<&str> = manifest
        .lines()
        .filter_map(|line| line.strip_prefix("name = "))
        .map(|name| name.trim_matches('"'))
        .collect();
    let is_named = manifest.contains("[[bin]]");
    assert_eq!(names.len(), 1 + usize::from(is_named), "{folder}");
    (*names.last().unwrap()).to_owned()
}

/// The logical id that a property refers to.
fn referred(property: &Value) -> &str {
    let reference = property.get("Ref").or_else(|| property.get("Fn::GetAtt"));
    let id = reference.and_then(Value::as_str).unwrap();
    id.strip_suffix(".Arn").unwrap_or(id)
}

/// The variables that the code of a folder names.
fn variables_read(folder: &str) -> BTreeSet<&'static str> {
    let code: String = files_below(&format!("functions/{folder}/src"), "rs")
        .iter()
        .map(|path| text(path))
        .collect();
    environment::ALL
        .iter()
        .copied()
        .filter(|variable| code.contains(variable))
        .collect()
}

#[test]
fn every_folder_is_a_function_and_every_function_a_folder() {
    let template = template("template.yaml");
    let deployed: Vec<String> = functions(&template).into_keys().collect();
    assert_eq!(deployed, function_folders());
}

#[test]
fn every_function_is_built_from_its_binary() {
    let template = template("template.yaml");
    for (folder, (id, function)) in functions(&template) {
        let metadata = &function["Metadata"];
        assert_eq!(metadata["BuildMethod"], "rust-cargolambda", "{id}");
        assert_eq!(
            metadata["BuildProperties"]["Binary"],
            binary(&folder),
            "{id}"
        );
    }
}

#[test]
fn every_function_has_the_variables_that_its_code_reads() {
    let template = template("template.yaml");
    let mut read_by_any = BTreeSet::new();
    for (folder, (id, function)) in functions(&template) {
        let variables = &function["Properties"]["Environment"]["Variables"];
        let set: BTreeSet<&str> = variables
            .as_object()
            .into_iter()
            .flat_map(|variables| variables.keys())
            .map(String::as_str)
            .collect();
        let read = variables_read(&folder);
        assert_eq!(set, read, "{id}");
        read_by_any.extend(read);
    }
    let declared: BTreeSet<&str> = environment::ALL.iter().copied().collect();
    assert_eq!(
        read_by_any, declared,
        "a variable is declared and never read"
    );
}

#[test]
fn every_function_has_a_role_of_its_own_that_only_lambda_may_assume() {
    let template = template("template.yaml");
    let mut roles = BTreeSet::new();
    for (_, (id, function)) in functions(&template) {
        let role_id = referred(&function["Properties"]["Role"]);
        assert!(roles.insert(role_id), "{role_id} belongs to two functions");
        let role = &resources(&template)[role_id];
        assert_eq!(role["Type"], "AWS::IAM::Role", "{id}");
        assert_eq!(role["Properties"]["RoleName"], role_id, "{id}");
        assert!(
            role["Properties"].get("ManagedPolicyArns").is_none(),
            "{id}"
        );
        assert!(function["Properties"].get("Policies").is_none(), "{id}");
        let trust = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
            .as_array()
            .unwrap();
        assert_eq!(trust.len(), 1, "{id}");
        assert_eq!(
            trust[0]["Principal"]["Service"], "lambda.amazonaws.com",
            "{id}"
        );
    }
}

#[test]
fn every_function_has_a_log_group_of_its_own_with_an_end() {
    let template = template("template.yaml");
    let mut groups = BTreeSet::new();
    for (_, (id, function)) in functions(&template) {
        let properties = &function["Properties"];
        let group_id = referred(&properties["LoggingConfig"]["LogGroup"]);
        assert!(
            groups.insert(group_id),
            "{group_id} belongs to two functions"
        );
        let group = &resources(&template)[group_id];
        assert_eq!(group["Type"], "AWS::Logs::LogGroup", "{id}");
        let name = format!(
            "/aws/lambda/{}",
            properties["FunctionName"].as_str().unwrap()
        );
        assert_eq!(group["Properties"]["LogGroupName"], name, "{id}");
        assert!(group["Properties"].get("RetentionInDays").is_some(), "{id}");
        let role = &resources(&template)[referred(&properties["Role"])];
        let writes = contract_tests::template::statements(role)
            .into_iter()
            .find(|statement| texts(&statement["Action"]).contains(&"logs:PutLogEvents"))
            .unwrap();
        assert_eq!(referred(&writes["Resource"]), group_id, "{id}");
    }
}

/// Groups of the functions and of the state machine; there are no others, and nothing logs elsewhere.
#[test]
fn every_log_group_has_an_end_and_can_be_encrypted_with_a_key_of_ones_own() {
    let template = template("template.yaml");
    let mut logged_to: BTreeSet<&str> = functions(&template)
        .into_values()
        .map(|(_, function)| referred(&function["Properties"]["LoggingConfig"]["LogGroup"]))
        .collect();
    let (_, machine) = of_type(&template, "AWS::Serverless::StateMachine")
        .next()
        .unwrap();
    let logging = &machine["Properties"]["Logging"];
    assert_eq!(logging["IncludeExecutionData"], false);
    for destination in logging["Destinations"].as_array().unwrap() {
        let group = &destination["CloudWatchLogsLogGroup"]["LogGroupArn"];
        assert!(logged_to.insert(referred(group)));
    }
    let mut groups = BTreeSet::new();
    for (id, group) in of_type(&template, "AWS::Logs::LogGroup") {
        groups.insert(id.as_str());
        let properties = &group["Properties"];
        assert_eq!(
            referred(&properties["RetentionInDays"]),
            "LogRetentionInDays",
            "{id}"
        );
        let key = &properties["KmsKeyId"]["Fn::If"];
        assert_eq!(key[0], "HasLogEncryptionKey", "{id}");
        assert_eq!(referred(&key[1]), "LogEncryptionKeyArn", "{id}");
    }
    assert_eq!(groups, logged_to);
}

#[test]
fn no_parameter_lets_the_functions_log_what_they_send_to_aws() {
    let template = template("template.yaml");
    let levels = &template["Parameters"]["LogLevel"]["AllowedValues"];
    assert_eq!(texts(levels), ["INFO", "WARN", "ERROR"]);
    let logging = &template["Globals"]["Function"]["LoggingConfig"];
    assert_eq!(referred(&logging["ApplicationLogLevel"]), "LogLevel");
    for (_, (id, function)) in functions(&template) {
        let properties = &function["Properties"];
        let own = &properties["LoggingConfig"]["ApplicationLogLevel"];
        assert!(own.is_null(), "{id} has a level of its own");
        let variables = properties["Environment"]["Variables"].to_string();
        assert!(!variables.contains("LOG"), "{id} sets a level by variable");
    }
}

#[test]
fn the_definitions_substitutions_are_the_templates() {
    let template = template("template.yaml");
    let definition = text("statemachine/vend-account.asl.json");
    let used: BTreeSet<&str> = definition
        .split("${")
        .skip(1)
        .map(|rest| rest.split('}').next().unwrap())
        .collect();
    let (_, machine) = of_type(&template, "AWS::Serverless::StateMachine")
        .next()
        .unwrap();
    let given: BTreeSet<&str> = machine["Properties"]["DefinitionSubstitutions"]
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(given, used);
}

#[test]
fn only_the_state_machine_may_invoke_the_steps() {
    let template = template("template.yaml");
    for (id, role) in of_type(&template, "AWS::IAM::Role") {
        for statement in contract_tests::template::statements(role) {
            if !texts(&statement["Action"]).contains(&"lambda:InvokeFunction") {
                continue;
            }
            let invoked: BTreeSet<&str> = statement["Resource"]
                .as_array()
                .unwrap()
                .iter()
                .map(referred)
                .collect();
            assert_eq!(id, "AVMStateMachineRole", "{id} may invoke functions");
            let mut expected: BTreeSet<&str> = of_type(&template, FUNCTION)
                .map(|(id, _)| id.as_str())
                .collect();
            expected.remove("AVMEntryPoint");
            assert_eq!(invoked, expected);
        }
    }
}
