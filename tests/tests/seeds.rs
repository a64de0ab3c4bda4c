//! The standing accounts against meshStack's documents: every policy and every trust, action by action.
//! The fixtures are the JSON of those documents; what differs on purpose is listed with its reason, and nothing else may.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use avm_core::domain::{LANDING_ZONE_KEY, OWNER_KEYS};
use contract_tests::policy::resolve;
use contract_tests::seeds::{
    Difference, allowed, assert_same_but_for, denied, identity, seed, trust, values,
};
use contract_tests::template::{of_type, template, texts};
use serde_json::Value;

const MESHCLOUD: &str = "templates/meshcloud.yaml";
const MANAGEMENT: &str = "templates/management.yaml";
const AUTOMATION: &str = "templates/automation.yaml";
const MACHINE: &str = "template.yaml";

/// The documents name the user as the principal.
fn by_condition() -> Difference {
    Difference {
        actions: &["sts:AssumeRole"],
        ours: &[concat!(
            "to AWS arn:aws:iam::<<MESHCLOUD_ACCOUNT_ID>>:root if ",
            r#"{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::<<MESHCLOUD_ACCOUNT_ID>>:user/meshfed-service-user"},"#,
            r#""StringEquals":{"sts:ExternalId":"<<EXTERNAL_ID>>"}}"#
        )],
        reason: "the same user, or a role; a trust that names one breaks when it is made anew, and cannot be deployed before it",
    }
}

#[test]
fn the_standing_accounts_have_the_users_and_roles_of_the_seeds_and_no_others() {
    let names = |path: &str, kind: &str| -> BTreeSet<String> {
        let template = template(path);
        of_type(&template, kind)
            .map(|(id, _)| id.to_owned())
            .collect()
    };
    let set = |ids: &[&str]| {
        ids.iter()
            .map(|&id| id.to_owned())
            .collect::<BTreeSet<String>>()
    };
    let (user, role) = ("AWS::IAM::User", "AWS::IAM::Role");
    assert_eq!(
        names(MESHCLOUD, user),
        set(&["CostExplorerUser", "MeshfedServiceUser"])
    );
    assert_eq!(names(MESHCLOUD, role), set(&[]));
    assert_eq!(names(MANAGEMENT, user), set(&[]));
    assert_eq!(
        names(MANAGEMENT, role),
        set(&["MeshCostExplorerServiceRole", "MeshfedServiceRole"])
    );
    assert_eq!(names(AUTOMATION, user), set(&[]));
    assert_eq!(
        names(AUTOMATION, role),
        set(&[
            "AWSCloudFormationStackSetAdministrationRole",
            "MeshfedAutomationRole"
        ])
    );
}

#[test]
fn names_are_those_of_the_seeds_unless_a_parameter_says_otherwise() {
    for (path, parameter, default) in [
        (MESHCLOUD, "MeshfedServiceRoleName", "MeshfedServiceRole"),
        (
            MESHCLOUD,
            "MeshfedAutomationRoleName",
            "MeshfedAutomationRole",
        ),
        (MANAGEMENT, "MeshfedServiceRoleName", "MeshfedServiceRole"),
        (
            MANAGEMENT,
            "AccountAccessRoleName",
            "MeshstackAccountAccessRole",
        ),
        (
            MANAGEMENT,
            "MeshCostExplorerServiceRoleName",
            "MeshCostExplorerServiceRole",
        ),
        (
            AUTOMATION,
            "MeshfedAutomationRoleName",
            "MeshfedAutomationRole",
        ),
    ] {
        assert_eq!(
            template(path)["Parameters"][parameter]["Default"],
            default,
            "{path}"
        );
    }
    let values = values("<<MESHCLOUD_ACCOUNT_ID>>", &[]);
    let user = identity(MESHCLOUD, "MeshfedServiceUser", &values);
    assert_eq!(user["UserName"], "meshfed-service-user");
    let user = identity(MESHCLOUD, "CostExplorerUser", &values);
    assert_eq!(user["UserName"], "CostExplorerUser");
}

#[test]
fn the_user_of_meshstack_may_assume_its_two_roles() {
    let values = values("<<MESHCLOUD_ACCOUNT_ID>>", &[]);
    let user = identity(MESHCLOUD, "MeshfedServiceUser", &values);
    assert_same_but_for(
        "meshcloud-user",
        &allowed(&user, None),
        &seed("meshcloud-user"),
        &[],
    );
}

#[test]
fn the_user_of_the_metering_may_assume_its_role() {
    let values = values("<<MESHCLOUD_ACCOUNT_ID>>", &[]);
    let user = identity(MESHCLOUD, "CostExplorerUser", &values);
    assert_same_but_for(
        "metering-user",
        &allowed(&user, None),
        &seed("metering-user"),
        &[Difference {
            actions: &["sts:AssumeRole"],
            ours: &[concat!(
                "on arn:aws:iam::<<MANAGEMENT_ACCOUNT_ID>>:role/MeshCostExplorerServiceRole ",
                r#"if {"StringEquals":{"sts:ExternalId":"<<EXTERNAL_ID>>"}}"#
            )],
            reason: "a typing error: the policy of a user names the role as its resource, not as a principal",
        }],
    );
}

