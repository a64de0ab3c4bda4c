//! The Lambda `avm-account-settings`: sets alternate contacts and enables opt-in regions.
//! Which step it is; the step itself is the library beside this file.

fn main() -> Result<(), lambda_runtime::Error> {
    avm_aws::lambda::main::<account_settings::AccountSettings>()
}
