//! What is known of an installation before it is judged: plain data, so that a fault can be planted in a test.
//! What could not be looked at is absent, and told apart.

use std::collections::{BTreeMap, BTreeSet};

use avm_aws::installation::{Asked, Drifted, Instance, Stack, StackSet, Tower};
use avm_core::config::{LandingZone, Platform, check_document};
use avm_core::domain::Region;
use avm_documents::{File, Found, Kind};

/// What was looked at; absent: it could not be.
pub type Looked<Known> = Option<Known>;

/// The installation.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The deployed documents.
    pub documents: Looked<Vec<File>>,
    pub allows_examples: bool,
    /// The name of the stack of `template.yaml`.
    pub stack: String,
    pub automation: Account,
    pub missing_secrets: Vec<String>,
    /// How many functions may run at once.
    pub concurrency: Looked<u64>,
    /// How many stack instances a StackSet may have.
    pub most_instances: Looked<u64>,
    /// Who is told of failures.
    pub subscribers: Looked<usize>,
    pub functions: Functions,
    /// The StackSets that landing zones name; absent ones do not exist.
    pub stack_sets: BTreeMap<String, Option<StackSet>>,
    /// None: nobody is signed in there.
    pub management: Option<Management>,
    /// None: nobody is signed in there.
    pub meshcloud: Option<Meshcloud>,
}

/// The meshcloud account.
#[derive(Clone, Debug, Default)]
pub struct Meshcloud {
    pub account: Account,
    /// Users, each with the age of an access key in days.
    pub keys: Vec<(String, u64)>,
}

/// What the functions have answered.
#[derive(Clone, Debug)]
pub enum Functions {
    /// They could not be asked.
    Unknown,
    /// There is no state machine that would ask them.
    NoMachine,
    Asked(Vec<Asked>),
}

/// One account.
#[derive(Clone, Debug, Default)]
pub struct Account {
    pub region: String,
    pub stacks: Looked<BTreeMap<String, Stack>>,
    /// By stack.
    pub drifted: Vec<(String, Drifted)>,
    pub regions: Looked<BTreeSet<Region>>,
    /// Roles, each with somebody whom it trusts and who is gone.
    pub gone: Vec<(String, String)>,
}

/// The management account.
#[derive(Clone, Debug, Default)]
pub struct Management {
    pub account: Account,
    /// The name of the stack of `templates/vending-roles.yaml`.
    pub stack: String,
    /// How many accounts there are.
    pub accounts: Looked<u64>,
    /// How many there may be.
    pub most_accounts: Looked<u64>,
    pub trusted_services: Looked<BTreeSet<String>>,
    /// At most one.
    pub towers: Looked<Vec<Tower>>,
    /// How many account operations AWS Control Tower works on at a time.
    pub most_operations: Looked<u64>,
    pub instances: Looked<Vec<Instance>>,
    /// The ARN of the customer's own key under which the platform's instance encrypts; absent: it is AWS's, or it could not be
    /// looked at.
    pub instance_key: Option<String>,
    pub permission_sets: PermissionSets,
    /// What `config check` finds of the organization.
    pub unprotected: Vec<Found>,
}

/// Permission sets of IAM Identity Center.
#[derive(Clone, Debug, Default)]
pub struct PermissionSets {
    /// How many there are.
    pub count: Looked<u64>,
    /// How many there may be.
    pub most: Looked<u64>,
    /// How many an account may have.
    pub most_of_account: Looked<u64>,
}

impl Facts {
    /// The platform document, if it can be read.
    pub fn platform(&self) -> Option<Platform> {
        let documents = self.documents.as_ref()?;
        let mut platforms = documents.iter().filter(|file| file.kind == Kind::Platform);
        platforms.find_map(|file| check_document(&file.text).ok())
    }

    /// The landing zones that can be read, by name.
    pub fn landing_zones(&self) -> Vec<(String, LandingZone)> {
        let documents = self.documents.iter().flatten();
        documents
            .filter_map(|file| match &file.kind {
                Kind::LandingZone(Ok(name)) => {
                    Some((name.to_string(), check_document(&file.text).ok()?))
                }
                _ => None,
            })
            .collect()
    }

    /// The stack of `template.yaml`, if it was found.
    pub fn machine(&self) -> Option<&Stack> {
        self.automation.stacks.as_ref()?.get(&self.stack)
    }

    /// The stack of `templates/vending-roles.yaml`, if it was found.
    pub fn vending_roles(&self) -> Option<&Stack> {
        let management = self.management.as_ref()?;
        let stacks = management.account.stacks.as_ref()?;
        stacks.get(&management.stack)
    }
}
