//! Takes meshStack's call, starts the vend and answers at once.
fn main() {}
