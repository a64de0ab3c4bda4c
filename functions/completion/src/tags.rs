//! The account's tags after a vend: what is wanted, what differs from what is there, and in which order it is written.
//! The completion tags are the "done" signal: they are never on an account beside the tags of a failure.

use std::collections::{BTreeMap, BTreeSet};

use avm_core::contract::order::Order;
use avm_core::domain::{
    AccountId, COMPLETED_AT_KEY, COMPLETION_KEYS, EXECUTION_KEY, ExecutionArn, FAILURE_KEY_PREFIX,
    LANDING_ZONE_KEY, account_tags, clean_tag_value, redact_emails,
};
use avm_core::error::Failure;
use avm_core::ports::account_tags::AccountTags;
use avm_core::rules::owner::Owner;
use avm_core::rules::tag_room;
use serde::{Serialize, Serializer};

/// What every vend writes of itself.
const MARKS: [&str; 2] = [EXECUTION_KEY, COMPLETED_AT_KEY];

/// The changes, in the order in which they are made. Sent without values: they are the user's, and so are some keys, which an
/// address is taken out of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TagPlan {
    /// Tags of an earlier failure: they go first.
    remove: BTreeSet<String>,
    /// What differs: one call, all or none.
    #[serde(serialize_with = "keys")]
    put: BTreeMap<String, String>,
    /// The tags of the vend as they are in the end.
    #[serde(skip)]
    result: BTreeMap<String, String>,
}

impl TagPlan {
    /// What takes the account from the tags that are there to those of this execution of the order.
    ///
    /// Fails with `InvalidRequest` where the account would get more tags than AWS allows.
    pub(crate) fn new(
        present: &BTreeMap<String, String>,
        order: &Order,
        execution: &ExecutionArn,
        now: &str,
    ) -> Result<Self, Failure> {
        tag_room::check(present, order)?;
        let mut result = wanted(order, execution);
        let remove: BTreeSet<String> = present
            .keys()
            .filter(|key| key.starts_with(FAILURE_KEY_PREFIX))
            .cloned()
            .collect();
        let mut put: BTreeMap<String, String> = result
            .iter()
            .filter(|(key, value)| present.get(*key) != Some(value))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        let completed_at = match present.get(COMPLETED_AT_KEY) {
            Some(before) if put.is_empty() && remove.is_empty() => before.clone(),
            _ => {
                put.insert(COMPLETED_AT_KEY.to_owned(), now.to_owned());
                now.to_owned()
            }
        };
        result.insert(COMPLETED_AT_KEY.to_owned(), completed_at);
        Ok(Self {
            remove,
            put,
            result,
        })
    }

    /// Whether the account already says everything, this vend included.
    pub(crate) fn is_settled(&self) -> bool {
        self.remove.is_empty() && self.put.is_empty()
    }

    /// What changes besides the marks of this vend, in words.
    pub(crate) fn changes(&self) -> Vec<String> {
        let written = self.put.keys().filter(|key| !MARKS.contains(&key.as_str()));
        let removed = words("remove the tags of an earlier failure", self.remove.iter());
        removed
            .into_iter()
            .chain(words("write the tags", written))
            .collect()
    }

    /// The tags of the vend as they are in the end.
    pub(crate) fn into_result(self) -> BTreeMap<String, String> {
        self.result
    }

    /// Removes, then writes.
    pub(crate) async fn apply(
        &self,
        account: &AccountId,
        tags: &impl AccountTags,
    ) -> Result<(), Failure> {
        if !self.remove.is_empty() {
            tags.remove(account, &self.remove).await?;
        }
        if !self.put.is_empty() {
            tags.put(account, &self.put).await?;
        }
        Ok(())
    }
}

fn words<'a>(doing: &str, keys: impl Iterator<Item = &'a String>) -> Option<String> {
    let keys: Vec<String> = keys.map(|key| redact_emails(key)).collect();
    (!keys.is_empty()).then(|| format!("{doing} {}", keys.join(", ")))
}

fn keys<S: Serializer>(tags: &BTreeMap<String, String>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(tags.keys().map(|key| redact_emails(key)))
}

