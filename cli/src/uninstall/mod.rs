//! `avm uninstall`: what is taken away, in which order, and what stays; with `--apply` it is done, step by step.
//! Vended accounts stay as they are. Run again, it goes on where it ended.

use std::collections::BTreeMap;

use avm_aws::SdkConfig;
use avm_aws::documents::ParameterStore;
use avm_aws::executions::StepFunctions;
use avm_aws::installation::{Installation, Stack, VENDING_ROLES};
use avm_core::domain::{AccountId, StateMachineArn};
use avm_core::error::Failure;
use avm_core::ports::documents::DocumentStore;
use avm_core::ports::executions::RunningVends;
use clap::Args;

use crate::answer::Answer;
use crate::ask;
use crate::exit::Stop;
use crate::options::{Options as Common, Output};
use crate::{Outcome, session};

/// As docs/OPERATION.md and templates/README.md name them.
const LANDING_ZONE: &str = "avm-landing-zone";
const DOCUMENTS: &str = "/avm";

/// What stays, and why.
const STAYS: [(&str, &str); 7] = [
    (
        "vended accounts",
        "as they are, with their roles, budgets and tags; the roles trust functions that are gone then",
    ),
    (
        "StackSet avm-landing-zone",
        "its template retains it with its instances: without them the accounts would lose their roles",
    ),
    (
        "stack avm-guard-rails, if there is one",
        "it keeps the roles in the accounts from their administrators: delete it when these roles are to go",
    ),
    (
        "bucket of the reports",
        "its template retains it: a bill is asked about for years (parameter /avm/metering/bucket)",
    ),
    (
        "secrets avm/external-id/*",
        "meshStack's roles trust with two of them; `aws secretsmanager delete-secret` when nothing does",
    ),
    (
        "stacks avm-external-ids, avm-automation, avm-management, avm-meshcloud, avm-package",
        "they are meshStack's, which may go on without the machine; the last has the bucket of what was deployed",
    ),
    (
        "AWS Organizations, AWS Control Tower, IAM Identity Center",
        "units, enrollments, groups and assignments are left alone",
    ),
];

