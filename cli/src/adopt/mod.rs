//! `avm adopt`: what would be done with an account that the machine has not made, and what has to be done by hand first; then the
//! request is sent as meshStack would send it. It looks with the operator's credentials, into the account by its access role.

mod checks;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use avm_aws::SdkConfig;
use avm_aws::account_tags::OrganizationsAccountTags;
use avm_aws::accounts::OrganizationAccounts;
use avm_aws::documents::ParameterStore;
use avm_aws::installation::{Installation, Stack};
use avm_aws::role_overview::IamRoleOverview;
use avm_aws::sessions::{Hop, Sessions};
use avm_core::config::{LandingZone, Platform, read_document};
use avm_core::domain::{
    AccountId, LANDING_ZONE_KEY, LANDING_ZONE_PARAMETERS, LandingZoneName, PLATFORM_PARAMETER,
    ProjectIdentifier, Region, WorkspaceIdentifier,
};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::account_roles::RoleOverview;
use avm_core::ports::account_tags::AccountTags;
use avm_core::ports::accounts::{Accounts, FoundAccount};
use avm_core::ports::documents::Documents;
use avm_core::rules::member_roles;
use clap::Args;
use serde_json::{Value, json};

use self::checks::{Facts, Inside, Target};
use crate::answer::Answer;
use crate::ask::Consent;
use crate::exit::Stop;
use crate::options::{Options as Common, Output};
use crate::{Outcome, session, vend};

/// The stack of template.yaml.
const MACHINE: &str = "avm";
const SESSION: &str = "avm-adopt";

/// What is adopted, and whose it becomes.
#[derive(Args, Clone, Debug)]
pub struct Options {
    /// The account
    #[arg(value_name = "ID")]
    account: AccountId,
    /// The profile of the management account
    #[arg(long, value_name = "NAME")]
    management_profile: String,
    /// The workspace that it shall belong to
    #[arg(long, value_name = "NAME")]
    workspace: WorkspaceIdentifier,
    /// The project that it shall belong to
    #[arg(long, value_name = "NAME")]
    project: ProjectIdentifier,
    /// The landing zone; without, the platform's own choice
    #[arg(long, value_name = "NAME")]
    landing_zone: Option<LandingZoneName>,
    #[command(flatten)]
    consent: Consent,
    #[command(flatten)]
    pub output: Output,
}

impl Options {
    /// As meshStack sends it.
    fn payload(&self, zone: &LandingZoneName, account: &FoundAccount) -> Value {
        json!({
            "AccountId": account.id,
            "AccountName": account.name,
            "AccountEmail": account.email,
            "ProductName": self.workspace,
            "Stage": self.project,
            "LandingZone": zone,
        })
    }
}

/// Looks at the account, and sends the request if nothing is in its way.
///
/// # Errors
/// There is no such account or landing zone; nobody has agreed; AWS refuses.
pub async fn run(wanted: Options, common: &Common, answer: &mut Answer) -> Result<Outcome, Stop> {
    let answer = answer.like(wanted.output);
    let own = session::configuration(common).await?;
    let region = session::region(&own)?;
    let management = session::configuration_of(wanted.management_profile.clone(), common).await?;
    let (platform, name, zone) = documents(&wanted, &own).await?;
    let home = Installation::of(management.clone(), region.clone());
    let manages = home.account().await?;
    let here = Installation::of(own.clone(), region.clone());
    let stacks = here.stacks().await?;
    let machine = stacks.get(MACHINE).map(Stack::machine_name);
    let target = Target {
        machine: &machine.unwrap_or_default(),
        shipped_roles: &member_roles::names()?,
        zone: &zone,
        access_role: &platform.account_access_role,
        management: &manages,
        partition: region.partition(),
        owner: [wanted.workspace.as_str(), wanted.project.as_str()],
    };
    let facts = look(&wanted, &management, &region, &target).await?;
    let obstacles = checks::obstacles(&facts, &target);
    for found in &obstacles {
        let (check, words, remedy) = (found.check, &found.found, &found.remedy);
        let sentence = format!("by hand first: {check}: {words}. Remedy: {remedy}");
        tell(sentence, ["by hand first", check, words, remedy], answer);
    }
    let steps = checks::steps(&facts, &target);
    let account = &wanted.account;
    let steps = steps
        .iter()
        .map(|step| format!("account {account} would be {step}"));
    let steps: Vec<String> = steps.collect();
    for step in &steps {
        tell(step.clone(), ["would be done", "vend", step, ""], answer);
    }
    if !obstacles.is_empty() {
        answer.note("nothing was asked for; run the command again when it is done");
        return Ok(Outcome::Problems);
    }
    if wanted.consent.dry_run {
        answer.note("nothing was asked for");
        return Ok(Outcome::Done);
    }
    if !wanted
        .consent
        .to(&format!("Vend account {account} into {name}?"), &steps)?
    {
        answer.note("nothing was asked for");
        return Ok(Outcome::Declined);
    }
    let vend::Reply {
        status,
        execution,
        message,
    } = vend::send(own, &region, &wanted.payload(&name, &facts.account)).await?;
    tell(
        format!("{status}: {message} {execution}"),
        [status.as_str(), "vend", &execution, &message],
        answer,
    );
    Ok(Outcome::Done)
}

