//! The Lambda `avm-identity-provider`: makes the SAML provider and the roles that trust it.
//! Which step it is; the step itself is the library beside this file.

fn main() -> Result<(), lambda_runtime::Error> {
    avm_aws::lambda::main::<identity_provider::IdentityProvider>()
}
