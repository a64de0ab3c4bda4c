//! The automation account against meshStack's documents: meshStack's role, which calls the machine, the one that rolls StackSets out,
//! and that of `PermissionDowngrade`. For the other accounts see `seeds.rs`.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use contract_tests::policy::resolve;
use contract_tests::seeds::{
    Difference, allowed, assert_same_but_for, assert_trusts_the_user, denied, identity,
    only_in_the_organization, seed, trust, values,
};
use contract_tests::template::{template, texts};
use serde_json::Value;

const AUTOMATION: &str = "templates/automation.yaml";
const MACHINE: &str = "template.yaml";

/// With `InvokableFunctions` at its widest; the narrower setting is in the next test.
#[test]
fn the_role_in_the_automation_account_is_that_of_the_seeds() {
    let values = values("<<AUTOMATION_ACCOUNT_ID>>", &[]);
    let role = identity(AUTOMATION, "MeshfedAutomationRole", &values);
    assert_same_but_for(
        "automation-role",
        &allowed(&role, None),
        &seed("automation-role"),
        &[
            Difference {
                actions: &["lambda:InvokeFunction"],
                ours: &[
                    "on arn:aws:lambda:*:<<AUTOMATION_ACCOUNT_ID>>:function:AVMEntryPoint",
                    "on arn:aws:lambda:*:<<AUTOMATION_ACCOUNT_ID>>:function:PermissionDowngrade",
                ],
                reason: "the two that are for callers: a step believes the order in its event, and nobody but the machine may send one",
            },
            Difference {
                actions: &[
                    "cloudformation:DescribeStackSet",
                    "cloudformation:ListStackInstances",
                ],
                ours: &["on arn:aws:cloudformation:*:<<AUTOMATION_ACCOUNT_ID>>:stackset/*"],
                reason: "the resource that these actions know, which is what a * means for them in this account",
            },
            Difference {
                actions: &[
                    "cloudformation:CreateStackInstances",
                    "cloudformation:UpdateStackInstances",
                ],
                ours: &[
                    "on arn:aws:cloudformation:*:<<AUTOMATION_ACCOUNT_ID>>:stackset-target/*:*",
                    "on arn:aws:cloudformation:*:<<AUTOMATION_ACCOUNT_ID>>:stackset/*:*",
                    "on arn:aws:cloudformation:*::type/resource/*",
                ],
                reason: "the resources that these actions know, of StackSets that a parameter names, all by default; those of the machine are denied",
            },
        ],
    );
    assert_trusts_the_user(&role);
}

/// The documents let meshStack change every StackSet. Those of the machine make the roles by which it works in all accounts.
#[test]
fn meshstack_may_change_nothing_of_the_machines_own_stack_sets() {
    let values = values("<<AUTOMATION_ACCOUNT_ID>>", &[]);
    let role = identity(AUTOMATION, "MeshfedAutomationRole", &values);
    let [statement] = &denied(&role)[..] else {
        panic!("{role}");
    };
    assert!(statement.get("Condition").is_none());
    let cloudformation = "arn:aws:cloudformation:*:<<AUTOMATION_ACCOUNT_ID>>";
    let own =
        ["stackset", "stackset-target"].map(|kind| format!("{cloudformation}:{kind}/avm-*:*"));
    assert_eq!(statement["Resource"], serde_json::json!(own));
    let denied: BTreeSet<&str> = texts(&statement["Action"]).into_iter().collect();
    let allowed = allowed(&role, None);
    for action in allowed.keys().map(String::as_str) {
        let reads = action.contains(":Describe") || action.contains(":List");
        let is_of_stack_sets = action.starts_with("cloudformation:");
        assert_eq!(
            denied.contains(action),
            is_of_stack_sets && !reads,
            "{action}"
        );
    }
    let template = template(MACHINE);
    let rolled_out = &template["Parameters"]["LandingZoneStackSetNamePattern"]["Default"];
    assert_eq!(rolled_out, "avm-*");
}

