//! The roles of the account, read once for all looks that are about roles: in one answer, where that is allowed.
//! The role that looks may be of a StackSet of one's own, or of an older template; then role by role.

use std::collections::BTreeSet;

use avm_core::domain::{AttachedPolicy, PolicyDocument, RoleName};
use avm_core::doors::Door;
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::account_roles::{AccountRoles, RoleByRole, RoleOverview, RolesAtOnce};
use avm_core::ports::role_policies::RolePolicies;
use avm_core::ports::roles::Roles;
use avm_core::rules::member_roles::are_wanted;
use avm_core::rules::saml_roles::can_be_read;
use avm_core::world::World;
use futures_util::try_join;

use crate::verification::Check;
use crate::{Call, member_roles, saml_roles, verification};

/// Roles in one of the two ways.
enum Seen<R, P> {
    AtOnce(RolesAtOnce),
    OneByOne(RoleByRole<R, P>),
}

/// The access role, those of the shipped StackSet, and those that people take.
pub(crate) async fn look(call: &Call, world: &impl World) -> Result<[Check; 3], Failure> {
    let zone = &call.order.landing_zone.settings;
    let is_looked_at = zone.downgrade.policy().is_some() || are_wanted(zone) || can_be_read(zone);
    if !is_looked_at {
        return Ok(<[Check; 3]>::default());
    }
    let roles = read(world).await;
    let looks = try_join!(
        verification::access_role(call, world, &roles),
        member_roles::look(call, world, &roles),
        saml_roles::look(call, &roles),
    );
    looks.map(Into::into)
}

async fn read(world: &impl World) -> Result<Seen<impl Roles, impl RolePolicies>, Failure> {
    let at_once = async {
        let overview = world.role_overview(Door::Verification).await?;
        overview.read_all().await
    };
    match at_once.await {
        Ok(roles) => Ok(Seen::AtOnce(roles)),
        Err(failure) if failure.name() == ErrorName::AccessDenied => {
            let (roles, policies) = try_join!(
                world.roles(Door::Verification, ErrorName::DowngradeFailed),
                world.role_policies(Door::Verification),
            )?;
            Ok(Seen::OneByOne(RoleByRole { roles, policies }))
        }
        Err(failure) => Err(failure),
    }
}

impl<R: Roles, P: RolePolicies> RolePolicies for Seen<R, P> {
    async fn list_inline(&self, role: &RoleName) -> Result<BTreeSet<String>, Failure> {
        match self {
            Self::AtOnce(roles) => roles.list_inline(role).await,
            Self::OneByOne(roles) => roles.list_inline(role).await,
        }
    }

    async fn find_inline(
        &self,
        role: &RoleName,
        policy: &str,
    ) -> Result<Option<PolicyDocument>, Failure> {
        match self {
            Self::AtOnce(roles) => roles.find_inline(role, policy).await,
            Self::OneByOne(roles) => roles.find_inline(role, policy).await,
        }
    }

    async fn list_attached(&self, role: &RoleName) -> Result<BTreeSet<AttachedPolicy>, Failure> {
        match self {
            Self::AtOnce(roles) => roles.list_attached(role).await,
            Self::OneByOne(roles) => roles.list_attached(role).await,
        }
    }
}

impl<R: Roles, P: RolePolicies> AccountRoles for Seen<R, P> {
    async fn find_trust(&self, role: &RoleName) -> Result<Option<PolicyDocument>, Failure> {
        match self {
            Self::AtOnce(roles) => roles.find_trust(role).await,
            Self::OneByOne(roles) => roles.find_trust(role).await,
        }
    }
}
