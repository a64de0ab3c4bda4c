//! What has to happen with the provider and the roles, as plain data: made from what was read, shown, then applied.
//! Missing policies are attached first, so that a failed attach removes nothing.

use std::collections::BTreeSet;
use std::fmt;

use avm_core::config::ManagedRoleMapping;
use avm_core::contract::answer;
use avm_core::domain::{
    AccountId, AttachedPolicy, PolicyReference, ProjectRole, RoleName, SamlMetadata,
};
use serde::Serialize;

/// A role that is ours, with the managed policies that it carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FoundRole {
    pub(crate) attached: BTreeSet<AttachedPolicy>,
}

/// What has to happen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Plan {
    pub(crate) provider: ProviderPlan,
    /// When the published metadata have ended, if they have: no vend can change that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) metadata_ended: Option<String>,
    pub(crate) roles: Vec<RolePlan>,
    pub(crate) external_roles: Vec<ExternalRole>,
}

impl Plan {
    /// Whether roles of the account are made or changed.
    #[must_use]
    pub fn changes_roles(&self) -> bool {
        self.roles.iter().any(|role| !role.changes.is_empty())
    }
}

/// What has to happen with the provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all_fields = "PascalCase")]
pub(crate) enum ProviderPlan {
    Nothing,
    Create {
        #[serde(skip)]
        document: SamlMetadata,
    },
    Update {
        /// In what the stored metadata differ.
        differences: Vec<&'static str>,
        #[serde(skip)]
        document: SamlMetadata,
    },
}

/// What has to happen with a managed role, in this order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RolePlan {
    pub(crate) project_role: ProjectRole,
    pub(crate) role: RoleName,
    pub(crate) changes: Vec<RoleChange>,
}

/// One change of a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) enum RoleChange {
    /// It has no power yet, and goes before it is made anew: whoever has a session of it gets nothing by that.
    Remove,
    /// It is made, with its trust.
    Create,
    /// A policy that the landing zone does not name goes.
    Detach(AttachedPolicy),
    /// A policy that the landing zone names comes.
    Attach(PolicyReference),
}

/// A role that something else makes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ExternalRole {
    pub(crate) project_role: ProjectRole,
    pub(crate) role: RoleName,
    /// What keeps people out.
    pub(crate) lack: Option<Lack>,
}

/// What keeps people out of an external role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) enum Lack {
    /// There is none.
    Role,
    /// It does not let the provider in.
    Trust,
}

/// What a managed role shall be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted<'a> {
    pub(crate) project_role: &'a ProjectRole,
    pub(crate) mapping: &'a ManagedRoleMapping,
    pub(crate) partition: &'a str,
    pub(crate) account: &'a AccountId,
}

impl RolePlan {
    /// Compares a role, which is ours, with what it shall be.
    pub(crate) fn new(wanted: &Wanted<'_>, found: Option<&FoundRole>) -> Self {
        let nothing = BTreeSet::new();
        let attached = found.map_or(&nothing, |found| &found.attached);
        let mut fitting = BTreeSet::new();
        let mut missing = Vec::new();
        for reference in &wanted.mapping.policies {
            let candidates = reference.candidates(wanted.partition, wanted.account);
            let fits = candidates.iter().find_map(|candidate| {
                attached
                    .iter()
                    .find(|policy| policy.arn == candidate.as_str())
            });
            match fits {
                Some(policy) => {
                    fitting.insert(policy);
                }
                None => missing.push(RoleChange::Attach(reference.clone())),
            }
        }
        let extra = attached
            .iter()
            .filter(|policy| !fitting.contains(policy))
            .map(|policy| RoleChange::Detach(policy.clone()));
        let changes = match found {
            None => [vec![RoleChange::Create], missing].concat(),
            Some(found) if found.attached.is_empty() && !missing.is_empty() => {
                [vec![RoleChange::Remove, RoleChange::Create], missing].concat()
            }
            Some(_) => missing.into_iter().chain(extra).collect(),
        };
        Self {
            project_role: wanted.project_role.clone(),
            role: wanted.mapping.aws_role_name.clone(),
            changes,
        }
    }
}

impl ExternalRole {
    /// What is wrong with it, in words.
    pub(crate) fn problem(&self) -> Option<String> {
        let words = match self.lack? {
            Lack::Role => "does not exist",
            Lack::Trust => "does not trust it",
        };
        Some(format!(
            "role {} of {} {words}",
            self.role, self.project_role
        ))
    }
}

/// What follows from metadata that have ended.
pub(crate) fn ended_words(end: &str) -> String {
    format!(
        "the SAML metadata that the identity provider publishes have ended on {end}: people may not get in until it publishes \
         new ones and the request is sent again"
    )
}

impl answer::Plan for Plan {
    fn is_empty(&self) -> bool {
        self.provider == ProviderPlan::Nothing
            && self.roles.iter().all(|role| role.changes.is_empty())
            && self.external_roles.iter().all(|role| role.lack.is_none())
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ended = self.metadata_ended.as_deref().map(ended_words);
        if answer::Plan::is_empty(self) {
            formatter.write_str("nothing to do: provider and roles are as they shall be")?;
            return ended.map_or(Ok(()), |words| write!(formatter, "; {words}"));
        }
        let mut parts: Vec<String> = ended.into_iter().collect();
        match &self.provider {
            ProviderPlan::Nothing => {}
            ProviderPlan::Create { .. } => parts.push("create the SAML provider".to_owned()),
            ProviderPlan::Update { differences, .. } => parts.push(format!(
                "update the SAML provider: {}",
                differences.join(", ")
            )),
        }
        for plan in self.roles.iter().filter(|plan| !plan.changes.is_empty()) {
            let changes: Vec<String> = plan.changes.iter().map(ToString::to_string).collect();
            parts.push(format!("role {}: {}", plan.role, changes.join(", ")));
        }
        let problems = self.external_roles.iter().filter_map(ExternalRole::problem);
        let problems: Vec<String> = problems.collect();
        if !problems.is_empty() {
            let problems = problems.join(", ");
            parts.push(format!(
                "roles made elsewhere keep the SAML provider out: {problems}"
            ));
        }
        formatter.write_str(&parts.join("; "))
    }
}

impl fmt::Display for RoleChange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Remove => formatter.write_str("delete it, because it may have sessions"),
            Self::Create => formatter.write_str("create it"),
            Self::Detach(policy) => write!(formatter, "detach {}", policy.arn),
            Self::Attach(policy) => write!(formatter, "attach {policy}"),
        }
    }
}
