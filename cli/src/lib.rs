//! The command `avm`: what operators of the account vending machine do with its configuration and its accounts.
//! A command answers a list of things ([`answer`]), or says why it could not do its work ([`exit`]).

mod account;
mod adopt;
mod answer;
mod arguments;
mod ask;
mod bootstrap;
mod check;
mod deploy;
mod doctor;
mod exit;
mod import;
mod meter;
mod options;
mod pages;
mod protection;
mod report;
mod schema;
mod session;
mod uninstall;
mod vend;

use std::process::ExitCode;

use avm_aws as aws;
use avm_aws::documents::ParameterStore;
use avm_aws::metering::report_store::S3ReportStore;
use avm_documents::File;
use clap::{CommandFactory, Parser};

use crate::answer::Answer;
use crate::arguments::{Account, Area, Arguments, Config};
use crate::ask::Consent;
use crate::exit::Stop;
use crate::options::{Color, Options, leave_to_import, tell_calls};

/// How a command ended, if it could do its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// Documents or the installation have problems, which are in the answer.
    Problems,
    /// The operator was asked and does not want it.
    Declined,
}

/// Runs the command that the arguments of the process ask for.
pub async fn run() -> ExitCode {
    let arguments = leave_to_import(std::env::args_os().collect());
    Color::of(&arguments).keep_to();
    let Arguments { options, area } = Arguments::parse_from(arguments);
    if options.debug {
        tell_calls();
    }
    let mut answer = Answer::default();
    let outcome = match area {
        Area::Config(Config::Check {
            folder,
            parameters,
            lists,
            examples,
            output,
        }) => {
            let (ways_out, protection) = (parameters.ways_out(), lists.protection());
            let allow = examples.allow_examples;
            let documents =
                check::valid_documents(&folder, ways_out.as_ref(), allow, answer.like(output));
            check::run(
                documents,
                &folder,
                protection.as_ref(),
                &options,
                &mut answer,
            )
            .await
        }
        Area::Config(Config::Schema {
            folder,
            check,
            output,
        }) => schema::run(&folder, check, answer.like(output)),
        Area::Config(Config::Deploy {
            folder,
            consent,
            parameters,
            examples,
            output,
        }) => {
            let ways_out = parameters.ways_out();
            let allow = examples.allow_examples;
            let documents =
                check::valid_documents(&folder, ways_out.as_ref(), allow, answer.like(output));
            deploy(documents, consent, &options, &mut answer).await
        }
        Area::Config(Config::Import { arguments }) => return import::run(&arguments),
        Area::Account(command) => change(command, &options, &mut answer).await,
        Area::Adopt(wanted) => Box::pin(adopt::run(wanted, &options, &mut answer)).await,
        Area::Bootstrap(wanted) => Box::pin(bootstrap::run(wanted, &options, &mut answer)).await,
        Area::Doctor(wanted) => Box::pin(doctor::run(wanted, &options, &mut answer)).await,
        Area::Report(wanted) => show(&wanted, &options, &mut answer).await,
        Area::Meter(wanted) => meter::run(&wanted, &options).await,
        Area::Uninstall(wanted) => uninstall::run(wanted, &options, &mut answer).await,
        Area::Completion { shell } => Ok(pages::completion(shell, Arguments::command())),
        Area::Man { folder } => pages::manual(folder.as_deref(), Arguments::command(), &mut answer),
    };
    // What was done before something failed is told, too.
    match answer.print().and(outcome) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Problems | Outcome::Declined) => ExitCode::from(1),
        Err(stop) => stop.tell(),
    }
}

async fn deploy(
    documents: Result<Option<Vec<File>>, Stop>,
    consent: Consent,
    options: &Options,
    answer: &mut Answer,
) -> Result<Outcome, Stop> {
    let Some(documents) = documents? else {
        return Ok(Outcome::Problems);
    };
    let store = ParameterStore::new(&session::configuration(options).await?);
    deploy::run(documents, consent, &store, answer).await
}

async fn change(command: Account, options: &Options, answer: &mut Answer) -> Result<Outcome, Stop> {
    let Account::ChangeLandingZone {
        account,
        from,
        to,
        days,
        consent,
        output,
    } = command;
    let change = account::change(from, to, days)?;
    let store = ParameterStore::new(&session::configuration(options).await?);
    account::change_landing_zone(&account, &change, consent, &store, answer.like(output)).await
}

async fn show(
    wanted: &report::Options,
    options: &Options,
    answer: &mut Answer,
) -> Result<Outcome, Stop> {
    let configuration = session::sign_in(aws::patient_loader(), options).await?;
    let region = session::region(&configuration)?;
    let bucket = report::bucket(&ParameterStore::new(&configuration)).await?;
    let store = S3ReportStore::of(configuration, region, bucket, None);
    report::run(wanted, &store, answer).await
}
