//! The minimum that the access role keeps after the downgrade, as IAM documents, and how a role differs from it.
//! `standard` and `self-upgradable` are meshStack's documents; `strict` allows the same jobs and leaves no way back to administration.

use std::collections::BTreeSet;

use futures_util::try_join;
use serde_json::{Value, json};

use crate::config::DowngradePolicy;
use crate::domain::{AccountId, AttachedPolicy, PolicyDocument, RoleName, STRICT_PROVIDER_PREFIX};
use crate::error::Failure;
use crate::ports::role_policies::RolePolicies;

/// The inline policy that holds the minimum.
pub const MINIMUM_POLICY: &str = "MeshstackAccountAccessPolicy";

/// The document of a policy for the access role of an account.
pub fn document(
    policy: DowngradePolicy,
    partition: &str,
    account: &AccountId,
    role: &RoleName,
) -> PolicyDocument {
    let statements = match policy {
        DowngradePolicy::Strict => strict(partition, account),
        DowngradePolicy::Standard => standard(partition, account),
        DowngradePolicy::SelfUpgradable => {
            let mut statements = standard(partition, account);
            statements.push(self_upgrade(partition, account, role));
            statements
        }
    };
    PolicyDocument::new(json!({"Version": "2012-10-17", "Statement": statements}))
}

/// The three statements of meshStack's downgrade function, action by action.
fn standard(partition: &str, account: &AccountId) -> Vec<Value> {
    vec![
        json!({
            "Effect": "Allow",
            "Action": [
                "iam:CreateSAMLProvider",
                "iam:GetSAMLProvider",
                "iam:UpdateSAMLProvider",
                "iam:DeleteSAMLProvider",
                "iam:ListSAMLProviders"
            ],
            "Resource": [
                format!("arn:{partition}:iam::{account}:saml-provider/*"),
                format!("arn:{partition}:cloudformation:*:{account}:stack/meshstack-cf-access*")
            ]
        }),
        json!({
            "Effect": "Allow",
            "Action": [
                "iam:ListAttachedRolePolicies",
                "iam:CreateAccountAlias",
                "iam:ListAccountAliases",
                "iam:DeleteAccountAlias",
                "iam:GetRole",
                "iam:CreateRole",
                "iam:AttachRolePolicy",
                "iam:UpdateAssumeRolePolicy"
            ],
            "Resource": "*"
        }),
        json!({
            "Effect": "Allow",
            "Action": ["cloudformation:DescribeStacks"],
            "Resource": "*"
        }),
    ]
}

/// The fourth statement of meshStack's documentation: the role may write its own policies.
fn self_upgrade(partition: &str, account: &AccountId, role: &RoleName) -> Value {
    json!({
        "Effect": "Allow",
        "Action": [
            "iam:DetachRolePolicy",
            "iam:DeleteRolePolicy",
            "iam:PutRolePolicy",
            "iam:ListRolePolicies"
        ],
        "Resource": format!("arn:{partition}:iam::{account}:role/{role}")
    })
}

/// Alias, reads of roles, stacks and the SAML provider; nothing that creates or changes a role, or lets anybody assume one.
///
/// No write of SAML providers: a role that may change a provider may sign in as every role that trusts it, and administrators
/// take those of meshIdB. The step that sets it up uses `AVMIdentityProviderRole`, which only that step may assume.
/// What is lost: meshIdB mappings that meshStack manages itself (`CreateRole`, `AttachRolePolicy`,
/// `UpdateAssumeRolePolicy`); such roles come from a StackSet instead ("external" mappings).
fn strict(partition: &str, account: &AccountId) -> Vec<Value> {
    vec![
        json!({
            "Sid": "ReadSamlProviderOfMeshstack",
            "Effect": "Allow",
            "Action": ["iam:GetSAMLProvider"],
            "Resource": format!("arn:{partition}:iam::{account}:saml-provider/{STRICT_PROVIDER_PREFIX}*")
        }),
        json!({
            "Sid": "ReadRoles",
            "Effect": "Allow",
            "Action": ["iam:GetRole", "iam:ListAttachedRolePolicies"],
            "Resource": format!("arn:{partition}:iam::{account}:role/*")
        }),
        // IAM and CloudFormation have no resource for these: the alias, stacks without a name.
        json!({
            "Sid": "AliasAndReadsOfTheAccount",
            "Effect": "Allow",
            "Action": [
                "iam:CreateAccountAlias",
                "iam:ListAccountAliases",
                "iam:DeleteAccountAlias",
                "cloudformation:DescribeStacks"
            ],
            "Resource": "*"
        }),
    ]
}

/// What a role carries, as far as the downgrade is concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoliciesOfRole {
    /// The names of its inline policies.
    pub inline: BTreeSet<String>,
    /// The managed policies that are attached to it.
    pub attached: BTreeSet<AttachedPolicy>,
    /// The document of [`MINIMUM_POLICY`], if it has one.
    pub minimum: Option<PolicyDocument>,
}

impl PoliciesOfRole {
    /// Reads both kinds at once, and then the minimum, if there is one.
    ///
    /// # Errors
    /// `DowngradeFailed` where the role does not exist.
    pub async fn read(policies: &impl RolePolicies, role: &RoleName) -> Result<Self, Failure> {
        let (inline, attached) =
            try_join!(policies.list_inline(role), policies.list_attached(role))?;
        let minimum = if inline.contains(MINIMUM_POLICY) {
            policies.find_inline(role, MINIMUM_POLICY).await?
        } else {
            None
        };
        Ok(Self {
            inline,
            attached,
            minimum,
        })
    }

