//! `avm config check`: every problem of every document, what its partition lacks, and what the organization has to protect.
//! `avm config deploy` checks the documents in the same way before it writes.

use std::path::Path;

use avm_aws::survey::OrganizationSurvey;
use avm_core::config::{Platform, check_document};
use avm_core::rules::ways_out::WaysOut;
use avm_documents::{File, Found, Kind};

use crate::answer::Answer;
use crate::exit::Stop;
use crate::options::Options;
use crate::protection::{self, Protection};
use crate::{Outcome, session};

/// Answers what was found of the documents of that folder, and, where the lists of what is protected are told, holds these against
/// the organization.
///
/// # Errors
/// A file or folder cannot be read; nobody is signed in; AWS refuses, or does not answer.
pub async fn run(
    documents: Result<Option<Vec<File>>, Stop>,
    folder: &Path,
    protection: Option<&Protection>,
    options: &Options,
    answer: &mut Answer,
) -> Result<Outcome, Stop> {
    let Some(documents) = documents? else {
        return Ok(Outcome::Problems);
    };
    let (count, shown) = (documents.len(), folder.display());
    let platform = documents
        .iter()
        .filter(|document| document.kind == Kind::Platform)
        .find_map(|document| {
            let platform = check_document::<Platform>(&document.text).ok()?;
            Some((document, platform))
        });
    let mut valid: Vec<String> = platform.iter().flat_map(notes).collect();
    valid.push(format!("{count} documents in {shown} are valid"));
    let valid = valid.join("\n");
    let Some(protection) = protection else {
        answer.note(valid);
        return Ok(Outcome::Done);
    };
    let (_, platform) = platform.ok_or_else(|| "there is no platform document".to_owned())?;
    let configuration = session::configuration(options).await?;
    let survey = OrganizationSurvey::new(configuration, platform.single_sign_on.clone());
    let problems = protection::problems(protection, &platform, &survey).await?;
    if !problems.is_empty() {
        tell(&problems, answer);
        return Ok(Outcome::Problems);
    }
    answer.note(format!(
        "{valid}; the organization has nothing else to protect"
    ));
    Ok(Outcome::Done)
}

/// What a valid platform document has to do without, told before all documents are said to be valid.
fn notes((file, platform): &(&File, Platform)) -> Vec<String> {
    let notes = platform.notes().into_iter();
    let notes = notes.map(|note| format!("note: {}: {note}", file.path.display()));
    notes.collect()
}

/// The documents of a folder if all are valid, and of somebody's own unless examples are allowed; otherwise answers their problems.
pub fn valid_documents(
    folder: &Path,
    ways_out: Option<&WaysOut>,
    allow_examples: bool,
    answer: &mut Answer,
) -> Result<Option<Vec<File>>, Stop> {
    let documents = avm_documents::read(folder)?;
    let mut problems = avm_documents::problems(&documents, ways_out);
    if !allow_examples {
        problems.extend(avm_documents::placeholders(&documents));
    }
    tell(&problems, answer);
    Ok(problems.is_empty().then_some(documents))
}

fn tell(problems: &[Found], answer: &mut Answer) {
    for Found { file, problem } in problems {
        answer.add(
            format!("{file}: {problem}"),
            [
                ("file", file.clone()),
                ("field", problem.field.clone()),
                ("expected", problem.expected.clone()),
            ],
        );
    }
}
