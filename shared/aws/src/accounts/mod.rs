//! Accounts of AWS Organizations, read and created with a role of the management account.
//! Pages hold 20 at most and may be empty although more follow.

mod creation_errors;
#[cfg(test)]
mod creation_tests;
#[cfg(test)]
mod tests;

use std::time::{Duration, SystemTime};

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_sdk_organizations::Client;
use aws_sdk_organizations::types::{
    Account as Listed, AccountJoinedMethod, AccountState as ListedState, AccountStatus,
    CreateAccountFailureReason, CreateAccountState, CreateAccountStatus, Tag,
};

use self::creation_errors::{CROWD, ROOM, creation_failure, waited_for};
use super::call::{Answered, Called, all_pages};
use super::organizations::{incomplete, organizations_failure};
use avm_core::domain::{AccountId, AccountName, Email, Moment};
use avm_core::error::{ErrorName, Failure, Kind};
use avm_core::ports::accounts::{
    AccountState, Accounts, Creation, CreationFailure, CreationStart, CreationState, FoundAccount,
    NewAccount, UnderWay, Walk,
};

const CREATE: &str = "organizations:CreateAccount";
const DESCRIBE: &str = "organizations:DescribeAccount";
const LIST: &str = "organizations:ListAccounts";
const STATUS: &str = "organizations:DescribeCreateAccountStatus";
const LIST_STATUS: &str = "organizations:ListCreateAccountStatus";

/// For how long after its creation an account may be missing in a list (Organizations is eventually consistent).
const UNLISTED: Duration = Duration::from_hours(1);

/// A token that AWS does not take (any more): the walk begins anew.
const INVALID: &str = "InvalidInputException";
/// A longer token (the model allows 100,000 characters) has no room in the state of an execution.
const LONGEST_TOKEN: usize = 4096;

/// How many creations AWS works on at a time (AWS Organizations quota).
const CREATIONS_AT_ONCE: usize = 5;

/// The accounts of the organization that the client's role can see.
#[derive(Clone, Debug)]
pub struct OrganizationAccounts {
    client: Client,
}

impl OrganizationAccounts {
    /// Calls with this configuration: credentials of a role in the management account.
    pub fn of(configuration: &SdkConfig) -> Self {
        Self::new(Client::new(configuration))
    }

    /// Calls through this client.
    pub const fn new(client: Client) -> Self {
        Self { client }
    }
}

impl Accounts for OrganizationAccounts {
    async fn find_account(&self, id: &AccountId) -> Result<Option<FoundAccount>, Failure> {
        let answer = self
            .client
            .describe_account()
            .account_id(id.as_str())
            .send()
            .await
            .of_call(DESCRIBE)
            .unless(&["AccountNotFoundException"])
            .map_err(|error| organizations_failure(error).of_account(id))?;
        let Some(answer) = answer else {
            return Ok(None);
        };
        let account = answer
            .account
            .ok_or_else(|| incomplete(DESCRIBE, "an account"))?;
        found(DESCRIBE, account).map(Some)
    }

    async fn list_accounts(&self) -> Result<Vec<FoundAccount>, Failure> {
        let pages = self.client.list_accounts().into_paginator().send();
        let pages = all_pages(LIST, pages)
            .await
            .map_err(organizations_failure)?;
        let accounts = pages
            .into_iter()
            .flat_map(|page| page.accounts.unwrap_or_default());
        accounts.map(|account| found(LIST, account)).collect()
    }

