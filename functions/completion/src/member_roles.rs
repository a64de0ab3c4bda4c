//! The roles that the shipped StackSet makes in an account, read back: whom they trust and what they may do.
//! What they have to be is made of the StackSet's template by `make docs`.

use std::collections::{BTreeMap, BTreeSet};

use avm_core::domain::{PolicyDocument, RoleName};
use avm_core::doors::Door;
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::role_policies::RolePolicies;
use avm_core::ports::roles::Roles;
use avm_core::rules::standing_accounts::StandingAccounts;
use avm_core::world::World;
use futures_util::future::try_join_all;
use futures_util::try_join;
use serde::Deserialize;

use crate::Call;
use crate::verification::Check;

/// The StackSet that makes them; a platform team may bring another, whose roles are its own matter.
const SHIPPED: &str = "avm-landing-zone";
const ROLES: &str = include_str!("../member-roles.json");

/// A role as the StackSet makes it.
#[derive(Deserialize)]
pub(crate) struct MemberRole {
    pub(crate) trust: PolicyDocument,
    pub(crate) inline: BTreeMap<String, PolicyDocument>,
    /// ARNs of managed policies.
    pub(crate) attached: BTreeSet<String>,
}

/// The roles as they have to be in the account of the call.
pub(crate) fn expected(
    call: &Call,
    standing: &StandingAccounts,
    partition: &str,
) -> Result<BTreeMap<RoleName, MemberRole>, Failure> {
    let text = [
        ("${AWS::Partition}", partition),
        ("${AWS::AccountId}", call.account.account_id.as_str()),
        ("${ManagementAccountId}", standing.management().as_str()),
        ("${AutomationAccountId}", standing.automation().as_str()),
        (
            "${AccountAccessRoleName}",
            call.order.platform.account_access_role.as_str(),
        ),
    ]
    .into_iter()
    .fold(ROLES.to_owned(), |text, (name, value)| {
        text.replace(name, value)
    });
    serde_json::from_str(&text)
        .map_err(|error| Failure::new(ErrorName::Internal, format!("member-roles.json: {error}")))
}

/// Whether the roles of the shipped StackSet let nobody in but the machine, and may do what they were made for.
pub(crate) async fn look(call: &Call, world: &impl World) -> Result<Check, Failure> {
    let wanted = &call.order.landing_zone.settings.stack_sets;
    if !wanted.iter().any(|one| one.name.as_str() == SHIPPED) {
        return Ok(Check::default());
    }
    let expected = expected(call, world.standing(), world.partition())?;
    let looked = async {
        let (roles, policies) = try_join!(
            world.roles(Door::Verification, ErrorName::DowngradeFailed),
            world.role_policies(Door::Verification),
        )?;
        let looks = expected
            .iter()
            .map(|(name, role)| differences(&roles, &policies, name, role));
        try_join_all(looks).await
    };
    match looked.await {
        Ok(found) => Ok(Check::of(
            format!("the roles of StackSet {SHIPPED} are as it makes them"),
            found.into_iter().flatten().collect(),
        )),
        Err(failure)
            if [ErrorName::AccessDenied, ErrorName::DowngradeFailed].contains(&failure.name()) =>
        {
            let cause = failure.cause();
            let words = format!("the roles of StackSet {SHIPPED} cannot be read: {cause}");
            Ok(Check::differs(words))
        }
        Err(failure) => Err(failure),
    }
}

/// How a role differs, in words.
async fn differences(
    roles: &impl Roles,
    policies: &impl RolePolicies,
    name: &RoleName,
    expected: &MemberRole,
) -> Result<Vec<String>, Failure> {
    let Some(role) = roles.find_role(name).await? else {
        return Ok(vec![format!("there is no role {name}")]);
    };
    let kept = expected
        .inline
        .keys()
        .map(|policy| policies.find_inline(name, policy));
    let (inline, attached, kept) = try_join!(
        policies.list_inline(name),
        policies.list_attached(name),
        try_join_all(kept),
    )?;
    let mut found = Vec::new();
    if role.trust != expected.trust {
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
