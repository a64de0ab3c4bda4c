//! `avm config schema`: the JSON Schemas of the documents, made from their types.
//! With `--check` it writes nothing, and names the schemas that differ.

use std::fs;
use std::path::{Path, PathBuf};

use avm_core::config::schemas;

use crate::Outcome;
use crate::answer::Answer;
use crate::exit::Stop;

/// Writes the schemas below the folder, or says which of them differ.
///
/// # Errors
/// A file that cannot be written.
pub fn run(folder: &Path, check: bool, answer: &mut Answer) -> Result<Outcome, Stop> {
    let differing = differing(&folder.join("schemas"));
    for (path, text) in &differing {
        let file = path.display().to_string();
        let state = if check {
            "differs from the types; run `avm config schema`"
        } else {
            write(path, text).map_err(|error| format!("{file} cannot be written: {error}"))?;
            "written"
        };
        answer.add(
            format!("{file}: {state}"),
            [("file", file), ("state", state.to_owned())],
        );
    }
    if differing.is_empty() {
        answer.note("the schemas are those of the types");
    }
    Ok(if check && !differing.is_empty() {
        Outcome::Problems
    } else {
        Outcome::Done
    })
}

fn differing(folder: &Path) -> Vec<(PathBuf, String)> {
    let of_reports = avm_metering::documents::schemas();
    schemas()
        .into_iter()
        .chain(of_reports)
        .map(|(name, text)| (folder.join(name), text))
        .filter(|(path, text)| fs::read_to_string(path).ok().as_ref() != Some(text))
        .collect()
}

fn write(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(folder: &Path, check: bool) -> Result<Outcome, Stop> {
        super::run(folder, check, &mut Answer::default())
    }

    #[test]
    fn a_schema_is_missing_then_written_then_changed() {
        let folder = std::env::temp_dir().join(format!("avm-schema-{}", std::process::id()));
        assert_eq!(run(&folder, true), Ok(Outcome::Problems));
        assert_eq!(run(&folder, false), Ok(Outcome::Done));
        assert_eq!(run(&folder, true), Ok(Outcome::Done));
        fs::write(folder.join("schemas/platform.schema.json"), "{}").unwrap();
        assert_eq!(run(&folder, true), Ok(Outcome::Problems));
        assert_eq!(differing(&folder.join("schemas")).len(), 1);
        fs::remove_dir_all(folder).unwrap();
    }
}
