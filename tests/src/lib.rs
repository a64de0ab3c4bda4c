//! Holds the definition, the templates and the documents against the code: see `tests/`.
//! Here: how they are read, and what is made of them. A file that cannot be read fails the test that wants it.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::{env, fs};

use serde_json::Value;

pub mod definition;
pub mod docs;
pub mod functions;
pub mod grants;
pub mod history;
pub mod names_of_aws;
pub mod policy;
pub mod rights;
pub mod seeds;
pub mod steps;
pub mod template;

/// Where else the repository is: a copy whose templates lack something, and whose tests are to notice.
const ROOT_VARIABLE: &str = "AVM_REPOSITORY";

/// The root of the repository.
pub fn root() -> PathBuf {
    let here = || {
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .unwrap()
            .to_owned()
    };
    env::var_os(ROOT_VARIABLE).map_or_else(here, PathBuf::from)
}

/// The text of a file, by its path from the root.
pub fn text(path: &str) -> String {
    match fs::read_to_string(root().join(path)) {
        Ok(text) => text,
        Err(error) => panic!("{path}: {error}"),
    }
}

/// A JSON document, by its path from the root.
pub fn json(path: &str) -> Value {
    match serde_json::from_str(&text(path)) {
        Ok(value) => value,
        Err(error) => panic!("{path}: {error}"),
    }
}

/// The paths of the files directly below the folders of `functions/`: the main files of all functions, in order.
pub fn main_files() -> Vec<String> {
    let files = files_below("functions", "rs").into_iter();
    files.filter(|path| path.split('/').count() == 3).collect()
}

/// The paths of the files below a folder with that extension, from the root.
pub fn files_below(folder: &str, extension: &str) -> Vec<String> {
    let mut files = Vec::new();
    for entry in fs::read_dir(root().join(folder)).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{folder}/{}", entry.file_name().into_string().unwrap());
        if entry.path().is_dir() {
            files.extend(files_below(&path, extension));
        } else if entry
            .path()
            .extension()
            .is_some_and(|found| found == extension)
        {
            files.push(path);
        }
    }
    files.sort();
    files
}
