//! The faults that are planted around the installation: in the organization, AWS Control Tower and IAM Identity Center.
//! Each with the check that finds it, as in `faults`.

use std::collections::BTreeSet;

use avm_core::config::Problem;
use avm_documents::Found;

use super::faults::Fault;
use super::sound::{give, management};
use crate::doctor::finding::Check;

/// A key of the company's.
pub const KEY: &str =
    "arn:aws:kms:eu-central-1:407162839405:key/0d2f1bd4-1e2c-4a73-9967-2bd4a199672b";

/// Those of what is not the machine's.
pub const FAULTS_AROUND: &[Fault] = &[
    (
        "a full organization",
        |facts| {
            management(facts).accounts = Some(97);
        },
        Check::Quota,
        "AWS Organizations",
        "Service Quotas",
    ),
    (
        "more operations than AWS Control Tower works on",
        |facts| {
            management(facts).most_operations = Some(4);
        },
        Check::Quota,
        "AWS Control Tower",
        "Service Quotas",
    ),
    (
        "fewer operations than AWS Control Tower works on",
        |facts| {
            management(facts).most_operations = Some(12);
        },
        Check::Quota,
        "AWS Control Tower",
        "write 10 into the platform document",
    ),
    (
        "an instance that is nearly full of permission sets",
        |facts| {
            management(facts).permission_sets.count = Some(1_800);
        },
        Check::Quota,
        "IAM Identity Center",
        "Service Quotas",
    ),
    (
        "more permission sets than an account may have",
        |facts| {
            management(facts).permission_sets.most_of_account = Some(1);
        },
        Check::Quota,
        "IAM Identity Center",
        "Service Quotas",
    ),
    (
        "a service that the organization does not trust",
        |facts| {
            management(facts).trusted_services = Some(BTreeSet::new());
        },
        Check::Organization,
        "account.amazonaws.com",
        "enable-aws-service-access",
    ),
    (
        "a landing zone that has drifted",
        |facts| {
            management(facts).towers.as_mut().unwrap()[0].drift = "DRIFTED".to_owned();
        },
        Check::Organization,
        "AWS Control Tower",
        "reset",
    ),
    (
        "no AWS Control Tower in its region",
        |facts| {
            management(facts).towers = Some(Vec::new());
        },
        Check::Organization,
        "AWS Control Tower",
        "controlTower.region",
    ),
    (
        "another instance of IAM Identity Center",
        |facts| {
            management(facts).instances.as_mut().unwrap()[0].identity_store =
                "d-11672bd4a1".to_owned();
        },
        Check::Organization,
        "IAM Identity Center",
        "list-instances",
    ),
    (
        "an instance under a key that the roles may not use",
        |facts| {
            management(facts).instance_key = Some(KEY.to_owned());
        },
        Check::Parameter,
        "IAM Identity Center",
        "IdentityCenterKeyArn=arn:aws:kms:eu-central-1:407162839405:key/",
    ),
    (
        "an instance under another key than the roles may use",
        |facts| {
            give(
                &mut management(facts).account,
                "IdentityCenterKeyArn",
                "another",
            );
            management(facts).instance_key = Some(KEY.to_owned());
        },
        Check::Parameter,
        "IAM Identity Center",
        "deploy templates/vending-roles.yaml",
    ),
    (
        "an audit account that nobody protects",
        |facts| {
            let problem = Problem::new("ProtectedAccountIds", "must name account 407162839409");
            let found = Found {
                file: "templates".to_owned(),
                problem,
            };
            management(facts).unprotected.push(found);
        },
        Check::Protection,
        "ProtectedAccountIds",
        "template.yaml",
    ),
];
