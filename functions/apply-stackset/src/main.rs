//! Rolls a StackSet of the landing zone out to the account.
fn main() {}
