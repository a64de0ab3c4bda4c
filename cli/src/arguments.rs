//! What can be typed: the commands of `avm`, their options and their help.
//! Options that every command has are in [`options`](crate::options).

use std::ffi::OsString;
use std::path::PathBuf;

use avm_core::domain::{AccountId, GroupId, LandingZoneName};
use avm_core::rules::ways_out::{MetadataHosts, TemplateAddresses, WaysOut};
use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

use crate::ask::Consent;
use crate::options::{Options, Output};
use crate::protection::Protection;
use crate::{adopt, bootstrap, doctor, exit, meter, report, uninstall};

/// The account vending machine's tool for operators.
#[derive(Parser)]
#[command(
    name = "avm",
    version = env!("AVM_VERSION"),
    arg_required_else_help = true,
    after_help = exit::help()
)]
pub struct Arguments {
    #[command(flatten)]
    pub options: Options,
    #[command(subcommand)]
    pub area: Area,
}

#[derive(Subcommand)]
pub enum Area {
    /// The platform document and the landing zones
    #[command(subcommand, arg_required_else_help = true)]
    Config(Config),
    /// Vended accounts
    #[command(subcommand, arg_required_else_help = true)]
    Account(Account),
    /// Say what stands in the way of an account that the machine has not made, and what a vend would do; then ask for the vend
    ///
    /// Looks at the account's tags, and with its access role at its roles and stacks. What has to be done by hand first is told with
    /// its remedy, and the command exits with 1. Sign in to the automation account; --management-profile is for the other one.
    #[command(
        after_help = "Examples:\n  avm adopt 444455556666 --management-profile management --workspace sales --project shop --dry-run\n  avm adopt 444455556666 --management-profile management --workspace sales --project shop --landing-zone sandbox --yes"
    )]
    Adopt(adopt::Options),
    /// Deploy the account vending machine into three accounts, or bring it up to date: one plan of all stacks, then each in turn
    ///
    /// Shows a change set of each stack before anything is done. From a package (`make package`), without a toolchain. Sign in to
    /// the automation account; the other two have options. Ends with what is typed into meshStack, and with --smoke-test with the vend
    /// of an account. Run again, it changes nothing.
    #[command(
        after_help = "Examples:\n  avm bootstrap --profile automation --management-profile management --meshcloud-profile meshcloud --dry-run\n  avm bootstrap --management-profile management --meshcloud-profile meshcloud --operators team@company.com --tags CostCenter=42 --yes\n  avm bootstrap --management-profile management --meshcloud-profile meshcloud --smoke-test sandbox\n  avm bootstrap --management-profile management --meshcloud-profile meshcloud --print"
    )]
    Bootstrap(bootstrap::Options),
    /// Look for what is not as it should be: trusts, stacks, quotas, regions, documents; each with its remedy
    ///
    /// Has every function try its roles, by the state machine avm-doctor, and reads the rest with your credentials; it changes
    /// nothing. Sign in to the automation account; --management-profile is for the other one. Exits with 1 if it finds anything.
    #[command(
        after_help = "Examples:\n  avm doctor --profile automation --management-profile management\n  avm doctor --quick --account 444455556666 --output json"
    )]
    Doctor(doctor::Options),
    /// Show what the accounts cost in a month, or prove that its reports add up
    ///
    /// Reads the bucket that the parameter /avm/metering/bucket names. Sign in to the automation account.
    #[command(
        after_help = "Examples:\n  avm report 2026-01\n  avm report 2026-01 --workspace sales --output csv\n  avm report 2026-01 --check"
    )]
    Report(report::Options),
    /// Have the reports of a month made now, and wait for them
    ///
    /// Invokes the function avm-metering. Cost Explorer asks USD 0.01 for each request that the function makes.
    #[command(after_help = "Examples:\n  avm meter\n  avm meter 2026-01 --recompute")]
    Meter(meter::Options),
    /// Show what would be taken away of an installation, in which order, and what stays; or do it
    ///
    /// Vended accounts stay as they are. Refuses while vends run. Sign in to the automation account; --management-profile is for
    /// the other one. Run again, it goes on where it ended.
    #[command(
        after_help = "Examples:\n  avm uninstall --profile automation --management-profile management\n  avm uninstall --management-profile management --apply"
    )]
    Uninstall(uninstall::Options),
    /// Print what a shell reads to complete the words of avm
    #[command(
        after_help = "Example: avm completion bash > ~/.local/share/bash-completion/completions/avm"
    )]
    Completion {
        /// The shell
        shell: Shell,
    },
    /// Print the page of avm for man, or write the pages of all commands
    #[command(after_help = "Example: avm man ~/.local/share/man/man1")]
    Man {
        /// The folder to write the pages to
        #[arg(value_name = "DIR")]
        folder: Option<PathBuf>,
    },
}

