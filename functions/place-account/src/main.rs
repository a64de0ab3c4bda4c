//! Moves the account to its organizational unit, or says which one its enrolment is to move it to.
//! Wiring only: what the step does is in the library.

use place_account::{Request, STEP, handle};
use shared::aws::organizational_units::OrganizationsTree;
use shared::aws::sessions::{Hop, Sessions, session_name};
use shared::domain::{AccountId, RoleArn};
use shared::environment::{
    AVM_EXTERNAL_ID, AVM_MESHCLOUD_ACCOUNT_ID, AVM_PLACEMENT_ROLE_ARN, Environment,
};
use shared::standing_accounts::StandingAccounts;
use shared::{aws, lambda};

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
