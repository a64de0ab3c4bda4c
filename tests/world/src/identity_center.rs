//! IAM Identity Center: permission sets, account assignments, and the requests that make and delete them.
//! How many requests it takes, and when they end, is up to AWS: knobs.

use std::collections::{BTreeMap, BTreeSet};

use avm_core::domain::{
    AccountId, AssignmentRequestId, GroupId, PermissionSetArn, PermissionSetReference,
};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::assignments::{
    Action, Assignment, Assignments, PermissionSet, RequestState, Start,
};

use crate::identity_store;
use crate::in_call::Behind;

/// A request to make or to delete an assignment.
#[derive(Clone, Debug)]
pub struct Request {
    pub action: Action,
    pub assignment: Assignment,
    pub state: RequestState,
}

/// When a request ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum End {
    /// Well, at the next look.
    #[default]
    Soon,
    /// When the test says so.
    WhenTold,
    /// At once, like this.
    AtOnce(RequestState),
}

/// The instance.
#[derive(Clone, Debug, Default)]
pub struct State {
    pub permission_sets: Vec<PermissionSet>,
    pub assignments: BTreeSet<Assignment>,
    pub requests: BTreeMap<AssignmentRequestId, Request>,
    pub end: End,
    /// How many more requests are taken; none: all.
    pub room: Option<usize>,
    /// The most requests that were at work at a time.
    pub most_at_work: usize,
}

/// The ARN of the permission set of that name.
pub fn arn(name: &str) -> PermissionSetArn {
    let id = name.to_lowercase();
    let arn = format!("arn:aws:sso:::permissionSet/ssoins-1/ps-{id}");
    arn.parse().unwrap()
}

impl State {
    /// What two worlds must have in common: who is assigned, by the names of groups.
    pub fn essence(&self, store: &identity_store::State) -> String {
        self.assigned(store).join("\n")
    }

    /// What AWS works on ends well, unless the test ends it.
    pub fn tick(&mut self) {
        if self.end != End::WhenTold {
            self.finish();
        }
    }

    /// A permission set that can be assigned.
    pub fn offer(&mut self, name: &str) {
        self.permission_sets.push(PermissionSet {
            arn: arn(name),
            name: name.to_owned(),
        });
    }

    /// An assignment that is there already.
    pub fn assign(&mut self, account: &str, group: &GroupId, permission_set: &str) {
        self.assignments.insert(Assignment {
            account: account.parse().unwrap(),
            permission_set: arn(permission_set),
            group: group.clone(),
        });
    }

    /// All assignments, as `<account> <group> <permission set>`.
    pub fn assigned(&self, store: &identity_store::State) -> Vec<String> {
        let words = self.assignments.iter().map(|assignment| {
            let group = store.groups.get(&assignment.group);
            let group = group.map_or("nobody", |group| &group.name);
            let set = assignment.permission_set.as_str().rsplit("ps-").next();
            format!("{} {group} {}", assignment.account, set.unwrap())
        });
        let mut words: Vec<String> = words.collect();
        words.sort();
        words
    }

    /// Whatever is at work ends well.
    pub fn finish(&mut self) {
        for request in self.requests.values_mut() {
            if request.state == RequestState::InProgress {
                request.state = RequestState::Succeeded;
                carry_out(&mut self.assignments, request.action, &request.assignment);
            }
        }
    }

    /// Whatever is at work fails.
    pub fn fail(&mut self, reason: &str) {
        for request in self.requests.values_mut() {
            if request.state == RequestState::InProgress {
                request.state = RequestState::Failed(reason.to_owned());
            }
        }
    }

