//! What is deployed where, in which order, and with which parameters: docs/DEPLOY.md, steps 3 to 6.
//! What is there decides whether a value is given: a stack keeps what nobody names.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use avm_aws::external_id::ExternalId;
use avm_aws::installation::{ParameterValue, Stack, VENDING_ROLES};
use avm_core::domain::{AccountId, MachineName};

/// One of the three accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Whose {
    Automation,
    Management,
    Meshcloud,
}

impl Whose {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Automation => "automation",
            Self::Management => "management",
            Self::Meshcloud => "meshcloud",
        }
    }
}

/// A stack of the installation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deployment {
    pub of: Whose,
    pub stack: &'static str,
    /// By its path in the package.
    pub template: &'static str,
    parameters: &'static [(&'static str, Source)],
}

impl Deployment {
    /// The name of the stack, which in the management account is a further machine's own.
    pub fn name(&self, machine: &MachineName) -> String {
        match self.of {
            Whose::Automation => self.stack.to_owned(),
            Whose::Management | Whose::Meshcloud => machine.stack(self.stack),
        }
    }

    /// Whether the first machine's is there for all machines of the organization: meshStack's own user and role.
    pub fn is_shared(&self) -> bool {
        [MESHCLOUD, MANAGEMENT].contains(&self.stack)
    }
}

/// Where the value of a parameter comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Id(Whose),
    Secret(&'static str),
}

pub const EXTERNAL_IDS: &str = "avm-external-ids";
pub const PACKAGE: &str = "avm-package";
pub const MESHCLOUD: &str = "avm-meshcloud";
pub const MACHINE: &str = "avm";
pub const MANAGEMENT: &str = "avm-management";
pub const AUTOMATION: &str = "avm-automation";
/// Who of the meshcloud account meshStack signs in as.
pub const PRINCIPAL: &str = "MeshStackPrincipal";
/// Who of the meshcloud account meshStack's metering signs in as.
pub const COSTS_PRINCIPAL: &str = "CostExplorerPrincipal";
/// The boundary of the roles and users in member accounts.
pub const PERMISSIONS_BOUNDARY: &str = "PermissionsBoundaryName";

const MESHSTACK_SECRET: &str = "avm/external-id/meshstack";
const COSTS_SECRET: &str = "avm/external-id/cost-explorer";
const MACHINE_SECRET: &str = "avm/external-id/machine";
pub const SECRETS: [&str; 3] = [COSTS_SECRET, MACHINE_SECRET, MESHSTACK_SECRET];

/// What a trust is shown with before there is a secret; nothing is ever made with it.
const NOT_YET: &str = "to-be-made";

const MANAGEMENT_ID: (&str, Source) = ("ManagementAccountId", Source::Id(Whose::Management));
const AUTOMATION_ID: (&str, Source) = ("AutomationAccountId", Source::Id(Whose::Automation));
const MESHCLOUD_ID: (&str, Source) = ("MeshcloudAccountId", Source::Id(Whose::Meshcloud));
const OF_MESHSTACK: (&str, Source) = ("MeshStackExternalIds", Source::Secret(MESHSTACK_SECRET));
const OF_COSTS: (&str, Source) = ("CostExplorerExternalIds", Source::Secret(COSTS_SECRET));
const OF_MACHINE: (&str, Source) = ("MachineExternalIds", Source::Secret(MACHINE_SECRET));

/// All stacks, in the order in which they are deployed.
pub const ALL: [Deployment; 8] = [
    Deployment {
        of: Whose::Automation,
        stack: EXTERNAL_IDS,
        template: "templates/external-ids.yaml",
        parameters: &[],
    },
    Deployment {
        of: Whose::Automation,
        stack: PACKAGE,
        template: "templates/package.yaml",
        parameters: &[],
    },
    Deployment {
        of: Whose::Meshcloud,
        stack: MESHCLOUD,
        template: "templates/meshcloud.yaml",
        parameters: &[MANAGEMENT_ID, AUTOMATION_ID, OF_MESHSTACK, OF_COSTS],
    },
    Deployment {
        of: Whose::Management,
        stack: MANAGEMENT,
        template: "templates/management.yaml",
        parameters: &[MESHCLOUD_ID, OF_MESHSTACK, OF_COSTS],
    },
    Deployment {
        of: Whose::Automation,
        stack: AUTOMATION,
        template: "templates/automation.yaml",
        parameters: &[MESHCLOUD_ID, OF_MESHSTACK],
    },
    Deployment {
        of: Whose::Automation,
        stack: MACHINE,
        template: "template.yaml",
        parameters: &[MANAGEMENT_ID, MESHCLOUD_ID],
    },
    Deployment {
        of: Whose::Automation,
        stack: "avm-landing-zone",
        template: "templates/landing-zone.yaml",
        parameters: &[MANAGEMENT_ID],
    },
    Deployment {
        of: Whose::Management,
        stack: VENDING_ROLES,
        template: "templates/vending-roles.yaml",
        parameters: &[AUTOMATION_ID, MESHCLOUD_ID, OF_MACHINE],
    },
];

