//! The identity store: groups, and the people in them; written by its own API or by SCIM, which knows external ids only.
//! How late a group is found by its name is not documented: a knob.

use std::collections::{BTreeMap, BTreeSet};

use avm_core::domain::{GroupId, GroupName, UserId, UserName};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::directory::{GroupDetails, Groups, Member, Members, NamedGroup, NewGroup};

use crate::in_call::Behind;

/// A group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    pub name: String,
    pub description: Option<String>,
    pub external_id: Option<String>,
    pub members: BTreeSet<UserId>,
}

/// The groups, and everybody who is known.
#[derive(Clone, Debug, Default)]
pub struct State {
    pub groups: BTreeMap<GroupId, Group>,
    pub people: BTreeMap<UserName, UserId>,
    /// Groups that exist are not found by their name yet.
    pub hides_groups: bool,
    ids_given: usize,
}

/// The id of a person of that name.
pub fn user(name: &str) -> UserId {
    format!("id-of-{name}").parse().unwrap()
}

impl State {
    /// What two worlds must have in common: no ids of groups.
    pub fn essence(&self) -> String {
        let mut groups: Vec<String> = self
            .groups
            .values()
            .map(|group| {
                let members: Vec<&str> = group.members.iter().map(UserId::expose).collect();
                let marks = (&group.description, &group.external_id);
                format!("{} {marks:?} {members:?}", group.name)
            })
            .collect();
        groups.sort();
        groups.join("\n")
    }

    /// Groups and members have their effect at once.
    pub fn tick(&mut self) {}

    /// Somebody becomes known.
    pub fn know(&mut self, name: &str) {
        self.people.insert(name.parse().unwrap(), user(name));
    }

    /// A group comes into being, with these members.
    pub fn add_group(
        &mut self,
        name: &str,
        description: Option<&str>,
        members: &[&str],
    ) -> GroupId {
        self.ids_given += 1;
        let id: GroupId = format!("g{}", self.ids_given).parse().unwrap();
        let group = Group {
            name: name.to_owned(),
            description: description.map(str::to_owned),
            external_id: None,
            members: members.iter().map(|name| user(name)).collect(),
        };
        self.groups.insert(id.clone(), group);
        id
    }

    /// Who is in the group of that name, in the order of their ids.
    pub fn members(&self, name: &str) -> Vec<String> {
        let group = self.groups.values().find(|group| group.name == name);
        let members = group.unwrap().members.iter();
        members.map(|user| user.expose().to_owned()).collect()
    }

    fn find(&self, id: &GroupId) -> Result<&Group, Failure> {
        self.groups.get(id).ok_or_else(no_such_group)
    }

    fn find_mut(&mut self, id: &GroupId) -> Result<&mut Group, Failure> {
        self.groups.get_mut(id).ok_or_else(no_such_group)
    }
}

fn no_such_group() -> Failure {
    Failure::new(ErrorName::ConcurrentModification, "no such group")
}

/// Where groups are found and written: the store itself, or SCIM.
pub(crate) struct Directory<'a> {
    behind: Behind<'a>,
    is_scim: bool,
}

impl<'a> Directory<'a> {
    pub(crate) const fn new(behind: Behind<'a>, is_scim: bool) -> Self {
        Self { behind, is_scim }
    }
}

impl Groups for Directory<'_> {
    fn mark_field(&self) -> &'static str {
        if self.is_scim {
            "externalId"
        } else {
            "description"
        }
    }

    async fn find_group(&self, name: &GroupName) -> Result<Option<NamedGroup>, Failure> {
        let words = format!("identitystore:GetGroupId {name}");
        self.behind.read(words, |state| {
            let store = &state.identity_store;
            let mut groups = store.groups.iter();
            let found = groups.find(|(_, group)| group.name == name.as_str());
            let shown = found.filter(|_| !store.hides_groups);
            Ok(shown.map(|(id, group)| NamedGroup {
                id: id.clone(),
                mark: if self.is_scim {
                    group.external_id.clone()
                } else {
                    group.description.clone()
                },
            }))
        })
    }

    async fn find_user(&self, name: &UserName) -> Result<Option<UserId>, Failure> {
        self.behind.read("identitystore:GetUserId", |state| {
            Ok(state.identity_store.people.get(name).cloned())
        })
    }

    async fn create_group(&self, name: &GroupName, mark: &str) -> Result<NewGroup, Failure> {
        let words = format!("identitystore:CreateGroup {name}");
        self.behind.write(words, |state| {
            let store = &mut state.identity_store;
            let mut groups = store.groups.values();
            if groups.any(|group| group.name == name.as_str()) {
                return Ok(NewGroup::NameTaken);
            }
            let id = store.add_group(name.as_str(), None, &[]);
            let made = store.find_mut(&id)?;
            let field = if self.is_scim {
                &mut made.external_id
            } else {
                &mut made.description
            };
            *field = Some(mark.to_owned());
            Ok(NewGroup::Made(id))
        })
    }

    async fn add_members(&self, group: &GroupId, users: &[UserId]) -> Result<(), Failure> {
        let words = format!(
            "identitystore:CreateGroupMembership {} in {group}",
            users.len()
        );
        self.behind.write(words, |state| {
            let group = state.identity_store.find_mut(group)?;
            group.members.extend(users.iter().cloned());
            Ok(())
        })
    }

    async fn remove_members(&self, group: &GroupId, members: &[Member]) -> Result<(), Failure> {
        let words = format!(
            "identitystore:DeleteGroupMembership {} in {group}",
            members.len()
        );
        self.behind.write(words, |state| {
            let group = state.identity_store.find_mut(group)?;
            for member in members {
                group.members.remove(&member.user);
            }
            Ok(())
        })
    }

    async fn delete_group(&self, group: &GroupId) -> Result<(), Failure> {
        let words = format!("identitystore:DeleteGroup {group}");
        self.behind.write(words, |state| {
            state.identity_store.groups.remove(group);
            Ok(())
        })
    }
}

impl Members for Behind<'_> {
    async fn find_details(&self, group: &GroupId) -> Result<Option<GroupDetails>, Failure> {
        let words = format!("identitystore:DescribeGroup {group}");
        self.read(words, |state| {
            let found = state.identity_store.groups.get(group);
            Ok(found.map(|group| GroupDetails {
                name: group.name.clone(),
                description: group.description.clone(),
            }))
        })
    }

    async fn list_members(&self, group: &GroupId) -> Result<Vec<Member>, Failure> {
        let words = format!("identitystore:ListGroupMemberships {group}");
        self.read(words, |state| {
            let members = state.identity_store.find(group)?.members.iter();
            let members = members.map(|user| Member {
                user: user.clone(),
                membership: format!("m-{}", user.expose()).parse().unwrap(),
            });
            Ok(members.collect())
        })
    }
}
