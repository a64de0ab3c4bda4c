//! Creates or adopts the account and proves that it can be used.
//! Wiring only: what the step does is in the library.

use avm_aws::account_tags::OrganizationsAccountTags;
use avm_aws::accounts::OrganizationAccounts;
use avm_aws::environment::{
    AVM_ACCOUNTS_ROLE_ARN, AVM_EXTERNAL_ID, AVM_MEMBER_ACCESS_ROLE_ARN, AVM_MESHCLOUD_ACCOUNT_ID,
    Environment, ExternalId,
};
use avm_aws::readiness::AccessRoleReadiness;
use avm_aws::sessions::{Hop, Sessions, session_name};
use avm_aws::{self as aws, lambda};
use avm_core::domain::{AccountId, RoleArn};
use avm_core::rules::standing_accounts::StandingAccounts;
use create_account::{Request, STEP, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    lambda::start_log();
    let environment = Environment::of_process();
    let external_id: ExternalId = environment.read(AVM_EXTERNAL_ID)?;
    let accounts_role: RoleArn = environment.read(AVM_ACCOUNTS_ROLE_ARN)?;
    let member_access_role = environment.read(AVM_MEMBER_ACCESS_ROLE_ARN)?;
    let meshcloud: AccountId = environment.read(AVM_MESHCLOUD_ACCOUNT_ID)?;
    let to_accounts = Hop::with_external_id(accounts_role.clone(), external_id.clone());
    let to_members = Hop::with_external_id(member_access_role, external_id);
    let sessions = Sessions::new(aws::configuration().await);

    lambda::serve(STEP, async |event| {
        let request: Request = lambda::decode(event)?;
        let session = session_name(&request.execution);
        let management = sessions
            .through(std::slice::from_ref(&to_accounts), &session)
            .await?;
        let standing = StandingAccounts::of(&accounts_role, &request.execution, &meshcloud);
        let accounts = OrganizationAccounts::of(&management);
        let tags = OrganizationsAccountTags::of(&management);
        let readiness = AccessRoleReadiness::new(&sessions, to_members.clone(), session);
        handle(&request, &standing, &accounts, &tags, &readiness).await
    })
    .await
}
