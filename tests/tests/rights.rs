//! Least privilege, held by a list: what each function calls, under which role, in which account.
//! The roles allow exactly that, the trusts name exactly these functions, and the adapters make no other call.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use contract_tests::template::{allowed_actions, of_type, resources, statements, template, texts};
use contract_tests::{files_below, text};
use serde_json::Value;
use shared::domain::{COMPLETION_KEYS, FAILURE_KEY_PREFIX, OWNER_KEYS};

/// What functions call under one role.
struct Rights {
    role: &'static str,
    template: &'static str,
    /// The roles in the automation account of the functions that act under it; empty: it is a function's own.
    used_by: &'static [&'static str],
    actions: &'static [&'static str],
}

const AUTOMATION: &str = "template.yaml";
const MANAGEMENT: &str = "templates/vending-roles.yaml";
const MEMBER: &str = "templates/landing-zone-stackset.yaml";

const RIGHTS: [Rights; 24] = [
    Rights {
        role: "AVMEntryPointFunctionRole",
        template: AUTOMATION,
        used_by: &[],
        actions: &[
            "ssm:GetParameter",
            "states:DescribeExecution",
            "states:StartExecution",
        ],
    },
    Rights {
        role: "AVMCreateAccountFunctionRole",
        template: AUTOMATION,
        used_by: &[],
        actions: &["sts:AssumeRole"],
    },
    Rights {
        role: "AVMPlaceAccountFunctionRole",
        template: AUTOMATION,
        used_by: &[],
        actions: &["sts:AssumeRole"],
    },
    Rights {
        role: "AVMEnrollFunctionRole",
        template: AUTOMATION,
        used_by: &[],
        actions: &["sts:AssumeRole"],
    },
    Rights {
        role: "AVMAccessStackFunctionRole",
        template: AUTOMATION,
        used_by: &[],
        actions: &["sts:AssumeRole"],
    },
    Rights {
        role: "AVMApplyStackSetFunctionRole",
        template: AUTOMATION,
        used_by: &[],
        actions: &[
            "cloudformation:CreateStackInstances",
            "cloudformation:DescribeStackInstance",
            "cloudformation:DescribeStackSet",
            "cloudformation:DescribeStackSetOperation",
            "cloudformation:ListStackSetOperationResults",
            "cloudformation:UpdateStackInstances",
        ],
    },
    Rights {
        role: "AVMAccountAliasFunctionRole",
        template: AUTOMATION,
        used_by: &[],
        actions: &["sts:AssumeRole"],
    },
    Rights {
        role: "AVMAccountSettingsFunctionRole",
        template: AUTOMATION,
        used_by: &[],
        actions: &["sts:AssumeRole"],
    },
    Rights {
        role: "AVMDefaultVpcsFunctionRole",
        template: AUTOMATION,
        used_by: &[],
        actions: &["sts:AssumeRole"],
    },
    Rights {
        role: "AVMIdentityProviderFunctionRole",
        template: AUTOMATION,
        used_by: &[],
        actions: &["sts:AssumeRole"],
    },
    Rights {
        role: "AVMSingleSignOnFunctionRole",
        template: AUTOMATION,
        used_by: &[],
        actions: &["secretsmanager:GetSecretValue", "sts:AssumeRole"],
    },
    Rights {
        role: "PermissionDowngradeLambdaAdministrationRole",
        template: AUTOMATION,
        used_by: &[],
        actions: &["sts:AssumeRole"],
    },
    Rights {
        role: "AVMCompletionFunctionRole",
        template: AUTOMATION,
        used_by: &[],
        actions: &[
            "cloudformation:DescribeStackInstance",
            "cloudformation:DescribeStackSet",
            "sts:AssumeRole",
        ],
    },
    Rights {
        role: "AVMRecordFailureFunctionRole",
        template: AUTOMATION,
        used_by: &[],
        actions: &["sts:AssumeRole"],
    },
    Rights {
        role: "AVMAccountsRole",
        template: MANAGEMENT,
        used_by: &["AVMCreateAccountFunctionRole"],
        actions: &[
            "organizations:CreateAccount",
            "organizations:DescribeAccount",
            "organizations:DescribeCreateAccountStatus",
            "organizations:ListAccounts",
            "organizations:ListCreateAccountStatus",
            "organizations:ListTagsForResource",
            "organizations:TagResource",
        ],
    },
    Rights {
        role: "AVMPlacementRole",
        template: MANAGEMENT,
        used_by: &["AVMEnrollFunctionRole", "AVMPlaceAccountFunctionRole"],
        actions: &[
            "organizations:CreateOrganizationalUnit",
            "organizations:ListOrganizationalUnitsForParent",
            "organizations:ListParents",
            "organizations:ListRoots",
            "organizations:MoveAccount",
        ],
    },
    Rights {
        role: "AVMMemberAccessRole",
        template: MANAGEMENT,
        used_by: &[
            "AVMAccessStackFunctionRole",
            "AVMAccountAliasFunctionRole",
            "AVMCreateAccountFunctionRole",
            "AVMDefaultVpcsFunctionRole",
            "AVMEnrollFunctionRole",
            "AVMIdentityProviderFunctionRole",
        ],
        actions: &["sts:AssumeRole"],
    },
    Rights {
        role: "AVMEnrolmentRole",
        template: MANAGEMENT,
        used_by: &["AVMEnrollFunctionRole"],
        actions: &[
            "controltower:GetBaselineOperation",
            "controltower:GetLandingZone",
            "controltower:ListBaselines",
            "controltower:ListEnabledBaselines",
            "controltower:ListLandingZones",
            "organizations:DescribeOrganizationalUnit",
            "organizations:ListParents",
            "servicecatalog:DescribeProvisionedProduct",
            "servicecatalog:DescribeRecord",
            "servicecatalog:ListLaunchPaths",
            "servicecatalog:ListProvisioningArtifacts",
            "servicecatalog:ProvisionProduct",
            "servicecatalog:SearchProvisionedProducts",
            "servicecatalog:TerminateProvisionedProduct",
            "servicecatalog:UpdateProvisionedProduct",
        ],
    },
    Rights {
        role: "AVMAccountSettingsRole",
        template: MANAGEMENT,
        used_by: &["AVMAccountSettingsFunctionRole"],
        actions: &[
            "account:EnableRegion",
            "account:GetAlternateContact",
            "account:ListRegions",
            "account:PutAlternateContact",
        ],
    },
    Rights {
        role: "AVMIdentityRole",
        template: MANAGEMENT,
        used_by: &["AVMSingleSignOnFunctionRole"],
        actions: &[
            "identitystore:CreateGroup",
            "identitystore:CreateGroupMembership",
            "identitystore:DeleteGroup",
            "identitystore:DeleteGroupMembership",
            "identitystore:DescribeGroup",
            "identitystore:GetGroupId",
            "identitystore:GetGroupMembershipId",
            "identitystore:GetUserId",
            "identitystore:ListGroupMemberships",
            "sso:CreateAccountAssignment",
            "sso:DeleteAccountAssignment",
            "sso:DescribeAccountAssignmentCreationStatus",
            "sso:DescribeAccountAssignmentDeletionStatus",
            "sso:DescribePermissionSet",
            "sso:ListAccountAssignments",
            "sso:ListAccountAssignmentsForPrincipal",
            "sso:ListPermissionSets",
            "sso:ListPermissionSetsProvisionedToAccount",
        ],
    },
    Rights {
        role: "AVMCompletionRole",
        template: MANAGEMENT,
        used_by: &["AVMCompletionFunctionRole"],
        actions: &[
            "organizations:ListOrganizationalUnitsForParent",
            "organizations:ListParents",
            "organizations:ListRoots",
            "organizations:ListTagsForResource",
            "organizations:TagResource",
            "organizations:UntagResource",
        ],
    },
    Rights {
        role: "AVMFailureRole",
        template: MANAGEMENT,
        used_by: &["AVMRecordFailureFunctionRole"],
        actions: &[
            "organizations:ListTagsForResource",
            "organizations:TagResource",
            "organizations:UntagResource",
        ],
    },
    Rights {
        role: "PermissionDowngradeLambdaExecutionRole",
        template: MEMBER,
        used_by: &["PermissionDowngradeLambdaAdministrationRole"],
        actions: &[
            "iam:DeleteRolePolicy",
            "iam:DetachRolePolicy",
            "iam:GetRolePolicy",
            "iam:ListAttachedRolePolicies",
            "iam:ListRolePolicies",
            "iam:PutRolePolicy",
        ],
    },
    Rights {
        role: "AVMVerificationRole",
        template: MEMBER,
        used_by: &["AVMCompletionFunctionRole", "AVMDefaultVpcsFunctionRole"],
        actions: &[
            "ec2:DescribeRegions",
            "ec2:DescribeVpcs",
            "iam:GetRolePolicy",
            "iam:ListAttachedRolePolicies",
            "iam:ListRolePolicies",
        ],
    },
];

