//! Deploys the stack that lets StackSets into the account.
//! Wiring only: the work is in the library.

use access_stack::{Request, StandingAccountIds, handle};
use avm_aws::environment::{
    AVM_AUTOMATION_ACCOUNT_ID, AVM_EXTERNAL_ID, AVM_MANAGEMENT_ACCOUNT_ID,
    AVM_MEMBER_ACCESS_ROLE_ARN, Environment,
};
use avm_aws::sessions::{Hop, Sessions, session_name};
use avm_aws::stacks::CloudFormationStacks;
use avm_aws::{self as aws, lambda};
use avm_core::domain::RoleArn;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    lambda::start_log();
    let environment = Environment::of_process();
    let standing_accounts = StandingAccountIds {
        automation: environment.read(AVM_AUTOMATION_ACCOUNT_ID)?,
        management: environment.read(AVM_MANAGEMENT_ACCOUNT_ID)?,
    };
    let member_access: RoleArn = environment.read(AVM_MEMBER_ACCESS_ROLE_ARN)?;
    let partition = member_access.partition().to_owned();
    let to_management = Hop::with_external_id(member_access, environment.read(AVM_EXTERNAL_ID)?);
    let sessions = Sessions::new(aws::configuration().await);

    lambda::serve("access-stack", async |event| {
        let request: Request = lambda::decode(event)?;
        let account = &request.rest.account.account_id;
        let platform = &request.order.platform;
        let access_role = account.role_arn(&partition, &platform.account_access_role);
        let hops = [to_management.clone(), Hop::without_external_id(access_role)];
        let configuration = sessions
            .through(&hops, &session_name(&request.execution))
            .await
            .map_err(|failure| failure.of_account(account))?;
        let stacks = CloudFormationStacks::in_region(&configuration, &platform.region);
        handle(&request, &standing_accounts, &stacks).await
    })
    .await
}
