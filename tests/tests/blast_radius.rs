//! How far the machine's roles reach at most: the permissions boundary in the management account, grants that end where no
//! landing zone needs them, and the guard rails of vended accounts.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use contract_tests::functions::functions;
use contract_tests::grants::{condition, shortened, values};
use contract_tests::rights::{MANAGEMENT, MEMBER};
use contract_tests::template::{
    MACHINE, of_type, paths_of_the_machine, resources, statements, template, texts, where_it_holds,
};
use contract_tests::text;
use serde_json::Value;

const ACCESS_STACK: &str = "templates/access-stack.yaml";
const GUARD_RAILS: &str = "templates/guard-rails.yaml";
/// What AWS lets a policy of an organization be, in characters.
const MOST_CHARACTERS: usize = 5120;

fn boundary(template: &Value) -> Vec<Value> {
    let policy = &resources(template)["AVMBoundary"]["Properties"]["PolicyDocument"];
    let statements = policy["Statement"].as_array().unwrap().iter();
    statements
        .map(|statement| where_it_holds(statement).clone())
        .collect()
}

#[test]
fn every_role_in_the_management_account_has_the_boundary_and_no_other_says_again_what_it_denies() {
    let template = template(MANAGEMENT);
    let mut roles = 0;
    for (name, role) in of_type(&template, "AWS::IAM::Role") {
        assert_eq!(
            role["Properties"]["PermissionsBoundary"]["Ref"], "AVMBoundary",
            "{name}"
        );
        for statement in statements(role) {
            let resources = shortened(&statement["Resource"]);
            let names_an_account = |resource: &String| resource.ends_with("AccountId}");
            assert!(
                !resources.iter().any(names_an_account),
                "{name}: {resources:?}"
            );
        }
        roles += 1;
    }
    assert_eq!(roles, 11);
}

#[test]
fn the_boundary_keeps_every_kind_of_right_from_every_account_that_is_not_a_tenants() {
    let template = template(MANAGEMENT);
    let denied: BTreeSet<String> = boundary(&template)
        .iter()
        .filter(|statement| statement["Effect"] == "Deny" && statement.get("Condition").is_none())
        .flat_map(|statement| shortened(&statement["Resource"]))
        .collect();
    for account in [
        "AccountId",
        "AutomationAccountId",
        "MeshcloudAccountId",
        "ProtectedAccountIds",
    ] {
        for place in [
            format!("account:account/o-*/${{{account}}}"),
            format!("${{{account}}}:role/*"),
            format!("organizations:account/o-*/${{{account}}}"),
            format!("sso:account/${{{account}}}"),
        ] {
            assert!(denied.contains(&place), "{place} is not in {denied:?}");
        }
    }
    assert!(
        denied.contains("identitystore:group/${ProtectedGroupIds}"),
        "{denied:?}"
    );
}

/// What stands in a boundary beside its denials is no grant, and still is what a widened policy could reach.
#[test]
fn the_boundary_lets_be_done_what_some_role_does_and_besides_only_read() {
    let template = template(MANAGEMENT);
    let used: BTreeSet<String> = of_type(&template, "AWS::IAM::Role")
        .flat_map(|(_, role)| statements(role))
        .flat_map(|statement| texts(&statement["Action"]))
        .map(str::to_owned)
        .collect();
    let matches = |pattern: &str, action: &str| {
        let prefix = pattern.strip_suffix('*');
        prefix.map_or(pattern == action, |prefix| action.starts_with(prefix))
    };
    let mut let_in: Vec<String> = Vec::new();
    for statement in boundary(&template) {
        if statement["Effect"] != "Allow" {
            continue;
        }
        let is_of_services = condition(&statement["Condition"]) == "Bool aws:ViaAWSService true";
        for pattern in texts(&statement["Action"]) {
            let is_read = ["Describe*", "Get*", "List*"]
                .iter()
                .any(|verb| pattern.ends_with(verb));
            let is_pattern = pattern.ends_with('*');
            assert!(!is_pattern || is_read || is_of_services, "{pattern}");
            assert!(
                used.iter().any(|action| matches(pattern, action)),
                "no role does {pattern}"
            );
            let_in.push(pattern.to_owned());
        }
    }
    for action in used {
        assert!(
            let_in.iter().any(|pattern| matches(pattern, &action)),
            "{action} is kept from its role"
        );
    }
}

