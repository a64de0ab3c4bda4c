//! Creation: look for the address, then for a creation that is under way, then ask AWS for the account.
//! A lost answer is made good by looking: AWS never makes two accounts of one address.

use avm_core::domain::account_tags;
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::account_tags::AccountTags;
use avm_core::ports::accounts::{
    Accounts, Creation, CreationFailure, CreationStart, CreationState, NewAccount,
};
use avm_core::rules::owner::Owner;

use crate::{Progress, Request, Search, Sought};

fn creation_of_progress(request: &Request) -> Option<&str> {
    request
        .progress
        .as_ref()?
        .create_account_request_id
        .as_deref()
}

impl<A: Accounts, T: AccountTags> Search<'_, A, T> {
    /// Follows the creation of an earlier call, or finds the account, or a creation of it, or starts one.
    pub(crate) async fn find_or_create(&self) -> Result<Sought, Failure> {
        if let Some(id) = creation_of_progress(self.request) {
            let Some(creation) = self.accounts.find_creation(id).await? else {
                return Ok(waiting_for_creation(
                    id,
                    "to be visible in AWS Organizations",
                ));
            };
            if let Some(sought) = self.follow(creation).await? {
                return Ok(sought);
            }
        }
        if is_queued(self.request)
            && let Some(waiting_for) = self.accounts.find_lack_of_room().await?
        {
            return Ok(queued(waiting_for));
        }
        if let Some(sought) = self.look().await? {
            return Ok(sought);
        }
        self.start().await
    }

    /// The account of the order's address, or a creation of it that is under way.
    async fn look(&self) -> Result<Option<Sought>, Failure> {
        let wanted = &self.request.order.request;
        let found = self
            .accounts
            .find_account_by_email(&wanted.account_email)
            .await?;
        if let Some(found) = found {
            return self.adopt_by_email(found).await.map(Some);
        }
        let open = self
            .accounts
            .list_open_creations(&wanted.account_name)
            .await?;
        for creation in open {
            let sought = match creation.state {
                CreationState::InProgress => Some(waiting_for_creation(&creation.id, "to end")),
                CreationState::Succeeded(_) => self.confirm(&creation).await?,
                CreationState::Failed(_) => None,
            };
            if sought.is_some() {
                return Ok(sought);
            }
        }
        Ok(None)
    }

    /// Asks AWS for the account, once.
    async fn start(&self) -> Result<Sought, Failure> {
        let wanted = &self.request.order.request;
        let mut tags = account_tags(&wanted.tags);
        tags.extend(Owner::of(wanted).tags());
        let account = NewAccount {
            name: wanted.account_name.clone(),
            email: wanted.account_email.clone(),
            access_role: self.request.order.platform.account_access_role.clone(),
            // Never ProductName and Stage: they say that the vend is done.
            tags,
        };
        let creation = match self.accounts.start_creation(&account).await? {
            CreationStart::Taken(creation) => creation,
            CreationStart::NotYet(waiting_for) => return Ok(queued(waiting_for)),
        };
        let execution = self.request.execution.name();
        tracing::info!(
            execution,
            creation = creation.id,
            "account creation started"
        );
        match self.follow(creation).await? {
            Some(sought) => Ok(sought),
            None => Err(Failure::new(
                ErrorName::Internal,
                "AWS Organizations made an account of another address than the one that was asked for",
            )),
        }
    }

    /// What became of a creation; none if it has made an account of the same name for somebody else.
    async fn follow(&self, creation: Creation) -> Result<Option<Sought>, Failure> {
        match &creation.state {
            CreationState::InProgress => Ok(Some(waiting_for_creation(&creation.id, "to end"))),
            CreationState::Succeeded(_) => self.confirm(&creation).await,
            CreationState::Failed(reason) => self.recover(&creation.id, reason).await.map(Some),
        }
    }

    /// The account that a creation has made, if it has the order's address: a creation does not tell it.
    async fn confirm(&self, creation: &Creation) -> Result<Option<Sought>, Failure> {
        let CreationState::Succeeded(id) = &creation.state else {
            return Ok(None);
        };
        let Some(found) = self.accounts.find_account(id).await? else {
            return Ok(Some(waiting_for_creation(
                &creation.id,
                "to show its account in AWS Organizations",
            )));
        };
        if found.email.as_ref() != Some(&self.request.order.request.account_email) {
            return Ok(None);
        }
        self.adopt_by_email(found).await.map(Some)
    }

    /// What follows from the reason of a failed creation.
    async fn recover(&self, id: &str, reason: &CreationFailure) -> Result<Sought, Failure> {
        match reason {
            // The answer to an earlier request of ours was lost, or the address is somebody else's.
            CreationFailure::EmailAlreadyExists => match self.look().await? {
                Some(sought) => Ok(sought),
                None => Err(failed(ErrorName::EmailAlreadyInUse, id, reason)),
            },
            // An equal request was sent before this one: it is the one to follow.
            CreationFailure::ConcurrentAccountModification => match self.look().await? {
                Some(sought) => Ok(sought),
                None => Ok(waiting_to_look_again(id, reason)),
            },
            CreationFailure::InternalFailure => Ok(waiting_to_look_again(id, reason)),
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

fn is_queued(request: &Request) -> bool {
    let progress = request.progress.as_ref();
    progress.is_some_and(|progress| progress.queued)
}

/// AWS takes the request later: until then the search, which reads all accounts, is not worth repeating.
fn queued(waiting_for: String) -> Sought {
    let progress = Progress {
        queued: true,
        ..Progress::default()
    };
    Sought::Waiting(waiting_for, progress)
}

fn waiting_for_creation(id: &str, what: &str) -> Sought {
    Sought::Waiting(
        format!("creation {id} {what}"),
        Progress {
            create_account_request_id: Some(id.to_owned()),
            ..Progress::default()
        },
    )
}

/// The next call begins anew: it looks first, and asks for the account again if there is none.
fn waiting_to_look_again(id: &str, reason: &CreationFailure) -> Sought {
    Sought::Waiting(
        format!("another attempt, after creation {id} ended with {reason}"),
        Progress::default(),
    )
}

fn failed(name: ErrorName, id: &str, reason: &CreationFailure) -> Failure {
    Failure::new(
        name,
        format!("AWS Organizations ended creation {id} with {reason}"),
    )
}
