//! The templates of the machine against the functions: every function is deployed, with what its doors and its code ask for.
//! Each has a role of its own, so that rights can be told apart. Where they log to is told in `logs.rs`.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use avm_aws::environment;
use contract_tests::definition::{DOCTOR, PLAN, RECONCILE, VEND};
use contract_tests::functions::{
    Function, SETTINGS_REVISION, all_called_by, functions, machines, mains, paths_with_functions,
};
use contract_tests::steps::{STEPS, step};
use contract_tests::template::{
    MACHINE, from_root, of_type, paths_of_the_machine, referred, resources, statements, template,
    texts, where_it_holds,
};
use contract_tests::{main_files, text};
use serde_json::Value;

const MOST_LINES: usize = 1000;

/// What every function is given: the accounts that the machine stands on.
fn common(template: &Value) -> BTreeSet<&str> {
    let variables = &template["Globals"]["Function"]["Environment"]["Variables"];
    let names = variables.as_object().unwrap().keys();
    names.map(String::as_str).collect()
}

/// The variables that the main file of a function names itself.
fn variables_of(function: &Function) -> BTreeSet<&'static str> {
    let main = text(&function.main);
    let all = environment::ALL.iter().copied();
    all.filter(|name| *name != environment::AWS_REGION && main.contains(name))
        .collect()
}

#[test]
fn every_template_can_be_read_in_one_go() {
    for path in paths_of_the_machine() {
        assert!(text(&path).lines().count() <= MOST_LINES, "{path}");
    }
}

/// More than that has to lie in a bucket first (CloudFormation quota: a template in a request), which the README's commands do not do.
#[test]
fn every_template_of_the_other_accounts_is_deployed_as_it_is() {
    for name in ["meshcloud", "management", "vending-roles", "guard-rails"] {
        let path = format!("templates/{name}.yaml");
        assert!(text(&path).len() <= 51_200, "{path}");
    }
}

/// The name that a value of the outer template goes by in an application: none, where it is not one value.
fn name_of(value: &Value) -> Option<&str> {
    let list = &value["Fn::Join"];
    if list.is_array() {
        return (list[0] == ",").then(|| list[1]["Ref"].as_str())?;
    }
    // Of many values one text, see versions.rs.
    if value.get("Fn::Base64").is_some() {
        return Some("Settings");
    }
    let is_reference = value.get("Ref").is_some() || value.get("Fn::GetAtt").is_some();
    is_reference.then(|| referred(value))
}

/// So whoever reads an application, or a test that does, finds in the outer template what a name means.
#[test]
fn every_application_is_given_all_its_parameters_each_by_the_name_that_it_has_outside() {
    let outer = template(MACHINE);
    for (id, application) in of_type(&outer, "AWS::Serverless::Application") {
        let properties = &application["Properties"];
        let given = properties["Parameters"].as_object().unwrap();
        for (name, value) in given {
            assert_eq!(name_of(value), Some(name.as_str()), "{id}");
        }
        let inner = template(properties["Location"].as_str().unwrap());
        let declared: BTreeSet<&String> = inner["Parameters"].as_object().unwrap().keys().collect();
        let given: BTreeSet<&String> = given.keys().collect();
        assert_eq!(declared, given, "{id}");
    }
}

#[test]
fn every_main_file_is_a_function_and_every_function_a_main_file() {
    let mut deployed: Vec<String> = functions()
        .into_iter()
        .map(|function| function.main)
        .collect();
    deployed.sort();
    assert_eq!(deployed, main_files());
    let mut built: Vec<String> = mains().into_values().collect();
    built.sort();
    assert_eq!(built, main_files());
}

/// The tag of every function, the output of the stack, `avm --version`, the name of a package: one version.
#[test]
fn the_version_is_that_of_the_workspace() {
    let version = env!("CARGO_PKG_VERSION");
    for path in paths_with_functions() {
        let tags = &template(&path)["Globals"]["Function"]["Tags"];
        assert_eq!(tags["avm:version"], version, "{path}");
    }
    let outputs = &template(MACHINE)["Outputs"];
    assert_eq!(outputs["Version"]["Value"], version);
}

#[test]
fn every_function_is_built_from_the_one_package_of_functions() {
    for path in paths_with_functions() {
        let template = template(&path);
        let code = template["Globals"]["Function"]["CodeUri"].as_str();
        let code = code.map(|code| from_root(&path, code));
        assert_eq!(code.as_deref(), Some("functions"), "{path}");
    }
    for Function { id, resource, .. } in functions() {
        let method = &resource["Metadata"]["BuildMethod"];
        assert_eq!(method, "rust-cargolambda", "{id}");
        assert!(resource["Properties"].get("CodeUri").is_none(), "{id}");
    }
}

