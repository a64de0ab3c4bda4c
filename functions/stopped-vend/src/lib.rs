//! A vend that was stopped or ran out of time has run no failure path: its account is marked and its access role taken down here.
//! An event says which execution it is, and nothing else: what it was and how it has ended is asked of Step Functions.

#[cfg(test)]
mod tests;

use std::time::Duration;

use avm_core::contract::order::Order;
use avm_core::domain::{AccountId, ExecutionArn, ExecutionName};
use avm_core::doors::Door;
use avm_core::error::{ErrorName, Failure};
use avm_core::json;
use avm_core::ports::executions::{ExecutionStatus, Executions, Histories, Trace};
use avm_core::ports::notices::Notices;
use avm_core::rules::power::Reached;
use avm_core::step::run;
use avm_core::world::Host;
use avm_entry_point::execution_name::{Month, followers};
use permission_downgrade::{Stopped, take_down};
use record_failure::RecordFailure;
use serde::Serialize;
use serde_json::{Value, json};

/// The name of its folder and binary; on AWS with `avm-` in front.
pub const NAME: &str = "stopped-vend";
/// The doors that it opens.
pub const DOORS: &[Door] = &[Door::Failure, Door::Downgrade];
/// The states that are entered once the enrollment, the access stack and the set-up of the account are done.
pub const ENTERED_WHEN_DONE: [&str; 3] = ["ElevationWanted?", "ApplyStackSets", "DowngradeWanted?"];

/// The state that gives power.
pub const GIVES_POWER: &str = "Elevation";
/// How long a call of its function can go on: the function's time.
pub const LONGEST_CALL: Duration = Duration::from_mins(4);

/// What it has done about an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "Status")]
pub enum Answer {
    /// The account is marked, its role is taken down, and people are told.
    Told,
    /// The execution is none that was stopped: somebody has sent an event of their own, or it runs again.
    NotStopped,
    /// A later vend of the account has begun: the account is that one's to mark and to take down.
    Followed,
}

/// Does what the failure path of that execution would have done.
///
/// # Errors
/// What is worth another try; and after people were told, what kept the access role from being taken down.
pub async fn handle(
    execution: &ExecutionArn,
    now: Month,
    host: &impl Host,
    machine: &(impl Executions + Histories),
    notices: &impl Notices,
    pause: impl AsyncFn(Duration),
) -> Result<Answer, Failure> {
    let Some((name, order)) = find_stopped(execution, machine).await? else {
        return Ok(Answer::NotStopped);
    };
    if is_followed(&name, now, machine).await? {
        return Ok(Answer::Followed);
    }
    let trace = machine.trace(execution).await?;
    tracing::info!(
        execution = name.as_str(),
        last = trace.last,
        "a vend was stopped"
    );
    let (subject, message) = mark(execution, &order, &trace, host).await?;
    if trace.last.as_deref() == Some(GIVES_POWER) {
        // A call of it may still be under way, and would give the power after it was taken away.
        pause(LONGEST_CALL).await;
    }
    let taken_down = match &trace.account {
        Some(account) if !is_followed(&name, now, machine).await? => {
            take_down_of(execution, account, order, &trace, host, pause).await
        }
        _ => Ok(None),
    };
    let power = match &taken_down {
        Ok(words) => words.clone().unwrap_or_default(),
        Err(failure) => still_powerful(failure),
    };
    notices
        .publish(&subject, format!("{message}\n\n{power}").trim_end())
        .await?;
    taken_down.map(|_| Answer::Told)
}

/// The execution, if it is the machine's own and was stopped: its name and its order.
async fn find_stopped(
    execution: &ExecutionArn,
    machine: &impl Executions,
) -> Result<Option<(ExecutionName, Value)>, Failure> {
    let name: Option<ExecutionName> = execution.name().parse().ok();
    let Some(name) = name.filter(|name| machine.arn_of(name) == *execution) else {
        return Ok(None);
    };
    let found = machine.find_execution(&name).await?;
    let stopped = found.filter(|found| found.status == ExecutionStatus::Stopped);
    Ok(stopped.map(|found| {
        let order = serde_json::from_str(&found.input).unwrap_or_default();
        (name, order)
    }))
}

async fn is_followed(
    name: &ExecutionName,
    now: Month,
    machine: &impl Executions,
) -> Result<bool, Failure> {
    for follower in followers(name, now) {
        if machine.find_execution(&follower).await?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Marks the account, and words the notice, as the machine does for a vend that fails.
async fn mark(
    execution: &ExecutionArn,
    order: &Value,
    trace: &Trace,
    host: &impl Host,
) -> Result<(String, String), Failure> {
    let report = json!({
        "Execution": execution,
        "Order": order,
        "AccountId": trace.account,
        "Failure": {
            "Step": trace.last,
            "Error": ErrorName::VendStopped.as_str(),
            "Cause": "the execution was aborted or ran out of time; nothing of it has run since",
        },
    });
    let reply = run::<RecordFailure>(report, host).await?;
    let done = reply.result.ok_or_else(|| {
        Failure::new(
            ErrorName::Internal,
            "the failure was recorded without an answer",
        )
    })?;
    Ok((done.subject, done.message))
}

async fn take_down_of(
    execution: &ExecutionArn,
    account: &AccountId,
    order: Value,
    trace: &Trace,
    host: &impl Host,
    pause: impl AsyncFn(Duration),
) -> Result<Option<String>, Failure> {
    let order: Order = json::decode(order)?;
    let [enrolled, access_stack, set_up] =
        ENTERED_WHEN_DONE.map(|state| trace.entered.contains(state));
    let stopped = Stopped {
        execution,
        account,
        order: &order,
        reached: Reached {
            enrolled,
            access_stack,
            set_up,
        },
    };
    take_down(&stopped, host, pause).await
}

fn still_powerful(failure: &Failure) -> String {
    format!(
        "THE ACCESS ROLE MAY STILL BE POWERFUL: taking it down failed with {}. Where the StackSet is in the account, the function \
         PermissionDowngrade takes it down.",
        failure.name()
    )
}
