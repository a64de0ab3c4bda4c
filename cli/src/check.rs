//! `avm config check`: prints every problem of every document, one line each.
//! `avm config deploy` checks in the same way before it writes.

use std::path::Path;

use avm_aws as aws;
use avm_aws::survey::OrganizationSurvey;
use avm_core::config::{Platform, check_document};
use avm_core::rules::ways_out::WaysOut;
use avm_documents::{File, Kind};

use crate::Outcome;
use crate::protection::{self, Protection};

/// Checks the documents of a folder and prints the result, and, where the lists of what is protected are told, holds these
/// against the organization.
///
/// # Errors
/// A file or folder cannot be read; AWS refuses, or does not answer.
pub async fn run(
    folder: &Path,
    ways_out: Option<&WaysOut>,
    protection: Option<&Protection>,
) -> Result<Outcome, String> {
    let Some(documents) = valid_documents(folder, ways_out)? else {
        return Ok(Outcome::Problems);
    };
    println!(
        "{} documents in {} are valid",
        documents.len(),
        folder.display()
    );
    let Some(protection) = protection else {
        return Ok(Outcome::Done);
    };
    let platform = documents
        .iter()
        .filter(|document| document.kind == Kind::Platform)
        .find_map(|document| check_document::<Platform>(&document.text).ok())
        .ok_or("there is no platform document")?;
    let configuration = aws::configuration().await;
    let survey = OrganizationSurvey::new(configuration, platform.single_sign_on.clone());
    let problems = protection::problems(protection, &platform, &survey).await;
    let problems = problems.map_err(|failure| failure.to_string())?;
    for problem in &problems {
        println!("{problem}");
    }
    if !problems.is_empty() {
        return Ok(Outcome::Problems);
    }
    println!("the organization has nothing else to protect");
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
