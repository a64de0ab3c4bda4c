//! Starts the execution of an order, unless one runs or has already done it. Step Functions is the only memory.
//! `DescribeExecution` is eventually consistent; `StartExecution` is the arbiter: a name can be taken only once.
//!
//! | latest execution of the account | its order is equal | its order differs |
//! |---|---|---|
//! | none | `started` | `started` |
//! | runs | `running` | `busy` |
//! | succeeded | `already done`; `started` with `Force` | `started` |
//! | failed, was stopped, ran out of time | `started` | `started` |
//!
//! Generations of a month follow one another without a gap, so the latest is found by galloping and halving: about
//! 2·log2(n) reads, and no more than three for the first two. Two callers on the two sides of midnight at the end of a month take different names and both
//! start; every step can run twice at once.

use std::time::Duration;

use avm_core::contract::order::Order;
use avm_core::error::Failure;
use avm_core::ports::executions::{Execution, ExecutionStatus, Executions, Start};
use serde_json::Value;

use crate::answer::{Answer, Status};
use crate::execution_name::{ExecutionKey, Month};

/// How often to look again after a lost race; each loss means that somebody else has started an execution.
const ROUNDS: u32 = 5;
/// The pause before the first further look; it grows with every round, to two seconds in all.
const PAUSE: Duration = Duration::from_millis(200);

/// What is to be executed.
#[derive(Clone, Debug)]
pub struct Wish<'a> {
    /// What the names of all executions for the account begin with.
    pub key: ExecutionKey,
    /// The order as JSON.
    pub order: &'a Value,
    /// Whether an order that has already been done is executed again.
    pub force: bool,
}

/// The latest generation and the month it belongs to.
struct Latest {
    execution: Execution,
    month: Month,
    generation: u32,
}

enum Decision {
    Say(Answer),
    /// Start this generation of the current month.
    Start(u32),
}

/// Starts the execution, or says why not.
///
/// # Errors
/// Step Functions refuses, or does not answer.
pub async fn start(
    wish: &Wish<'_>,
    month: Month,
    executions: &impl Executions,
) -> Result<Answer, Failure> {
    let input = wish.order.to_string();
    let mut taken = None;
    for round in 0..ROUNDS {
        tokio::time::sleep(PAUSE * round).await;
        let generation = match look(wish, month, taken, executions).await? {
            Some(Decision::Say(answer)) => return Ok(answer),
            Some(Decision::Start(generation)) => generation,
            None => continue,
        };
        let name = wish.key.name(month, generation)?;
        match executions.start_execution(&name, &input).await? {
            Start::Started(arn) => return Ok(Answer::new(Status::Started, arn)),
            Start::NameTaken => taken = Some(generation),
        }
    }
    let name = wish.key.name(month, taken.unwrap_or(1))?;
    Ok(Answer::new(Status::Busy, executions.arn_of(&name)))
}

/// Decides by the latest execution; none while the generation that is known to be taken cannot be seen yet.
async fn look(
    wish: &Wish<'_>,
    month: Month,
    taken: Option<u32>,
    executions: &impl Executions,
) -> Result<Option<Decision>, Failure> {
    let latest = match taken {
        Some(generation) => {
            let name = wish.key.name(month, generation)?;
            match executions.find_execution(&name).await? {
                None => return Ok(None),
                Some(seen) => {
                    let first = latest(seen, month, generation);
                    Some(find_latest(&wish.key, first, executions).await?)
                }
            }
        }
        None => find_first(&wish.key, month, executions).await?,
    };
    Ok(Some(decide(wish, month, latest)))
}

fn decide(wish: &Wish<'_>, month: Month, latest: Option<Latest>) -> Decision {
    let Some(latest) = latest else {
        return Decision::Start(1);
    };
    let next = if latest.month == month {
        latest.generation + 1
    } else {
        1
    };
    let is_equal = serde_json::from_str::<Value>(&latest.execution.input)
        .is_ok_and(|input| without_versions(input) == without_versions(wish.order.clone()));
    let say = |status| Decision::Say(Answer::new(status, latest.execution.arn.clone()));
    match latest.execution.status {
        ExecutionStatus::Running if is_equal => say(Status::Running),
        ExecutionStatus::Running => say(Status::Busy),
        ExecutionStatus::Succeeded if is_equal && !wish.force => say(Status::AlreadyDone),
        ExecutionStatus::Succeeded | ExecutionStatus::Failed | ExecutionStatus::Stopped => {
            Decision::Start(next)
        }
    }
}

/// What is compared of an order: a document that was written anew and says the same makes no other order.
fn without_versions(mut order: Value) -> Value {
    if let Some(fields) = order.as_object_mut() {
        fields.remove(Order::NOT_COMPARED);
    }
    order
}

const fn latest(execution: Execution, month: Month, generation: u32) -> Latest {
    Latest {
        execution,
        month,
        generation,
    }
}

/// The latest generation of this month, else of the last month: that one is asked for only where this month has none.
async fn find_first(
    key: &ExecutionKey,
    month: Month,
    executions: &impl Executions,
) -> Result<Option<Latest>, Failure> {
    for month in [month, month.previous()] {
        let first = executions.find_execution(&key.name(month, 1)?).await?;
        if let Some(seen) = first {
            let first = latest(seen, month, 1);
            return find_latest(key, first, executions).await.map(Some);
        }
    }
    Ok(None)
}

/// The latest generation of a month from one that exists: gallops beyond the end, then halves the rest.
async fn find_latest(
    key: &ExecutionKey,
    from: Latest,
    executions: &impl Executions,
) -> Result<Latest, Failure> {
    let month = from.month;
    let first = from.generation;
    let mut latest = from;
    let mut missing = loop {
        // One, one, two, four …: most accounts have one or two in a month.
        let step = (latest.generation - first).max(1);
        let generation = latest.generation.saturating_add(step);
        let name = key.name(month, generation)?;
        match executions.find_execution(&name).await? {
            Some(execution) => {
                latest = self::latest(execution, month, generation);
            }
            None => break generation,
        }
    };
    while missing - latest.generation > 1 {
        let generation = latest.generation.midpoint(missing);
        let name = key.name(month, generation)?;
        match executions.find_execution(&name).await? {
            Some(execution) => latest = self::latest(execution, month, generation),
            None => missing = generation,
        }
    }
    Ok(latest)
}

#[cfg(test)]
mod tests;
