//! The faults that are planted, one at a time.
//! Each with the check that finds it, and with words of its place and of its remedy.

use std::collections::BTreeMap;

use avm_aws::installation::{Asked, Drifted, StackSet};
use serde_json::json;

use super::sound::{answer, close, functions, give, management, write};
use crate::doctor::facts::{Facts, Functions};
use crate::doctor::finding::Check;

/// What is done to a sound installation.
pub type Plant = fn(&mut Facts);

/// A fault; its check, what its place and its remedy hold.
pub type Fault = (&'static str, Plant, Check, &'static str, &'static str);

/// Those of the installation itself; of its surroundings see `faults_around`.
pub const FAULTS: &[Fault] = &[
    (
        "no platform document",
        |facts| {
            facts.documents.as_mut().unwrap().remove(0);
        },
        Check::Document,
        "/avm/platform",
        "avm config deploy",
    ),
    (
        "a document that cannot be read",
        |facts| {
            write(facts, "sandbox", "/downgrade", json!("mighty"));
            write(facts, "platform", "/landingZoneTag", json!(null));
        },
        Check::Document,
        "/avm/landing-zones/sandbox",
        "avm config deploy",
    ),
    (
        "metadata from a host that the template does not allow",
        |facts| {
            give(&mut facts.automation, "SamlMetadataHosts", "elsewhere.io");
        },
        Check::Document,
        "/avm/platform",
        "avm config deploy",
    ),
    (
        "an address of an example",
        |facts| {
            write(
                facts,
                "platform",
                "/accountEmailPattern",
                json!("aws+%s@example.com"),
            );
        },
        Check::Placeholder,
        "/avm/platform",
        "avm config deploy",
    ),
    (
        "protected accounts that only one template knows",
        |facts| {
            give(
                &mut management(facts).account,
                "ProtectedAccountIds",
                "407162839407",
            );
        },
        Check::Parameter,
        "ProtectedAccountIds",
        "ProtectedAccountIds",
    ),
    (
        "another access role",
        |facts| {
            write(
                facts,
                "platform",
                "/accountAccessRole",
                json!("AnotherRole"),
            );
        },
        Check::Parameter,
        "/avm/platform",
        "AccountAccessRoleName=AnotherRole",
    ),
    (
        "a product of the Account Factory that the role may not provision",
        |facts| {
            write(
                facts,
                "platform",
                "/controlTower/accountFactoryProductId",
                json!("prod-9zk2w0q7abcd4"),
            );
        },
        Check::Parameter,
        "landing zone production",
        "AccountFactoryProductId=prod-9zk2w0q7abcd4",
    ),
    (
        "an alias that nobody may set",
        |facts| {
            give(
                &mut management(facts).account,
                "SetsAccountAliases",
                "false",
            );
        },
        Check::Parameter,
        "landing zone production",
        "SetsAccountAliases=true",
    ),
    (
        "a StackSet that the functions may not roll out",
        |facts| {
            give(
                &mut facts.automation,
                "LandingZoneStackSetNamePattern",
                "other-*",
            );
            write(facts, "sandbox", "/stackSets", json!([]));
        },
        Check::Parameter,
        "landing zone production",
        "templates/automation.yaml",
    ),
    (
        "SAML metadata that nobody pins",
        |facts| {
            give(&mut facts.automation, "SamlCertificateFingerprints", "");
        },
        Check::Parameter,
        "/avm/platform",
        "SamlCertificateFingerprints",
    ),
    (
        "a stack that could not be rolled back",
        |facts| {
            let stacks = facts.automation.stacks.as_mut().unwrap();
            stacks.get_mut("avm").unwrap().status = "UPDATE_ROLLBACK_FAILED".to_owned();
        },
        Check::Stack,
        "avm",
        "continue-update-rollback",
    ),
    (
        "no stack of the roles",
        |facts| {
            management(facts).account.stacks = Some(BTreeMap::new());
        },
        Check::Stack,
        "avm-vending-roles",
        "templates/vending-roles.yaml",
    ),
    (
        "a role that was changed by hand",
        |facts| {
            let drifted = Drifted {
                resource: "AVMAccountsRole".to_owned(),
                status: "MODIFIED".to_owned(),
            };
            management(facts)
                .account
                .drifted
                .push(("avm-vending-roles".to_owned(), drifted));
        },
        Check::Drift,
        "avm-vending-roles",
        "describe-stack-resource-drifts",
    ),
    (
        "functions of another version",
        |facts| {
            functions(facts)[1].version = Some("0.0.1".to_owned());
        },
        Check::Version,
        "avm-place-account",
        "deploy template.yaml",
    ),
    (
        "an earlier version without a doctor",
        |facts| {
            facts.functions = Functions::NoMachine;
        },
        Check::Version,
        "avm-doctor",
        "deploy template.yaml",
    ),
    (
        "a function that does not answer",
        |facts| {
            let silent = Asked {
                version: None,
                error: Some("Lambda.ResourceNotFoundException".to_owned()),
                ..answer("avm-enroll", &[])
            };
            functions(facts).push(silent);
        },
        Check::Function,
        "avm-enroll",
        "/aws/lambda/avm",
    ),
    (
        "a role that lets one function in no more",
        |facts| {
            close(facts, "avm-place-account", "AVMPlacementRole");
        },
        Check::Trust,
        "AVMPlacementRole",
        "templates/vending-roles.yaml",
    ),
    (
        "roles with another ExternalId",
        |facts| {
            close(facts, "", "");
        },
        Check::Trust,
        "every role",
        "avm/external-id/machine",
    ),
    (
        "a user that was made anew",
        |facts| {
            facts
                .automation
                .gone
                .push(("MeshfedAutomationRole".to_owned(), "AIDAEXAMPLE".to_owned()));
        },
        Check::Principal,
        "MeshfedAutomationRole",
        "again",
    ),
    (
        "no secret of meshStack's ExternalId",
        |facts| {
            facts
                .missing_secrets
                .push("avm/external-id/meshstack".to_owned());
        },
        Check::Secret,
        "avm/external-id/meshstack",
        "templates/external-ids.yaml",
    ),
    (
        "no StackSet",
        |facts| {
            facts.stack_sets.insert("avm-landing-zone".to_owned(), None);
        },
        Check::StackSet,
        "avm-landing-zone",
        "templates/landing-zone.yaml",
    ),
    (
        "a StackSet that has not come everywhere",
        |facts| {
            let behind = StackSet {
                failed: 3,
                instances: 500,
            };
            facts
                .stack_sets
                .insert("avm-landing-zone".to_owned(), Some(behind));
        },
        Check::StackSet,
        "avm-landing-zone",
        "DETAILED_STATUS",
    ),
    (
        "a StackSet that is nearly full",
        |facts| {
            facts.most_instances = Some(500);
        },
        Check::StackSet,
        "avm-landing-zone",
        "Service Quotas",
    ),
    (
        "a region that the automation account has not opted into",
        |facts| {
            facts
                .automation
                .regions
                .as_mut()
                .unwrap()
                .remove(&"eu-south-1".parse().unwrap());
        },
        Check::Region,
        "eu-south-1",
        "aws account enable-region --region-name eu-south-1",
    ),
    (
        "a region that the management account has not opted into",
        |facts| {
            let regions = &mut management(facts).account.regions;
            regions
                .as_mut()
                .unwrap()
                .remove(&"eu-central-1".parse().unwrap());
        },
        Check::Region,
        "eu-central-1",
        "as the management account",
    ),
    (
        "a new account's concurrency",
        |facts| {
            facts.concurrency = Some(10);
        },
        Check::Quota,
        "Lambda",
        "Concurrent executions",
    ),
    (
        "a topic that tells nobody",
        |facts| {
            facts.subscribers = Some(0);
        },
        Check::Notice,
        "avm-failures",
        "aws sns subscribe",
    ),
    (
        "a key of meshStack's user that is too old",
        |facts| {
            facts.meshcloud.as_mut().unwrap().keys[0].1 = 91;
        },
        Check::Key,
        "meshfed-service-user",
        "aws iam create-access-key",
    ),
    (
        "a stack of meshStack's users that has failed",
        |facts| {
            let account = &mut facts.meshcloud.as_mut().unwrap().account;
            let stack = account.stacks.as_mut().unwrap().get_mut("avm-meshcloud");
            stack.unwrap().status = "UPDATE_ROLLBACK_FAILED".to_owned();
        },
        Check::Stack,
        "avm-meshcloud",
        "continue-update-rollback",
    ),
];