/// What is called under the access role, which CreateAccount makes: readiness, the role of Control Tower, the access stack,
/// and what the landing zone sets up in the account before the downgrade.
const UNDER_THE_ACCESS_ROLE: [&str; 30] = [
    "cloudformation:ContinueUpdateRollback",
    "cloudformation:CreateStack",
    "cloudformation:DeleteStack",
    "cloudformation:DescribeStackEvents",
    "cloudformation:DescribeStacks",
    "cloudformation:GetTemplateSummary",
    "cloudformation:UpdateStack",
    "ec2:CreateTags",
    "ec2:DeleteInternetGateway",
    "ec2:DeleteSubnet",
    "ec2:DeleteVpc",
    "ec2:DescribeInternetGateways",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DetachInternetGateway",
    "iam:AttachRolePolicy",
    "iam:CreateAccountAlias",
    "iam:CreateRole",
    "iam:CreateSAMLProvider",
    "iam:DeleteAccountAlias",
    "iam:DeleteRole",
    "iam:DetachRolePolicy",
    "iam:GetRole",
    "iam:GetSAMLProvider",
    "iam:ListAccountAliases",
    "iam:ListAttachedRolePolicies",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateSAMLProvider",
    "ec2:DescribeRegions",
    "ec2:DescribeVpcs",
];

