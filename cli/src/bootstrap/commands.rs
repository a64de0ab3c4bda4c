//! `--print`: the commands of docs/DEPLOY.md that do the same, with the values filled in.
//! Word for word those of the page, whose commands a test runs.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;

use avm_core::domain::{AccountId, Region};

use super::Options;
use super::plan::Whose;
use super::standing::Accounts;
use crate::Outcome;
use crate::exit::Stop;
use crate::options::Options as Common;

const PAGE: &str = include_str!("../../../docs/DEPLOY.md");
/// From the secrets to the roles of the machine.
const STEPS: std::ops::RangeInclusive<u8> = 3..=6;

/// What the commands of the page take from variables.
struct Variables<'a> {
    ids: &'a BTreeMap<Whose, AccountId>,
    profiles: BTreeMap<Whose, &'a str>,
    region: &'a Region,
    operators: &'a str,
}

/// Prints them for these accounts.
pub async fn print(
    wanted: &Options,
    common: &Common,
    accounts: &Accounts,
    region: &Region,
) -> Result<Outcome, Stop> {
    let mut ids = BTreeMap::new();
    for (of, account) in accounts {
        ids.insert(*of, account.account().await?);
    }
    let own = common.profile.clone();
    let own = own.or_else(|| std::env::var("AWS_PROFILE").ok());
    let own = own.unwrap_or_else(|| "default".to_owned());
    let profiles = BTreeMap::from([
        (Whose::Automation, own.as_str()),
        (Whose::Management, wanted.management_profile.as_str()),
        (Whose::Meshcloud, wanted.meshcloud_profile.as_str()),
    ]);
    let script = script(&Variables {
        ids: &ids,
        profiles,
        region,
        operators: wanted.operators.as_deref().unwrap_or_default(),
    });
    // Nobody reads on, as `head` does not: that is their wish.
    let _ = anstream::stdout().write_all(script.as_bytes());
    Ok(Outcome::Done)
}

/// A script.
fn script(variables: &Variables) -> String {
    let mut text = String::new();
    for (of, profile) in &variables.profiles {
        let name = of.as_str().to_uppercase();
        let id = &variables.ids[of];
        let _ = writeln!(text, "export {name}={} {name}_ID={id}", quoted(profile));
    }
    let region = variables.region;
    let _ = writeln!(
        text,
        "export AWS_REGION={region} AWS_DEFAULT_REGION={region}"
    );
    let operators = quoted(variables.operators);
    let _ = writeln!(text, "export ARCHITECTURE=arm64 OPERATORS={operators}");
    for (step, block) in blocks(PAGE) {
        if STEPS.contains(&step) {
            let _ = write!(text, "\n{block}");
        }
    }
    text
}

/// Each block of commands, with the number of its step.
fn blocks(page: &str) -> Vec<(u8, String)> {
    let mut step = 0;
    let mut found: Vec<(u8, String)> = Vec::new();
    let mut is_inside = false;
    for line in page.lines() {
        if is_inside {
            if line == "```" {
                is_inside = false;
            } else if let Some((_, block)) = found.last_mut() {
                block.push_str(line);
                block.push('\n');
            }
        } else if line == "```sh" {
            is_inside = true;
            found.push((step, String::new()));
        } else if let Some(title) = line.strip_prefix("## ") {
            let number = title.split('.').next().unwrap_or_default();
            step = number.parse().unwrap_or(0);
        }
    }
    found
}

/// As a shell takes it for one word.
fn quoted(word: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"@%+=:,./_-".contains(&byte);
    if !word.is_empty() && word.bytes().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commands_are_those_of_the_page_with_the_values() {
        let all = [Whose::Automation, Whose::Management, Whose::Meshcloud];
        let ids = ["222222222222", "111111111111", "333333333333"];
        let ids = ids.map(|id| id.parse().unwrap());
        let ids = all.into_iter().zip(ids).collect();
        let variables = Variables {
            ids: &ids,
            profiles: all.into_iter().zip(["a", "my profile", "c"]).collect(),
            region: &"eu-central-1".parse().unwrap(),
            operators: "team@company.com",
        };
        let script = script(&variables);
        assert!(script.starts_with("export AUTOMATION=a AUTOMATION_ID=222222222222\n"));
        assert!(script.contains("export MANAGEMENT='my profile' MANAGEMENT_ID=111111111111\n"));
        for stack in super::super::plan::ALL {
            // The SAM CLI brings a bucket of its own, and its configuration names the machine's stack.
            let by_name = format!("--stack-name {} ", stack.stack);
            let is_named = script.contains(&by_name);
            assert!(
                is_named != ["avm-package", "avm"].contains(&stack.stack),
                "{}",
                stack.stack
            );
        }
        assert!(script.contains("\nsam deploy ") && !script.contains("lambda invoke"));
    }
}