    /// The differences between the role and one that has this document and nothing else, in words.
    pub fn differences_from(&self, expected: &PolicyDocument) -> Vec<String> {
        let mut differences = Vec::new();
        match &self.minimum {
            Some(found) if found == expected => {}
            Some(_) => differences.push(format!(
                "inline policy {MINIMUM_POLICY} differs from what it should be"
            )),
            None => differences.push(format!("inline policy {MINIMUM_POLICY} is missing")),
        }
        differences.extend(
            self.other_inline()
                .map(|name| format!("inline policy {name} is there")),
        );
        differences.extend(
            self.attached
                .iter()
                .map(|policy| format!("managed policy {} is attached", policy.name)),
        );
        differences
    }

    /// The inline policies other than the minimum.
    pub fn other_inline(&self) -> impl Iterator<Item = &String> {
        self.inline
            .iter()
            .filter(|name| name.as_str() != MINIMUM_POLICY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(policy: DowngradePolicy) -> PolicyDocument {
        document(
            policy,
            "aws",
            &"111111111111".parse().unwrap(),
            &"MeshstackAccountAccessRole".parse().unwrap(),
        )
    }

    fn actions(document: &PolicyDocument) -> BTreeSet<&str> {
        document.as_value()["Statement"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|statement| statement["Action"].as_array().unwrap())
            .map(|action| action.as_str().unwrap())
            .collect()
    }

    /// The fixtures are what static analysis of policies looks at; `standard` was written from meshStack's function.
    #[test]
    fn every_policy_is_the_document_of_its_fixture() {
        for (policy, expected) in [
            (
                DowngradePolicy::Standard,
                include_str!("../../tests/fixtures/minimum-policy-standard.json"),
            ),
            (
                DowngradePolicy::SelfUpgradable,
                include_str!("../../tests/fixtures/minimum-policy-self-upgradable.json"),
            ),
            (
                DowngradePolicy::Strict,
                include_str!("../../tests/fixtures/minimum-policy-strict.json"),
            ),
        ] {
            assert_eq!(
                of(policy),
                PolicyDocument::of_text(expected),
                "{policy} is {}",
                of(policy)
            );
        }
    }

    #[test]
    fn self_upgradable_adds_the_fourth_statement_only() {
        let standard = of(DowngradePolicy::Standard);
        let upgradable = of(DowngradePolicy::SelfUpgradable);
        let statements = upgradable.as_value()["Statement"].as_array().unwrap();
        assert_eq!(
            statements[..3],
            standard.as_value()["Statement"].as_array().unwrap()[..]
        );
        assert_eq!(
            statements[3],
            json!({
                "Effect": "Allow",
                "Action": ["iam:DetachRolePolicy", "iam:DeleteRolePolicy", "iam:PutRolePolicy", "iam:ListRolePolicies"],
                "Resource": "arn:aws:iam::111111111111:role/MeshstackAccountAccessRole"
            })
        );
    }

    #[test]
    fn strict_cannot_make_change_or_power_anything_that_could_become_an_administrator() {
        let strict = of(DowngradePolicy::Strict);
        let writes: Vec<&str> = actions(&strict)
            .into_iter()
            .filter(|action| {
                !["Get", "List", "Describe"]
                    .iter()
                    .any(|read| action.contains(read))
            })
            .collect();
        assert_eq!(writes, ["iam:CreateAccountAlias", "iam:DeleteAccountAlias"]);
        assert!(!strict.to_string().contains("NotAction"));
    }

    #[test]
    fn every_policy_lets_a_later_vend_prove_the_account_ready() {
        for policy in DowngradePolicy::ALL {
            let document = of(policy);
            let actions = actions(&document);
            assert!(actions.contains("iam:ListAccountAliases"), "{policy}");
            assert!(
                actions.contains("cloudformation:DescribeStacks"),
                "{policy}"
            );
        }
    }

    #[test]
    fn every_policy_fits_into_the_space_that_iam_gives_a_role() {
        for policy in DowngradePolicy::ALL {
            assert!(of(policy).to_string().len() < 10_240, "{policy}");
        }
    }

    #[test]
    fn the_partition_is_the_callers() {
        let account = "111111111111".parse().unwrap();
        let role = "Role".parse().unwrap();
        for policy in DowngradePolicy::ALL {
            let document = document(policy, "aws-cn", &account, &role).to_string();
            assert!(!document.contains("arn:aws:"), "{policy}");
        }
    }

    #[test]
    fn every_difference_is_told() {
        let expected = of(DowngradePolicy::Standard);
        let role = PoliciesOfRole {
            inline: ["AdministratorAccess", MINIMUM_POLICY]
                .map(str::to_owned)
                .into(),
            attached: [AttachedPolicy {
                name: "PowerUserAccess".to_owned(),
                arn: "arn:aws:iam::aws:policy/PowerUserAccess".to_owned(),
            }]
            .into(),
            minimum: Some(of(DowngradePolicy::Strict)),
        };
        assert_eq!(
            role.differences_from(&expected),
            [
                "inline policy MeshstackAccountAccessPolicy differs from what it should be",
                "inline policy AdministratorAccess is there",
                "managed policy PowerUserAccess is attached",
            ]
        );
    }
}
