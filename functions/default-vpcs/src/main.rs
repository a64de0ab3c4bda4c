//! Deletes the default VPCs of the account in all enabled regions.
//! Wiring only: what the step does is in the library.

use avm_aws::ec2::Ec2DefaultVpcs;
use avm_aws::environment::{
    AVM_EXTERNAL_ID, AVM_MEMBER_ACCESS_ROLE_ARN, AVM_MESHCLOUD_ACCOUNT_ID, Environment, ExternalId,
};
use avm_aws::sessions::{Hop, Sessions, VERIFICATION_ROLE, session_name};
use avm_aws::{self as aws, lambda};
use avm_core::domain::{AccountId, RoleArn, RoleName};
use avm_core::rules::standing_accounts::StandingAccounts;
use default_vpcs::{Request, STEP, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    lambda::start_log();
    let environment = Environment::of_process();
    let member_access: RoleArn = environment.read(AVM_MEMBER_ACCESS_ROLE_ARN)?;
    let external_id: ExternalId = environment.read(AVM_EXTERNAL_ID)?;
    let meshcloud: AccountId = environment.read(AVM_MESHCLOUD_ACCOUNT_ID)?;
    let verification_role: RoleName = VERIFICATION_ROLE.parse()?;
    let partition = member_access.partition().to_owned();
    let sessions = Sessions::new(aws::configuration().await);

    lambda::serve(STEP, async |event| {
        let request: Request = lambda::decode(event)?;
        let session = session_name(&request.execution);
        let platform = &request.order.platform;
        let role_in_account = |role| request.rest.account.account_id.role_arn(&partition, role);
        let enter = async |hops: &[Hop]| {
            let member = sessions.through(hops, &session).await?;
            Ok(Ec2DefaultVpcs::of(member, platform.region.clone()))
        };
        let look = async || {
            let role = role_in_account(&verification_role);
            enter(&[Hop::with_external_id(role, external_id.clone())]).await
        };
        let write = async || {
            let role = role_in_account(&platform.account_access_role);
            let management = Hop::with_external_id(member_access.clone(), external_id.clone());
            enter(&[management, Hop::without_external_id(role)]).await
        };
        let standing = StandingAccounts::of(&member_access, &request.execution, &meshcloud);
        handle(&request, &standing, look, write).await
    })
    .await
}
