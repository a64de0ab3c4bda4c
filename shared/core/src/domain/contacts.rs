//! People and teams whom a document names: the alternate contacts of an account, the user of the Account Factory.
//! Rules: AWS Account Management (`PutAlternateContact`), AWS Control Tower. Nothing of a contact is ever printed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ContactEmail, ContactName, ContactTitle, PhoneNumber};

/// A person or a team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AlternateContact {
    /// The name.
    pub name: ContactName,
    /// The title.
    pub title: ContactTitle,
    /// The address.
    pub email: ContactEmail,
    /// The telephone number.
    pub phone: PhoneNumber,
}

/// The Identity Center user whom the Account Factory asks for (`SSOUserEmail`, `SSOUserFirstName`, `SSOUserLastName`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AccountFactoryUser {
    /// The address.
    pub email: ContactEmail,
    /// The first name.
    pub first_name: ContactName,
    /// The last name.
    pub last_name: ContactName,
}
