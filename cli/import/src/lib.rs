//! `avm config import`: meshStack's `Aws.dhall` becomes a platform document and a landing zone.
//! Nothing is lost silently: every option that is not carried over gets a reason, and an unknown one is an error.

mod evaluate;
mod fields;
mod options;
mod source;
mod translate;

use std::fs;
use std::path::{Path, PathBuf};

use avm_core::config::{Document, LandingZone, Platform, check_document};
use avm_documents::{File, Kind};
use serde::Serialize;

pub use self::options::Options;
use self::translate::Translation;

/// How the import ended, if it could do its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// The file, or a document made of it, has problems, which have been printed.
    Problems,
}

/// Reads the file, writes the documents and prints where each option went. Fails if options are missing, a document
/// exists already, or a file cannot be read or written.
pub fn run(options: &Options) -> Result<Outcome, String> {
    let import = match prepare(options) {
        Ok(import) => import,
        Err(Refusal::Faults(faults)) => {
            for fault in faults {
                println!("{fault}");
            }
            println!("nothing was written");
            return Ok(Outcome::Problems);
        }
        Err(Refusal::NotPossible(reason)) => return Err(reason),
    };
    write(&import.files, options.force)?;
    print!("{}", import.table);
    Ok(Outcome::Done)
}

/// Reads a text as [`run`] reads a file, and returns everything that is wrong with it, one line each. Imports are
/// refused, and nothing is written or printed.
pub fn check_text(text: &str, options: &Options) -> Result<(), Vec<String>> {
    let data = evaluate::evaluate_text(text).map_err(|reason| vec![reason])?;
    let source = source::read(data)?;
    let translation = translate::translate(&source, options)?;
    documents_of(&translation, options).map(drop)
}

struct Import {
    files: Vec<File>,
    table: String,
}

/// Why nothing is written.
#[derive(Debug, PartialEq, Eq)]
enum Refusal {
    /// The file, or a document that would be made of it, is faulty: one line each.
    Faults(Vec<String>),
    /// Options are missing, or the folder's documents cannot be read.
    NotPossible(String),
}

fn prepare(options: &Options) -> Result<Import, Refusal> {
    let of_file = |fault: &String| format!("{}: {fault}", options.file.display());
    let data = evaluate::evaluate(&options.file)
        .map_err(|reason| Refusal::Faults(vec![of_file(&reason)]))?;
    let source = source::read(data)
        .map_err(|faults| Refusal::Faults(faults.iter().map(of_file).collect()))?;
    let translation = translate::translate(&source, options)
        .map_err(|missing| Refusal::NotPossible(missing.join("\navm: ")))?;
    let files = documents_of(&translation, options).map_err(Refusal::Faults)?;
    let all = beside_what_exists(&files, &options.output).map_err(Refusal::NotPossible)?;
    match avm_documents::problems(&all, None) {
        faults if faults.is_empty() => Ok(Import {
            files,
            table: table(&translation.table),
        }),
        faults => Err(Refusal::Faults(faults)),
    }
}

/// The two documents as files: checked, in the order of their types, the defaults written out.
fn documents_of(translation: &Translation, options: &Options) -> Result<Vec<File>, Vec<String>> {
    let name = options.landing_zone_name.clone();
    let name = name.ok_or_else(|| vec!["the landing zone has no name".to_owned()])?;
    let platform = options.output.join("platform.json");
    let zone = options
        .output
        .join("landing-zones")
        .join(format!("{name}.json"));
    let texts = (
        text::<Platform>(&platform, &translation.platform.to_string()),
        text::<LandingZone>(&zone, &translation.landing_zone.to_string()),
    );
    match texts {
        (Ok(platform_text), Ok(zone_text)) => Ok(vec![
            File {
                path: platform,
                kind: Kind::Platform,
                text: platform_text,
            },
            File {
                path: zone,
                kind: Kind::LandingZone(Ok(name)),
                text: zone_text,
            },
        ]),
        (platform, zone) => Err([platform.err(), zone.err()]
            .into_iter()
            .flatten()
            .flatten()
            .collect()),
    }
}

fn text<Kind: Document + Serialize>(path: &Path, text: &str) -> Result<String, Vec<String>> {
    let shown = path.display();
    let document: Kind = check_document(text).map_err(|problems| {
        let lines = problems.iter().map(|problem| format!("{shown}: {problem}"));
        lines.collect::<Vec<String>>()
    })?;
    serde_json::to_string_pretty(&document)
        .map(|text| format!("{text}\n"))
        .map_err(|error| vec![format!("{shown}: cannot be written as JSON: {error}")])
}

/// The documents as the folder will have them: existing landing zones must fit the new platform as well.
fn beside_what_exists(files: &[File], output: &Path) -> Result<Vec<File>, String> {
    let mut all = files.to_vec();
    let zones = avm_documents::landing_zones(output)?;
    let is_new = |zone: &File| files.iter().any(|file| file.path == zone.path);
    all.extend(zones.into_iter().filter(|zone| !is_new(zone)));
    Ok(all)
}

/// Writes all files, or none if one exists already and `force` is not given.
fn write(files: &[File], force: bool) -> Result<(), String> {
    let existing: Vec<String> = files
        .iter()
        .filter(|file| file.path.exists())
        .map(|file| file.path.display().to_string())
        .collect();
    if !existing.is_empty() && !force {
        return Err(format!(
            "{} exists already and is not overwritten without --force",
            existing.join(" and ")
        ));
    }
    for file in files {
        let unwritable =
            |error: std::io::Error| format!("{} cannot be written: {error}", file.path.display());
        let folder: PathBuf = file.path.parent().map(Path::to_owned).unwrap_or_default();
        fs::create_dir_all(folder).map_err(unwritable)?;
        fs::write(&file.path, &file.text).map_err(unwritable)?;
        println!("{}: written", file.path.display());
    }
    Ok(())
}

/// One line for each option, in columns.
fn table(rows: &[(String, String)]) -> String {
    let width = rows
        .iter()
        .map(|(option, _)| option.chars().count())
        .max()
        .unwrap_or_default();
    let lines = rows
        .iter()
        .map(|(option, where_to)| format!("{option:width$}  {where_to}\n"));
    lines.collect()
}

#[cfg(test)]
mod tests;
