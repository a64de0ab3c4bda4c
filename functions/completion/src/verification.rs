//! The three looks at the account from outside; each tells what is proven and what differs.
//! A difference is not an error of the look: AWS shows what was done with a delay.

use avm_core::config::{DowngradePolicy, StackSetReference};
use avm_core::domain::ParentId;
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::account_roles::AccountRoles;
use avm_core::ports::organizational_units::{Child, OrganizationTree};
use avm_core::ports::stack_sets::{InstanceStatus, StackSets};
use avm_core::rules::access_role::AccessRole;
use avm_core::rules::minimum_policy::{self, PoliciesOfRole};
use avm_core::rules::placement::{self, Located};
use avm_core::world::World;
use futures_util::future::try_join_all;

use crate::Call;

/// What a look has found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Check {
    /// What is as it should be, in words.
    pub(crate) verified: Vec<String>,
    /// What is not, in words.
    pub(crate) differences: Vec<String>,
}

impl Check {
    pub(crate) fn verified(words: String) -> Self {
        Self {
            verified: vec![words],
            ..Self::default()
        }
    }

    /// Verified, unless something differs.
    pub(crate) fn of(verified: String, differences: Vec<String>) -> Self {
        if differences.is_empty() {
            return Self::verified(verified);
        }
        Self {
            differences,
            ..Self::default()
        }
    }

    /// Of roles in the account: verified, unless something differs or they cannot be read.
    pub(crate) fn of_roles(
        which: &str,
        are_well: &str,
        looked: Result<Vec<String>, Failure>,
    ) -> Result<Self, Failure> {
        match looked {
            Ok(found) => Ok(Self::of(format!("{which} {are_well}"), found)),
            Err(failure)
                if [ErrorName::AccessDenied, ErrorName::DowngradeFailed]
                    .contains(&failure.name()) =>
            {
                let cause = failure.cause();
                Ok(Self::differs(format!("{which} cannot be read: {cause}")))
            }
            Err(failure) => Err(failure),
        }
    }

    pub(crate) fn differs(words: String) -> Self {
        Self {
            differences: vec![words],
            ..Self::default()
        }
    }
}

/// Whether the account sits where the landing zone wants it.
pub(crate) async fn place(call: &Call, tree: &impl OrganizationTree) -> Result<Check, Failure> {
    let account = &call.account.account_id;
    let Some(parent) = tree.find_parent(Child::Account(account)).await? else {
        return Ok(Check::differs(
            "the account does not show up in the organization".to_owned(),
        ));
    };
    let target = placement::locate(tree, &call.order, &parent).await?;
    let Some(target) = resolved(tree, &target).await? else {
        return Ok(Check::differs(format!(
            "there is no organizational unit {} in {}",
            target.missing.join("/"),
            target.id
        )));
    };
    let hierarchical = call.order.landing_zone.settings.hierarchical_assignment;
    let is_in_place = placement::is_in_place(tree, &parent, &target, hierarchical).await?;
    Ok(if is_in_place && parent == target {
        Check::verified(format!("the account sits in {parent}"))
    } else if is_in_place {
        Check::verified(format!("the account sits in {parent}, below {target}"))
    } else {
        Check::differs(format!("the account sits in {parent} instead of {target}"))
    })
}

/// The target, if it exists; its last unit may differ in letter case, should AWS have said that the name is taken.
async fn resolved(
    tree: &impl OrganizationTree,
    target: &Located,
) -> Result<Option<ParentId>, Failure> {
    match (&target.missing[..], &target.near_miss) {
        ([], _) => Ok(Some(target.id.clone())),
        ([_], Some(name)) => {
            let units = tree.list_units(&target.id).await?;
            let unit = units.into_iter().find(|unit| unit.name == *name);
            Ok(unit.map(|unit| unit.id.into()))
        }
        _ => Ok(None),
    }
}

/// Whether every StackSet of the landing zone has its instance in the account, up to date.
pub(crate) async fn stack_sets(call: &Call, stack_sets: &impl StackSets) -> Result<Check, Failure> {
    let wanted = &call.order.landing_zone.settings.stack_sets;
    let checks = try_join_all(
        wanted
            .iter()
            .map(|reference| instance(call, stack_sets, reference)),
    )
    .await?;
    Ok(checks.into_iter().fold(Check::default(), |mut all, check| {
        all.verified.extend(check.verified);
        all.differences.extend(check.differences);
        all
    }))
}

async fn instance(
    call: &Call,
    stack_sets: &impl StackSets,
    reference: &StackSetReference,
) -> Result<Check, Failure> {
    let StackSetReference { name, region } = reference;
    let account = &call.account.account_id;
    let found = stack_sets.find_instance(name, account, region).await?;
    Ok(match found {
        None => Check::differs(format!("StackSet {name} has no instance in {region}")),
        Some(instance)
            if instance.status == InstanceStatus::Current && !instance.is_in_progress() =>
        {
            Check::verified(format!(
                "the instance of StackSet {name} in {region} is CURRENT"
            ))
        }
        Some(instance) => Check::differs(format!(
            "the instance of StackSet {name} in {region} is {}",
            instance.in_words()
        )),
    })
}

/// Whether the access role carries the minimum of the landing zone and nothing else, and trusts the management account alone.
/// A role that cannot be read (yet) is a difference.
pub(crate) async fn access_role(
    call: &Call,
    world: &impl World,
    roles: &Result<impl AccountRoles, Failure>,
) -> Result<Check, Failure> {
    let Some(policy) = call.order.landing_zone.settings.downgrade.policy() else {
        return Ok(Check::default());
    };
    let role = &call.order.platform.account_access_role;
    let read = async {
        let roles = roles.as_ref().map_err(Clone::clone)?;
        AccessRole::read(roles, role).await
    };
    match read.await {
        Ok(found) => {
            let mut check = compared(call, policy, &found.policies, world.partition());
            if !found.lets_in_only(world.standing().management()) {
                let words = format!("role {role} trusts others than the management account");
                check.differences.push(words);
            }
            Ok(check)
        }
        Err(failure)
            if [ErrorName::AccessDenied, ErrorName::DowngradeFailed].contains(&failure.name()) =>
        {
            Ok(Check::differs(format!(
                "the policies of role {role} cannot be read: {}",
                failure.cause()
            )))
        }
        Err(failure) => Err(failure),
    }
}

fn compared(
    call: &Call,
    policy: DowngradePolicy,
    found: &PoliciesOfRole,
    partition: &str,
) -> Check {
    let role = &call.order.platform.account_access_role;
    let expected = minimum_policy::document(policy, partition, &call.account.account_id, role);
    let differences = found.differences_from(&expected);
    Check::of(
        format!("role {role} carries the policy {policy} and nothing else"),
        differences
            .into_iter()
            .map(|difference| format!("role {role}: {difference}"))
            .collect(),
    )
}
