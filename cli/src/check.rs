//! `avm config check`: prints every problem of every document, one line each.
//! `avm config deploy` checks in the same way before it writes.

use std::path::Path;

use avm_core::rules::ways_out::WaysOut;
use avm_documents::File;

use crate::Outcome;

/// Checks the documents of a folder and prints the result; fails if a file or folder cannot be read.
pub fn run(folder: &Path, ways_out: Option<&WaysOut>) -> Result<Outcome, String> {
    let Some(documents) = valid_documents(folder, ways_out)? else {
        return Ok(Outcome::Problems);
    };
    println!(
        "{} documents in {} are valid",
        documents.len(),
        folder.display()
    );
    Ok(Outcome::Done)
}

/// The documents of a folder if all are valid; otherwise prints their problems.
pub fn valid_documents(
    folder: &Path,
    ways_out: Option<&WaysOut>,
) -> Result<Option<Vec<File>>, String> {
    let documents = avm_documents::read(folder)?;
    let problems = avm_documents::problems(&documents, ways_out);
    for problem in &problems {
        println!("{problem}");
    }
    Ok(problems.is_empty().then_some(documents))
}
