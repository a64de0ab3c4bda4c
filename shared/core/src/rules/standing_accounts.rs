//! The accounts that the machine itself stands on, and those that the platform protects: never vended, moved or downgraded.
//! Every function reads their ids from its environment.

use std::str::FromStr;

use crate::domain::AccountId;
use crate::error::{ErrorName, Failure};

/// The management account, the automation account and the account of `meshfed-service-user`; besides, the protected ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandingAccounts {
    management: AccountId,
    automation: AccountId,
    meshcloud: AccountId,
    protected: ProtectedAccounts,
}

/// Accounts that the platform team keeps the machine away from, such as log archive and audit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProtectedAccounts(Vec<AccountId>);

impl FromStr for ProtectedAccounts {
    type Err = <AccountId as FromStr>::Err;

    /// Ids with commas between; an empty text is none.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let ids = text.split(',').filter(|id| !id.is_empty());
        ids.map(str::parse).collect::<Result<_, _>>().map(Self)
    }
}

impl StandingAccounts {
    /// The accounts of these ids.
    pub const fn new(management: AccountId, automation: AccountId, meshcloud: AccountId) -> Self {
        Self {
            management,
            automation,
            meshcloud,
            protected: ProtectedAccounts(Vec::new()),
        }
    }

    /// The same, and the protected accounts with them.
    #[must_use]
    pub fn with(self, protected: ProtectedAccounts) -> Self {
        Self { protected, ..self }
    }

    /// The account that manages the organization.
    pub const fn management(&self) -> &AccountId {
        &self.management
    }

    /// The account that the machine and its StackSets live in.
    pub const fn automation(&self) -> &AccountId {
        &self.automation
    }

    /// Refuses an account that the machine stands on, or that is protected; `field` is what in the request names it.
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
        } else if self.protected.0.contains(account) {
            return Err(Failure::new(
                ErrorName::InvalidRequest,
                format!("{field} names an account that the platform protects, which is never vended or changed"),
            )
            .of_account(account)
            .with_remedy(
                "send the request for another account; if this one is to be vended, take its id out of ProtectedAccountIds of \
                 template.yaml and of templates/vending-roles.yaml",
            ));
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

    #[test]
    fn protected_accounts_are_refused_too() {
        let protected = |ids: &str| ids.parse::<ProtectedAccounts>();
        let standing = crate::testing::standing_accounts();
        let standing = standing.with(protected("111111111111,555555555555").unwrap());
        let refuse = |id: &str| standing.refuse(&id.parse().unwrap(), "AccountId");
        for id in ["111111111111", "555555555555"] {
            let failure = refuse(id).unwrap_err();
            assert_eq!(failure.name(), ErrorName::InvalidRequest);
            assert!(failure.cause().contains("protects"), "{failure}");
        }
        assert!(refuse("333333333333").is_err());
        assert_eq!(refuse("666666666666"), Ok(()));
        assert_eq!(protected(""), Ok(ProtectedAccounts::default()));
        assert!(protected("111111111111, 5").is_err());
    }
}
