//! The Lambda `avm-plan`: answers what a step would do, and writes nothing.
//! Its roles could not: every door of a step is opened through a role that only reads.

use avm_aws::host::Aws;
use avm_aws::lambda;

fn main() -> Result<(), lambda_runtime::Error> {
    lambda::start(async |environment| {
        let aws = Aws::that_only_looks(&environment).await?;
        lambda::serve_behind(plan::NAME, &plan::DOORS, &aws, async |event| {
            plan::plan(event, &aws).await
        })
        .await
    })
}
