//! The accounts of the organization: which there are, and the creation of another one.
//! A creation has no idempotency token: the caller must look before it starts one.

use std::collections::BTreeMap;

use crate::domain::{Account, AccountId, AccountName, Email, Moment, RoleName, wire_enum};
use crate::error::Failure;

/// An account as the organization shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundAccount {
    pub id: AccountId,
    pub name: String,
    /// The address of its root user; none where it is not one that could be asked for.
    pub email: Option<Email>,
    pub arn: String,
    /// How far its life has come.
    pub state: AccountState,
    /// Since when the organization has it, if it tells.
    pub joined: Option<Moment>,
    /// Whether it was there before, and came by an invitation.
    pub is_invited: bool,
}

impl FoundAccount {
    /// The account as the steps hand it on, with the address of the order where its own is not one that could be asked for: AWS takes
    /// more from an account's root user than from `CreateAccount` (`Account.Email` in the model of AWS Organizations).
    pub fn into_account(self, of_order: &Email) -> Account {
        Account {
            account_id: self.id,
            account_name: self.name,
            account_email: self.email.unwrap_or_else(|| of_order.clone()),
            account_arn: self.arn,
        }
    }
}

wire_enum! {
    /// `Account.State` of AWS Organizations.
    AccountState {
        /// Its sign-up is not finished: it cannot be used yet.
        PendingActivation = "PENDING_ACTIVATION",
        Active = "ACTIVE",
        /// It is closed and can be reopened, or AWS has suspended it.
        Suspended = "SUSPENDED",
        PendingClosure = "PENDING_CLOSURE",
        /// It is closed, and stays so.
        Closed = "CLOSED",
    }
}

/// What an account is created with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAccount {
    pub name: AccountName,
    /// The address of its root user.
    pub email: Email,
    /// The role that is made in it, which the management account may assume.
    pub access_role: RoleName,
    /// Its tags from the beginning.
    pub tags: BTreeMap<String, String>,
}

/// A creation that was asked for: AWS works on it, or has ended it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Creation {
    /// Its id, `car-…`.
    pub id: String,
    /// How far it is.
    pub state: CreationState,
}

/// What AWS answers to the wish for another account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CreationStart {
    /// AWS works on it, or has ended it already.
    Taken(Creation),
    /// AWS has not taken it, and takes it later; what that waits for, in words.
    NotYet(String),
}

/// How far a creation is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CreationState {
    /// AWS works on it.
    InProgress,
    /// The account is made.
    Succeeded(AccountId),
    /// There will be no account.
    Failed(CreationFailure),
}

wire_enum! {
    /// `FailureReason` of AWS Organizations' `CreateAccountStatus`.
    CreationFailure {
        AccountLimitExceeded = "ACCOUNT_LIMIT_EXCEEDED",
        ConcurrentAccountModification = "CONCURRENT_ACCOUNT_MODIFICATION",
        EmailAlreadyExists = "EMAIL_ALREADY_EXISTS",
        FailedBusinessValidation = "FAILED_BUSINESS_VALIDATION",
        GovcloudAccountAlreadyExists = "GOVCLOUD_ACCOUNT_ALREADY_EXISTS",
        InternalFailure = "INTERNAL_FAILURE",
        InvalidAddress = "INVALID_ADDRESS",
        InvalidEmail = "INVALID_EMAIL",
        InvalidIdentityForBusinessValidation = "INVALID_IDENTITY_FOR_BUSINESS_VALIDATION",
        InvalidPaymentInstrument = "INVALID_PAYMENT_INSTRUMENT",
        MissingBusinessValidation = "MISSING_BUSINESS_VALIDATION",
        MissingPaymentInstrument = "MISSING_PAYMENT_INSTRUMENT",
        PendingBusinessValidation = "PENDING_BUSINESS_VALIDATION",
        UnknownBusinessValidation = "UNKNOWN_BUSINESS_VALIDATION",
        UpdateExistingResourcePolicyWithTagsNotSupported = "UPDATE_EXISTING_RESOURCE_POLICY_WITH_TAGS_NOT_SUPPORTED",
    }
}

/// How far a walk over all accounts has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Walk {
    /// To the account.
    Found(FoundAccount),
    /// To the end, and the account is not there.
    Ended,
    /// As far as it was to go, or as AWS let it; it goes on from this token.
    Stopped(String),
}

/// The creations that AWS works on, as one read tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnderWay {
    /// Those of accounts of the name, and what keeps AWS from taking another creation now, in words.
    Seen {
        of_name: Vec<Creation>,
        lack_of_room: Option<String>,
    },
    /// AWS does not tell: more ask than it answers. What that waits for, in words.
    Crowded(String),
}

/// The accounts of the organization.
pub trait Accounts {
    /// The account of that id; none if the organization has no such account.
    async fn find_account(&self, id: &AccountId) -> Result<Option<FoundAccount>, Failure>;

    /// Every account of the organization.
    async fn list_accounts(&self) -> Result<Vec<FoundAccount>, Failure>;

    /// Walks to the account whose root user has that address, in any letter case and in any state: from the beginning or
    /// from where an earlier walk has stopped, over about so many pages. One that is interrupted stops there.
    async fn walk_to_email(
        &self,
        email: &Email,
        from: Option<&str>,
        pages: u32,
    ) -> Result<Walk, Failure>;

    /// The creations of accounts of that name that AWS works on, or that have succeeded so recently that their account may not be
    /// listed yet. A creation does not tell its address. AWS keeps the creations of months, and all of them are read.
    async fn list_open_creations(&self, name: &AccountName) -> Result<Vec<Creation>, Failure>;

    /// The creations of accounts of that name that AWS works on, of five at most, and whether it has room for another one. This is
    /// asked once: many may wait for room.
    async fn find_under_way(&self, name: &AccountName) -> Result<UnderWay, Failure>;

    /// Asks for a new account, once. After a failure that leaves open whether AWS has taken the request,
    /// the failure is a busy one, and a retry must look first.
    ///
    /// # Errors
    /// Every exception of `CreateAccount` that does not pass by waiting, by its meaning.
    async fn start_creation(&self, account: &NewAccount) -> Result<CreationStart, Failure>;

    /// The creation of that id; none if AWS does not know it (yet).
    async fn find_creation(&self, id: &str) -> Result<Option<Creation>, Failure>;
}
