//! What to do about the known reasons for which Control Tower gives an account operation up.
//! Sources: the troubleshooting page and the enrollment prerequisites of the Control Tower User Guide.

use avm_core::error::{ErrorName, Failure};
use avm_core::ports::account_factory::{Problem, Record, RecordError};

use crate::Purpose;

/// The error that decides: the first one that is known, else the first.
pub(crate) fn deciding(record: &Record) -> Option<&RecordError> {
    let known = |error: &&RecordError| error.problem != Problem::Unknown;
    record
        .errors
        .iter()
        .find(known)
        .or_else(|| record.errors.first())
}

/// The failure of an operation, in AWS's words, with a remedy where the reason is known.
pub(crate) fn failed(purpose: Purpose, record: &Record) -> Failure {
    let doing = match purpose {
        Purpose::Enroll => "enroll the account",
        Purpose::Move => "move the account",
        Purpose::Repair => "apply the account's provisioned product again",
        Purpose::Remove => "terminate the account's provisioned product",
    };
    let words: Vec<&str> = record
        .errors
        .iter()
        .map(|error| error.words.as_str())
        .collect();
    let words = if words.is_empty() {
        "no reason was given".to_owned()
    } else {
        words.join("; ")
    };
    let failure = Failure::new(
        ErrorName::EnrolmentFailed,
        format!("the Account Factory could not {doing}: {words}"),
    );
    match deciding(record).and_then(|error| remedy(error.problem)) {
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
