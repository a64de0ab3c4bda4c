//! meshIdB: the SAML provider in the account and the IAM roles that trust it.
//! Deprecated in meshStack and still in use; names follow its `mesh-idb` options.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{PolicyReference, ProjectRole, RoleName, SamlProviderName, WebAddress};

/// The roles of an account of the landing zone that people take through the SAML provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IdentityProvider {
    /// Roles that the machine makes: their trust, and exactly these policies.
    #[serde(default)]
    pub role_mappings_managed: BTreeMap<ProjectRole, ManagedRoleMapping>,
    /// Roles that something else makes, e.g. a StackSet: only their trust is checked.
    #[serde(default)]
    pub role_mappings_external: BTreeMap<ProjectRole, ExternalRoleMapping>,
}

/// A role that the machine makes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ManagedRoleMapping {
    /// The role's name.
    pub aws_role_name: RoleName,
    /// The managed policies that it carries, by ARN or by name, and no others.
    pub policies: BTreeSet<PolicyReference>,
}

/// A role that must be there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExternalRoleMapping {
    /// The role's name.
    pub aws_role_name: RoleName,
}

/// The SAML provider, as the platform knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SamlProvider {
    /// Its name in every account, e.g. `meshstack-saml-idp`.
    pub name: SamlProviderName,
    /// Where its metadata document is (1,000 to 10,000,000 characters).
    pub metadata_url: WebAddress,
}
