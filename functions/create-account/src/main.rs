//! Creates or adopts the account and proves that it can be used.
fn main() {}