/// meshStack knows two by name; the others are called as their folders are.
#[test]
fn every_function_is_named_after_its_folder_but_for_those_that_meshstack_calls() {
    for function in functions() {
        let expected = match function.main.as_str() {
            "functions/avm-entry-point/main.rs" => "AVMEntryPoint".to_owned(),
            "functions/permission-downgrade/alone.rs" => "PermissionDowngrade".to_owned(),
            _ => format!("avm-{}", function.folder),
        };
        assert_eq!(function.name, expected);
        let binary = function.name.strip_prefix("avm-").unwrap_or(&function.name);
        assert_eq!(mains()[binary], function.main);
    }
}

/// What an outsider may invoke never reads a step's event: `lambda::main` serves the machine, `serve_callers` others.
#[test]
fn what_callers_may_invoke_is_no_step_and_no_step_is_for_callers() {
    for function in functions() {
        let main = text(&function.main);
        let is_step = main.contains("lambda::main::<");
        let serves_callers = main.contains("serve_callers");
        assert_eq!(serves_callers, function.is_for_callers(), "{}", function.id);
        assert!(!(is_step && serves_callers), "{}", function.id);
        let is_known = step(&function.folder).is_some();
        assert_eq!(is_step, is_known && !serves_callers, "{}", function.id);
    }
}

#[test]
fn every_function_has_the_variables_that_all_have_and_those_of_its_main_file() {
    let outer = template(MACHINE);
    let common = common(&outer);
    for path in paths_with_functions() {
        assert_eq!(self::common(&template(&path)), common, "{path}");
    }
    let mut given = common.clone();
    for function in &functions() {
        let variables = function.variables.keys();
        let set: BTreeSet<&str> = variables.map(String::as_str).collect();
        let mut needed = variables_of(function);
        given.extend(&needed);
        needed.extend(&common_names(&common));
        // Read by nobody: it makes a version of what has other settings (versions.rs).
        if function.is_versioned() {
            needed.insert(SETTINGS_REVISION);
        }
        assert_eq!(set, needed, "{}", function.id);
    }
    let mut declared: BTreeSet<&str> = environment::ALL.iter().copied().collect();
    declared.remove(environment::AWS_REGION);
    assert_eq!(given, declared, "a variable is declared and never read");
}

/// Where Amazon Linux 2023 keeps them: `/etc/pki/tls/cert.pem` is a link to the same file (aws/aws-lambda-dotnet#1661).
#[test]
fn every_function_reads_the_certificates_of_lambdas_image_once() {
    for function in functions() {
        let file = function.variables[environment::SSL_CERT_FILE].as_str();
        assert_eq!(
            file,
            Some("/etc/pki/tls/certs/ca-bundle.crt"),
            "{}",
            function.id
        );
    }
}

/// The same names as the code has them.
fn common_names(common: &BTreeSet<&str>) -> BTreeSet<&'static str> {
    let all = environment::ALL.iter().copied();
    all.filter(|name| common.contains(name)).collect()
}

