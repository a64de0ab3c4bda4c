//! `avm config check`: every problem of every document.
//! `avm config deploy` checks in the same way before it writes.

use std::path::Path;

use avm_core::rules::ways_out::WaysOut;
use avm_documents::{File, Found};

use crate::Outcome;
use crate::answer::Answer;
use crate::exit::Stop;

/// Checks the documents of a folder; fails if a file or folder cannot be read.
pub fn run(
    folder: &Path,
    ways_out: Option<&WaysOut>,
    allow_examples: bool,
    answer: &mut Answer,
) -> Result<Outcome, Stop> {
    let Some(documents) = valid_documents(folder, ways_out, allow_examples, answer)? else {
        return Ok(Outcome::Problems);
    };
    answer.note(format!(
        "{} documents in {} are valid",
        documents.len(),
        folder.display()
    ));
    Ok(Outcome::Done)
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
    for Found { file, problem } in &problems {
        answer.add(
            format!("{file}: {problem}"),
            [
                ("file", file.clone()),
                ("field", problem.field.clone()),
                ("expected", problem.expected.clone()),
            ],
        );
    }
    Ok(problems.is_empty().then_some(documents))
}
