//! The Lambda `avm-stopped-vend`: told by EventBridge of a vend that was aborted or ran out of time.
//! It is no step: no execution calls it any more; the work is in the library beside this file.

use avm_aws::environment::AVM_FAILURE_TOPIC_ARN;
use avm_aws::host::Aws;
use avm_aws::notices::Topic;
use avm_aws::{clock, lambda};
use avm_core::domain::ExecutionArn;
use avm_core::json;
use avm_entry_point::execution_name::Month;
use aws_lambda_events::event::eventbridge::EventBridgeEvent;
use serde::{Deserialize, Serialize};
use stopped_vend::{DOORS, NAME, handle};

/// What is read of "Step Functions Execution Status Change": the rest is asked of Step Functions.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StatusChange {
    execution_arn: ExecutionArn,
}

fn main() -> Result<(), lambda_runtime::Error> {
    lambda::start(async |environment| {
        let topic = Topic::new(
            &avm_aws::configuration().await,
            environment.read(AVM_FAILURE_TOPIC_ARN)?,
        );
        let aws = Aws::new(&environment).await?;
        lambda::serve_behind(NAME, DOORS, &aws, async |event| {
            let event: EventBridgeEvent<StatusChange> = json::decode(event)?;
            let now = Month::of(&clock::now())?;
            let machine = aws.executions()?;
            let execution = &event.detail.execution_arn;
            handle(execution, now, &aws, machine, &topic, tokio::time::sleep).await
        })
        .await
    })
}
