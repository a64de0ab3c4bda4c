//! AWS Account Management: the alternate contacts of accounts, and which regions are enabled for them.
//! How many regions change at once, and how long a change takes, is up to AWS: knobs.

use std::collections::BTreeMap;

use avm_core::domain::{AccountId, AlternateContact, Region};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::account_settings::{AccountSettings, ContactKind, Enabling, RegionStatus};

use crate::in_call::Behind;

/// The settings of one account.
#[derive(Clone, Debug, Default)]
pub struct OfAccount {
    pub contacts: BTreeMap<ContactKind, AlternateContact>,
    pub regions: BTreeMap<Region, RegionStatus>,
}

/// The settings of all accounts.
#[derive(Clone, Debug)]
pub struct State {
    pub of_accounts: BTreeMap<AccountId, OfAccount>,
    /// How many regions of an account may change at once.
    pub limit: usize,
    /// What is changing goes on doing so until the test says otherwise.
    pub is_slow: bool,
}

impl Default for State {
    fn default() -> Self {
        Self {
            of_accounts: BTreeMap::new(),
            limit: 6,
            is_slow: false,
        }
    }
}

impl State {
    /// What two worlds must have in common.
    pub fn essence(&self) -> String {
        let of_account = |(account, of_account): (&AccountId, &OfAccount)| {
            let contacts = serde_json::to_string(&of_account.contacts).unwrap();
            format!("{account} {contacts} {:?}", of_account.regions)
        };
        let all: Vec<String> = self.of_accounts.iter().map(of_account).collect();
        all.join("\n")
    }

    /// What is changing has changed, unless AWS is slow.
    pub fn tick(&mut self) {
        if !self.is_slow {
            self.finish();
        }
    }

    /// The settings of an account.
    pub fn of(&mut self, account: &AccountId) -> &mut OfAccount {
        self.of_accounts.entry(account.clone()).or_default()
    }

    /// What is changing has changed.
    pub fn finish(&mut self) {
        let of_accounts = self.of_accounts.values_mut();
        for status in of_accounts.flat_map(|of_account| of_account.regions.values_mut()) {
            match status {
                RegionStatus::Enabling => *status = RegionStatus::Enabled,
                RegionStatus::Disabling => *status = RegionStatus::Disabled,
                _ => {}
            }
        }
    }

    fn enable(&mut self, account: &AccountId, region: &Region) -> Result<Enabling, Failure> {
        let limit = self.limit;
        let regions = &mut self.of(account).regions;
        let is_changing = |status: &&RegionStatus| {
            matches!(status, RegionStatus::Enabling | RegionStatus::Disabling)
        };
        let at_once = regions.values().filter(is_changing).count();
        let Some(status) = regions.get_mut(region) else {
            let words = format!("there is no region {region}");
            return Err(Failure::new(ErrorName::InvalidConfiguration, words));
        };
        if *status == RegionStatus::Disabling || at_once >= limit {
            return Ok(Enabling::NotNow("AWS says: not now".to_owned()));
        }
        if *status == RegionStatus::Disabled {
            *status = RegionStatus::Enabling;
        }
        Ok(Enabling::Started)
    }
}

impl AccountSettings for Behind<'_> {
    async fn has_contact(
        &self,
        account: &AccountId,
        kind: ContactKind,
        contact: &AlternateContact,
    ) -> Result<bool, Failure> {
        self.read(format!("account:GetAlternateContact {kind}"), |state| {
            let of_account = state.account_settings.of_accounts.get(account);
            Ok(of_account.and_then(|found| found.contacts.get(&kind)) == Some(contact))
        })
    }

    async fn set_contact(
        &self,
        account: &AccountId,
        kind: ContactKind,
        contact: &AlternateContact,
    ) -> Result<(), Failure> {
        self.write(format!("account:PutAlternateContact {kind}"), |state| {
            let of_account = state.account_settings.of(account);
            of_account.contacts.insert(kind, contact.clone());
            Ok(())
        })
    }

    async fn list_regions(
        &self,
        account: &AccountId,
    ) -> Result<BTreeMap<Region, RegionStatus>, Failure> {
        self.read("account:ListRegions", |state| {
            let of_account = state.account_settings.of_accounts.get(account);
            Ok(of_account.map_or_else(BTreeMap::new, |found| found.regions.clone()))
        })
    }

    async fn start_enabling(
        &self,
        account: &AccountId,
        region: &Region,
    ) -> Result<Enabling, Failure> {
        self.write(format!("account:EnableRegion {region}"), |state| {
            state.account_settings.enable(account, region)
        })
    }
}
