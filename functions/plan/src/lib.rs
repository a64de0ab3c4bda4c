//! The looks of all steps in one place: asked by a step's name, answered with its plan.
//! Here is the one list of all steps.

mod left;

use std::pin::Pin;

use avm_core::doors::Door;
use avm_core::error::{ErrorName, Failure};
use avm_core::step::{Step, run};
use avm_core::world::Host;
use serde_json::Value;

/// The name in failures and in the log.
pub const NAME: &str = "plan";

/// The doors that it opens in the place of the steps' own: see [`Door::to_look`].
pub const DOORS: [Door; 2] = [Door::Plan, Door::Verification];

/// Something that is done with each step.
pub trait EachStep {
    fn visit<S: Step + 'static>(&mut self);
}

/// Visits every step, in the order of a vend.
pub fn each_step(visitor: &mut impl EachStep) {
    visitor.visit::<create_account::CreateAccount>();
    visitor.visit::<place_account::PlaceAccount>();
    visitor.visit::<enroll::Enroll>();
    visitor.visit::<elevation::Elevation>();
    visitor.visit::<access_stack::AccessStack>();
    visitor.visit::<apply_stackset::ApplyStackSet>();
    visitor.visit::<single_sign_on::SingleSignOn>();
    visitor.visit::<account_settings::AccountSettings>();
    visitor.visit::<default_vpcs::DefaultVpcs>();
    visitor.visit::<identity_provider::IdentityProvider>();
    visitor.visit::<permission_downgrade::PermissionDowngrade>();
    visitor.visit::<account_alias::AccountAlias>();
    visitor.visit::<completion::Completion>();
    visitor.visit::<record_failure::RecordFailure>();
}

/// Answers the plan of the step that the event names under `Step`, or what a vend would leave; the rest of the event is that of
/// the step. Whatever mode it names, nothing is written.
///
/// # Errors
/// `InvalidState` for a name of no step and an event that the step cannot read; what the look fails with.
pub async fn plan(mut event: Value, host: &impl Host) -> Result<Value, Failure> {
    if !event.is_object() {
        return Err(invalid("the event must be a JSON object"));
    }
    event["Mode"] = "Plan".into();
    let name = event["Step"].take();
    let mut question = Question {
        name: name.as_str().unwrap_or_default(),
        event: &event,
        host,
        answer: None,
    };
    each_step(&mut question);
    question.visit::<left::LeftInstances>();
    match question.answer {
        Some(answer) => answer.await,
        None => Err(invalid("Step: must be the name of a step")),
    }
}

type Answer<'a> = Pin<Box<dyn Future<Output = Result<Value, Failure>> + 'a>>;

/// The question to one of the steps.
struct Question<'a, H> {
    name: &'a str,
    event: &'a Value,
    host: &'a H,
    answer: Option<Answer<'a>>,
}

impl<H: Host> EachStep for Question<'_, H> {
    fn visit<S: Step + 'static>(&mut self) {
        if S::NAME == self.name {
            self.answer = Some(Box::pin(ask::<S>(self.event.clone(), self.host)));
        }
    }
}

async fn ask<S: Step>(event: Value, host: &impl Host) -> Result<Value, Failure> {
    let reply = run::<S>(event, host).await?;
    serde_json::to_value(reply).map_err(|error| {
        Failure::new(
            ErrorName::Internal,
            format!("the plan of {}: {error}", S::NAME),
        )
    })
}

fn invalid(words: &str) -> Failure {
    Failure::new(ErrorName::InvalidState, words)
}

#[cfg(test)]
mod tests;
