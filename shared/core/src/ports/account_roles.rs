//! The roles of an account as they are looked at from outside: whom each trusts, and what it carries.
//! IAM tells all of them in one answer; where only single reads are allowed, the same is read role by role.

use std::collections::{BTreeMap, BTreeSet};

use super::role_policies::RolePolicies;
use super::roles::Roles;
use crate::domain::{AttachedPolicy, PolicyDocument, RoleName};
use crate::error::{ErrorName, Failure};

/// Whom roles trust, and what they carry.
pub trait AccountRoles: RolePolicies {
    /// Whom the role trusts; none where there is no such role.
    async fn find_trust(&self, role: &RoleName) -> Result<Option<PolicyDocument>, Failure>;
}

/// Tells all roles of an account at once.
pub trait RoleOverview {
    /// Every role of the account.
    ///
    /// # Errors
    /// `AccessDenied` where only single reads are allowed.
    async fn read_all(&self) -> Result<RolesAtOnce, Failure>;
}

/// A role as the answer about all of them has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenRole {
    pub trust: PolicyDocument,
    pub inline: BTreeMap<String, PolicyDocument>,
    pub attached: BTreeSet<AttachedPolicy>,
}

/// All roles of an account by their names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RolesAtOnce(pub BTreeMap<String, SeenRole>);

impl RolesAtOnce {
    fn of(&self, role: &RoleName) -> Result<&SeenRole, Failure> {
        self.0.get(role.as_str()).ok_or_else(|| {
            let words = format!("role {role} does not exist in the account");
            Failure::new(ErrorName::DowngradeFailed, words)
        })
    }
}

impl RolePolicies for RolesAtOnce {
    async fn list_inline(&self, role: &RoleName) -> Result<BTreeSet<String>, Failure> {
        Ok(self.of(role)?.inline.keys().cloned().collect())
    }

    async fn find_inline(
        &self,
        role: &RoleName,
        policy: &str,
    ) -> Result<Option<PolicyDocument>, Failure> {
        let found = self.0.get(role.as_str());
        Ok(found.and_then(|found| found.inline.get(policy).cloned()))
    }

    async fn list_attached(&self, role: &RoleName) -> Result<BTreeSet<AttachedPolicy>, Failure> {
        Ok(self.of(role)?.attached.clone())
    }
}

impl AccountRoles for RolesAtOnce {
    async fn find_trust(&self, role: &RoleName) -> Result<Option<PolicyDocument>, Failure> {
        let found = self.0.get(role.as_str());
        Ok(found.map(|found| found.trust.clone()))
    }
}

/// Roles that are read one by one.
pub struct RoleByRole<R, P> {
    pub roles: R,
    pub policies: P,
}

impl<R: Roles, P: RolePolicies> RolePolicies for RoleByRole<R, P> {
    async fn list_inline(&self, role: &RoleName) -> Result<BTreeSet<String>, Failure> {
        self.policies.list_inline(role).await
    }

    async fn find_inline(
        &self,
        role: &RoleName,
        policy: &str,
    ) -> Result<Option<PolicyDocument>, Failure> {
        self.policies.find_inline(role, policy).await
    }

    async fn list_attached(&self, role: &RoleName) -> Result<BTreeSet<AttachedPolicy>, Failure> {
        self.policies.list_attached(role).await
    }
}

impl<R: Roles, P: RolePolicies> AccountRoles for RoleByRole<R, P> {
    async fn find_trust(&self, role: &RoleName) -> Result<Option<PolicyDocument>, Failure> {
        Ok(self.roles.find_role(role).await?.map(|found| found.trust))
    }
}
