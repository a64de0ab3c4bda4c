//! Deploys the access stack, the one that lets StackSets into the account: read, compare, start an operation, and follow it.
//! meshStack may have deployed it already, and the access role may have been downgraded: then it can be looked at only.

mod apply;
mod follow;
mod plan;
mod template;
#[cfg(test)]
mod tests;

use avm_core::config::AccessStackTemplate;
use avm_core::contract::answer::Answer;
use avm_core::contract::call::Request;
use avm_core::domain::{LANDING_ZONE_PARAMETERS, Parameters, StackId};
use avm_core::doors::Door;
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::roles::Roles;
use avm_core::ports::stacks::Stacks;
use avm_core::rules::{boundary, power, taken_name};
use avm_core::step::{Acted, Patience, Step, Wait};
use avm_core::world::World;
use serde::{Deserialize, Serialize};

use plan::{Wanted, in_words};

pub use plan::Plan;

/// What the name of every access stack begins with, and the whole name of ours.
pub const STACK_NAME: &str = "meshstack-cf-access";

/// The step; it needs a landing zone with an access stack.
pub struct AccessStack;

/// What the machine sends.
pub type Call = Request<Notes>;

/// What the step has done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Done {
    pub stack_name: String,
    pub change: Change,
    /// What is not as the landing zone wants it and could not be changed, in words, with the remedy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drift: Option<String>,
}

/// What is done with the stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    None,
    Create,
    Update,
    /// What an earlier try left behind is deleted, and it is made again.
    Recreate,
}

/// The operation that is waited for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "Doing", rename_all_fields = "PascalCase")]
pub enum Notes {
    /// One that was running already: what is to do shows after it.
    Wait,
    /// The creation that this execution started; perhaps the second half of a new creation.
    Create { stack_id: StackId, change: Change },
    /// The update that this execution started.
    Update { stack_id: StackId },
    /// The deletion that this execution started, to create the stack again.
    Delete { stack_id: StackId },
    /// The rollback that this execution has sent on its way again.
    Rollback { stack_id: StackId },
}

impl Step for AccessStack {
    const NAME: &'static str = "access-stack";
    const DOORS: &'static [Door] = &[Door::Access];
    const PROVES_CALLER: bool = true;
    /// About 25 minutes; a stack of one role takes one.
    const PATIENCE: Option<Patience> = Some(Patience {
        work: Wait {
            looks: 60,
            first: 20,
            growth: 5,
            longest: 25,
        },
        turn: None,
        gives_up: ErrorName::AccessStackTimedOut,
    });

    type Call = Call;
    type Plan = Plan;
    type Done = Done;

    /// Fails with `StackFailed` for a stack about which somebody has to decide, and with `AddressNotAllowed` for a template at
    /// an address that the machine's own does not name.
    async fn look(call: &Call, world: &impl World) -> Result<Plan, Failure> {
        let task = prepare(call, world).await?;
        match call.notes() {
            None => task.plan().await,
            Some(notes) => task.follow(notes).await,
        }
    }

    /// Fails with `AccountNotReady` where the permissions boundary is not in the account yet, with `StackFailed` and the first
    /// failed resource, `InvalidConfiguration` for a template that CloudFormation refuses, `AccessDenied` where the access role
    /// has been downgraded and the stack is missing or broken. One that is well and only out of date is no failure then: the
    /// answer tells of the drift.
    async fn act(call: &Call, plan: Plan, world: &impl World) -> Result<Acted<Self>, Failure> {
        let task = prepare(call, world).await?;
        let doing = plan.to_string();
        match plan {
            Plan::Nothing { stack, .. } => Ok(done(stack.name(), Change::None)),
            Plan::Finish { stack, change } => Ok(done(stack.name(), change)),
            Plan::Wait { waiting_for, notes } => Ok(Answer::Working { waiting_for, notes }),
            Plan::Create { name, change } => {
                await_boundary(call, world).await?;
                let created = task.create(&name, change).await;
                created.map_err(|failure| explain(failure, &doing))
            }
            Plan::Update { stack, differences } => {
                await_boundary(call, world).await?;
                task.update(stack, &differences).await
            }
            Plan::Recreate { stack, .. } => {
                let deleted = task.delete(stack).await;
                deleted.map_err(|failure| explain(failure, &doing))
            }
            Plan::ContinueRollback { stack, .. } => {
                let continued = task.continue_rollback(stack).await;
                continued.map_err(|failure| explain(failure, &doing))
            }
            Plan::Fail {
                stack,
                status,
                reason,
                intent,
            } => {
                // A reason that cannot be read must not hide the failure.
                let first = task.stacks.find_first_failure(&stack).await.ok().flatten();
                let failed = in_words(&status, first.or(reason).as_deref());
                let words = format!("stack {} {intent} and is {failed}", stack.name());
                let is_taken = taken_name::is_meant(&words);
                let failure = Failure::new(ErrorName::StackFailed, words);
                Err(if is_taken {
                    failure.with_remedy(taken_name::remedy("the access stack"))
                } else {
                    failure
                })
            }
        }
    }
}

