//! Making the changes of a plan: put, verify, remove, and read back.
//! At no time is the role without both its power and the minimum.

use avm_core::error::Failure;
use avm_core::ports::role_policies::RolePolicyChanges;
use avm_core::rules::minimum_policy::{MINIMUM_POLICY, PoliciesOfRole};
use avm_core::world::World;

use crate::target::Target;
use crate::{Plan, Summary};

/// What IAM shows in the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The role carries this, the minimum and nothing else.
    Down(Summary),
    /// The minimum was put and cannot be read back: nothing has been removed.
    MinimumNotShown,
    /// Every removal was accepted, and the role still differs in this.
    NotDown(Vec<String>),
}

impl Outcome {
    pub(crate) fn words(&self, target: &Target) -> String {
        let role = &target.access_role;
        match self {
            Self::Down(_) => format!("role {role} is down to its minimum"),
            Self::MinimumNotShown => format!(
                "inline policy {MINIMUM_POLICY} of role {role} cannot be read back as it was put; nothing has been removed"
            ),
            Self::NotDown(differences) => format!(
                "role {role} is not down to its minimum: {}",
                differences.join(", ")
            ),
        }
    }
}

impl Target {
    /// After so many looks in vain, `waits` says whether it has waited for another one.
    pub(crate) async fn take_down(
        &self,
        plan: &Plan,
        world: &impl World,
        waits: &impl AsyncFn(usize) -> bool,
    ) -> Result<Outcome, Failure> {
        if plan.is_settled() {
            return Ok(Outcome::Down(plan.found().clone()));
        }
        let role = &self.access_role;
        let policies = self.enter(world).await?;
        if plan.puts_minimum() {
            let minimum = plan.minimum();
            policies.put_inline(role, MINIMUM_POLICY, minimum).await?;
            if !self.shows_minimum(plan, &policies, waits).await? {
                return Ok(Outcome::MinimumNotShown);
            }
        }
        for name in plan.inline_to_delete() {
            let deleted = policies.delete_inline(role, name).await;
            deleted.map_err(still_powerful)?;
        }
        for policy in plan.to_detach() {
            let detached = policies.detach(role, policy).await;
            detached.map_err(still_powerful)?;
        }
        let mut looks = 0;
        loop {
            let found = PoliciesOfRole::read(&policies, role).await?;
            let differences = found.differences_from(plan.minimum());
            if differences.is_empty() {
                return Ok(Outcome::Down(self.summary(&found, world.partition())));
            }
            looks += 1;
            if !waits(looks).await {
                return Ok(Outcome::NotDown(differences));
            }
        }
    }

    async fn shows_minimum(
        &self,
        plan: &Plan,
        policies: &impl RolePolicyChanges,
        waits: &impl AsyncFn(usize) -> bool,
    ) -> Result<bool, Failure> {
        let mut looks = 0;
        loop {
            let found = policies.find_inline(&self.access_role, MINIMUM_POLICY);
            if found.await?.as_ref() == Some(plan.minimum()) {
                return Ok(true);
            }
            looks += 1;
            if !waits(looks).await {
                return Ok(false);
            }
        }
    }
}

fn still_powerful(failure: Failure) -> Failure {
    failure.while_doing("the access role may still be powerful")
}
