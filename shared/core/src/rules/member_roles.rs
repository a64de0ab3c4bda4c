//! The roles that the shipped StackSet makes in an account, read back: whom they trust and what they may do.
//! What they have to be is made of the StackSet's template by `make docs`.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::try_join_all;
use futures_util::try_join;
use serde::Deserialize;

use super::standing_accounts::StandingAccounts;
use crate::config::LandingZone;
use crate::domain::{AccountId, PolicyDocument, RoleName};
use crate::error::{ErrorName, Failure};
use crate::ports::account_roles::AccountRoles;

/// The StackSet that makes them; a platform team may bring another, whose roles are its own matter.
pub const SHIPPED: &str = LandingZone::SHIPPED_STACK_SET;
const ROLES: &str = include_str!("member-roles.json");

/// A role as the StackSet makes it.
#[derive(Deserialize)]
pub struct MemberRole {
    pub trust: PolicyDocument,
    pub inline: BTreeMap<String, PolicyDocument>,
    /// ARNs of managed policies.
    pub attached: BTreeSet<String>,
}

/// Whether the landing zone has these roles made.
pub fn are_wanted(zone: &LandingZone) -> bool {
    zone.has_shipped_roles()
}

/// Their names.
///
/// # Errors
/// `Internal`: the list of roles cannot be read.
pub fn names() -> Result<BTreeSet<RoleName>, Failure> {
    let roles: BTreeMap<RoleName, MemberRole> = read(ROLES)?;
    Ok(roles.into_keys().collect())
}

/// The roles as they have to be in an account.
///
/// # Errors
/// `Internal`: the list of roles cannot be read.
pub fn expected(
    account: &AccountId,
    access_role: &RoleName,
    standing: &StandingAccounts,
    partition: &str,
) -> Result<BTreeMap<RoleName, MemberRole>, Failure> {
    let text = [
        ("${AWS::Partition}", partition),
        ("${AWS::AccountId}", account.as_str()),
        ("${ManagementAccountId}", standing.management().as_str()),
        ("${AutomationAccountId}", standing.automation().as_str()),
        ("${AccountAccessRoleName}", access_role.as_str()),
    ]
    .into_iter()
    .fold(ROLES.to_owned(), |text, (name, value)| {
        text.replace(name, value)
    });
    read(&text)
}

fn read(text: &str) -> Result<BTreeMap<RoleName, MemberRole>, Failure> {
    serde_json::from_str(text)
        .map_err(|error| Failure::new(ErrorName::Internal, format!("member-roles.json: {error}")))
}

/// How the roles of an account differ from what they have to be, in words.
pub async fn differences(
    roles: &impl AccountRoles,
    expected: &BTreeMap<RoleName, MemberRole>,
) -> Result<Vec<String>, Failure> {
    let looks = expected
        .iter()
        .map(|(name, role)| differences_of(roles, name, role));
    Ok(try_join_all(looks).await?.into_iter().flatten().collect())
}

async fn differences_of(
    roles: &impl AccountRoles,
    name: &RoleName,
    expected: &MemberRole,
) -> Result<Vec<String>, Failure> {
    let Some(trust) = roles.find_trust(name).await? else {
        return Ok(vec![format!("there is no role {name}")]);
    };
    let kept = expected
        .inline
        .keys()
        .map(|policy| roles.find_inline(name, policy));
    let (inline, attached, kept) = try_join!(
        roles.list_inline(name),
        roles.list_attached(name),
        try_join_all(kept),
    )?;
    let mut found = Vec::new();
    if trust != expected.trust {
        found.push(format!("role {name} trusts others than it was made for"));
    }
    for ((policy, document), found_document) in expected.inline.iter().zip(kept) {
        if found_document.as_ref() != Some(document) {
            found.push(format!(
                "role {name}: inline policy {policy} is not what it was made with"
            ));
        }
    }
    let more = inline
        .into_iter()
        .filter(|policy| !expected.inline.contains_key(policy));
    found.extend(more.map(|policy| format!("role {name}: inline policy {policy} is there")));
    let attached: BTreeSet<String> = attached.into_iter().map(|policy| policy.arn).collect();
    found.extend(
        attached
            .symmetric_difference(&expected.attached)
            .map(|arn| {
                let words = if attached.contains(arn) {
                    "attached"
                } else {
                    "missing"
                };
                format!("role {name}: managed policy {arn} is {words}")
            }),
    );
    Ok(found)
}