/// The policy of the enrolment role that holds what AWS's Account Factory does in its caller's name; we call none of it.
const OF_THE_ACCOUNT_FACTORY: &str = "AccountFactory";

/// What the command line calls under the rights of an operator.
const BY_OPERATORS: [&str; 2] = ["ssm:GetParametersByPath", "ssm:PutParameter"];

/// What every function's own role allows besides, to write its log and its traces.
const OF_EVERY_FUNCTION: [&str; 4] = [
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
];

/// The names of the roles in the ARNs of a part of a template.
fn roles_named(part: &Value) -> BTreeSet<String> {
    part.to_string()
        .split(":role/")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap().to_owned())
        .collect()
}

#[test]
fn every_role_allows_exactly_what_is_called_under_it() {
    for rights in &RIGHTS {
        let template = template(rights.template);
        let role = &resources(&template)[rights.role];
        let mut expected: BTreeSet<&str> = rights.actions.iter().copied().collect();
        if rights.used_by.is_empty() {
            expected.extend(OF_EVERY_FUNCTION);
        }
        let of_the_factory = actions_of_the_account_factory(role);
        let allowed: BTreeSet<&str> = allowed_actions(role)
            .difference(&of_the_factory)
            .copied()
            .collect();
        assert_eq!(allowed, expected, "{}", rights.role);
    }
}

