//! `avm doctor`: what is not as it should be in an installation, each with its remedy. It changes nothing.
//! Facts are looked up ([`look`]), then judged ([`checks`]).

mod checks;
mod facts;
mod finding;
mod look;
#[cfg(test)]
mod tests;

use avm_aws::SdkConfig;
use avm_core::domain::AccountId;
use clap::Args;

use self::facts::Facts;
use self::look::{Looker, Scope};
use crate::answer::Answer;
use crate::arguments::Examples;
use crate::exit::Stop;
use crate::options::{Options as Common, Output};
use crate::{Outcome, session};

/// What is looked at.
#[derive(Args, Clone, Debug)]
pub struct Options {
    /// The profile of the management account; without it, that account is not looked at
    #[arg(long, value_name = "NAME")]
    management_profile: Option<String>,
    /// The profile of the meshcloud account; without it, that account is not looked at
    #[arg(long, value_name = "NAME")]
    meshcloud_profile: Option<String>,
    /// A vended account whose roles are tried, too
    #[arg(long, value_name = "ID")]
    account: Option<AccountId>,
    /// The stack of template.yaml
    #[arg(long, value_name = "NAME", default_value = "avm")]
    stack: String,
    /// The stack of templates/vending-roles.yaml; without, as avm bootstrap calls that of this machine
    #[arg(long, value_name = "NAME")]
    vending_roles_stack: Option<String>,
    /// Do not look for what was changed behind CloudFormation's back, which may take minutes
    #[arg(long)]
    quick: bool,
    #[command(flatten)]
    examples: Examples,
    #[command(flatten)]
    pub output: Output,
}

/// Looks at the installation.
///
/// # Errors
/// Nobody is signed in.
pub async fn run(wanted: Options, common: &Common, answer: &mut Answer) -> Result<Outcome, Stop> {
    let answer = answer.like(wanted.output);
    let automation = session::configuration(common).await?;
    let region = session::region(&automation)?;
    let management = signed_in(wanted.management_profile, common).await?;
    let meshcloud = signed_in(wanted.meshcloud_profile, common).await?;
    let scope = Scope {
        stack: wanted.stack,
        roles_stack: wanted.vending_roles_stack,
        account: wanted.account,
        allows_examples: wanted.examples.allow_examples,
        looks_for_drift: !wanted.quick,
    };
    let mut looker = Looker::default();
    let mut facts = looker.automation(&automation, &region, &scope).await;
    if let Some(configuration) = &management {
        let region = session::region(configuration)?;
        facts.management = Some(
            looker
                .management(configuration, &region, &scope, &facts)
                .await,
        );
    }
    if let Some(configuration) = &meshcloud {
        let region = session::region(configuration)?;
        facts.meshcloud = Some(looker.meshcloud(configuration, &region, &scope).await);
    }
    let mut findings = checks::findings(&facts);
    findings.extend(looker.unknown);
    for finding in &findings {
        let check = finding.check.as_str();
        let (place, found, remedy) = (&finding.place, &finding.found, &finding.remedy);
        answer.add(
            format!("{check}: {place}: {found}. Remedy: {remedy}"),
            [
                ("check", check.to_owned()),
                ("place", place.clone()),
                ("found", found.clone()),
                ("remedy", remedy.clone()),
            ],
        );
    }
    let unseen = unseen(&facts);
    answer.note(match findings.len() {
        0 => format!("nothing was found{unseen}"),
        1 => format!("1 finding{unseen}"),
        number => format!("{number} findings{unseen}"),
    });
    Ok(if findings.is_empty() {
        Outcome::Done
    } else {
        Outcome::Problems
    })
}

async fn signed_in(profile: Option<String>, common: &Common) -> Result<Option<SdkConfig>, Stop> {
    match profile {
        Some(profile) => Ok(Some(session::configuration_of(profile, common).await?)),
        None => Ok(None),
    }
}

/// Which accounts were not looked at, in words.
fn unseen(facts: &Facts) -> String {
    let accounts = [
        ("management", facts.management.is_none()),
        ("meshcloud", facts.meshcloud.is_none()),
    ];
    let unseen = accounts.into_iter().filter(|(_, is_unseen)| *is_unseen);
    let words = unseen.map(|(name, _)| {
        format!("; the {name} account was not looked at: name its profile with --{name}-profile")
    });
    words.collect::<Vec<String>>().concat()
}
