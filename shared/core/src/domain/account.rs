//! An account as the steps hand it on, in the spelling of meshStack's payload.
//! Read from AWS Organizations; the values go into StackSet parameters.

use serde::{Deserialize, Serialize};

use super::{AccountId, Email, ParentId};

/// `{"AccountId", "AccountName", "AccountEmail", "AccountArn"}` of an account that exists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Account {
    pub account_id: AccountId,
    /// Its name as Organizations shows it.
    pub account_name: String,
    /// The address of its root user.
    pub account_email: Email,
    /// `arn:<partition>:organizations::<management>:account/o-…/<id>`.
    pub account_arn: String,
}

impl Account {
    /// The ARN of an organizational unit of the account's organization; none where the account's own ARN is not of the form
    /// that AWS Organizations documents. A root has no ARN of this form.
    pub fn unit_arn(&self, unit: &ParentId) -> Option<String> {
        let (prefix, resource) = self.account_arn.split_once(":account/")?;
        let (organization, _) = resource.split_once('/')?;
        (!unit.is_root()).then(|| format!("{prefix}:ou/{organization}/{unit}"))
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::account;

    #[test]
    fn an_account_knows_the_arns_of_the_units_of_its_organization() {
        let mut account = account();
        assert_eq!(
            account
                .unit_arn(&"ou-ab12-11111111".parse().unwrap())
                .as_deref(),
            Some("arn:aws:organizations::333333333333:ou/o-exampleorg/ou-ab12-11111111")
        );
        assert_eq!(account.unit_arn(&"r-ab12".parse().unwrap()), None);
        account.account_arn = "?".to_owned();
        assert_eq!(account.unit_arn(&"ou-ab12-11111111".parse().unwrap()), None);
    }
}
