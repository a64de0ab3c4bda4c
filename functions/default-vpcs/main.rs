//! The Lambda `avm-default-vpcs`: deletes the default VPCs of all enabled regions.
//! Which step it is; the step itself is the library beside this file.

fn main() -> Result<(), lambda_runtime::Error> {
    avm_aws::lambda::main::<default_vpcs::DefaultVpcs>()
}
