//! What the order says about the provider and the roles of this account, and whether the step may do it.
//! Made before anything is called.

use avm_core::config::{
    DowngradeSetting, IdentityProvider as Mappings, ManagedRoleMapping, SamlProvider, is_reserved,
};
use avm_core::domain::{
    AccountId, LANDING_ZONE_PARAMETERS, PLATFORM_PARAMETER, PermissionsBoundaryName, PolicyArn,
    PolicyDocument, ProjectRole, RoleName, STRICT_PROVIDER_PREFIX, SamlProviderArn,
};
use avm_core::doors::Door;
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::saml_providers::SamlProviders;
use avm_core::world::World;

use crate::plan::Wanted;
use crate::{Call, trust};

/// What all parts of the step need.
pub(crate) struct Setup<'a> {
    pub(crate) call: &'a Call,
    pub(crate) account: &'a AccountId,
    pub(crate) partition: &'a str,
    pub(crate) mappings: &'a Mappings,
    pub(crate) provider: &'a SamlProvider,
    pub(crate) arn: SamlProviderArn,
    pub(crate) trust: PolicyDocument,
    /// What limits the managed roles.
    pub(crate) boundary: Option<PolicyArn>,
}

impl<'a> Setup<'a> {
    pub(crate) fn new(
        call: &'a Call,
        partition: &'a str,
        boundary: &PermissionsBoundaryName,
    ) -> Result<Self, Failure> {
        let landing_zone = &call.order.landing_zone;
        let settings = landing_zone.settings.identity_provider.as_ref();
        let mappings = settings.ok_or_else(|| {
            Failure::new(
                ErrorName::InvalidState,
                format!(
                    "landing zone {} has no identity provider",
                    landing_zone.name
                ),
            )
        })?;
        let provider = call.order.platform.identity_provider.as_ref();
        let provider = provider.ok_or_else(|| {
            invalid(
                PLATFORM_PARAMETER,
                &format!(
                    "field identityProvider: is missing, and landing zone {} needs it",
                    landing_zone.name
                ),
            )
        })?;
        let account = &call.account.account_id;
        let arn = SamlProviderArn::of(partition, account, &provider.name);
        let setup = Self {
            call,
            account,
            partition,
            mappings,
            provider,
            trust: trust::document(&arn, &provider.audiences(&call.order.platform.region)),
            boundary: boundary.in_account(partition, account),
            arn,
        };
        setup.check_mappings()?;
        Ok(setup)
    }

    /// Refuses what the machine must not touch or could not do, before it has called anything.
    fn check_mappings(&self) -> Result<(), Failure> {
        let mut problems = Vec::new();
        let access_role = &self.call.order.platform.account_access_role;
        for (project_role, mapping) in &self.mappings.role_mappings_managed {
            let field = |name: &str| {
                format!("field identityProvider.roleMappingsManaged.{project_role}.{name}")
            };
            let name = &mapping.aws_role_name;
            if is_reserved(name) || name.as_str().eq_ignore_ascii_case(access_role.as_str()) {
                problems.push(format!(
                    "{}: must not be the account's access role, nor one that AWS or the account vending machine keeps \
                     for itself",
                    field("awsRoleName")
                ));
            }
            let of_others = mapping.policies.iter().filter(|policy| {
                let candidates = policy.candidates(self.partition, self.account);
                !candidates
                    .iter()
                    .all(|arn| arn.is_of(self.partition, self.account))
            });
            problems.extend(of_others.map(|policy| {
                format!(
                    "{}: {policy} belongs to another account or partition, so that no role of the account can carry it",
                    field("policies")
                )
            }));
        }
        if problems.is_empty() {
            return Ok(());
        }
        Err(invalid(&self.landing_zone(), &problems.join("; ")))
    }

    /// The parameter of the landing zone's document.
    pub(crate) fn landing_zone(&self) -> String {
        let name = &self.call.order.landing_zone.name;
        format!("{LANDING_ZONE_PARAMETERS}{name}")
    }

    pub(crate) fn wanted<'b>(
        &'b self,
        project_role: &'b ProjectRole,
        mapping: &'b ManagedRoleMapping,
    ) -> Wanted<'b> {
        Wanted {
            project_role,
            mapping,
            partition: self.partition,
            account: self.account,
        }
    }

    /// Whether the provider is looked after by a role of its own, and not by the access role, because the minimum is `strict`:
    /// whoever may change a provider may sign in as every role that trusts it.
    pub(crate) fn keeps_provider_apart(&self) -> bool {
        self.call.order.landing_zone.settings.downgrade == DowngradeSetting::Strict
    }

    pub(crate) async fn open_providers(
        &self,
        world: &impl World,
    ) -> Result<impl SamlProviders, Failure> {
        let door = if self.keeps_provider_apart() {
            Door::IdentityProvider
        } else {
            Door::Access
        };
        let opened = world.saml_providers(door).await;
        opened.map_err(|failure| self.explain_provider(failure))
    }

    /// A refusal of the role that looks after the provider, with what to do where that is not the access role. The StackSet
    /// has only just made that role, and IAM needs some seconds until it and its policy count: then the step is retried,
    /// unless the role has no right to a provider of that name at all.
    pub(crate) fn explain_provider(&self, failure: Failure) -> Failure {
        if failure.name() != ErrorName::AccessDenied || !self.keeps_provider_apart() {
            return failure;
        }
        let (role, account) = (RoleName::IDENTITY_PROVIDER, self.account);
        let name = self.provider.name.as_str();
        let failure = if name.starts_with(STRICT_PROVIDER_PREFIX) {
            failure.renamed(ErrorName::AccountNotReady)
        } else {
            failure
        };
        failure.with_remedy(format!(
            "let role {role} of account {account} look after the SAML provider, as the StackSet of the landing \
             zone that ships makes it, and give identityProvider.name of the platform document a name that begins with \
             {STRICT_PROVIDER_PREFIX}; or choose another downgrade than strict"
        ))
    }
}

pub(crate) fn invalid(document: &str, words: &str) -> Failure {
    Failure::new(
        ErrorName::InvalidConfiguration,
        format!("{document}, {words}"),
    )
}
