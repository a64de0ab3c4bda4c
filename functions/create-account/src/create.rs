//! Creation: look for the owner's account, for the address among the first accounts, for a creation under way, then ask AWS for it.
//! A lost answer is made good by looking: AWS never makes two accounts of one address, and its refusal of one is the search of
//! a large organization. Only then are all accounts walked over, from look to look on from where the last one stopped.

use avm_core::contract::call::Mode;
use avm_core::domain::account_tags;
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::accounts::{
    Accounts, Creation, CreationFailure, CreationStart, CreationState, NewAccount, UnderWay, Walk,
};
use avm_core::rules::owner::Owner;
use avm_core::world::World;

use crate::adopt::By;
use crate::{Notes, Plan, Search};

/// How many pages of 20 accounts a look walks over, in some twenty seconds.
const PAGES: u32 = 200;

impl<A: Accounts, W: World> Search<'_, A, W> {
    /// Follows the creation of an earlier call, or finds the account, or a creation of it, or that AWS is to be asked for one.
    pub(crate) async fn find_or_create(&self) -> Result<Plan, Failure> {
        let notes = self.call.notes().cloned().unwrap_or_default();
        if let (Some(id), Some(from)) = (&notes.create_account_request_id, &notes.walked_to) {
            return self.walk_on(id, Some(from)).await;
        }
        if let Some(id) = &notes.create_account_request_id {
            let Some(creation) = self.accounts.find_creation(id).await? else {
                let waiting = wait_for_creation(id, "to be visible in AWS Organizations");
                return Ok(waiting.of_creation(notes.has_asked));
            };
            if let Some(plan) = self.follow(creation, notes.has_asked).await? {
                return Ok(plan);
            }
        }
        if notes.queued {
            // Until AWS may take the request, the search is not worth repeating.
            if let Some(plan) = self.find_under_way().await? {
                return Ok(plan);
            }
        } else if let Some(plan) = self.find_of_project().await? {
            return Ok(plan);
        }
        if let Some(plan) = self.find(notes.queued).await? {
            return Ok(plan);
        }
        Ok(Plan::Create(self.wanted()))
    }

    /// The account that the project has already, or the turn of another vend of the project, which may make it. A plan waits for
    /// nobody.
    async fn find_of_project(&self) -> Result<Option<Plan>, Failure> {
        if self.call.mode == Mode::Plan {
            return self.find_owned().await;
        }
        // First what runs, then the accounts: what is not among these has made its account by then.
        self.running().await?;
        match self.find_owned().await? {
            Some(plan) => Ok(Some(plan)),
            None => self.turn_of_project().await,
        }
    }

    /// The account of the order's address, or a creation of it that is under way. Of a large organization one page is read: AWS
    /// knows all addresses when it is asked for the account. A plan asks for nothing, and so it reads all.
    async fn find(&self, has_seen_what_is_under_way: bool) -> Result<Option<Plan>, Failure> {
        let email = &self.call.order.request.account_email;
        let reads_all = self.call.mode == Mode::Plan;
        let pages = if reads_all { u32::MAX } else { 1 };
        match self.accounts.walk_to_email(email, None, pages).await? {
            Walk::Found(found) => self.adopt_by_email(found, By::Email).await.map(Some),
            Walk::Ended => self.find_creation().await,
            Walk::Stopped(_) if reads_all => {
                let words = "AWS Organizations has interrupted the search of all accounts";
                Err(Failure::new(ErrorName::Throttled, words))
            }
            Walk::Stopped(_) if has_seen_what_is_under_way => Ok(None),
            Walk::Stopped(_) => self.find_under_way().await,
        }
    }

    /// What AWS works on already: a creation of the order's account, or as many of others as it takes.
    async fn find_under_way(&self) -> Result<Option<Plan>, Failure> {
        let name = &self.call.order.request.account_name;
        Ok(match self.accounts.find_under_way(name).await? {
            UnderWay::Seen {
                of_name,
                lack_of_room,
            } => match of_name.first() {
                Some(creation) => Some(wait_for_creation(&creation.id, "to end")),
                None => lack_of_room.map(|waiting_for| Plan::WaitForRoom { waiting_for }),
            },
            UnderWay::Crowded(waiting_for) => Some(Plan::WaitInCrowd { waiting_for }),
        })
    }

    /// A creation of the order's account that is under way, or has just ended.
    async fn find_creation(&self) -> Result<Option<Plan>, Failure> {
        let name = &self.call.order.request.account_name;
        for creation in self.accounts.list_open_creations(name).await? {
            let plan = match creation.state {
                CreationState::InProgress => Some(wait_for_creation(&creation.id, "to end")),
                CreationState::Succeeded(_) => self.confirm(&creation, By::Email).await?,
                CreationState::Failed(_) => None,
            };
            if plan.is_some() {
                return Ok(plan);
            }
        }
        Ok(None)
    }

    /// Walks over all accounts for the address that AWS has refused, on from there: ours of a lost answer, or somebody else's.
    async fn walk_on(&self, refused: &str, from: Option<&str>) -> Result<Plan, Failure> {
        let email = &self.call.order.request.account_email;
        match self.accounts.walk_to_email(email, from, PAGES).await? {
            Walk::Found(found) => self.adopt_by_email(found, By::Email).await,
            Walk::Stopped(token) => Ok(Plan::wait(
                format!(
                    "the search of all accounts for AccountEmail, which ended creation {refused}"
                ),
                Notes {
                    create_account_request_id: Some(refused.to_owned()),
                    walked_to: Some(token),
                    ..Notes::default()
                },
            )),
            Walk::Ended => {
                let reason = CreationFailure::EmailAlreadyExists;
                let in_use = || failed(ErrorName::EmailAlreadyInUse, refused, &reason);
                let creation = self.find_creation().await?;
                creation.ok_or_else(|| in_use().with_remedy(OUTSIDE))
            }
        }
    }

    fn wanted(&self) -> NewAccount {
        let wanted = &self.call.order.request;
        let mut tags = account_tags(&wanted.tags);
        tags.extend(Owner::of(&self.call.order).tags());
        NewAccount {
            name: wanted.account_name.clone(),
            email: wanted.account_email.clone(),
            access_role: self.call.order.platform.account_access_role.clone(),
            // Never ProductName and Stage: they say that the vend is done.
            tags,
        }
    }

    /// Asks AWS for the account, once; what became of the creation.
    pub(crate) async fn start(&self, account: &NewAccount) -> Result<Option<Plan>, Failure> {
        let creation = match self.accounts.start_creation(account).await? {
            CreationStart::Taken(creation) => creation,
            CreationStart::NotYet(waiting_for) => {
                return Ok(Some(Plan::WaitForRoom { waiting_for }));
            }
        };
        tracing::info!(
            execution = self.call.execution.name(),
            creation = creation.id,
            "account creation started"
        );
        self.follow(creation, true).await
    }

    /// What became of a creation, which this execution `has_asked` for or has found under the order's name; none if it has made
    /// an account of the same name for somebody else.
    async fn follow(&self, creation: Creation, has_asked: bool) -> Result<Option<Plan>, Failure> {
        let by = if has_asked { By::Creation } else { By::Email };
        let plan = match &creation.state {
            CreationState::InProgress => Some(wait_for_creation(&creation.id, "to end")),
            CreationState::Succeeded(_) => self.confirm(&creation, by).await?,
            CreationState::Failed(reason) => {
                return self.recover(&creation.id, reason).await.map(Some);
            }
        };
        Ok(plan.map(|plan| plan.of_creation(has_asked)))
    }

    /// The account that a creation has made, if it has the order's address: a creation does not tell it.
    async fn confirm(&self, creation: &Creation, by: By) -> Result<Option<Plan>, Failure> {
        let CreationState::Succeeded(id) = &creation.state else {
            return Ok(None);
        };
        let Some(found) = self.accounts.find_account(id).await? else {
            return Ok(Some(wait_for_creation(
                &creation.id,
                "to show its account in AWS Organizations",
            )));
        };
        if found.email.as_ref() != Some(&self.call.order.request.account_email) {
            return Ok(None);
        }
        self.adopt_by_email(found, by).await.map(Some)
    }

    /// What follows from the reason of a failed creation.
    async fn recover(&self, id: &str, reason: &CreationFailure) -> Result<Plan, Failure> {
        match reason {
            // The answer to an earlier request of ours was lost, or the address is somebody else's.
            CreationFailure::EmailAlreadyExists => self.walk_on(id, None).await,
            // An equal request was sent before this one: it is the one to follow.
            CreationFailure::ConcurrentAccountModification => match self.find(false).await? {
                Some(plan) => Ok(plan),
                None => Ok(wait_to_look_again(id, reason)),
            },
            CreationFailure::InternalFailure => Ok(wait_to_look_again(id, reason)),
            CreationFailure::AccountLimitExceeded => {
                Err(failed(ErrorName::AccountLimitExceeded, id, reason))
            }
            CreationFailure::PendingBusinessValidation => Err(failed(
                ErrorName::AccountCreationPendingValidation,
                id,
                reason,
            )),
            CreationFailure::InvalidEmail => Err(failed(ErrorName::InvalidRequest, id, reason)
                .with_remedy("correct AccountEmail and send the request again")),
            CreationFailure::FailedBusinessValidation
            | CreationFailure::GovcloudAccountAlreadyExists
            | CreationFailure::InvalidAddress
            | CreationFailure::InvalidIdentityForBusinessValidation
            | CreationFailure::InvalidPaymentInstrument
            | CreationFailure::MissingBusinessValidation
            | CreationFailure::MissingPaymentInstrument
            | CreationFailure::UnknownBusinessValidation
            | CreationFailure::UpdateExistingResourcePolicyWithTagsNotSupported
            | CreationFailure::Other(_) => {
                Err(failed(ErrorName::AccountCreationFailed, id, reason))
            }
        }
    }
}

/// AWS takes the address of a closed account for no other one (AWS Account Management reference, "Close an AWS account", 2026-11-29).
const OUTSIDE: &str = "choose another e-mail address: this one belongs to an account outside of this organization, or to one \
     that was closed; AWS never takes it again";

fn wait_for_creation(id: &str, what: &str) -> Plan {
    let notes = Notes {
        create_account_request_id: Some(id.to_owned()),
        ..Notes::default()
    };
    Plan::wait(format!("creation {id} {what}"), notes)
}

/// The next call begins anew: it looks first, and asks for the account again if there is none.
fn wait_to_look_again(id: &str, reason: &CreationFailure) -> Plan {
    let words = format!("another attempt, after creation {id} ended with {reason}");
    Plan::wait(words, Notes::default())
}

fn failed(name: ErrorName, id: &str, reason: &CreationFailure) -> Failure {
    Failure::new(
        name,
        format!("AWS Organizations ended creation {id} with {reason}"),
    )
}
