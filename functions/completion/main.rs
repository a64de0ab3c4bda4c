//! The Lambda `avm-completion`: verifies the account from outside, then tags it.
//! Which step it is; the step itself is the library beside this file.

fn main() -> Result<(), lambda_runtime::Error> {
    avm_aws::lambda::main::<completion::Completion>()
}
