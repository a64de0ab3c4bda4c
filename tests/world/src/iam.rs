//! IAM roles of accounts with their policies, the managed policies that there are, and what each door may do.
//! IAM knows new roles and new principals late in places, which is a knob here.

use std::collections::{BTreeMap, BTreeSet};

use avm_core::domain::{AccountId, AttachedPolicy, PolicyArn, PolicyDocument, RoleName};
use avm_core::doors::Door;
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::account_roles::{RoleOverview, RolesAtOnce, SeenRole};
use avm_core::ports::role_policies::{Put, RolePolicies, RolePolicyChanges};
use avm_core::ports::roles::{
    Attachment, NewRole, Role as Shown, RoleCreation, RoleDeletion, Roles,
};
use avm_core::rules::boundary;
use avm_core::rules::minimum_policy::MINIMUM_POLICY;
use serde_json::Value;

use crate::in_call::Behind;
use crate::state::State as Whole;

/// Managed policies of AWS that are there in every account.
pub const OF_AWS: [&str; 6] = [
    "arn:aws:iam::aws:policy/AdministratorAccess",
    "arn:aws:iam::aws:policy/IAMFullAccess",
    "arn:aws:iam::aws:policy/ReadOnlyAccess",
    "arn:aws:iam::aws:policy/SecurityAudit",
    "arn:aws:iam::aws:policy/job-function/Billing",
    "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess",
];

/// IAM: the characters of all inline policies of a role.
const MOST_INLINE: usize = 10_240;

/// A role as an account holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    pub trust: PolicyDocument,
    pub description: Option<String>,
    pub boundary: Option<String>,
    pub attached: BTreeSet<AttachedPolicy>,
    pub inline: BTreeMap<String, PolicyDocument>,
}

impl Role {
    /// A role without policies that trusts whom the document says.
    pub fn trusting(trust: PolicyDocument) -> Self {
        Self {
            trust,
            description: None,
            boundary: None,
            attached: BTreeSet::new(),
            inline: BTreeMap::new(),
        }
    }

    /// The same role with these managed policies attached, and no other.
    #[must_use]
    pub fn with_attached(self, arns: &[&str]) -> Self {
        Self {
            attached: arns.iter().map(|arn| attached(arn)).collect(),
            ..self
        }
    }
}

/// A managed policy as the list of a role shows it.
pub fn attached(arn: &str) -> AttachedPolicy {
    AttachedPolicy {
        name: arn.rsplit('/').next().unwrap().to_owned(),
        arn: arn.to_owned(),
    }
}

/// The roles of accounts by their names.
#[derive(Clone, Debug)]
pub struct State {
    pub of_accounts: BTreeMap<AccountId, BTreeMap<String, Role>>,
    /// The managed policies that exist, by ARN.
    pub policies: BTreeSet<String>,
    /// What may be done with roles and SAML providers behind a door; no entry: everything.
    pub allowed: BTreeMap<Door, PolicyDocument>,
    /// Roles whose writes IAM refuses for a reason that only a person can remove.
    pub refused: BTreeSet<String>,
    /// How many of the next attachments do not see their role yet.
    pub late_attachments: usize,
    /// How many of the next trusts name a SAML provider that IAM does not know yet.
    pub late_principals: usize,
    /// Policies of roles by their names that stay, although the call that takes them away succeeds.
    pub sticky: BTreeSet<String>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            of_accounts: BTreeMap::new(),
            policies: OF_AWS.map(str::to_owned).into(),
            allowed: BTreeMap::new(),
            refused: BTreeSet::new(),
            late_attachments: 0,
            late_principals: 0,
            sticky: BTreeSet::new(),
        }
    }
}

impl State {
    /// What two worlds must have in common.
    pub fn essence(&self) -> String {
        format!("{:?}", self.of_accounts)
    }

    /// Roles have their effect at once.
    pub fn tick(&mut self) {}

    /// The roles of an account.
    pub fn of(&mut self, account: &AccountId) -> &mut BTreeMap<String, Role> {
        self.of_accounts.entry(account.clone()).or_default()
    }

    /// A role of an account.
    pub fn find(&self, account: &AccountId, role: &str) -> Option<&Role> {
        self.of_accounts.get(account)?.get(role)
    }

    /// Fails where the door is not allowed that.
    pub(crate) fn permit(&self, door: Door, action: &str, resource: &str) -> Result<(), Failure> {
        match self.allowed.get(&door) {
            Some(policy) if !allows(policy, action, resource) => Err(denied(action, resource)),
            _ => Ok(()),
        }
    }
}

fn denied(action: &str, resource: &str) -> Failure {
    Failure::new(ErrorName::AccessDenied, format!("{action} {resource}"))
}

/// Whether a document of statements that allow, without conditions, allows that.
fn allows(policy: &PolicyDocument, action: &str, resource: &str) -> bool {
    let statements = policy.as_value()["Statement"].as_array().unwrap();
    statements.iter().any(|statement| {
        let covers = |field: &str, wanted: &str| {
            let patterns = texts(&statement[field]);
            patterns.iter().any(|pattern| fits(pattern, wanted))
        };
        covers("Action", action) && covers("Resource", resource)
    })
}

fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(values) => values.iter().map(|text| text.as_str().unwrap()).collect(),
        single => vec![single.as_str().unwrap()],
    }
}

/// A pattern with at most one `*`, at its end.
fn fits(pattern: &str, resource: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(prefix) => resource.starts_with(prefix),
        None => pattern == resource,
    }
}

/// IAM refuses a trust in a SAML provider that it does not know (yet).
fn take_trust(
    state: &mut Whole,
    account: &AccountId,
    trust: &PolicyDocument,
) -> Result<(), Failure> {
    let text = trust.to_string();
    if !text.contains(&format!("::{account}:saml-provider/")) {
        return Ok(());
    }
    let is_late = state.iam.late_principals > 0;
    state.iam.late_principals = state.iam.late_principals.saturating_sub(1);
    if is_late || !state.saml.is_named_in(&text, account) {
        let words = "invalid principal";
        return Err(Failure::new(ErrorName::ServiceUnavailable, words));
    }
    Ok(())
}

impl Behind<'_> {
    fn role_arn(&self, role: &RoleName) -> String {
        format!("arn:aws:iam::{}:role/{role}", self.account())
    }

    fn read_role<T>(
        &self,
        action: &str,
        role: &RoleName,
        answer: impl FnOnce(Option<&Role>) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let arn = self.role_arn(role);
        self.read(format!("{action} {role}"), |state| {
            state.iam.permit(self.door, action, &arn)?;
            answer(state.iam.find(&self.account(), role.as_str()))
        })
    }

    fn write_role<T>(
        &self,
        action: &str,
        role: &RoleName,
        besides: &str,
        effect: impl FnOnce(&mut Whole) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let arn = self.role_arn(role);
        self.write(format!("{action} {role}{besides}"), |state| {
            state.iam.permit(self.door, action, &arn)?;
            if state.is_guarded(&self.account(), role) {
                return Err(denied(action, &arn));
            }
            if state.iam.refused.contains(role.as_str()) {
                let words = format!("IAM refuses {action} on {arn}");
                return Err(Failure::new(self.refusal, words));
            }
            effect(state)
        })
    }

    fn detach_policy(
        &self,
        role: &RoleName,
        policy: &AttachedPolicy,
        check: impl FnOnce(Option<&Role>),
    ) -> Result<(), Failure> {
        let besides = format!(" {}", policy.arn);
        self.write_role("iam:DetachRolePolicy", role, &besides, |state| {
            let is_sticky = state.iam.sticky.contains(&policy.name);
            let mut found = state.iam.of(&self.account()).get_mut(role.as_str());
            check(found.as_deref());
            if let Some(found) = found.as_mut().filter(|_| !is_sticky) {
                found.attached.remove(policy);
            }
            Ok(())
        })
    }
}

impl Roles for Behind<'_> {
    async fn find_role(&self, role: &RoleName) -> Result<Option<Shown>, Failure> {
        self.read_role("iam:GetRole", role, |found| {
            Ok(found.map(|found| Shown {
                arn: self.role_arn(role).parse().unwrap(),
                trust: found.trust.clone(),
                description: found.description.clone(),
                boundary: found.boundary.clone(),
            }))
        })
    }

    async fn create_role(&self, role: &NewRole<'_>) -> Result<RoleCreation, Failure> {
        self.write_role("iam:CreateRole", role.name, "", |state| {
            let account = self.account();
            let mut names = state.iam.of(&account).keys();
            if names.any(|name| name.eq_ignore_ascii_case(role.name.as_str())) {
                return Ok(RoleCreation::AlreadyThere);
            }
            take_trust(state, &account, role.trust)?;
            let policies = &state.iam.policies;
            let missing = role.boundary.filter(|arn| !policies.contains(arn.as_str()));
            if let Some(missing) = missing {
                return Err(boundary::missing(missing));
            }
            let made = Role {
                description: Some(role.description.to_owned()),
                boundary: role.boundary.map(ToString::to_string),
                ..Role::trusting(role.trust.clone())
            };
            state.iam.of(&account).insert(role.name.to_string(), made);
            Ok(RoleCreation::Made)
        })
    }

    async fn has_policy(&self, policy: &PolicyArn) -> Result<bool, Failure> {
        const ACTION: &str = "iam:GetPolicy";
        self.read(format!("{ACTION} {policy}"), |state| {
            state.iam.permit(self.door, ACTION, policy.as_str())?;
            Ok(state.iam.policies.contains(policy.as_str()))
        })
    }

    async fn list_attached(&self, role: &RoleName) -> Result<BTreeSet<AttachedPolicy>, Failure> {
        self.read_role("iam:ListAttachedRolePolicies", role, |found| {
            Ok(found.map(|role| role.attached.clone()).unwrap_or_default())
        })
    }

    async fn attach(&self, role: &RoleName, policy: &PolicyArn) -> Result<Attachment, Failure> {
        let besides = format!(" {policy}");
        self.write_role("iam:AttachRolePolicy", role, &besides, |state| {
            let iam = &mut state.iam;
            let is_late = iam.late_attachments > 0;
            iam.late_attachments = iam.late_attachments.saturating_sub(1);
            let is_there = iam.policies.contains(policy.as_str());
            match iam.of(&self.account()).get_mut(role.as_str()) {
                Some(found) if is_there && !is_late => {
                    found.attached.insert(attached(policy.as_str()));
                    Ok(Attachment::Attached)
                }
                _ => Ok(Attachment::Missing),
            }
        })
    }

    async fn detach(&self, role: &RoleName, policy: &AttachedPolicy) -> Result<(), Failure> {
        self.detach_policy(role, policy, |_| ())
    }

    async fn delete_role(&self, role: &RoleName) -> Result<RoleDeletion, Failure> {
        self.write_role("iam:DeleteRole", role, "", |state| {
            let roles = state.iam.of(&self.account());
            let is_in_use = |role: &Role| !(role.attached.is_empty() && role.inline.is_empty());
            if roles.get(role.as_str()).is_some_and(is_in_use) {
                return Ok(RoleDeletion::InUse);
            }
            roles.remove(role.as_str());
            Ok(RoleDeletion::Gone)
        })
    }
}