#[derive(Subcommand)]
pub enum Account {
    /// Let one account go from its landing zone to another one
    ///
    /// Writes the parameter /avm/changes/<account id>, which the next request for the account is held against; it changes
    /// nothing by itself. Sign in to the automation account.
    #[command(
        after_help = "Example: avm account change-landing-zone --account 444455556666 --from production --to sandbox"
    )]
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
        #[command(flatten)]
        consent: Consent,
        #[command(flatten)]
        output: Output,
    },
}

#[derive(Subcommand)]
pub enum Config {
    /// Check every document and list all problems, one line each
    ///
    /// Reads DIR/platform.json and DIR/landing-zones/<name>.json. A line says `file: field …: what is expected`. What stands
    /// in examples only, such as example.com or ssoins-1111222233334444, is a problem, too.
    /// With any of --protected-account-ids, --protected-group-ids and --machine-account-ids it also asks AWS, signed in to the
    /// management account, whether the organization has more to protect.
    #[command(
        after_help = "Examples:\n  avm config check\n  avm config check configuration --output json"
    )]
    Check {
        /// The folder of the documents
        #[arg(value_name = "DIR", default_value = "configuration")]
        folder: PathBuf,
        #[command(flatten)]
        parameters: Parameters,
        #[command(flatten)]
        lists: ProtectedLists,
        #[command(flatten)]
        examples: Examples,
        #[command(flatten)]
        output: Output,
    },
    /// Write the JSON Schemas of the documents to DIR/schemas/
    #[command(after_help = "Example: avm config schema --check")]
    Schema {
        /// The folder of the documents
        #[arg(value_name = "DIR", default_value = "configuration")]
        folder: PathBuf,
        /// Write nothing; say which schemas differ from the types, and exit 1 if any does
        #[arg(long)]
        check: bool,
        #[command(flatten)]
        output: Output,
    },
    /// Check the documents, then put those that differ into the SSM Parameter Store
    ///
    /// DIR/platform.json becomes the parameter /avm/platform, DIR/landing-zones/<name>.json becomes
    /// /avm/landing-zones/<name>. Sign in to the automation account.
    /// Parameters without a document are named and left alone.
    #[command(
        after_help = "Examples:\n  avm config deploy --profile automation --dry-run\n  avm config deploy --yes --output json"
    )]
    Deploy {
        /// The folder of the documents
        #[arg(value_name = "DIR", default_value = "configuration")]
        folder: PathBuf,
        #[command(flatten)]
        consent: Consent,
        #[command(flatten)]
        parameters: Parameters,
        #[command(flatten)]
        examples: Examples,
        #[command(flatten)]
        output: Output,
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
pub struct Parameters {
    /// SamlMetadataHosts of template.yaml: names of hosts, with commas between
    #[arg(long, value_name = "HOSTS")]
    pub saml_metadata_hosts: Option<MetadataHosts>,
    /// AccessStackTemplates of template.yaml: addresses, with commas between
    #[arg(long, value_name = "ADDRESSES")]
    pub access_stack_templates: Option<TemplateAddresses>,
}

/// Examples are for a local AWS: on the real one, the root user of an account at example.com is nobody's.
#[derive(Args, Clone, Copy, Debug)]
pub struct Examples {
    /// Take the domains, ids and numbers of examples, to try them on a local AWS
    #[arg(long)]
    pub allow_examples: bool,
}

impl Parameters {
    pub fn ways_out(self) -> Option<WaysOut> {
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
pub struct ProtectedLists {
    /// ProtectedAccountIds of the templates, with commas between
    #[arg(
        long = "protected-account-ids",
        value_name = "IDS",
        value_delimiter = ','
    )]
    pub accounts: Vec<AccountId>,
    /// ProtectedGroupIds of templates/vending-roles.yaml, with commas between
    #[arg(
        long = "protected-group-ids",
        value_name = "IDS",
        value_delimiter = ','
    )]
    pub groups: Vec<GroupId>,
    /// The automation and the meshcloud account, with a comma between: they need not be named
    #[arg(
        long = "machine-account-ids",
        value_name = "IDS",
        value_delimiter = ','
    )]
    pub of_the_machine: Vec<AccountId>,
}

