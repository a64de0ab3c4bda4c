//! `avm bootstrap`: an installation in three accounts, or its update, from a package: one plan of all stacks, then, when it is
//! wanted, each change set in turn. Run again it changes nothing; run after a failure it goes on.

mod commands;
mod deploy;
mod package;
mod plan;
mod smoke_test;
mod standing;
mod tell;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::PathBuf;

use avm_aws::installation::{Installation, MACHINE_NAME, Stack};
use avm_aws::{SdkConfig, patient_loader};
use avm_core::domain::{MachineName, PermissionsBoundaryName, Region};
use clap::Args;

use self::deploy::{Deployer, Prepared};
use self::package::Template;
use self::plan::{
    ALL, COSTS_PRINCIPAL, Deployment, EXTERNAL_IDS, MACHINE, MANAGEMENT, MESHCLOUD, PACKAGE,
    PERMISSIONS_BOUNDARY, PRINCIPAL, SECRETS, Whose, Wish,
};
use self::smoke_test::SmokeTest;
use self::standing::{Accounts, Standing};
use crate::answer::Answer;
use crate::ask::Consent;
use crate::exit::Stop;
use crate::options::{Options as Common, Output};
use crate::{Outcome, session};

const QUESTION: &str = "Deploy this?";
const QUESTION_WITH_SMOKE_TEST: &str = "Deploy this, and vend the account of the smoke test?";
/// The stack that the SAM CLI makes for what it uploads, and its output.
const OF_SAM: (&str, &str) = ("aws-sam-cli-managed-default", "SourceBucket");

/// What is deployed.
#[derive(Args, Clone, Debug)]
pub struct Options {
    /// The profile of the management account
    #[arg(long, value_name = "NAME")]
    management_profile: String,
    /// The profile of the meshcloud account
    #[arg(long, value_name = "NAME")]
    meshcloud_profile: String,
    /// The folder of the unpacked package, as `make package` writes it
    #[arg(long, value_name = "DIR", default_value = ".")]
    package: PathBuf,
    /// A bucket of the automation account for the functions, in its region; without, the SAM CLI's is taken or one is made
    #[arg(long, value_name = "NAME")]
    bucket: Option<String>,
    /// Who is told of failed vends: FailureNotificationEmail of template.yaml
    #[arg(long, value_name = "ADDRESS")]
    operators: Option<String>,
    /// With workload identity federation, who of the meshcloud account meshStack signs in as; then nobody needs a key
    #[arg(long, value_name = "role/NAME")]
    meshstack_principal: Option<String>,
    /// The same for meshStack's metering, where Metering=true: CostExplorerPrincipal of templates/management.yaml
    #[arg(long, value_name = "role/NAME")]
    cost_explorer_principal: Option<String>,
    /// The name of a further machine of the organization, such as Staging: MachineName of the templates. meshStack's user and
    /// its role in the management account are left as they are
    #[arg(long, value_name = "NAME")]
    machine_name: Option<MachineName>,
    /// The permissions boundary of all roles and users in member accounts: the name, with its path, of a managed policy that each of
    /// these accounts has. PermissionsBoundaryName of the templates
    #[arg(long, value_name = "NAME")]
    permissions_boundary: Option<PermissionsBoundaryName>,
    /// A parameter of the templates, for each that has it, or for one stack; what is not named stays as it is
    #[arg(
        long = "parameter",
        value_name = "[STACK:]KEY=VALUE",
        num_args = 1..
    )]
    parameters: Vec<Wish>,
    /// Tags for all stacks and what is in them; without any, those that the stacks have
    #[arg(long, value_name = "KEY=VALUE", num_args = 1.., value_parser = tag)]
    tags: Vec<(String, String)>,
    /// A stack that is left out, because what it makes is there already
    #[arg(long, value_name = "STACK", num_args = 1..)]
    leave_out: Vec<String>,
    #[command(flatten)]
    smoke_test: smoke_test::Wanted,
    /// Print the commands of the AWS CLI and the SAM CLI that do the same, and do nothing
    #[arg(long, conflicts_with_all = [
        "dry_run", "yes", "machine_name", "meshstack_principal", "cost_explorer_principal", "permissions_boundary", "parameters",
        "tags", "leave_out", "bucket", "package", "landing_zone", "email",
    ])]
    print: bool,
    #[command(flatten)]
    consent: Consent,
    #[command(flatten)]
    pub output: Output,
}

