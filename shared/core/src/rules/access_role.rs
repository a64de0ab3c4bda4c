//! The access role as it is seen from outside: what it carries, and whom it lets in.
//! The completion looks before an account is called done, the reconciler each night.

use futures_util::try_join;
use serde_json::Value;

use super::minimum_policy::{self, PoliciesOfRole};
use crate::config::DowngradePolicy;
use crate::domain::{AccountId, PolicyDocument, RoleName};
use crate::error::Failure;
use crate::ports::account_roles::AccountRoles;

/// What was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessRole {
    pub policies: PoliciesOfRole,
    trust: Option<PolicyDocument>,
}

impl AccessRole {
    /// Reads trust and policies at once.
    ///
    /// # Errors
    /// `DowngradeFailed` where the role does not exist.
    pub async fn read(roles: &impl AccountRoles, role: &RoleName) -> Result<Self, Failure> {
        let (trust, policies) =
            try_join!(roles.find_trust(role), PoliciesOfRole::read(roles, role))?;
        Ok(Self { policies, trust })
    }

    /// Whether each statement that lets somebody in names that account and nobody else, as AWS Organizations makes the role.
    pub fn lets_in_only(&self, account: &AccountId) -> bool {
        let is_so = |trust: &PolicyDocument| lets_in_only(trust, account);
        self.trust.as_ref().is_some_and(is_so)
    }

    /// Whether it may do more than a minimum lets it: another policy hangs on it, or the minimum is none of this project's
    /// that is as narrow.
    pub fn exceeds(
        &self,
        policy: DowngradePolicy,
        partition: &str,
        account: &AccountId,
        role: &RoleName,
    ) -> bool {
        let policies = &self.policies;
        let is_narrow = |found: &PolicyDocument| {
            let mut narrow = DowngradePolicy::ALL
                .into_iter()
                .filter(|one| *one <= policy);
            narrow.any(|one| minimum_policy::document(one, partition, account, role) == *found)
        };
        !policies.attached.is_empty()
            || policies.other_inline().next().is_some()
            || policies
                .minimum
                .as_ref()
                .is_some_and(|found| !is_narrow(found))
    }
}

fn lets_in_only(trust: &PolicyDocument, account: &AccountId) -> bool {
    let statements = listed(&trust.as_value()["Statement"]);
    let mut allowing = statements.filter(|statement| statement["Effect"] != "Deny");
    allowing.all(|statement| {
        let principals = &statement["Principal"];
        let kinds = principals.as_object().map_or(0, serde_json::Map::len);
        let is_account = |principal: &Value| {
            let name = principal.as_str().unwrap_or_default();
            let root = name
                .strip_prefix("arn:")
                .and_then(|rest| rest.split_once(":iam::"));
            let id = root.and_then(|(_, rest)| rest.strip_suffix(":root"));
            id.unwrap_or(name) == account.as_str()
        };
        kinds == 1 && !principals["AWS"].is_null() && listed(&principals["AWS"]).all(is_account)
    })
}

/// The items of a list, or the one that stands for itself.
fn listed(value: &Value) -> impl Iterator<Item = &Value> {
    let items = value
        .as_array()
        .map_or(std::slice::from_ref(value), Vec::as_slice);
    items.iter()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::minimum_policy::MINIMUM_POLICY;
    use super::*;
    use crate::domain::AttachedPolicy;

    fn exceeds(minimum: Option<DowngradePolicy>, change: impl FnOnce(&mut PoliciesOfRole)) -> bool {
        let (account, role) = ("111111111111".parse().unwrap(), "Role".parse().unwrap());
        let document = |policy| minimum_policy::document(policy, "aws", &account, &role);
        let mut policies = PoliciesOfRole {
            inline: minimum.iter().map(|_| MINIMUM_POLICY.to_owned()).collect(),
            attached: BTreeSet::new(),
            minimum: minimum.map(document),
        };
        change(&mut policies);
        let found = AccessRole {
            policies,
            trust: None,
        };
        found.exceeds(DowngradePolicy::Standard, "aws", &account, &role)
    }

    #[test]
    fn what_is_wider_than_the_minimum_or_beside_it_exceeds_it() {
        let standard = Some(DowngradePolicy::Standard);
        assert!(!exceeds(standard, |_| {}));
        assert!(!exceeds(Some(DowngradePolicy::Strict), |_| {}));
        assert!(!exceeds(None, |_| {}));
        assert!(exceeds(Some(DowngradePolicy::SelfUpgradable), |_| {}));
        assert!(exceeds(standard, |role| {
            role.inline.insert("More".to_owned());
        }));
        assert!(exceeds(standard, |role| {
            role.minimum = Some(PolicyDocument::of_text("{}"));
        }));
        assert!(exceeds(None, |role| {
            role.attached.insert(AttachedPolicy {
                name: "AdministratorAccess".to_owned(),
                arn: "arn:aws:iam::aws:policy/AdministratorAccess".to_owned(),
            });
        }));
    }
}
