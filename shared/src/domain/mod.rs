//! The words of account vending as types: ids, names, addresses, targets.
//! A value that exists is valid; the reason why a text is refused is said by the type.

mod account;
mod email;
mod ids;
mod organizational_unit;
mod pattern;
mod tags;
mod text;

pub use account::Account;
pub use email::{Email, redact_emails};
pub use ids::{
    AccountId, AccountName, ExecutionArn, LandingZoneName, OrganizationalUnitId, ParentId,
    ProjectIdentifier, Region, RoleArn, RoleName, RootId, StackSetName, WorkspaceIdentifier,
};
pub use organizational_unit::OrganizationalUnitTarget;
pub use pattern::{Pattern, PatternArguments, PatternError};
pub use tags::{COMPLETION_KEYS, ContactAddress, account_tags, clean_tag_value};
pub use text::InvalidText;
