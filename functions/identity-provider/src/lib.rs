//! Makes the SAML provider (meshIdB) of the account and the roles that trust it: read, compare, show, apply.
//! Managed roles get their trust and exactly their policies; of external ones the trust is looked at and nothing touched.

mod apply;
mod metadata;
mod plan;
#[cfg(test)]
mod tests;
mod trust;
#[cfg(test)]
mod world;

use avm_aws::sessions::IDENTITY_PROVIDER_ROLE;
use avm_core::config::{
    DowngradeSetting, IdentityProvider, LANDING_ZONE_PARAMETERS, ManagedRoleMapping,
    PLATFORM_PARAMETER, SamlProvider, is_reserved,
};
use avm_core::contract::order::Order;
use avm_core::contract::step::{Answer, OnAccount, StepRequest};
use avm_core::domain::{
    AccountId, PolicyDocument, ProjectRole, RoleName, SamlMetadata, SamlProviderArn,
};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::roles::Roles;
use avm_core::ports::saml_metadata::SamlMetadataSource;
use avm_core::ports::saml_providers::SamlProviders;
use avm_core::rules::minimum_policy::STRICT_PROVIDER_PREFIX;
use futures_util::future::{try_join, try_join_all};
use serde::{Deserialize, Serialize};

use metadata::Metadata;
use plan::{FoundRole, Plan, ProviderPlan, RolePlan, Wanted};

/// The name of the step: in failures and in the log.
pub const STEP: &str = "identity-provider";

/// What the state machine sends.
pub type Request = StepRequest<OnAccount>;
/// What it is answered.
pub type Response = Answer<Done>;

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

/// What the step works with.
pub struct Ports<'a, Source, Providers, AllRoles> {
    /// Where the metadata come from.
    pub metadata: &'a Source,
    /// The providers of the account.
    pub providers: &'a Providers,
    /// The roles of the account.
    pub roles: &'a AllRoles,
}

/// What the request does not say.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings<'a> {
    /// The partition: `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: &'a str,
    /// Stored metadata that end before this time (RFC 3339, UTC) are renewed.
    pub renewal: &'a str,
}

/// Whether the provider is looked after by a role of its own, and not by the access role, because the minimum is `strict`:
/// whoever may change a provider may sign in as every role that trusts it.
#[must_use]
pub fn keeps_provider_apart(order: &Order) -> bool {
    order.landing_zone.settings.downgrade == DowngradeSetting::Strict
}

/// What to do where that role is missing or may not.
#[must_use]
pub fn explain_keeper(failure: Failure, account: &AccountId) -> Failure {
    if failure.name() != ErrorName::AccessDenied {
        return failure;
    }
    failure.with_remedy(format!(
        "let role {IDENTITY_PROVIDER_ROLE} of account {account} look after the SAML provider, as the StackSet of the landing \
         zone that ships makes it, and give identityProvider.name of the platform document a name that begins with \
         {STRICT_PROVIDER_PREFIX}; or choose another downgrade than strict"
    ))
}

/// Brings provider and roles to what the landing zone says.
///
/// # Errors
/// `InvalidConfiguration` for metadata, role names or policies that cannot be used, `IdentityProviderFailed` for an external
/// role that is missing or does not let the provider in, `AccessDenied` where the access role may not make a change any
/// more, each with what to do; those of the ports.
pub async fn handle<Source, Providers, AllRoles>(
    request: &Request,
    surroundings: &Surroundings<'_>,
    ports: &Ports<'_, Source, Providers, AllRoles>,
) -> Result<Response, Failure>
where
    Source: SamlMetadataSource,
    Providers: SamlProviders,
    AllRoles: Roles,
{
    let answer = async {
        let step = Step::new(request, surroundings, ports)?;
        step.run().await.map(Answer::Done)
    };
    let account = &request.rest.account.account_id;
    answer.await.map_err(|failure| failure.of_account(account))
}

/// What all parts of the step need.
struct Step<'a, Source, Providers, AllRoles> {
    request: &'a Request,
    account: &'a AccountId,
    surroundings: &'a Surroundings<'a>,
    mappings: &'a IdentityProvider,
    provider: &'a SamlProvider,
    arn: SamlProviderArn,
    trust: PolicyDocument,
    ports: &'a Ports<'a, Source, Providers, AllRoles>,
}

