//! The state machine `avm-doctor`: it asks every function of the machine whether the trusts let it into its roles.
//! Whoever may start it needs no right to invoke a function.

use std::time::Duration;

use aws_sdk_sfn::Client;
use aws_sdk_sfn::types::ExecutionStatus;
use serde::Deserialize;
use serde_json::json;

use super::Installation;
use crate::call::{Answered, Called};
use avm_core::domain::{AccountId, RoleArn, RoleName};
use avm_core::error::{ErrorName, Failure};

const MACHINE: &str = "avm-doctor";
const START: &str = "states:StartExecution";
const DESCRIBE: &str = "states:DescribeExecution";
/// A function that is asked may wait for a minute; all are asked side by side.
const LOOKS: u32 = 150;
const BETWEEN_LOOKS: Duration = Duration::from_secs(1);

/// An account whose roles are tried, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    pub account: AccountId,
    pub access_role: RoleName,
}

/// A function, and what it has answered.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Asked {
    pub function: String,
    /// The version that it was built as; none: it has not answered.
    pub version: Option<String>,
    #[serde(default)]
    pub trusts: Vec<Trial>,
    /// Why it has not answered.
    pub error: Option<String>,
    pub cause: Option<String>,
}

/// A role that a function has tried.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Trial {
    pub role: RoleArn,
    /// Why it could not be assumed, if so.
    pub error: Option<String>,
    pub cause: Option<String>,
}

impl Installation {
    /// Has every function of the machine try its roles, by the machine `avm-doctor` beside that of the vends; none: there is no
    /// such machine, as in an earlier version.
    pub async fn ask_functions(
        &self,
        of_vends: &str,
        subject: Option<&Subject>,
    ) -> Result<Option<Vec<Asked>>, Failure> {
        let beside = of_vends.rsplit_once(':').map_or("", |(before, _)| before);
        let machine = format!("{beside}:{MACHINE}");
        let client = Client::new(&self.configuration);
        let input = json!({
            "AccountId": subject.map(|subject| &subject.account),
            "AccessRole": subject.map(|subject| &subject.access_role),
        });
        let call = client.start_execution().state_machine_arn(machine);
        let answer = call.input(input.to_string()).send().await;
        let answer = answer
            .of_call(START)
            .unless(&["StateMachineDoesNotExist"])?;
        let Some(started) = answer else {
            return Ok(None);
        };
        for _ in 0..LOOKS {
            let call = client.describe_execution();
            let answer = call.execution_arn(&started.execution_arn).send().await;
            let answer = answer.of_call(DESCRIBE)?;
            match answer.status {
                ExecutionStatus::Running => tokio::time::sleep(BETWEEN_LOOKS).await,
                ExecutionStatus::Succeeded => return read(&answer.output.unwrap_or_default()),
                status => return Err(failed(status.as_str())),
            }
        }
        Err(failed("still running"))
    }
}

fn read(output: &str) -> Result<Option<Vec<Asked>>, Failure> {
    serde_json::from_str(output)
        .map(Some)
        .map_err(|error| Failure::new(ErrorName::Internal, format!("{MACHINE} answered: {error}")))
}

fn failed(status: &str) -> Failure {
    let words = format!("the execution of {MACHINE} is {status}");
    Failure::new(ErrorName::ServiceUnavailable, words)
}
