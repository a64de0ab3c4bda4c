//! Gives the account its alias.
//! Wiring only: what the step does is in the library.

use account_alias::{Request, STEP, handle};
use avm_aws::account_aliases::IamAccountAliases;
use avm_aws::environment::{AVM_EXTERNAL_ID, AVM_MEMBER_ACCESS_ROLE_ARN, Environment};
use avm_aws::sessions::{Hop, Sessions, session_name};
use avm_aws::{self as aws, lambda};
use avm_core::domain::RoleArn;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    lambda::start_log();
    let environment = Environment::of_process();
    let member_access: RoleArn = environment.read(AVM_MEMBER_ACCESS_ROLE_ARN)?;
    let partition = member_access.partition().to_owned();
    let to_management = Hop::with_external_id(member_access, environment.read(AVM_EXTERNAL_ID)?);
    let sessions = Sessions::new(aws::configuration().await);

    lambda::serve(STEP, async |event| {
        let request: Request = lambda::decode(event)?;
        let account = &request.rest.account.account_id;
        let access_role = &request.order.platform.account_access_role;
        let access_role = account.role_arn(&partition, access_role);
        let hops = [to_management.clone(), Hop::without_external_id(access_role)];
        let configuration = sessions
            .through(&hops, &session_name(&request.execution))
            .await
            .map_err(|failure| failure.of_account(account))?;
        handle(&request, &IamAccountAliases::of(&configuration)).await
    })
    .await
}
