//! A sound installation: the shipped documents as somebody has made them their own, and what two accounts then show.
//! And ways to change one thing in it.

use std::collections::{BTreeMap, BTreeSet};

use avm_aws::installation::{Asked, Instance, Stack, StackSet, Tower, Trial};
use avm_documents::{File, Kind};
use serde_json::Value;

use crate::doctor::facts::{Account, Facts, Functions, Management, Meshcloud, PermissionSets};

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
    let platform = include_str!("../../../../configuration/platform.json");
    let production = include_str!("../../../../configuration/landing-zones/production.json");
    let sandbox = include_str!("../../../../configuration/landing-zones/sandbox.json");
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

const SAME: [(&str, &str); 7] = [
    ("AccountAccessRoleName", "MeshstackAccountAccessRole"),
    ("ElevatesAccessRoles", "true"),
    ("MachineName", ""),
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

pub fn answer(function: &str, roles: &[&str]) -> Asked {
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

pub fn sound() -> Facts {
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
            instance_key: None,
            permission_sets: PermissionSets {
                count: Some(40),
                most: Some(2_000),
                most_of_account: Some(50),
            },
            unprotected: Vec::new(),
        }),
        meshcloud: Some(Meshcloud {
            account: account(stacks("avm-meshcloud", &[])),
            keys: vec![("meshfed-service-user".to_owned(), 90)],
        }),
    }
}

/// The facts with something else in a document.
pub fn write(facts: &mut Facts, path: &str, pointer: &str, value: Value) {
    change(facts, path, |document| {
        *document.pointer_mut(pointer).unwrap() = value;
    });
}

/// The facts with a setting in a document that has none.
pub fn add(facts: &mut Facts, path: &str, setting: &str, value: Value) {
    change(facts, path, |document| document[setting] = value);
}

fn change(facts: &mut Facts, path: &str, how: impl FnOnce(&mut Value)) {
    let documents = facts.documents.as_mut().unwrap();
    let mut files = documents.iter_mut();
    let file = files.find(|file| file.path.ends_with(path)).unwrap();
    let mut document: Value = serde_json::from_str(&file.text).unwrap();
    how(&mut document);
    file.text = document.to_string();
}

pub fn give(account: &mut Account, name: &str, value: &str) {
    let stacks = account.stacks.as_mut().unwrap().values_mut();
    for stack in stacks {
        stack.parameters.insert(name.to_owned(), value.to_owned());
    }
}

pub fn functions(facts: &mut Facts) -> &mut Vec<Asked> {
    match &mut facts.functions {
        Functions::Asked(asked) => asked,
        other => panic!("{other:?}"),
    }
}

pub fn close(facts: &mut Facts, of: &str, role: &str) {
    let asked = functions(facts)
        .iter_mut()
        .filter(|one| one.function.ends_with(of));
    let trials = asked.flat_map(|one| &mut one.trusts);
    for trial in trials.filter(|trial| trial.role.as_str().ends_with(role)) {
        trial.error = Some("AccessDenied".to_owned());
        trial.cause = Some("could not assume the role".to_owned());
    }
}

pub fn management(facts: &mut Facts) -> &mut Management {
    facts.management.as_mut().unwrap()
}