impl<'a, Source, Providers, AllRoles> Step<'a, Source, Providers, AllRoles>
where
    Source: SamlMetadataSource,
    Providers: SamlProviders,
    AllRoles: Roles,
{
    fn new(
        request: &'a Request,
        surroundings: &'a Surroundings<'a>,
        ports: &'a Ports<'a, Source, Providers, AllRoles>,
    ) -> Result<Self, Failure> {
        let landing_zone = &request.order.landing_zone;
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
        let provider = request.order.platform.identity_provider.as_ref();
        let provider = provider.ok_or_else(|| {
            invalid(
                PLATFORM_PARAMETER,
                &format!(
                    "field identityProvider: is missing, and landing zone {} needs it",
                    landing_zone.name
                ),
            )
        })?;
        let partition = surroundings.partition;
        let audience = trust::audience(partition).ok_or_else(|| {
            Failure::new(
                ErrorName::IdentityProviderFailed,
                format!("it is not known here where people sign in to the partition {partition}"),
            )
            .with_remedy("take the identityProvider out of the landing zone")
        })?;
        let account = &request.rest.account.account_id;
        let arn = SamlProviderArn::of(partition, account, &provider.name);
        let step = Self {
            request,
            account,
            surroundings,
            mappings,
            provider,
            trust: trust::document(&arn, audience),
            arn,
            ports,
        };
        step.check_mappings()?;
        Ok(step)
    }

    /// Refuses what the machine must not touch or could not do, before it has called anything.
    fn check_mappings(&self) -> Result<(), Failure> {
        let mut problems = Vec::new();
        let access_role = &self.request.order.platform.account_access_role;
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
                let candidates = policy.candidates(self.surroundings.partition, self.account);
                !candidates
                    .iter()
                    .all(|arn| arn.is_of(self.surroundings.partition, self.account))
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
    fn landing_zone(&self) -> String {
        let name = &self.request.order.landing_zone.name;
        format!("{LANDING_ZONE_PARAMETERS}{name}")
    }

    async fn run(&self) -> Result<Done, Failure> {
        let ((document, provider), roles) =
            try_join(self.look_provider(), self.look_roles()).await?;
        let plan = Plan { provider, roles };
        tracing::info!(
            execution = self.request.execution.name(),
            account = %self.account,
            is_empty = plan.is_empty(),
            %plan,
            "planned the identity provider"
        );
        let provider = self.apply_provider(&plan.provider, &document).await?;
        let mut roles = Vec::new();
        for role in plan.roles {
            roles.push(self.apply_role(role).await?);
        }
        // Last: what makes the external roles may have waited for the provider.
        roles.extend(self.check_external_roles().await?);
        Ok(Done { provider, roles })
    }

    async fn look_provider(&self) -> Result<(SamlMetadata, ProviderPlan), Failure> {
        let look = async {
            let found = self.ports.providers.find_metadata(&self.arn).await;
            found.map_err(|failure| self.explain_look(failure))
        };
        let fetch = self.ports.metadata.read(&self.provider.metadata_url);
        let (document, stored) = try_join(fetch, look).await?;
        let metadata = Metadata::read(document.as_str()).map_err(|words| {
            let words = format!("field identityProvider.metadataUrl: the document {words}");
            invalid(PLATFORM_PARAMETER, &words)
        })?;
        let plan = match stored {
            None => ProviderPlan::Create,
            Some(stored) => match metadata.differences_of(&stored, self.surroundings.renewal) {
                differences if differences.is_empty() => ProviderPlan::Nothing,
                differences => ProviderPlan::Update(differences),
            },
        };
        Ok((document, plan))
    }

    async fn look_roles(&self) -> Result<Vec<RolePlan>, Failure> {
        let mappings = self.mappings.role_mappings_managed.iter();
        let looks = mappings.map(async |(project_role, mapping)| {
            let found = self.find_role(mapping).await?;
            Ok(RolePlan::new(
                &self.wanted(project_role, mapping),
                found.as_ref(),
            ))
        });
        try_join_all(looks).await
    }

    /// Only calls that every minimum policy allows: a settled account is seen to be settled after the downgrade as well.
    async fn find_role(&self, mapping: &ManagedRoleMapping) -> Result<Option<FoundRole>, Failure> {
        let name = &mapping.aws_role_name;
        let Some(role) = self.ports.roles.find_role(name).await? else {
            return Ok(None);
        };
        let attached = self.ports.roles.list_attached(name).await?;
        Ok(Some(FoundRole { role, attached }))
    }

    fn wanted<'b>(
        &'b self,
        project_role: &'b ProjectRole,
        mapping: &'b ManagedRoleMapping,
    ) -> Wanted<'b> {
        Wanted {
            project_role,
            mapping,
            trust: &self.trust,
            partition: self.surroundings.partition,
            account: self.account,
        }
    }

    async fn check_external_roles(&self) -> Result<Vec<RoleDone>, Failure> {
        let mappings = self.mappings.role_mappings_external.iter();
        let looks = mappings.map(async |(project_role, mapping)| {
            let found = self.ports.roles.find_role(&mapping.aws_role_name).await?;
            Ok((project_role, &mapping.aws_role_name, found))
        });
        let mut done = Vec::new();
        let mut problems = Vec::new();
        for (project_role, role, found) in try_join_all(looks).await? {
            match found {
                None => problems.push(format!("role {role} of {project_role} does not exist")),
                Some(found) if !trust::lets_in(&found.trust, &self.arn) => {
                    problems.push(format!("role {role} of {project_role} does not trust it"));
                }
                Some(_) => done.push(RoleDone {
                    project_role: project_role.clone(),
                    role: role.clone(),
                    mapping: Mapping::External,
                    change: Change::None,
                    changes: Vec::new(),
                }),
            }
        }
        if problems.is_empty() {
            return Ok(done);
        }
        Err(self.external_failure(&problems))
    }

    fn external_failure(&self, problems: &[String]) -> Failure {
        let words = format!("SAML provider {}: {}", self.arn, problems.join("; "));
        Failure::new(ErrorName::IdentityProviderFailed, words).with_remedy(format!(
            "let the StackSet or whatever makes the roles of roleMappingsExternal give each a statement that allows \
             sts:AssumeRoleWithSAML to the federated principal {}, then send the request again",
            self.arn
        ))
    }
}

fn invalid(document: &str, words: &str) -> Failure {
    Failure::new(
        ErrorName::InvalidConfiguration,
        format!("{document}, {words}"),
    )
}
