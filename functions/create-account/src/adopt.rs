//! Adoption: whether an account that exists is the one that the order asks for, and nobody else's.
//! A refusal names the field or the tag that does not agree, never the value of an address.

use std::collections::BTreeMap;

use avm_core::contract::order::VendRequest;
use avm_core::domain::AccountId;
use avm_core::doors::Door;
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::account_tags::AccountTags;
use avm_core::ports::accounts::{AccountState, Accounts, FoundAccount};
use avm_core::rules::owner::{Claim, Owner};
use avm_core::rules::tag_room;
use avm_core::world::World;

use crate::{Found, Notes, Plan, Search, is_told};

/// How often an account that the request names may be missing, or the owner's tags of one that was found by its address:
/// what was just made may not be visible yet.
const LOOKS_IN_VAIN: u32 = 3;

/// What led to the account: the refusal of somebody else's is named after it.
#[derive(Clone, Copy)]
pub(crate) enum By {
    Id,
    Email,
    /// This execution has asked AWS for the account.
    Creation,
}

impl<A, W: World> Search<'_, A, W> {
    pub(crate) async fn tags(&self, id: &AccountId) -> Result<BTreeMap<String, String>, Failure> {
        let tags = self.world.account_tags(Door::Accounts).await?;
        tags.list(id).await
    }
}

impl<A: Accounts, W: World> Search<'_, A, W> {
    /// Adopts the account of that id, if it is the one that the order asks for.
    pub(crate) async fn adopt_by_id(&self, id: &AccountId) -> Result<Plan, Failure> {
        self.world.standing().refuse(id, "AccountId")?;
        let Some(found) = self.accounts.find_account(id).await? else {
            return self.not_visible(id);
        };
        if !may_be_used(&found.state) {
            return Err(not_active(&found));
        }
        self.adopt(found, By::Id).await
    }

    /// Adopts the account that has the address of the order, if it can be used and has the order's name too.
    pub(crate) async fn adopt_by_email(
        &self,
        found: FoundAccount,
        by: By,
    ) -> Result<Plan, Failure> {
        self.world.standing().refuse(&found.id, "AccountEmail")?;
        if !may_be_used(&found.state) {
            return Err(email_in_use(&found));
        }
        self.adopt(found, by).await
    }

    /// Only what has passed every check is told as `AccountId` in the notes: it is marked if the vend fails.
    ///
    /// An account is its id and its owner. Its own administrators may rename it, and so another name or address of one that is
    /// ours is told and no refusal: else they could keep from it what the request takes away.
    pub(crate) async fn adopt(&self, found: FoundAccount, by: By) -> Result<Plan, Failure> {
        let is_pending = found.state == AccountState::PendingActivation;
        let differs = differing(&self.call.order.request, &found);
        let id = found.id.clone();
        let mut leaves = None;
        let mut full_of_tags = None;
        let was_full = self.call.notes().is_some_and(|notes| notes.full_of_tags);
        if !is_told(self.call, &id) || !differs.is_empty() || was_full {
            // First what runs, then the tags: a vend that is not among these has written its own by then. An account of one's own
            // creation was preceded by nobody.
            let first = match by {
                By::Creation => None,
                By::Id | By::Email => self.find_earlier_vend(&found).await?,
            };
            let tags = match self.tags(&id).await {
                Err(failure) if failure.name() == ErrorName::AccountNotFound => {
                    return self.not_visible(&id);
                }
                tags => tags?,
            };
            let claim = Owner::of(&self.call.order).claim(&tags);
            if claim != Claim::Ours && !differs.is_empty() {
                return Err(mismatch(&id, &differs));
            }
            match (claim, by) {
                (Claim::Ours, _) | (Claim::Nobodys, By::Id) => {}
                (Claim::Nobodys, By::Email | By::Creation) => return self.no_owner(&id),
                (Claim::Anothers(tags), _) => return Err(belongs_to_another(&id, &tags, by)),
                (Claim::Unclear(tags), _) => return Err(half_an_owner(&id, &tags, by)),
            }
            full_of_tags = tag_room::check(&tags, &self.call.order).err();
            leaves = self.landing_zone_to_leave(&id, &tags).await?;
            if let Some(waiting_for) = first {
                return Ok(Plan::WaitForTurn { waiting_for });
            }
        }
        let (joined, is_invited) = (found.joined, found.is_invited);
        let account = found.into_account(&self.call.order.request.account_email);
        if is_pending {
            return Ok(Plan::wait(
                format!("account {id} to be activated (its State is PENDING_ACTIVATION)"),
                Notes::of_account(&id),
            ));
        }
        Ok(Plan::Use(Found {
            account,
            leaves,
            differs,
            joined,
            is_invited,
            full_of_tags,
            created: false,
        }))
    }

    /// An account of the address that no tag gives an owner. What this step makes has the owner's tags from its creation
    /// on, so it is somebody else's, unless AWS does not show the tags yet. Who means it names its id: of two requests
    /// with one id only one is worked on at a time, of two with one address both may be.
    fn no_owner(&self, id: &AccountId) -> Result<Plan, Failure> {
        let mut notes = self.call.notes().cloned().unwrap_or_default();
        let looks = notes.looks_in_vain.unwrap_or_default() + 1;
        if looks > LOOKS_IN_VAIN {
            return Err(without_owner(id));
        }
        notes.looks_in_vain = Some(looks);
        Ok(Plan::wait(
            format!("the owner's tags of account {id} to be visible in AWS Organizations"),
            notes,
        ))
    }

    /// What was found before, or by its address, is only not visible now; an id may be one that does not exist.
    fn not_visible(&self, id: &AccountId) -> Result<Plan, Failure> {
        let waiting_for = format!("account {id} to be visible in AWS Organizations");
        if is_told(self.call, id) {
            return Ok(Plan::wait(waiting_for, Notes::of_account(id)));
        }
        let mut notes = self.call.notes().cloned().unwrap_or_default();
        if self.call.order.request.account_id.is_some() {
            let looks = notes.looks_in_vain.unwrap_or_default() + 1;
            if looks > LOOKS_IN_VAIN {
                return Err(Failure::new(
                    ErrorName::AccountNotFound,
                    "the organization has no account of the id in AccountId",
                )
                .of_account(id));
            }
            notes.looks_in_vain = Some(looks);
        }
        Ok(Plan::wait(waiting_for, notes))
    }
}

