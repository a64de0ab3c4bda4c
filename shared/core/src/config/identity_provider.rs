//! meshIdB: the SAML provider in the account and the IAM roles that trust it.
//! Deprecated in meshStack and still in use; names follow its `mesh-idb` options.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Platform, Problem};
use crate::domain::{PolicyReference, ProjectRole, Region, RoleName, SamlProviderName, WebAddress};

/// What the names of roles begin with that AWS, AWS Control Tower and this machine keep for themselves; in lower case, as
/// IAM takes names for the same in any letter case.
const RESERVED_PREFIXES: [&str; 6] = [
    "avm",
    "aws-controltower-",
    "awscontroltower",
    "awsreservedsso_",
    "awsservicerolefor",
    "stacksets-exec-",
];
/// Roles of AWS and of this machine by their names, the default name of the access role among them; in lower case.
const RESERVED_NAMES: [&str; 5] = [
    "awscloudformationstacksetadministrationrole",
    "awscloudformationstacksetexecutionrole",
    "meshstackaccountaccessrole",
    "organizationaccountaccessrole",
    "permissiondowngradelambdaexecutionrole",
];

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
    /// Regions whose own sign-in endpoint people may use besides, so that they can sign in while the usual one is down. New roles
    /// trust assertions for each of them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub sign_in_regions: BTreeSet<Region>,
}

impl SamlProvider {
    /// The audiences that an assertion may name: the usual endpoint of a platform in `region`, and those of the regions.
    pub fn audiences(&self, region: &Region) -> BTreeSet<String> {
        let regional = self.sign_in_regions.iter().map(Region::regional_sign_in);
        regional.chain([region.sign_in()]).collect()
    }
}

impl IdentityProvider {
    /// Managed roles under names that the machine must not touch.
    pub(super) fn reserved_names(&self) -> impl Iterator<Item = Problem> {
        let reserved = self
            .role_mappings_managed
            .iter()
            .filter(|(_, mapping)| is_reserved(&mapping.aws_role_name));
        reserved.map(|(project_role, _)| {
            Problem::new(
                format!("identityProvider.roleMappingsManaged.{project_role}.awsRoleName"),
                "must not be the name of a role that AWS or the account vending machine keeps for itself",
            )
        })
    }
}

impl IdentityProvider {
    /// Managed roles that no account on that platform can have: one under the name of its access role, and one with a policy of
    /// another partition, or of one account only.
    pub(super) fn problems_on(&self, platform: &Platform) -> Vec<Problem> {
        let access_role = platform.account_access_role.as_str();
        let partition = platform.region.partition();
        let mut problems = Vec::new();
        for (role, mapping) in &self.role_mappings_managed {
            let field = |name: &str| format!("identityProvider.roleMappingsManaged.{role}.{name}");
            // IAM takes names for the same in any letter case.
            if mapping
                .aws_role_name
                .as_str()
                .eq_ignore_ascii_case(access_role)
            {
                problems.push(Problem::new(
                    field("awsRoleName"),
                    "must not be the platform's accountAccessRole, which the machine itself enters accounts by",
                ));
            }
            for policy in &mapping.policies {
                problems.extend(
                    policy_problem(policy, partition)
                        .map(|expected| Problem::new(field("policies"), expected)),
                );
            }
        }
        problems
    }
}

/// Accounts of a landing zone have AWS's policies in common, and those of their own that have the same name.
fn policy_problem(policy: &PolicyReference, partition: &str) -> Option<String> {
    let of_aws = format!("arn:{partition}:iam::aws:");
    if !policy.is_arn() || policy.as_str().starts_with(&of_aws) {
        return None;
    }
    let of_partition = format!("arn:{partition}:");
    Some(if policy.as_str().starts_with(&of_partition) {
        format!(
            "{policy} belongs to one account, and a landing zone is for many: name a policy of AWS, or one that each \
             account has by its name alone"
        )
    } else {
        format!("{policy} must be in the partition {partition}, as the platform's region is")
    })
}

/// Whether a role of that name belongs to AWS, to AWS Control Tower or to this machine.
pub fn is_reserved(role: &RoleName) -> bool {
    let name = lower_case(role);
    RESERVED_NAMES.contains(&name.as_str())
        || RESERVED_PREFIXES
            .iter()
            .any(|prefix| name.starts_with(prefix))
}

fn lower_case(role: &RoleName) -> String {
    role.as_str().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fields_with_problems(document: serde_json::Value) -> Vec<String> {
        let read: IdentityProvider = serde_json::from_value(document).unwrap();
        let problems = read.reserved_names();
        problems.map(|problem| problem.to_string()).collect()
    }

    #[test]
    fn roles_that_belong_to_others_are_never_managed() {
        for name in [
            "OrganizationAccountAccessRole",
            "AWSControlTowerExecution",
            "awsreservedsso_Admin_1",
            "AVMVerificationRole",
            "AWSServiceRoleForSupport",
            "MeshstackAccountAccessRole",
        ] {
            assert!(is_reserved(&name.parse().unwrap()), "{name}");
        }
        assert!(!is_reserved(&"meshstack-project-admin".parse().unwrap()));
        let found = fields_with_problems(json!({
            "roleMappingsManaged": {"admin": {"awsRoleName": "AVMRole", "policies": []}}
        }));
        assert_eq!(
            found,
            [
                "field identityProvider.roleMappingsManaged.admin.awsRoleName: must not be the name of a role that AWS or \
              the account vending machine keeps for itself"
            ]
        );
    }
}
