//! The Lambda `avm-apply-stackset`: rolls a StackSet of the landing zone out to the account.
//! Which step it is; the step itself is the library beside this file.

fn main() -> Result<(), lambda_runtime::Error> {
    avm_aws::lambda::main::<apply_stackset::ApplyStackSet>()
}
