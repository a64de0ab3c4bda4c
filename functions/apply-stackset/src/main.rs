//! Rolls a StackSet of the landing zone out to the account.
//! Wiring only: the work is in the library.

use apply_stackset::handle;
use avm_aws::stack_sets::CloudFormationStackSets;
use avm_aws::{self as aws, lambda};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    lambda::start_log();
    let stack_sets = CloudFormationStackSets::new(&aws::configuration().await);

    lambda::serve("apply-stackset", async |event| {
        handle(&lambda::decode(event)?, &stack_sets).await
    })
    .await
}
