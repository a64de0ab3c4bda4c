//! The command `avm`.
fn main() {}
