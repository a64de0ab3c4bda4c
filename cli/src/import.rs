//! `avm config import`: starts the program that imports.
//! It is built in a workspace of its own, `cli/import`, because its reader of Dhall would change what the AWS SDK is built of.

use std::env;
use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

const PROGRAM: &str = "avm-config-import";
const HOW_TO_BUILD: &str = "cargo build --manifest-path cli/import/Cargo.toml --target-dir target";

/// Runs the program with these arguments; its exit code is ours.
pub fn run(arguments: &[OsString]) -> ExitCode {
    let reason = match Command::new(program()).args(arguments).status() {
        Ok(status) => match status.code().map(u8::try_from) {
            Some(Ok(code)) => return ExitCode::from(code),
            _ => format!("{PROGRAM} ended without an exit code: {status}"),
        },
        Err(error) if error.kind() == ErrorKind::NotFound => format!(
            "{PROGRAM} is neither beside this program nor in PATH; in the repository, `{HOW_TO_BUILD}` builds it"
        ),
        Err(error) => format!("{PROGRAM} cannot be started: {error}"),
    };
    eprintln!("avm: {reason}");
    ExitCode::from(2)
}

/// The one beside this program, as cargo builds both into one folder; otherwise the one in PATH.
fn program() -> PathBuf {
    let beside = env::current_exe().map(|own| own.with_file_name(PROGRAM));
    beside
        .ok()
        .filter(|path| path.is_file())
        .unwrap_or_else(|| PROGRAM.into())
}
