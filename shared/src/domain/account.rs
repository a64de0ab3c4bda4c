//! An account as the steps hand it on, in the spelling of meshStack's payload.
//! Read from AWS Organizations; the values go into StackSet parameters.

use serde::{Deserialize, Serialize};

use super::{AccountId, Email};

/// `{"AccountId", "AccountName", "AccountEmail", "AccountArn"}` of an account that exists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Account {
    /// Its id.
    pub account_id: AccountId,
    /// Its name as Organizations shows it.
    pub account_name: String,
    /// The address of its root user.
    pub account_email: Email,
    /// `arn:<partition>:organizations::<management>:account/o-…/<id>`.
    pub account_arn: String,
}
