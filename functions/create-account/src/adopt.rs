//! Adoption: whether an account that exists is the one that the order asks for, and nobody else's.
//! A refusal names the field or the tag that does not agree, never the value of an address.

use shared::domain::{Account, AccountId};
use shared::error::{ErrorName, Failure};
use shared::order::VendRequest;
use shared::ports::account_tags::AccountTags;
use shared::ports::accounts::{AccountState, Accounts, FoundAccount};

use crate::owner::tags_of_another_owner;
use crate::{Progress, Search, Sought};

/// How often an account that the request names may be missing: one that was just made may not be visible yet.
const LOOKS_IN_VAIN: u32 = 3;

/// What led to the account: the refusal of somebody else's is named after it.
#[derive(Clone, Copy)]
enum By {
    Id,
    Email,
}

impl<A: Accounts, T: AccountTags> Search<'_, A, T> {
    /// Adopts the account of that id, if it is the one that the order asks for.
    pub(crate) async fn adopt_by_id(&self, id: &AccountId) -> Result<Sought, Failure> {
        self.standing.refuse(id, "AccountId")?;
        let Some(found) = self.accounts.find_account(id).await? else {
            return self.not_visible(id);
        };
        if !may_be_used(&found.state) {
            return Err(not_active(&found));
        }
        self.adopt(found, By::Id).await
    }

    /// Adopts the account that has the address of the order, if it can be used and has the order's name too.
    pub(crate) async fn adopt_by_email(&self, found: FoundAccount) -> Result<Sought, Failure> {
        self.standing.refuse(&found.id, "AccountEmail")?;
        if !may_be_used(&found.state) {
            return Err(email_in_use(&found));
        }
        self.adopt(found, By::Email).await
    }

    /// Only what has passed every check is told as `AccountId` in the progress: it is marked if the vend fails.
    async fn adopt(&self, found: FoundAccount, by: By) -> Result<Sought, Failure> {
        let is_pending = found.state == AccountState::PendingActivation;
        let account = agreeing(&self.request.order.request, found)?;
        let id = &account.account_id;
        if !self.was_found_before(id) {
            match self.check_owner(id, by).await {
                Err(failure) if failure.name() == ErrorName::AccountNotFound => {
                    return self.not_visible(id);
                }
                checked => checked?,
            }
        }
        Ok(if is_pending {
            Sought::Waiting(
                format!("account {id} to be activated (its State is PENDING_ACTIVATION)"),
                progress_of(id),
            )
        } else {
            Sought::Found(account)
        })
    }

    async fn check_owner(&self, id: &AccountId, by: By) -> Result<(), Failure> {
        let tags = self.tags.list(id).await?;
        match tags_of_another_owner(&self.request.order.request, &tags) {
            None => Ok(()),
            Some(others) => Err(belongs_to_another(id, &others, by)),
        }
    }

    /// An earlier look has found the account, and that it is nobody else's.
    fn was_found_before(&self, id: &AccountId) -> bool {
        let progress = self.request.progress.as_ref();
        progress.and_then(|progress| progress.account_id.as_ref()) == Some(id)
    }

    /// What was found before, or by its address, is only not visible now; an id may be one that does not exist.
    fn not_visible(&self, id: &AccountId) -> Result<Sought, Failure> {
        let waiting_for = format!("account {id} to be visible in AWS Organizations");
        if self.was_found_before(id) {
            return Ok(Sought::Waiting(waiting_for, progress_of(id)));
        }
        let mut progress = self.request.progress.clone().unwrap_or_default();
        if self.request.order.request.account_id.is_some() {
            let looks = progress.looks_in_vain.unwrap_or_default() + 1;
            if looks > LOOKS_IN_VAIN {
                return Err(Failure::new(
                    ErrorName::AccountNotFound,
                    "the organization has no account of the id in AccountId",
                )
                .of_account(id));
            }
            progress.looks_in_vain = Some(looks);
        }
        Ok(Sought::Waiting(waiting_for, progress))
    }
}

/// The account, if its name and address are those of the order.
fn agreeing(wanted: &VendRequest, found: FoundAccount) -> Result<Account, Failure> {
    let name_agrees = found.name.trim() == wanted.account_name.as_str().trim();
    let email_agrees = found.email.as_ref() == Some(&wanted.account_email);
    let id = found.id.clone();
    let fields: Vec<&str> = [
        (!name_agrees).then_some("AccountName"),
        (!email_agrees).then_some("AccountEmail"),
    ]
    .into_iter()
    .flatten()
    .collect();
    match found.into_account() {
        Some(account) if fields.is_empty() => Ok(account),
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

const fn may_be_used(state: &AccountState) -> bool {
    match state {
        AccountState::Active | AccountState::PendingActivation => true,
        AccountState::Suspended
        | AccountState::PendingClosure
        | AccountState::Closed
        | AccountState::Other(_) => false,
    }
}

fn progress_of(id: &AccountId) -> Progress {
    Progress {
        account_id: Some(id.clone()),
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

fn belongs_to_another(id: &AccountId, others: &str, by: By) -> Failure {
    let handed_over = "if the account has really changed hands, remove these tags from it in AWS Organizations first";
    let failure = match by {
        By::Id => Failure::new(
            ErrorName::AccountMismatch,
            format!(
                "the tags of the account in AccountId name another workspace or project than ProductName and Stage of \
                 the request: {others}"
            ),
        )
        .with_remedy(format!(
            "send the request for an account of its own workspace and project; {handed_over}"
        )),
        By::Email => Failure::new(
            ErrorName::EmailAlreadyInUse,
            format!(
                "AccountEmail is the address of an account whose tags name another workspace or project than \
                 ProductName and Stage of the request: {others}"
            ),
        )
        .with_remedy(format!(
            "choose another e-mail address, or correct accountEmailPattern of the platform document; {handed_over}"
        )),
    };
    failure.of_account(id)
}
