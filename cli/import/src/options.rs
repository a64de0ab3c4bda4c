//! The options of `avm config import`: where to write, and what meshStack's file does not have.
//! Nothing here is a secret: the access token of SCIM is only ever named by the ARN of its secret.

use std::path::PathBuf;

use avm_core::domain::{
    IdentityStoreId, InvalidText, LandingZoneName, OrganizationalUnitTarget, Region,
    SamlProviderName, SecretArn, WebAddress,
};
use clap::Args;
use clap::builder::PossibleValuesParser;

/// The arguments of the command.
#[derive(Args, Clone)]
pub struct Options {
    /// The Dhall file with meshStack's configuration: the value, not its type
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The folder of the documents
    #[arg(long, value_name = "DIR", default_value = "configuration")]
    pub output: PathBuf,
    /// Overwrite documents that exist
    #[arg(long)]
    pub force: bool,
    /// The name of the landing zone that gets the mappings, and becomes the default one
    #[arg(long, value_name = "NAME")]
    pub landing_zone_name: Option<LandingZoneName>,
    /// Where its accounts sit: ou-…, a path such as Workloads/Sandbox, / or "" for one unit per workspace
    #[arg(long, value_name = "TARGET", value_parser = organizational_unit)]
    pub organizational_unit: Option<OrganizationalUnitTarget>,
    /// What the access role keeps; needed unless the file has selfDowngradeAccessRole = True
    #[arg(long, value_name = "POLICY",
        value_parser = PossibleValuesParser::new(["standard", "strict", "self-upgradable", "none"]))]
    pub downgrade: Option<String>,
    /// Pattern of the names of accounts, e.g. %s-%s
    #[arg(long, value_name = "PATTERN")]
    pub account_name_pattern: Option<String>,
    /// Pattern of the aliases of accounts, instead of the file's, e.g. acme-%s-%s
    #[arg(long, value_name = "PATTERN")]
    pub account_alias_pattern: Option<String>,
    /// Which lines of the bill the metering leaves out; needed with a fair chargeback unless the file has filter
    #[arg(long, value_name = "FILTER", value_parser = PossibleValuesParser::new(["none", "exclude-tax"]))]
    pub metering_filter: Option<String>,
    /// The id of the identity store of IAM Identity Center; needed with aws-sso
    #[arg(long, value_name = "ID")]
    pub identity_store_id: Option<IdentityStoreId>,
    /// The region of IAM Identity Center; needed unless the SCIM endpoint contains it
    #[arg(long, value_name = "REGION")]
    pub single_sign_on_region: Option<Region>,
    /// The secret in Secrets Manager with the access token of SCIM; needed with aws-sso unless --without-scim is given
    #[arg(long, value_name = "ARN", conflicts_with = "without_scim")]
    pub scim_token_secret_arn: Option<SecretArn>,
    /// Write groups through the identity store's own API instead of the SCIM endpoint
    #[arg(long)]
    pub without_scim: bool,
    /// Where the metadata document of the SAML provider is; needed with role mappings of meshIdB
    #[arg(long, value_name = "URL")]
    pub metadata_url: Option<WebAddress>,
    /// The name of the SAML provider in every account [default: meshstack-saml-idp]
    #[arg(long, value_name = "NAME")]
    pub saml_provider_name: Option<SamlProviderName>,
    /// The home region of AWS Control Tower; needed with an enrollment
    #[arg(long, value_name = "REGION")]
    pub control_tower_region: Option<Region>,
    /// The address of the person to whom the Account Factory gives access; needed with an enrollment
    #[arg(long, value_name = "EMAIL")]
    pub control_tower_user_email: Option<String>,
    /// The first name of that person
    #[arg(long, value_name = "NAME")]
    pub control_tower_user_first_name: Option<String>,
    /// The last name of that person
    #[arg(long, value_name = "NAME")]
    pub control_tower_user_last_name: Option<String>,
}

fn organizational_unit(text: &str) -> Result<OrganizationalUnitTarget, InvalidText> {
    OrganizationalUnitTarget::try_from(text.to_owned())
}
