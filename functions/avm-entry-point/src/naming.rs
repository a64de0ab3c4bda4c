//! The names that the platform's patterns make: of the account, unless it is given; of its alias and its groups.
//! meshStack limits the identifiers that go into patterns: workspace 16 characters, project 30.

use avm_core::config::{LandingZone, Platform};
use avm_core::contract::order::Names;
use avm_core::domain::{AccountName, Email, GROUP_PREFIX, LONGEST_PROJECT, LONGEST_WORKSPACE};

use crate::payload::{Payload, WantedAccount};
use crate::problems::Problems;
use making::{Maker, Naming};

mod making;

/// The name and address of the account; faults are added to the problems.
pub fn name_account(
    payload: &Payload,
    platform: &Platform,
    problems: &mut Problems,
) -> Option<(AccountName, Email)> {
    let (name, email) = match &payload.account {
        WantedAccount::Existing { name, email, .. } => return Some((name.clone(), email.clone())),
        WantedAccount::New { name, email } => (name, email),
    };
    let wherever = "the account's name or address is made from a pattern; or give AccountName and AccountEmail";
    if name.is_none() || email.is_none() {
        check_lengths(payload, wherever, problems);
    }
    if email.is_none() {
        check_letters(payload, wherever, problems);
    }
    let mut maker = Maker { payload, problems };
    let made_name = name.clone().or_else(|| {
        maker.make(&Naming {
            pattern: &platform.account_name_pattern,
            setting: "accountNamePattern",
            makes: "AccountName",
            given: Some("AccountName"),
            prefix: "",
            role: None,
            tells_apart: false,
        })
    });
    let made_email = email.clone().or_else(|| {
        maker.make(&Naming {
            pattern: &platform.account_email_pattern,
            setting: "accountEmailPattern",
            makes: "AccountEmail",
            given: Some("AccountEmail"),
            prefix: "",
            role: None,
            tells_apart: true,
        })
    });
    Some((made_name?, made_email?))
}

/// Makes the alias and the groups that the landing zone asks for; faults are added to the problems.
pub fn make_names(
    payload: &Payload,
    platform: &Platform,
    landing_zone: &LandingZone,
    problems: &mut Problems,
) -> Names {
    let alias_pattern = platform.account_alias_pattern.as_ref();
    let alias_pattern = alias_pattern.filter(|_| landing_zone.account_alias);
    let instance = platform.single_sign_on.as_ref();
    let single_sign_on = landing_zone.single_sign_on.as_ref().zip(instance);
    if alias_pattern.is_none() && single_sign_on.is_none() {
        return Names::default();
    }
    let wherever = "the account's alias or groups are made from a pattern";
    let is_short = check_lengths(payload, wherever, problems);
    if !is_short || !check_letters(payload, wherever, problems) {
        return Names::default();
    }
    let mut maker = Maker { payload, problems };
    let account_alias = alias_pattern.and_then(|pattern| {
        maker.make(&Naming {
            pattern,
            setting: "accountAliasPattern",
            makes: "the account's alias",
            given: None,
            prefix: "",
            role: None,
            tells_apart: true,
        })
    });
    let mappings = single_sign_on.into_iter().flat_map(|(zone, instance)| {
        let of_instance = zone.role_mappings.iter();
        of_instance.map(|(role, mapping)| (role, mapping, &instance.group_name_pattern))
    });
    let groups = mappings.filter_map(|(role, mapping, pattern)| {
        let group = maker.make(&Naming {
            pattern,
            setting: "singleSignOn.groupNamePattern",
            makes: "the names of groups",
            given: None,
            prefix: GROUP_PREFIX,
            role: Some(&mapping.aws_role_name),
            tells_apart: true,
        })?;
        Some((role.clone(), group))
    });
    Names {
        groups: groups.collect(),
        account_alias,
    }
}

/// Whether the identifiers are within meshStack's limits; those that are not are added to the problems.
fn check_lengths(payload: &Payload, wherever: &str, problems: &mut Problems) -> bool {
    let (workspace, project) = (payload.workspace.as_str(), payload.project.as_str());
    let limits = [
        ("ProductName", workspace, LONGEST_WORKSPACE),
        ("Stage", project, LONGEST_PROJECT),
    ];
    let too_long = limits.map(|(field, identifier, longest)| {
        let is_too_long = identifier.chars().count() > longest;
        if is_too_long {
            let expected = format!("must have at most {longest} characters where {wherever}");
            problems.add(field, expected);
        }
        is_too_long
    });
    !too_long.contains(&true)
}

/// Whether the identifiers are spelled in the one way in which AWS and people cannot take two of them for one: groups and
/// addresses that differ in letter case are the same, and so are letters that only look different to a computer.
fn check_letters(payload: &Payload, wherever: &str, problems: &mut Problems) -> bool {
    let identifiers = [
        ("ProductName", payload.workspace.as_str()),
        ("Stage", payload.project.as_str()),
    ];
    let wrong = identifiers.map(|(field, identifier)| {
        let is_wrong =
            !identifier.is_ascii() || identifier.contains(|c: char| c.is_ascii_uppercase());
        if is_wrong {
            let expected =
                format!("must hold no letters but a to z in lower case where {wherever}");
            problems.add_once(field, expected);
        }
        is_wrong
    });
    !wrong.contains(&true)
}

#[cfg(test)]
mod tests;
