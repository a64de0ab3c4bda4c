//! The Lambda `avm-reconcile`: looks at the vended accounts, for the state machine of that name.
//! It only reads, through roles that could not write; what a night comes to is a metric, too.

use avm_aws::environment::{
    AVM_ACCOUNT_ACCESS_ROLE_NAME, AVM_DOWNGRADE_POLICY, AVM_MACHINE_NAME, AVM_STACK_SET_NAMES,
};
use avm_aws::host::Aws;
use avm_aws::lambda;
use avm_aws::metrics::{self, Metric};
use reconcile::{DOORS, NAME, Power, Settings, answer};

fn main() -> Result<(), lambda_runtime::Error> {
    lambda::start(async |environment| {
        let settings = Settings {
            machine: environment.read(AVM_MACHINE_NAME)?,
            access_role: environment.read(AVM_ACCOUNT_ACCESS_ROLE_NAME)?,
            policy: environment.read(AVM_DOWNGRADE_POLICY)?,
            stack_sets: environment.read(AVM_STACK_SET_NAMES)?,
        };
        let aws = Aws::new(&environment).await?;
        lambda::serve_behind(NAME, DOORS, &aws, async |event| {
            answer(event, &settings, &aws, measure).await
        })
        .await
    })
}

fn measure(power: Power) {
    let metric = |name, unit, value| Metric { name, unit, value };
    metrics::write(&[
        metric("PowerfulAccessRoles", "Count", power.roles),
        metric(
            "OldestPowerfulAccessRoleAge",
            "Seconds",
            power.oldest_hours * 3600,
        ),
    ]);
}
