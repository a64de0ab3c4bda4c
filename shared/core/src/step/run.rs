//! One call of any step: decode, refuse the standing accounts, prove the caller, look, act, count, and label what fails with its account.
//! Called for its plan, a step looks and nothing else; what it cannot know yet, it says.

use serde_json::Value;

use super::{Acted, Step};
use crate::contract::answer::{Answer, Plan, Planned, Reply, Status};
use crate::contract::call::{Call, Mode, Progress, Scene};
use crate::doors::Door;
use crate::error::{ErrorName, Failure};
use crate::world::Host;

type ReplyOf<S> = Reply<<S as Step>::Done, <<S as Step>::Call as Call>::Notes, <S as Step>::Plan>;

/// Runs one call of a step.
///
/// # Errors
/// `InvalidState` for an event that cannot be read or is not the machine's, `InvalidRequest` for an account that the machine stands on, the name under
/// which the step gives up, and whatever the step fails with; all with the account, if one is known.
pub async fn run<S: Step>(event: Value, host: &impl Host) -> Result<ReplyOf<S>, Failure> {
    let earlier = earlier_step(&event);
    let order = S::PROVES_CALLER.then(|| event["Order"].clone());
    let call = match (S::Call::read(event), earlier) {
        (Err(_), Some(step)) => return Ok(depends::<S>(step, None)),
        (read, _) => read?,
    };
    let scene = call.scene();
    let label = |failure: Failure| match &scene.account {
        Some(account) => failure.of_account(account),
        None => failure,
    };
    if let Some(account) = &scene.account {
        host.standing().refuse(account, "Account.AccountId")?;
    }
    if let (Some(order), Mode::Act) = (order, call.mode()) {
        let proof = host.prove_caller(call.execution(), &order).await;
        proof.map_err(label)?;
    }
    let world = host.world(&scene, S::DOORS, call.mode());
    let plan = match S::look(&call, &world).await {
        Err(failure) if call.mode() == Mode::Plan => {
            let maker = failure.closed_door().and_then(Door::made_by);
            return match maker {
                Some(step) if step != S::NAME => Ok(depends::<S>(step, Some(&scene))),
                _ => Err(label(failure)),
            };
        }
        looked => looked.map_err(label)?,
    };
    show::<S>(&scene, &plan);
    if call.mode() == Mode::Plan {
        let mut reply = Reply::new(Status::Planned, scene.account.clone());
        reply.result = S::foresee(&call, &plan);
        reply.plan = Some(Planned {
            is_empty: plan.is_empty(),
            words: plan.to_string(),
            depends_on: None,
            steps: Some(plan),
        });
        return Ok(reply);
    }
    let answer = S::act(&call, plan, &world).await.map_err(label)?;
    count::<S>(&call, &scene, answer).map_err(label)
}

/// The step whose answer is missing in the event of a plan.
fn earlier_step(event: &Value) -> Option<&'static str> {
    let is_null = |key: &str| event.get(key).is_none_or(Value::is_null);
    let is_plan = event.get("Mode").and_then(Value::as_str) == Some("Plan");
    if is_plan && is_null("Account") {
        Some("create-account")
    } else if is_plan && is_null("Input") {
        Some("place-account")
    } else {
        None
    }
}

fn depends<S: Step>(step: &'static str, scene: Option<&Scene>) -> ReplyOf<S> {
    let account = scene.and_then(|scene| scene.account.clone());
    let mut reply = Reply::new(Status::Planned, account);
    reply.plan = Some(Planned {
        is_empty: false,
        words: format!("known once {step} has acted"),
        depends_on: Some(step),
        steps: None,
    });
    reply
}

fn show<S: Step>(scene: &Scene, plan: &S::Plan) {
    tracing::info!(
        step = S::NAME,
        execution = scene.execution_name,
        account = scene.account.as_ref().map(ToString::to_string),
        is_empty = plan.is_empty(),
        %plan,
        "planned"
    );
}

fn count<S: Step>(call: &S::Call, scene: &Scene, answer: Acted<S>) -> Result<ReplyOf<S>, Failure> {
    let account = S::account(call, &answer);
    let before = call.looks();
    let (waiting_for, notes, looks) = match answer {
        Answer::Done(done) => {
            tracing::info!(step = S::NAME, execution = scene.execution_name, "done");
            let mut reply = Reply::new(Status::Done, account);
            reply.result = Some(done);
            return Ok(reply);
        }
        Answer::Working { waiting_for, notes } => (waiting_for, notes, before.after_work()),
        Answer::Queued { waiting_for, notes } => (waiting_for, notes, before.after_turns(1)),
        Answer::Crowded { waiting_for, notes } => (waiting_for, notes, before.after_turns(2)),
    };
    tracing::info!(
        step = S::NAME,
        execution = scene.execution_name,
        waiting_for,
        "waits"
    );
    let Some(patience) = S::PATIENCE else {
        let words = format!("a step without patience waits for {waiting_for}");
        return Err(Failure::new(ErrorName::Internal, words));
    };
    let Some(wait_seconds) = patience.wait(before, looks) else {
        let number = looks.work.saturating_add(looks.turn);
        let words = format!("waited for {waiting_for}; given up after {number} looks");
        let failure = Failure::new(patience.gives_up, words);
        return Err(match &account {
            Some(account) => failure.of_account(account),
            None => failure,
        });
    };
    let mut reply = Reply::new(Status::Pending, account);
    reply.waiting_for = Some(waiting_for);
    reply.wait_seconds = wait_seconds;
    reply.progress = Some(Progress { looks, notes });
    Ok(reply)
}
