//! Whose an account is, as its tags tell: the workspace and project that it was made or vended for, and by which machine.
//! The completion tags go when a vend fails; the owner's, written at the creation, stay.

use std::collections::BTreeMap;

use crate::contract::order::Order;
use crate::domain::{COMPLETION_KEYS, MACHINE_KEY, MachineName, OWNER_KEYS, clean_tag_value};

/// The workspace and the project of an order, as tags hold them, and the machine that the order was sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    identifiers: [String; 2],
    machine: MachineName,
}

/// What the tags of an account say of an owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The account is the owner's.
    Ours,
    /// No tag names an owner: meshStack makes accounts without any.
    Nobodys,
    /// Tags name another workspace or project, or another machine of the organization: `key (value)`.
    Anothers(String),
    /// Tags name a workspace and no project, or a project and no workspace. The vending machine writes and removes them
    /// together, so somebody else has changed them, and the owner of the account is unknown.
    Unclear(String),
}

impl Owner {
    /// The owner that an order asks for.
    pub fn of(order: &Order) -> Self {
        let request = &order.request;
        let (workspace, project) = (request.product_name.as_str(), request.stage.as_str());
        Self::new(workspace, project, &order.machine)
    }

    /// The owner of these identifiers, whom that machine works for.
    pub fn new(workspace: &str, project: &str, machine: &MachineName) -> Self {
        Self {
            identifiers: [workspace, project].map(clean_tag_value),
            machine: machine.clone(),
        }
    }

    /// The tags that name the owner; they stay when a vend fails.
    pub fn tags(&self) -> BTreeMap<String, String> {
        let keys = OWNER_KEYS.map(str::to_owned);
        let machine = (!self.machine.is_first())
            .then(|| (MACHINE_KEY.to_owned(), self.machine.as_str().to_owned()));
        let identifiers = keys.into_iter().zip(self.identifiers.clone());
        identifiers.chain(machine).collect()
    }

    /// What the tags of an account say of this owner.
    ///
    /// Keys count in exactly this spelling, as meshStack reads them: a `stage` in small letters is a tag of someone else.
    pub fn claim(&self, tags: &BTreeMap<String, String>) -> Claim {
        let pairs = [COMPLETION_KEYS, OWNER_KEYS];
        let named = |(key, ours): (&'static str, &String)| {
            let value = tags.get(key)?;
            Some((key, value, clean_tag_value(value) == *ours))
        };
        let found = pairs.map(|keys| -> Vec<_> {
            let with_ours = keys.into_iter().zip(&self.identifiers);
            with_ours.filter_map(named).collect()
        });
        let words = |only_others: bool| {
            let shown = found
                .iter()
                .flatten()
                .filter(|(_, _, is_ours)| !only_others || !is_ours);
            let words: Vec<String> = shown
                .map(|(key, value, _)| format!("{key} ({value})"))
                .collect();
            words.join(", ")
        };
        if let Some(words) = self.another_machine(tags, !found.iter().all(Vec::is_empty)) {
            Claim::Anothers(words)
        } else if found.iter().flatten().any(|(_, _, is_ours)| !is_ours) {
            Claim::Anothers(words(true))
        } else if found.iter().any(|pair| pair.len() == 2) {
            Claim::Ours
        } else if found.iter().all(Vec::is_empty) {
            Claim::Nobodys
        } else {
            Claim::Unclear(words(false))
        }
    }

