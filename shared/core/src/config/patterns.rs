//! What the naming patterns of a platform must be: their arguments, and what they make of the shortest and longest identifiers.
//! A pattern that is wrong for the shortest identifiers is wrong for all; one that is too long for the longest fails a vend later.
//! A name by which something is found again must tell its project: see [`Pattern::separators`]. Names of accounts need not.

use std::fmt::Display;
use std::str::FromStr;

use crate::domain::{
    AccountAlias, AccountName, Email, GROUP_PREFIX, GroupName, Inseparable, LONGEST_PROJECT,
    LONGEST_WORKSPACE, Pattern, PatternArguments, RoleName,
};

/// meshStack: the older e-mail pattern, one `%s` for `workspace.project`, has at most 20 characters.
const LONGEST_SINGLE_EMAIL_PATTERN: usize = 20;
/// The number of the project id among the arguments, the only one that is a number.
const PROJECT_ID: usize = 3;
/// The number of the role name suffix among the arguments, which only groups have.
const ROLE: usize = 4;
/// The number of the digest of workspace and project among the arguments.
const DIGEST: usize = 5;
/// IAM: the longest name of a role.
const LONGEST_ROLE: usize = 64;

/// What is wrong with a pattern of the names of accounts.
pub fn name_problem(pattern: &Pattern) -> Option<String> {
    account_argument_problem(pattern)
        .or_else(|| result_problem::<AccountName>(pattern, "account name", ""))
}

/// What is wrong with a pattern of the addresses of accounts.
pub fn email_problem(pattern: &Pattern) -> Option<String> {
    let length = pattern.as_str().chars().count();
    if pattern.is_single() && length > LONGEST_SINGLE_EMAIL_PATTERN {
        return Some(format!(
            "with one %s must have at most {LONGEST_SINGLE_EMAIL_PATTERN} characters; use %s.%s for a longer one"
        ));
    }
    account_argument_problem(pattern)
        .or_else(|| {
            (!pattern.is_single() && !tells_projects_apart(pattern)).then(|| {
                "must make another address for every project: use %s, or %s twice, or %3$s, or %5$s"
                    .to_owned()
            })
        })
        .or_else(|| separator_problem(pattern, false))
        .or_else(|| result_problem::<Email>(pattern, "address", ""))
}

/// What is wrong with a pattern of the aliases of accounts.
pub fn alias_problem(pattern: &Pattern) -> Option<String> {
    account_argument_problem(pattern)
        .or_else(|| dot_problem(pattern))
        .or_else(|| {
            (!tells_projects_apart(pattern)).then(|| {
                "must make another alias for every project: use %s twice, or %3$s, or %5$s"
                    .to_owned()
            })
        })
        .or_else(|| separator_problem(pattern, false))
        .or_else(|| result_problem::<AccountAlias>(pattern, "account alias", ""))
}

/// What is wrong with a pattern of the names of groups.
pub fn group_problem(pattern: &Pattern) -> Option<String> {
    number_problem(pattern)
        .or_else(|| {
            (!pattern.uses(ROLE)).then(|| {
                "must use %4$s, the awsRoleName of the mapping: without it all roles of a project would share one \
                 group, and each would get the permission sets of all"
                    .to_owned()
            })
        })
        .or_else(|| {
            (!tells_projects_apart(pattern)).then(|| {
                "must make other groups for every project: use %1$s and %2$s, or %3$s, or %5$s".to_owned()
            })
        })
        .or_else(|| separator_problem(pattern, true))
        .or_else(|| result_problem::<GroupName>(pattern, "group name", GROUP_PREFIX))
}

/// What is wrong with the name of a role in a landing zone, on a platform with that pattern of the names of groups.
pub fn role_problem(pattern: &Pattern, role: &RoleName) -> Option<String> {
    let separators = pattern.separators(true).ok()?;
    let separator = separators.into_iter().find(|separator| {
        separator.argument == ROLE && role.as_str().contains(separator.character)
    })?;
    Some(format!(
        "must not hold {:?}, which ends it in singleSignOn.groupNamePattern of the platform document: two groups could get \
         one name",
        separator.character
    ))
}

/// Two projects, or two roles, get one name where nothing tells the end of an identifier.
fn separator_problem(pattern: &Pattern, of_roles: bool) -> Option<String> {
    let Err(Inseparable(number)) = pattern.separators(of_roles) else {
        return None;
    };
    Some(format!(
        "must separate argument {number} from the next one by a character that is no letter and no digit: otherwise two \
         projects could get one name"
    ))
}

/// meshStack's default `%s.%s` is one of them: AWS has never taken such an alias.
fn dot_problem(pattern: &Pattern) -> Option<String> {
    let repaired = pattern.as_str().replace('.', "-");
    if pattern.is_single() {
        let repaired = repaired.replacen("%s", "%s-%s", 1);
        Some(format!(
            "must not be a single %s: that means workspace.project, and an alias must not contain a dot; use \
             {repaired} instead"
        ))
    } else {
        pattern.words().any(|words| words.contains('.')).then(|| {
            format!(
                "must not contain a dot, because an alias may not contain a dot; use {repaired} instead"
            )
        })
    }
}

fn tells_projects_apart(pattern: &Pattern) -> bool {
    pattern.uses(PROJECT_ID) || pattern.uses(DIGEST) || (pattern.uses(1) && pattern.uses(2))
}

fn account_argument_problem(pattern: &Pattern) -> Option<String> {
    if pattern.uses(ROLE) {
        return Some(format!(
            "must not use argument {ROLE}: accounts have 1 workspace, 2 project, 3 numeric project id, 5 digest"
        ));
    }
    number_problem(pattern)
}

fn number_problem(pattern: &Pattern) -> Option<String> {
    let (number, _) = pattern
        .arguments()
        .find(|(number, is_number)| *is_number && *number != PROJECT_ID)?;
    Some(format!(
        "must not use argument {number} as a number: only {PROJECT_ID}, the project id, is one"
    ))
}

/// What the pattern makes, with the prefix, must be valid for the shortest and the longest identifiers.
///
/// The numeric project id has no limit that is known here: what uses it is only checked for the shortest.
fn result_problem<Made>(pattern: &Pattern, what: &str, prefix: &str) -> Option<String>
where
    Made: FromStr,
    Made::Err: Display,
{
    let made = |arguments: PatternArguments<'_>| {
        let made = pattern.format(arguments).ok()?;
        Some(format!("{prefix}{made}"))
    };
    let shortest = made(PatternArguments {
        workspace: "w",
        project: "p",
        project_id: Some("1"),
        role: Some("r"),
    })?;
    if let Err(error) = shortest.parse::<Made>() {
        return Some(format!("must make a valid {what}, but the {error}"));
    }
    let longest = made(PatternArguments {
        workspace: &"w".repeat(LONGEST_WORKSPACE),
        project: &"p".repeat(LONGEST_PROJECT),
        project_id: None,
        role: Some(&"r".repeat(LONGEST_ROLE)),
    })?;
    let error = longest.parse::<Made>().err()?;
    Some(format!(
        "makes {} characters of the longest identifiers (workspace {LONGEST_WORKSPACE}, project {LONGEST_PROJECT}), \
         but the {error}",
        longest.chars().count()
    ))
}
