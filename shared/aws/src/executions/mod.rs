//! Executions in AWS Step Functions (Standard workflow).
//! `StartExecution` with the name and input of a running execution answers like the first time; any other taken name is refused.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_sfn::Client;
use aws_sdk_sfn::operation::describe_execution::DescribeExecutionOutput;
use aws_sdk_sfn::primitives::DateTime;
use aws_sdk_sfn::types::{ExecutionStatus as SfnStatus, HistoryEvent};

use serde_json::Value;

use super::call::{Answered, Called, all_pages, first_in_pages};
use super::failure::ServiceError;
use avm_core::domain::{ExecutionArn, ExecutionName, StateMachineArn};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::executions::{
    Execution, ExecutionStatus, Executions, Histories, RunningVend, RunningVends, Start, Trace,
};

/// The executions of one state machine.
#[derive(Clone, Debug)]
pub struct StepFunctions {
    client: Client,
    machine: StateMachineArn,
}

impl StepFunctions {
    /// The executions of that machine, with the credentials of the configuration.
    pub fn new(configuration: &SdkConfig, machine: StateMachineArn) -> Self {
        Self {
            client: Client::new(configuration),
            machine,
        }
    }

    fn failure(&self, error: ServiceError) -> Failure {
        match error.code.as_str() {
            "ExecutionLimitExceeded" | "KmsThrottlingException" => {
                error.into_named(ErrorName::Throttled)
            }
            "KmsAccessDeniedException" => error.into_named(ErrorName::AccessDenied),
            "StateMachineDoesNotExist" | "StateMachineDeleting" | "InvalidArn" => error
                .into_named(ErrorName::InvalidConfiguration)
                .with_remedy(
                    "compare AVM_STATE_MACHINE_ARN of the function with the deployed state machine",
                ),
            _ => error.into_failure(),
        }
        .while_doing(self.machine.as_str())
    }
}

impl Executions for StepFunctions {
    async fn find_execution(&self, name: &ExecutionName) -> Result<Option<Execution>, Failure> {
        let arn = self.arn_of(name);
        let call = self.client.describe_execution().execution_arn(arn.as_str());
        call.send()
            .await
            .of_call("states:DescribeExecution")
            .unless(&["ExecutionDoesNotExist"])
            .map_err(|error| self.failure(error))?
            .map(|answer| execution(arn, answer))
            .transpose()
    }

    async fn start_execution(&self, name: &ExecutionName, input: &str) -> Result<Start, Failure> {
        let call = self
            .client
            .start_execution()
            .state_machine_arn(self.machine.as_str())
            .name(name.as_str())
            .input(input);
        call.send()
            .await
            .of_call("states:StartExecution")
            .outcome(
                Start::Started(self.arn_of(name)),
                [("ExecutionAlreadyExists", Start::NameTaken)],
            )
            .map_err(|error| self.failure(error))
    }

    fn arn_of(&self, name: &ExecutionName) -> ExecutionArn {
        self.machine.execution(name)
    }
}

/// So many events at a time: each may hold a whole order.
const EVENTS_OF_A_PAGE: i32 = 200;
/// The state whose answers name the account.
const NAMES_THE_ACCOUNT: &str = "CreateAccount";

impl Histories for StepFunctions {
    async fn trace(&self, execution: &ExecutionArn) -> Result<Trace, Failure> {
        let call = self.client.get_execution_history();
        let call = call.execution_arn(execution.as_str());
        let pages = call.max_results(EVENTS_OF_A_PAGE).into_paginator();
        let mut trace = Trace::default();
        let read = first_in_pages(
            "states:GetExecutionHistory",
            pages.items().send(),
            |event| {
                note(&mut trace, &event);
                None::<()>
            },
        );
        read.await.map_err(|error| self.failure(error))?;
        Ok(trace)
    }
}

fn note(trace: &mut Trace, event: &HistoryEvent) {
    if let Some(entered) = event.state_entered_event_details() {
        trace.entered.insert(entered.name().to_owned());
        trace.last = Some(entered.name().to_owned());
    }
    if trace.account.is_none() && trace.last.as_deref() == Some(NAMES_THE_ACCOUNT) {
        let answer = event.task_succeeded_event_details();
        let answer = answer.and_then(|details| details.output());
        let answer: Option<Value> = answer.and_then(|text| serde_json::from_str(text).ok());
        let account = answer.as_ref().and_then(|answer| {
            let account = answer.pointer("/Payload/AccountId")?;
            account.as_str()?.parse().ok()
        });
        trace.account = account;
    }
}

impl RunningVends for StepFunctions {
    async fn list_running(&self) -> Result<Vec<RunningVend>, Failure> {
        let pages = self
            .client
            .list_executions()
            .state_machine_arn(self.machine.as_str())
            .status_filter(SfnStatus::Running)
            .into_paginator()
            .send();
        let pages = all_pages("states:ListExecutions", pages)
            .await
            .map_err(|error| self.failure(error))?;
        let executions = pages.into_iter().flat_map(|page| page.executions);
        let running = executions.map(|execution| RunningVend {
            started: since_1970(&execution.start_date),
            name: execution.name,
        });
        Ok(running.collect())
    }

    async fn find_input(&self, vend: &RunningVend) -> Result<Option<String>, Failure> {
        let name = vend.name.parse();
        let name = name.map_err(|error| Failure::new(ErrorName::Internal, format!("{error}")))?;
        let found = self.find_execution(&name).await?;
        Ok(found.map(|execution| execution.input))
    }
}

fn since_1970(time: &DateTime) -> Duration {
    let milliseconds = time.to_millis().ok();
    Duration::from_millis(
        milliseconds
            .and_then(|number| number.try_into().ok())
            .unwrap_or_default(),
    )
}

fn execution(arn: ExecutionArn, answer: DescribeExecutionOutput) -> Result<Execution, Failure> {
    let status = match &answer.status {
        // PENDING_REDRIVE: on its way back to RUNNING.
        SfnStatus::Running | SfnStatus::PendingRedrive => ExecutionStatus::Running,
        SfnStatus::Succeeded => ExecutionStatus::Succeeded,
        SfnStatus::Failed => ExecutionStatus::Failed,
        SfnStatus::TimedOut | SfnStatus::Aborted => ExecutionStatus::Stopped,
        other => {
            return Err(Failure::new(
                ErrorName::Internal,
                format!("execution {arn} has the unknown status {other}"),
            ));
        }
    };
    Ok(Execution {
        arn,
        status,
        input: answer.input.unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests;
