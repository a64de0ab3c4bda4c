//! The platform document, `/avm/platform`: what all landing zones have in common.
//! Names follow meshStack's `Aws.dhall` where it has the option.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{LandingZoneName, Pattern, Region, RoleName};

/// What all vends on this platform have in common.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Platform {
    /// Where the JSON Schema of this document is.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// The platform's name.
    pub platform: String,
    /// The region of access stacks and of the probes that prove an account ready.
    pub region: Region,
    /// The role that `CreateAccount` makes in the account; meshStack's default is `MeshstackAccountAccessRole`.
    pub account_access_role: RoleName,
    /// Pattern of the names of accounts that the AVM creates.
    pub account_name_pattern: Pattern,
    /// Pattern of the addresses of accounts that the AVM creates.
    pub account_email_pattern: Pattern,
    /// The payload's key whose value names the landing zone, e.g. `tagLandingZone`; the key `LandingZone` comes first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub landing_zone_tag: Option<String>,
    /// The landing zone of a request that names none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_landing_zone: Option<LandingZoneName>,
}
