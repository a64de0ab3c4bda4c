//! Whether a step is called by the machine: what its event says, held against the execution that it names.
//! Only the entry point may start executions, and so an order that a running one was started with is one that it made.

use serde_json::Value;

use crate::domain::{ExecutionArn, ExecutionName};
use crate::error::{ErrorName, Failure};
use crate::ports::executions::{ExecutionStatus, Executions};

/// Proves that the execution is one of the machine's own, is running, and has that order.
///
/// # Errors
/// `InvalidState` for any other; `ServiceUnavailable` for one that is not there, because a look-up may not see what was just
/// started (Step Functions: "eventually consistent").
pub async fn prove(
    execution: Option<&ExecutionArn>,
    order: &Value,
    executions: &impl Executions,
) -> Result<(), Failure> {
    let name: Option<ExecutionName> = execution.and_then(|arn| arn.name().parse().ok());
    let name = name.filter(|name| Some(&executions.arn_of(name)) == execution);
    let Some(name) = name else {
        return Err(forged("is no execution of this machine"));
    };
    let Some(found) = executions.find_execution(&name).await? else {
        let words = format!("execution {name} is not there, or does not show yet");
        return Err(Failure::new(ErrorName::ServiceUnavailable, words));
    };
    if found.status != ExecutionStatus::Running {
        return Err(forged("has ended"));
    }
    let input: Option<Value> = serde_json::from_str(&found.input).ok();
    if input.as_ref() != Some(order) {
        return Err(forged("has another order"));
    }
    Ok(())
}

fn forged(words: &str) -> Failure {
    let words = format!("Execution: the execution that the event names {words}");
    Failure::new(ErrorName::InvalidState, words)
        .with_remedy("start the vend through AVMEntryPoint: only the machine may call this step")
}