    fn take(&mut self, action: Action, assignment: &Assignment) -> Start {
        match &mut self.room {
            Some(0) => return Start::NotYet("ThrottlingException: no".to_owned()),
            Some(room) => *room -= 1,
            None => {}
        }
        let state = match &self.end {
            End::AtOnce(state) => state.clone(),
            End::Soon | End::WhenTold => RequestState::InProgress,
        };
        if state == RequestState::Succeeded {
            carry_out(&mut self.assignments, action, assignment);
        }
        let id: AssignmentRequestId = format!("r{}", self.requests.len()).parse().unwrap();
        let request = Request {
            action,
            assignment: assignment.clone(),
            state: state.clone(),
        };
        self.requests.insert(id.clone(), request);
        let at_work = self.requests.values();
        let at_work = at_work.filter(|request| request.state == RequestState::InProgress);
        self.most_at_work = self.most_at_work.max(at_work.count());
        Start::Taken(id, state)
    }
}

fn carry_out(assignments: &mut BTreeSet<Assignment>, action: Action, assignment: &Assignment) {
    match action {
        Action::Assign => assignments.insert(assignment.clone()),
        Action::Unassign => assignments.remove(assignment),
    };
}

impl Assignments for Behind<'_> {
    async fn find_permission_set(
        &self,
        reference: &PermissionSetReference,
    ) -> Result<Option<PermissionSet>, Failure> {
        let words = format!("sso:DescribePermissionSet {reference}");
        self.read(words, |state| {
            let mut sets = state.identity_center.permission_sets.iter();
            let reference = reference.as_str();
            let found = sets.find(|set| set.name == reference || set.arn.as_str() == reference);
            Ok(found.cloned())
        })
    }

    async fn list_provisioned(
        &self,
        account: &AccountId,
    ) -> Result<BTreeSet<PermissionSetArn>, Failure> {
        self.read("sso:ListPermissionSetsProvisionedToAccount", |state| {
            let all = state.identity_center.assignments.iter();
            let here = all.filter(|found| found.account == *account);
            Ok(here.map(|found| found.permission_set.clone()).collect())
        })
    }

    async fn list_groups(
        &self,
        account: &AccountId,
        permission_set: &PermissionSetArn,
    ) -> Result<BTreeSet<GroupId>, Failure> {
        let words = format!("sso:ListAccountAssignments {permission_set}");
        self.read(words, |state| {
            let all = state.identity_center.assignments.iter();
            let here = all.filter(|found| {
                found.account == *account && found.permission_set == *permission_set
            });
            Ok(here.map(|found| found.group.clone()).collect())
        })
    }

    async fn list_of_group(&self, group: &GroupId) -> Result<BTreeSet<Assignment>, Failure> {
        let words = format!("sso:ListAccountAssignmentsForPrincipal {group}");
        self.read(words, |state| {
            let all = state.identity_center.assignments.iter();
            Ok(all.filter(|found| found.group == *group).cloned().collect())
        })
    }

    async fn start(&self, action: Action, assignment: &Assignment) -> Result<Start, Failure> {
        let call = match action {
            Action::Assign => "sso:CreateAccountAssignment",
            Action::Unassign => "sso:DeleteAccountAssignment",
        };
        let set = assignment.permission_set.as_str().rsplit('/').next();
        let words = format!("{call} {} {}", assignment.group, set.unwrap());
        self.write(words, |state| {
            if !state.identity_store.groups.contains_key(&assignment.group) {
                let words = "no such group";
                return Err(Failure::new(ErrorName::ConcurrentModification, words));
            }
            Ok(state.identity_center.take(action, assignment))
        })
    }

    async fn find_request(
        &self,
        action: Action,
        id: &AssignmentRequestId,
    ) -> Result<Option<RequestState>, Failure> {
        let call = match action {
            Action::Assign => "sso:DescribeAccountAssignmentCreationStatus",
            Action::Unassign => "sso:DescribeAccountAssignmentDeletionStatus",
        };
        self.read(format!("{call} {id}"), |state| {
            let request = state.identity_center.requests.get(id);
            let request = request.filter(|request| request.action == action);
            Ok(request.map(|request| request.state.clone()))
        })
    }
}
