//! The command `avm`: checks, deploys and imports the configuration of the account vending machine.
//! Exit codes: 0 done; 1 a document or schema has problems; 2 wrong usage, or the work could not be done.

mod check;
mod deploy;
mod documents;
pub mod import;
mod schema;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use avm_aws as aws;
use avm_aws::documents::ParameterStore;
use clap::{Parser, Subcommand};

/// The account vending machine's tool for operators.
#[derive(Parser)]
#[command(
    name = "avm",
    version,
    arg_required_else_help = true,
    after_help = "Exit codes: 0 done; 1 a document or a schema has problems; 2 wrong usage, or the work could not be done."
)]
struct Arguments {
    #[command(subcommand)]
    area: Area,
}

#[derive(Subcommand)]
enum Area {
    /// The platform document and the landing zones
    #[command(subcommand, arg_required_else_help = true)]
    Config(Config),
}

#[derive(Subcommand)]
enum Config {
    /// Check every document and list all problems, one line each
    ///
    /// Reads DIR/platform.json and DIR/landing-zones/<name>.json. A line says `file: field …: what is expected`.
    Check {
        /// The folder of the documents
        #[arg(value_name = "DIR", default_value = "configuration")]
        folder: PathBuf,
    },
    /// Write the JSON Schemas of the documents to DIR/schemas/
    Schema {
        /// The folder of the documents
        #[arg(value_name = "DIR", default_value = "configuration")]
        folder: PathBuf,
        /// Write nothing; say which schemas differ from the types, and exit 1 if any does
        #[arg(long)]
        check: bool,
    },
    /// Check the documents, then put those that differ into the SSM Parameter Store
    ///
    /// DIR/platform.json becomes the parameter /avm/platform, DIR/landing-zones/<name>.json becomes
    /// /avm/landing-zones/<name>. Credentials and region (of the automation account) come from where the AWS CLI takes
    /// them, too. Parameters without a document are named and left alone.
    Deploy {
        /// The folder of the documents
        #[arg(value_name = "DIR", default_value = "configuration")]
        folder: PathBuf,
        /// Change nothing; say what would be done
        #[arg(long)]
        dry_run: bool,
    },
    /// Turn meshStack's configuration of an AWS platform (Aws.dhall) into documents
    ///
    /// Reads the older record (platform, region, accountEmailPattern, …) and the newer sections (aws-sso, mesh-idb), in
    /// camelCase or kebab-case; imports of local files are followed. Writes DIR/platform.json and
    /// DIR/landing-zones/<name>.json, and prints for every option of meshStack where it went, or why it is not carried
    /// over. An option that is not known is an error. Secrets are neither printed nor written. What meshStack's file
    /// does not have is taken from the options; one that is missing is named.
    Import(Box<import::Options>),
}

/// How a command ended, when it could do its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All of it was done.
    Done,
    /// Documents have problems, which have been printed.
    Problems,
}

/// Runs the command that the arguments of the process ask for.
pub async fn run() -> ExitCode {
    let Area::Config(command) = Arguments::parse().area;
    let outcome = match command {
        Config::Check { folder } => check::run(&folder),
        Config::Schema { folder, check } => schema::run(&folder, check),
        Config::Deploy { folder, dry_run } => deploy(&folder, dry_run).await,
        Config::Import(options) => import::run(&options),
    };
    match outcome {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Problems) => ExitCode::from(1),
        Err(reason) => {
            eprintln!("avm: {reason}");
            ExitCode::from(2)
        }
    }
}

async fn deploy(folder: &Path, dry_run: bool) -> Result<Outcome, String> {
    let Some(documents) = check::valid_documents(folder)? else {
        return Ok(Outcome::Problems);
    };
    let store = ParameterStore::new(&aws::configuration().await);
    deploy::run(documents, dry_run, &store).await
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_are_well_formed() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn the_folder_is_configuration_unless_another_is_named() {
        let parsed = Arguments::try_parse_from(["avm", "config", "deploy", "--dry-run"]).unwrap();
        let Area::Config(Config::Deploy { folder, dry_run }) = parsed.area else {
            panic!("another command was read");
        };
        assert_eq!(folder, Path::new("configuration"));
        assert!(dry_run);
    }
}