/// What a role allows for the Account Factory: exactly AWS's list, as meshStack's documents print it.
fn actions_of_the_account_factory(role: &Value) -> BTreeSet<&str> {
    let policies = role["Properties"]["Policies"].as_array().unwrap();
    policies
        .iter()
        .filter_map(|policy| policy.get("Fn::If"))
        .map(|ways| &ways[1])
        .filter(|policy| policy["PolicyName"] == OF_THE_ACCOUNT_FACTORY)
        .flat_map(|policy| texts(&policy["PolicyDocument"]["Statement"][0]["Action"]))
        .collect()
}

#[test]
fn the_enrolment_role_allows_the_account_factory_what_aws_lists_and_no_other_role_does() {
    let seed = contract_tests::json("tests/fixtures/seeds/control-tower-enrolment.json");
    let listed: BTreeSet<String> = texts(&seed["Statement"][0]["Action"])
        .into_iter()
        .map(|action| action.replace(":describeOrganization", ":DescribeOrganization"))
        .collect();
    for rights in &RIGHTS {
        let template = template(rights.template);
        let allowed: BTreeSet<String> =
            actions_of_the_account_factory(&resources(&template)[rights.role])
                .into_iter()
                .map(str::to_owned)
                .collect();
        let is_enrolment = rights.role == "AVMEnrolmentRole";
        let expected = if is_enrolment {
            listed.clone()
        } else {
            BTreeSet::new()
        };
        assert_eq!(allowed, expected, "{}", rights.role);
    }
}

#[test]
fn every_role_of_a_function_or_of_ours_elsewhere_is_listed() {
    let listed: BTreeSet<&str> = RIGHTS.iter().map(|rights| rights.role).collect();
    for path in [AUTOMATION, MANAGEMENT, MEMBER] {
        let template = template(path);
        for (id, role) in of_type(&template, "AWS::IAM::Role") {
            let trust = role["Properties"]["AssumeRolePolicyDocument"].to_string();
            let is_of_a_function =
                trust.contains("lambda.amazonaws.com") || trust.contains(":role/");
            assert!(
                !is_of_a_function || listed.contains(id.as_str()),
                "{path}: {id}"
            );
        }
    }
}

#[test]
fn only_traces_and_calls_without_a_resource_are_allowed_everywhere() {
    let without_resource = [
        "controltower:GetBaselineOperation",
        "controltower:ListBaselines",
        "controltower:ListEnabledBaselines",
        "controltower:ListLandingZones",
        "ec2:DescribeRegions",
        "ec2:DescribeVpcs",
        "organizations:CreateAccount",
        "organizations:DescribeCreateAccountStatus",
        "organizations:ListAccounts",
        "organizations:ListCreateAccountStatus",
        "organizations:ListRoots",
        "organizations:TagResource",
        "servicecatalog:DescribeProvisionedProduct",
        "servicecatalog:DescribeRecord",
        "servicecatalog:SearchProvisionedProducts",
        "servicecatalog:TerminateProvisionedProduct",
        "servicecatalog:UpdateProvisionedProduct",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
    ];
    for rights in &RIGHTS {
        let template = template(rights.template);
        let role = &resources(&template)[rights.role];
        let of_the_factory = actions_of_the_account_factory(role);
        for statement in statements(role) {
            if statement["Resource"] != "*" {
                continue;
            }
            for action in texts(&statement["Action"]) {
                assert!(
                    without_resource.contains(&action) || of_the_factory.contains(action),
                    "{}: {action} on *",
                    rights.role
                );
                let needs_condition =
                    action == "organizations:TagResource" || action.starts_with("servicecatalog:");
                assert!(
                    !needs_condition || statement.get("Condition").is_some(),
                    "{}",
                    rights.role
                );
            }
        }
    }
}

