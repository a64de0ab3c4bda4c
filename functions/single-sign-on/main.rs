//! The Lambda `avm-single-sign-on`: lets the groups of a project into its account.
//! Which step it is; the step itself is the library beside this file.

fn main() -> Result<(), lambda_runtime::Error> {
    avm_aws::lambda::main::<single_sign_on::SingleSignOn>()
}
