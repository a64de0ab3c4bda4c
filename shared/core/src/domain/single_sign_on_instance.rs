//! The instance of IAM Identity Center, as the platform document names it.
//! Names follow meshStack's `aws-sso` options.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{IdentityStoreId, Pattern, Region, ScimAddress, SecretArn, SingleSignOnInstanceArn};

/// The instance of IAM Identity Center, as the platform knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SingleSignOnInstance {
    /// The ARN of the instance.
    pub instance_arn: SingleSignOnInstanceArn,
    /// The id of its identity store.
    pub identity_store_id: IdentityStoreId,
    /// The region of the instance.
    pub region: Region,
    /// Pattern of the names of groups, without the prefix `mst-`; argument 4 is the mapping's `awsRoleName`.
    pub group_name_pattern: Pattern,
    /// The SCIM endpoint through which groups and members are written; absent: the identity store's own API.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scim: Option<ScimEndpoint>,
}

/// A SCIM endpoint of IAM Identity Center.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ScimEndpoint {
    /// Its address, e.g. `https://scim.eu-central-1.amazonaws.com/<tenant>/scim/v2/`.
    pub endpoint: ScimAddress,
    /// The secret in Secrets Manager whose text is the access token.
    pub token_secret_arn: SecretArn,
}
