//! The platform document, `/avm/platform`: what all landing zones have in common.
//! Names follow meshStack's `Aws.dhall` where it has the option.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{ControlTower, Document, Metering, Problem, SamlProvider, patterns};
use crate::domain::{LandingZoneName, Pattern, Region, RoleName, SingleSignOnInstance};

/// Names of somebody else's roles: AWS gives the first two to administrators of accounts, so that whoever enters accounts by one
/// enters those of others, too; the access stack and the shipped StackSet make the others, and could not if `CreateAccount` did.
const RESERVED_ACCESS_ROLES: [&str; 6] = [
    "OrganizationAccountAccessRole",
    "AWSControlTowerExecution",
    "AWSCloudFormationStackSetExecutionRole",
    "PermissionDowngradeLambdaExecutionRole",
    "AVMVerificationRole",
    "AVMIdentityProviderRole",
];

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
    /// Pattern of the aliases of accounts; needed where a landing zone has `accountAlias`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_alias_pattern: Option<Pattern>,
    /// Whether an alias that an account has already is replaced by the pattern's; otherwise it is kept.
    #[serde(default)]
    pub enforce_account_alias: bool,
    /// AWS Control Tower; needed where a landing zone has an enrollment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control_tower: Option<ControlTower>,
    /// The instance of IAM Identity Center; needed where a landing zone has `singleSignOn`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub single_sign_on: Option<SingleSignOnInstance>,
    /// The SAML provider (meshIdB); needed where a landing zone has `identityProvider`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity_provider: Option<SamlProvider>,
    /// Whether an account is done only if the organization manages root credentials and its root user has none.
    #[serde(default, skip_serializing_if = "CentralRootAccess::is_unchecked")]
    pub central_root_access: CentralRootAccess,
    /// How costs are reported; needed where the metering is deployed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metering: Option<Metering>,
    /// The payload's key whose value names the landing zone, e.g. `tagLandingZone`; the key `LandingZone` comes first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub landing_zone_tag: Option<String>,
    /// The landing zone of a request that names none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_landing_zone: Option<LandingZoneName>,
}

/// Whether root users of vended accounts are looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CentralRootAccess {
    /// They are not.
    #[default]
    Unchecked,
    /// The organization has to manage root credentials (IAM's root access management), and an account may have none.
    Required,
}

impl CentralRootAccess {
    /// Whether they are not looked at.
    #[allow(clippy::trivially_copy_pass_by_ref)] // serde hands a reference.
    #[must_use]
    pub const fn is_unchecked(&self) -> bool {
        matches!(self, Self::Unchecked)
    }
}

impl Document for Platform {
    fn sample() -> Value {
        json!({
            "platform": "aws",
            "region": "eu-central-1",
            "accountAccessRole": "MeshstackAccountAccessRole",
            "accountNamePattern": "%s.%s",
            "accountEmailPattern": "aws+%s.%s@example.com"
        })
    }

    fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        if self.platform.trim().is_empty() || self.platform.chars().any(char::is_control) {
            problems.push(Problem::new(
                "platform",
                "must be a name without control characters",
            ));
        }
        // IAM takes a name in other letters for the same.
        let access_role = self.account_access_role.as_str();
        if RESERVED_ACCESS_ROLES
            .iter()
            .any(|reserved| access_role.eq_ignore_ascii_case(reserved))
        {
            problems.push(Problem::new(
                "accountAccessRole",
                "must be a role of its own: this one is AWS's, or one that the machine makes in every account",
            ));
        }
        problems.extend(self.pattern_problems());
        problems.extend(self.region_problems());
        problems.extend(self.sign_in_problem());
        problems.extend(self.metering.iter().flat_map(Metering::problems));
        let is_tag = |key: &String| {
            key.strip_prefix("tag")
                .is_some_and(|name| !name.is_empty() && !name.chars().any(char::is_control))
        };
        if !self.landing_zone_tag.as_ref().is_none_or(is_tag) {
            problems.push(Problem::new(
                "landingZoneTag",
                "must be a key of meshStack's payload that begins with tag, such as tagLandingZone",
            ));
        }
        problems
    }
}

