//! Sets the alternate contacts of the account and enables its opt-in regions.
//! Wiring only: what the step does is in the library.

use account_settings::{Request, STEP, handle};
use avm_aws::account_settings::OrganizationAccountSettings;
use avm_aws::environment::{
    AVM_ACCOUNT_SETTINGS_ROLE_ARN, AVM_EXTERNAL_ID, AVM_MESHCLOUD_ACCOUNT_ID, Environment,
};
use avm_aws::sessions::{Hop, Sessions, session_name};
use avm_aws::{self as aws, lambda};
use avm_core::domain::{AccountId, RoleArn};
use avm_core::rules::standing_accounts::StandingAccounts;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    lambda::start_log();
    let environment = Environment::of_process();
    let settings_role: RoleArn = environment.read(AVM_ACCOUNT_SETTINGS_ROLE_ARN)?;
    let external_id = environment.read(AVM_EXTERNAL_ID)?;
    let meshcloud: AccountId = environment.read(AVM_MESHCLOUD_ACCOUNT_ID)?;
    let to_management = Hop::with_external_id(settings_role.clone(), external_id);
    let sessions = Sessions::new(aws::configuration().await);

    lambda::serve(STEP, async |event| {
        let request: Request = lambda::decode(event)?;
        let management = sessions
            .through(
                std::slice::from_ref(&to_management),
                &session_name(&request.execution),
            )
            .await?;
        let standing = StandingAccounts::of(&settings_role, &request.execution, &meshcloud);
        let settings = OrganizationAccountSettings::of(&management);
        handle(&request, &standing, &settings).await
    })
    .await
}