    async fn walk_to_email(
        &self,
        email: &Email,
        from: Option<&str>,
        pages: u32,
    ) -> Result<Walk, Failure> {
        let is_same = |account: &Listed| account.email().is_some_and(|text| email.is_same_as(text));
        let (mut at, mut walked) = (from.map(str::to_owned), 0);
        loop {
            let request = self.client.list_accounts().set_next_token(at.clone());
            let page = match request.send().await.of_call(LIST) {
                Ok(page) => page,
                Err(error) if walked == 0 && at.is_some() && error.code == INVALID => {
                    at = None;
                    continue;
                }
                Err(error) => {
                    let failure = organizations_failure(error);
                    let is_busy = failure.name().kind() == Kind::Busy;
                    let way = at.filter(|token| walked > 0 && is_busy && can_be_kept(token));
                    return way.map(Walk::Stopped).ok_or(failure);
                }
            };
            let mut accounts = page.accounts.unwrap_or_default().into_iter();
            if let Some(account) = accounts.find(is_same) {
                return found(LIST, account).map(Walk::Found);
            }
            walked += 1;
            match page.next_token {
                None => return Ok(Walk::Ended),
                Some(token) if walked >= pages && can_be_kept(&token) => {
                    return Ok(Walk::Stopped(token));
                }
                token => at = token,
            }
        }
    }

    async fn list_open_creations(&self, name: &AccountName) -> Result<Vec<Creation>, Failure> {
        let oldest = SystemTime::now()
            .checked_sub(UNLISTED)
            .unwrap_or(SystemTime::UNIX_EPOCH);
        let pages = self
            .client
            .list_create_account_status()
            .states(CreateAccountState::InProgress)
            .states(CreateAccountState::Succeeded)
            .into_paginator()
            .send();
        let pages = all_pages(LIST_STATUS, pages)
            .await
            .map_err(organizations_failure)?;
        pages
            .into_iter()
            .flat_map(|page| page.create_account_statuses.unwrap_or_default())
            .filter(|status| status.account_name() == Some(name.as_str()))
            .filter(|status| is_open(status, oldest))
            .map(|status| creation(LIST_STATUS, status))
            .collect()
    }

    async fn find_under_way(&self, name: &AccountName) -> Result<UnderWay, Failure> {
        let (mut of_name, mut in_progress, mut next) = (Vec::new(), 0, None);
        loop {
            let page = self
                .client
                .list_create_account_status()
                .states(CreateAccountState::InProgress)
                .set_next_token(next)
                .customize()
                // The next look is the retry.
                .config_override(without_retries())
                .send();
            let page = match page.await.of_call(LIST_STATUS) {
                Ok(page) => page,
                Err(error) => {
                    let failure = organizations_failure(error);
                    let is_crowded = failure.name() == ErrorName::Throttled;
                    let crowded = is_crowded.then(|| UnderWay::Crowded(CROWD.to_owned()));
                    return crowded.ok_or(failure);
                }
            };
            let statuses = page.create_account_statuses.unwrap_or_default();
            in_progress += statuses.len();
            let ours = statuses.into_iter();
            let ours = ours.filter(|status| status.account_name() == Some(name.as_str()));
            let ours = ours.map(|status| creation(LIST_STATUS, status));
            of_name.extend(ours.collect::<Result<Vec<_>, _>>()?);
            next = page.next_token;
            if next.is_none() {
                let lack_of_room = (in_progress >= CREATIONS_AT_ONCE).then(|| ROOM.to_owned());
                return Ok(UnderWay::Seen {
                    of_name,
                    lack_of_room,
                });
            }
        }
    }

    async fn start_creation(&self, account: &NewAccount) -> Result<CreationStart, Failure> {
        let request = self
            .client
            .create_account()
            .account_name(account.name.as_str())
            .email(account.email.expose())
            .role_name(account.access_role.as_str())
            .set_tags(tags(account)?)
            .customize()
            // There is no idempotency token: an SDK retry after a lost answer would ask for a second account.
            .config_override(without_retries());
        let answer = match request.send().await {
            Ok(answer) => answer,
            Err(error) => {
                return match error.as_service_error().and_then(waited_for) {
                    Some(words) => Ok(CreationStart::NotYet(words.to_owned())),
                    None => Err(creation_failure(&error)),
                };
            }
        };
        let status = answer
            .create_account_status
            .filter(|status| status.id().is_some())
            .ok_or_else(|| unclear("no id of the creation"))?;
        creation(CREATE, status).map(CreationStart::Taken)
    }

