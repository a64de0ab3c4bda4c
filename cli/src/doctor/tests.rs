//! Faults, planted one at a time in a sound installation: each is found, alone, with its remedy; a sound one has no findings.

use std::collections::{BTreeMap, BTreeSet};

use avm_aws::installation::{Asked, Drifted, Instance, Stack, StackSet, Tower, Trial};
use avm_core::config::Problem;
use avm_documents::{File, Found, Kind};
use serde_json::{Value, json};

use super::checks::findings;
use super::facts::{Account, Facts, Functions, Management};
use super::finding::{Check, Finding};

/// The shipped documents, as somebody has made them their own.
fn own(text: &str) -> String {
    let changes = [
        ("example.com", "company.io"),
        ("example-%s", "company-%s"),
        ("prod-abcd1234efgh5", "prod-7xk2w0q7abcd4"),
        ("ssoins-1111222233334444", "ssoins-69873cf59aa0c5d1"),
        ("ps-aaaa111122223333", "ps-0d2f1bd41e2c9a73"),
        ("d-1234567890", "d-99672bd4a1"),
        ("111111111111", "407162839405"),
        ("1234567", "4711081"),
        ("7654321", "4711082"),
    ];
    let changes = changes.into_iter();
    changes.fold(text.to_owned(), |text, (old, new)| text.replace(old, new))
}

fn documents() -> Vec<File> {
    let zone = |name: &str| Kind::LandingZone(Ok(name.parse().unwrap()));
    let file = |path: &str, kind: Kind, text: &str| File {
        path: path.into(),
        kind,
        text: own(text),
    };
    let platform = include_str!("../../../configuration/platform.json");
    let production = include_str!("../../../configuration/landing-zones/production.json");
    let sandbox = include_str!("../../../configuration/landing-zones/sandbox.json");
    vec![
        file("/avm/platform", Kind::Platform, platform),
        file(
            "/avm/landing-zones/production",
            zone("production"),
            production,
        ),
        file("/avm/landing-zones/sandbox", zone("sandbox"), sandbox),
    ]
}

fn stack(parameters: &[(&str, &str)]) -> Stack {
    let parameters = parameters.iter();
    Stack {
        status: "UPDATE_COMPLETE".to_owned(),
        parameters: parameters
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        ..Stack::default()
    }
}

const SAME: [(&str, &str); 6] = [
    ("AccountAccessRoleName", "MeshstackAccountAccessRole"),
    ("ElevatesAccessRoles", "true"),
    ("MeshcloudAccountId", "407162839401"),
    ("Metering", "true"),
    ("ProtectedAccountIds", "407162839407,407162839408"),
    ("SetsBudgets", "true"),
];

fn stacks(name: &str, parameters: &[(&str, &str)]) -> BTreeMap<String, Stack> {
    let all: Vec<(&str, &str)> = SAME.into_iter().chain(parameters.iter().copied()).collect();
    BTreeMap::from([(name.to_owned(), stack(&all))])
}

fn account(stacks: BTreeMap<String, Stack>) -> Account {
    let regions = ["eu-central-1", "eu-south-1", "us-east-1"];
    Account {
        region: "eu-central-1".to_owned(),
        stacks: Some(stacks),
        regions: Some(
            regions
                .iter()
                .map(|region| region.parse().unwrap())
                .collect(),
        ),
        ..Account::default()
    }
}

fn answer(function: &str, roles: &[&str]) -> Asked {
    let roles = roles.iter();
    Asked {
        function: function.to_owned(),
        version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        trusts: roles
            .map(|role| Trial {
                role: format!("arn:aws:iam::407162839405:role/{role}")
                    .parse()
                    .unwrap(),
                error: None,
                cause: None,
            })
            .collect(),
        error: None,
        cause: None,
    }
}