impl Platform {
    fn pattern_problems(&self) -> impl Iterator<Item = Problem> {
        let alias = self.account_alias_pattern.as_ref();
        let group = self.single_sign_on.as_ref();
        [
            (
                "accountNamePattern",
                patterns::name_problem(&self.account_name_pattern),
            ),
            (
                "accountEmailPattern",
                patterns::email_problem(&self.account_email_pattern),
            ),
            (
                "accountAliasPattern",
                alias.and_then(patterns::alias_problem),
            ),
            (
                "singleSignOn.groupNamePattern",
                group.and_then(|instance| patterns::group_problem(&instance.group_name_pattern)),
            ),
        ]
        .into_iter()
        .filter_map(|(field, expected)| Some(Problem::new(field, expected?)))
    }

    /// Everything lies in one partition: nothing of AWS reaches from one into another.
    fn sign_in_problem(&self) -> Option<Problem> {
        let provider = self.identity_provider.as_ref()?;
        let partition = self.region.partition();
        let mut regions = provider.sign_in_regions.iter();
        let other = regions.find(|region| region.partition() != partition)?;
        let expected = format!("{other} must be in the partition {partition}, as region is");
        Some(Problem::new("identityProvider.signInRegions", expected))
    }

    fn region_problems(&self) -> impl Iterator<Item = Problem> {
        let partition = self.region.partition();
        let instance = self.single_sign_on.as_ref();
        let secret = instance.and_then(|instance| instance.scim.as_ref());
        [
            (
                "controlTower.region",
                self.control_tower
                    .as_ref()
                    .map(|tower| tower.region.partition()),
            ),
            (
                "singleSignOn.region",
                instance.map(|instance| instance.region.partition()),
            ),
            (
                "singleSignOn.instanceArn",
                instance.map(|instance| partition_of(instance.instance_arn.as_str())),
            ),
            (
                "singleSignOn.scim.tokenSecretArn",
                secret.map(|scim| partition_of(scim.token_secret_arn.as_str())),
            ),
        ]
        .into_iter()
        .filter(move |(_, found)| found.is_some_and(|found| found != partition))
        .map(move |(field, _)| {
            Problem::new(
                field,
                format!("must be in the partition {partition}, as region is"),
            )
        })
    }

    /// What AWS does not have in the partition of the platform, although no setting asks for it.
    ///
    /// Rule source: AWS GovCloud (US) User Guide, "AWS Organizations in AWS GovCloud (US)" (read on 2026-11-29).
    pub fn notes(&self) -> Vec<Problem> {
        let is_without_creation = self.region.partition() == "aws-us-gov";
        let expected = "AWS Organizations creates no account from within the partition aws-us-gov: every request must name \
                        one that exists, in AccountId";
        let note = is_without_creation.then(|| Problem::new("region", expected));
        note.into_iter().collect()
    }

    /// The problem of a `defaultLandingZone` that is not among the landing zones that exist.
    pub fn default_problem(&self, exists: impl Fn(&LandingZoneName) -> bool) -> Option<Problem> {
        let default = self.default_landing_zone.as_ref()?;
        let expected =
            || format!("must name a landing zone: there is no landing-zones/{default}.json");
        (!exists(default)).then(|| Problem::new("defaultLandingZone", expected()))
    }

    /// The problem of a `landingZoneTag` that could choose nothing.
    pub fn tag_problem(&self, is_any_selectable: bool) -> Option<Problem> {
        let tag = self.landing_zone_tag.as_ref()?;
        (!is_any_selectable).then(|| {
            let expected = format!(
                "needs a landing zone with selectableByTag: every request with {tag} would be refused"
            );
            Problem::new("landingZoneTag", expected)
        })
    }
}

/// The partition of a validated ARN: its second part.
fn partition_of(arn: &str) -> &str {
    arn.split(':').nth(1).unwrap_or_default()
}