/// For each template that has the parameter.
fn wish(key: &str, value: &str) -> Wish {
    Wish {
        stack: None,
        key: key.to_owned(),
        value: value.to_owned(),
    }
}

fn tag(text: &str) -> Result<(String, String), &'static str> {
    let pair = text.split_once('=').filter(|(key, _)| !key.is_empty());
    let (key, value) = pair.ok_or("must be KEY=VALUE")?;
    Ok((key.to_owned(), value.to_owned()))
}

impl Options {
    const fn question(&self) -> &'static str {
        if self.smoke_test.landing_zone.is_some() {
            QUESTION_WITH_SMOKE_TEST
        } else {
            QUESTION
        }
    }

    /// What the operator says of parameters, in options of their own or by their names.
    fn wishes(&self) -> Vec<Wish> {
        let operators = self.operators.iter();
        let operators = operators.map(|value| wish("FailureNotificationEmail", value));
        let principal = self.meshstack_principal.iter();
        let principal = principal.map(|value| wish(PRINCIPAL, value));
        let of_costs = self.cost_explorer_principal.iter();
        let of_costs = of_costs.map(|value| wish(COSTS_PRINCIPAL, value));
        let machine = self.machine_name.iter();
        let machine = machine.map(|name| wish(MACHINE_NAME, name.as_str()));
        let boundary = self.permissions_boundary.iter();
        let boundary = boundary.map(|name| wish(PERMISSIONS_BOUNDARY, name.as_str()));
        operators
            .chain(boundary)
            .chain(principal)
            .chain(of_costs)
            .chain(machine)
            .chain(self.parameters.clone())
            .collect()
    }

    /// The machine that is deployed: as it is called, or as the one that is there is.
    fn machine(&self, standing: &Standing) -> Result<MachineName, String> {
        let there = standing.stacks[&Whose::Automation].get(MACHINE);
        let has = there.map(Stack::machine_name);
        match (&self.machine_name, has) {
            (Some(wanted), Some(has)) if *wanted != has => Err(format!(
                "the machine of this account has the name \"{has}\"; another one would not know its accounts any more. Remedy: \
                 leave --machine-name out"
            )),
            (Some(wanted), _) => Ok(wanted.clone()),
            (None, has) => Ok(has.unwrap_or_default()),
        }
    }

    /// The stacks that are deployed, in their order.
    fn chosen(&self, standing: &Standing, has_bucket: bool) -> Result<Vec<Deployment>, String> {
        if let Some(unknown) = self
            .leave_out
            .iter()
            .find(|name| ALL.iter().all(|one| one.stack != *name))
        {
            return Err(format!("--leave-out {unknown}: there is no such stack"));
        }
        let machine = self.machine(standing)?;
        let secrets = standing.external_ids.len();
        let has_stack = standing.stacks[&Whose::Automation].contains_key(EXTERNAL_IDS);
        if !has_stack && secrets > 0 && secrets < SECRETS.len() {
            return Err(format!(
                "some of the secrets {} are there, and no stack {EXTERNAL_IDS}. Remedy: make the others by hand \
                 (`aws secretsmanager create-secret`)",
                SECRETS.join(", ")
            ));
        }
        let is_left_out = |one: &Deployment| {
            self.leave_out.iter().any(|name| name == one.stack)
                || (one.stack == EXTERNAL_IDS && !has_stack && secrets > 0)
                || (one.stack == PACKAGE && has_bucket)
                || (one.is_shared() && !machine.is_first())
                || (one.stack == MESHCLOUD && self.needs_no_user(standing))
        };
        Ok(ALL.into_iter().filter(|one| !is_left_out(one)).collect())
    }

    /// The user is there, or meshStack signs in by federation; and nobody reads costs, or does by federation.
    fn needs_no_user(&self, standing: &Standing) -> bool {
        let wishes = self.wishes();
        let value = |of: Whose, stack: &str, key: &str| {
            let named = standing::named(&wishes, stack, key).map(str::to_owned);
            named.or_else(|| standing.parameter(of, stack, key).map(str::to_owned))
        };
        let is_federated = |key: &str| {
            let principal = value(Whose::Management, MANAGEMENT, key);
            principal.is_some_and(|name| name.starts_with("role/"))
        };
        let is_there = standing.taken.iter().any(|one| one.stack == MESHCLOUD);
        let reads_costs = value(Whose::Meshcloud, MESHCLOUD, "Metering");
        (is_federated(PRINCIPAL) || is_there)
            && (reads_costs.is_none_or(|metering| metering != "true")
                || is_federated(COSTS_PRINCIPAL))
    }

    /// A stack that would be taken from another machine of the organization.
    fn taken_over(
        standing: &Standing,
        chosen: &[Deployment],
        machine: &MachineName,
    ) -> Option<String> {
        let own = standing.ids[&Whose::Automation].as_str();
        chosen.iter().find_map(|one| {
            let name = one.name(machine);
            let of = standing.parameter(one.of, &name, "AutomationAccountId")?;
            (of != own).then(|| {
                format!(
                    "stack {name} is of the machine in account {of}. Remedy: say which one this is (--machine-name), and it has \
                     roles of its own (docs/DEPLOY.md, \"A second machine\")"
                )
            })
        })
    }

    /// The parameters by which what is there is used and not made.
    ///
    /// # Errors
    /// Something is there that a stack has to make.
    fn used(&self, standing: &Standing, chosen: &[Deployment]) -> Result<Vec<Wish>, String> {
        let (mut used, mut taken) = (Vec::new(), Vec::new());
        for found in &standing.taken {
            let Some(deployment) = chosen.iter().find(|one| one.stack == found.stack) else {
                continue;
            };
            let template = Template::read(&self.package, deployment.template)?;
            if template.parameters().contains(found.makes) {
                used.push(Wish {
                    stack: Some(found.stack.to_owned()),
                    key: found.makes.to_owned(),
                    value: "false".to_owned(),
                });
            } else {
                let (what, stack) = (&found.what, found.stack);
                taken.push(format!("{what} is there, and no stack {stack} has made it"));
            }
        }
        if taken.is_empty() {
            return Ok(used);
        }
        Err(format!(
            "{}. Remedy: compare it with what the template makes (templates/README.md, \"The standing accounts\"), and leave the \
             stack out (--leave-out), or delete it",
            taken.join("; ")
        ))
    }
}

