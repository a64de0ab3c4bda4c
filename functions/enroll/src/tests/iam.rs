//! IAM of the account in memory: it knows one role, the execution role, and one policy to attach.
//! What guards roles refuses every write; what is attached keeps a role from being deleted.

use std::collections::BTreeSet;

use avm_core::domain::{AttachedPolicy, PolicyArn, PolicyDocument, RoleName};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::roles::{Attachment, NewRole, Role, RoleCreation, RoleDeletion, Roles};

use super::world::{State, World};

const ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

/// The execution role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WorldRole {
    pub(super) trust: PolicyDocument,
    pub(super) attached: BTreeSet<AttachedPolicy>,
    pub(super) description: Option<String>,
}

impl WorldRole {
    /// As Control Tower makes it.
    pub(super) fn of_control_tower() -> Self {
        Self {
            trust: trust_of("arn:aws:iam::333333333333:root"),
            attached: [policy(ADMINISTRATOR)].into(),
            description: None,
        }
    }

    pub(super) fn trusting(trust: PolicyDocument) -> Self {
        Self {
            trust,
            ..Self::of_control_tower()
        }
    }

    pub(super) fn with_policies(arns: &[&str]) -> Self {
        Self {
            attached: arns.iter().map(|arn| policy(arn)).collect(),
            ..Self::of_control_tower()
        }
    }

    pub(super) fn is_administrator(&self) -> bool {
        self.attached.contains(&policy(ADMINISTRATOR))
    }
}

pub(super) fn trust_of(principal: &str) -> PolicyDocument {
    PolicyDocument::new(serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}]
    }))
}

/// A policy as the list of a role shows it.
pub(super) fn policy(arn: &str) -> AttachedPolicy {
    AttachedPolicy {
        name: arn.rsplit('/').next().unwrap().to_owned(),
        arn: arn.to_owned(),
    }
}

impl World {
    fn role_named(&self, name: &RoleName) -> Option<WorldRole> {
        assert_eq!(name.as_str(), "AWSControlTowerExecution");
        self.read().role.clone()
    }

    fn write_role<T>(
        &self,
        name: &RoleName,
        words: &str,
        effect: impl FnOnce(&mut State) -> T,
    ) -> Result<T, Failure> {
        assert_eq!(name.as_str(), "AWSControlTowerExecution");
        self.write(words.to_owned(), |state| {
            if !state.may_write_roles() {
                return Err(Failure::new(ErrorName::AccessDenied, "not authorized"));
            }
            if let Some(refusal) = state.role_refusal.clone() {
                return Err(refusal);
            }
            Ok(effect(state))
        })
    }
}

impl Roles for World {
    async fn find_role(&self, name: &RoleName) -> Result<Option<Role>, Failure> {
        Ok(self.role_named(name).map(|role| Role {
            arn: format!("arn:aws:iam::111111111111:role/{name}")
                .parse()
                .unwrap(),
            trust: role.trust,
            description: role.description,
        }))
    }

    async fn create_role(&self, role: &NewRole<'_>) -> Result<RoleCreation, Failure> {
        self.write_role(role.name, "make the role", |state| {
            if state.role.is_some() {
                return RoleCreation::AlreadyThere;
            }
            state.role = Some(WorldRole {
                trust: role.trust.clone(),
                attached: BTreeSet::new(),
                description: Some(role.description.to_owned()),
            });
            RoleCreation::Made
        })
    }

    async fn update_trust(&self, name: &RoleName, trust: &PolicyDocument) -> Result<(), Failure> {
        self.write_role(name, "put the trust", |state| {
            state.role.as_mut().unwrap().trust = trust.clone();
        })
    }

    async fn list_attached(&self, name: &RoleName) -> Result<BTreeSet<AttachedPolicy>, Failure> {
        let role = self.role_named(name);
        Ok(role.map(|role| role.attached).unwrap_or_default())
    }

    async fn attach(&self, name: &RoleName, arn: &PolicyArn) -> Result<Attachment, Failure> {
        assert_eq!(arn.as_str(), ADMINISTRATOR);
        self.write_role(name, "attach the policy", |state| {
            let is_late = state.late_attachments > 0;
            state.late_attachments = state.late_attachments.saturating_sub(1);
            match &mut state.role {
                Some(role) if !is_late => {
                    role.attached.insert(policy(arn.as_str()));
                    Attachment::Attached
                }
                _ => Attachment::Missing,
            }
        })
    }

    async fn detach(&self, name: &RoleName, policy: &AttachedPolicy) -> Result<(), Failure> {
        self.write_role(name, "detach the policy", |state| {
            if let Some(role) = &mut state.role {
                role.attached.remove(policy);
            }
        })
    }

    async fn delete_role(&self, name: &RoleName) -> Result<RoleDeletion, Failure> {
        self.write_role(name, "delete the role", |state| {
            let is_in_use = |role: &WorldRole| !role.attached.is_empty();
            if state.role.as_ref().is_some_and(is_in_use) {
                return RoleDeletion::InUse;
            }
            state.role = None;
            RoleDeletion::Gone
        })
    }
}
