//! IAM Identity Center in memory: groups, people, permission sets, assignments, and requests that run until the test ends them.
//! It shows and refuses as AWS does where the step depends on it, and can lose an answer.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard};

use avm_core::domain::{
    AccountId, AssignmentRequestId, GroupId, GroupName, PermissionSetArn, PermissionSetReference,
    UserId, UserName,
};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::assignments::{
    Action, Assignment, Assignments, PermissionSet, RequestState, Start,
};
use avm_core::ports::directory::{
    GROUP_DESCRIPTION, GroupDetails, Groups, Member, Members, NewGroup,
};

/// When the answer to a write is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lost {
    BeforeTheEffect,
    AfterTheEffect,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) name: String,
    pub(super) description: Option<String>,
    pub(super) members: BTreeSet<UserId>,
}

#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) action: Action,
    pub(super) assignment: Assignment,
    pub(super) state: RequestState,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) groups: BTreeMap<GroupId, Group>,
    pub(super) people: BTreeMap<UserName, UserId>,
    pub(super) permission_sets: Vec<PermissionSet>,
    pub(super) assignments: BTreeSet<Assignment>,
    pub(super) requests: BTreeMap<AssignmentRequestId, Request>,
    pub(super) writes: Vec<String>,
    pub(super) reads: usize,
    /// The most requests that were at work at a time.
    pub(super) most_at_work: usize,
    /// The write (from 0) whose answer is lost.
    pub(super) lost: Option<(usize, Lost)>,
    /// How many more starts are taken; none: all.
    pub(super) room: Option<usize>,
    /// How a request that is started has ended already.
    pub(super) ends_at_once: Option<RequestState>,
    /// Assignments are listed as they were then.
    pub(super) stale: Option<BTreeSet<Assignment>>,
    /// Groups that exist and are not found by their name yet.
    pub(super) hides_groups: bool,
    /// SCIM: groups have no description.
    pub(super) is_scim: bool,
}

/// The world.
#[derive(Default)]
pub(super) struct World(Mutex<State>);

pub(super) fn arn(name: &str) -> PermissionSetArn {
    let id = name.to_lowercase();
    format!("arn:aws:sso:::permissionSet/ssoins-1/ps-{id}")
        .parse()
        .unwrap()
}

pub(super) fn user(name: &str) -> UserId {
    format!("id-of-{name}").parse().unwrap()
}

impl World {
    /// With these permission sets and people.
    pub(super) fn with(permission_sets: &[&str], people: &[&str]) -> Self {
        let world = Self::default();
        {
            let mut state = world.state();
            state.permission_sets = permission_sets
                .iter()
                .map(|name| PermissionSet {
                    arn: arn(name),
                    name: (*name).to_owned(),
                })
                .collect();
            state.people = people
                .iter()
                .map(|name| (name.parse().unwrap(), user(name)))
                .collect();
        }
        world
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// A group that is there already, with members.
    pub(super) fn add_group(
        &self,
        name: &str,
        description: Option<&str>,
        members: &[&str],
    ) -> GroupId {
        let mut state = self.state();
        let id: GroupId = format!("g{}", state.groups.len() + 1).parse().unwrap();
        let group = Group {
            name: name.to_owned(),
            description: description.map(str::to_owned),
            members: members.iter().map(|name| user(name)).collect(),
        };
        state.groups.insert(id.clone(), group);
        id
    }

    /// An assignment that is there already.
    pub(super) fn assign(&self, account: &str, group: &GroupId, permission_set: &str) {
        self.state().assignments.insert(Assignment {
            account: account.parse().unwrap(),
            permission_set: arn(permission_set),
            group: group.clone(),
        });
    }

    /// Whatever is at work ends well.
    pub(super) fn finish(&self) {
        let mut state = self.state();
        let State {
            requests,
            assignments,
            ..
        } = &mut *state;
        for request in requests.values_mut() {
            if request.state == RequestState::InProgress {
                request.state = RequestState::Succeeded;
                carry_out(assignments, request.action, &request.assignment);
            }
        }
    }

    /// Whatever is at work fails.
    pub(super) fn fail(&self, reason: &str) {
        for request in self.state().requests.values_mut() {
            if request.state == RequestState::InProgress {
                request.state = RequestState::Failed(reason.to_owned());
            }
        }
    }

    pub(super) fn writes(&self) -> Vec<String> {
        std::mem::take(&mut self.state().writes)
    }

    /// Who is in the group of that name, in the order of their ids.
    pub(super) fn members(&self, name: &str) -> Vec<String> {
        let state = self.state();
        let group = state.groups.values().find(|group| group.name == name);
        let members = group.unwrap().members.iter();
        members.map(|user| user.expose().to_owned()).collect()
    }

    /// All assignments, as `<account> <group> <permission set>`.
    pub(super) fn assigned(&self) -> Vec<String> {
        let state = self.state();
        let words = state.assignments.iter().map(|assignment| {
            let group = state.groups.get(&assignment.group);
            let group = group.map_or("nobody", |group| &group.name);
            let set = assignment.permission_set.as_str().rsplit("ps-").next();
            format!("{} {group} {}", assignment.account, set.unwrap())
        });
        words.collect()
    }

    fn read(&self) -> MutexGuard<'_, State> {
        let mut state = self.state();
        state.reads += 1;
        state
    }

