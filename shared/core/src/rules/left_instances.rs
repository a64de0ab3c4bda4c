//! Instances of StackSets that a landing zone has named once and does not name any more: a vend takes none away.
//! CloudFormation of the automation account is asked, not the account, whose stacks may have any names.

use std::collections::BTreeSet;

use super::stack_set_names::NamesOfStackSets;
use crate::config::LandingZone;
use crate::domain::{AccountId, Region, StackSetName};
use crate::error::{ErrorName, Failure};
use crate::ports::stack_sets::StackSets;

/// The StackSets that landing zones may roll out, of those that there are.
///
/// # Errors
/// What CloudFormation refuses.
pub async fn stack_sets_of_machine(
    stack_sets: &impl StackSets,
    names: &NamesOfStackSets,
) -> Result<Vec<StackSetName>, Failure> {
    let mut found = stack_sets.list_stack_sets().await?;
    found.retain(|name| names.matches(name));
    Ok(found)
}

/// Each instance of these StackSets in the account that the landing zone does not name, in words with the command that takes
/// it away.
///
/// # Errors
/// What CloudFormation refuses; a StackSet that is gone has no instances.
pub async fn find(
    stack_sets: &impl StackSets,
    of: &[StackSetName],
    account: &AccountId,
    zone: &LandingZone,
) -> Result<Vec<String>, Failure> {
    let mut words = Vec::new();
    for name in of {
        let regions = match stack_sets.regions_of_instances(name, account).await {
            Err(failure) if failure.name() == ErrorName::StackSetNotFound => BTreeSet::new(),
            regions => regions?,
        };
        let is_named = |region: &Region| {
            let mut wanted = zone.stack_sets.iter();
            wanted.any(|one| one.name == *name && one.region == *region)
        };
        let left = regions.into_iter().filter(|region| !is_named(region));
        words.extend(left.map(|region| {
            format!(
                "StackSet {name} has an instance in {region} that the landing zone does not name: aws cloudformation \
                 delete-stack-instances --stack-set-name {name} --accounts {account} --regions {region} --no-retain-stacks"
            )
        }));
    }
    Ok(words)
}

/// What is told where CloudFormation does not let the machine look.
///
/// # Errors
/// Any other failure than a refusal.
pub fn unread(failure: Failure) -> Result<String, Failure> {
    if failure.name() == ErrorName::AccessDenied {
        let cause = failure.cause();
        return Ok(format!("its StackSets cannot be looked at: {cause}"));
    }
    Err(failure)
}
