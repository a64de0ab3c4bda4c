//! The Lambda `avm-metering`: reports what each account costs, month by month.
//! It is no step of a vend; what it asks of whom is here, the work is in the library beside this file.

use avm_aws::documents::ParameterStore;
use avm_aws::environment::{
    AVM_MACHINE_NAME, AVM_MANAGEMENT_ACCOUNT_ID, AVM_METERING_BUCKET, AVM_METERING_KEY_ARN,
    AWS_REGION,
};
use avm_aws::host::Aws;
use avm_aws::metering::accounts::OrganizationKnownAccounts;
use avm_aws::metering::cost_explorer::CostExplorer;
use avm_aws::metering::report_store::S3ReportStore;
use avm_aws::sessions::{Hop, Sessions};
use avm_aws::{clock, lambda};
use avm_core::domain::{AccountId, MachineName, Region};
use avm_core::doors::Door;
use metering::{Clock, NAME, Outside, ROLE, meter, settings};

fn main() -> Result<(), lambda_runtime::Error> {
    lambda::start(async |environment| {
        let payer: AccountId = environment.read(AVM_MANAGEMENT_ACCOUNT_ID)?;
        let region: Region = environment.read(AWS_REGION)?;
        let bucket: String = environment.read(AVM_METERING_BUCKET)?;
        let key: String = environment.read(AVM_METERING_KEY_ARN)?;
        let partition = region.partition();
        let machine: MachineName = environment.read(AVM_MACHINE_NAME)?;
        let role = machine.role(ROLE).ok_or("the role has no name")?;
        let way = [Hop {
            role: payer.role_arn(partition, &role),
            asks_for_external_id: true,
        }];
        let own = avm_aws::patient_loader().load().await;
        let sessions = Sessions::new(own.clone());
        let documents = ParameterStore::new(&own);
        let key = Some(key).filter(|key| !key.is_empty());
        let store = S3ReportStore::of(own, region, bucket, key);
        let aws = Aws::new(&environment).await?;
        lambda::serve_with_time(NAME, async |event, left| {
            let work = async |event| {
                let settings = settings(&documents).await?;
                let management = sessions.through(&way, NAME).await?;
                let most = settings.max_requests_per_run;
                let outside = Outside {
                    costs: &CostExplorer::of(management.clone(), partition, most),
                    accounts: &OrganizationKnownAccounts::of(&management, partition),
                    store: &store,
                    payer: &payer,
                };
                let clock = Clock {
                    now: &clock::now,
                    left: &|| left.now(),
                    print: &|line| println!("{line}"),
                };
                meter(&event, &settings, &outside, &clock).await
            };
            aws.answer(event, &[Door::Metering], work).await
        })
        .await
    })
}