/// What is taken away.
#[derive(Args, Clone, Debug)]
pub struct Options {
    /// The profile of the management account
    #[arg(long, value_name = "NAME")]
    management_profile: String,
    /// The stack of template.yaml
    #[arg(long, value_name = "NAME", default_value = "avm")]
    stack: String,
    /// The stack of templates/vending-roles.yaml; without, as avm bootstrap calls that of this machine
    #[arg(long, value_name = "NAME")]
    vending_roles_stack: Option<String>,
    /// Take it away; without this, only show what would be
    #[arg(long)]
    apply: bool,
    /// Do not ask for the name of the stack; without a terminal nobody can be asked
    #[arg(long, short, requires = "apply")]
    yes: bool,
    #[command(flatten)]
    pub output: Output,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Removal {
    Stack { of: Whose, name: String },
    Parameters(Vec<String>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose {
    Management,
    Automation,
}

/// The stacks of one account, by name.
type Stacks = BTreeMap<String, Stack>;

/// What is there.
struct Found {
    /// The automation account.
    account: AccountId,
    management: Stacks,
    automation: Stacks,
    parameters: Vec<String>,
    /// The names of the vends that run.
    running: Vec<String>,
}

/// First nobody may do anything in the organization, then the machine goes, then what it would vend.
fn plan(wanted: &Options, found: &Found) -> Vec<Removal> {
    let machine = found.automation.get(&wanted.stack).map(Stack::machine_name);
    let roles = machine.unwrap_or_default().stack(VENDING_ROLES);
    let of_management = [wanted.vending_roles_stack.as_deref().unwrap_or(&roles)].into_iter();
    let of_automation = [wanted.stack.as_str(), LANDING_ZONE].into_iter();
    let of = |of: Whose, stacks: &Stacks, name: &str| {
        let name = name.to_owned();
        stacks
            .contains_key(&name)
            .then_some(Removal::Stack { of, name })
    };
    let mut removals: Vec<Removal> = of_management
        .filter_map(|name| of(Whose::Management, &found.management, name))
        .chain(of_automation.filter_map(|name| of(Whose::Automation, &found.automation, name)))
        .collect();
    if !found.parameters.is_empty() {
        removals.push(Removal::Parameters(found.parameters.clone()));
    }
    removals
}

/// Why nothing may be taken away now.
fn refusal(removals: &[Removal], found: &Found) -> Option<String> {
    if let Some(first) = found.running.first() {
        let number = found.running.len();
        return Some(format!(
            "{number} vends run, such as {first}: nothing is taken away meanwhile. Remedy: let them end, or stop them, and keep \
             meshStack from calling"
        ));
    }
    if let Some(reason) = removals
        .iter()
        .find_map(|removal| removal.is_anothers(found))
    {
        return Some(reason);
    }
    let is_protected = |removal: &&Removal| match removal {
        Removal::Stack { of, name } => {
            let stacks = match of {
                Whose::Management => &found.management,
                Whose::Automation => &found.automation,
            };
            stacks.get(name).is_some_and(|stack| stack.is_protected)
        }
        Removal::Parameters(_) => false,
    };
    removals.iter().find(is_protected).map(|removal| {
        format!(
            "{}: its deletion is not allowed. Remedy: `aws cloudformation update-termination-protection \
             --no-enable-termination-protection`",
            removal.words()
        )
    })
}

impl Removal {
    /// Why it is not this machine's: roles that let another automation account in.
    fn is_anothers(&self, found: &Found) -> Option<String> {
        let Self::Stack {
            of: Whose::Management,
            name,
        } = self
        else {
            return None;
        };
        let of = found
            .management
            .get(name)?
            .parameters
            .get("AutomationAccountId")?;
        (of != found.account.as_str()).then(|| {
            format!(
                "{} is of the machine in account {of}. Remedy: name this machine's (--vending-roles-stack), which may have its \
                 name at the end",
                self.words()
            )
        })
    }

    fn words(&self) -> String {
        match self {
            Self::Stack { of, name } => format!("stack {name} of the {} account", of.as_str()),
            Self::Parameters(names) => format!("parameters {}", names.join(", ")),
        }
    }

    fn tell(&self, done: bool, answer: &mut Answer) {
        let what = if done { "removed" } else { "would be removed" };
        tell(what, &self.words(), "", answer);
    }
}

impl Whose {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Management => "management",
            Self::Automation => "automation",
        }
    }
}

/// Shows the plan, or does it.
///
/// # Errors
/// Vends run, or a stack is protected; nobody has typed the name; AWS refuses, or a stack cannot be deleted.
pub async fn run(wanted: Options, common: &Common, answer: &mut Answer) -> Result<Outcome, Stop> {
    let answer = answer.like(wanted.output);
    let own = session::configuration(common).await?;
    let other = session::configuration_of(wanted.management_profile.clone(), common).await?;
    let automation = Installation::of(own.clone(), session::region(&own)?);
    let management = Installation::of(other.clone(), session::region(&other)?);
    let found = look(&own, &automation, &management, &wanted.stack).await?;
    let removals = plan(&wanted, &found);
    if !wanted.apply {
        for removal in &removals {
            removal.tell(false, answer);
        }
        stays(answer);
        let then = "nothing was removed; --apply removes it";
        answer.note(refusal(&removals, &found).unwrap_or_else(|| then.to_owned()));
        return Ok(Outcome::Done);
    }
    if let Some(reason) = refusal(&removals, &found) {
        return Err(Stop::Usage(reason));
    }
    let details: Vec<String> = removals.iter().map(Removal::words).collect();
    if !removals.is_empty()
        && !wanted.yes
        && !ask::by_name("Remove this for good?", &wanted.stack, &details)?
    {
        answer.note("nothing was removed");
        return Ok(Outcome::Declined);
    }
    for removal in &removals {
        match removal {
            Removal::Stack { of, name } => {
                let account = match of {
                    Whose::Management => &management,
                    Whose::Automation => &automation,
                };
                account.delete_stack(name).await?;
            }
            Removal::Parameters(names) => automation.delete_parameters(names).await?,
        }
        removal.tell(true, answer);
    }
    stays(answer);
    Ok(Outcome::Done)
}

async fn look(
    own: &SdkConfig,
    automation: &Installation,
    management: &Installation,
    stack: &str,
) -> Result<Found, Failure> {
    let stacks = automation.stacks().await?;
    let machine = stacks
        .get(stack)
        .and_then(|stack| stack.outputs.get("StateMachineArn"));
    let machine = machine.and_then(|arn| arn.parse::<StateMachineArn>().ok());
    let running = match machine {
        Some(machine) => StepFunctions::new(own, machine).list_running().await?,
        None => Vec::new(),
    };
    let documents = ParameterStore::new(own).list_documents(DOCUMENTS).await?;
    Ok(Found {
        account: automation.account().await?,
        management: management.stacks().await?,
        automation: stacks,
        parameters: documents.into_keys().collect(),
        running: running.into_iter().map(|vend| vend.name).collect(),
    })
}

fn stays(answer: &mut Answer) {
    for (what, why) in STAYS {
        tell("stays", what, why, answer);
    }
}

fn tell(done: &'static str, what: &str, why: &str, answer: &mut Answer) {
    let because = if why.is_empty() {
        String::new()
    } else {
        format!(": {why}")
    };
    answer.add(
        format!("{what}: {done}{because}"),
        [
            ("what", what.to_owned()),
            ("is", done.to_owned()),
            ("why", why.to_owned()),
        ],
    );
}

#[cfg(test)]
mod tests;
