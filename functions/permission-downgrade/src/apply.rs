//! Making the changes of a plan: put, verify, remove, and read back.
//! At no time is the role without both its power and the minimum.

use std::collections::BTreeSet;

use avm_core::domain::{PolicyArn, RoleName};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::role_policies::{Put, RolePolicyChanges};
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
            self.put_minimum(plan, &policies, world.partition()).await?;
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
            let found = self.read_back(plan, &policies).await?;
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

    /// What the role carries after the changes: the kinds of policies are read of which one was removed. The minimum was read
    /// before anything was, and what others have added meanwhile shows in the completion.
    async fn read_back(
        &self,
        plan: &Plan,
        policies: &impl RolePolicyChanges,
    ) -> Result<PoliciesOfRole, Failure> {
        let role = &self.access_role;
        let mut found = PoliciesOfRole {
            inline: [MINIMUM_POLICY.to_owned()].into(),
            attached: BTreeSet::new(),
            minimum: Some(plan.minimum().clone()),
        };
        if !plan.inline_to_delete().is_empty() {
            found.inline.extend(policies.list_inline(role).await?);
        }
        if !plan.to_detach().is_empty() {
            found.attached = policies.list_attached(role).await?;
        }
        Ok(found)
    }

    /// Where the minimum does not fit beside the inline policies, these go first, if the role keeps its power without them.
    async fn put_minimum(
        &self,
        plan: &Plan,
        policies: &impl RolePolicyChanges,
        partition: &str,
    ) -> Result<(), Failure> {
        let role = &self.access_role;
        let put = async || {
            policies
                .put_inline(role, MINIMUM_POLICY, plan.minimum())
                .await
        };
        if put().await? == Put::Done {
            return Ok(());
        }
        let administrator = PolicyArn::administrator_access(partition);
        let mut managed = plan.to_detach().iter();
        if managed.any(|policy| policy.arn == administrator.as_str()) {
            for name in plan.inline_to_delete() {
                let deleted = policies.delete_inline(role, name).await;
                deleted.map_err(still_powerful)?;
            }
            if put().await? == Put::Done {
                return Ok(());
            }
        }
        Err(no_room(role, plan))
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

fn no_room(role: &RoleName, plan: &Plan) -> Failure {
    let words = format!(
        "inline policy {MINIMUM_POLICY} does not fit beside the inline policies of role {role}, and nothing was taken away: \
         without these the role would have neither its power nor the minimum"
    );
    let names = plan.inline_to_delete().join(", ");
    Failure::new(ErrorName::DowngradeFailed, words).with_remedy(format!(
        "delete inline policies of the role by hand ({names}), until there is room for the minimum policy (IAM takes 10,240 \
         characters in all), or attach AdministratorAccess to the role, so that the vend can delete them; then send the \
         request again"
    ))
}

fn still_powerful(failure: Failure) -> Failure {
    failure.while_doing("the access role may still be powerful")
}
