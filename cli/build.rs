//! The version that `avm --version` tells: that of the workspace, and the commit where git knows it.
//! A build without git tells it with `AVM_COMMIT`.

use std::env;
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-env-changed=AVM_COMMIT");
    if let Some(log) = git(&["rev-parse", "--git-path", "logs/HEAD"]) {
        println!("cargo:rerun-if-changed={log}");
    }
    let version = env::var("CARGO_PKG_VERSION").unwrap_or_default();
    let given = env::var("AVM_COMMIT").ok();
    let commit = given.or_else(|| git(&["rev-parse", "--short=12", "HEAD"]));
    let commit = commit.map_or_else(String::new, |commit| format!(" ({commit})"));
    println!("cargo:rustc-env=AVM_VERSION={version}{commit}");
}

fn git(arguments: &[&str]) -> Option<String> {
    let answer = Command::new("git").args(arguments).output().ok()?;
    let words = String::from_utf8(answer.stdout).ok()?.trim().to_owned();
    (answer.status.success() && !words.is_empty()).then_some(words)
}
