//! What is there: the provider with its metadata beside those that are published, and the roles.
//! Only calls that every minimum policy allows: a settled account is seen to be settled after the downgrade as well.

use std::time::Duration;

use avm_core::config::ManagedRoleMapping;
use avm_core::domain::{PLATFORM_PARAMETER, ProjectRole, RoleName};
use avm_core::doors::Door;
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::role_policies::RolePolicies;
use avm_core::ports::roles::Roles;
use avm_core::ports::saml_metadata::SamlMetadataSource;
use avm_core::ports::saml_providers::SamlProviders;
use avm_core::world::World;
use futures_util::future::{try_join, try_join_all};

use crate::metadata::Metadata;
use crate::plan::{ExternalRole, FoundRole, Lack, ProviderPlan, RolePlan};
use crate::setup::{Setup, invalid};
use crate::{foreign, trust};

impl Setup<'_> {
    /// What has to happen with the provider, and when the published metadata have ended, if they have.
    pub(crate) async fn look_provider(
        &self,
        world: &impl World,
        renewal: &str,
    ) -> Result<(ProviderPlan, Option<String>), Failure> {
        let address = &self.provider.metadata_url;
        world.ways_out().check_metadata(address)?;
        let look = async {
            let providers = self.open_providers(world).await?;
            let found = providers.find_metadata(&self.arn).await;
            found.map_err(|failure| self.explain_provider(failure))
        };
        let fetch = world.saml_metadata().read(address);
        let (document, stored) = try_join(fetch, look).await?;
        let metadata = Metadata::read(document.as_str()).map_err(|words| {
            let words = format!("field identityProvider.metadataUrl: the document {words}");
            invalid(PLATFORM_PARAMETER, &words)
        })?;
        metadata.check(&world.ways_out().saml_pins)?;
        let ended = metadata
            .ended(&world.time(Duration::ZERO))
            .map(str::to_owned);
        let Some(stored) = stored else {
            return Ok((ProviderPlan::Create { document }, ended));
        };
        let differences = metadata.differences_of(&stored, renewal);
        let plan = if differences.is_empty() {
            ProviderPlan::Nothing
        } else {
            ProviderPlan::Update {
                differences,
                document,
            }
        };
        Ok((plan, ended))
    }

    /// The managed roles and the external ones.
    pub(crate) async fn look_roles(
        &self,
        world: &impl World,
    ) -> Result<(Vec<RolePlan>, Vec<ExternalRole>), Failure> {
        let roles = self.open_roles(world).await?;
        let managed = self.mappings.role_mappings_managed.iter();
        let managed = managed.map(async |(project_role, mapping)| {
            let found = self.find_role(&roles, mapping, world).await?;
            let wanted = self.wanted(project_role, mapping);
            Ok(RolePlan::new(&wanted, found.as_ref()))
        });
        let external = self.mappings.role_mappings_external.iter();
        let external = external.map(|(project_role, mapping)| {
            self.look_external_role(&roles, project_role, &mapping.aws_role_name)
        });
        try_join(try_join_all(managed), try_join_all(external)).await
    }

    /// A managed role; one that is there and is not ours fails.
    async fn find_role(
        &self,
        roles: &impl Roles,
        mapping: &ManagedRoleMapping,
        world: &impl World,
    ) -> Result<Option<FoundRole>, Failure> {
        let name = &mapping.aws_role_name;
        let Some(role) = roles.find_role(name).await? else {
            return Ok(None);
        };
        if let Some(reason) = foreign::reason(&role, &self.trust, self.boundary.as_ref()) {
            return Err(foreign::refusal(name, reason));
        }
        if self.carries_inline_policies(world, name).await? {
            return Err(foreign::refusal(name, foreign::POLICIES_OF_ITS_OWN));
        }
        let attached = roles.list_attached(name).await?;
        Ok(Some(FoundRole { attached }))
    }

    /// Where the access role keeps its power: no minimum policy lets it look, and there the completion does.
    async fn carries_inline_policies(
        &self,
        world: &impl World,
        role: &RoleName,
    ) -> Result<bool, Failure> {
        let settings = &self.call.order.landing_zone.settings;
        if settings.downgrade.policy().is_some() {
            return Ok(false);
        }
        let policies = world.role_policies(Door::Access).await?;
        match policies.list_inline(role).await {
            // An earlier landing zone has taken it down.
            Err(failure) if failure.name() == ErrorName::AccessDenied => Ok(false),
            // Deleted between two calls.
            Err(failure) if failure.name() == ErrorName::DowngradeFailed => Ok(false),
            found => Ok(!found?.is_empty()),
        }
    }

    pub(crate) async fn look_external_role(
        &self,
        roles: &impl Roles,
        project_role: &ProjectRole,
        role: &RoleName,
    ) -> Result<ExternalRole, Failure> {
        let lack = match roles.find_role(role).await? {
            None => Some(Lack::Role),
            Some(found) if !trust::lets_in(&found.trust, &self.arn) => Some(Lack::Trust),
            Some(_) => None,
        };
        Ok(ExternalRole {
            project_role: project_role.clone(),
            role: role.clone(),
            lack,
        })
    }

    pub(crate) async fn open_roles(&self, world: &impl World) -> Result<impl Roles, Failure> {
        let refusal = ErrorName::IdentityProviderFailed;
        world.roles(Door::Access, refusal).await
    }
}
