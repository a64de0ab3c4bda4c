//! The platform document, `/avm/platform`: what all landing zones have in common.
//! Names follow meshStack's `Aws.dhall` where it has the option.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{ControlTower, Document, Problem, SamlProvider, SingleSignOnInstance};
use crate::domain::{
    AccountName, Email, LandingZoneName, Pattern, PatternArguments, Region, RoleName,
};

/// meshStack: the older e-mail pattern, one `%s` for `workspace.project`, has at most 20 characters.
const LONGEST_SINGLE_EMAIL_PATTERN: usize = 20;
/// The arguments of the names of accounts: workspace, project, numeric project id.
const ARGUMENTS_OF_ACCOUNTS: usize = 3;

/// What all vends on this platform have in common.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Platform {
    /// Where the JSON Schema of this document is.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// The platform's name.
    pub platform: String,
    /// The region of access stacks and of the probes that prove an account ready.
    pub region: Region,
    /// The role that `CreateAccount` makes in the account; meshStack's default is `MeshstackAccountAccessRole`.
    pub account_access_role: RoleName,
    /// Pattern of the names of accounts that the AVM creates.
    pub account_name_pattern: Pattern,
    /// Pattern of the addresses of accounts that the AVM creates.
    pub account_email_pattern: Pattern,
    /// Pattern of the aliases of accounts; needed where a landing zone has `accountAlias`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_alias_pattern: Option<Pattern>,
    /// Whether an alias that an account has already is replaced by the pattern's; otherwise it is kept.
    #[serde(default)]
    pub enforce_account_alias: bool,
    /// AWS Control Tower; needed where a landing zone has an enrolment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control_tower: Option<ControlTower>,
    /// The instance of IAM Identity Center; needed where a landing zone has `singleSignOn`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub single_sign_on: Option<SingleSignOnInstance>,
    /// The SAML provider (meshIdB); needed where a landing zone has `identityProvider`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity_provider: Option<SamlProvider>,
    /// The payload's key whose value names the landing zone, e.g. `tagLandingZone`; the key `LandingZone` comes first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub landing_zone_tag: Option<String>,
    /// The landing zone of a request that names none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_landing_zone: Option<LandingZoneName>,
}

impl Document for Platform {
    fn sample() -> Value {
        json!({
            "platform": "aws",
            "region": "eu-central-1",
            "accountAccessRole": "MeshstackAccountAccessRole",
            "accountNamePattern": "%s.%s",
            "accountEmailPattern": "aws+%s.%s@example.com"
        })
    }

    fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        if self.platform.trim().is_empty() || self.platform.chars().any(char::is_control) {
            problems.push(Problem::new(
                "platform",
                "must be a name without control characters",
            ));
        }
        problems.extend(
            name_pattern_problem(&self.account_name_pattern)
                .map(|expected| Problem::new("accountNamePattern", expected)),
        );
        problems.extend(
            email_pattern_problem(&self.account_email_pattern)
                .map(|expected| Problem::new("accountEmailPattern", expected)),
        );
        let is_tag = |key: &String| {
            key.strip_prefix("tag")
                .is_some_and(|name| !name.is_empty() && !name.chars().any(char::is_control))
        };
        if !self.landing_zone_tag.as_ref().is_none_or(is_tag) {
            problems.push(Problem::new(
                "landingZoneTag",
                "must be a key of meshStack's payload that begins with tag, such as tagLandingZone",
            ));
        }
        problems
    }
}

fn name_pattern_problem(pattern: &Pattern) -> Option<String> {
    argument_problem(pattern).or_else(|| {
        let name = shortest_result(pattern)?.parse::<AccountName>();
        name.err()
            .map(|error| format!("must make a valid account name, but the {error}"))
    })
}

fn email_pattern_problem(pattern: &Pattern) -> Option<String> {
    let length = pattern.as_str().chars().count();
    if pattern.is_single() && length > LONGEST_SINGLE_EMAIL_PATTERN {
        return Some(format!(
            "with one %s must have at most {LONGEST_SINGLE_EMAIL_PATTERN} characters; use %s.%s for a longer one"
        ));
    }
    argument_problem(pattern)
        .or_else(|| {
            let uses = |wanted| pattern.arguments().any(|(number, _)| number == wanted);
            let tells_projects_apart = pattern.is_single() || uses(3) || (uses(1) && uses(2));
            (!tells_projects_apart).then(|| {
                "must make another address for every project: use %s, or %s twice, or %3$s"
                    .to_owned()
            })
        })
        .or_else(|| {
            let email = shortest_result(pattern)?.parse::<Email>();
            email
                .err()
                .map(|error| format!("must make a valid address, but the {error}"))
        })
}

fn argument_problem(pattern: &Pattern) -> Option<String> {
    pattern.arguments().find_map(|(number, is_number)| {
        if number > ARGUMENTS_OF_ACCOUNTS {
            Some(format!(
                "must not use argument {number}: accounts have 1 workspace, 2 project, 3 numeric project id"
            ))
        } else if is_number && number != ARGUMENTS_OF_ACCOUNTS {
            Some(format!(
                "must not use argument {number} as a number: only 3, the project id, is one"
            ))
        } else {
            None
        }
    })
}

/// What the pattern makes of the shortest identifiers; wrong for these, it is wrong for all.
fn shortest_result(pattern: &Pattern) -> Option<String> {
    let shortest = PatternArguments {
        workspace: "w",
        project: "p",
        project_id: Some("1"),
        role: None,
    };
    pattern.format(shortest).ok()
}
