//! The error names that Step Functions, Lambda and its sandbox raise themselves, as far as a vend can meet them.
//! The definition may match these and our own, and no others; `ERRORS.md` explains them.

/// Names with one meaning.
pub struct NamesOfAws {
    pub names: &'static [&'static str],
    /// Whether every step retries them.
    pub are_retried: bool,
    pub meaning: &'static str,
    /// What the machine does besides retrying.
    pub outcome: &'static str,
    pub remedy: &'static str,
}

pub const NAMES_OF_AWS: &[NamesOfAws] = &[
    NamesOfAws {
        names: &[
            "Lambda.ServiceException",
            "Lambda.AWSLambdaException",
            "Lambda.SdkClientException",
            "Lambda.ClientExecutionTimeoutException",
            "Lambda.Unknown",
        ],
        are_retried: true,
        meaning: "Lambda itself has a disturbance",
        outcome: "",
        remedy: "send the request again later; look at the AWS Health Dashboard",
    },
    NamesOfAws {
        names: &["Lambda.TooManyRequestsException"],
        are_retried: true,
        meaning: "all concurrency of the account is in use",
        outcome: "",
        remedy: "have the quota raised, or reserve less for other functions",
    },
    NamesOfAws {
        names: &["Sandbox.Timedout"],
        are_retried: true,
        meaning: "a function did not end in its time",
        outcome: "",
        remedy: "look at the function's log; send the request again",
    },
    NamesOfAws {
        names: &["Runtime.ExitError", "Runtime.OutOfMemory"],
        are_retried: true,
        meaning: "a function's process ended, e.g. for want of memory",
        outcome: "",
        remedy: "look at the function's log",
    },
    NamesOfAws {
        names: &["States.Timeout"],
        are_retried: true,
        meaning: "a step did not answer in its time, or the execution ran out of its own",
        outcome: "an execution that runs out of time ends at once; `avm-stopped-vend` marks the account, takes its access role down and tells people",
        remedy: "look at the execution, send the request again",
    },
    NamesOfAws {
        names: &["States.QueryEvaluationError"],
        are_retried: false,
        meaning: "a step's answer has another shape than the definition expects, e.g. in the middle of an update",
        outcome: "ended the vend",
        remedy: "finish the update, send the request again",
    },
    NamesOfAws {
        names: &["States.DataLimitExceeded", "States.Runtime"],
        are_retried: false,
        meaning: "more than 256 KiB between two steps; a fault in the definition",
        outcome: "ended at once without a notice; the alarm `avm-vends-failed` tells it",
        remedy: "look at the execution; this is a fault of the AVM",
    },
];

/// The names that match others.
pub const WILDCARDS: [&str; 2] = ["States.ALL", "States.TaskFailed"];

/// The names that every step retries.
pub fn retried() -> impl Iterator<Item = &'static str> {
    let retried = NAMES_OF_AWS.iter().filter(|names| names.are_retried);
    retried.flat_map(|names| names.names.iter().copied())
}
