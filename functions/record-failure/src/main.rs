//! Records on the account why its vend failed.
fn main() {}
