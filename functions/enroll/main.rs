//! The Lambda `avm-enroll`: enrolls the account with AWS Control Tower.
//! Which step it is; the step itself is the library beside this file.

fn main() -> Result<(), lambda_runtime::Error> {
    avm_aws::lambda::main::<enroll::Enroll>()
}