/// Roles of a name are assumed in accounts of the organization, and in nobody else's.
const fn only_in_the_organization(ours: &'static [&'static str]) -> Difference {
    Difference {
        actions: &["sts:AssumeRole"],
        ours,
        reason: "the seeds let the role enter accounts of any organization that have a role of the name",
    }
}

#[test]
fn the_role_in_the_management_account_is_that_of_the_seeds() {
    let values = values("<<MANAGEMENT_ACCOUNT_ID>>", &[]);
    let role = identity(MANAGEMENT, "MeshfedServiceRole", &values);
    assert_same_but_for(
        "management-role",
        &allowed(&role, Some("MeshfedServicePolicy")),
        &seed("management-role"),
        &[
            only_in_the_organization(&[
                r#"on arn:aws:iam::*:role/MeshstackAccountAccessRole if {"StringEquals":{"aws:ResourceOrgID":"${aws:PrincipalOrgID}"}}"#,
            ]),
            Difference {
                actions: &[
                    "organizations:CreateOrganizationalUnit",
                    "organizations:DescribeAccount",
                    "organizations:DescribeOrganizationalUnit",
                    "organizations:ListOrganizationalUnitsForParent",
                    "organizations:ListParents",
                    "organizations:ListTagsForResource",
                    "organizations:MoveAccount",
                    "organizations:TagResource",
                    "organizations:UntagResource",
                ],
                ours: &[
                    "on arn:aws:organizations::<<MANAGEMENT_ACCOUNT_ID>>:account/o-*/*",
                    "on arn:aws:organizations::<<MANAGEMENT_ACCOUNT_ID>>:ou/o-*/ou-*",
                    "on arn:aws:organizations::<<MANAGEMENT_ACCOUNT_ID>>:root/o-*/r-*",
                ],
                reason: "units and accounts carry the id of their management account: a * would only add other organizations",
            },
            Difference {
                actions: &[
                    "identitystore:CreateGroup",
                    "identitystore:CreateGroupMembership",
                    "identitystore:DeleteGroup",
                    "identitystore:DeleteGroupMembership",
                    "identitystore:GetGroupId",
                    "identitystore:GetUserId",
                    "identitystore:ListGroupMemberships",
                ],
                ours: &[
                    "on arn:aws:identitystore:::group/*",
                    "on arn:aws:identitystore:::membership/*",
                    "on arn:aws:identitystore:::user/*",
                    "on arn:aws:identitystore::<<MANAGEMENT_ACCOUNT_ID>>:identitystore/<<IDENTITY_STORE_ID>>",
                ],
                reason: "where meshStack keeps groups without SCIM, as meshcloud's Terraform module has it since 0.7.0; see module.rs",
            },
        ],
    );
    assert_same_but_for(
        "trust",
        &trust(&role),
        &seed("trust-of-the-user"),
        &[by_condition()],
    );
}

/// The denials of a role that was there before, as a policy beside its own, and those of a role of ours.
#[test]
fn a_role_that_was_there_before_is_kept_from_the_machine_as_one_of_ours() {
    for (path, role, beside, more) in [
        (MANAGEMENT, "MeshfedServiceRole", "TagsOfTheMachine", 0),
        (
            AUTOMATION,
            "MeshfedAutomationRole",
            "StackSetsAndStepsOfTheMachine",
            1,
        ),
    ] {
        let values = values("<<OWN_ACCOUNT_ID>>", &[]);
        let of_ours = denied(&identity(path, role, &values));
        let policy = identity(path, beside, &values);
        let statements = policy["PolicyDocument"]["Statement"].as_array().unwrap();
        assert_eq!(statements[..of_ours.len()], of_ours[..], "{path}");
        assert_eq!(statements.len(), of_ours.len() + more, "{path}");
        assert_eq!(policy["Roles"], serde_json::json!([role]), "{path}");
        let resources = &template(path)["Resources"];
        let conditions = &template(path)["Conditions"];
        let holds_for = |id: &str| {
            let name = resources[id]["Condition"].as_str().unwrap();
            conditions[name]["Fn::Equals"][1].clone()
        };
        let each = (holds_for(role), holds_for(beside));
        assert_eq!(each, ("true".into(), "false".into()), "{path}");
    }
    let values = values("<<AUTOMATION_ACCOUNT_ID>>", &[]);
    let policy = identity(AUTOMATION, "StackSetsAndStepsOfTheMachine", &values);
    let steps = &policy["PolicyDocument"]["Statement"][1];
    assert_eq!(steps["Effect"], "Deny");
    assert_eq!(steps["Action"], "lambda:InvokeFunction");
    let named = "arn:aws:lambda:*:<<AUTOMATION_ACCOUNT_ID>>:function:avm-*";
    assert_eq!(steps["Resource"], named);
}