/// A parameter that the operator names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// For this stack only; none: for each whose template has it.
    pub stack: Option<String>,
    pub key: String,
    pub value: String,
}

impl FromStr for Wish {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const SHAPE: &str = "must be KEY=VALUE or STACK:KEY=VALUE";
        let (name, value) = text.split_once('=').ok_or(SHAPE)?;
        let (stack, key) = match name.split_once(':') {
            Some((stack, key)) => (Some(stack.to_owned()), key),
            None => (None, name),
        };
        if let Some(stack) = &stack
            && ALL.iter().all(|one| one.stack != stack)
        {
            return Err("there is no such stack; docs/DEPLOY.md has their names");
        }
        if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(SHAPE);
        }
        Ok(Self {
            stack,
            key: key.to_owned(),
            value: value.to_owned(),
        })
    }
}

impl Wish {
    pub fn of_stack(&self, stack: &str) -> bool {
        self.stack.as_deref().is_none_or(|name| name == stack)
    }
}

/// What parameters are made of.
pub struct Values<'a> {
    pub accounts: &'a BTreeMap<Whose, AccountId>,
    /// By the names of their secrets.
    pub external_ids: &'a BTreeMap<&'static str, ExternalId>,
    pub wishes: &'a [Wish],
}

/// The parameters of a stack; and whether one of them is not known before another stack is deployed.
pub fn parameters(
    deployment: &Deployment,
    declared: &BTreeSet<&str>,
    there: Option<&Stack>,
    values: &Values,
) -> (BTreeMap<String, ParameterValue>, bool) {
    let mut is_preview = false;
    let mut found = BTreeMap::new();
    for name in declared {
        let wishes = values.wishes.iter().rev();
        let mut wishes = wishes.filter(|wish| wish.of_stack(deployment.stack));
        let wish = wishes.find(|wish| wish.key == *name);
        let has = there.is_some_and(|stack| stack.parameters.contains_key(*name));
        let mut sources = deployment.parameters.iter();
        let source = sources.find(|(key, _)| key == name).map(|(_, of)| *of);
        let value = match (wish, source) {
            (Some(wish), _) => ParameterValue::Given(wish.value.clone()),
            (None, Some(Source::Id(of))) => ParameterValue::Given(values.accounts[&of].to_string()),
            // It may have two, while one replaces the other.
            (None, Some(Source::Secret(secret))) if !has => {
                let known = values.external_ids.get(secret);
                is_preview |= known.is_none();
                let id = known.map_or(NOT_YET, ExternalId::expose);
                ParameterValue::Given(id.to_owned())
            }
            // A package is for one processor, which is its default.
            (None, _) if has && *name != "Architecture" => ParameterValue::Previous,
            (None, _) => continue,
        };
        found.insert((*name).to_owned(), value);
    }
    (found, is_preview)
}

/// A stack that cannot be deployed as it stands.
pub fn refusal(stack: &str, status: &str) -> Option<String> {
    let remedy = match status {
        "ROLLBACK_COMPLETE" | "ROLLBACK_FAILED" | "CREATE_FAILED" | "DELETE_FAILED" => {
            "look at its events, delete it, and run the command again"
        }
        "UPDATE_ROLLBACK_FAILED" => {
            "repair what its events name, `aws cloudformation continue-update-rollback`, and run the command again"
        }
        _ if status.ends_with("_IN_PROGRESS") => "wait until it is done",
        _ => return None,
    };
    Some(format!("stack {stack} is {status}. Remedy: {remedy}"))
}
