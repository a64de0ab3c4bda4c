//! Making the changes of a plan, one call after the other.
//! Each can be refused after the downgrade: the failure says then which right is missing and how to go on.

use avm_core::domain::{PolicyReference, SamlMetadata};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::roles::{Attachment, NewRole, RoleCreation, Roles};
use avm_core::ports::saml_metadata::SamlMetadataSource;
use avm_core::ports::saml_providers::{ProviderCreation, SamlProviders};

use crate::plan::{ProviderPlan, RoleChange, RolePlan};
use crate::{
    Change, Mapping, ProviderDone, RoleDone, Step, explain_keeper, invalid, keeps_provider_apart,
};

/// What is written about a role that this step makes.
const DESCRIPTION: &str = "Taken by people of the project through the SAML provider. Managed by the account vending machine: \
    other policies are detached, another trust is replaced.";

impl<Source, Providers, AllRoles> Step<'_, Source, Providers, AllRoles>
where
    Source: SamlMetadataSource,
    Providers: SamlProviders,
    AllRoles: Roles,
{
    pub(crate) async fn apply_provider(
        &self,
        plan: &ProviderPlan,
        document: &SamlMetadata,
    ) -> Result<ProviderDone, Failure> {
        let providers = self.ports.providers;
        let change = match plan {
            ProviderPlan::Nothing => Change::None,
            ProviderPlan::Create => {
                let created = providers.create(&self.provider.name, document).await;
                match self.explained(created, "iam:CreateSAMLProvider", self.arn.as_str())? {
                    ProviderCreation::Made => Change::Created,
                    ProviderCreation::AlreadyThere => return Err(self.made_meanwhile()),
                }
            }
            ProviderPlan::Update(_) => {
                let updated = providers.update(&self.arn, document).await;
                self.explained(updated, "iam:UpdateSAMLProvider", self.arn.as_str())?;
                Change::Updated
            }
        };
        Ok(ProviderDone {
            arn: self.arn.clone(),
            change,
        })
    }

    pub(crate) async fn apply_role(&self, plan: RolePlan) -> Result<RoleDone, Failure> {
        let is_new = plan.changes.contains(&RoleChange::Create);
        for change in &plan.changes {
            self.apply(&plan, change, is_new).await?;
        }
        let change = match (is_new, plan.changes.is_empty()) {
            (true, _) => Change::Created,
            (false, true) => Change::None,
            (false, false) => Change::Updated,
        };
        Ok(RoleDone {
            project_role: plan.project_role,
            role: plan.role,
            mapping: Mapping::Managed,
            change,
            changes: plan.changes.iter().map(ToString::to_string).collect(),
        })
    }

    async fn apply(
        &self,
        plan: &RolePlan,
        change: &RoleChange,
        is_new: bool,
    ) -> Result<(), Failure> {
        let roles = self.ports.roles;
        let role = &plan.role;
        let resource = format!("role {role}");
        match change {
            RoleChange::Create => {
                let new = NewRole {
                    name: role,
                    trust: &self.trust,
                    description: DESCRIPTION,
                };
                let created = roles.create_role(&new).await;
                match self.explained(created, "iam:CreateRole", &resource)? {
                    RoleCreation::Made => Ok(()),
                    // Whose it is and what it carries shows at the next look.
                    RoleCreation::AlreadyThere => Err(there_meanwhile(&resource)),
                }
            }
            RoleChange::Detach(policy) => {
                let detached = roles.detach(role, policy).await;
                self.explained(detached, "iam:DetachRolePolicy", &resource)
            }
            RoleChange::Trust => {
                let updated = roles.update_trust(role, &self.trust).await;
                self.explained(updated, "iam:UpdateAssumeRolePolicy", &resource)
            }
            RoleChange::Attach(policy) => self.attach(plan, policy, is_new).await,
        }
    }

    /// Attaches the first policy that the reference can mean: that there is none shows when it is attached, which needs no
    /// right to read policies.
    async fn attach(
        &self,
        plan: &RolePlan,
        policy: &PolicyReference,
        is_new: bool,
    ) -> Result<(), Failure> {
        let role = &plan.role;
        for candidate in policy.candidates(self.surroundings.partition, self.account) {
            let attached = self.ports.roles.attach(role, &candidate).await;
            let resource = format!("role {role}");
            match self.explained(attached, "iam:AttachRolePolicy", &resource)? {
                Attachment::Attached => return Ok(()),
                Attachment::Missing => {}
            }
        }
        if is_new {
            // The role may be what is missing, so soon: at the next try it is there, and the policy is what is not.
            return Err(Failure::new(
                ErrorName::ServiceUnavailable,
                format!(
                    "IAM does not know policy {policy}, or does not know the new role {role} yet"
                ),
            ));
        }
        let field = format!(
            "field identityProvider.roleMappingsManaged.{}.policies: {policy}",
            plan.project_role
        );
        let words = if policy.is_arn() {
            format!("{field} does not exist")
        } else {
            format!("{field} is neither a policy of AWS nor one of the account under the path /")
        };
        Err(invalid(&self.landing_zone(), &words))
    }

    fn made_meanwhile(&self) -> Failure {
        there_meanwhile(&format!("SAML provider {}", self.arn))
    }

    /// The result of a write; where it was not allowed, with the missing right and how to go on.
    fn explained<Output>(
        &self,
        result: Result<Output, Failure>,
        action: &str,
        resource: &str,
    ) -> Result<Output, Failure> {
        result.map_err(|failure| {
            if failure.name() != ErrorName::AccessDenied {
                return failure;
            }
            if action.ends_with("SAMLProvider") && keeps_provider_apart(&self.request.order) {
                return explain_keeper(failure, self.account);
            }
            let alternative = if action.ends_with("SAMLProvider") {
                ""
            } else {
                "; or let a StackSet make the role, and name it in roleMappingsExternal"
            };
            failure.with_remedy(format!(
                "{}: attach AdministratorAccess to it through OrganizationAccountAccessRole and send the request again, \
                 which takes it away in the end; detach it if that vend fails{alternative}",
                self.lacks(action, resource)
            ))
        })
    }

    /// A refused look at the provider: where the minimum is strict, only providers named like meshStack's are looked after.
    pub(crate) fn explain_look(&self, failure: Failure) -> Failure {
        if keeps_provider_apart(&self.request.order) {
            return explain_keeper(failure, self.account);
        }
        failure
    }

    /// Who may not do what, in words.
    fn lacks(&self, action: &str, resource: &str) -> String {
        let role = &self.request.order.platform.account_access_role;
        let minimum = self.request.order.landing_zone.settings.downgrade.policy();
        let minimum = minimum.map_or(String::new(), |policy| {
            format!(" (after the downgrade its minimum is {policy})")
        });
        format!(
            "role {role} of account {} lacks {action} on {resource}{minimum}",
            self.account
        )
    }
}

fn there_meanwhile(what: &str) -> Failure {
    Failure::new(
        ErrorName::ConcurrentModification,
        format!("{what} was made meanwhile, or differs from one that exists in letter case only"),
    )
}
