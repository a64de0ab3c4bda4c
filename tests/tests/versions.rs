//! A running vend keeps its code and its settings: the definition names versions, and whatever differs makes another version.
//! What SAM does not see by itself, the values of parameters, comes to it by the revision of the doctor's machine.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use avm_core::config::{LandingZone, Platform, read_document};
use avm_core::contract::order::Order;
use contract_tests::definition::VEND;
use contract_tests::functions::{Function, SETTINGS_REVISION, all_called_by, functions, machines};
use contract_tests::template::{
    MACHINE, of_type, resources, statements, template, texts, where_it_holds,
};
use contract_tests::{files_below, text};
use serde_json::{Value, json};

/// The functions that a vend calls.
fn of_vends() -> Vec<Function> {
    let called = all_called_by(VEND);
    let mut found = functions();
    found.retain(|one| called.contains(one.title()) && !one.is_for_callers());
    found
}

/// Every name that a `Ref`, or a `Ref` to a version, mentions below a value.
fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(name)) = fields.get("Ref") {
                found.insert(name.clone());
            }
            fields.values().for_each(|field| references(field, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

fn references_in(value: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    references(value, &mut found);
    // It is the same wherever the stack is updated.
    found.remove("AWS::AccountId");
    found
}

#[test]
fn the_definition_of_the_vend_names_a_version_of_each_function() {
    let machines = machines();
    let vend = machines.iter().find(|one| one.definition == VEND).unwrap();
    let given = vend.properties["DefinitionSubstitutions"].as_object();
    let named: BTreeSet<&str> = given
        .unwrap()
        .iter()
        .filter(|(name, _)| name.ends_with("FunctionArn"))
        .map(|(name, value)| {
            let reference = where_it_holds(value)["Ref"].as_str();
            let id = reference.and_then(|text| text.strip_suffix(".Version"));
            id.unwrap_or_else(|| panic!("{name} names no version"))
        })
        .collect();
    let functions = of_vends();
    let expected: BTreeSet<&str> = functions.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(named, expected);
}

/// What runs for minutes and writes nothing, or begins anew, calls what is deployed last; and what others call by its name.
#[test]
fn the_functions_of_vends_have_versions_and_no_other() {
    let of_vends: BTreeSet<String> = of_vends().into_iter().map(|one| one.id).collect();
    for function in functions() {
        let expected = of_vends.contains(&function.id);
        assert_eq!(function.is_versioned(), expected, "{}", function.id);
    }
}

/// A version goes neither with another logical id (SAM retains it) nor with another description, for which it is replaced.
#[test]
fn versions_that_are_replaced_stay() {
    for function in of_vends() {
        let resource = &function.resource;
        assert_eq!(resource["UpdateReplacePolicy"], "Retain", "{}", function.id);
        // It would be that of the versions, too; and functions are to go with the stack.
        assert!(resource.get("DeletionPolicy").is_none(), "{}", function.id);
        let properties = &resource["Properties"];
        assert!(properties.get("VersionDeletionPolicy").is_none());
        assert_eq!(properties["AutoPublishAliasAllProperties"], true);
    }
}

/// SAM looks at the template, not at the values of its parameters (aws/serverless-application-model#3820).
#[test]
fn another_value_of_a_parameter_makes_another_version() {
    let machine = template(MACHINE);
    let revision = json!({"Fn::GetAtt": "Doctor.Outputs.SettingsRevision"});
    for function in of_vends() {
        let id = &function.id;
        assert_eq!(
            function.resource["Properties"]["VersionDescription"], revision,
            "{id}"
        );
        // So the function differs, too: Lambda publishes nothing that it has published already.
        assert_eq!(function.variables[SETTINGS_REVISION], revision, "{id}");
        let own = references_in(&function.resource["Properties"]);
        assert!(
            own.is_empty(),
            "{id} depends on {own:?}, which is no setting"
        );
    }
    let globals = references_in(&machine["Globals"]["Function"]);
    let settings = &resources(&machine)["Doctor"]["Properties"]["Parameters"]["Settings"];
    assert_eq!(references_in(settings), globals);
    let version = &machine["Globals"]["Function"]["Tags"]["avm:version"];
    let joined = settings["Fn::Base64"]["Fn::Join"][1].as_array().unwrap();
    assert!(
        joined.contains(version),
        "a release is no revision of the settings"
    );
    let doctor = template("templates/doctor.yaml");
    let (_, machine) = of_type(&doctor, "AWS::Serverless::StateMachine")
        .next()
        .unwrap();
    let given = &machine["Properties"]["DefinitionSubstitutions"]["Settings"];
    assert_eq!(*given, json!({"Ref": "Settings"}));
    let output = &doctor["Outputs"]["SettingsRevision"]["Value"];
    assert_eq!(
        *output,
        json!({"Fn::GetAtt": "DoctorMachine.StateMachineRevisionId"})
    );
}

/// A vend of before calls versions that the template no longer knows.
#[test]
fn the_machine_may_invoke_every_version_of_its_functions_and_nothing_unqualified() {
    let machine = template(MACHINE);
    let role = &resources(&machine)["AVMStateMachineRole"];
    let all = statements(role);
    let invoke = all
        .iter()
        .find(|one| texts(&one["Action"]) == ["lambda:InvokeFunction"])
        .unwrap();
    for resource in invoke["Resource"].as_array().unwrap() {
        let arn = where_it_holds(resource)["Fn::Sub"].as_str().unwrap();
        assert!(arn.starts_with("${") && arn.ends_with(".Arn}:*"), "{arn}");
    }
}

/// What earlier releases have left in the Parameter Store, and in executions whose version the machine is about to be. A release
/// adds a folder with the documents of its examples, and with the order of a vend.
#[test]
fn what_earlier_releases_have_written_is_read() {
    let files = files_below("tests/fixtures/releases", "json");
    let mut kinds = BTreeSet::new();
    for path in &files {
        let text = text(path);
        let kind = path.split('/').nth(4).unwrap();
        kinds.insert(kind);
        let problem = match kind {
            "platform.json" => read_document::<Platform>(path, &text).err(),
            "landing-zones" => read_document::<LandingZone>(path, &text).err(),
            _ => {
                serde_json::from_str::<Order>(&text)
                    .unwrap_or_else(|error| panic!("{path}: {error}"));
                None
            }
        };
        assert!(problem.is_none(), "{path}: {problem:?}");
    }
    assert_eq!(
        kinds,
        ["landing-zones", "order.json", "platform.json"].into()
    );
}
