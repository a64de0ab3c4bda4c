//! The command `avm-config-import`, which `avm config import` starts.
//! Exit codes: 0 done; 1 the file or a document made of it has problems; 2 wrong usage, or the work could not be done.

use std::process::ExitCode;

use avm_import::{Options, Outcome};
use clap::Parser;

/// Turn meshStack's configuration of an AWS platform (Aws.dhall) into documents
///
/// Reads the older record (platform, region, accountEmailPattern, …) and the newer sections (aws-sso, mesh-idb), in
/// camelCase or kebab-case; imports of local files are followed. Writes DIR/platform.json and
/// DIR/landing-zones/<name>.json, and prints for every option of meshStack where it went, or why it is not carried
/// over. An unknown option is an error. Secrets are neither printed nor written. What meshStack's file does not have is
/// taken from the options; one that is missing is named.
#[derive(Parser)]
#[command(name = "avm config import", bin_name = "avm config import", version)]
struct Arguments {
    #[command(flatten)]
    options: Options,
}

fn main() -> ExitCode {
    match avm_import::run(&Arguments::parse().options) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Problems) => ExitCode::from(1),
        Err(reason) => {
            eprintln!("avm: {reason}");
            ExitCode::from(2)
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_are_well_formed() {
        Arguments::command().debug_assert();
    }
}
