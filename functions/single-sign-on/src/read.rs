//! What is there: the groups of the mappings, who is in them, and which groups are assigned to the account.
//! Few calls at a time: AWS counts those of everybody together.

use std::collections::{BTreeMap, BTreeSet};

use avm_core::contract::order::Order;
use avm_core::domain::{
    AccountId, GROUP_PREFIX, GroupId, GroupName, PermissionSetArn, ProjectRole, UserId, UserName,
};
use avm_core::error::Failure;
use avm_core::ports::assignments::{Assignments, PermissionSet};
use avm_core::ports::directory::{Groups, Member, Members, NamedGroup};
use avm_core::rules::group_owner::{GroupClaim, GroupOwner};
use futures_util::future::try_join;
use futures_util::stream::{self, StreamExt, TryStreamExt};

use crate::mappings::Wanted;
use crate::notes::Notes;
use crate::owner::refusal;

/// How many calls of one kind are under way at a time.
const READ_AT_ONCE: usize = 4;

/// What is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Actual {
    /// The groups of mappings that exist.
    pub(crate) groups: BTreeMap<GroupName, FoundGroup>,
    /// The people whom the request names and the identity store knows.
    pub(crate) people: BTreeMap<UserName, UserId>,
    /// The permission sets with which each group is assigned to the account.
    pub(crate) assigned: BTreeMap<GroupId, BTreeSet<PermissionSet>>,
    /// Assigned groups of ours that no mapping wants.
    pub(crate) unwanted: BTreeMap<GroupId, GroupName>,
    /// Assigned groups with our prefix that somebody else has made.
    pub(crate) of_others: BTreeSet<GroupName>,
}

/// A group of a mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FoundGroup {
    pub(crate) id: GroupId,
    /// Empty where the request says nothing of members.
    pub(crate) members: Vec<Member>,
}

/// What cannot be as the request wants it, in words.
pub(crate) fn drift(
    actual: &Actual,
    wanted: &Wanted,
    order: &Order,
    notes: &Notes,
) -> Option<String> {
    let drift = [
        actual.unknown(wanted),
        unmapped(order),
        left_out(order),
        actual.empty(wanted, notes),
        actual.of_others(),
    ];
    let drift: Vec<String> = drift.into_iter().flatten().collect();
    (!drift.is_empty()).then(|| drift.join(" "))
}

impl Actual {
    fn of_others(&self) -> Option<String> {
        if self.of_others.is_empty() {
            return None;
        }
        let names: Vec<&str> = self.of_others.iter().map(GroupName::as_str).collect();
        Some(format!(
            "Assigned to the account and not made by the account vending machine, which leaves them as they are: {}. Remedy: \
             let one system alone manage single sign-on, either this one or meshStack's own replication, and unassign what the \
             other one has left.",
            names.join(", ")
        ))
    }

    /// The groups that this execution makes and into which the request puts nobody, since it says nothing of people.
    fn empty(&self, wanted: &Wanted, notes: &Notes) -> Option<String> {
        let is_new =
            |name: &GroupName| !self.groups.contains_key(name) || notes.created.contains(name);
        let new = wanted.iter().filter(|(_, group)| group.people.is_none());
        let names: Vec<&str> = new
            .filter(|(name, _)| is_new(name))
            .map(|(name, _)| name.as_str())
            .collect();
        (!names.is_empty()).then(|| {
            format!(
                "The request has no RoleBindings, so that nobody is put into the new groups {}, and nobody gets into the account \
                 through them. Remedy: let the sender name the people of each project role in RoleBindings, or put them into the \
                 groups in IAM Identity Center.",
                names.join(", ")
            )
        })
    }

    /// The roles with people whom the identity store does not know, in words; names are nobody's business.
    fn unknown(&self, wanted: &Wanted) -> Option<String> {
        let roles = wanted.values().filter_map(|group| group.people.as_ref());
        let unknown: Vec<String> = roles
            .flatten()
            .filter_map(|(role, people)| {
                let is_unknown = |name: &&UserName| !self.people.contains_key(*name);
                match people.iter().filter(is_unknown).count() {
                    0 => None,
                    1 => Some(format!("1 user of project role {role}")),
                    number => Some(format!("{number} users of project role {role}")),
                }
            })
            .collect();
        (!unknown.is_empty()).then(|| {
            format!(
                "IAM Identity Center does not know {}. Remedy: let the identity provider provision them, or take them out of \
                 the project, and send the request again with \"Force\".",
                unknown.join(", ")
            )
        })
    }
}

