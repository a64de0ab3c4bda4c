//! The name and address of an account that is created: as given, else made from the platform's patterns.
//! meshStack limits the identifiers that go into patterns: workspace 16 characters, project 30.

use std::fmt::Display;
use std::str::FromStr;

use shared::config::{PLATFORM_PARAMETER, Platform};
use shared::domain::{AccountId, AccountName, Email, Pattern, PatternArguments, PatternError};

use crate::payload::{Payload, WantedAccount};
use crate::problems::Problems;

const LONGEST_WORKSPACE: usize = 16;
const LONGEST_PROJECT: usize = 30;

/// What the order says of the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedAccount {
    /// The account to adopt; none: it is created.
    pub id: Option<AccountId>,
    /// Its name.
    pub name: AccountName,
    /// The address of its root user.
    pub email: Email,
    /// Its ARN, where it was given.
    pub arn: Option<String>,
}

/// Finds the name and address of the account; what is wrong is added to the problems.
pub fn name_account(
    payload: &Payload,
    platform: &Platform,
    problems: &mut Problems,
) -> Option<NamedAccount> {
    let (name, email) = match &payload.account {
        WantedAccount::Existing {
            id,
            name,
            email,
            arn,
        } => {
            return Some(NamedAccount {
                id: Some(id.clone()),
                name: name.clone(),
                email: email.clone(),
                arn: arn.clone(),
            });
        }
        WantedAccount::New { name, email } => (name, email),
    };
    let mut maker = Maker { payload, problems };
    if name.is_none() || email.is_none() {
        maker.check_identifiers();
    }
    let made_name = name.clone().or_else(|| {
        maker.make(
            "AccountName",
            "accountNamePattern",
            &platform.account_name_pattern,
        )
    });
    let made_email = email.clone().or_else(|| {
        maker.make(
            "AccountEmail",
            "accountEmailPattern",
            &platform.account_email_pattern,
        )
    });
    Some(NamedAccount {
        id: None,
        name: made_name?,
        email: made_email?,
        arn: None,
    })
}

struct Maker<'a> {
    payload: &'a Payload,
    problems: &'a mut Problems,
}

impl Maker<'_> {
    fn check_identifiers(&mut self) {
        let Payload {
            workspace, project, ..
        } = self.payload;
        for (field, identifier, longest) in [
            ("ProductName", workspace.as_str(), LONGEST_WORKSPACE),
            ("Stage", project.as_str(), LONGEST_PROJECT),
        ] {
            if identifier.chars().count() > longest {
                let expected = format!(
                    "must have at most {longest} characters where the account's name or address is made from a \
                     pattern; else give AccountName and AccountEmail"
                );
                self.problems.add(field, expected);
            }
        }
    }

    fn make<Made>(&mut self, field: &str, setting: &str, pattern: &Pattern) -> Option<Made>
    where
        Made: FromStr,
        Made::Err: Display,
    {
        let arguments = PatternArguments {
            workspace: self.payload.workspace.as_str(),
            project: self.payload.project.as_str(),
            project_id: self.payload.project_id.as_deref(),
            role: None,
        };
        let made = match pattern.format(arguments) {
            Ok(made) => made,
            Err(PatternError::MissingArgument { number: 3 }) => {
                let expected = format!(
                    "is missing: {setting} of {PLATFORM_PARAMETER} makes {field} from it; else give {field}"
                );
                self.problems.add("ProjectId", expected);
                return None;
            }
            Err(error) => {
                let expected = format!("{setting} of {PLATFORM_PARAMETER} makes none: {error}");
                self.problems.add(field, expected);
                return None;
            }
        };
        let read = made.parse().map_err(|error: Made::Err| {
            format!(
                "what {setting} of {PLATFORM_PARAMETER} makes of ProductName and Stage is not valid: {error} \
                 (it has {} characters); else give {field}",
                made.chars().count()
            )
        });
        self.problems.take(field, read)
    }
}

#[cfg(test)]
mod tests;
