//! The Lambda `AVMEntryPoint`: the one function that meshStack may invoke.
//! It is no step: it makes the order and starts the machine; the work is in the library beside this file.

use avm_aws::documents::ParameterStore;
use avm_aws::environment::{AVM_MACHINE_NAME, AVM_STATE_MACHINE_ARN};
use avm_aws::executions::StepFunctions;
use avm_aws::{clock, lambda};
use avm_core::ports::documents::KeptDocuments;
use avm_entry_point::execution_name::Month;
use avm_entry_point::{Settings, handle};

fn main() -> Result<(), lambda_runtime::Error> {
    lambda::start(async |environment| {
        let machine = environment.read(AVM_STATE_MACHINE_ARN)?;
        let settings = Settings {
            machine: environment.read(AVM_MACHINE_NAME)?,
            ways_out: environment.ways_out()?,
        };
        let configuration = avm_aws::impatient_configuration().await;
        let documents = ParameterStore::new(&configuration);
        let documents = KeptDocuments::new(documents, KeptDocuments::<ParameterStore>::LIFE);
        let executions = StepFunctions::new(&configuration, machine);
        lambda::serve_callers("AVMEntryPoint", async |event| {
            let month = Month::of(&clock::now())?;
            handle(&event, month, &settings, &documents, &executions).await
        })
        .await
    })
}