/// On creation an account gets the request's tags and the owner's, and none that says how a vend went.
#[test]
fn of_the_machines_own_tags_only_the_owners_may_be_on_a_new_account() {
    let template = template(MANAGEMENT);
    let creates = statements(&resources(&template)["AVMAccountsRole"])
        .into_iter()
        .find(|statement| texts(&statement["Action"]).contains(&"organizations:CreateAccount"))
        .unwrap();
    let refused = texts(&creates["Condition"]["ForAllValues:StringNotLike"]["aws:TagKeys"]);
    let is_refused = |key: &str| {
        refused.iter().any(|pattern| {
            let prefix = pattern.strip_suffix('*');
            prefix.map_or(*pattern == key, |prefix| key.starts_with(prefix))
        })
    };
    let mut own: BTreeSet<String> = COMPLETION_KEYS.map(str::to_owned).into();
    own.insert(format!("{FAILURE_KEY_PREFIX}step"));
    for path in files_below("functions/completion/src", "rs") {
        let code = text(&path);
        let literals = code.split('"').filter(|part| part.starts_with("avm:"));
        own.extend(literals.map(str::to_owned));
    }
    assert!(own.contains("avm:completed-at"), "{own:?}");
    for key in own {
        let is_of_the_owner = OWNER_KEYS.contains(&key.as_str());
        assert_eq!(is_refused(&key), !is_of_the_owner, "{key}");
    }
    assert!(OWNER_KEYS.iter().all(|key| !is_refused(key)));
}

#[test]
fn every_trust_names_exactly_the_functions_that_act_under_the_role() {
    for rights in RIGHTS.iter().filter(|rights| !rights.used_by.is_empty()) {
        let template = template(rights.template);
        let role = &resources(&template)[rights.role];
        let trusted = roles_named(&role["Properties"]["AssumeRolePolicyDocument"]);
        let expected: BTreeSet<String> =
            rights.used_by.iter().map(|&role| role.to_owned()).collect();
        assert_eq!(trusted, expected, "{}", rights.role);
    }
}

#[test]
fn every_function_may_assume_exactly_the_roles_that_it_acts_under() {
    for rights in RIGHTS.iter().filter(|rights| rights.used_by.is_empty()) {
        let template = template(rights.template);
        let assumed: BTreeSet<String> = statements(&resources(&template)[rights.role])
            .into_iter()
            .filter(|statement| statement["Action"] == "sts:AssumeRole")
            .flat_map(|statement| roles_named(&statement["Resource"]))
            .collect();
        let expected: BTreeSet<String> = RIGHTS
            .iter()
            .filter(|other| other.used_by.contains(&rights.role))
            .map(|other| other.role.to_owned())
            .collect();
        assert_eq!(assumed, expected, "{}", rights.role);
    }
}

#[test]
fn the_adapters_make_the_listed_calls_and_no_other() {
    let services = [
        "account",
        "cloudformation",
        "controltower",
        "ec2",
        "iam",
        "identitystore",
        "organizations",
        "secretsmanager",
        "servicecatalog",
        "ssm",
        "sso",
        "states",
        "sts",
    ];
    let mut made = BTreeSet::new();
    for path in files_below("shared/src/aws", "rs") {
        let code = text(&path);
        for literal in code.split('"') {
            let Some((service, call)) = literal.split_once(':') else {
                continue;
            };
            let is_call = call.starts_with(|first: char| first.is_ascii_uppercase())
                && call.bytes().all(|byte| byte.is_ascii_alphanumeric());
            if services.contains(&service) && is_call {
                made.insert(literal.to_owned());
            }
        }
    }
    let listed: BTreeSet<String> = RIGHTS
        .iter()
        .flat_map(|rights| rights.actions)
        .chain(&UNDER_THE_ACCESS_ROLE)
        .chain(&BY_OPERATORS)
        .map(|&action| action.to_owned())
        .collect();
    let missing: Vec<&String> = made.difference(&listed).collect();
    let unused: Vec<&String> = listed.difference(&made).collect();
    assert!(missing.is_empty(), "called, but not listed: {missing:?}");
    assert!(unused.is_empty(), "listed, but never called: {unused:?}");
}
