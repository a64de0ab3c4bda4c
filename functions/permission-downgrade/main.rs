//! Takes the powerful access role down to a minimum.
//! Wiring only: the work is in the library.

use avm_aws::environment::{
    AVM_ACCOUNT_ACCESS_ROLE_NAME, AVM_AUTOMATION_ACCOUNT_ID, AVM_DOWNGRADE_POLICY,
    AVM_MANAGEMENT_ACCOUNT_ID, AVM_MESHCLOUD_ACCOUNT_ID, Environment,
};
use avm_aws::role_policies::IamRolePolicies;
use avm_aws::sessions::{Hop, Sessions};
use avm_aws::{self as aws, lambda};
use avm_core::domain::{Region, RoleName};
use avm_core::rules::standing_accounts::StandingAccounts;
use permission_downgrade::{Alone, Target, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    lambda::start_log();
    let environment = Environment::of_process();
    let alone = Alone {
        access_role: environment.read(AVM_ACCOUNT_ACCESS_ROLE_NAME)?,
        policy: environment.read(AVM_DOWNGRADE_POLICY)?,
        standing: StandingAccounts::new(
            environment.read(AVM_MANAGEMENT_ACCOUNT_ID)?,
            environment.read(AVM_AUTOMATION_ACCOUNT_ID)?,
            environment.read(AVM_MESHCLOUD_ACCOUNT_ID)?,
        ),
    };
    // Set by Lambda; the accounts of an organization are in one partition.
    let region: Region = environment.read("AWS_REGION")?;
    let execution_role: RoleName = permission_downgrade::EXECUTION_ROLE.parse()?;
    let sessions = Sessions::new(aws::configuration().await);

    lambda::serve_callers("permission-downgrade", async |event| {
        let target = Target::read(event, &alone)?;
        let partition = region.partition();
        let hop = Hop::without_external_id(target.account.role_arn(partition, &execution_role));
        let configuration = sessions
            .through(&[hop], &target.session_name())
            .await
            .map_err(|failure| target.could_not_enter(failure))?;
        handle(&target, partition, &IamRolePolicies::of(&configuration)).await
    })
    .await
}
