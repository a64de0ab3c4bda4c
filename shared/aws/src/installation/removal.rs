//! Taking an installation away: stacks, one after the other, and the parameters of the configuration.
//! What a template retains stays.

use std::time::Duration;

use aws_sdk_cloudformation::types::StackStatus;

use super::Installation;
use crate::call::{Answered, Called};
use avm_core::error::{ErrorName, Failure};

/// A stack with its applications goes in a few minutes; this is an hour.
const LOOKS: u32 = 720;
const BETWEEN_LOOKS: Duration = Duration::from_secs(5);
const FIRST_LOOK: Duration = Duration::from_millis(300);
/// SSM: so many at a time.
const AT_ONCE: usize = 10;

impl Installation {
    /// Deletes a stack and waits until it is gone.
    pub async fn delete_stack(&self, name: &str) -> Result<(), Failure> {
        let Some((id, _)) = self.find_stack(name).await? else {
            return Ok(());
        };
        let call = self.cloudformation().delete_stack().stack_name(&id);
        call.send().await.of_call("cloudformation:DeleteStack")?;
        for look in 0..LOOKS {
            let pause = if look == 0 { FIRST_LOOK } else { BETWEEN_LOOKS };
            tokio::time::sleep(pause).await;
            // By its id: a name is forgotten with its stack.
            match self.find_stack(&id).await? {
                None | Some((_, StackStatus::DeleteComplete)) => return Ok(()),
                Some((_, StackStatus::DeleteFailed)) => return Err(not_deleted(name)),
                Some(_) => {}
            }
        }
        Err(Failure::new(
            ErrorName::ServiceUnavailable,
            format!("{name}: its deletion does not end"),
        ))
    }

    /// Its id and its status.
    pub(super) async fn find_stack(
        &self,
        name: &str,
    ) -> Result<Option<(String, StackStatus)>, Failure> {
        let call = self.cloudformation().describe_stacks().stack_name(name);
        let answer = call.send().await.of_call("cloudformation:DescribeStacks");
        // CloudFormation says so of a stack that does not exist.
        let answer = answer.unless(&["ValidationError"])?;
        let stacks = answer.and_then(|answer| answer.stacks);
        Ok(stacks.into_iter().flatten().find_map(|stack| {
            let status = stack.stack_status?;
            Some((stack.stack_id?, status))
        }))
    }

    /// Deletes parameters; those that are gone already are no failure.
    pub async fn delete_parameters(&self, names: &[String]) -> Result<(), Failure> {
        let client = aws_sdk_ssm::Client::new(&self.configuration);
        for some in names.chunks(AT_ONCE) {
            let call = client.delete_parameters().set_names(Some(some.to_vec()));
            call.send().await.of_call("ssm:DeleteParameters")?;
        }
        Ok(())
    }
}

fn not_deleted(name: &str) -> Failure {
    Failure::new(
        ErrorName::StackFailed,
        format!("{name}: CloudFormation could not delete it"),
    )
    .with_remedy(
        "look at its events (`aws cloudformation describe-stack-events`), repair what they name, and run the command again",
    )
}
