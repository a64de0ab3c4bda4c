//! The accounts that the machine itself stands on: never vended, never moved, never downgraded.
//! Every function reads their ids from its environment.

use crate::domain::AccountId;
use crate::error::{ErrorName, Failure};

/// The management account, the automation account and the account of `meshfed-service-user`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandingAccounts {
    management: AccountId,
    automation: AccountId,
    meshcloud: AccountId,
}

impl StandingAccounts {
    /// The accounts of these ids.
    pub const fn new(management: AccountId, automation: AccountId, meshcloud: AccountId) -> Self {
        Self {
            management,
            automation,
            meshcloud,
        }
    }

    /// The account that manages the organization.
    pub const fn management(&self) -> &AccountId {
        &self.management
    }

    /// The account that the machine and its StackSets live in.
    pub const fn automation(&self) -> &AccountId {
        &self.automation
    }

    /// Refuses an account that the machine stands on; `field` is what in the request names it.
    ///
    /// # Errors
    /// `InvalidRequest`, not `AccountMismatch`: id, name and address may agree.
    pub fn refuse(&self, account: &AccountId, field: &str) -> Result<(), Failure> {
        let which = if *account == self.management {
            "management"
        } else if *account == self.automation {
            "automation"
        } else if *account == self.meshcloud {
            "meshcloud"
        } else {
            return Ok(());
        };
        Err(Failure::new(
            ErrorName::InvalidRequest,
            format!("{field} names the {which} account, which is never vended or changed"),
        )
        .of_account(account)
        .with_remedy("send the request for a member account of its own"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn management_automation_and_meshcloud_are_refused_and_others_are_not() {
        let standing = crate::testing::standing_accounts();
        let refuse = |id: &str| standing.refuse(&id.parse().unwrap(), "AccountId");
        for (id, which) in [
            ("333333333333", "management"),
            ("222222222222", "automation"),
            ("444444444444", "meshcloud"),
        ] {
            let failure = refuse(id).unwrap_err();
            assert_eq!(failure.name(), ErrorName::InvalidRequest);
            assert!(failure.cause().contains(which), "{failure}");
        }
        assert_eq!(refuse("111111111111"), Ok(()));
    }
}