    /// Writes, or loses the answer, before or after the effect.
    fn write<T>(&self, words: String, effect: impl FnOnce(&mut State) -> T) -> Result<T, Failure> {
        let mut state = self.state();
        let number = state.writes.len();
        state.writes.push(words);
        let no_answer = Failure::new(ErrorName::ServiceUnavailable, "the connection was cut");
        match state.lost.take_if(|(at, _)| *at == number) {
            None => Ok(effect(&mut state)),
            Some((_, Lost::BeforeTheEffect)) => Err(no_answer),
            Some((_, Lost::AfterTheEffect)) => {
                effect(&mut state);
                Err(no_answer)
            }
        }
    }
}

fn carry_out(assignments: &mut BTreeSet<Assignment>, action: Action, assignment: &Assignment) {
    match action {
        Action::Assign => assignments.insert(assignment.clone()),
        Action::Unassign => assignments.remove(assignment),
    };
}

fn listed(state: &State) -> &BTreeSet<Assignment> {
    state.stale.as_ref().unwrap_or(&state.assignments)
}

impl Assignments for World {
    async fn find_permission_set(
        &self,
        reference: &PermissionSetReference,
    ) -> Result<Option<PermissionSet>, Failure> {
        let state = self.read();
        let found = state
            .permission_sets
            .iter()
            .find(|set| set.name == reference.as_str() || set.arn.as_str() == reference.as_str());
        Ok(found.cloned())
    }

    async fn list_provisioned(
        &self,
        account: &AccountId,
    ) -> Result<BTreeSet<PermissionSetArn>, Failure> {
        let state = self.read();
        let here = listed(&state)
            .iter()
            .filter(|found| found.account == *account);
        Ok(here.map(|found| found.permission_set.clone()).collect())
    }

    async fn list_groups(
        &self,
        account: &AccountId,
        permission_set: &PermissionSetArn,
    ) -> Result<BTreeSet<GroupId>, Failure> {
        let state = self.read();
        let here = listed(&state)
            .iter()
            .filter(|found| found.account == *account && found.permission_set == *permission_set);
        Ok(here.map(|found| found.group.clone()).collect())
    }

    async fn list_of_group(&self, group: &GroupId) -> Result<BTreeSet<Assignment>, Failure> {
        let state = self.read();
        let of_group = listed(&state).iter().filter(|found| found.group == *group);
        Ok(of_group.cloned().collect())
    }

