//! The Lambda `avm-elevation`: gives the access role its power back for one vend that needs it.
//! Which step it is; the step itself is the library beside this file.

fn main() -> Result<(), lambda_runtime::Error> {
    avm_aws::lambda::main::<elevation::Elevation>()
}
