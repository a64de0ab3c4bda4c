//! Creates or adopts the account and proves that it can be used.
//! Wiring only: what the step does is in the library.

use create_account::{Request, STEP, handle};
use shared::aws::accounts::OrganizationAccounts;
use shared::aws::readiness::AccessRoleReadiness;
use shared::aws::sessions::{Hop, Sessions, session_name};
use shared::domain::RoleArn;
use shared::environment::{
    AVM_ACCOUNTS_ROLE_ARN, AVM_EXTERNAL_ID, AVM_MEMBER_ACCESS_ROLE_ARN, Environment, ExternalId,
};
use shared::standing_accounts::StandingAccounts;
use shared::{aws, lambda};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    lambda::start_log();
    let environment = Environment::of_process();
    let external_id: ExternalId = environment.read(AVM_EXTERNAL_ID)?;
    let accounts_role: RoleArn = environment.read(AVM_ACCOUNTS_ROLE_ARN)?;
    let member_access_role = environment.read(AVM_MEMBER_ACCESS_ROLE_ARN)?;
    let to_accounts = Hop::with_external_id(accounts_role.clone(), external_id.clone());
    let to_members = Hop::with_external_id(member_access_role, external_id);
    let sessions = Sessions::new(aws::configuration().await);

    lambda::serve(STEP, async |event| {
        let request: Request = lambda::decode(event)?;
        let session = session_name(&request.execution);
        let management = sessions
            .through(std::slice::from_ref(&to_accounts), &session)
            .await?;
        let standing = StandingAccounts::of(&accounts_role, &request.execution);
        let accounts = OrganizationAccounts::of(&management);
        let readiness = AccessRoleReadiness::new(&sessions, to_members.clone(), session);
        handle(&request, &standing, &accounts, &readiness).await
    })
    .await
}