/// What all parts of the step need.
struct Task<'a, Port> {
    call: &'a Call,
    template: &'a AccessStackTemplate,
    wanted: Wanted,
    stacks: Port,
}

impl<Port: Stacks> Task<'_, Port> {
    async fn plan(&self) -> Result<Plan, Failure> {
        Plan::new(self.stacks.list(STACK_NAME).await?, &self.wanted)
    }
}

async fn prepare<'a>(call: &'a Call, world: &impl World) -> Result<Task<'a, impl Stacks>, Failure> {
    let order = &call.order;
    let access_stack = order.landing_zone.settings.access_stack.as_ref();
    let access_stack = access_stack.ok_or_else(|| {
        let words = format!(
            "landing zone {} has no access stack",
            order.landing_zone.name
        );
        Failure::new(ErrorName::InvalidState, words)
    })?;
    let zone = format!("{LANDING_ZONE_PARAMETERS}{}", order.landing_zone.name);
    world.ways_out().check_template(access_stack, &zone)?;
    let stacks = world.stacks(Door::Access, &order.platform.region).await?;
    Ok(Task {
        call,
        template: &access_stack.template,
        wanted: Wanted {
            template: template::mark(&access_stack.template),
            candidates: candidates(call, world),
            execution: call.execution.name().to_owned(),
        },
        stacks,
    })
}

/// A new stack whose role has a boundary that is not there fails, and has to be deleted before it can be made again.
async fn await_boundary(call: &Call, world: &impl World) -> Result<(), Failure> {
    let account = &call.account.account_id;
    let Some(policy) = world.boundary().in_account(world.partition(), account) else {
        return Ok(());
    };
    let roles = world.roles(Door::Access, ErrorName::StackFailed).await?;
    match roles.has_policy(&policy).await {
        Ok(true) => Ok(()),
        Ok(false) => Err(boundary::missing(&policy)),
        // Then it may not work on the stack either, and that refusal tells what to do.
        Err(failure) if failure.name() == ErrorName::AccessDenied => Ok(()),
        Err(failure) => Err(failure),
    }
}

fn candidates(call: &Call, world: &impl World) -> Parameters {
    let standing = world.standing();
    let mut candidates = call.order.parameters(&call.account);
    let access_role = &call.order.platform.account_access_role;
    for (key, value) in [
        ("AutomationAccountId", standing.automation().as_str()),
        ("ManagementAccountId", standing.management().as_str()),
        ("AccountAccessRoleName", access_role.as_str()),
        ("PermissionsBoundaryName", world.boundary().as_str()),
    ] {
        candidates.insert(key.to_owned(), value.to_owned());
    }
    candidates.into()
}

fn done(stack_name: &str, change: Change) -> Acted<AccessStack> {
    Answer::Done(Done {
        stack_name: stack_name.to_owned(),
        change,
        drift: None,
    })
}

/// A failed start, with what was to be done; where it was not allowed, with how to allow it.
fn explain(failure: Failure, doing: &str) -> Failure {
    let failure = failure.while_doing(&format!("could not {doing}"));
    if failure.name() != ErrorName::AccessDenied {
        return failure;
    }
    failure.with_remedy(power::REMEDY)
}
