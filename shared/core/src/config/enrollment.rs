//! How accounts are enrolled with AWS Control Tower: the strategy of a landing zone, and what the platform knows of it.
//! Who moves the account to its organizational unit is decided here and nowhere else, by [`Enrollment::mover`].

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{AccountFactoryUser, InvalidText, ProductId, Region};

/// How the account is enrolled with AWS Control Tower.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Enrollment {
    /// It is not.
    #[default]
    None,
    /// By the product of the Account Factory in Service Catalog, which also moves the account.
    ServiceCatalog,
    /// By moving it into a registered organizational unit (landing zone 3.1 or later with inheritance drift remediation).
    Auto,
}

/// Who brings the account to its organizational unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mover {
    /// place-account.
    PlaceAccount,
    /// enroll: by a move of its own, or by the Account Factory.
    Enroll,
}

impl Enrollment {
    /// Who moves the account. Exactly one step does: two would undo each other's work.
    pub const fn mover(self) -> Mover {
        match self {
            Self::None => Mover::PlaceAccount,
            Self::ServiceCatalog | Self::Auto => Mover::Enroll,
        }
    }

    /// The name in configuration documents.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::ServiceCatalog => "service-catalog",
            Self::Auto => "auto",
        }
    }
}

impl fmt::Display for Enrollment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// AWS Control Tower, as the platform knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ControlTower {
    /// Its home region.
    pub region: Region,
    /// The id of the product of the Account Factory in Service Catalog; needed for the strategy `service-catalog`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_factory_product_id: Option<ProductId>,
    /// The person to whom the Account Factory gives access in IAM Identity Center; needed for `service-catalog`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub single_sign_on_user: Option<AccountFactoryUser>,
    /// How many account operations Control Tower works on at a time: five, and up to ten where AWS has raised the quota.
    #[serde(default, skip_serializing_if = "AccountOperations::is_default")]
    pub account_operations_at_once: AccountOperations,
    /// What becomes of the role `AWSControlTowerExecution` once the account is enrolled.
    #[serde(default)]
    pub execution_role: ExecutionRole,
}

/// The quota of concurrent account operations (AWS Control Tower: five, which AWS raises to ten on request).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "u8", into = "u8")]
#[schemars(extend("minimum" = 1, "maximum" = 10))]
pub struct AccountOperations(u8);

impl AccountOperations {
    /// As a number of operations.
    pub fn count(self) -> usize {
        usize::from(self.0)
    }

    // The form that serde asks for.
    #[allow(clippy::trivially_copy_pass_by_ref)]
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl Default for AccountOperations {
    fn default() -> Self {
        Self(5)
    }
}

impl TryFrom<u8> for AccountOperations {
    type Error = InvalidText;

    fn try_from(number: u8) -> Result<Self, Self::Error> {
        if (1..=10).contains(&number) {
            return Ok(Self(number));
        }
        Err(InvalidText {
            what: "number of account operations at once",
            expected: "1 to 10, as the quota of AWS Control Tower is",
        })
    }
}

impl From<AccountOperations> for u8 {
    fn from(operations: AccountOperations) -> Self {
        operations.0
    }
}

/// What becomes of `AWSControlTowerExecution` after an enrollment; one that was given up takes its own away in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ExecutionRole {
    /// It stays for as long as the account is enrolled: Control Tower works through it (AWS Control Tower user guide).
    #[default]
    Keep,
    /// It is removed at once, unless a control of Control Tower guards it; updates of the landing zone then fail.
    Remove,
}
