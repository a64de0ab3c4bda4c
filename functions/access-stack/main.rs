//! The Lambda `avm-access-stack`: deploys the stack that lets StackSets into the account.
//! Which step it is; the step itself is the library beside this file.

fn main() -> Result<(), lambda_runtime::Error> {
    avm_aws::lambda::main::<access_stack::AccessStack>()
}
