//! How an operation has failed, and what to do about the known reasons for which Control Tower gives one up.
//! Sources: the troubleshooting page and the enrollment prerequisites of the Control Tower User Guide.

use avm_core::domain::redact_emails;
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::account_factory::{Problem, Record, RecordError};

use crate::plan::Ending;
use crate::{Attempts, Purpose};

/// So often the execution role may be unseen: the third try comes after eight minutes, and IAM needs seconds as a rule.
const ROLE_MAY_BE_YOUNG: u32 = 2;

/// What only needs time is tried again: room among the operations, and a role that is still new.
pub(super) fn ending(purpose: Purpose, record: &Record, attempts: &Attempts) -> Ending {
    let deciding = deciding(record);
    match deciding.map(|error| error.problem) {
        Some(Problem::Busy) => Ending::NoRoom {
            words: deciding.map_or_else(String::new, |error| redact_emails(&error.words)),
        },
        Some(Problem::ExecutionRole)
            if purpose != Purpose::Remove && attempts.role_not_seen < ROLE_MAY_BE_YOUNG =>
        {
            Ending::RoleNotSeen
        }
        problem => Ending::Final {
            words: words(record),
            remedy: problem.and_then(remedy),
        },
    }
}

/// The error that decides: the first one that is known, else the first.
fn deciding(record: &Record) -> Option<&RecordError> {
    let known = |error: &&RecordError| error.problem != Problem::Unknown;
    record
        .errors
        .iter()
        .find(known)
        .or_else(|| record.errors.first())
}

fn words(record: &Record) -> String {
    if record.errors.is_empty() {
        return "no reason was given".to_owned();
    }
    let words = record.errors.iter().map(|error| error.words.as_str());
    redact_emails(&words.collect::<Vec<_>>().join("; "))
}

/// The failure of an operation, in AWS's words, with a remedy where the reason is known.
pub(super) fn failed(purpose: Purpose, words: &str, remedy: Option<&str>) -> Failure {
    let doing = match purpose {
        Purpose::Enroll => "enroll the account",
        Purpose::Move => "move the account",
        Purpose::Repair => "apply the account's provisioned product again",
        Purpose::Remove => "terminate the account's provisioned product",
    };
    let failure = Failure::new(
        ErrorName::EnrolmentFailed,
        format!("the Account Factory could not {doing}: {words}"),
    );
    match remedy {
        Some(remedy) => failure.with_remedy(remedy),
        None => failure,
    }
}

const fn remedy(problem: Problem) -> Option<&'static str> {
    match problem {
        Problem::ExecutionRole => Some(
            "see that the role AWSControlTowerExecution of the account trusts the management account's root, has \
             AdministratorAccess and is not cut by a service control policy, then send the request again",
        ),
        Problem::ConfigRecorder => Some(
            "delete the configuration recorders and delivery channels of AWS Config in all regions of the account, then \
             send the request again",
        ),
        Problem::StackExists => Some(
            "delete the named stack, or terminate the old provisioned product of the account, then send the request again",
        ),
        Problem::RoleExists => Some(
            "delete the named aws-controltower role, a leftover of an earlier enrollment, from the account, then send the \
             request again",
        ),
        Problem::DefaultVpc => Some(
            "delete the default VPC of the named region in the account, then send the request again",
        ),
        Problem::StackInstances => Some(
            "repair the named stack set's instance of the account in the management account (its status reason says why), \
             then send the request again",
        ),
        Problem::NotActivated => {
            Some("wait an hour until AWS has activated the account, then send the request again")
        }
        Problem::Busy | Problem::Unknown => None,
    }
}
