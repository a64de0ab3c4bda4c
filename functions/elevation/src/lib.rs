//! Gives an access role that was taken down its power back, for one vend that cannot do its work without.
//! Only where the landing zone allows it and the account is held to that landing zone; the policy ends by itself.

mod needs;
mod plan;
#[cfg(test)]
mod tests;

use avm_core::config::Elevation as Setting;
use avm_core::contract::answer::Answer;
use avm_core::contract::call::Request;
use avm_core::domain::RoleName;
use avm_core::doors::Door;
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::account_tags::AccountTags;
use avm_core::ports::role_policies::{Put, RolePolicies, RolePolicyChanges};
use avm_core::rules::minimum_policy::MINIMUM_POLICY;
use avm_core::rules::power::{self, ELEVATION_POLICY};
use avm_core::step::{Acted, Patience, Step, Wait};
use avm_core::world::World;
use serde::{Deserialize, Serialize};

pub use plan::Plan;

/// The step; it needs a landing zone whose `elevation` is `when-needed`.
pub struct Elevation;

/// What the machine sends.
pub type Call = Request<Notes>;

/// What the power was given for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Notes {
    pub given_for: String,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Done {
    /// The states that need the power; none: it was not given.
    pub given_for: Option<String>,
}

impl Step for Elevation {
    const NAME: &'static str = "elevation";
    const DOORS: &'static [Door] = &[Door::Plan, Door::Verification, Door::Downgrade];
    const PROVES_CALLER: bool = true;
    /// IAM lets a role do what it may only some seconds after it says so: no look is right after the write.
    const PATIENCE: Option<Patience> = Some(Patience {
        work: Wait {
            looks: 8,
            first: 15,
            growth: 5,
            longest: 30,
        },
        turn: None,
        gives_up: ErrorName::ElevationTimedOut,
    });

    type Call = Call;
    type Plan = Plan;
    type Done = Done;

    /// Fails with `InvalidState` where the landing zone does not allow it. What it cannot look at is not its to tell: the step that
    /// needs it does.
    async fn look(call: &Call, world: &impl World) -> Result<Plan, Failure> {
        let zone = &call.order.landing_zone;
        if zone.settings.elevation != Setting::WhenNeeded {
            let words = format!("landing zone {} allows no elevation", zone.name);
            return Err(Failure::new(ErrorName::InvalidState, words));
        }
        let role = &call.order.platform.account_access_role;
        let policies = match world.role_policies(Door::Downgrade).await {
            Ok(policies) => policies,
            Err(closed) if closed.name() == ErrorName::AccessDenied => {
                return Ok(Plan::Nothing(
                    "no role is there yet that could give it".to_owned(),
                ));
            }
            Err(failure) => return Err(failure),
        };
        let given = policies.find_inline(role, ELEVATION_POLICY).await?;
        let has_power = given
            .is_some_and(|document| power::is_valid(&document, &world.time(power::LEAST_LEFT)));
        if let Some(notes) = call.notes() {
            let given_for = notes.given_for.clone();
            return Ok(if has_power {
                Plan::Given { given_for }
            } else {
                Plan::Await { given_for }
            });
        }
        if has_power {
            return Ok(Plan::Nothing("the role has it already".to_owned()));
        }
        if policies.find_inline(role, MINIMUM_POLICY).await?.is_none() {
            return Ok(Plan::Nothing("the role was never taken down".to_owned()));
        }
        let Some(given_for) = needs::of(call, world).await else {
            return Ok(Plan::Nothing("nothing needs it".to_owned()));
        };
        let tags = world.account_tags(Door::Plan).await?;
        let tags = tags.list(&call.account.account_id).await?;
        Ok(match power::refusal(&call.order, &tags) {
            Some(reason) => Plan::Nothing(reason),
            None => Plan::Give { given_for },
        })
    }

    async fn act(call: &Call, plan: Plan, world: &impl World) -> Result<Acted<Self>, Failure> {
        let waiting = |given_for: String| Answer::Working {
            waiting_for: "IAM to give the access role its power back".to_owned(),
            notes: Notes { given_for },
        };
        Ok(match plan {
            Plan::Nothing(_) => Answer::Done(Done { given_for: None }),
            Plan::Given { given_for } => Answer::Done(Done {
                given_for: Some(given_for),
            }),
            Plan::Await { given_for } => waiting(given_for),
            Plan::Give { given_for } => {
                let policies = world.role_policies(Door::Downgrade).await?;
                let document = power::elevation(&world.time(power::LONGEST));
                let role = &call.order.platform.account_access_role;
                match policies
                    .put_inline(role, ELEVATION_POLICY, &document)
                    .await?
                {
                    Put::Done => waiting(given_for),
                    Put::NoRoom => return Err(no_room(role)),
                }
            }
        })
    }
}

fn no_room(role: &RoleName) -> Failure {
    let words = format!(
        "inline policy {ELEVATION_POLICY} does not fit beside the other inline policies of role {role}"
    );
    Failure::new(ErrorName::DowngradeFailed, words).with_remedy(
        "delete what the role has besides its minimum policy, then send the request again: IAM takes 10,240 characters of \
         inline policies of a role",
    )
}
