//! `ERRORS.md`: every name under which a vend fails, from the taxonomy, the definition and the patience of the steps.

use avm_core::error::{ErrorName, Kind};
use serde_json::Value;

use crate::definition::{Definition, VEND, invokes_lambda};
use crate::names_of_aws::NAMES_OF_AWS;
use crate::steps::STEPS;

use super::{code, table, words};

const HEAD: &str = "\
# Errors

<!-- Made by `make docs` of shared/core/src/error.rs, the definition and the steps; do not edit it. -->

Every name under which a vend fails: as `Error` of the execution, in `avm:failed-error` on the account, in the notice of the topic `avm-failures`, and as `errorType` of a function.
The message has the cause in words, the account, and a remedy, which is that of this table unless the failure knows better.

What holds for all of them:

- **Send the same request again** once the cause is repaired. It goes on where the last vend stopped; nothing is done twice.
- An account that a step has found to be the request's is marked with `avm:failed-step`, `avm:failed-error` and `avm:failed-cause`, and loses `ProductName` and `Stage`. One that only the request names is left alone.
- No message holds an e-mail address, the ExternalId or a credential.
";

const OF_METERING: &str = "\
## Names of the metering

Only the function `avm-metering` fails under these ([docs/METERING.md](docs/METERING.md)); it marks no account, and its next run does what is left. It also fails under names of above, such as `AccessDenied`.
";

const OF_AWS: &str = "\
## Names of AWS

What fails below or beside the functions keeps the name that Lambda or Step Functions gives it; those that begin with `States.` are reserved, and the execution shows them as `StateMachine.…`.
";

/// The whole page.
pub fn page() -> String {
    let definition = Definition::read(VEND);
    let mut steps = definition.of_type("Task");
    let (_, state) = steps.find(|(_, state)| invokes_lambda(state)).unwrap();
    let retried = retried(&state["Retry"][0]);
    let of_aws: Vec<[String; 4]> = NAMES_OF_AWS
        .iter()
        .map(|names| {
            let told: Vec<String> = names.names.iter().map(|name| code(name)).collect();
            let retried = names.are_retried.then_some(retried.as_str());
            let outcome = Some(names.outcome).filter(|outcome| !outcome.is_empty());
            let became: Vec<&str> = retried.into_iter().chain(outcome).collect();
            [
                told.join(" "),
                names.meaning.to_owned(),
                became.join("; "),
                names.remedy.to_owned(),
            ]
        })
        .collect();
    [
        HEAD.to_owned(),
        kinds(&retried),
        "## Names of the AVM\n".to_owned(),
        names(&of_vends()),
        OF_METERING.to_owned(),
        names(ErrorName::OF_METERING),
        OF_AWS.to_owned(),
        table(
            ["name", "meaning", "what the machine does", "remedy"],
            &of_aws,
        ),
    ]
    .join("\n")
}

/// What the retrier of a step does.
fn retried(retrier: &Value) -> String {
    let number = |key: &str| retrier[key].as_u64().unwrap();
    format!(
        "tried up to {} times again, with a pause that grows from {} to {} s and is varied",
        number("MaxAttempts"),
        number("IntervalSeconds"),
        number("MaxDelaySeconds"),
    )
}

const fn in_words(kind: Kind) -> &'static str {
    match kind {
        Kind::BadInput => "bad input",
        Kind::Busy => "busy",
        Kind::Terminal => "terminal",
        Kind::TimedOut => "bounded wait",
    }
}

fn kinds(retried: &str) -> String {
    let kinds = [Kind::BadInput, Kind::Busy, Kind::Terminal, Kind::TimedOut];
    let rows = kinds.map(|kind| {
        let does = match kind {
            Kind::BadInput => {
                "refused at once. `AVMEntryPoint` answers so before anything begins; a step ends the vend".to_owned()
            }
            Kind::Busy => format!("{retried}; then the vend ends under this name"),
            Kind::Terminal => "the vend ends at once".to_owned(),
            Kind::TimedOut => {
                "the step has looked again and again and gives up; the message says what it waited for".to_owned()
            }
        };
        [in_words(kind).to_owned(), does]
    });
    table(["kind", "what the machine does"], &rows)
}

fn of_vends() -> Vec<ErrorName> {
    let all = ErrorName::ALL.iter().copied();
    all.filter(|name| !ErrorName::OF_METERING.contains(name))
        .collect()
}

fn names(names: &[ErrorName]) -> String {
    let rows: Vec<[String; 5]> = names
        .iter()
        .map(|&name| {
            let became = gives_up(name)
                .into_iter()
                .chain([name.outcome().to_owned()]);
            [
                code(name.as_str()),
                in_words(name.kind()).to_owned(),
                name.meaning().to_owned(),
                became.collect::<Vec<String>>().join("; "),
                name.remedy().to_owned(),
            ]
        })
        .collect();
    let head = ["name", "kind", "meaning", "what the machine does", "remedy"];
    table(head, &rows)
}

/// Which steps give up under a name, and when.
fn gives_up(name: ErrorName) -> Vec<String> {
    STEPS
        .iter()
        .filter_map(|step| Some((step.name, step.patience.as_ref()?)))
        .filter(|(_, patience)| patience.gives_up == name)
        .map(|(step, patience)| format!("{} waits ({})", code(step), words::patience(patience)))
        .collect()
}
