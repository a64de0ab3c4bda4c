//! Verifies the account from outside, then writes the completion tags.
//! The last step of a vend: meshStack takes the tags for "done", so nothing is written before everything is proven.

mod tags;
mod verification;

use std::collections::BTreeMap;

use avm_core::contract::step::{Answer, OnAccount, StepRequest};
use avm_core::domain::altered_tags;
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::account_tags::AccountTags;
use avm_core::ports::organizational_units::OrganizationTree;
use avm_core::ports::role_policies::RolePolicies;
use avm_core::ports::stack_sets::StackSets;
use avm_core::rules::owner::{Claim, Owner};
use futures_util::try_join;
use serde::Serialize;

use tags::TagPlan;
use verification::Check;

/// The order and the account.
pub type Request = StepRequest<OnAccount>;

/// From where the account is looked at.
#[derive(Clone, Debug)]
pub struct Outside<'a, Tree, Sets, Tags> {
    /// Where it sits.
    pub tree: &'a Tree,
    /// What was rolled out to it.
    pub stack_sets: &'a Sets,
    /// What it is marked with.
    pub tags: &'a Tags,
}

/// `{"Status": "DONE", "Verified": […], "Tags": {…}, "AlteredTags": […]}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Response {
    /// What was proven, in words.
    pub verified: Vec<String>,
    /// The tags of the vend as they are on the account now.
    pub tags: BTreeMap<String, String>,
    /// Which of the request's tags are not on the account as they were given, and what was changed; no values.
    pub altered_tags: Vec<String>,
}

/// Verifies, then tags. `open_role` is asked for a look into the account only where the landing zone downgrades.
///
/// # Errors
/// `VerificationPending` with every difference: AWS shows changes late, so it is worth another look, and nothing has
/// been written; `AccountMismatch` where tags name another owner by now; `InvalidRequest` where the account would get
/// too many tags; those of the ports.
pub async fn handle<Roles: RolePolicies>(
    request: &Request,
    now: &str,
    outside: &Outside<'_, impl OrganizationTree, impl StackSets, impl AccountTags>,
    open_role: impl AsyncFnOnce() -> Result<Roles, Failure>,
) -> Result<Answer<Response>, Failure> {
    complete(request, now, outside, open_role)
        .await
        .map(Answer::Done)
        .map_err(|failure| failure.of_account(&request.rest.account.account_id))
}

async fn complete<Roles: RolePolicies>(
    request: &Request,
    now: &str,
    outside: &Outside<'_, impl OrganizationTree, impl StackSets, impl AccountTags>,
    open_role: impl AsyncFnOnce() -> Result<Roles, Failure>,
) -> Result<Response, Failure> {
    let account = &request.rest.account.account_id;
    let (place, stack_sets, role, present) = try_join!(
        verification::place(request, outside.tree),
        verification::stack_sets(request, outside.stack_sets),
        verification::access_role(request, open_role),
        outside.tags.list(account),
    )?;
    refuse_anothers(request, &present)?;
    let verified = proven([place, stack_sets, role])?;
    let plan = TagPlan::of(&present, &request.order, &request.execution, now)?;
    let altered_tags = altered_tags(&request.order.request.tags);
    tracing::info!(
        execution = request.execution.name(),
        account = %account,
        written = plan.written(),
        unchanged = plan.is_empty(),
        altered = altered_tags.join("; "),
        "account verified"
    );
    plan.apply(account, outside.tags).await?;
    Ok(Response {
        verified,
        tags: plan.into_result(),
        altered_tags,
    })
}

/// The first step has found the account to be nobody else's; what others have written since is not overwritten.
fn refuse_anothers(request: &Request, present: &BTreeMap<String, String>) -> Result<(), Failure> {
    match Owner::of(&request.order.request).claim(present) {
        Claim::Anothers(tags) => Err(Failure::new(
            ErrorName::AccountMismatch,
            format!(
                "while the account was vended, somebody has tagged it as one of another workspace or project: {tags}"
            ),
        )
        .with_remedy(
            "find out whose the account is, and remove the tags of the other from it in AWS Organizations if it is this \
             request's; then send the request again",
        )),
        Claim::Ours | Claim::Nobodys | Claim::Unclear(_) => Ok(()),
    }
}

fn proven(checks: [Check; 3]) -> Result<Vec<String>, Failure> {
    let mut verified = Vec::new();
    let mut differences = Vec::new();
    for check in checks {
        verified.extend(check.verified);
        differences.extend(check.differences);
    }
    if differences.is_empty() {
        return Ok(verified);
    }
    Err(Failure::new(
        ErrorName::VerificationPending,
        format!(
            "the account is not what its landing zone asks for: {}",
            differences.join("; ")
        ),
    ))
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod world;
