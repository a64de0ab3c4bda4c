//! Moves the account to its organizational unit.
fn main() {}