/// Shows the plan, or does it.
///
/// # Errors
/// A profile leads elsewhere, a name is taken, a file of the package is missing; nobody has agreed; AWS refuses, or a stack fails.
pub async fn run(wanted: Options, common: &Common, answer: &mut Answer) -> Result<Outcome, Stop> {
    let answer = answer.like(wanted.output);
    let (own, region) = signed_in(common).await?;
    let accounts = accounts(&wanted, common, &own, &region).await?;
    if wanted.print {
        return commands::print(&wanted, common, &accounts, &region).await;
    }
    if !wanted.consent.dry_run {
        wanted.consent.can_be_given(wanted.question())?;
    }
    let named = wanted.wishes();
    let standing = standing::look(&accounts, &named).await?;
    let bucket = bucket_of(&wanted, &standing);
    let machine = wanted.machine(&standing)?;
    let chosen = wanted.chosen(&standing, bucket.is_some())?;
    let wishes = all_wishes(&wanted, &standing, &chosen, &machine)?;
    let management = &accounts[&Whose::Management];
    let smoke_test = wanted.smoke_test.look(&own, management, &machine).await?;
    for found in &standing.taken {
        tell::is_used(found, &standing, &region, answer);
    }
    let mut deployer = Deployer {
        package: &wanted.package,
        accounts: &accounts,
        bucket: bucket.or_else(|| standing.output(PACKAGE, "BucketName")),
        configuration: own,
        region: &region,
        machine,
        standing,
        wishes: &wishes,
        tags: wanted.tags.iter().cloned().collect(),
    };
    deployer.check_wishes(&named, &chosen)?;
    deployer.check_bucket(&chosen)?;
    if let Some(missing) = standing::missing_boundary(&accounts, &chosen, &named).await? {
        return Err(missing.into());
    }
    let plan = deployer.prepare_all(&chosen).await?;
    if !agreed(&wanted, &deployer, &plan, smoke_test.as_ref(), answer)? {
        deployer.discard(&plan).await;
        answer.note("nothing was deployed");
        return Ok(if wanted.consent.dry_run {
            Outcome::Done
        } else {
            Outcome::Declined
        });
    }
    deployer.apply(plan, answer).await?;
    tell::what_meshstack_wants(&deployer.standing, &wishes, &region, answer);
    match smoke_test {
        Some(smoke_test) => {
            smoke_test
                .run(&deployer.place(&wanted.management_profile), answer)
                .await
        }
        None => Ok(Outcome::Done),
    }
}

