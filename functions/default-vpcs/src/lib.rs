//! Deletes the default VPCs of the account in all enabled regions, side by side: look, show, delete, and tell what remains.
//! It looks through a role that can only look; the access role is opened only where something is to be deleted.

mod outcome;
mod remains;
mod removal;
mod survey;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod world;

use std::collections::{BTreeMap, BTreeSet};

use avm_core::contract::step::{Answer, OnAccount, StepRequest};
use avm_core::domain::{DefaultVpc, Region};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::default_vpcs::{DefaultVpcRemoval, DefaultVpcs};
use avm_core::rules::standing_accounts::StandingAccounts;
use futures_util::{StreamExt, stream};
use serde::{Deserialize, Serialize};

use outcome::{Outcome, Report};

/// The name of the step: in failures and in the log.
pub const STEP: &str = "default-vpcs";

/// How many regions are worked on at a time: all of them would be some hundred connections at once.
const AT_ONCE: usize = 10;

/// What the state machine sends.
pub type Request = StepRequest<OnAccount, Progress>;
/// What it is answered.
pub type Response = Answer<Done, Progress>;

/// `{"Deleted": ["eu-central-1", …], "Closed": […]?, "Regions": 17}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Done {
    /// The regions whose default VPC was deleted.
    pub deleted: BTreeSet<Region>,
    /// The regions that a service control policy closes: nobody in the account can use what is in them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub closed: BTreeSet<Region>,
    /// How many regions were looked at.
    pub regions: usize,
}

/// What is done, and which regions are still open.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Progress {
    /// The regions that are looked at again.
    pub regions: BTreeSet<Region>,
    /// Those of them in which AWS has kept something for a dependency once: EC2 sees deletions late.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub kept: BTreeSet<Region>,
    /// Those of them whose default VPC was being deleted: where it is gone, the answer to its deletion was lost.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub begun: BTreeSet<Region>,
    /// What is done.
    pub done: Done,
}

/// Deletes what is there. `open_look` gives the role that may look, `open_access` the one that may write; the latter
/// is asked for only where it is needed.
///
/// # Errors
/// `DefaultVpcsRemain` with every region that remains, or `AccessDenied` where nothing but rights is missing, both
/// after all other regions are done; `InvalidRequest` for an account that the machine stands on; those of the roles.
pub async fn handle<Looks: DefaultVpcs, Access: DefaultVpcs + DefaultVpcRemoval>(
    request: &Request,
    standing: &StandingAccounts,
    open_look: impl AsyncFnOnce() -> Result<Looks, Failure>,
    open_access: impl AsyncFn() -> Result<Access, Failure>,
) -> Result<Response, Failure> {
    let account = &request.rest.account.account_id;
    standing.refuse(account, "Account.AccountId")?;
    if !request.order.landing_zone.settings.delete_default_vpcs {
        return Ok(Answer::Done(Done::default()));
    }
    clear(request, open_look, open_access)
        .await
        .map_err(|failure| failure.of_account(account))
}

async fn clear<Looks: DefaultVpcs, Access: DefaultVpcs + DefaultVpcRemoval>(
    request: &Request,
    open_look: impl AsyncFnOnce() -> Result<Looks, Failure>,
    open_access: impl AsyncFn() -> Result<Access, Failure>,
) -> Result<Response, Failure> {
    let looks = survey::survey(request, open_look, &open_access).await?;
    let mut outcomes: BTreeMap<Region, Outcome> = BTreeMap::new();
    let mut found = Vec::new();
    for (region, look) in looks {
        match Outcome::of_look(look) {
            Ok(outcome) => {
                outcomes.insert(region, outcome);
            }
            Err(vpc) => found.push(vpc),
        }
    }
    show(request, outcomes.len() + found.len(), &found);
    if !found.is_empty() {
        if request.progress.is_none() {
            outcomes.values_mut().for_each(Outcome::doubt);
        }
        outcomes.extend(delete(request, found, &open_access).await?);
    }
    Report::of(request, outcomes).answer()
}

fn show(request: &Request, regions: usize, found: &[DefaultVpc]) {
    let to_delete: Vec<String> = found
        .iter()
        .map(|vpc| format!("{} in {}", vpc.id(), vpc.region()))
        .collect();
    tracing::info!(
        execution = request.execution.name(),
        account = request.rest.account.account_id.as_str(),
        regions,
        delete = to_delete.join(", "),
        "default VPCs looked for"
    );
}

/// Deletes in all regions side by side; what goes wrong in one is that one's outcome.
async fn delete<Access: DefaultVpcRemoval>(
    request: &Request,
    found: Vec<DefaultVpc>,
    open_access: &impl AsyncFn() -> Result<Access, Failure>,
) -> Result<BTreeMap<Region, Outcome>, Failure> {
    let access = match open_access().await {
        Ok(access) => access,
        Err(refused) if refused.name() == ErrorName::AccessDenied => {
            let outcome = |vpc: DefaultVpc| {
                let region = vpc.region().clone();
                (
                    region,
                    Outcome::failed(Some(vpc.id().clone()), refused.clone()),
                )
            };
            return Ok(found.into_iter().map(outcome).collect());
        }
        Err(failure) => return Err(failure),
    };
    let kept = request.progress.as_ref().map(|progress| &progress.kept);
    let (access, kept) = (&access, &kept);
    Ok(stream::iter(found)
        .map(async |vpc| {
            let was_kept = kept.is_some_and(|kept| kept.contains(vpc.region()));
            let outcome = removal::remove(access, &vpc, was_kept).await;
            (vpc.region().clone(), outcome)
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await)
}