fn tell(sentence: String, [is, check, found, remedy]: [&str; 4], answer: &mut Answer) {
    answer.add(
        sentence,
        [
            ("is", is.to_owned()),
            ("check", check.to_owned()),
            ("found", found.to_owned()),
            ("remedy", remedy.to_owned()),
        ],
    );
}

/// The platform, and the landing zone with its name.
async fn documents(
    wanted: &Options,
    own: &SdkConfig,
) -> Result<(Platform, LandingZoneName, LandingZone), Stop> {
    let store = ParameterStore::new(own);
    let platform = store.find_document(PLATFORM_PARAMETER).await?;
    let platform = platform.ok_or_else(|| missing(PLATFORM_PARAMETER))?;
    let platform: Platform = read_document(PLATFORM_PARAMETER, &platform.text)?;
    let name = wanted.landing_zone.clone();
    let name = name.or_else(|| platform.default_landing_zone.clone());
    let name =
        name.ok_or_else(|| "the platform has no default: name a --landing-zone".to_owned())?;
    let parameter = format!("{LANDING_ZONE_PARAMETERS}{name}");
    let zone = store.find_document(&parameter).await?;
    let zone = zone.ok_or_else(|| missing(&parameter))?;
    let zone = read_document(&parameter, &zone.text)?;
    Ok((platform, name, zone))
}

fn missing(parameter: &str) -> String {
    format!("there is no parameter {parameter}. Remedy: avm config deploy")
}

async fn look(
    wanted: &Options,
    management: &SdkConfig,
    region: &Region,
    target: &Target<'_>,
) -> Result<Facts, Stop> {
    let account = &wanted.account;
    let accounts = OrganizationAccounts::of(management);
    let found = accounts.find_account(account).await?;
    let found = found.ok_or_else(|| format!("the organization has no account {account}"))?;
    let tags = OrganizationsAccountTags::of(management);
    let tags = tags.list(account).await?;
    let inside = if tags.contains_key(LANDING_ZONE_KEY) {
        // A vend has been there: what is in it is the machine's, and its access role may see little.
        Ok(Inside::default())
    } else {
        let seen = inside(account, management, region, target).await;
        seen.map_err(|failure| failure.cause().to_owned())
    };
    Ok(Facts {
        account: found,
        tags,
        inside,
    })
}

async fn inside(
    account: &AccountId,
    management: &SdkConfig,
    region: &Region,
    target: &Target<'_>,
) -> Result<Inside, Failure> {
    let (partition, role) = (target.partition, target.access_role);
    let role = format!("arn:{partition}:iam::{account}:role/{role}");
    let role = role.parse().map_err(|_| {
        let words = format!("{role} is no ARN of a role");
        Failure::new(ErrorName::Internal, words)
    })?;
    let hop = Hop {
        role,
        asks_for_external_id: false,
    };
    let session = Sessions::new(management.clone());
    let session = session.through(&[hop], SESSION).await?;
    let roles = IamRoleOverview::of(&session).read_all().await?;
    let zone = target.zone;
    let regions = zone.stack_sets.iter().map(|one| &one.region);
    let regions: BTreeSet<&Region> = regions.chain([region]).collect();
    let mut stacks = BTreeSet::new();
    for region in regions {
        let there = session
            .to_builder()
            .region(aws_config::Region::new(region.to_string()));
        let there = Installation::of(there.build(), region.clone());
        stacks.extend(there.stacks().await?.into_keys());
    }
    Ok(Inside { roles, stacks })
}
