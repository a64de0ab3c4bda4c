//! The command `avm`.
//! Nothing but the start: the command is in the library, so that tests can call its parts.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    avm::run().await
}
