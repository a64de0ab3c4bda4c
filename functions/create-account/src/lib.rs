//! Creates or adopts the account and proves that it can be used.
//! Every call looks before it writes, so that the step may be repeated at any point.

mod adopt;
mod create;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod world;

use avm_core::contract::step::{Answer, Nothing, StepRequest};
use avm_core::domain::{Account, AccountId};
use avm_core::error::Failure;
use avm_core::ports::account_tags::AccountTags;
use avm_core::ports::accounts::Accounts;
use avm_core::ports::readiness::{Probe, Readiness};
use avm_core::rules::standing_accounts::StandingAccounts;
use serde::{Deserialize, Serialize};

/// The name of the step: in failures and in the log.
pub const STEP: &str = "create-account";

/// What the state machine sends.
pub type Request = StepRequest<Nothing, Progress>;
/// What it is answered.
pub type Response = Answer<Done, Progress>;

/// How far the step has come; handed back at the next call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Progress {
    /// The creation that is waited for, `car-…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub create_account_request_id: Option<String>,
    /// Whether AWS was asked for the account and has had no room: one cheap look tells when it may have some.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub queued: bool,
    /// The account, as soon as it is known to be the order's own: its tags are not read again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<AccountId>,
    /// How often the account that the request names was not visible, or the owner's tags of the one of its address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub looks_in_vain: Option<u32>,
}

/// The account that exists and is ready.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Done {
    /// As AWS Organizations shows it.
    pub account: Account,
}

/// The search for the account of an order, and what it looks at.
struct Search<'a, A, T> {
    request: &'a Request,
    standing: &'a StandingAccounts,
    accounts: &'a A,
    tags: &'a T,
}

/// What became of the search for the account of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Sought {
    /// It exists, is active, is the one that was asked for and nobody else's.
    Found(Account),
    /// Not yet; what is waited for, and what the next call has to know.
    Waiting(String, Progress),
}

/// Finds or makes the account of the order, then proves that later steps can work in it.
///
/// # Errors
/// Those of [`Accounts`], [`AccountTags::list`] and [`Readiness`], and: `InvalidRequest`, `AccountNotFound`, `AccountNotActive`,
/// `AccountMismatch`, `EmailAlreadyInUse`, and what AWS gives as the reason of a failed creation.
pub async fn handle(
    request: &Request,
    standing: &StandingAccounts,
    accounts: &impl Accounts,
    tags: &impl AccountTags,
    readiness: &impl Readiness,
) -> Result<Response, Failure> {
    let search = Search {
        request,
        standing,
        accounts,
        tags,
    };
    let sought = match known_account(request) {
        Some(id) => search.adopt_by_id(&id).await?,
        None => search.find_or_create().await?,
    };
    match sought {
        Sought::Found(account) => prove_ready(request, readiness, account).await,
        Sought::Waiting(waiting_for, progress) => {
            let execution = request.execution.name();
            tracing::info!(execution, waiting_for, "the account is waited for");
            Ok(Answer::Pending {
                waiting_for,
                progress,
            })
        }
    }
}

/// The account that the request names, or that an earlier call of this step has found.
fn known_account(request: &Request) -> Option<AccountId> {
    let of_progress = || request.progress.as_ref()?.account_id.clone();
    let of_request = request.order.request.account_id.clone();
    of_request.or_else(of_progress)
}

/// Whether an answer of this step has named the account to the state machine.
fn is_told(request: &Request, account: &AccountId) -> bool {
    let told = request
        .progress
        .as_ref()
        .and_then(|progress| progress.account_id.as_ref());
    told == Some(account)
}

async fn prove_ready(
    request: &Request,
    readiness: &impl Readiness,
    account: Account,
) -> Result<Response, Failure> {
    let platform = &request.order.platform;
    let probe = Probe {
        account: &account.account_id,
        access_role: &platform.account_access_role,
        region: &platform.region,
    };
    let obstacle = match readiness.find_obstacle(&probe).await {
        // First the machine learns whose failure it is, so that it can be recorded on the account; then it fails.
        Err(failure) if !is_told(request, &account.account_id) => Some(failure.cause().to_owned()),
        other => other?,
    };
    let execution = request.execution.name();
    let id = account.account_id.as_str();
    if let Some(waiting_for) = obstacle {
        tracing::info!(execution, account = id, waiting_for, "account is not ready");
        return Ok(Answer::Pending {
            waiting_for,
            progress: Progress {
                account_id: Some(account.account_id),
                ..Progress::default()
            },
        });
    }
    tracing::info!(execution, account = id, "account is ready");
    Ok(Answer::Done(Done { account }))
}