    /// What says that an account is another machine's. The first machine marks none of its own.
    fn another_machine(&self, tags: &BTreeMap<String, String>, is_owned: bool) -> Option<String> {
        match tags.get(MACHINE_KEY) {
            Some(name) if name != self.machine.as_str() => Some(format!("{MACHINE_KEY} ({name})")),
            None if is_owned && !self.machine.is_first() => Some(format!("no {MACHINE_KEY}")),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::order;

    fn claim(pairs: &[(&str, &str)]) -> Claim {
        let owned = |&(key, value): &(&str, &str)| (key.to_owned(), value.to_owned());
        Owner::of(&order()).claim(&pairs.iter().map(owned).collect())
    }

    #[test]
    fn an_account_without_tags_of_an_owner_is_nobodys() {
        for pairs in [
            &[][..],
            &[("Environment", "dev"), ("avm:failed-step", "PlaceAccount")],
            &[("productname", "moon"), ("STAGE", "prod")],
        ] {
            assert_eq!(claim(pairs), Claim::Nobodys, "{pairs:?}");
        }
    }

    #[test]
    fn one_whole_pair_that_agrees_is_enough() {
        for pairs in [
            &[("ProductName", "space"), ("Stage", "shop")][..],
            &[("avm:workspace", "space"), ("avm:project", "shop")],
            &[
                ("avm:workspace", "space"),
                ("avm:project", "shop"),
                ("Stage", "shop"),
            ],
        ] {
            assert_eq!(claim(pairs), Claim::Ours, "{pairs:?}");
        }
        let owner = Owner::of(&order());
        assert_eq!(owner.claim(&owner.tags()), Claim::Ours);
    }

    #[test]
    fn half_a_pair_belongs_to_nobody_for_certain() {
        for (pairs, words) in [
            (&[("ProductName", "space")][..], "ProductName (space)"),
            (&[("avm:project", "shop")], "avm:project (shop)"),
            (
                &[("Stage", "shop"), ("avm:workspace", "space")],
                "Stage (shop), avm:workspace (space)",
            ),
        ] {
            assert_eq!(claim(pairs), Claim::Unclear(words.to_owned()));
        }
    }

    #[test]
    fn every_tag_that_differs_is_named() {
        for (pairs, words) in [
            (
                &[("ProductName", "moon"), ("Stage", "shop")][..],
                "ProductName (moon)",
            ),
            (&[("Stage", "bank")], "Stage (bank)"),
            (&[("avm:workspace", "moon")], "avm:workspace (moon)"),
            (
                &[
                    ("Stage", "bank"),
                    ("avm:workspace", "space"),
                    ("avm:project", "bank"),
                ],
                "Stage (bank), avm:project (bank)",
            ),
            (
                &[
                    ("ProductName", "space"),
                    ("Stage", "shop"),
                    ("avm:workspace", "moon"),
                ],
                "avm:workspace (moon)",
            ),
            (&[("ProductName", "Space")], "ProductName (Space)"),
            (&[("ProductName", "")], "ProductName ()"),
        ] {
            assert_eq!(claim(pairs), Claim::Anothers(words.to_owned()));
        }
    }

    #[test]
    fn a_machine_leaves_the_accounts_of_another_alone() {
        let machine = |name: &str| Owner::new("space", "shop", &name.parse().unwrap());
        let (first, staging) = (machine(""), machine("Staging"));
        let other = machine("Trial");
        assert_eq!(staging.tags()["avm:machine"], "Staging");
        assert!(!first.tags().contains_key("avm:machine"));
        for owner in [&first, &staging, &other] {
            assert_eq!(owner.claim(&BTreeMap::new()), Claim::Nobodys);
            assert_eq!(owner.claim(&owner.tags()), Claim::Ours);
        }
        let staging_s = Claim::Anothers("avm:machine (Staging)".to_owned());
        assert_eq!(first.claim(&staging.tags()), staging_s);
        assert_eq!(other.claim(&staging.tags()), staging_s);
        let marked = BTreeMap::from([("avm:machine".to_owned(), "Staging".to_owned())]);
        assert_eq!(first.claim(&marked), staging_s);
        let first_s = Claim::Anothers("no avm:machine".to_owned());
        assert_eq!(staging.claim(&first.tags()), first_s);
    }

    #[test]
    fn identifiers_are_compared_as_tags_hold_them() {
        let owner = Owner::new("space (old)", "shop", &MachineName::first());
        let written = owner.tags();
        assert_eq!(written["avm:workspace"], "space _old_");
        assert_eq!(owner.claim(&written), Claim::Ours);
    }
}