    async fn find_creation(&self, id: &str) -> Result<Option<Creation>, Failure> {
        let answer = self
            .client
            .describe_create_account_status()
            .create_account_request_id(id)
            .send()
            .await
            .of_call(STATUS)
            .unless(&["CreateAccountStatusNotFoundException"])
            .map_err(|error| organizations_failure(error).while_doing(id))?;
        let Some(answer) = answer else {
            return Ok(None);
        };
        let status = answer
            .create_account_status
            .ok_or_else(|| incomplete(STATUS, "a status"))?;
        creation(STATUS, status).map(Some)
    }
}

fn without_retries() -> aws_sdk_organizations::config::Builder {
    aws_sdk_organizations::Config::builder().retry_config(RetryConfig::disabled())
}

const fn can_be_kept(token: &str) -> bool {
    token.len() <= LONGEST_TOKEN
}

fn tags(account: &NewAccount) -> Result<Option<Vec<Tag>>, Failure> {
    if account.tags.is_empty() {
        return Ok(None);
    }
    let tag = |(key, value): (&String, &String)| {
        Tag::builder().key(key).value(value).build().map_err(|_| {
            Failure::new(
                ErrorName::Internal,
                format!("the account tag {key:?} is incomplete"),
            )
        })
    };
    account
        .tags
        .iter()
        .map(tag)
        .collect::<Result<_, _>>()
        .map(Some)
}

/// AWS may have taken the request or not: the next attempt looks first.
fn unclear(what: &str) -> Failure {
    Failure::new(
        ErrorName::ServiceUnavailable,
        format!("{CREATE} answered with {what}"),
    )
}

fn is_open(status: &CreateAccountStatus, oldest: SystemTime) -> bool {
    match status.state() {
        Some(CreateAccountState::InProgress) => true,
        Some(CreateAccountState::Succeeded) => status
            .completed_timestamp()
            .or(status.requested_timestamp())
            .and_then(|time| SystemTime::try_from(*time).ok())
            .is_none_or(|time| time >= oldest),
        _ => false,
    }
}

/// AWS may fill a status bit by bit: without a result it is in progress.
fn creation(call: &str, status: CreateAccountStatus) -> Result<Creation, Failure> {
    let id = status.id.ok_or_else(|| incomplete(call, "an id"))?;
    let state = match (status.state, status.account_id) {
        (Some(CreateAccountState::Succeeded), Some(account)) => {
            CreationState::Succeeded(account_id(call, &account)?)
        }
        (Some(CreateAccountState::Failed), _) => {
            let reason = status.failure_reason.as_ref();
            let reason = reason.map_or("no reason given", CreateAccountFailureReason::as_str);
            CreationState::Failed(CreationFailure::from(reason))
        }
        _ => CreationState::InProgress,
    };
    Ok(Creation { id, state })
}

fn found(call: &str, account: Listed) -> Result<FoundAccount, Failure> {
    let id = account
        .id
        .ok_or_else(|| incomplete(call, "an account id"))?;
    // `State` replaces `Status` (API_Account); a partition that is behind answers the older one alone.
    let status = account.status.as_ref().map(AccountStatus::as_str);
    let state = account.state.as_ref().map(ListedState::as_str);
    let state = state.or(status).unwrap_or("none");
    Ok(FoundAccount {
        id: account_id(call, &id)?,
        name: account.name.unwrap_or_default(),
        email: account.email.and_then(|text| text.parse().ok()),
        arn: account.arn.unwrap_or_default(),
        state: AccountState::from(state),
        joined: account
            .joined_timestamp
            .map(|time| Moment::of_seconds(time.secs())),
        is_invited: account.joined_method == Some(AccountJoinedMethod::Invited),
    })
}

fn account_id(call: &str, text: &str) -> Result<AccountId, Failure> {
    text.parse()
        .map_err(|_| incomplete(call, "an account id of 12 digits"))
}
