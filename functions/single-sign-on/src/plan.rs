//! What has to happen, as plain data: made from what is wanted and what is there, shown, then applied.
//! What this execution has done already is not planned again, even if AWS does not show it yet.

use std::collections::BTreeSet;
use std::fmt;

use avm_core::domain::{GroupId, GroupName, UserId};
use avm_core::ports::assignments::{Action, PermissionSet};
use avm_core::ports::directory::Member;

use crate::mappings::{Wanted, WantedGroup};
use crate::progress::{Progress, RetiringGroup};
use crate::read::Actual;

/// What has to happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    /// The groups of mappings of which something has to change.
    pub(crate) groups: Vec<GroupPlan>,
    /// The groups that no mapping wants and that are still assigned to the account.
    pub(crate) unwanted: Vec<UnwantedPlan>,
}

/// What has to happen with a group of a mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GroupPlan {
    pub(crate) name: GroupName,
    /// None: it has to be made.
    pub(crate) id: Option<GroupId>,
    pub(crate) add: Vec<UserId>,
    pub(crate) remove: Vec<Member>,
    pub(crate) assign: Vec<PermissionSet>,
    pub(crate) unassign: Vec<PermissionSet>,
}

/// What has to happen with a group that no mapping wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UnwantedPlan {
    pub(crate) name: GroupName,
    pub(crate) id: GroupId,
    pub(crate) unassign: Vec<PermissionSet>,
    /// Whether it is deleted in the end, if nothing else is assigned to it.
    pub(crate) retire: bool,
}

impl Plan {
    /// Compares.
    pub(crate) fn new(wanted: &Wanted, actual: &Actual, progress: &Progress) -> Self {
        let groups = wanted
            .iter()
            .map(|(name, group)| GroupPlan::new(name, group, actual, progress))
            .filter(|plan| !plan.is_empty())
            .collect();
        let unwanted = actual.unwanted.iter().filter_map(|(id, group)| {
            let assigned = actual.assigned.get(id).into_iter().flatten();
            let unassign: Vec<PermissionSet> = assigned
                .filter(|set| !progress.has_done(Action::Unassign, id, &set.arn))
                .cloned()
                .collect();
            (!unassign.is_empty()).then(|| UnwantedPlan {
                name: group.name.clone(),
                id: id.clone(),
                unassign,
                retire: group.is_ours,
            })
        });
        Self {
            groups,
            unwanted: unwanted.collect(),
        }
    }

    /// Whether nothing has to happen.
    pub(crate) fn is_empty(&self) -> bool {
        self.groups.is_empty() && self.unwanted.is_empty()
    }

    /// The groups that may be deleted once they have no assignment any more.
    pub(crate) fn retiring(&self) -> impl Iterator<Item = RetiringGroup> {
        self.unwanted
            .iter()
            .filter(|group| group.retire)
            .map(|group| RetiringGroup {
                name: group.name.clone(),
                id: group.id.clone(),
            })
    }
}

impl GroupPlan {
    fn new(name: &GroupName, wanted: &WantedGroup, actual: &Actual, progress: &Progress) -> Self {
        let found = actual.groups.get(name);
        let id = found.map(|group| group.id.clone());
        let members = found
            .map(|group| group.members.as_slice())
            .unwrap_or_default();
        let assigned = id.as_ref().and_then(|id| actual.assigned.get(id));
        let assigned = assigned.cloned().unwrap_or_default();
        let is_open = |action: Action, set: &PermissionSet| {
            let id = id.as_ref();
            id.is_none_or(|id| !progress.has_done(action, id, &set.arn))
        };
        let (add, remove) = compare_members(wanted, members, actual);
        Self {
            name: name.clone(),
            add,
            remove,
            assign: wanted
                .permission_sets
                .difference(&assigned)
                .filter(|set| is_open(Action::Assign, set))
                .cloned()
                .collect(),
            unassign: assigned
                .difference(&wanted.permission_sets)
                .filter(|set| is_open(Action::Unassign, set))
                .cloned()
                .collect(),
            id,
        }
    }

    fn is_empty(&self) -> bool {
        self.id.is_some()
            && self.add.is_empty()
            && self.remove.is_empty()
            && self.assign.is_empty()
            && self.unassign.is_empty()
    }
}

/// Who is missing, and who is too many; nobody where the request says nothing of members.
fn compare_members(
    wanted: &WantedGroup,
    members: &[Member],
    actual: &Actual,
) -> (Vec<UserId>, Vec<Member>) {
    let Some(people) = &wanted.people else {
        return (Vec::new(), Vec::new());
    };
    let names = people.values().flatten();
    let wanted: BTreeSet<&UserId> = names.filter_map(|name| actual.people.get(name)).collect();
    let present: BTreeSet<&UserId> = members.iter().map(|member| &member.user).collect();
    let add = wanted.difference(&present).map(|user| (*user).clone());
    let remove = members
        .iter()
        .filter(|member| !wanted.contains(&member.user));
    (add.collect(), remove.cloned().collect())
}

impl fmt::Display for Plan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut words = Vec::new();
        for group in &self.groups {
            words.extend(group.words());
        }
        for group in &self.unwanted {
            let then = if group.retire {
                ", then delete it if it has no other"
            } else {
                ""
            };
            let sets = names(&group.unassign);
            words.push(format!(
                "take {sets} from unwanted group {}{then}",
                group.name
            ));
        }
        if words.is_empty() {
            return formatter.write_str("nothing to do");
        }
        formatter.write_str(&words.join("; "))
    }
}

impl GroupPlan {
    /// What has to happen, in words that tell how many people it concerns, and not whom.
    fn words(&self) -> Vec<String> {
        let name = &self.name;
        let mut words = Vec::new();
        if self.id.is_none() {
            words.push(format!("make group {name}"));
        }
        if !self.remove.is_empty() {
            words.push(format!("take {} out of {name}", people(self.remove.len())));
        }
        if !self.add.is_empty() {
            words.push(format!("put {} into {name}", people(self.add.len())));
        }
        if !self.unassign.is_empty() {
            words.push(format!("take {} from {name}", names(&self.unassign)));
        }
        if !self.assign.is_empty() {
            words.push(format!("give {} to {name}", names(&self.assign)));
        }
        words
    }
}

fn people(number: usize) -> String {
    match number {
        1 => "1 person".to_owned(),
        number => format!("{number} people"),
    }
}

fn names(sets: &[PermissionSet]) -> String {
    let names: Vec<&str> = sets.iter().map(|set| set.name.as_str()).collect();
    names.join(" and ")
}