/// Every action that a function may do, and no other; the condition on the organization stands where accounts are entered.
#[test]
fn every_function_has_a_boundary_that_lets_be_done_what_some_function_does() {
    let mut used = BTreeSet::new();
    for function in functions() {
        let machine = template(&function.template);
        let role = &resources(&machine)[&function.role];
        // The company's, where it has one: that is told by the test of all roles.
        let ways = &role["Properties"]["PermissionsBoundary"]["Fn::If"];
        let boundary = ways[2]["Fn::Sub"].as_str().unwrap_or_default();
        let name = boundary.rsplit('/').next();
        assert_eq!(name, Some("AVMFunctionsBoundary"), "{}", function.name);
        for statement in statements(role) {
            let actions = texts(&where_it_holds(statement)["Action"]).into_iter();
            used.extend(actions.map(str::to_owned));
        }
    }
    let automation = template("templates/automation.yaml");
    let document = &resources(&automation)["AVMFunctionsBoundary"]["Properties"]["PolicyDocument"];
    let let_in: BTreeSet<String> = document["Statement"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|statement| texts(&statement["Action"]))
        .map(str::to_owned)
        .collect();
    assert_eq!(let_in, used);
    let enters = &document["Statement"][0];
    assert_eq!(enters["Action"], "sts:AssumeRole");
    assert_eq!(
        condition(&enters["Condition"]),
        "StringEquals aws:ResourceOrgID ${aws:PrincipalOrgID}"
    );
}

/// Templates of member accounts of the organization; service control policies do not reach the management account.
#[test]
fn every_role_and_user_of_a_member_account_has_the_companys_boundary_where_there_is_one() {
    let mut holders = 0;
    let templates = [
        "templates/automation.yaml",
        "templates/meshcloud.yaml",
        ACCESS_STACK,
    ];
    let templates = templates.map(str::to_owned).into_iter();
    for path in templates.chain(paths_of_the_machine()) {
        let template = template(&path);
        for kind in ["AWS::IAM::Role", "AWS::IAM::User"] {
            for (id, holder) in of_type(&template, kind) {
                let ways = &holder["Properties"]["PermissionsBoundary"]["Fn::If"];
                assert_eq!(ways[0], "HasPermissionsBoundary", "{path} {id}");
                let arn = ways[1]["Fn::Sub"].as_str().unwrap_or_default();
                let is_named = arn.ends_with("${AWS::AccountId}:policy/${PermissionsBoundaryName}");
                assert!(is_named, "{path} {id}");
                holders += 1;
            }
        }
    }
    let outer = template("templates/landing-zone.yaml");
    let text = text(MEMBER);
    for (id, role) in of_type(&template(MEMBER), "AWS::IAM::Role") {
        let boundary = &role["Properties"]["PermissionsBoundary"];
        assert_eq!(boundary["Fn::Sub"], "${PermissionsBoundary}", "{id}");
        holders += 1;
    }
    let value = "!Ref \"AWS::AccountId\", \":policy/', { Ref: PermissionsBoundaryName }";
    assert!(text.contains(value) && text.contains("- HasPermissionsBoundary\n"));
    for template in [&outer, &template(ACCESS_STACK), &template(MACHINE)] {
        let name = &template["Parameters"]["PermissionsBoundaryName"];
        assert_eq!(name["Default"], "");
        assert!(name["AllowedPattern"].as_str().unwrap().contains("{1,128}"));
    }
    assert_eq!(holders, 34);
}

/// Whoever may put any boundary on a role takes its work away from it, and with none lets it go further.
#[test]
fn the_execution_role_gives_its_roles_the_companys_boundary_and_no_other() {
    let template = template(ACCESS_STACK);
    let role = &resources(&template)["AWSCloudFormationStackSetExecutionRole"];
    let about_boundaries: Vec<&Value> = statements(role)
        .into_iter()
        .filter(|one| one["Action"].to_string().contains("PermissionsBoundary"))
        .collect();
    let [statement] = about_boundaries[..] else {
        panic!("{about_boundaries:?}");
    };
    assert_eq!(statement["Action"], "iam:PutRolePermissionsBoundary");
    let makes = statements(role)
        .into_iter()
        .find(|one| one["Sid"] == "MakeTheRolesOfTheLandingZone");
    assert_eq!(statement["Resource"], makes.unwrap()["Resource"]);
    assert_eq!(
        condition(&statement["Condition"]),
        "ArnEquals iam:PermissionsBoundary arn:aws:iam::${AccountId}:policy/${PermissionsBoundaryName}"
    );
}

