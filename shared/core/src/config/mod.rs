//! The configuration documents: the platform and its landing zones, as types.
//! Deployed as SSM parameters below `/avm/`; JSON Schemas of the types are checked in.

mod alternate_contacts;
mod budget;
mod document;
mod enrollment;
mod identity_provider;
mod landing_zone;
mod landing_zone_rules;
mod metering;
mod patterns;
mod platform;
mod schemas;
mod single_sign_on;
mod zone_change;

pub use alternate_contacts::AlternateContacts;
pub use document::{Document, Problem, check_document, read_document};
pub use enrollment::{ControlTower, Enrollment, ExecutionRole, Mover};
pub use identity_provider::{
    ExternalRoleMapping, IdentityProvider, ManagedRoleMapping, SamlProvider, is_reserved,
};
pub use landing_zone::{
    AccessStack, AccessStackTemplate, DowngradePolicy, DowngradeSetting, Elevation, LandingZone,
    StackSetReference,
};
pub use landing_zone_rules::MOST_STACK_SETS;
pub use metering::{Filter, Metering, Metric};
pub use platform::{CentralRootAccess, Platform};
pub use schemas::{schema_text, schemas};
pub use single_sign_on::{PermissionSetMapping, SingleSignOn};
pub use zone_change::{ChangeRule, LandingZoneChange};

#[cfg(test)]
mod tests;
