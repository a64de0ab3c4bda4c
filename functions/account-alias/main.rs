//! The Lambda `avm-account-alias`: gives the account its alias.
//! Which step it is; the step itself is the library beside this file.

fn main() -> Result<(), lambda_runtime::Error> {
    avm_aws::lambda::main::<account_alias::AccountAlias>()
}