/// The keys of the role bindings that no mapping knows, in words that do not repeat them: one may be a user's name.
fn unmapped(order: &Order) -> Option<String> {
    let settings = order.landing_zone.settings.single_sign_on.as_ref()?;
    let bindings = order.request.role_bindings.as_ref()?;
    let is_unmapped = |role: &&ProjectRole| !settings.role_mappings.contains_key(*role);
    let roles = match bindings.keys().filter(is_unmapped).count() {
        0 => return None,
        1 => "1 project role".to_owned(),
        number => format!("{number} project roles"),
    };
    Some(format!(
        "{roles} of RoleBindings ignored, since landing zone {} does not map them in singleSignOn. Remedy: none if that is \
         meant, else correct the spelling or add the mapping.",
        order.landing_zone.name
    ))
}

/// What the entry point has left out of the role bindings, in words.
fn left_out(order: &Order) -> Option<String> {
    let left_out = order.request.left_out;
    let counted = |number: usize, one: &str, many: &str| match number {
        0 => None,
        1 => Some(format!("1 {one}")),
        number => Some(format!("{number} {many}")),
    };
    let roles = counted(
        left_out.roles,
        "key that can be no project role",
        "keys that can be no project roles",
    );
    let users = counted(
        left_out.users,
        "user whose name nobody can have",
        "users whose names nobody can have",
    );
    let words: Vec<String> = roles.into_iter().chain(users).collect();
    (!words.is_empty()).then(|| {
        format!(
            "Left out of RoleBindings: {}. Remedy: none if that is meant, else correct the names where the request is made: a project \
             role has 1 to 64 letters, digits, '.', '_', ' ' or '-', a user name 1 to 128 characters without control characters.",
            words.join(" and ")
        )
    })
}

/// What the look reads from.
pub(crate) struct Reader<'a, Center, Directory, Store> {
    pub(crate) account: &'a AccountId,
    pub(crate) owner: &'a GroupOwner,
    /// What this execution has done already.
    pub(crate) notes: &'a Notes,
    pub(crate) center: Center,
    pub(crate) groups: Directory,
    pub(crate) members: Store,
}

