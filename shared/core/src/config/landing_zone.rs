//! A landing zone document, `/avm/landing-zones/<name>`: what an account gets.
//! Every step of the vend that a landing zone may switch has its setting here.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    AlternateContacts, ChangeRule, Document, Enrollment, IdentityProvider, MOST_STACK_SETS,
    Problem, SingleSignOn,
};
use crate::domain::{Budget, LandingZoneName, OrganizationalUnitTarget, Region, StackSetName};

/// What an account of this landing zone gets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
// Switches of a document, independent of each other: true and false are what JSON has for them.
#[allow(clippy::struct_excessive_bools)]
pub struct LandingZone {
    /// Where the JSON Schema of this document is.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// Whether a request may name it by the tag that the platform's `landingZoneTag` names: users type it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub selectable_by_tag: bool,
    /// The landing zones that an account of this one may go to when a request asks for it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub may_become: BTreeMap<LandingZoneName, ChangeRule>,
    /// Where the account sits.
    pub organizational_unit: OrganizationalUnitTarget,
    /// Whether missing units of a path are made on the way.
    #[serde(default)]
    pub create_organizational_units: bool,
    /// Whether an account that already sits somewhere below the target stays where it is.
    #[serde(default)]
    pub hierarchical_assignment: bool,
    /// How the account is enrolled with AWS Control Tower.
    #[serde(default, alias = "enrolment")]
    pub enrollment: Enrollment,
    /// The stack that lets StackSets into the account; absent: none is deployed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_stack: Option<AccessStack>,
    /// The StackSets that are rolled out to the account.
    #[serde(default)]
    #[schemars(length(max = MOST_STACK_SETS))]
    pub stack_sets: Vec<StackSetReference>,
    /// Whether the account gets its alias, from the platform's `accountAliasPattern`.
    #[serde(default)]
    pub account_alias: bool,
    /// Who gets into the account through IAM Identity Center; absent: its assignments are left as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub single_sign_on: Option<SingleSignOn>,
    /// The SAML provider (meshIdB) and its roles; absent: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity_provider: Option<IdentityProvider>,
    /// Whom AWS tells besides the owner of the root user; absent: left as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alternate_contacts: Option<AlternateContacts>,
    /// What the account may cost in a month before a topic is told; absent: none, and one that a vend has made is deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<Budget>,
    /// Regions that have to be opted into, and shall be enabled.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub opt_in_regions: BTreeSet<Region>,
    /// Whether the default VPCs of all enabled regions are deleted.
    #[serde(default)]
    pub delete_default_vpcs: bool,
    /// What the powerful access role is taken down to, in the end.
    pub downgrade: DowngradeSetting,
    /// Whether a vend may give the access role its power back for as long as it runs.
    #[serde(default, skip_serializing_if = "Elevation::is_never")]
    pub elevation: Elevation,
}

impl LandingZone {
    /// What of it a vend reads: a change of the rest must not make an order differ. The address of the schema is for editors;
    /// who may choose the landing zone, and where its accounts may go, is read before a vend and of the old landing zone.
    #[must_use]
    pub fn of_a_vend(self) -> Self {
        Self {
            schema: None,
            selectable_by_tag: false,
            may_become: BTreeMap::new(),
            ..self
        }
    }
}

impl Document for LandingZone {
    fn sample() -> Value {
        json!({"organizationalUnit": "", "downgrade": "standard"})
    }

    fn problems(&self) -> Vec<Problem> {
        self.problems_within()
    }
}

/// The stack `meshstack-cf-access` of a landing zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AccessStack {
    /// Its template.
    pub template: AccessStackTemplate,
}

/// `"shipped"`, or the `https://` address of a template in S3.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum AccessStackTemplate {
    /// The template that ships with the project.
    Shipped,
    /// A template of the platform team (CloudFormation: an S3 address, 1 MB at most).
    Url(String),
}

/// A StackSet in the automation account, and the region of its instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StackSetReference {
    /// The StackSet's name.
    pub name: StackSetName,
    /// The region of the instance.
    pub region: Region,
}

