//! Takes the powerful access role down to a minimum: puts the minimum policy, verifies it, removes everything else.
//! A step of the vend, and a function that meshStack may call alone; what it cannot prove in the end is a failure.

mod plan;
mod request;

use std::time::Duration;

use avm_core::config::DowngradePolicy;
use avm_core::domain::PolicyDocument;
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::role_policies::RolePolicyChanges;
use avm_core::rules::minimum_policy::{self, PoliciesOfRole};
use serde::Serialize;

pub use plan::Plan;
pub use request::{Alone, Target, Wanted};

/// The role in the member account that may change the access role's policies; made by the landing zone's StackSet.
pub const EXECUTION_ROLE: &str = "PermissionDowngradeLambdaExecutionRole";

/// IAM answers from before a write for some seconds: how long to wait before each further look.
const LOOKS: [Duration; 5] = [
    Duration::from_millis(200),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
];

/// `{"statusCode": 200, "body": "Successfully downgraded", …}`: what meshStack's function answers, and what was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Response {
    /// Always 200.
    #[serde(rename = "statusCode")]
    pub status_code: u16,
    /// Always the same words.
    pub body: &'static str,
    /// The policy that the role has now.
    #[serde(rename = "Policy")]
    pub policy: DowngradePolicy,
    /// What the role carried before.
    #[serde(rename = "Found")]
    pub found: Summary,
    /// What was changed, in order.
    #[serde(rename = "Changed")]
    pub changed: Vec<String>,
    /// What the role carries now, read back.
    #[serde(rename = "Verified")]
    pub verified: Summary,
}

/// The policies of the role by their names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Summary {
    /// Inline policies.
    pub inline: Vec<String>,
    /// Attached managed policies, by ARN.
    pub attached: Vec<String>,
    /// Which policy of ours the minimum is: `strict`, `standard`, `self-upgradable`, `other` or `none`.
    pub minimum: &'static str,
}

/// Read, diff, show, apply, read back.
///
/// # Errors
/// `DowngradeFailed` where the role is missing or IAM refuses; `VerificationPending` where the minimum cannot be read
/// back yet (nothing has been removed then), or where IAM still shows what it has removed: a caller that is alone, whom
/// nobody calls again, is told `DowngradeFailed` of the latter; those of the service.
pub async fn handle(
    target: &Target,
    partition: &str,
    policies: &impl RolePolicyChanges,
) -> Result<Response, Failure> {
    downgrade(target, partition, policies)
        .await
        .map_err(|failure| failure.of_account(&target.account))
}

async fn downgrade(
    target: &Target,
    partition: &str,
    policies: &impl RolePolicyChanges,
) -> Result<Response, Failure> {
    let found = PoliciesOfRole::read(policies, &target.access_role).await?;
    let known = Known { target, partition };
    let policy = target.wanted.given(known.policy_of(&found));
    let plan = Plan::of(&found, known.document(policy));
    tracing::info!(
        execution = target.execution_name(),
        account = %target.account,
        role = %target.access_role,
        %policy,
        %plan,
        "downgrade planned"
    );
    let verified = if plan.is_empty() {
        found.clone()
    } else {
        apply(&plan, target, policies).await?
    };
    tracing::info!(
        execution = target.execution_name(),
        account = %target.account,
        changes = plan.lines().len(),
        "access role verified"
    );
    Ok(Response {
        status_code: 200,
        body: "Successfully downgraded",
        policy,
        found: known.summary(&found),
        changed: plan.lines(),
        verified: known.summary(&verified),
    })
}

/// Puts, verifies, removes, and reads back: at no time is the role without both its power and the minimum.
async fn apply(
    plan: &Plan,
    target: &Target,
    policies: &impl RolePolicyChanges,
) -> Result<PoliciesOfRole, Failure> {
    let role = &target.access_role;
    if plan.puts_minimum() {
        policies
            .put_inline(role, minimum_policy::MINIMUM_POLICY, plan.minimum())
            .await?;
        verify_minimum(plan, target, policies).await?;
    }
    for name in plan.inline_to_delete() {
        policies
            .delete_inline(role, name)
            .await
            .map_err(still_powerful)?;
    }
    for policy in plan.to_detach() {
        policies
            .detach(role, policy)
            .await
            .map_err(still_powerful)?;
    }
    read_back(plan, target, policies).await
}

fn still_powerful(failure: Failure) -> Failure {
    failure.while_doing("the access role may still be powerful")
}

async fn verify_minimum(
    plan: &Plan,
    target: &Target,
    policies: &impl RolePolicyChanges,
) -> Result<(), Failure> {
    let mut pauses = LOOKS.iter();
    loop {
        let found = policies
            .find_inline(&target.access_role, minimum_policy::MINIMUM_POLICY)
            .await?;
        if found.as_ref() == Some(plan.minimum()) {
            return Ok(());
        }
        let Some(pause) = pauses.next() else {
            return Err(Failure::new(
                ErrorName::VerificationPending,
                format!(
                    "inline policy {} of role {} cannot be read back as it was put; nothing has been removed",
                    minimum_policy::MINIMUM_POLICY,
                    target.access_role
                ),
            ));
        };
        tokio::time::sleep(*pause).await;
    }
}

async fn read_back(
    plan: &Plan,
    target: &Target,
    policies: &impl RolePolicyChanges,
) -> Result<PoliciesOfRole, Failure> {
    let mut pauses = LOOKS.iter();
    loop {
        let found = PoliciesOfRole::read(policies, &target.access_role).await?;
        let differences = found.differences_from(plan.minimum());
        if differences.is_empty() {
            return Ok(found);
        }
        let Some(pause) = pauses.next() else {
            return Err(not_down(target, &differences));
        };
        tokio::time::sleep(*pause).await;
    }
}

/// IAM has accepted every removal and still shows something else: the state machine looks again.
fn not_down(target: &Target, differences: &[String]) -> Failure {
    let name = if target.execution.is_some() {
        ErrorName::VerificationPending
    } else {
        ErrorName::DowngradeFailed
    };
    Failure::new(
        name,
        format!(
            "role {} is not down to its minimum: {}",
            target.access_role,
            differences.join(", ")
        ),
    )
    .with_remedy(ErrorName::DowngradeFailed.remedy())
}

/// Makes the documents that this project may have put on the role.
struct Known<'a> {
    target: &'a Target,
    partition: &'a str,
}

impl Known<'_> {
    fn document(&self, policy: DowngradePolicy) -> PolicyDocument {
        let Target {
            account,
            access_role,
            ..
        } = self.target;
        minimum_policy::document(policy, self.partition, account, access_role)
    }

    fn policy_of(&self, found: &PoliciesOfRole) -> Option<DowngradePolicy> {
        let minimum = found.minimum.as_ref()?;
        DowngradePolicy::ALL
            .into_iter()
            .find(|policy| self.document(*policy) == *minimum)
    }

    fn summary(&self, found: &PoliciesOfRole) -> Summary {
        let minimum = match (self.policy_of(found), &found.minimum) {
            (Some(policy), _) => policy.as_str(),
            (None, Some(_)) => "other",
            (None, None) => "none",
        };
        let arns = found.attached.iter().map(|policy| policy.arn.clone());
        Summary {
            inline: found.inline.iter().cloned().collect(),
            attached: arns.collect(),
            minimum,
        }
    }
}

#[cfg(test)]
mod tests;
