//! Deploys the stack that lets StackSets into the account.
