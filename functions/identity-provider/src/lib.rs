//! Makes the SAML provider (meshIdB) of the account and the roles that trust it: read, compare, show, apply.
//! Managed roles get their trust and exactly their policies; of external ones the trust is looked at and nothing touched.

mod apply;
mod foreign;
mod look;
mod metadata;
mod plan;
mod setup;
#[cfg(test)]
mod tests;
mod trust;

use std::time::Duration;

use avm_core::contract::answer::Answer;
use avm_core::contract::call::Request;
use avm_core::domain::{ProjectRole, RoleName, SamlProviderArn};
use avm_core::doors::Door;
use avm_core::error::Failure;
use avm_core::step::{Acted, Patience, Step};
use avm_core::world::World;
use futures_util::future::try_join;
use serde::{Deserialize, Serialize};

pub use plan::Plan;
use setup::Setup;

/// A stored document that ends within this time is renewed: until the next replication may come a week.
const RENEWAL: Duration = Duration::from_hours(7 * 24);

/// The step; it needs an order with an identity provider.
pub struct IdentityProvider;

/// What the machine sends.
pub type Call = Request;

/// What the step has done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Done {
    /// The provider.
    pub provider: ProviderDone,
    /// The role of each mapping, managed ones first.
    pub roles: Vec<RoleDone>,
}

/// What was done with the provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ProviderDone {
    /// Its ARN.
    pub arn: SamlProviderArn,
    /// What was done.
    pub change: Change,
    /// What people have to do about the metadata, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drift: Option<String>,
}

/// What was done with the role of a mapping.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RoleDone {
    /// The project role that is mapped.
    pub project_role: ProjectRole,
    /// The role's name.
    pub role: RoleName,
    /// Who makes it.
    pub mapping: Mapping,
    /// What was done.
    pub change: Change,
    /// Each change in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<String>,
}

/// Who makes a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mapping {
    /// This step.
    Managed,
    /// Something else.
    External,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// Nothing.
    None,
    /// It was made.
    Created,
    /// It was changed.
    Updated,
}

impl Step for IdentityProvider {
    const NAME: &'static str = "identity-provider";
    const DOORS: &'static [Door] = &[Door::Access, Door::IdentityProvider];
    const PROVES_CALLER: bool = true;
    const PATIENCE: Option<Patience> = None;

    type Call = Call;
    type Plan = Plan;
    type Done = Done;

    /// Fails with `InvalidConfiguration` for metadata, role names or policies that cannot be used, with `AddressNotAllowed` and
    /// `MetadataNotPinned` for metadata that the template does not expect, with `NameTaken` for a managed role that this step
    /// has not made so, and with `AccountNotReady` where the role for the provider is of no use yet.
    async fn look(call: &Call, world: &impl World) -> Result<Plan, Failure> {
        let setup = Setup::new(call, world.partition(), world.boundary())?;
        let renewal = world.time(RENEWAL);
        let provider = setup.look_provider(world, &renewal);
        let ((provider, metadata_ended), (roles, external_roles)) =
            try_join(provider, setup.look_roles(world)).await?;
        Ok(Plan {
            provider,
            metadata_ended,
            roles,
            external_roles,
        })
    }

    /// Fails with `IdentityProviderFailed` for an external role that is missing or does not let the provider in, and with
    /// `AccessDenied` where the access role may not make a change any more, each with what to do.
    async fn act(call: &Call, plan: Plan, world: &impl World) -> Result<Acted<Self>, Failure> {
        let setup = Setup::new(call, world.partition(), world.boundary())?;
        let mut provider = setup.apply_provider(plan.provider, world).await?;
        provider.drift = plan.metadata_ended.as_deref().map(plan::ended_words);
        let mut roles = setup.apply_roles(plan.roles, world).await?;
        // Last: what makes the external roles may have waited for the provider.
        let external = setup.settle_external_roles(plan.external_roles, world);
        roles.extend(external.await?);
        Ok(Answer::Done(Done { provider, roles }))
    }
}