fn sound() -> Facts {
    let machine = [
        ("LandingZoneStackSetNamePattern", "avm-*"),
        ("SamlMetadataHosts", "idp.company.io"),
        ("SamlEntityId", "https://idp.company.io/auth/realms/meshfed"),
        ("SamlCertificateFingerprints", "00"),
    ];
    let roles = [
        (
            "SsoInstanceArn",
            "arn:aws:sso:::instance/ssoins-69873cf59aa0c5d1",
        ),
        ("IdentityStoreId", "d-99672bd4a1"),
        ("EnrollsWithControlTower", "true"),
        ("AccountFactoryProductId", "prod-7xk2w0q7abcd4"),
        ("DeploysAccessStacks", "true"),
        ("SetsAccountAliases", "true"),
        ("RemovesDefaultVpcs", "true"),
        ("SetsUpIdentityProviders", "true"),
    ];
    let tower = Tower {
        status: "ACTIVE".to_owned(),
        drift: "IN_SYNC".to_owned(),
    };
    let instance = Instance {
        arn: "arn:aws:sso:::instance/ssoins-69873cf59aa0c5d1".to_owned(),
        identity_store: "d-99672bd4a1".to_owned(),
    };
    let stack_set = StackSet {
        failed: 0,
        instances: 500,
    };
    Facts {
        documents: Some(documents()),
        allows_examples: false,
        stack: "avm".to_owned(),
        automation: account(stacks("avm", &machine)),
        missing_secrets: Vec::new(),
        concurrency: Some(1000),
        most_instances: Some(100_000),
        subscribers: Some(1),
        functions: Functions::Asked(vec![
            answer(
                "avm-create-account",
                &["AVMAccountsRole", "AVMMemberAccessRole"],
            ),
            answer("avm-place-account", &["AVMPlacementRole"]),
            answer("avm-account-alias", &["AVMMemberAccessRole"]),
        ]),
        stack_sets: BTreeMap::from([("avm-landing-zone".to_owned(), Some(stack_set))]),
        management: Some(Management {
            account: account(stacks("avm-vending-roles", &roles)),
            stack: "avm-vending-roles".to_owned(),
            accounts: Some(40),
            most_accounts: Some(100),
            trusted_services: Some(BTreeSet::from(["account.amazonaws.com".to_owned()])),
            towers: Some(vec![tower]),
            most_operations: Some(5),
            instances: Some(vec![instance]),
            unprotected: Vec::new(),
        }),
    }
}

/// The facts with something else in a document.
fn write(facts: &mut Facts, path: &str, pointer: &str, value: Value) {
    let documents = facts.documents.as_mut().unwrap();
    let file = documents
        .iter_mut()
        .find(|file| file.path.ends_with(path))
        .unwrap();
    let mut document: Value = serde_json::from_str(&file.text).unwrap();
    *document.pointer_mut(pointer).unwrap() = value;
    file.text = document.to_string();
}

fn give(account: &mut Account, name: &str, value: &str) {
    let stacks = account.stacks.as_mut().unwrap().values_mut();
    for stack in stacks {
        stack.parameters.insert(name.to_owned(), value.to_owned());
    }
}

fn functions(facts: &mut Facts) -> &mut Vec<Asked> {
    match &mut facts.functions {
        Functions::Asked(asked) => asked,
        other => panic!("{other:?}"),
    }
}

fn close(facts: &mut Facts, of: &str, role: &str) {
    let asked = functions(facts)
        .iter_mut()
        .filter(|one| one.function.ends_with(of));
    let trials = asked.flat_map(|one| &mut one.trusts);
    for trial in trials.filter(|trial| trial.role.as_str().ends_with(role)) {
        trial.error = Some("AccessDenied".to_owned());
        trial.cause = Some("could not assume the role".to_owned());
    }
}

fn management(facts: &mut Facts) -> &mut Management {
    facts.management.as_mut().unwrap()
}

type Plant = fn(&mut Facts);

/// A fault; its check, what its place and its remedy hold.
const FAULTS: &[(&str, Plant, Check, &str, &str)] = &[
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
        "a topic that tells nobody",
        |facts| {
            facts.subscribers = Some(0);
        },
        Check::Notice,
        "avm-failures",
        "aws sns subscribe",
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

#[test]
fn in_a_sound_installation_nothing_is_found() {
    assert_eq!(findings(&sound()), []);
    let unseen = Facts {
        management: None,
        ..sound()
    };
    assert_eq!(findings(&unseen), []);
}

#[test]
fn each_planted_fault_is_found_alone_with_its_remedy() {
    assert!(FAULTS.len() >= 20);
    for (fault, plant, check, place, remedy) in FAULTS {
        let mut facts = sound();
        plant(&mut facts);
        let found = findings(&facts);
        let [
            Finding {
                check: is,
                place: at,
                remedy: with,
                ..
            },
        ] = &found[..]
        else {
            panic!("{fault}: {found:#?}");
        };
        assert_eq!(is, check, "{fault}");
        assert!(at.contains(place), "{fault}: {at}");
        assert!(with.contains(remedy), "{fault}: {with}");
    }
}

#[test]
fn a_role_that_no_landing_zone_needs_may_be_closed() {
    let mut facts = sound();
    close(&mut facts, "avm-account-alias", "AVMMemberAccessRole");
    assert_eq!(findings(&facts).len(), 1);
    write(&mut facts, "production", "/accountAlias", json!(false));
    assert_eq!(findings(&facts), []);
}

#[test]
fn what_was_not_looked_at_is_no_fault_by_itself() {
    let facts = Facts {
        documents: None,
        concurrency: None,
        subscribers: None,
        functions: Functions::Unknown,
        stack_sets: BTreeMap::new(),
        automation: Account::default(),
        management: Some(Management::default()),
        ..sound()
    };
    assert_eq!(findings(&facts), []);
}
