//! The configuration documents: the platform and its landing zones, as types.
//! Deployed as SSM parameters below `/avm/`; JSON Schemas of the types are checked in.

mod alternate_contacts;
mod document;
mod enrolment;
mod identity_provider;
mod landing_zone;
mod landing_zone_rules;
mod patterns;
mod platform;
mod schemas;
mod single_sign_on;

pub use alternate_contacts::{AlternateContact, AlternateContacts};
pub use document::{Document, Problem, check_document, read_document};
pub use enrolment::{AccountFactoryUser, ControlTower, Enrolment, ExecutionRole, Mover};
pub use identity_provider::{
    ExternalRoleMapping, IdentityProvider, ManagedRoleMapping, SamlProvider, is_reserved,
};
pub use landing_zone::{
    AccessStack, AccessStackTemplate, DowngradePolicy, DowngradeSetting, LandingZone,
    StackSetReference,
};
pub use platform::Platform;
pub use schemas::schemas;
pub use single_sign_on::{PermissionSetMapping, ScimEndpoint, SingleSignOn, SingleSignOnInstance};

/// The SSM parameter of the platform document.
pub const PLATFORM_PARAMETER: &str = "/avm/platform";
/// What the SSM parameter of a landing zone begins with; its name follows.
pub const LANDING_ZONE_PARAMETERS: &str = "/avm/landing-zones/";

#[cfg(test)]
mod tests;
