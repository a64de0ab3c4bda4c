//! The smoke test: an account of a project of its own is vended into a landing zone, and looked at. Nothing is asked for that the
//! deployed documents cannot give; a second run vends the account of the first.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use avm_aws::SdkConfig;
use avm_aws::documents::ParameterStore;
use avm_aws::installation::{Installation, StepPlan, VendPlan};
use avm_core::config::{LandingZone, read_document};
use avm_core::domain::{
    AccountId, COMPLETION_KEYS, Email, ExecutionArn, LANDING_ZONE_PARAMETERS, LandingZoneName,
    MachineName, PLATFORM_PARAMETER, Region,
};
use avm_core::ports::accounts::{AccountState, FoundAccount};
use avm_core::rules::owner::{Claim, Owner};
use avm_documents::File;
use clap::Args;
use serde_json::{Value, json};

use super::tell::fact;
use crate::answer::Answer;
use crate::exit::Stop;
use crate::{Outcome, vend};

/// Its workspace is the name of the account, too.
const WORKSPACE: &str = "avm-smoke-test";
const PROJECT: &str = "smoke-test";
/// AWS shows late what was written, to those who plan, too.
const LOOKS: u32 = 3;
const BETWEEN_LOOKS: Duration = Duration::from_secs(10);

/// Whether there is one, and of what.
#[derive(Args, Clone, Debug)]
pub struct Wanted {
    /// In the end vend an account into this landing zone and look at it. It is a real account, with an address of its own; run
    /// again, the same one is taken
    #[arg(long = "smoke-test", value_name = "LANDING_ZONE")]
    pub landing_zone: Option<LandingZoneName>,
    /// The address of its root user; without, accountEmailPattern of the platform document makes it
    #[arg(
        long = "smoke-test-email",
        value_name = "ADDRESS",
        requires = "landing_zone"
    )]
    pub email: Option<Email>,
}

/// A smoke test that can be done.
pub struct SmokeTest {
    name: LandingZoneName,
    zone: LandingZone,
    /// That of an earlier run.
    account: Option<FoundAccount>,
    email: Option<Email>,
}

/// Where it is done.
pub struct Place<'a> {
    pub own: SdkConfig,
    pub region: &'a Region,
    pub automation: &'a Installation,
    pub management: &'a Installation,
    pub management_profile: &'a str,
    /// The ARN of the state machine of the vends.
    pub of_vends: String,
}

impl Wanted {
    /// What there is to be done; none if none is wanted.
    ///
    /// # Errors
    /// No documents are deployed, or not somebody's own; the account of an earlier run is closed, or has another address.
    pub async fn look(
        &self,
        own: &SdkConfig,
        management: &Installation,
        machine: &MachineName,
    ) -> Result<Option<SmokeTest>, Stop> {
        let Some(name) = &self.landing_zone else {
            return Ok(None);
        };
        let documents = vend::documents(&ParameterStore::new(own)).await?;
        let zone = zone(&documents, name)?;
        let owner = Owner::new(WORKSPACE, PROJECT, machine);
        let mut ours = Vec::new();
        for account in management.accounts_named(WORKSPACE).await? {
            if owner.claim(&management.tags_of(&account.id).await?) == Claim::Ours {
                ours.push(account);
            }
        }
        Ok(Some(SmokeTest {
            name: name.clone(),
            zone,
            account: usable(ours, self.email.as_ref())?,
            email: self.email.clone(),
        }))
    }
}