/// Whether all of it is wanted; a dry run only tells it.
fn agreed(
    wanted: &Options,
    deployer: &Deployer<'_>,
    plan: &deploy::Plan,
    smoke_test: Option<&SmokeTest>,
    answer: &mut Answer,
) -> Result<bool, Stop> {
    let rows = plan
        .iter()
        .map(|(one, prepared)| deployer.row(one, prepared));
    let rows: Vec<tell::Row> = rows.collect();
    if wanted.consent.dry_run {
        for row in &rows {
            row.tell(false, answer);
        }
        if let Some(smoke_test) = smoke_test {
            let own = &deployer.standing.ids[&Whose::Automation];
            smoke_test.tell_plan(own, deployer.region, answer);
        }
        return Ok(false);
    }
    let is_settled = |(_, prepared): &(_, Prepared)| matches!(prepared, Prepared::Settled);
    if smoke_test.is_none() && plan.iter().all(is_settled) {
        return Ok(true);
    }
    let rows = rows.iter().map(|row| row.sentence(false));
    let details: Vec<String> = rows.chain(smoke_test.map(SmokeTest::plan)).collect();
    wanted.consent.to(wanted.question(), &details)
}

/// What the templates are given: what is there is used, and what the operator says counts.
fn all_wishes(
    wanted: &Options,
    standing: &Standing,
    chosen: &[Deployment],
    machine: &MachineName,
) -> Result<Vec<Wish>, String> {
    if let Some(reason) = Options::taken_over(standing, chosen, machine) {
        return Err(reason);
    }
    let mut wishes = wanted.used(standing, chosen)?;
    wishes.extend(wanted.wishes());
    if !machine.is_first() {
        wishes.push(wish(MACHINE_NAME, machine.as_str()));
    }
    Ok(wishes)
}

/// Files are long, and lines are slow.
async fn signed_in(common: &Common) -> Result<(SdkConfig, Region), Stop> {
    let own = session::sign_in(patient_loader(), common).await?;
    let region = session::region(&own)?;
    Ok((own, region))
}

async fn accounts(
    wanted: &Options,
    common: &Common,
    own: &SdkConfig,
    region: &Region,
) -> Result<Accounts, Stop> {
    let automation = Installation::of(own.clone(), region.clone());
    let mut accounts = BTreeMap::from([(Whose::Automation, automation)]);
    let others = [
        (Whose::Management, &wanted.management_profile),
        (Whose::Meshcloud, &wanted.meshcloud_profile),
    ];
    for (of, profile) in others {
        // All of it in the region of the machine, whatever the profile has.
        let region_of_all = Common {
            region: Some(region.to_string()),
            ..common.clone()
        };
        let other = session::configuration_of(profile.clone(), &region_of_all).await?;
        accounts.insert(of, Installation::of(other, region.clone()));
    }
    Ok(accounts)
}

/// A bucket that need not be made.
fn bucket_of(wanted: &Options, standing: &Standing) -> Option<String> {
    let has_own = standing.stacks[&Whose::Automation].contains_key(PACKAGE);
    wanted.bucket.clone().or_else(|| {
        let of_sam = standing.output(OF_SAM.0, OF_SAM.1);
        of_sam.filter(|_| !has_own)
    })
}