#[test]
fn meshstack_may_be_held_to_the_entry_point() {
    let role = &template(AUTOMATION)["Resources"]["MeshfedAutomationRole"];
    let statement = &role["Properties"]["Policies"][0]["PolicyDocument"]["Statement"][0];
    let [entry, optional] = &statement["Resource"].as_array().unwrap()[..] else {
        panic!("{statement}");
    };
    let optional = &optional["Fn::If"];
    assert_eq!(optional[0], "InvokesDowngrade");
    assert_eq!(optional[2], serde_json::json!({"Ref": "AWS::NoValue"}));
    let values = values("<<AUTOMATION_ACCOUNT_ID>>", &[]);
    let arn = |function: &str| {
        Value::from(format!(
            "arn:aws:lambda:*:<<AUTOMATION_ACCOUNT_ID>>:function:{function}"
        ))
    };
    assert_eq!(resolve(entry, &values), arn("AVMEntryPoint"));
    assert_eq!(resolve(&optional[1], &values), arn("PermissionDowngrade"));
    let template = template(AUTOMATION);
    let widest = "AVMEntryPointAndPermissionDowngrade";
    let choices = &template["Parameters"]["InvokableFunctions"]["AllowedValues"];
    assert_eq!(*choices, serde_json::json!(["AVMEntryPoint", widest]));
    let equals = serde_json::json!({"Fn::Equals": [{"Ref": "InvokableFunctions"}, widest]});
    assert_eq!(template["Conditions"]["InvokesDowngrade"], equals);
}

#[test]
fn the_administration_role_of_the_stack_sets_is_that_of_the_seeds() {
    let values = values("<<AUTOMATION_ACCOUNT_ID>>", &[]);
    let role = identity(
        AUTOMATION,
        "AWSCloudFormationStackSetAdministrationRole",
        &values,
    );
    assert_same_but_for(
        "stackset-administration-role",
        &allowed(&role, None),
        &seed("stackset-administration-role"),
        &[only_in_the_organization(&[
            r#"on arn:aws:iam::*:role/AWSCloudFormationStackSetExecutionRole if {"StringEquals":{"aws:ResourceOrgID":"${aws:PrincipalOrgID}"}}"#,
        ])],
    );
    assert_same_but_for(
        "stackset-administration-trust",
        &trust(&role),
        &seed("stackset-administration-trust"),
        &[Difference {
            actions: &["sts:AssumeRole"],
            ours: &[concat!(
                "to Service cloudformation.amazonaws.com if ",
                r#"{"ArnLike":{"aws:SourceArn":"arn:aws:cloudformation:*:<<AUTOMATION_ACCOUNT_ID>>:stackset/*"},"#,
                r#""StringEquals":{"aws:SourceAccount":"<<AUTOMATION_ACCOUNT_ID>>"}}"#
            )],
            reason: "only for StackSets of this account: AWS's guard against a confused deputy",
        }],
    );
}

#[test]
fn the_role_of_the_downgrade_function_is_that_of_the_seeds() {
    let values = values(
        "<<AUTOMATION_ACCOUNT_ID>>",
        &[("FunctionsLogGroup.Arn", "<<LOG_GROUP_ARN>>")],
    );
    let mut role =
        template(MACHINE)["Resources"]["PermissionDowngradeLambdaAdministrationRole"]["Properties"]
            .clone();
    let statements = &mut role["Policies"][0]["PolicyDocument"]["Statement"];
    for statement in statements.as_array_mut().unwrap() {
        if let Some(attribute) = statement["Resource"].get("Fn::GetAtt").cloned() {
            statement["Resource"] = serde_json::json!({"Ref": attribute});
        }
    }
    let role = resolve(&role, &values);
    assert_same_but_for(
        "downgrade-function-role",
        &allowed(&role, None),
        &seed("downgrade-function-role"),
        &[
            only_in_the_organization(&[
                r#"on arn:aws:iam::*:role/PermissionDowngradeLambdaExecutionRole if {"StringEquals":{"aws:ResourceOrgID":"${aws:PrincipalOrgID}"}}"#,
            ]),
            Difference {
                actions: &["logs:CreateLogStream", "logs:PutLogEvents"],
                ours: &["on <<LOG_GROUP_ARN>>"],
                reason: "instead of the managed policy AWSLambdaBasicExecutionRole, which is for all log groups",
            },
            Difference {
                actions: &["xray:PutTelemetryRecords", "xray:PutTraceSegments"],
                ours: &["on *"],
                reason: "traces, which the seeds do not have",
            },
        ],
    );
    assert_same_but_for(
        "trust",
        &trust(&role),
        &seed("downgrade-function-trust"),
        &[Difference {
            actions: &["sts:AssumeRole"],
            ours: &[
                r#"to Service lambda.amazonaws.com if {"StringEquals":{"aws:SourceAccount":"<<AUTOMATION_ACCOUNT_ID>>"}}"#,
            ],
            reason: "for functions of this account only",
        }],
    );
}