fn wanted(order: &Order, execution: &ExecutionArn) -> BTreeMap<String, String> {
    let mut tags = account_tags(&order.request.tags);
    let [product_name, stage] = COMPLETION_KEYS;
    let workspace = order.request.product_name.as_str();
    let project = order.request.stage.as_str();
    let own = [
        (product_name, workspace),
        (stage, project),
        (LANDING_ZONE_KEY, order.landing_zone.name.as_str()),
        (EXECUTION_KEY, execution.name()),
    ];
    tags.extend(Owner::of(order).tags());
    tags.extend(own.map(|(key, value)| (key.to_owned(), clean_tag_value(value))));
    tags
}

#[cfg(test)]
mod tests {
    use avm_core::testing::{execution, order};

    use super::*;

    const NOW: &str = "2026-11-05T10:00:00Z";

    fn plan(present: &BTreeMap<String, String>, order: &Order) -> Result<TagPlan, Failure> {
        TagPlan::new(present, order, &execution(), NOW)
    }

    fn text(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn everything_that_differs_is_written_and_failures_go() {
        let present = text(&[
            ("Environment", "dev"),
            ("Stage", "old"),
            ("avm:failed-step", "PlaceAccount"),
            ("Owner", "somebody"),
        ]);
        let plan = plan(&present, &order()).unwrap();
        insta::assert_json_snapshot!(plan.put, @r#"
        {
          "ProductName": "space",
          "Stage": "shop",
          "avm:completed-at": "2026-11-05T10:00:00Z",
          "avm:execution": "111111111111-2026-11-1",
          "avm:landing-zone": "sandbox",
          "avm:project": "shop",
          "avm:workspace": "space"
        }
        "#);
        assert_eq!(plan.remove, ["avm:failed-step".to_owned()].into());
    }

    #[test]
    fn a_replay_has_nothing_to_write() {
        let present = plan(&BTreeMap::new(), &order()).unwrap().into_result();
        let again = TagPlan::new(&present, &order(), &execution(), "later").unwrap();
        assert!(again.is_settled());
        assert_eq!(again.into_result(), present);
    }

    #[test]
    fn another_execution_writes_its_name_and_time_only() {
        let present = plan(&BTreeMap::new(), &order()).unwrap().into_result();
        let next = execution()
            .as_str()
            .replace("-11-1", "-11-2")
            .parse()
            .unwrap();
        let plan = TagPlan::new(&present, &order(), &next, "later").unwrap();
        assert_eq!(
            plan.put,
            text(&[
                ("avm:execution", "111111111111-2026-11-2"),
                ("avm:completed-at", "later")
            ])
        );
    }

    #[test]
    fn identifiers_are_written_unchanged() {
        let mut order = order();
        order.request.product_name = "Wörk/space @1".parse().unwrap();
        let plan = plan(&BTreeMap::new(), &order).unwrap();
        assert_eq!(plan.put["ProductName"], "Wörk/space @1");
        assert_eq!(plan.put["avm:workspace"], "Wörk/space @1");
    }

    #[test]
    fn the_owner_that_the_creation_has_written_is_kept_and_one_that_is_lost_is_written_again() {
        let owner = text(&[("avm:workspace", "space"), ("avm:project", "shop")]);
        let kept = plan(&owner, &order()).unwrap();
        assert!(!kept.put.contains_key("avm:workspace") && !kept.put.contains_key("avm:project"));
        let mut present = kept.into_result();
        present.remove("avm:project");
        let again = plan(&present, &order()).unwrap();
        assert_eq!(
            again.put,
            text(&[("avm:project", "shop"), ("avm:completed-at", NOW)])
        );
    }

    #[test]
    fn an_account_without_room_for_them_gets_none() {
        let present: BTreeMap<String, String> = (0..43)
            .map(|number| (format!("key{number}"), String::new()))
            .collect();
        let failure = plan(&present, &order()).unwrap_err();
        assert_eq!(failure.name(), avm_core::error::ErrorName::InvalidRequest);
    }
}
