//! Adoption: whether an account that exists is the one that the order asks for.
//! A refusal names the field that does not agree, never its value where that is an address.

use shared::domain::AccountId;
use shared::error::{ErrorName, Failure};
use shared::order::VendRequest;
use shared::ports::accounts::{AccountState, Accounts, FoundAccount};
use shared::standing_accounts::StandingAccounts;

use crate::{Progress, Request, Sought};

/// Adopts the account of that id, if it is the one that the order asks for.
pub(crate) async fn adopt_by_id(
    request: &Request,
    standing: &StandingAccounts,
    accounts: &impl Accounts,
    id: &AccountId,
) -> Result<Sought, Failure> {
    standing.refuse(id, "AccountId")?;
    let Some(found) = accounts.find_account(id).await? else {
        return not_found(request, id);
    };
    match found.state {
        AccountState::Active | AccountState::PendingActivation => {}
        AccountState::Suspended
        | AccountState::PendingClosure
        | AccountState::Closed
        | AccountState::Other(_) => return Err(not_active(&found)),
    }
    adopt(&request.order.request, found)
}

/// Adopts the account that has the address of the order, if it can be used and has the order's name too.
pub(crate) fn adopt_by_email(
    request: &Request,
    standing: &StandingAccounts,
    found: FoundAccount,
) -> Result<Sought, Failure> {
    standing.refuse(&found.id, "AccountEmail")?;
    match found.state {
        AccountState::Active | AccountState::PendingActivation => {}
        AccountState::Suspended
        | AccountState::PendingClosure
        | AccountState::Closed
        | AccountState::Other(_) => return Err(email_in_use(&found)),
    }
    adopt(&request.order.request, found)
}

fn adopt(wanted: &VendRequest, found: FoundAccount) -> Result<Sought, Failure> {
    let name_agrees = found.name.trim() == wanted.account_name.as_str().trim();
    let email_agrees = found.email.as_ref() == Some(&wanted.account_email);
    let pending = found.state == AccountState::PendingActivation;
    let id = found.id.clone();
    let fields: Vec<&str> = [
        (!name_agrees).then_some("AccountName"),
        (!email_agrees).then_some("AccountEmail"),
    ]
    .into_iter()
    .flatten()
    .collect();
    match found.into_account() {
        Some(account) if fields.is_empty() => Ok(if pending {
            Sought::Waiting(
                format!("account {id} to be activated (its State is PENDING_ACTIVATION)"),
                progress_of(id),
            )
        } else {
            Sought::Found(account)
        }),
        _ => Err(Failure::new(
            ErrorName::AccountMismatch,
            format!(
                "{} of the request {} not what AWS Organizations shows for the account",
                fields.join(" and "),
                if fields.len() > 1 { "are" } else { "is" }
            ),
        )
        .of_account(&id)),
    }
}

/// The account of a request that names it must exist; one that an earlier call has found is only not visible now.
fn not_found(request: &Request, id: &AccountId) -> Result<Sought, Failure> {
    if request.order.request.account_id.is_some() {
        return Err(Failure::new(
            ErrorName::AccountNotFound,
            "the organization has no account of the id in AccountId",
        )
        .of_account(id));
    }
    Ok(Sought::Waiting(
        format!("account {id} to be visible in AWS Organizations"),
        progress_of(id.clone()),
    ))
}

fn progress_of(id: AccountId) -> Progress {
    Progress {
        account_id: Some(id),
        ..Progress::default()
    }
}

fn not_active(found: &FoundAccount) -> Failure {
    Failure::new(
        ErrorName::AccountNotActive,
        format!("the account's State is {}, not ACTIVE", found.state),
    )
    .of_account(&found.id)
}

fn email_in_use(found: &FoundAccount) -> Failure {
    Failure::new(
        ErrorName::EmailAlreadyInUse,
        format!(
            "AccountEmail is the address of an account whose State is {}, which cannot be adopted",
            found.state
        ),
    )
    .of_account(&found.id)
}
