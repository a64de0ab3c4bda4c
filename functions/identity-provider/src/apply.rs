//! Making the changes of a plan, one call after the other.
//! Each can be refused after the downgrade: the failure says then which right is missing and how to go on.

use avm_core::domain::PolicyReference;
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::roles::{Attachment, NewRole, RoleCreation, RoleDeletion, Roles};
use avm_core::ports::saml_providers::{ProviderCreation, SamlProviders};
use avm_core::rules::power;
use avm_core::world::World;
use futures_util::future::try_join_all;

use crate::plan::{ExternalRole, ProviderPlan, RoleChange, RolePlan};
use crate::setup::{Setup, invalid};
use crate::{Change, Mapping, ProviderDone, RoleDone, foreign};

/// What the description of a role that this step makes begins with.
pub(crate) const OURS: &str = "Taken by people of the project through the SAML provider. Managed by the account vending machine: ";
/// What follows it.
const WHAT_TO_KNOW: &str = "other policies are detached, with another trust it is refused.";

impl Setup<'_> {
    pub(crate) async fn apply_provider(
        &self,
        plan: ProviderPlan,
        world: &impl World,
    ) -> Result<ProviderDone, Failure> {
        let change = match plan {
            ProviderPlan::Nothing => Change::None,
            ProviderPlan::Create { document } => {
                let providers = self.open_providers(world).await?;
                let created = providers.create(&self.provider.name, &document).await;
                match self.explained(created, "iam:CreateSAMLProvider", self.arn.as_str())? {
                    ProviderCreation::Made => Change::Created,
                    ProviderCreation::AlreadyThere => {
                        return Err(there_meanwhile(&format!("SAML provider {}", self.arn)));
                    }
                }
            }
            ProviderPlan::Update { document, .. } => {
                let providers = self.open_providers(world).await?;
                let updated = providers.update(&self.arn, &document).await;
                self.explained(updated, "iam:UpdateSAMLProvider", self.arn.as_str())?;
                Change::Updated
            }
        };
        Ok(ProviderDone {
            arn: self.arn.clone(),
            change,
            drift: None,
        })
    }

    pub(crate) async fn apply_roles(
        &self,
        plans: Vec<RolePlan>,
        world: &impl World,
    ) -> Result<Vec<RoleDone>, Failure> {
        let roles = self.open_roles(world).await?;
        let mut done = Vec::new();
        for plan in plans {
            done.push(self.apply_role(plan, &roles).await?);
        }
        Ok(done)
    }

    /// Looks again at those that kept people out.
    pub(crate) async fn settle_external_roles(
        &self,
        found: Vec<ExternalRole>,
        world: &impl World,
    ) -> Result<Vec<RoleDone>, Failure> {
        let roles = self.open_roles(world).await?;
        let looks = found.into_iter().map(async |found| {
            if found.lack.is_none() {
                return Ok(found);
            }
            self.look_external_role(&roles, &found.project_role, &found.role)
                .await
        });
        let found = try_join_all(looks).await?;
        let problems: Vec<String> = found.iter().filter_map(ExternalRole::problem).collect();
        if problems.is_empty() {
            return Ok(found.into_iter().map(external_done).collect());
        }
        let words = format!("SAML provider {}: {}", self.arn, problems.join("; "));
        Err(
            Failure::new(ErrorName::IdentityProviderFailed, words).with_remedy(format!(
                "let the StackSet or whatever makes the roles of roleMappingsExternal give each a statement that allows \
                 sts:AssumeRoleWithSAML to the federated principal {}, then send the request again",
                self.arn
            )),
        )
    }

    async fn apply_role(&self, plan: RolePlan, roles: &impl Roles) -> Result<RoleDone, Failure> {
        let is_made = plan.changes.contains(&RoleChange::Create);
        // One that was there before has been tried with these policies already.
        let is_new = is_made && !plan.changes.contains(&RoleChange::Remove);
        for change in &plan.changes {
            self.apply(&plan, change, is_new, roles).await?;
        }
        let change = match (is_made, plan.changes.is_empty()) {
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
        roles: &impl Roles,
    ) -> Result<(), Failure> {
        let role = &plan.role;
        let resource = format!("role {role}");
        match change {
            RoleChange::Create => {
                let new = NewRole {
                    name: role,
                    trust: &self.trust,
                    description: &format!("{OURS}{WHAT_TO_KNOW}"),
                    boundary: self.boundary.as_ref(),
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
            RoleChange::Remove => {
                let removed = roles.delete_role(role).await;
                match self.explained(removed, "iam:DeleteRole", &resource)? {
                    RoleDeletion::Gone => Ok(()),
                    RoleDeletion::InUse => {
                        Err(foreign::refusal(role, foreign::POLICIES_OF_ITS_OWN))
                    }
                }
            }
            RoleChange::Attach(policy) => self.attach(plan, policy, is_new, roles).await,
        }
    }

    /// Attaches the first policy that the reference can mean: that there is none shows when it is attached, which needs no
    /// right to read policies.
    async fn attach(
        &self,
        plan: &RolePlan,
        policy: &PolicyReference,
        is_new: bool,
        roles: &impl Roles,
    ) -> Result<(), Failure> {
        let role = &plan.role;
        for candidate in policy.candidates(self.partition, self.account) {
            let attached = roles.attach(role, &candidate).await;
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
            if action.ends_with("SAMLProvider") && self.keeps_provider_apart() {
                return self.explain_provider(failure);
            }
            let alternative = if action.ends_with("SAMLProvider") {
                ""
            } else {
                "; or let a StackSet make the role, and name it in roleMappingsExternal"
            };
            failure.with_remedy(format!(
                "{}; {}{alternative}",
                self.lacks(action, resource),
                power::REMEDY
            ))
        })
    }

    /// Who may not do what, in words.
    fn lacks(&self, action: &str, resource: &str) -> String {
        let role = &self.call.order.platform.account_access_role;
        let minimum = self.call.order.landing_zone.settings.downgrade.policy();
        let minimum = minimum.map_or(String::new(), |policy| {
            format!(" (after the downgrade its minimum is {policy})")
        });
        format!(
            "role {role} of account {} lacks {action} on {resource}{minimum}",
            self.account
        )
    }
}

fn external_done(found: ExternalRole) -> RoleDone {
    RoleDone {
        project_role: found.project_role,
        role: found.role,
        mapping: Mapping::External,
        change: Change::None,
        changes: Vec::new(),
    }
}

fn there_meanwhile(what: &str) -> Failure {
    Failure::new(
        ErrorName::ConcurrentModification,
        format!("{what} was made meanwhile, or differs from one that exists in letter case only"),
    )
}
