//! What stacks may get of a request as parameters: a value that CloudFormation would refuse is told before an account is made.
//! Which keys a template declares is not known here; a tag's value of that length is of no use on the account either.

use avm_core::config::{AccessStackTemplate, LandingZone};
use avm_core::domain::ContactAddress;

use crate::payload::Payload;
use crate::problems::Problems;

/// CloudFormation: the longest value of a parameter, in bytes ("CloudFormation quotas", read on 2026-11-29).
const LONGEST_VALUE: usize = 4_096;

/// Adds the fields of a request that are too long for the stacks of that landing zone.
pub fn check(payload: &Payload, settings: &LandingZone, problems: &mut Problems) {
    let is_own = |template: &AccessStackTemplate| *template != AccessStackTemplate::Shipped;
    let access_stack = settings.access_stack.as_ref();
    let has_own_stack = access_stack.is_some_and(|stack| is_own(&stack.template));
    if settings.stack_sets.is_empty() && !has_own_stack {
        return;
    }
    let tags = payload.tags.iter();
    let tags = tags.map(|(key, value)| (key.as_str(), value.as_str()));
    let contact = payload.contact.as_ref().map(ContactAddress::expose);
    let fields = tags
        .chain(contact.map(|contact| ("ContactEmail", contact)))
        .chain(
            payload
                .cost_center
                .as_deref()
                .map(|center| ("CostCenter", center)),
        );
    for (field, value) in fields {
        let length = value.len();
        if length > LONGEST_VALUE {
            problems.add(
                field,
                format!(
                    "must have at most {LONGEST_VALUE} bytes, not {length}: the landing zone has stacks, and CloudFormation \
                     takes no longer value of a parameter"
                ),
            );
        }
    }
}
