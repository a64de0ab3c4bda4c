//! The accounts that the machine itself stands on: never vended, never moved, never downgraded.
//! Both are known from what every step has: the role that it assumes, and the execution that calls it.

use crate::domain::{AccountId, ExecutionArn, RoleArn};
use crate::error::{ErrorName, Failure};

/// The management account and the automation account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandingAccounts {
    management: AccountId,
    automation: AccountId,
}

impl StandingAccounts {
    /// Those of a role in the management account and of an execution in the automation account.
    #[must_use]
    pub fn of(management_role: &RoleArn, execution: &ExecutionArn) -> Self {
        Self {
            management: management_role.account(),
            automation: execution.account(),
        }
    }

    /// Refuses an account that the machine stands on; `field` is what in the request names it.
    ///
    /// # Errors
    /// `InvalidRequest`: id, name and address may well agree (so it is no `AccountMismatch`), but the request
    /// asks for what is never done.
    pub fn refuse(&self, account: &AccountId, field: &str) -> Result<(), Failure> {
        let which = if *account == self.management {
            "management"
        } else if *account == self.automation {
            "automation"
        } else {
            return Ok(());
        };
        Err(Failure::new(
            ErrorName::InvalidRequest,
            format!("{field} names the {which} account, which is never vended"),
        )
        .of_account(account)
        .with_remedy("send the request for a member account of its own"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::execution;

    #[test]
    fn management_and_automation_are_refused_and_others_are_not() {
        let role = "arn:aws:iam::333333333333:role/AVMAccountsRole"
            .parse()
            .unwrap();
        let standing = StandingAccounts::of(&role, &execution());
        let refuse = |id: &str| standing.refuse(&id.parse().unwrap(), "AccountId");
        for (id, which) in [
            ("333333333333", "management"),
            ("222222222222", "automation"),
        ] {
            let failure = refuse(id).unwrap_err();
            assert_eq!(failure.name(), ErrorName::InvalidRequest);
            assert!(failure.cause().contains(which), "{failure}");
        }
        assert_eq!(refuse("111111111111"), Ok(()));
    }
}
