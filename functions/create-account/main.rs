//! The Lambda `avm-create-account`: creates or adopts the account, and proves that it can be used.
//! Which step it is; the step itself is the library beside this file.

fn main() -> Result<(), lambda_runtime::Error> {
    avm_aws::lambda::main::<create_account::CreateAccount>()
}
