//! The documents of a folder: `platform.json` and `landing-zones/<name>.json`, each with its parameter.
//! Other files are left alone.

use std::fs;
use std::path::{Path, PathBuf};

use avm_core::domain::LandingZoneName;
use avm_core::domain::{LANDING_ZONE_PARAMETERS, PLATFORM_PARAMETER};

/// What a document is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    Platform,
    /// The landing zone of that name, or why the file's name is not a valid one.
    LandingZone(Result<LandingZoneName, String>),
}

/// A document and the file that it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    pub path: PathBuf,
    pub kind: Kind,
    pub text: String,
}

impl File {
    /// The SSM parameter of the document, if its name can be one.
    pub fn parameter(&self) -> Option<String> {
        match &self.kind {
            Kind::Platform => Some(PLATFORM_PARAMETER.to_owned()),
            Kind::LandingZone(name) => {
                let name = name.as_ref().ok()?;
                Some(format!("{LANDING_ZONE_PARAMETERS}{name}"))
            }
        }
    }
}

/// Reads the documents: the platform first, then the landing zones by name.
pub fn read(folder: &Path) -> Result<Vec<File>, String> {
    let mut files = vec![file(folder.join("platform.json"), Kind::Platform)?];
    let zones = folder.join("landing-zones");
    if !zones.is_dir() {
        return Err(format!("{} is not a folder", zones.display()));
    }
    files.extend(landing_zones(folder)?);
    Ok(files)
}

/// Reads the landing zones by name; none where their folder does not exist.
pub fn landing_zones(folder: &Path) -> Result<Vec<File>, String> {
    let zones = folder.join("landing-zones");
    if !zones.exists() {
        return Ok(Vec::new());
    }
    let mut files = Vec::new();
    let entries = fs::read_dir(&zones).map_err(|error| unreadable(&zones, &error))?;
    let mut paths = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<PathBuf>, _>>()
        .map_err(|error| unreadable(&zones, &error))?;
    paths.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "json")
    });
    paths.sort();
    for path in paths {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let name = stem.parse::<LandingZoneName>();
        let kind = Kind::LandingZone(name.map_err(|error| error.to_string()));
        files.push(file(path, kind)?);
    }
    Ok(files)
}

fn file(path: PathBuf, kind: Kind) -> Result<File, String> {
    let text = fs::read_to_string(&path).map_err(|error| unreadable(&path, &error))?;
    Ok(File { path, kind, text })
}

fn unreadable(path: &Path, error: &std::io::Error) -> String {
    format!("{} cannot be read: {error}", path.display())
}
