//! The Lambda `AVMEntryPoint`, the one function that meshStack may invoke.
//! Wiring only: the work is in the library.

use avm_aws::clock;
use avm_aws::documents::ParameterStore;
use avm_aws::environment::{AVM_STATE_MACHINE_ARN, Environment};
use avm_aws::executions::StepFunctions;
use avm_aws::{self as aws, lambda};
use avm_entry_point::execution_name::Month;
use avm_entry_point::handle;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    lambda::start_log();
    let machine = Environment::of_process().read(AVM_STATE_MACHINE_ARN)?;
    let configuration = aws::impatient_configuration().await;
    let documents = ParameterStore::new(&configuration);
    let executions = StepFunctions::new(&configuration, machine);

    lambda::serve_callers("AVMEntryPoint", async |event| {
        let month = Month::of(&clock::now())?;
        handle(&event, month, &documents, &executions).await
    })
    .await
}