impl RoleOverview for Behind<'_> {
    async fn read_all(&self) -> Result<RolesAtOnce, Failure> {
        const ACTION: &str = "iam:GetAccountAuthorizationDetails";
        self.read(ACTION, |state| {
            state.iam.permit(self.door, ACTION, "*")?;
            let roles = state.iam.of_accounts.get(&self.account());
            let roles = roles.into_iter().flatten().map(|(name, role)| {
                let seen = SeenRole {
                    trust: role.trust.clone(),
                    inline: role.inline.clone(),
                    attached: role.attached.clone(),
                };
                (name.clone(), seen)
            });
            Ok(RolesAtOnce(roles.collect()))
        })
    }
}

fn missing(role: &RoleName) -> Failure {
    let words = format!("role {role} does not exist");
    Failure::new(ErrorName::DowngradeFailed, words)
}

impl RolePolicies for Behind<'_> {
    async fn list_inline(&self, role: &RoleName) -> Result<BTreeSet<String>, Failure> {
        self.read_role("iam:ListRolePolicies", role, |found| {
            let found = found.ok_or_else(|| missing(role))?;
            Ok(found.inline.keys().cloned().collect())
        })
    }

    async fn find_inline(
        &self,
        role: &RoleName,
        policy: &str,
    ) -> Result<Option<PolicyDocument>, Failure> {
        self.read_role("iam:GetRolePolicy", role, |found| {
            Ok(found.and_then(|found| found.inline.get(policy).cloned()))
        })
    }

    async fn list_attached(&self, role: &RoleName) -> Result<BTreeSet<AttachedPolicy>, Failure> {
        self.read_role("iam:ListAttachedRolePolicies", role, |found| {
            Ok(found.ok_or_else(|| missing(role))?.attached.clone())
        })
    }
}

/// At no time is a role without both its power and the minimum.
fn assert_minimum(found: Option<&Role>, may_have_power: bool) {
    let is_powerful =
        |found: &Role| may_have_power && found.attached.contains(&attached(OF_AWS[0]));
    assert!(
        found.is_none_or(|found| found.inline.contains_key(MINIMUM_POLICY) || is_powerful(found)),
        "a role loses a policy before the minimum is there"
    );
}

impl RolePolicyChanges for Behind<'_> {
    async fn put_inline(
        &self,
        role: &RoleName,
        policy: &str,
        document: &PolicyDocument,
    ) -> Result<Put, Failure> {
        let besides = format!(" {policy}");
        self.write_role("iam:PutRolePolicy", role, &besides, |state| {
            let found = state.iam.of(&self.account()).get_mut(role.as_str());
            let found = found.ok_or_else(|| missing(role))?;
            let others = found.inline.iter().filter(|(name, _)| *name != policy);
            let others: usize = others.map(|(_, other)| other.to_string().len()).sum();
            if others + document.to_string().len() > MOST_INLINE {
                return Ok(Put::NoRoom);
            }
            found.inline.insert(policy.to_owned(), document.clone());
            Ok(Put::Done)
        })
    }

    async fn delete_inline(&self, role: &RoleName, policy: &str) -> Result<(), Failure> {
        let besides = format!(" {policy}");
        self.write_role("iam:DeleteRolePolicy", role, &besides, |state| {
            let is_sticky = state.iam.sticky.contains(policy);
            let mut found = state.iam.of(&self.account()).get_mut(role.as_str());
            assert_minimum(found.as_deref(), true);
            if let Some(found) = found.as_mut().filter(|_| !is_sticky) {
                found.inline.remove(policy);
            }
            Ok(())
        })
    }

    async fn detach(&self, role: &RoleName, policy: &AttachedPolicy) -> Result<(), Failure> {
        self.detach_policy(role, policy, |found| assert_minimum(found, false))
    }
}
