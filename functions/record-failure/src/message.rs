//! The failure in words: a subject as SNS takes it, and a message that says what to do.
//! No e-mail address gets into either.

use avm_core::domain::redact_emails;
use avm_core::rules::tag_room::MOST_TAGS;

use crate::marking::Marking;
use crate::report::{Report, Subject};

/// SNS: the longest subject; ASCII, without line breaks or control characters.
const LONGEST_SUBJECT: usize = 100;

/// One line for the subject of a mail.
pub(crate) fn subject(report: &Report) -> String {
    let whose = match report.subject.account() {
        Some(account) => account.as_str(),
        None if report.account_name.is_empty() => "a new account",
        None => &report.account_name,
    };
    format!(
        "AWS account vend failed: {whose} at {} ({})",
        report.step, report.error
    )
    .chars()
    .map(|character| match character {
        ' '..='~' => character,
        _ => '?',
    })
    .take(LONGEST_SUBJECT)
    .collect()
}

/// What failed, where, why, and how to go on.
pub(crate) fn message(report: &Report, marking: &Marking) -> String {
    let mut lines = vec![headline(report), String::new()];
    let facts = [
        ("Step", report.step.as_str()),
        ("Error", &report.error),
        ("Cause", &report.cause),
        ("Remedy", &report.remedy),
    ];
    let origin = [
        ("Workspace", report.product_name.as_str()),
        ("Project", &report.stage),
        ("Landing zone", &report.landing_zone),
        ("Execution", &report.execution),
    ];
    let line = |(name, value): &(&str, &str)| format!("{:14}{value}", format!("{name}:"));
    lines.extend(facts.iter().map(line));
    lines.push(String::new());
    lines.push(line(&("Account", &account(report))));
    lines.extend(
        origin
            .iter()
            .filter(|(_, value)| !value.is_empty())
            .map(line),
    );
    lines.push(line(&("Account tags", &tags(marking))));
    lines.push(String::new());
    lines.extend(resend(report));
    redact_emails(&lines.join("\n"))
}

fn headline(report: &Report) -> String {
    let name = &report.account_name;
    match &report.subject {
        Subject::NoAccount if name.is_empty() => {
            "The vend of a new AWS account has failed.".to_owned()
        }
        Subject::NoAccount => format!("The vend of the new AWS account {name} has failed."),
        Subject::Found(id) | Subject::Named(id) => {
            format!("The vend of AWS account {id} has failed.")
        }
    }
}

fn account(report: &Report) -> String {
    let name = if report.account_name.is_empty() {
        "without a name"
    } else {
        &report.account_name
    };
    match &report.subject {
        Subject::Found(id) => format!("{id} ({name})"),
        Subject::Named(id) => format!("{id} ({name}), as the request says"),
        Subject::NoAccount => format!("none yet, it was to be {name}"),
    }
}

fn tags(marking: &Marking) -> String {
    match marking {
        Marking::NoAccount => "none written, there is no account".to_owned(),
        Marking::Marked => "avm:failed-* are there, ProductName and Stage are not".to_owned(),
        Marking::MarkedInPart(left_out) => format!(
            "ProductName and Stage are not there; for lack of room (AWS allows {MOST_TAGS} tags) neither are {}",
            left_out
                .iter()
                .map(String::as_str)
                .collect::<Vec<_>>()
                .join(", ")
        ),
        Marking::LeftAlone => {
            "left as they are: no step has found that this is the account of the request".to_owned()
        }
        Marking::Anothers(tags) => {
            format!("left as they are: somebody has tagged the account as another's, {tags}")
        }
        Marking::Refused(failure) => format!(
            "could not be written, the account may still carry ProductName and Stage: {failure}"
        ),
    }
}

fn resend(report: &Report) -> Vec<String> {
    let mut lines = vec![
        "To go on: repair the cause, then send the same request to AVMEntryPoint again. meshStack does so at the next"
            .to_owned(),
        "replication of the project. What is done already is kept.".to_owned(),
    ];
    if !report.execution.is_empty() {
        lines.push(format!(
            "The request: aws stepfunctions describe-execution --execution-arn {} --query input --output text",
            report.execution
        ));
    }
    lines
}