/// Which of name and address are not those of the order.
fn differing(wanted: &VendRequest, found: &FoundAccount) -> Vec<String> {
    let name_agrees = found.name.trim() == wanted.account_name.as_str().trim();
    let email_agrees = found.email.as_ref() == Some(&wanted.account_email);
    let fields = [
        (!name_agrees).then_some("AccountName"),
        (!email_agrees).then_some("AccountEmail"),
    ];
    fields.into_iter().flatten().map(str::to_owned).collect()
}

fn mismatch(id: &AccountId, fields: &[String]) -> Failure {
    Failure::new(
        ErrorName::AccountMismatch,
        format!(
            "{} of the request {} not what AWS Organizations shows for the account",
            fields.join(" and "),
            if fields.len() > 1 { "are" } else { "is" }
        ),
    )
    .of_account(id)
}

pub(crate) const fn may_be_used(state: &AccountState) -> bool {
    match state {
        AccountState::Active | AccountState::PendingActivation => true,
        AccountState::Suspended
        | AccountState::PendingClosure
        | AccountState::Closed
        | AccountState::Other(_) => false,
    }
}

fn not_active(found: &FoundAccount) -> Failure {
    Failure::new(
        ErrorName::AccountNotActive,
        format!("the account's State is {}, not ACTIVE", found.state),
    )
    .of_account(&found.id)
}

/// AWS takes the address of a closed account for no other one (AWS Account Management reference, "Close an AWS account", 2026-11-29).
const CLOSED: &str = "choose another e-mail address: this one is that of an account that was closed, or suspended by AWS, and AWS \
     never takes it again for another account. For 90 days after the closure its owner may have AWS Support reopen the account; \
     give the project AccountEmail in the request or another accountEmailPattern, or reopen the account and send the request \
     again";

fn email_in_use(found: &FoundAccount) -> Failure {
    Failure::new(
        ErrorName::EmailAlreadyInUse,
        format!(
            "AccountEmail is the address of an account whose State is {}, which cannot be adopted",
            found.state
        ),
    )
    .with_remedy(CLOSED)
    .of_account(&found.id)
}

fn belongs_to_another(id: &AccountId, tags: &str, by: By) -> Failure {
    let handed_over = "if the account has really changed hands, remove these tags and avm:workspace, avm:project, avm:machine from it in AWS Organizations first";
    let remedy = match by {
        By::Id => {
            format!(
                "send the request for an account of its own workspace and project; {handed_over}"
            )
        }
        By::Email | By::Creation => format!(
            "choose another e-mail address, or correct accountEmailPattern of the platform document; {handed_over}, then \
             send the request with its AccountId"
        ),
    };
    let words = "name another workspace or project than ProductName and Stage of the request, or another machine";
    refused(id, by, &format!("{words}: {tags}"), remedy)
}

fn half_an_owner(id: &AccountId, tags: &str, by: By) -> Failure {
    refused(
        id,
        by,
        &format!("name a workspace without a project, or a project without a workspace: {tags}"),
        "find out whose the account is; complete these tags for its owner, or remove them, in AWS Organizations, and send \
         the request again"
            .to_owned(),
    )
}

fn refused(id: &AccountId, by: By, words: &str, remedy: String) -> Failure {
    let (name, account) = match by {
        By::Id => (
            ErrorName::AccountMismatch,
            "the tags of the account in AccountId",
        ),
        By::Email | By::Creation => (
            ErrorName::EmailAlreadyInUse,
            "AccountEmail is the address of an account whose tags",
        ),
    };
    Failure::new(name, format!("{account} {words}"))
        .with_remedy(remedy)
        .of_account(id)
}

fn without_owner(id: &AccountId) -> Failure {
    Failure::new(
        ErrorName::EmailAlreadyInUse,
        "AccountEmail is the address of an account that the account vending machine has not made: no tag names its \
         workspace and project",
    )
    .with_remedy("send the request with the account's AccountId if it is meant, else choose another e-mail address")
    .of_account(id)
}
