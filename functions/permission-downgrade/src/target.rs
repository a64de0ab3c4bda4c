//! The role that is taken down, what it shall keep, and the way to it.
//! Made of an order, or of what is known to somebody who calls alone.

use avm_core::config::DowngradePolicy;
use avm_core::domain::{AccountId, PolicyDocument, RoleName};
use avm_core::doors::Door;
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::role_policies::RolePolicyChanges;
use avm_core::rules::minimum_policy::{self, PoliciesOfRole};
use avm_core::world::World;

use crate::{Call, Plan, Summary, after_failure};

/// The policy that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// As the landing zone says.
    Exactly(DowngradePolicy),
    /// This one, or a narrower one that the role has already: a call alone never widens.
    AtMost(DowngradePolicy),
}

impl Wanted {
    /// The policy that the role gets, given the one that it has.
    fn given(self, present: Option<DowngradePolicy>) -> DowngradePolicy {
        match self {
            Self::Exactly(policy) => policy,
            Self::AtMost(policy) => present.map_or(policy, |present| present.min(policy)),
        }
    }
}

/// The role that is taken down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) account: AccountId,
    pub(crate) access_role: RoleName,
    pub(crate) wanted: Wanted,
    /// Whether somebody calls alone, whom nobody calls again.
    pub(crate) is_alone: bool,
    /// What keeps a role that was never taken down from being taken down now.
    pub(crate) keeps_power_for: Option<String>,
}

impl Target {
    /// Fails with `InvalidState` where the landing zone asks for no downgrade.
    pub(crate) fn of_call(call: &Call) -> Result<Self, Failure> {
        let zone = &call.order.landing_zone;
        let policy = zone.settings.downgrade.policy().ok_or_else(|| {
            let words = format!("landing zone {} asks for no downgrade", zone.name);
            Failure::new(ErrorName::InvalidState, words)
        })?;
        Ok(Self {
            keeps_power_for: after_failure(call)
                .and_then(|reached| reached.still_needs_power(&zone.settings)),
            account: call.account.account_id.clone(),
            access_role: call.order.platform.account_access_role.clone(),
            wanted: Wanted::Exactly(policy),
            is_alone: false,
        })
    }

    pub(crate) async fn look(&self, world: &impl World) -> Result<Plan, Failure> {
        let policies = self.enter(world).await?;
        let found = PoliciesOfRole::read(&policies, &self.access_role).await?;
        let partition = world.partition();
        let policy = self.wanted.given(self.policy_of(&found, partition));
        let minimum = self.document(policy, partition);
        let summary = self.summary(&found, partition);
        let plan = Plan::new(policy, minimum, &found, summary);
        // A role with a minimum was taken down before: whatever else it carries came later, and no step counts on it.
        Ok(match &self.keeps_power_for {
            Some(states) if found.minimum.is_none() => plan.keeping(states),
            _ => plan,
        })
    }

    pub(crate) async fn enter(
        &self,
        world: &impl World,
    ) -> Result<impl RolePolicyChanges, Failure> {
        let entered = world.role_policies(Door::Downgrade).await;
        entered.map_err(|failure| self.could_not_enter(failure))
    }

    /// The failure to enter the account. The StackSet has only just made the role when the machine calls, and
    /// IAM needs some seconds until it can be assumed: then the step is retried.
    fn could_not_enter(&self, failure: Failure) -> Failure {
        if failure.name() != ErrorName::AccessDenied {
            return failure;
        }
        let failure = failure.with_remedy(format!(
            "see that the landing zone's StackSet has an instance in the account, and that {} there trusts the \
             downgrade function's role",
            RoleName::DOWNGRADE_EXECUTION
        ));
        if self.is_alone {
            failure
        } else {
            failure.renamed(ErrorName::AccountNotReady)
        }
    }

    pub(crate) fn summary(&self, found: &PoliciesOfRole, partition: &str) -> Summary {
        let minimum = match (self.policy_of(found, partition), &found.minimum) {
            (Some(policy), _) => policy.as_str(),
            (None, Some(_)) => "other",
            (None, None) => "none",
        };
        let arns = found.attached.iter().map(|policy| policy.arn.clone());
        Summary {
            inline: found.inline.iter().cloned().collect(),
            attached: arns.collect(),
            minimum: minimum.to_owned(),
        }
    }

    /// Which of the documents that this project may have put the role has.
    fn policy_of(&self, found: &PoliciesOfRole, partition: &str) -> Option<DowngradePolicy> {
        let minimum = found.minimum.as_ref()?;
        DowngradePolicy::ALL
            .into_iter()
            .find(|policy| self.document(*policy, partition) == *minimum)
    }

    fn document(&self, policy: DowngradePolicy, partition: &str) -> PolicyDocument {
        minimum_policy::document(policy, partition, &self.account, &self.access_role)
    }
}
