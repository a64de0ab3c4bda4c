//! The command `avm`: what operators of the account vending machine do with its configuration and its accounts.
//! Exit codes: 0 done; 1 a document or schema has problems; 2 wrong usage, or the work could not be done.

mod account;
mod check;
mod deploy;
mod import;
mod meter;
mod protection;
mod report;
mod schema;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use avm_aws as aws;
use avm_aws::documents::ParameterStore;
use avm_aws::metering::report_store::S3ReportStore;
use avm_core::domain::{AccountId, GroupId, LandingZoneName, Region};
use avm_core::rules::ways_out::{MetadataHosts, TemplateAddresses, WaysOut};
use clap::{Args, Parser, Subcommand};

use crate::protection::Protection;

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
    /// Vended accounts
    #[command(subcommand, arg_required_else_help = true)]
    Account(Account),
    /// Show what the accounts cost in a month, or prove that its reports add up
    ///
    /// Reads the bucket that the parameter /avm/metering/bucket names. Credentials and region (of the automation account)
    /// come from the same places as for the AWS CLI.
    Report(report::Options),
    /// Have the reports of a month made now, and wait for them
    ///
    /// Invokes the function avm-metering. Cost Explorer asks USD 0.01 for each request that the function makes.
    Meter(meter::Options),
}

#[derive(Subcommand)]
enum Account {
    /// Let one account go from its landing zone to another one
    ///
    /// Writes the parameter /avm/changes/<account id>, which the next request for the account is held against; it changes
    /// nothing by itself. Credentials and region (of the automation account) come from the same places as for the AWS CLI.
    ChangeLandingZone {
        /// The account
        #[arg(long, value_name = "ID")]
        account: AccountId,
        /// The landing zone that it was vended in: its tag avm:landing-zone
        #[arg(long, value_name = "NAME")]
        from: LandingZoneName,
        /// The landing zone that it may go to
        #[arg(long, value_name = "NAME")]
        to: LandingZoneName,
        /// For how many days from today
        #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u16).range(0..=90))]
        days: u16,
        /// Change nothing; say what would be allowed
        #[arg(long)]
        dry_run: bool,
    },
}

#[derive(Subcommand)]
enum Config {
    /// Check every document and list all problems, one line each
    ///
    /// Reads DIR/platform.json and DIR/landing-zones/<name>.json. A line says `file: field …: what is expected`. With
    /// any of --protected-account-ids, --protected-group-ids and --machine-account-ids it also asks AWS, with credentials of the
    /// management account, whether the organization has more to protect.
    Check {
        /// The folder of the documents
        #[arg(value_name = "DIR", default_value = "configuration")]
        folder: PathBuf,
        #[command(flatten)]
        parameters: Parameters,
        #[command(flatten)]
        lists: ProtectedLists,
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
    /// /avm/landing-zones/<name>. Credentials and region (of the automation account) come from the same places as for
    /// the AWS CLI. Parameters without a document are named and left alone.
    Deploy {
        /// The folder of the documents
        #[arg(value_name = "DIR", default_value = "configuration")]
        folder: PathBuf,
        /// Change nothing; say what would be done
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        parameters: Parameters,
    },
    /// Turn meshStack's configuration of an AWS platform (Aws.dhall) into documents
    ///
    /// A program of its own, avm-config-import, which is looked for beside this one and in PATH; it takes all that
    /// follows. `avm config import --help` shows its options.
    #[command(disable_help_flag = true)]
    Import {
        /// What the program is given
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
}

/// Parameters of template.yaml, as it is deployed: what documents may name outside of the organization. Without any of
/// them this is not checked before the vend.
#[derive(Args)]
struct Parameters {
    /// SamlMetadataHosts of template.yaml: names of hosts, with commas between
    #[arg(long, value_name = "HOSTS")]
    saml_metadata_hosts: Option<MetadataHosts>,
    /// AccessStackTemplates of template.yaml: addresses, with commas between
    #[arg(long, value_name = "ADDRESSES")]
    access_stack_templates: Option<TemplateAddresses>,
}

impl Parameters {
    fn ways_out(self) -> Option<WaysOut> {
        if self.saml_metadata_hosts.is_none() && self.access_stack_templates.is_none() {
            return None;
        }
        Some(WaysOut {
            metadata_hosts: self.saml_metadata_hosts.unwrap_or_default(),
            templates: self.access_stack_templates.unwrap_or_default(),
            ..WaysOut::default()
        })
    }
}

/// What the machine is kept away from, as it is deployed; with any of these the organization is asked.
#[derive(Args)]
struct ProtectedLists {
    /// ProtectedAccountIds of the templates, with commas between
    #[arg(
        long = "protected-account-ids",
        value_name = "IDS",
        value_delimiter = ','
    )]
    accounts: Vec<AccountId>,
    /// ProtectedGroupIds of templates/vending-roles.yaml, with commas between
    #[arg(
        long = "protected-group-ids",
        value_name = "IDS",
        value_delimiter = ','
    )]
    groups: Vec<GroupId>,
    /// The automation and the meshcloud account, with a comma between: they need not be named
    #[arg(
        long = "machine-account-ids",
        value_name = "IDS",
        value_delimiter = ','
    )]
    of_the_machine: Vec<AccountId>,
}

