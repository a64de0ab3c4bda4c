//! The fields of a Dhall record, each taken exactly once: a field that is left over is unknown, and an error.
//! A field is known in camelCase and in kebab-case, as the older and the newer documents of meshStack write it.

use std::collections::BTreeMap;

use super::evaluate::Data;

/// What was wrong with the fields, each with its path; shared by all records of a file.
pub type Faults = Vec<String>;

/// The fields of one record.
pub struct Fields {
    /// The path of the record with a dot behind it; empty for the outermost.
    prefix: String,
    /// By the name in camelCase: the name as it is written, and the value.
    values: BTreeMap<String, (String, Data)>,
    /// The names that were asked for.
    known: Vec<&'static str>,
}

impl Fields {
    /// The fields of the record at that path.
    pub fn of(path: &str, record: BTreeMap<String, Data>, faults: &mut Faults) -> Self {
        let prefix = if path.is_empty() {
            String::new()
        } else {
            format!("{path}.")
        };
        let mut values: BTreeMap<String, (String, Data)> = BTreeMap::new();
        for (written, value) in record {
            let name = camel_case(&written);
            if let Some((other, _)) = values.get(&name) {
                faults.push(format!(
                    "field {prefix}{written}: is the same as {prefix}{other}"
                ));
            }
            values.insert(name, (written, value));
        }
        Self {
            prefix,
            values,
            known: Vec::new(),
        }
    }

    /// The path of a field.
    fn path(&self, written: &str) -> String {
        format!("{}{written}", self.prefix)
    }

    /// Takes a field out of its Optionals; `None Text` is as good as no field.
    fn take(&mut self, name: &'static str) -> Option<(String, Data)> {
        self.known.push(name);
        let (written, mut value) = self.values.remove(name)?;
        loop {
            match value {
                Data::Optional(inner) => value = *inner?,
                value => return Some((self.path(&written), value)),
            }
        }
    }

    /// A text.
    pub fn text(&mut self, name: &'static str, faults: &mut Faults) -> Option<String> {
        let (path, value) = self.take(name)?;
        text(&path, value, faults)
    }

    /// A text that has to be there.
    pub fn required_text(&mut self, name: &'static str, faults: &mut Faults) -> Option<String> {
        let Some((path, value)) = self.take(name) else {
            faults.push(format!("field {}: is missing", self.path(name)));
            return None;
        };
        text(&path, value, faults)
    }

    /// `True` or `False`.
    pub fn flag(&mut self, name: &'static str, faults: &mut Faults) -> Option<bool> {
        match self.take(name)? {
            (_, Data::Bool(value)) => Some(value),
            (path, other) => {
                faults.push(format!(
                    "field {path}: must be a Bool, not {}",
                    other.kind()
                ));
                None
            }
        }
    }

    /// One of these alternatives of a union.
    pub fn alternative(
        &mut self,
        name: &'static str,
        known: &[&'static str],
        faults: &mut Faults,
    ) -> Option<&'static str> {
        let (path, value) = self.take(name)?;
        let found = match &value {
            Data::Alternative(found) => known.iter().find(|known| *known == found),
            _ => None,
        };
        if found.is_none() {
            let known = known.join(" | ");
            faults.push(format!("field {path}: must be one of < {known} >"));
        }
        found.copied()
    }

    /// A list of texts.
    pub fn texts(&mut self, name: &'static str, faults: &mut Faults) -> Vec<String> {
        let Some((path, value)) = self.take(name) else {
            faults.push(format!("field {}: is missing", self.path(name)));
            return Vec::new();
        };
        let Data::List(items) = value else {
            faults.push(format!(
                "field {path}: must be a List Text, not {}",
                value.kind()
            ));
            return Vec::new();
        };
        let items = items.into_iter().enumerate();
        items
            .filter_map(|(index, item)| text(&format!("{path}[{index}]"), item, faults))
            .collect()
    }

    /// Whether a secret is there. It may be of any type, and its value is dropped here.
    pub fn secret(&mut self, name: &'static str) -> bool {
        self.take(name).is_some()
    }

    /// A record within this one.
    pub fn section(&mut self, name: &'static str, faults: &mut Faults) -> Option<Self> {
        match self.take(name)? {
            (path, Data::Record(record)) => Some(Self::of(&path, record, faults)),
            (path, other) => {
                faults.push(format!(
                    "field {path}: must be a record, not {}",
                    other.kind()
                ));
                None
            }
        }
    }

    /// A `List { mapKey : Text, mapValue : { … } }`, in its order; nothing where the field is absent.
    pub fn map(&mut self, name: &'static str, faults: &mut Faults) -> Option<Vec<(String, Self)>> {
        let (path, value) = self.take(name)?;
        let expected = "must be a List { mapKey : Text, mapValue : { … } }, as toMap makes it";
        let Data::List(items) = value else {
            faults.push(format!("field {path}: {expected}, not {}", value.kind()));
            return None;
        };
        let mut entries: Vec<(String, Self)> = Vec::new();
        for (index, item) in items.into_iter().enumerate() {
            let Some((key, value)) = entry(item) else {
                faults.push(format!("field {path}[{index}]: the list {expected}"));
                continue;
            };
            if entries.iter().any(|(other, _)| *other == key) {
                faults.push(format!(
                    "field {path}[{index}]: has a mapKey that another entry has already"
                ));
            }
            let fields = Self::of(&format!("{path}[{index}].mapValue"), value, faults);
            entries.push((key, fields));
        }
        Some(entries)
    }

    /// Every field that was not taken is a fault.
    pub fn finish(self, faults: &mut Faults) {
        let prefix = &self.prefix;
        for (written, _) in self.values.values() {
            faults.push(format!(
                "field {prefix}{written}: is unknown; known are {}",
                self.known.join(", ")
            ));
        }
    }
}

fn text(path: &str, value: Data, faults: &mut Faults) -> Option<String> {
    match value {
        Data::Text(text) => Some(text),
        other => {
            faults.push(format!(
                "field {path}: must be a Text, not {}",
                other.kind()
            ));
            None
        }
    }
}

fn entry(item: Data) -> Option<(String, BTreeMap<String, Data>)> {
    let Data::Record(mut entry) = item else {
        return None;
    };
    let (key, value) = (entry.remove("mapKey")?, entry.remove("mapValue")?);
    match (key, value, entry.is_empty()) {
        (Data::Text(key), Data::Record(value), true) => Some((key, value)),
        _ => None,
    }
}

/// `account-email-pattern` becomes `accountEmailPattern`; what is in camelCase already stays.
fn camel_case(name: &str) -> String {
    let mut parts = name.split('-');
    let mut result = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let mut characters = part.chars();
        result.extend(characters.next().map(|first| first.to_ascii_uppercase()));
        result.push_str(characters.as_str());
    }
    result
}
