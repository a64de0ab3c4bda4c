//! Whether an account has room for the tags of a vend: asked before anything is done, and again when they are written.
//! Rule: AWS Organizations (50 tags of an account).

use std::collections::{BTreeMap, BTreeSet};

use crate::contract::order::Order;
use crate::domain::{
    COMPLETED_AT_KEY, COMPLETION_KEYS, EXECUTION_KEY, FAILURE_KEY_PREFIX, LANDING_ZONE_KEY,
    account_tags,
};
use crate::error::{ErrorName, Failure};
use crate::rules::owner::Owner;

/// AWS Organizations: the most tags of an account.
pub const MOST_TAGS: usize = 50;

/// Checks that the account, with the tags that it has, can take those of the request and of a vend that is done.
///
/// # Errors
/// `InvalidRequest` where it would get more than AWS allows.
pub fn check(present: &BTreeMap<String, String>, order: &Order) -> Result<(), Failure> {
    let room = Room::of(present, &order.request.tags, &Owner::of(order));
    let count = room.ours + room.others;
    if count <= MOST_TAGS {
        return Ok(());
    }
    Err(Failure::new(
        ErrorName::InvalidRequest,
        format!(
            "the account would have {count} tags, and AWS Organizations allows {MOST_TAGS}: {} come from the request and \
             the vending machine, {} are on the account besides",
            room.ours, room.others
        ),
    )
    .with_remedy(
        "request fewer tags (fields tag…), or remove tags from the account, and send the request again",
    ))
}

/// How many tags an account would have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Those of the request and of a vend that is done.
    pub ours: usize,
    /// Those that it has besides.
    pub others: usize,
}

impl Room {
    /// With the tags that it has and those of a request, for that owner.
    #[must_use]
    pub fn of(
        present: &BTreeMap<String, String>,
        requested: &BTreeMap<String, String>,
        owner: &Owner,
    ) -> Self {
        let of_request = account_tags(requested);
        let owner = owner.tags();
        let own = [LANDING_ZONE_KEY, EXECUTION_KEY, COMPLETED_AT_KEY];
        let ours: BTreeSet<&str> = of_request
            .keys()
            .map(String::as_str)
            .chain(COMPLETION_KEYS)
            .chain(owner.keys().map(String::as_str))
            .chain(own)
            .collect();
        // Those of a failure go before the others come.
        let others = present
            .keys()
            .filter(|key| !ours.contains(key.as_str()) && !key.starts_with(FAILURE_KEY_PREFIX));
        Self {
            ours: ours.len(),
            others: others.count(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::order;

    /// Eight of the vend's own: the completion tags, the owner, three about the vend, Environment.
    #[test]
    fn fifty_tags_are_taken_and_more_are_refused_with_their_number() {
        let mut present: BTreeMap<String, String> = (0..42)
            .map(|number| (format!("key{number}"), String::new()))
            .collect();
        for key in ["avm:failed-step", "Stage", "Environment"] {
            present.insert(key.to_owned(), "old".to_owned());
        }
        let order = order();
        assert_eq!(check(&present, &order), Ok(()));
        present.insert("one more".to_owned(), String::new());
        let failure = check(&present, &order).unwrap_err();
        assert_eq!(failure.name(), ErrorName::InvalidRequest);
        assert!(failure.cause().contains("51 tags"), "{failure}");
    }
}
