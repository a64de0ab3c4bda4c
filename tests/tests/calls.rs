//! The calls of the adapters against the roles: each is allowed to some role, or listed here with who makes it.
//! What is listed and never called is refused, too.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use contract_tests::rights::every_role;
use contract_tests::template::{allowed_actions, resources, template};
use contract_tests::{files_below, text};

/// What is called under the access role, which CreateAccount makes: readiness, the role of Control Tower, the access stack,
/// and what the landing zone sets up in the account before the downgrade.
const UNDER_THE_ACCESS_ROLE: &[&str] = &[
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
    "iam:ListRolePolicies",
    "iam:UpdateSAMLProvider",
    "ec2:DescribeRegions",
    "ec2:DescribeVpcs",
];

/// What the command line calls under the rights of an operator.
const BY_OPERATORS: [&str; 18] = [
    "cloudformation:DescribeStackDriftDetectionStatus",
    "cloudformation:DescribeStackResourceDrifts",
    "cloudformation:DetectStackDrift",
    "cloudformation:ListStackInstances",
    "iam:GetPolicy",
    "iam:GetUser",
    "iam:ListAccessKeys",
    "organizations:ListAWSServiceAccessForOrganization",
    "organizations:ListDelegatedAdministrators",
    "secretsmanager:DescribeSecret",
    "servicequotas:ListServiceQuotas",
    "sns:ListSubscriptionsByTopic",
    "sso:DescribeInstance",
    "sso:ListInstances",
    "ssm:DeleteParameters",
    "ssm:GetParametersByPath",
    "ssm:PutParameter",
    "sts:GetCallerIdentity",
];

/// The action that allows a call: its own name, but for AWS Budgets (Service Authorization Reference, "API operations") and S3.
fn action_of(service: &str, call: &str) -> String {
    let is_of_tags = call.contains("Tag");
    match service {
        "budgets" if call.starts_with("Describe") => "budgets:ViewBudget".to_owned(),
        "s3" if call == "HeadObject" => "s3:GetObject".to_owned(),
        "budgets" if !is_of_tags => "budgets:ModifyBudget".to_owned(),
        _ => format!("{service}:{call}"),
    }
}

#[test]
fn the_adapters_make_no_call_that_nobody_may_make() {
    let services: BTreeSet<&str> =
        "account budgets ce cloudformation controltower ec2 iam identitystore organizations s3 secretsmanager \
        servicecatalog servicequotas sns ssm sso states sts tag"
            .split(' ')
            .collect();
    let mut made = BTreeSet::new();
    for path in files_below("shared/aws/src", "rs") {
        let code = text(&path);
        for literal in code.split('"') {
            let Some((service, call)) = literal.split_once(':') else {
                continue;
            };
            let is_call = call.starts_with(|first: char| first.is_ascii_uppercase())
                && call.bytes().all(|byte| byte.is_ascii_alphanumeric());
            if services.contains(&service) && is_call {
                made.insert(action_of(service, call));
            }
        }
    }
    let by_hand: BTreeSet<String> = UNDER_THE_ACCESS_ROLE
        .iter()
        .chain(&BY_OPERATORS)
        .map(|&action| action.to_owned())
        .collect();
    let mut allowed = by_hand.clone();
    for (name, path) in every_role() {
        let template = template(&path);
        let actions = allowed_actions(&resources(&template)[&name]);
        allowed.extend(actions.into_iter().map(str::to_owned));
    }
    let missing: Vec<&String> = made.difference(&allowed).collect();
    let unused: Vec<&String> = by_hand.difference(&made).collect();
    assert!(missing.is_empty(), "called, but not allowed: {missing:?}");
    assert!(unused.is_empty(), "listed, but never called: {unused:?}");
}
