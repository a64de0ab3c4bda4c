//! Moves the account to its organizational unit, or says which one its enrollment is to move it to.
//! Wiring only: what the step does is in the library.

use avm_aws::environment::{
    AVM_EXTERNAL_ID, AVM_MESHCLOUD_ACCOUNT_ID, AVM_PLACEMENT_ROLE_ARN, Environment,
};
use avm_aws::organizational_units::OrganizationsTree;
use avm_aws::sessions::{Hop, Sessions, session_name};
use avm_aws::{self as aws, lambda};
use avm_core::domain::{AccountId, RoleArn};
use avm_core::rules::standing_accounts::StandingAccounts;
use place_account::{Request, STEP, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    lambda::start_log();
    let environment = Environment::of_process();
    let placement_role: RoleArn = environment.read(AVM_PLACEMENT_ROLE_ARN)?;
    let external_id = environment.read(AVM_EXTERNAL_ID)?;
    let meshcloud: AccountId = environment.read(AVM_MESHCLOUD_ACCOUNT_ID)?;
    let to_placement = Hop::with_external_id(placement_role.clone(), external_id);
    let sessions = Sessions::new(aws::configuration().await);

    lambda::serve(STEP, async |event| {
        let request: Request = lambda::decode(event)?;
        let session = session_name(&request.execution);
        let placement = sessions
            .through(std::slice::from_ref(&to_placement), &session)
            .await?;
        let standing = StandingAccounts::of(&placement_role, &request.execution, &meshcloud);
        handle(&request, &standing, &OrganizationsTree::of(&placement)).await
    })
    .await
}