/// What the access role keeps after the downgrade.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum DowngradePolicy {
    /// The same jobs, narrowed so that no path leads back to administration.
    Strict,
    /// meshStack's minimum policy as its documentation prints it.
    Standard,
    /// The minimum policy, with the right to write the role's own policies again.
    SelfUpgradable,
}

/// A policy, or `none`: the access role keeps its power.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DowngradeSetting {
    /// The access role keeps its power; only for landing zones that downgrade by other means.
    None,
    /// See [`DowngradePolicy::Strict`].
    Strict,
    /// See [`DowngradePolicy::Standard`].
    Standard,
    /// See [`DowngradePolicy::SelfUpgradable`].
    SelfUpgradable,
}

/// Whether a vend may give an access role that was taken down its power back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Elevation {
    /// It may not.
    #[default]
    Never,
    /// It may, where a step cannot do its work without; the downgrade takes it away again, however the vend ends.
    WhenNeeded,
}

impl LandingZone {
    /// The StackSet that makes the roles of the machine in an account.
    pub const SHIPPED_STACK_SET: &str = "avm-landing-zone";

    /// Whether that StackSet is rolled out.
    #[must_use]
    pub fn has_shipped_roles(&self) -> bool {
        let mut wanted = self.stack_sets.iter();
        wanted.any(|one| one.name.as_str() == Self::SHIPPED_STACK_SET)
    }

    /// Whether accounts have the role by which they can be looked into after the downgrade, the shipped one or one that the platform
    /// team makes.
    #[must_use]
    pub fn can_be_looked_into(&self) -> bool {
        self.has_shipped_roles() || self.downgrade.policy().is_some()
    }
}

impl Elevation {
    /// Whether it may not.
    #[allow(clippy::trivially_copy_pass_by_ref)] // serde hands a reference.
    #[must_use]
    pub const fn is_never(&self) -> bool {
        matches!(self, Self::Never)
    }
}

impl DowngradeSetting {
    /// The policy, unless there is none.
    pub const fn policy(self) -> Option<DowngradePolicy> {
        match self {
            Self::None => None,
            Self::Strict => Some(DowngradePolicy::Strict),
            Self::Standard => Some(DowngradePolicy::Standard),
            Self::SelfUpgradable => Some(DowngradePolicy::SelfUpgradable),
        }
    }
}

impl DowngradeSetting {
    /// Whether the access role keeps more than under the other one.
    pub fn is_wider_than(self, other: Self) -> bool {
        match (self.policy(), other.policy()) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(own), Some(other)) => own > other,
        }
    }
}

impl fmt::Display for DowngradeSetting {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.policy().map_or("none", DowngradePolicy::as_str))
    }
}

impl DowngradePolicy {
    /// Every policy, the narrowest first.
    pub const ALL: [Self; 3] = [Self::Strict, Self::Standard, Self::SelfUpgradable];

    /// The name in configuration documents.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::Standard => "standard",
            Self::SelfUpgradable => "self-upgradable",
        }
    }
}

impl fmt::Display for DowngradePolicy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for DowngradePolicy {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|policy| policy.as_str() == text)
            .ok_or("must be strict, standard or self-upgradable")
    }
}

impl TryFrom<String> for AccessStackTemplate {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text == "shipped" {
            Ok(Self::Shipped)
        } else if text.starts_with("https://")
            && !text.contains(char::is_whitespace)
            && text.len() <= 5120
        {
            Ok(Self::Url(text))
        } else {
            Err("the template must be \"shipped\" or the https:// address of a template in S3")
        }
    }
}

impl From<AccessStackTemplate> for String {
    fn from(template: AccessStackTemplate) -> Self {
        match template {
            AccessStackTemplate::Shipped => "shipped".to_owned(),
            AccessStackTemplate::Url(url) => url,
        }
    }
}

impl JsonSchema for AccessStackTemplate {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "AccessStackTemplate".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": "^(shipped|https://\\S+)$",
            "description": "\"shipped\" or the https:// address of a template in S3"
        })
    }
}
