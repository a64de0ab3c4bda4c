//! Instances of StackSets that a landing zone has named once and does not name any more: a vend takes none away.
//! CloudFormation of the automation account is asked, not the account, whose stacks may have any names.

use std::collections::BTreeSet;

use avm_core::config::LandingZone;
use avm_core::domain::Region;
use avm_core::doors::Door;
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::stack_sets::StackSets;
use avm_core::world::World;

use crate::Subject;
use crate::finding::Kind;

/// What is to be told, in words with the commands that help.
pub(crate) async fn look(
    subject: &Subject,
    zone: &LandingZone,
    world: &impl World,
) -> Result<(Kind, Vec<String>), Failure> {
    match left_over(subject, zone, world).await {
        Ok(left) => Ok((Kind::StackSets, left)),
        Err(failure) if failure.name() == ErrorName::AccessDenied => {
            let words = format!("its StackSets cannot be looked at: {}", failure.cause());
            Ok((Kind::Unread, vec![words]))
        }
        Err(failure) => Err(failure),
    }
}

async fn left_over(
    subject: &Subject,
    zone: &LandingZone,
    world: &impl World,
) -> Result<Vec<String>, Failure> {
    let stack_sets = world.stack_sets(Door::Own).await?;
    let mut words = Vec::new();
    for name in &subject.stack_sets {
        let regions = stack_sets
            .regions_of_instances(name, &subject.account)
            .await;
        let regions = match regions {
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
                 delete-stack-instances --stack-set-name {name} --accounts {} --regions {region} --no-retain-stacks",
                subject.account
            )
        }));
    }
    Ok(words)
}