#[test]
fn whoever_runs_as_the_enrollment_function_does_by_itself_nothing_of_the_account_factorys() {
    let template = template(MANAGEMENT);
    let is_of_the_factory = |statement: &Value| {
        let mut actions = texts(&statement["Action"]).into_iter();
        actions.any(|action| {
            ["sso-directory:", "cloudformation:"]
                .iter()
                .any(|one| action.starts_with(one))
        })
    };
    let role = statements(&resources(&template)["AVMEnrollmentRole"]);
    let factory: Vec<&Value> = role
        .into_iter()
        .filter(|one| is_of_the_factory(one))
        .collect();
    assert_eq!(factory.len(), 3);
    let boundary = boundary(&template);
    let allowed = boundary.iter().filter(|one| one["Effect"] == "Allow");
    let bounded: Vec<&Value> = allowed.filter(|one| is_of_the_factory(one)).collect();
    assert_eq!(bounded.len(), 1);
    for statement in factory.into_iter().chain(bounded) {
        assert_eq!(
            condition(&statement["Condition"]),
            "Bool aws:ViaAWSService true"
        );
    }
}

/// A function may enter accounts where a landing zone has something for it to do there, and create-account always.
#[test]
fn only_functions_that_a_landing_zone_needs_may_enter_accounts() {
    let template = template(MANAGEMENT);
    let trust =
        &resources(&template)["AVMMemberAccessRole"]["Properties"]["AssumeRolePolicyDocument"];
    let principals = trust["Statement"][0]["Condition"]["ArnEquals"]["aws:PrincipalArn"]
        .as_array()
        .unwrap();
    let (conditional, always): (Vec<&Value>, Vec<&Value>) = principals
        .iter()
        .partition(|principal| principal.get("Fn::If").is_some());
    let always: Vec<String> = always.into_iter().flat_map(values).collect();
    assert_eq!(
        always,
        ["arn:aws:iam::${AutomationAccountId}:role/AVMCreateAccountFunctionRole"]
    );
    let conditions: BTreeSet<&str> = conditional
        .iter()
        .map(|principal| principal["Fn::If"][0].as_str().unwrap())
        .collect();
    assert_eq!(conditions.len(), conditional.len(), "{conditions:?}");
}

#[test]
fn the_guard_rails_hold_every_role_that_the_machine_makes_in_an_account() {
    let mut expected: BTreeSet<String> = [
        "*:role/${AccountAccessRoleName}",
        "*:role/AWSControlTowerExecution",
    ]
    .map(str::to_owned)
    .into();
    for path in [ACCESS_STACK, MEMBER] {
        let template = template(path);
        let roles = of_type(&template, "AWS::IAM::Role");
        expected.extend(roles.map(|(_, role)| {
            format!(
                "*:role/{}",
                role["Properties"]["RoleName"].as_str().unwrap()
            )
        }));
    }
    let template = template(GUARD_RAILS);
    let content = &resources(&template)["MachineGuardRail"]["Properties"]["Content"];
    let statements = content["Statement"].as_array().unwrap();
    let guarded: BTreeSet<String> = statements
        .iter()
        .flat_map(|statement| shortened(&statement["Resource"]))
        .filter(|resource| resource.contains(":role/"))
        .collect();
    assert_eq!(guarded, expected);
    for statement in statements {
        assert_eq!(statement["Effect"], "Deny");
        let excepted = values(&statement["Condition"]["ArnNotLike"]["aws:PrincipalArn"]);
        assert!(
            excepted
                .iter()
                .all(|arn| arn.starts_with("arn:aws:iam::*:role/")),
            "{excepted:?}"
        );
        assert_eq!(excepted.is_empty(), statement["Sid"] == "NameAndMembership");
    }
}

#[test]
fn the_guard_rails_have_the_size_that_aws_lets_them_have() {
    let template = template(GUARD_RAILS);
    for name in ["MachineGuardRail", "OrganizationGuardRail"] {
        let characters = resources(&template)[name]["Properties"]["Content"]
            .to_string()
            .len();
        assert!(characters < MOST_CHARACTERS, "{name}: {characters}");
    }
}

/// Each part spares somebody: the organization, accounts outside that are named, and AWS's services, which have no
/// organization (User Guide of AWS Organizations, "Resource control policies").
#[test]
fn the_guard_rail_of_the_organization_spares_named_accounts_and_the_services_of_aws() {
    let template = template(GUARD_RAILS);
    let rail = &resources(&template)["OrganizationGuardRail"]["Properties"]["Content"];
    let [statement] = rail["Statement"].as_array().unwrap().as_slice() else {
        panic!("{rail}");
    };
    let parts = &statement["Condition"];
    let unless = &parts["StringNotEqualsIfExists"];
    assert_eq!(unless["aws:PrincipalOrgID"]["Ref"], "OrganizationId");
    assert_eq!(unless["aws:PrincipalAccount"]["Ref"], "OutsideAccountIds");
    let services = &parts["BoolIfExists"]["aws:PrincipalIsAWSService"];
    assert_eq!(*services, "false");
}
