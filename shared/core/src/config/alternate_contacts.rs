//! The alternate contacts of an account: whom AWS tells besides the owner of the root user.
//! Rules: AWS Account Management (`PutAlternateContact`). Nothing of a contact is ever printed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::AlternateContact;

/// The alternate contacts of the accounts of a landing zone; one that is absent is left as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AlternateContacts {
    /// Whom AWS tells of bills.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub billing: Option<AlternateContact>,
    /// Whom AWS tells of operations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operations: Option<AlternateContact>,
    /// Whom AWS tells of security.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub security: Option<AlternateContact>,
}
