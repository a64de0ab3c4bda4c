//! The Lambda `avm-place-account`: moves the account to its organizational unit.
//! Which step it is; the step itself is the library beside this file.

fn main() -> Result<(), lambda_runtime::Error> {
    avm_aws::lambda::main::<place_account::PlaceAccount>()
}