/// The document of the landing zone, if it and the platform's are valid, and nobody's example.
fn zone(documents: &[File], name: &LandingZoneName) -> Result<LandingZone, Stop> {
    let parameter = format!("{LANDING_ZONE_PARAMETERS}{name}");
    let needed = [PLATFORM_PARAMETER, &parameter];
    let find = |needed: &str| {
        let mut documents = documents.iter();
        documents.find(|file| file.path == Path::new(needed))
    };
    if let Some(missing) = needed.iter().find(|needed| find(needed).is_none()) {
        return Err(Stop::Usage(format!(
            "the smoke test needs the parameter {missing}, and there is none. Remedy: `avm config deploy` (docs/DEPLOY.md, step 7), \
             which needs no stack, and then this command again"
        )));
    }
    let mut problems = avm_documents::problems(documents, None);
    problems.extend(avm_documents::placeholders(documents));
    let mut problems = problems.into_iter();
    if let Some(problem) = problems.find(|found| needed.contains(&found.file.as_str())) {
        return Err(Stop::Usage(format!(
            "no account can be vended by this document: {problem}. Remedy: repair the document, `avm config deploy`, and run this \
             command again"
        )));
    }
    let text = find(&parameter).map_or("", |file| file.text.as_str());
    Ok(read_document(&parameter, text)?)
}

/// The account that is vended again. One that is closed can be no more, and neither can its address: another one makes another account.
fn usable(found: Vec<FoundAccount>, email: Option<&Email>) -> Result<Option<FoundAccount>, Stop> {
    let is_open = |account: &FoundAccount| {
        matches!(
            account.state,
            AccountState::Active | AccountState::PendingActivation
        )
    };
    let (open, closed): (Vec<_>, Vec<_>) = found.into_iter().partition(is_open);
    let open = open.into_iter().next();
    match (open, email, closed.first()) {
        (Some(account), Some(email), _) if account.email.as_ref() != Some(email) => {
            Err(Stop::Usage(format!(
                "the smoke test has account {} already, with another address. Remedy: leave --smoke-test-email out",
                account.id
            )))
        }
        (None, None, Some(account)) => Err(Stop::Usage(format!(
            "account {} of the smoke test is {}. Remedy: reopen it, or name an address that AWS has never had (--smoke-test-email): \
             another account is made",
            account.id,
            account.state.as_str()
        ))),
        (open, ..) => Ok(open),
    }
}

impl SmokeTest {
    /// What would be done.
    pub fn plan(&self) -> String {
        let (zone, unit) = (&self.name, &self.zone.organizational_unit);
        let where_to = format!("into landing zone {zone} (unit \"{unit}\")");
        match &self.account {
            Some(account) => format!("account {} would be vended again {where_to}", account.id),
            None => format!(
                "an account {WORKSPACE} would be made and vended {where_to}: it takes a place of the organization's quota, and its \
                 address for good"
            ),
        }
    }

    /// Tells only that.
    pub fn tell_plan(&self, automation: &AccountId, region: &Region, answer: &mut Answer) {
        let plan = self.plan();
        let what = "smoke test";
        let place = (automation, region);
        fact(format!("{what}: {plan}"), [what, &plan], place, answer);
    }

    /// As meshStack sends it. What was done already is done once more: that is the test.
    fn request(&self) -> Value {
        let mut request = json!({
            "ProductName": WORKSPACE,
            "Stage": PROJECT,
            "AccountName": WORKSPACE,
            "LandingZone": self.name,
            "Force": "true",
        });
        if let Some(account) = &self.account {
            request["AccountId"] = json!(account.id);
        }
        let has = self.account.as_ref().map(|account| account.email.clone());
        if let Some(email) = has.unwrap_or_else(|| self.email.clone()) {
            request["AccountEmail"] = json!(email);
        }
        request
    }

    /// Has the account vended, and looks at it: as the steps see it, and as meshStack does.
    ///
    /// # Errors
    /// The request is refused, nothing comes of it for two hours, or AWS refuses.
    pub async fn run(&self, place: &Place<'_>, answer: &mut Answer) -> Result<Outcome, Stop> {
        let told = Told {
            account: place.automation.account().await?,
            region: place.region,
        };
        let sent = vend::send(place.own.clone(), place.region, &self.request()).await?;
        let execution: Option<ExecutionArn> = sent.execution.parse().ok();
        let is_ours = ["started", "running"].contains(&sent.status.as_str());
        let Some(execution) = execution.filter(|_| is_ours) else {
            let words = format!("{}: {}", sent.status, sent.message);
            told.tell("vend", &words, answer);
            return Ok(Outcome::Problems);
        };
        told.tell("execution", execution.as_str(), answer);
        let tell = |step: &str| anstream::eprintln!("smoke test: {step} …");
        let ended = place.automation.follow(&execution, tell).await?;
        match &ended.outcome {
            Ok(output) => {
                let told = Told {
                    account: vended(&execution, output)?,
                    ..told
                };
                let words = format!("was vended into landing zone {}", self.name);
                told.tell("account", &format!("{} {words}", told.account), answer);
                look(place, &told, &ended.input, answer).await
            }
            Err([name, cause]) => {
                told.tell("vend", &format!("failed: {name}: {cause}"), answer);
                Ok(Outcome::Problems)
            }
        }
    }
}