/// The documents let meshStack write any tag. Those of the machine say whose an account is and which landing zone holds it.
#[test]
fn meshstack_may_write_no_tag_of_the_machine() {
    let values = values("<<MANAGEMENT_ACCOUNT_ID>>", &[]);
    let role = identity(MANAGEMENT, "MeshfedServiceRole", &values);
    let [statement] = &denied(&role)[..] else {
        panic!("{role}");
    };
    assert_eq!(statement["Resource"], "*");
    let of_the_machine = serde_json::json!({"ForAnyValue:StringLike": {"aws:TagKeys": "avm:*"}});
    assert_eq!(statement["Condition"], of_the_machine);
    let denied: BTreeSet<&str> = texts(&statement["Action"]).into_iter().collect();
    let own = [&OWNER_KEYS[..], &[LANDING_ZONE_KEY]].concat();
    assert!(own.iter().all(|key| key.starts_with("avm:")), "{own:?}");
    let writes_tags = ["Create", "TagResource", "UntagResource"];
    for action in allowed(&role, Some("MeshfedServicePolicy")).keys() {
        let name = action.strip_prefix("organizations:");
        let writes = name.is_some_and(|name| writes_tags.iter().any(|verb| name.starts_with(verb)));
        assert_eq!(denied.contains(action.as_str()), writes, "{action}");
    }
}

#[test]
fn the_rights_to_enroll_are_those_of_the_seeds_and_optional() {
    let values = values("<<MANAGEMENT_ACCOUNT_ID>>", &[]);
    let role = identity(MANAGEMENT, "MeshfedServiceRole", &values);
    assert_same_but_for(
        "control-tower-enrollment",
        &allowed(&role, Some("AWSControlTowerAccountFactoryAccess")),
        &seed("control-tower-enrollment"),
        &[
            Difference {
                actions: &["organizations:describeOrganization"],
                ours: &[],
                reason: "a typing error: the action is called DescribeOrganization",
            },
            Difference {
                actions: &["organizations:DescribeOrganization"],
                ours: &["on *"],
                reason: "the action under its own name",
            },
            Difference {
                actions: &[
                    "controltower:GetLandingZone",
                    "controltower:ListLandingZones",
                ],
                ours: &["on *"],
                reason: "meshStack asks for them since December 2025, and meshcloud's Terraform module since 0.6.0",
            },
        ],
    );
    assert_eq!(
        role["ManagedPolicyArns"],
        serde_json::json!([
            "arn:aws:iam::aws:policy/AWSServiceCatalogEndUserFullAccess",
            "arn:aws:iam::aws:policy/AWSServiceCatalogAdminReadOnlyAccess"
        ])
    );
    let properties = &template(MANAGEMENT)["Resources"]["MeshfedServiceRole"]["Properties"];
    let condition = "HasControlTowerEnrollment";
    assert_eq!(properties["ManagedPolicyArns"]["Fn::If"][0], condition);
    assert_eq!(properties["Policies"][1]["Fn::If"][0], condition);
    assert_eq!(
        template(MANAGEMENT)["Parameters"]["ControlTowerEnrollment"]["Default"],
        "false"
    );
}

#[test]
fn the_roles_of_the_metering_are_those_of_the_seeds_and_optional() {
    let values = values("<<MANAGEMENT_ACCOUNT_ID>>", &[]);
    let role = identity(MANAGEMENT, "MeshCostExplorerServiceRole", &values);
    assert_same_but_for(
        "metering-role",
        &allowed(&role, None),
        &seed("metering-role"),
        &[],
    );
    let expected = concat!(
        "to AWS arn:aws:iam::<<MESHCLOUD_ACCOUNT_ID>>:root if ",
        r#"{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::<<MESHCLOUD_ACCOUNT_ID>>:user/CostExplorerUser"},"#,
        r#""StringEquals":{"sts:ExternalId":"<<EXTERNAL_ID>>"}}"#
    );
    assert_eq!(trust(&role)["sts:AssumeRole"], [expected.to_owned()].into());
    for (path, id) in [
        (MANAGEMENT, "MeshCostExplorerServiceRole"),
        (MESHCLOUD, "CostExplorerUser"),
    ] {
        let template = template(path);
        assert_eq!(
            template["Resources"][id]["Condition"], "HasMetering",
            "{path}"
        );
        assert_eq!(
            template["Parameters"]["Metering"]["Default"], "false",
            "{path}"
        );
    }
}

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
    assert_same_but_for(
        "trust",
        &trust(&role),
        &seed("trust-of-the-user"),
        &[by_condition()],
    );
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
