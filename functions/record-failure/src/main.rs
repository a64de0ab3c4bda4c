//! Records on the account why its vend failed.
//! Wiring only: the work is in the library.

use avm_aws::account_tags::OrganizationsAccountTags;
use avm_aws::clock;
use avm_aws::environment::{AVM_EXTERNAL_ID, AVM_FAILURE_ROLE_ARN, Environment, ExternalId};
use avm_aws::sessions::{Hop, Sessions};
use avm_aws::{self as aws, lambda};
use avm_core::domain::RoleArn;
use record_failure::{Report, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    lambda::start_log();
    let environment = Environment::of_process();
    let role: RoleArn = environment.read(AVM_FAILURE_ROLE_ARN)?;
    let external_id: ExternalId = environment.read(AVM_EXTERNAL_ID)?;
    let hops = [Hop::with_external_id(role, external_id)];
    let sessions = Sessions::new(aws::configuration().await);

    lambda::serve("record-failure", async |event| {
        let report = Report::read(&event);
        handle(&report, &clock::now(), async || {
            let configuration = sessions.through(&hops, &report.session_name()).await?;
            Ok(OrganizationsAccountTags::of(&configuration))
        })
        .await
    })
    .await
}
