//! What has to happen, as plain data: made from what is wanted and what is there, shown, then applied.
//! What this execution has done already is not planned again, even if AWS does not show it yet.

use std::collections::BTreeSet;
use std::fmt;

use avm_core::contract::answer;
use avm_core::domain::{GroupId, GroupName, UserId};
use avm_core::ports::assignments::{Action, PermissionSet};
use avm_core::ports::directory::Member;
use serde::{Serialize, Serializer};

use crate::mappings::{Wanted, WantedGroup};
use crate::notes::{Begun, Notes, RetiringGroup};
use crate::read::Actual;

/// What has to happen. On the wire: groups, permission sets and numbers of people, never who they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all_fields = "PascalCase")]
pub enum Plan {
    /// AWS works on what this execution has started; nothing else is looked at meanwhile.
    Wait {
        /// What was done until now.
        notes: Notes,
    },
    Change(Changes),
}

/// What has to change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Changes {
    /// The groups of all mappings.
    pub(crate) mapped: Vec<GroupName>,
    /// Those of them of which something has to change.
    pub(crate) groups: Vec<GroupPlan>,
    /// The groups that no mapping wants and that are still assigned to the account.
    pub(crate) unwanted: Vec<UnwantedPlan>,
    /// The groups that this execution has noted: they are deleted in the end, if nothing else is assigned to them.
    pub(crate) retiring: Vec<RetiringGroup>,
    /// What cannot be as the request wants it, in words.
    pub(crate) drift: Option<String>,
    /// What was done until now.
    #[serde(skip)]
    pub(crate) notes: Notes,
}

/// What has to happen with a group of a mapping.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GroupPlan {
    pub(crate) name: GroupName,
    /// None: it has to be made.
    pub(crate) id: Option<GroupId>,
    #[serde(serialize_with = "number")]
    pub(crate) add: Vec<UserId>,
    #[serde(serialize_with = "number")]
    pub(crate) remove: Vec<Member>,
    #[serde(serialize_with = "names_alone")]
    pub(crate) assign: Vec<PermissionSet>,
    #[serde(serialize_with = "names_alone")]
    pub(crate) unassign: Vec<PermissionSet>,
}

/// What has to happen with a group that no mapping wants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UnwantedPlan {
    pub(crate) name: GroupName,
    pub(crate) id: GroupId,
    #[serde(serialize_with = "names_alone")]
    pub(crate) unassign: Vec<PermissionSet>,
}

fn number<Person, S: Serializer>(people: &[Person], serializer: S) -> Result<S::Ok, S::Error> {
    people.len().serialize(serializer)
}

fn names_alone<S: Serializer>(sets: &[PermissionSet], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(sets.iter().map(|set| &set.name))
}

impl Changes {
    /// Compares.
    pub(crate) fn new(
        wanted: &Wanted,
        actual: &Actual,
        drift: Option<String>,
        notes: Notes,
    ) -> Self {
        let groups = wanted
            .iter()
            .map(|(name, group)| GroupPlan::new(name, group, actual, &notes))
            .filter(|plan| !plan.is_empty())
            .collect();
        let unwanted = actual.unwanted.iter().filter_map(|(id, name)| {
            let assigned = actual.assigned.get(id).into_iter().flatten();
            let unassign: Vec<PermissionSet> = assigned
                .filter(|set| !notes.has_done(Action::Unassign, id, &set.arn))
                .cloned()
                .collect();
            (!unassign.is_empty()).then(|| UnwantedPlan {
                name: name.clone(),
                id: id.clone(),
                unassign,
            })
        });
        Self {
            mapped: wanted.keys().cloned().collect(),
            groups,
            unwanted: unwanted.collect(),
            retiring: notes.retiring.clone(),
            drift,
            notes,
        }
    }

    /// Everything that was to change has changed.
    pub(crate) fn made(begun: Begun, notes: Notes) -> Self {
        Self {
            mapped: begun.groups,
            groups: Vec::new(),
            unwanted: Vec::new(),
            retiring: Vec::new(),
            drift: begun.drift,
            notes,
        }
    }

    /// Whether nothing has to change.
    pub(crate) fn is_empty(&self) -> bool {
        self.groups.is_empty() && self.unwanted.is_empty() && self.retiring.is_empty()
    }

    /// Notes the groups that may be deleted once they have no assignment any more; says whether one of them is new.
    pub(crate) fn note_retiring(&mut self) -> bool {
        let retiring = self.unwanted.iter().map(|group| RetiringGroup {
            name: group.name.clone(),
            id: group.id.clone(),
        });
        self.notes.note_retiring(retiring)
    }
}

impl GroupPlan {
    fn new(name: &GroupName, wanted: &WantedGroup, actual: &Actual, notes: &Notes) -> Self {
        let found = actual.groups.get(name);
        let id = found.map(|group| group.id.clone());
        let members = found
            .map(|group| group.members.as_slice())
            .unwrap_or_default();
        let assigned = id.as_ref().and_then(|id| actual.assigned.get(id));
        let assigned = assigned.cloned().unwrap_or_default();
        let is_open = |action: Action, set: &PermissionSet| {
            let id = id.as_ref();
            id.is_none_or(|id| !notes.has_done(action, id, &set.arn))
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

impl answer::Plan for Plan {
    fn is_empty(&self) -> bool {
        match self {
            Self::Wait { .. } => false,
            Self::Change(changes) => changes.is_empty(),
        }
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wait { notes } => {
                write!(
                    formatter,
                    "wait for assignments at work: {}",
                    notes.at_work()
                )
            }
            Self::Change(changes) => changes.fmt(formatter),
        }
    }
}

impl fmt::Display for Changes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let groups = self.groups.iter().flat_map(GroupPlan::words);
        let unwanted = self.unwanted.iter().map(|group| {
            let sets = names(&group.unassign);
            format!(
                "take {sets} from unwanted group {}, then delete it if it has no other",
                group.name
            )
        });
        let retiring = self.retiring.iter();
        let retiring = retiring.map(|group| format!("delete group {} if unused", group.name));
        let words: Vec<String> = groups.chain(unwanted).chain(retiring).collect();
        if words.is_empty() {
            formatter.write_str("nothing to do")?;
        }
        formatter.write_str(&words.join("; "))?;
        match &self.drift {
            Some(drift) => write!(formatter, "; not as the request wants it: {drift}"),
            None => Ok(()),
        }
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