impl ProtectedLists {
    pub fn protection(self) -> Option<Protection> {
        let is_told =
            !self.accounts.is_empty() || !self.groups.is_empty() || !self.of_the_machine.is_empty();
        is_told.then(|| Protection {
            accounts: self.accounts.into_iter().collect(),
            groups: self.groups.into_iter().collect(),
            of_the_machine: self.of_the_machine.into_iter().collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use clap::CommandFactory;

    use crate::options::leave_to_import;

    use super::*;

    #[test]
    fn the_arguments_are_well_formed() {
        Arguments::command().debug_assert();
    }

    /// Every command, with those below it.
    fn all(command: &clap::Command) -> Vec<&clap::Command> {
        let below = command.get_subcommands().flat_map(all);
        std::iter::once(command).chain(below).collect()
    }

    #[test]
    fn every_command_of_the_end_has_an_example_that_can_be_typed() {
        let command = Arguments::command();
        let all = all(&command);
        for command in all.into_iter().filter(|each| !each.has_subcommands()) {
            let name = command.get_name();
            if name == "import" {
                continue;
            }
            let words = command.get_after_help().map(ToString::to_string);
            let words = words.unwrap_or_else(|| panic!("{name} has no example"));
            let examples = words.split("avm ").skip(1);
            let examples: Vec<_> = examples.filter_map(|line| line.lines().next()).collect();
            assert!(!examples.is_empty(), "{words}");
            for example in examples {
                let typed = example.split(" > ").next().unwrap_or_default();
                let typed = ["avm"].into_iter().chain(typed.split(' '));
                Arguments::try_parse_from(typed)
                    .unwrap_or_else(|error| panic!("{example}: {error}"));
            }
        }
    }

    #[test]
    fn the_folder_is_configuration_unless_another_is_named() {
        let parsed = Arguments::try_parse_from(["avm", "config", "deploy", "--dry-run"]).unwrap();
        let Area::Config(Config::Deploy {
            folder,
            consent,
            parameters,
            ..
        }) = parsed.area
        else {
            panic!("another command was read");
        };
        assert_eq!(folder, Path::new("configuration"));
        assert!(consent.dry_run);
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
        let of_the_import = |given: &[&str]| {
            let words = ["avm", "config", "import"].iter().chain(given);
            let words = leave_to_import(words.map(OsString::from).collect());
            let Area::Config(Config::Import { arguments }) = Arguments::parse_from(words).area
            else {
                panic!("another command was read");
            };
            arguments
        };
        assert_eq!(of_the_import(&given), given);
        // Also what this program has an option for.
        let given = ["--region", "eu-central-1", "--color", "Aws.dhall"];
        assert_eq!(of_the_import(&given), given);
    }
}