impl ProtectedLists {
    fn protection(self) -> Option<Protection> {
        let is_told =
            !self.accounts.is_empty() || !self.groups.is_empty() || !self.of_the_machine.is_empty();
        is_told.then(|| Protection {
            accounts: self.accounts.into_iter().collect(),
            groups: self.groups.into_iter().collect(),
            of_the_machine: self.of_the_machine.into_iter().collect(),
        })
    }
}

/// How a command ended, if it could do its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// Documents have problems, which have been printed.
    Problems,
}

/// Runs the command that the arguments of the process ask for.
pub async fn run() -> ExitCode {
    let outcome = match Arguments::parse().area {
        Area::Config(Config::Check {
            folder,
            parameters,
            lists,
        }) => {
            let (ways_out, protection) = (parameters.ways_out(), lists.protection());
            check::run(&folder, ways_out.as_ref(), protection.as_ref()).await
        }
        Area::Config(Config::Schema { folder, check }) => schema::run(&folder, check),
        Area::Config(Config::Deploy {
            folder,
            dry_run,
            parameters,
        }) => deploy(&folder, dry_run, parameters.ways_out()).await,
        Area::Config(Config::Import { arguments }) => return import::run(&arguments),
        Area::Account(command) => change(command).await,
        Area::Report(options) => show(&options).await,
        Area::Meter(options) => meter::run(&options).await,
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

async fn deploy(
    folder: &Path,
    dry_run: bool,
    ways_out: Option<WaysOut>,
) -> Result<Outcome, String> {
    let Some(documents) = check::valid_documents(folder, ways_out.as_ref())? else {
        return Ok(Outcome::Problems);
    };
    let store = ParameterStore::new(&aws::configuration().await);
    deploy::run(documents, dry_run, &store).await
}

async fn change(command: Account) -> Result<Outcome, String> {
    let Account::ChangeLandingZone {
        account,
        from,
        to,
        days,
        dry_run,
    } = command;
    let change = account::change(from, to, days)?;
    let store = ParameterStore::new(&aws::configuration().await);
    account::change_landing_zone(&account, &change, dry_run, &store).await
}

async fn show(options: &report::Options) -> Result<Outcome, String> {
    let configuration = aws::patient_configuration().await;
    let region = own_region(&configuration)?;
    let bucket = report::bucket(&ParameterStore::new(&configuration)).await?;
    let store = S3ReportStore::of(configuration, region, bucket, None);
    report::run(options, &store).await
}

/// The region that the configuration names.
fn own_region(configuration: &aws::SdkConfig) -> Result<Region, String> {
    let region = configuration.region().map(AsRef::as_ref);
    let region: &str = region.ok_or("no region is configured: set AWS_REGION")?;
    region.parse().map_err(|problem| format!("{problem}"))
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
        let Area::Config(Config::Deploy {
            folder,
            dry_run,
            parameters,
        }) = parsed.area
        else {
            panic!("another command was read");
        };
        assert_eq!(folder, Path::new("configuration"));
        assert!(dry_run);
        assert_eq!(parameters.ways_out(), None);
    }

    #[test]
    fn an_account_id_a_name_and_the_days_are_checked() {
        let parse = |account: &'static str, to: &'static str, days: &'static str| {
            let words = [
                "avm",
                "account",
                "change-landing-zone",
                "--account",
                account,
            ];
            let more = ["--from", "sandbox", "--to", to, "--days", days];
            Arguments::try_parse_from(words.iter().chain(&more)).is_ok()
        };
        assert!(parse("444455556666", "production", "7"));
        assert!(!parse("4444", "production", "7"));
        assert!(!parse("444455556666", "../platform", "7"));
        assert!(!parse("444455556666", "production", "400"));
    }

    #[test]
    fn what_the_template_allows_is_held_against_the_documents_once_any_of_it_is_told() {
        let words = [
            "avm",
            "config",
            "check",
            "--saml-metadata-hosts",
            "idp.example.com",
        ];
        let Area::Config(Config::Check {
            parameters, lists, ..
        }) = Arguments::try_parse_from(words).unwrap().area
        else {
            panic!("another command was read");
        };
        assert!(lists.protection().is_none());
        let ways_out = parameters.ways_out().unwrap();
        assert_eq!(ways_out.metadata_hosts, "idp.example.com".parse().unwrap());
        assert_eq!(ways_out.templates, TemplateAddresses::default());
        let words = [
            "avm",
            "config",
            "check",
            "--access-stack-templates",
            "https://bucket",
        ];
        assert!(Arguments::try_parse_from(words).is_err());
    }

    #[test]
    fn everything_behind_import_is_for_the_import() {
        let given = ["Aws.dhall", "--output", "x", "--help"];
        let parsed = Arguments::try_parse_from(["avm", "config", "import"].iter().chain(&given));
        let Area::Config(Config::Import { arguments }) = parsed.unwrap().area else {
            panic!("another command was read");
        };
        assert_eq!(arguments, given);
    }
}
