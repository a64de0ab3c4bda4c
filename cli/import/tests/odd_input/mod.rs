//! Any text as a file for `avm config import`: no panic, and faults in one line each.
//! The options are those with which the smallest file is accepted.

use avm_core::domain::one_line;
use avm_import::Options;
use clap::Parser;

#[derive(Parser)]
struct Command {
    #[command(flatten)]
    options: Options,
}

/// Imports a text, or says everything that is wrong with it.
pub fn import(text: &str) -> Result<(), Vec<String>> {
    let command = Command::parse_from([
        "import",
        "Aws.dhall",
        "--landing-zone-name=sandbox",
        "--organizational-unit=Workloads/Sandbox",
        "--downgrade=standard",
        "--account-name-pattern=%s-%s",
        "--account-alias-pattern=acme-%s-%s",
        "--identity-store-id=d-1234567890",
        "--single-sign-on-region=eu-central-1",
        "--without-scim",
        "--metadata-url=https://idp.example.com/descriptor",
    ]);
    avm_import::check_text(text, &command.options).inspect_err(|faults| {
        assert!(!faults.is_empty());
        for fault in faults {
            assert_eq!(one_line(fault), *fault);
        }
    })
}
