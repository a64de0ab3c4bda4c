//! The standing accounts against meshStack's documents: every policy and every trust, action by action.
//! The fixtures are the JSON of those documents; what differs on purpose is listed with its reason, and nothing else may.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use avm_core::domain::{LANDING_ZONE_KEY, OWNER_KEYS};
use contract_tests::seeds::{
    Difference, allowed, assert_same_but_for, assert_trusts_the_user, denied, identity,
    only_in_the_organization, seed, trust, values,
};
use contract_tests::template::{of_type, template, texts};

const MESHCLOUD: &str = "templates/meshcloud.yaml";
const MANAGEMENT: &str = "templates/management.yaml";
const AUTOMATION: &str = "templates/automation.yaml";

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
    assert_trusts_the_user(&role);
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
