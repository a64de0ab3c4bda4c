//! The Lambda `avm-record-failure`: records on the account why its vend failed.
//! Which step it is; the step itself is the library beside this file.

fn main() -> Result<(), lambda_runtime::Error> {
    avm_aws::lambda::main::<record_failure::RecordFailure>()
}
