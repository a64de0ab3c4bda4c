//! The method of the largest remainder: cents that add up to a given sum, each less than a cent away from its amount.
//! Everything is floored, towards minus infinity, and the missing cents go where most was cut off.

use crate::money::{Amount, Cents};

/// The amounts in cents whose sum is `target`. Of equal remainders the first in the list comes first.
///
/// An amount of whole cents never changes, as long as `target` is the rounded sum, or a floor or a ceiling of it.
pub fn share_out(target: Cents, amounts: &[Amount]) -> Vec<Cents> {
    let floors: Vec<(Cents, Amount)> = amounts.iter().map(|amount| amount.floor()).collect();
    let mut cents: Vec<Cents> = floors.iter().map(|(floor, _)| *floor).collect();
    let floored: Cents = cents.iter().copied().sum();
    let missing = usize::try_from((target - floored).number()).unwrap_or(0);
    let mut order: Vec<usize> = (0..amounts.len()).collect();
    // A stable sort keeps the order of equal remainders.
    order.sort_by(|one, other| floors[*other].1.cmp(&floors[*one].1));
    for place in order.into_iter().take(missing) {
        cents[place] += Cents::of(1);
    }
    cents
}
