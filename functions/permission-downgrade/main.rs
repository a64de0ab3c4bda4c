//! The Lambda `avm-permission-downgrade`: takes the access role down to its minimum policy, for the machine only.
//! Which step it is; the step itself is the library beside this file. What callers may invoke is `alone.rs`.

fn main() -> Result<(), lambda_runtime::Error> {
    avm_aws::lambda::main::<permission_downgrade::PermissionDowngrade>()
}
