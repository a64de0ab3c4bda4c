//! The accounts of the organization with their tags: all tags in few calls, through the tagging service.
//! Accounts that were never tagged do not appear there. Where it knows nothing at all, each account is asked for its own.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_organizations::Client;

use crate::account_tags::OrganizationsAccountTags;
use crate::call::all_pages;
use crate::organizations::{incomplete, organizations_failure};
use crate::tagged_accounts::TaggingService;
use avm_core::domain::AccountId;
use avm_core::error::Failure;
use avm_core::ports::account_tags::{AccountTags, TaggedAccounts};
use avm_core::ports::accounts::AccountState;
use avm_metering::ports::{KnownAccount, KnownAccounts};

const LIST: &str = "organizations:ListAccounts";
/// AWS Organizations lets few calls through; five a second leave room for others.
const PACE: Duration = Duration::from_millis(200);

/// The organization of the configuration's credentials.
pub struct OrganizationKnownAccounts {
    client: Client,
    tags: OrganizationsAccountTags,
    tagged: TaggingService,
    pace: Duration,
}

impl OrganizationKnownAccounts {
    /// The organization that the configuration's credentials belong to.
    pub fn of(configuration: &SdkConfig, partition: &str) -> Self {
        Self {
            client: Client::new(configuration),
            tags: OrganizationsAccountTags::of(configuration),
            tagged: TaggingService::of(configuration, partition),
            pace: PACE,
        }
    }

    #[cfg(test)]
    pub(super) fn without_pace(mut self) -> Self {
        self.pace = Duration::ZERO;
        self
    }

    async fn accounts(&self) -> Result<BTreeMap<AccountId, KnownAccount>, Failure> {
        let pages = self.client.list_accounts().into_paginator().send();
        let pages = all_pages(LIST, pages)
            .await
            .map_err(organizations_failure)?;
        let read = |account: aws_sdk_organizations::types::Account| {
            let id = account.id.and_then(|id| id.parse().ok());
            let id: AccountId = id.ok_or_else(|| incomplete(LIST, "an account id"))?;
            let state = account
                .state
                .as_ref()
                .map_or("none", |state| state.as_str());
            let known = KnownAccount {
                name: account.name.unwrap_or_default(),
                state: (&AccountState::from(state)).into(),
                tags: BTreeMap::new(),
            };
            Ok((id, known))
        };
        let found = pages
            .into_iter()
            .flat_map(|page| page.accounts.unwrap_or_default());
        found.map(read).collect()
    }
}

impl KnownAccounts for OrganizationKnownAccounts {
    async fn list(&self) -> Result<BTreeMap<AccountId, KnownAccount>, Failure> {
        let mut accounts = self.accounts().await?;
        let mut tagged = self.tagged.find(&BTreeMap::new()).await?;
        let asks_each = tagged.is_empty();
        for (id, account) in &mut accounts {
            if asks_each {
                account.tags = self.tags.list(id).await?;
                tokio::time::sleep(self.pace).await;
            } else {
                account.tags = tagged.remove(id).unwrap_or_default();
            }
        }
        Ok(accounts)
    }
}