#[test]
fn every_function_has_a_role_of_its_own_that_only_lambda_may_assume() {
    let mut roles = BTreeSet::new();
    for function in functions() {
        let template = template(&function.template);
        let (id, role_id) = (&function.id, function.role.as_str());
        let is_new = roles.insert(role_id.to_owned());
        assert!(is_new, "{role_id} belongs to two functions");
        let role = &resources(&template)[role_id];
        assert_eq!(role["Type"], "AWS::IAM::Role", "{id}");
        assert_eq!(role["Properties"]["RoleName"], role_id, "{id}");
        assert!(
            role["Properties"].get("ManagedPolicyArns").is_none(),
            "{id}"
        );
        let properties = &function.resource["Properties"];
        assert!(properties.get("Policies").is_none(), "{id}");
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

/// AWS's Well-Architected security checks ask it of a topic; the local AWS has no TLS that could be left out.
#[test]
fn every_topic_takes_encrypted_connections_only() {
    for (path, policy) in [
        ("template.yaml", "FailureTopicPolicy"),
        ("templates/management.yaml", "BudgetsTopicPolicy"),
    ] {
        let template = template(path);
        let policy = &resources(&template)[policy]["Properties"]["PolicyDocument"];
        let statements = policy["Statement"].as_array().unwrap();
        let denials: Vec<&Value> = statements
            .iter()
            .filter(|statement| statement["Effect"] == "Deny")
            .collect();
        assert_eq!(denials.len(), 1);
        assert_eq!(denials[0]["Principal"], "*");
        assert_eq!(denials[0]["Action"], "sns:Publish");
        assert_eq!(
            denials[0]["Condition"]["Bool"]["aws:SecureTransport"],
            "false"
        );
    }
}

#[test]
fn the_bucket_of_the_package_takes_encrypted_connections_only() {
    let template = template("templates/package.yaml");
    let policy = &resources(&template)["PackagePolicy"]["Properties"]["PolicyDocument"];
    let statements = policy["Statement"].as_array().unwrap();
    assert_eq!(statements.len(), 1);
    assert_eq!(statements[0]["Effect"], "Deny");
    assert_eq!(statements[0]["Action"], "s3:*");
    assert_eq!(
        statements[0]["Condition"]["Bool"]["aws:SecureTransport"],
        "false"
    );
}

#[test]
fn the_definitions_substitutions_are_the_templates() {
    for machine in machines() {
        let definition = text(&machine.definition);
        let used: BTreeSet<&str> = definition
            .split("${")
            .skip(1)
            .map(|rest| rest.split('}').next().unwrap())
            .collect();
        let given = &machine.properties["DefinitionSubstitutions"];
        let given = given.as_object().unwrap().keys();
        let given: BTreeSet<&str> = given.map(String::as_str).collect();
        assert_eq!(given, used, "{}", machine.definition);
    }
}

/// The functions that a role may invoke, by their logical ids.
fn invoked(role: &Value, functions: &[Function]) -> BTreeSet<String> {
    let id = |resource: &Value| {
        let resource = where_it_holds(resource);
        let named = resource["Fn::Sub"].as_str();
        named.map_or_else(
            || referred(resource).to_owned(),
            |arn| {
                // Every version of a function, see versions.rs.
                if let Some(id) = arn.strip_suffix(".Arn}:*") {
                    return id.trim_start_matches("${").to_owned();
                }
                let name = arn.rsplit(':').next().unwrap();
                let function = functions.iter().find(|function| function.name == name);
                function.unwrap_or_else(|| panic!("{name}")).id.clone()
            },
        )
    };
    statements(role)
        .into_iter()
        .filter(|statement| texts(&statement["Action"]).contains(&"lambda:InvokeFunction"))
        .flat_map(|statement| match &statement["Resource"] {
            Value::Array(items) => items.iter().collect(),
            one => vec![one],
        })
        .map(id)
        .collect()
}

#[test]
fn only_the_state_machines_may_invoke_functions_each_those_that_it_calls() {
    let (functions, machines) = (functions(), machines());
    for path in paths_of_the_machine() {
        let template = template(&path);
        for (id, role) in of_type(&template, "AWS::IAM::Role") {
            let machine = machines.iter().find(|machine| {
                machine.template == path && referred(&machine.properties["Role"]) == id
            });
            let called = machine.map(|machine| all_called_by(&machine.definition));
            let called = called.unwrap_or_default();
            let expected: BTreeSet<String> = functions
                .iter()
                .filter(|function| called.contains(function.title()))
                .map(|function| function.id.clone())
                .collect();
            assert_eq!(invoked(role, &functions), expected, "{id}");
        }
    }
}

#[test]
fn each_machine_calls_its_own_functions_and_the_vend_every_step() {
    let steps = STEPS.iter().map(|step| step.name.to_owned());
    assert_eq!(all_called_by(VEND), steps.collect());
    assert_eq!(all_called_by(PLAN), ["plan".to_owned()].into());
    let of_the_reconciler = ["PermissionDowngrade", "reconcile"].map(str::to_owned);
    assert_eq!(all_called_by(RECONCILE), of_the_reconciler.into());
}

/// What outsiders may invoke answers no question of the doctor's, as it reads no step's event.
#[test]
fn the_doctor_asks_every_function_but_those_of_callers() {
    let asked = all_called_by(DOCTOR);
    for function in functions() {
        let is_asked = asked.contains(function.title());
        assert_eq!(is_asked, !function.is_for_callers(), "{}", function.name);
        let main = text(&function.main);
        let answers = ["lambda::main::<", "serve_behind(", "aws.answer("];
        let answers = answers.iter().any(|words| main.contains(words));
        assert_eq!(answers, is_asked, "{}", function.name);
    }
}
