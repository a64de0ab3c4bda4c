//! What the errors of the Account Factory mean: those of a call, and those that only the record of an operation has.
//! Control Tower puts nearly everything into words; the texts are those of its troubleshooting guide and of public reports.

use super::{ErrorName, Failure, ServiceError, Start};
use avm_core::ports::account_factory::{Problem, RecordError};

/// The role is no principal of the portfolio, or the landing zone has drifted.
pub(super) const NO_LAUNCH_PATH: &str = "No launch paths found";

/// Codes that mean that something else is being worked on.
const BUSY_CODES: [&str; 4] = [
    "ResourceInUseException",
    "ConcurrentModificationException",
    "ConflictException",
    "LimitExceededException",
];

/// Each row: all of these words, in any order and letter case, make this problem. The first row that fits counts.
const PROBLEMS: [(&[&str], Problem); 12] = [
    (
        &["unable to assume", "awscontroltowerexecution"],
        Problem::ExecutionRole,
    ),
    (&["concurrent", "account operations"], Problem::Busy),
    (&["operation", "is in progress"], Problem::Busy),
    (&["execution is in progress"], Problem::Busy),
    (&["resourceinuseexception"], Problem::Busy),
    (
        &["delivery channel", "already exists"],
        Problem::ConfigRecorder,
    ),
    (
        &["configuration recorder", "already exists"],
        Problem::ConfigRecorder,
    ),
    (
        &["iam role", "aws-controltower-", "already exists"],
        Problem::RoleExists,
    ),
    (&["a stack named", "already exists"], Problem::StackExists),
    (&["could not baseline vpc"], Problem::DefaultVpc),
    (&["non-current stack instances"], Problem::StackInstances),
    (&["activation of", "not complete"], Problem::NotActivated),
];

/// An error of a record, and what is known of it.
pub(super) fn record_error(code: &str, description: &str) -> RecordError {
    let problem = if BUSY_CODES.contains(&code) {
        Problem::Busy
    } else {
        problem(description)
    };
    let words = [code, description].map(str::trim);
    RecordError {
        problem,
        words: words
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(": "),
    }
}

fn problem(words: &str) -> Problem {
    let words = words.to_lowercase();
    let fits = |all: &[&str]| all.iter().all(|part| words.contains(part));
    PROBLEMS
        .into_iter()
        .find(|(all, _)| fits(all))
        .map_or(Problem::Unknown, |(_, problem)| problem)
}

/// How a look at the product was refused. The role's policy names one product: a denial is in all likelihood about another.
pub(super) fn refused_look(error: ServiceError) -> Failure {
    let failure = error.into_failure();
    if failure.name() != ErrorName::AccessDenied {
        return failure;
    }
    Failure::new(ErrorName::EnrolmentNotPossible, failure.cause()).with_remedy(
        "name the Account Factory's product both in controlTower.accountFactoryProductId of the platform document and in the \
         parameter AccountFactoryProductId of the vending roles: the enrollment role may use no other; then send the request \
         again",
    )
}

/// How the start of an operation was refused.
pub(super) fn refused_start(error: ServiceError) -> Result<Start, Failure> {
    if error.message.contains(NO_LAUNCH_PATH) {
        return Err(error.into_named(ErrorName::EnrolmentNotPossible).with_remedy(
            "make the enrollment role a principal of the Account Factory's portfolio and repair drift of the landing zone, \
             then send the request again",
        ));
    }
    if BUSY_CODES.contains(&error.code.as_str()) || problem(&error.message) == Problem::Busy {
        return Ok(Start::Busy(error.message));
    }
    Err(match error.code.as_str() {
        "ResourceNotFoundException" => error.into_named(ErrorName::EnrolmentNotPossible),
        "InvalidParametersException" if problem(&error.message) == Problem::StackExists => {
            error.into_named(ErrorName::EnrolmentFailed).with_remedy(
                "terminate the old provisioned product of the account, then send the request again",
            )
        }
        "InvalidParametersException" => error.into_named(ErrorName::EnrolmentFailed),
        _ => error.into_failure(),
    })
}
