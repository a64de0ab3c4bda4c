//! An unpacked package: its templates, and the files that they refer to by their paths.
//! A file becomes an object whose key is made of its contents, so that the same file is never another object.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use avm_core::domain::{Region, sha256_of};

/// What CloudFormation takes of a template in a call; a longer one has to lie in a bucket.
pub const LONGEST_TEXT: usize = 51_200;
/// Properties whose values are paths of files. `sam package` knows more of them; the templates have these.
const PATHS: [&str; 3] = ["CodeUri: ", "DefinitionUri: ", "Location: "];

/// A template, as it lies in the package.
#[derive(Clone, Debug)]
pub struct Template {
    path: PathBuf,
    pub text: String,
}

/// Something to be uploaded.
#[derive(Clone, PartialEq, Eq)]
pub struct Object {
    pub key: String,
    pub contents: Vec<u8>,
}

/// A bucket, as templates refer to what is in it.
pub struct Place<'a> {
    pub bucket: &'a str,
    pub region: &'a Region,
}

impl Template {
    /// # Errors
    /// It cannot be read.
    pub fn read(package: &Path, name: &str) -> Result<Self, String> {
        let path = package.join(name);
        let text = std::fs::read_to_string(&path).map_err(|error| {
            format!(
                "{}: {error}. Remedy: name the unpacked package with --package; `make package` writes it",
                path.display()
            )
        })?;
        Ok(Self { path, text })
    }

    /// The names of its parameters.
    pub fn parameters(&self) -> BTreeSet<&str> {
        children(&self.text, "Parameters").collect()
    }

    /// The names of its resources; a condition may leave some of them out.
    pub fn resources(&self) -> BTreeSet<&str> {
        children(&self.text, "Resources").collect()
    }

    /// Whether it refers to files, or is too long for a call.
    pub fn needs_bucket(&self) -> bool {
        self.text.len() > LONGEST_TEXT || !references(&self.text).is_empty()
    }

    /// The template with addresses in the place of paths, and itself the last of the objects that have to be there.
    ///
    /// # Errors
    /// A file that it refers to is not there, as in the repository itself.
    pub fn packed(&self, place: &Place) -> Result<Vec<Object>, String> {
        let mut objects = Vec::new();
        let mut text = String::new();
        let mut rest = self.text.as_str();
        for (start, end) in references(&self.text) {
            let offset = self.text.len() - rest.len();
            text.push_str(&rest[..start - offset]);
            let name = self.text[start..end].trim_matches(['"', '\'']);
            let found = self.uploaded(name, place, &mut objects)?;
            text.push_str(&found);
            rest = &self.text[end..];
        }
        text.push_str(rest);
        objects.push(object(&self.path, text.into_bytes()));
        Ok(objects)
    }

    /// The address of a file that a template refers to.
    fn uploaded(
        &self,
        name: &str,
        place: &Place,
        objects: &mut Vec<Object>,
    ) -> Result<String, String> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let path = folder.join(name);
        if path.is_dir() {
            return Err(format!(
                "{} refers to the folder {name}: these are sources. Remedy: `make package`, unpack it, and name the folder with \
                 --package",
                self.path.display()
            ));
        }
        let contents = std::fs::read(&path)
            .map_err(|error| format!("{} refers to {name}: {error}", self.path.display()))?;
        let template = String::from_utf8(contents.clone()).ok();
        let template = template.filter(|text| text.lines().any(|line| line == "Resources:"));
        // An application is a template, whose address CloudFormation wants in another form.
        if let Some(text) = template {
            let inner = Self { path, text }.packed(place)?;
            let address = inner.last().map(|found| place.url(&found.key));
            objects.extend(inner);
            return Ok(address.unwrap_or_default());
        }
        let found = object(&path, contents);
        let address = format!("s3://{}/{}", place.bucket, found.key);
        objects.push(found);
        Ok(address)
    }
}

impl Place<'_> {
    /// The address of a template.
    pub fn url(&self, key: &str) -> String {
        let (bucket, region) = (self.bucket, self.region);
        let suffix = region.dns_suffix();
        format!("https://{bucket}.s3.{region}.{suffix}/{key}")
    }
}

fn object(path: &Path, contents: Vec<u8>) -> Object {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let digest = sha256_of(&contents);
    Object {
        key: format!("avm/{digest}/{name}"),
        contents,
    }
}

/// The keys one level below a key of the top; the templates are indented by two.
fn children<'a>(text: &'a str, top: &'static str) -> impl Iterator<Item = &'a str> {
    let is_top = move |line: &str| line.strip_suffix(':').is_some_and(|key| key == top);
    let below = text.lines().skip_while(move |line| !is_top(line)).skip(1);
    let below = below.take_while(|line| line.is_empty() || line.starts_with([' ', '#']));
    below.filter_map(|line| {
        let line = line.strip_prefix("  ")?;
        let (key, _) = line.split_once(':')?;
        key.bytes()
            .all(|byte| byte.is_ascii_alphanumeric())
            .then_some(key)
    })
}

/// Where in a template paths of files are.
fn references(text: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut start_of_line = 0;
    for line in text.split_inclusive('\n') {
        if !line.trim_start().starts_with('#') {
            let starts = PATHS.iter().filter_map(|key| {
                let at = line.find(key)?;
                let before = line[..at].chars().next_back();
                before
                    .is_none_or(|before| " {".contains(before))
                    .then(|| at + key.len())
            });
            for start in starts {
                let value = &line[start..];
                let length = value
                    .find([' ', ',', '}', '\n', '\r'])
                    .unwrap_or(value.len());
                if is_path(&value[..length]) {
                    found.push((start_of_line + start, start_of_line + start + length));
                }
            }
        }
        start_of_line += line.len();
    }
    found
}

/// No address, and nothing that CloudFormation puts a value in.
fn is_path(value: &str) -> bool {
    !value.is_empty() && !value.contains("://") && !value.starts_with('!')
}