    async fn start(&self, action: Action, assignment: &Assignment) -> Result<Start, Failure> {
        {
            let mut state = self.state();
            if !state.groups.contains_key(&assignment.group) {
                return Err(Failure::new(
                    ErrorName::ConcurrentModification,
                    "no such group",
                ));
            }
            match &mut state.room {
                Some(0) => return Ok(Start::NotYet("ThrottlingException: no".to_owned())),
                Some(room) => *room -= 1,
                None => {}
            }
        }
        let set = assignment.permission_set.as_str().rsplit('/').next();
        let words = format!("{action:?} {} {}", assignment.group, set.unwrap());
        self.write(words, |state| {
            let request = Request {
                action,
                assignment: assignment.clone(),
                state: state
                    .ends_at_once
                    .clone()
                    .unwrap_or(RequestState::InProgress),
            };
            if request.state == RequestState::Succeeded {
                carry_out(&mut state.assignments, action, assignment);
            }
            let end = request.state.clone();
            let id: AssignmentRequestId = format!("r{}", state.requests.len()).parse().unwrap();
            state.requests.insert(id.clone(), request);
            let at_work = state.requests.values();
            let at_work = at_work.filter(|request| request.state == RequestState::InProgress);
            state.most_at_work = state.most_at_work.max(at_work.count());
            Start::Taken(id, end)
        })
    }

    async fn find_request(
        &self,
        action: Action,
        id: &AssignmentRequestId,
    ) -> Result<Option<RequestState>, Failure> {
        let state = self.read();
        let request = state.requests.get(id);
        let request = request.filter(|request| request.action == action);
        Ok(request.map(|request| request.state.clone()))
    }
}

impl Members for World {
    async fn find_details(&self, group: &GroupId) -> Result<Option<GroupDetails>, Failure> {
        let state = self.read();
        Ok(state.groups.get(group).map(|group| GroupDetails {
            name: group.name.clone(),
            description: group.description.clone(),
        }))
    }

    async fn list_members(&self, group: &GroupId) -> Result<Vec<Member>, Failure> {
        let state = self.read();
        let members = state.groups[group].members.iter().map(|user| Member {
            user: user.clone(),
            membership: format!("m-{}", user.expose()).parse().unwrap(),
        });
        Ok(members.collect())
    }
}

impl Groups for World {
    fn marks_groups(&self) -> bool {
        !self.state().is_scim
    }

    async fn find_group(&self, name: &GroupName) -> Result<Option<GroupId>, Failure> {
        let state = self.read();
        if state.hides_groups {
            return Ok(None);
        }
        let mut groups = state.groups.iter();
        let found = groups.find(|(_, group)| group.name == name.as_str());
        Ok(found.map(|(id, _)| id.clone()))
    }

    async fn find_user(&self, name: &UserName) -> Result<Option<UserId>, Failure> {
        Ok(self.read().people.get(name).cloned())
    }

    async fn create_group(&self, name: &GroupName) -> Result<NewGroup, Failure> {
        let made = self.write(format!("make {name}"), |state| {
            let is_taken = state
                .groups
                .values()
                .any(|group| group.name == name.as_str());
            let description = (!state.is_scim).then(|| GROUP_DESCRIPTION.to_owned());
            (!is_taken).then_some(description)
        })?;
        Ok(match made {
            None => NewGroup::NameTaken,
            Some(description) => {
                NewGroup::Made(self.add_group(name.as_str(), description.as_deref(), &[]))
            }
        })
    }

    async fn add_members(&self, group: &GroupId, users: &[UserId]) -> Result<(), Failure> {
        self.write(format!("add {} to {group}", users.len()), |state| {
            let group = state.groups.get_mut(group).unwrap();
            group.members.extend(users.iter().cloned());
        })
    }

    async fn remove_members(&self, group: &GroupId, members: &[Member]) -> Result<(), Failure> {
        self.write(format!("remove {} from {group}", members.len()), |state| {
            let group = state.groups.get_mut(group).unwrap();
            group
                .members
                .retain(|user| members.iter().all(|member| member.user != *user));
        })
    }

    async fn delete_group(&self, group: &GroupId) -> Result<(), Failure> {
        self.write(format!("delete {group}"), |state| {
            state.groups.remove(group);
        })
    }
}