/// The account that the output of a vend names.
fn vended(execution: &ExecutionArn, output: &str) -> Result<AccountId, Stop> {
    let output: Value = serde_json::from_str(output).unwrap_or_default();
    let account = output["AccountId"].as_str().unwrap_or_default();
    let unnamed = |problem| Stop::Service(format!("{execution} names no account: {problem}"));
    account.parse().map_err(unnamed)
}

/// What all that is told is about.
struct Told<'a> {
    account: AccountId,
    region: &'a Region,
}

impl Told<'_> {
    fn tell(&self, what: &str, is: &str, answer: &mut Answer) {
        let what = format!("smoke test: {what}");
        let place = (&self.account, self.region);
        fact(format!("{what}: {is}"), [&what, is], place, answer);
    }
}

/// Whether every step finds nothing to do any more, and meshStack would see that the vend is done; and how to be rid of the account.
async fn look(
    place: &Place<'_>,
    told: &Told<'_>,
    order: &str,
    answer: &mut Answer,
) -> Result<Outcome, Stop> {
    let mut looks = 0;
    let (verdicts, is_well) = loop {
        let plan = place.automation.plan_of(&place.of_vends, order).await?;
        let tags = place.management.tags_of(&told.account).await?;
        let verdicts = verdicts(&plan, &tags);
        let is_well = verdicts.iter().all(|verdict| verdict.is_well);
        looks += 1;
        if is_well || looks == LOOKS {
            break (verdicts, is_well);
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    };
    for Verdict { on, words, .. } in verdicts {
        told.tell(&on, &words, answer);
    }
    let (profile, account) = (place.management_profile, &told.account);
    let close = format!(
        "aws organizations close-account --profile {profile} --account-id {account}; for 90 days it counts as an account of the \
         organization"
    );
    told.tell("to close the account", &close, answer);
    Ok(if is_well {
        Outcome::Done
    } else {
        Outcome::Problems
    })
}

/// What was found of one thing.
struct Verdict {
    on: String,
    is_well: bool,
    words: String,
}

fn verdicts(plan: &VendPlan, tags: &BTreeMap<String, String>) -> Vec<Verdict> {
    let keys = COMPLETION_KEYS.join(", ");
    let mut expected = COMPLETION_KEYS.into_iter().zip([WORKSPACE, PROJECT]);
    let is_done = expected.all(|(key, value)| tags.get(key).is_some_and(|has| has == value));
    let are = if is_done { "are" } else { "are not" };
    let steps = plan.plans.iter().map(|StepPlan { step, plan }| Verdict {
        on: step.clone(),
        is_well: plan.is_empty,
        words: if plan.is_empty {
            settled(step).unwrap_or(&plan.words).to_owned()
        } else {
            format!("not as it should be: {}", plan.words)
        },
    });
    let tags = Verdict {
        on: "tags".to_owned(),
        is_well: is_done,
        words: format!("{keys} {are} as meshStack waits for them"),
    };
    steps.chain([tags]).collect()
}

/// What it says of the account that a step has nothing to do; of others the plan says it, as of what a vend would leave.
fn settled(step: &str) -> Option<&'static str> {
    Some(match step {
        "create-account" => "the account is there and can be used",
        "place-account" => "it sits in its unit",
        "permission-downgrade" => "its access role has the minimum policy and nothing else",
        "completion" => "all of it was verified, and its tags say so",
        _ => return None,
    })
}
