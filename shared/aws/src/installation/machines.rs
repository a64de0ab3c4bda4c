//! Executions as an operator sees them: one of a machine beside that of the vends is run, a vend is followed from state to state.
//! Who may start `avm-plan-account` or `avm-doctor` needs no right to invoke a function.

use std::time::Duration;

use aws_sdk_sfn::Client;
use aws_sdk_sfn::operation::describe_execution::DescribeExecutionOutput;
use aws_sdk_sfn::types::{ExecutionStatus, HistoryEventType};
use serde::Deserialize;

use super::{Installation, pause};
use crate::call::{Answered, Called};
use avm_core::domain::ExecutionArn;
use avm_core::error::{ErrorName, Failure};

const START: &str = "states:StartExecution";
const DESCRIBE: &str = "states:DescribeExecution";
const HISTORY: &str = "states:GetExecutionHistory";
/// For some two hours; a vend takes minutes, or half an hour where it enrolls.
const LOOKS_AT_VEND: u32 = 1_440;
const BETWEEN_LOOKS_AT_VEND: Duration = Duration::from_secs(5);
const BETWEEN_LOOKS: Duration = Duration::from_secs(1);
/// A plan waits for what AWS throttles.
const LOOKS_AT_PLAN: u32 = 600;
const PLANS: &str = "avm-plan-account";
/// So many events of a history at a time, the newest first: a vend does not make as many between two looks.
const EVENTS_OF_A_LOOK: i32 = 100;

/// How an execution has ended.
#[derive(Clone, PartialEq, Eq)]
pub struct Ended {
    /// What it was started with; it holds e-mail addresses.
    pub input: String,
    /// Its output, or the name and the cause of its failure.
    pub outcome: Result<String, [String; 2]>,
}

/// What a vend of an order would do now.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct VendPlan {
    pub plans: Vec<StepPlan>,
}

/// What a step would do.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct StepPlan {
    pub step: String,
    pub plan: Planned,
}

/// Whether that is nothing, and in words.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Planned {
    pub is_empty: bool,
    pub words: String,
}

impl Installation {
    fn states(&self) -> Client {
        Client::new(&self.configuration)
    }

    async fn execution(&self, execution: &str) -> Result<DescribeExecutionOutput, Failure> {
        let call = self.states().describe_execution().execution_arn(execution);
        Ok(call.send().await.of_call(DESCRIBE)?)
    }

    /// Runs the machine of that name beside that of the vends, and answers its output; none: there is no such machine, as in an
    /// earlier version.
    pub(super) async fn run_beside(
        &self,
        of_vends: &str,
        name: &str,
        input: String,
        looks: u32,
    ) -> Result<Option<String>, Failure> {
        let beside = of_vends.rsplit_once(':').map_or("", |(before, _)| before);
        let call = self.states().start_execution();
        let call = call.state_machine_arn(format!("{beside}:{name}"));
        let answer = call.input(input).send().await;
        let answer = answer
            .of_call(START)
            .unless(&["StateMachineDoesNotExist"])?;
        let Some(started) = answer else {
            return Ok(None);
        };
        for _ in 0..looks {
            let seen = self.execution(&started.execution_arn).await?;
            match seen.status {
                ExecutionStatus::Running => tokio::time::sleep(BETWEEN_LOOKS).await,
                ExecutionStatus::Succeeded => return Ok(Some(seen.output.unwrap_or_default())),
                status => return Err(failed(name, status.as_str())),
            }
        }
        Err(failed(name, "still running"))
    }

    /// What a vend of an order would do, by the machine `avm-plan-account` beside that of the vends; it writes nothing.
    pub async fn plan_of(&self, of_vends: &str, order: &str) -> Result<VendPlan, Failure> {
        let answer = self.run_beside(of_vends, PLANS, order.to_owned(), LOOKS_AT_PLAN);
        let answer = answer
            .await?
            .ok_or_else(|| failed(PLANS, "not there: deploy template.yaml"))?;
        serde_json::from_str(&answer).map_err(|error| {
            Failure::new(ErrorName::Internal, format!("{PLANS} answered: {error}"))
        })
    }

    /// Follows a vend to its end, and tells each step that it comes to.
    pub async fn follow(
        &self,
        vend: &ExecutionArn,
        mut tell: impl FnMut(&str),
    ) -> Result<Ended, Failure> {
        let (mut seen, mut last) = (0, String::new());
        for look in 0..LOOKS_AT_VEND {
            pause(look, BETWEEN_LOOKS_AT_VEND).await;
            // The end is looked for first: so the last step is told, too.
            let found = self.execution(vend.as_str()).await?;
            for state in self.entered_since(vend, &mut seen).await? {
                if state != last {
                    tell(&state);
                    last = state;
                }
            }
            let outcome = match found.status {
                ExecutionStatus::Running | ExecutionStatus::PendingRedrive => continue,
                ExecutionStatus::Succeeded => Ok(found.output.unwrap_or_default()),
                status => Err([
                    found.error.unwrap_or_else(|| status.as_str().to_owned()),
                    found.cause.unwrap_or_default(),
                ]),
            };
            let input = found.input.unwrap_or_default();
            return Ok(Ended { input, outcome });
        }
        Err(failed(vend.name(), "still running").with_remedy(
            "look at the execution; run the command again when it has ended, or to follow it on",
        ))
    }

    /// The states that call something and were entered after that event, which becomes the last one.
    async fn entered_since(
        &self,
        execution: &ExecutionArn,
        seen: &mut i64,
    ) -> Result<Vec<String>, Failure> {
        let call = self.states().get_execution_history();
        let call = call.execution_arn(execution.as_str());
        let call = call
            .reverse_order(true)
            .include_execution_data(false)
            .max_results(EVENTS_OF_A_LOOK);
        let mut events = call.send().await.of_call(HISTORY)?.events;
        events.retain(|event| event.id > *seen);
        *seen = events.iter().map(|event| event.id).fold(*seen, i64::max);
        let entered = events.into_iter().rev().filter_map(|event| {
            let is_task = event.r#type == HistoryEventType::TaskStateEntered;
            let details = event.state_entered_event_details.filter(|_| is_task);
            details.map(|details| details.name)
        });
        Ok(entered.collect())
    }
}

fn failed(name: &str, status: &str) -> Failure {
    let words = format!("the execution of {name} is {status}");
    Failure::new(ErrorName::ServiceUnavailable, words)
}
