//! Makes one name from one pattern, or names the field that makes the name invalid.
//! Never repeats a value: it names the setting, the field and the rule.

use std::fmt::Display;
use std::str::FromStr;

use avm_core::domain::PLATFORM_PARAMETER;
use avm_core::domain::{Pattern, PatternArguments, PatternError, RoleName};

use crate::payload::Payload;
use crate::problems::Problems;

/// A name that is to be made.
pub(super) struct Naming<'a> {
    pub pattern: &'a Pattern,
    /// The field of the platform document that holds the pattern.
    pub setting: &'static str,
    /// What it makes, in words.
    pub makes: &'static str,
    /// The field of the request that may be given instead.
    pub given: Option<&'static str>,
    /// What stands before the result.
    pub prefix: &'static str,
    /// Argument 4.
    pub role: Option<&'a RoleName>,
    /// Whether two projects must never get one.
    pub tells_apart: bool,
}

/// Makes names for a request, and collects why one cannot be made.
pub(super) struct Maker<'a> {
    pub payload: &'a Payload,
    pub problems: &'a mut Problems,
}

/// The fields of the request that patterns use, in the order of their arguments.
const FIELDS: [&str; 3] = ["ProductName", "Stage", "ProjectId"];

impl Maker<'_> {
    /// Makes the name; faults are added to the problems.
    pub(super) fn make<Made>(&mut self, naming: &Naming<'_>) -> Option<Made>
    where
        Made: FromStr,
        Made::Err: Display,
    {
        let Naming { setting, makes, .. } = naming;
        if naming.tells_apart && !self.keeps_apart(naming) {
            return None;
        }
        let instead = naming
            .given
            .map(|field| format!("; or give {field}"))
            .unwrap_or_default();
        let made = match self.format(naming, [true; 3]) {
            Ok(made) => made,
            Err(PatternError::MissingArgument { number: 3 }) => {
                let expected = format!(
                    "is missing: {setting} of {PLATFORM_PARAMETER} makes {makes} from it{instead}"
                );
                self.problems.add_once("ProjectId", expected);
                return None;
            }
            Err(error) => {
                let expected =
                    format!("{setting} of {PLATFORM_PARAMETER} cannot make {makes}: {error}");
                self.problems.add_once(&FIELDS[..2].join(" and "), expected);
                return None;
            }
        };
        let error = match made.parse::<Made>() {
            Ok(made) => return Some(made),
            Err(error) => error,
        };
        let faulty = self.faulty_fields::<Made>(naming);
        let length = made.chars().count();
        self.problems.add_once(
            naming.given.unwrap_or(&faulty),
            format!(
                "what {setting} of {PLATFORM_PARAMETER} makes of {faulty} is not valid: {error} (it has {length} \
                 characters){instead}"
            ),
        );
        None
    }

    /// Whether no identifier holds the character by which the pattern tells its end; those that do are added to the problems.
    fn keeps_apart(&mut self, naming: &Naming<'_>) -> bool {
        let Naming { setting, makes, .. } = naming;
        let identifiers = [
            self.payload.workspace.as_str(),
            self.payload.project.as_str(),
        ];
        // A pattern that tells no project apart has been refused with the platform document.
        let separators = naming.pattern.separators(naming.role.is_some());
        let mut keeps_apart = true;
        for separator in separators.unwrap_or_default() {
            let field = separator.argument - 1;
            let character = separator.character;
            if identifiers
                .get(field)
                .is_some_and(|text| text.contains(character))
            {
                keeps_apart = false;
                let expected = format!(
                    "must not hold {character:?}, which ends it in {setting} of {PLATFORM_PARAMETER}: another project could \
                     get the same for {makes}"
                );
                self.problems.add_once(FIELDS[field], expected);
            }
        }
        keeps_apart
    }

    /// Fills the pattern with these fields of the request, and with short valid text for the others.
    fn format(&self, naming: &Naming<'_>, from_request: [bool; 3]) -> Result<String, PatternError> {
        let [workspace, project, project_id] = from_request;
        let payload = self.payload;
        let arguments = PatternArguments {
            workspace: if workspace {
                payload.workspace.as_str()
            } else {
                "w"
            },
            project: if project {
                payload.project.as_str()
            } else {
                "p"
            },
            project_id: if project_id {
                payload.project_id.as_deref()
            } else {
                Some("1")
            },
            role: naming.role.map(RoleName::as_str),
        };
        let made = naming.pattern.format(arguments)?;
        Ok(format!("{}{made}", naming.prefix))
    }

    /// The fields that make the name invalid each on its own; if none does, all that the pattern uses.
    fn faulty_fields<Made: FromStr>(&self, naming: &Naming<'_>) -> String {
        let pattern = naming.pattern;
        let is_faulty = |field: usize| {
            let made = self.format(naming, [0, 1, 2].map(|other| other == field));
            made.is_ok_and(|made| made.parse::<Made>().is_err())
        };
        let is_used = |field: usize| pattern.uses(field + 1) || (field == 1 && pattern.is_single());
        let used: Vec<usize> = (0..FIELDS.len()).filter(|field| is_used(*field)).collect();
        let faulty: Vec<&str> = used
            .iter()
            .filter(|field| is_faulty(**field))
            .map(|field| FIELDS[*field])
            .collect();
        if faulty.is_empty() {
            let used: Vec<&str> = used.into_iter().map(|field| FIELDS[field]).collect();
            used.join(" and ")
        } else {
            faulty.join(" and ")
        }
    }
}
