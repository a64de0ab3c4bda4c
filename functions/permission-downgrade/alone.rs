//! The Lambda `PermissionDowngrade`: takes the access role down to a minimum, for callers outside of the machine.
//! What they are answered is in the library beside this file; the machine's own function is `main.rs`.

use avm_aws::environment::{AVM_ACCOUNT_ACCESS_ROLE_NAME, AVM_DOWNGRADE_POLICY};
use avm_aws::host::Aws;
use avm_aws::lambda;
use avm_core::step::Step;
use permission_downgrade::{Alone, PermissionDowngrade, answer};

fn main() -> Result<(), lambda_runtime::Error> {
    lambda::start(async |environment| {
        let alone = Alone {
            access_role: environment.read(AVM_ACCOUNT_ACCESS_ROLE_NAME)?,
            policy: environment.read(AVM_DOWNGRADE_POLICY)?,
        };
        let aws = Aws::new(&environment).await?;
        lambda::serve_callers(PermissionDowngrade::NAME, async |event| {
            answer(event, &alone, &aws, tokio::time::sleep).await
        })
        .await
    })
}
