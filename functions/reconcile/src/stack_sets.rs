//! Instances of StackSets that the landing zone does not name any more, told for the night.
//! Which these are, and the words, are those of plans, too.

use avm_core::config::LandingZone;
use avm_core::doors::Door;
use avm_core::error::Failure;
use avm_core::rules::left_instances;
use avm_core::world::World;

use crate::Subject;
use crate::finding::Kind;

/// What is to be told, in words with the commands that help.
pub(crate) async fn look(
    subject: &Subject,
    zone: &LandingZone,
    world: &impl World,
) -> Result<(Kind, Vec<String>), Failure> {
    let stack_sets = world.stack_sets(Door::Own).await?;
    let left = left_instances::find(&stack_sets, &subject.stack_sets, &subject.account, zone).await;
    match left {
        Ok(left) => Ok((Kind::StackSets, left)),
        Err(failure) => Ok((Kind::Unread, vec![left_instances::unread(failure)?])),
    }
}