impl<Center: Assignments, Directory: Groups, Store: Members> Reader<'_, Center, Directory, Store> {
    /// Reads everything that the plan is made from.
    pub(crate) async fn read(&self, wanted: &Wanted) -> Result<Actual, Failure> {
        let directory = async {
            let groups = self.find_groups(wanted).await?;
            Ok((groups, self.find_people(wanted).await?))
        };
        let ((groups, people), found) = try_join(directory, self.list_assigned()).await?;
        let (unwanted, of_others) = self.find_unwanted(&groups, found.keys()).await?;
        let mut assigned = BTreeMap::new();
        for (group, arns) in found {
            let is_looked_at =
                unwanted.contains_key(&group) || groups.values().any(|found| found.id == group);
            if is_looked_at {
                assigned.insert(group, self.name_all(wanted, arns).await?);
            }
        }
        Ok(Actual {
            groups,
            people,
            assigned,
            unwanted,
            of_others,
        })
    }

    /// The groups of the mappings that exist. One that is not this project's fails: nobody is put into it or taken out of it.
    async fn find_groups(
        &self,
        wanted: &Wanted,
    ) -> Result<BTreeMap<GroupName, FoundGroup>, Failure> {
        let calls = wanted.iter().map(|(name, group)| async {
            let Some(found) = self.groups.find_group(name).await? else {
                return Ok(None);
            };
            if !self.is_ours(&found).await? {
                return Err(refusal(name, self.owner, self.groups.mark_field()));
            }
            let id = found.id;
            let members = match group.people {
                Some(_) => self.members.list_members(&id).await?,
                None => Vec::new(),
            };
            Ok(Some((name.clone(), FoundGroup { id, members })))
        });
        few(calls.collect()).await
    }

    /// Whether the group is this project's. One that an earlier version made names no project: it is this one's if it lets
    /// people into this account and into no other, because then nobody else can miss it or gain by it.
    async fn is_ours(&self, found: &NamedGroup) -> Result<bool, Failure> {
        match self.owner.claim(found.mark.as_deref()) {
            GroupClaim::Ours => Ok(true),
            GroupClaim::Others => Ok(false),
            // Between two of its calls an assignment that is replaced may be none.
            GroupClaim::Former if self.notes.has_changed(&found.id) => Ok(true),
            GroupClaim::Former => {
                let assignments = self.center.list_of_group(&found.id).await?;
                let mut accounts = assignments.iter().map(|one| &one.account);
                Ok(!assignments.is_empty() && accounts.all(|account| account == self.account))
            }
        }
    }

    async fn find_people(&self, wanted: &Wanted) -> Result<BTreeMap<UserName, UserId>, Failure> {
        let people = wanted.values().filter_map(|group| group.people.as_ref());
        let names: BTreeSet<&UserName> = people.flat_map(BTreeMap::values).flatten().collect();
        let calls = names.into_iter().map(|name| async {
            let found = match self.groups.find_user(name).await? {
                None => self.find_in_lower_case(name).await?,
                found => found,
            };
            Ok(found.map(|id| (name.clone(), id)))
        });
        few(calls.collect()).await
    }

    /// The person of that name in lower case. AWS does not document whether its look-up heeds letter case (identity store API,
    /// `GetUserId`; SCIM guide, `ListUsers`; read 2026-11-29); identity providers often write a name in another case than people do.
    async fn find_in_lower_case(&self, name: &UserName) -> Result<Option<UserId>, Failure> {
        match name.in_lower_case() {
            Some(lower) => self.groups.find_user(&lower).await,
            None => Ok(None),
        }
    }

    /// The permission sets of each group that is assigned to the account: of all that AWS has provisioned there, not only of the
    /// wanted ones. With another one nobody is assigned; one that does not show yet is assigned again, which changes nothing.
    async fn list_assigned(
        &self,
    ) -> Result<BTreeMap<GroupId, BTreeSet<PermissionSetArn>>, Failure> {
        let center = &self.center;
        let arns = center.list_provisioned(self.account).await?;
        let calls = arns.into_iter().map(|arn| async {
            let groups = center.list_groups(self.account, &arn).await?;
            Ok(Some((arn, groups)))
        });
        let by_set: BTreeMap<_, _> = few(calls.collect()).await?;
        let mut by_group: BTreeMap<GroupId, BTreeSet<PermissionSetArn>> = BTreeMap::new();
        for (arn, groups) in by_set {
            for group in groups {
                by_group.entry(group).or_default().insert(arn.clone());
            }
        }
        Ok(by_group)
    }

    /// Of the assigned groups those that have our prefix and no mapping: ours, and those of others, which are left alone.
    /// meshStack begins the names of its own groups so, too, and would assign them anew.
    async fn find_unwanted(
        &self,
        wanted: &BTreeMap<GroupName, FoundGroup>,
        assigned: impl Iterator<Item = &GroupId>,
    ) -> Result<(BTreeMap<GroupId, GroupName>, BTreeSet<GroupName>), Failure> {
        let others = assigned.filter(|id| wanted.values().all(|group| group.id != **id));
        let calls = others.map(|id| async {
            let details = self.members.find_details(id).await?;
            let name = details.and_then(|details| {
                let name = Some(details.name).filter(|name| name.starts_with(GROUP_PREFIX));
                name?.parse::<GroupName>().ok()
            });
            let Some(name) = name else {
                return Ok(None);
            };
            let is_ours = match self.groups.find_group(&name).await? {
                Some(found) if found.id == *id => {
                    self.owner.claim(found.mark.as_deref()) != GroupClaim::Others
                }
                _ => false,
            };
            Ok(Some((id.clone(), (name, is_ours))))
        });
        let found: BTreeMap<GroupId, (GroupName, bool)> = few(calls.collect()).await?;
        let mut unwanted = BTreeMap::new();
        let mut of_others = BTreeSet::new();
        for (id, (name, is_ours)) in found {
            if is_ours {
                unwanted.insert(id, name);
            } else {
                of_others.insert(name);
            }
        }
        Ok((unwanted, of_others))
    }

    /// Permission sets with their names; one that has gone meanwhile is named by its ARN.
    async fn name_all(
        &self,
        wanted: &Wanted,
        arns: BTreeSet<PermissionSetArn>,
    ) -> Result<BTreeSet<PermissionSet>, Failure> {
        let mut named = BTreeSet::new();
        for arn in arns {
            if let Some(known) = sets_of(wanted).find(|known| known.arn == arn) {
                named.insert(known.clone());
                continue;
            }
            let found = match arn.as_str().parse() {
                Ok(reference) => self.center.find_permission_set(&reference).await?,
                Err(_) => None,
            };
            let name = found.map_or_else(|| arn.as_str().to_owned(), |found| found.name);
            named.insert(PermissionSet { arn, name });
        }
        Ok(named)
    }
}

fn sets_of(wanted: &Wanted) -> impl Iterator<Item = &PermissionSet> {
    wanted.values().flat_map(|group| &group.permission_sets)
}

/// Makes calls, a few at a time, and gathers what they have found.
async fn few<Key: Ord, Value>(
    calls: Vec<impl Future<Output = Result<Option<(Key, Value)>, Failure>>>,
) -> Result<BTreeMap<Key, Value>, Failure> {
    stream::iter(calls)
        .buffered(READ_AT_ONCE)
        .try_filter_map(|found| async { Ok(found) })
        .try_collect()
        .await
}
