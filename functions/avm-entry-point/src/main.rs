//! The Lambda `AVMEntryPoint`, the one function that meshStack may invoke.
//! Wiring only: the work is in the library.

use avm_entry_point::execution_name::Month;
use avm_entry_point::handle;
use shared::aws::clock;
use shared::aws::documents::ParameterStore;
use shared::aws::executions::StepFunctions;
use shared::environment::{AVM_STATE_MACHINE_ARN, Environment};
use shared::{aws, lambda};

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
