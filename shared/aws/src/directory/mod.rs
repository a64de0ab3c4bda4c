//! Groups, people and memberships through the API of the identity store, in the region of its instance.
//! AWS's words about a person's name are never passed on.

mod either;
#[cfg(test)]
pub mod sample;
#[cfg(test)]
mod tests;

pub use self::either::GroupsOfInstance;

use aws_config::SdkConfig;
use aws_sdk_identitystore::Client;
use aws_sdk_identitystore::types::{
    AlternateIdentifier, GroupMembership, MemberId, UniqueAttribute,
};
use aws_smithy_types::Document;
use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::call::{Answered, Called, all_pages, in_region};
use super::failure::ServiceError;
use avm_core::domain::{
    GroupId, GroupName, IdentityStoreId, PLATFORM_PARAMETER, SingleSignOnInstance, UserId, UserName,
};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::directory::{GroupDetails, Groups, Member, Members, NamedGroup, NewGroup};

const LIST_MEMBERSHIPS: &str = "identitystore:ListGroupMemberships";

const MISSING: &str = "ResourceNotFoundException";

/// How many memberships are written at a time: AWS allows about twenty calls a second for all callers together.
const WRITTEN_AT_ONCE: usize = 4;

/// An identity store.
#[derive(Clone, Debug)]
pub struct IdentityStore {
    client: Client,
    id: IdentityStoreId,
}

impl IdentityStore {
    /// The store of the platform's instance, with the credentials of the configuration.
    pub fn of(configuration: &SdkConfig, instance: &SingleSignOnInstance) -> Self {
        Self {
            client: Client::new(&in_region(configuration, &instance.region)),
            id: instance.identity_store_id.clone(),
        }
    }
}

impl Members for IdentityStore {
    async fn find_details(&self, group: &GroupId) -> Result<Option<GroupDetails>, Failure> {
        let found = self
            .client
            .describe_group()
            .identity_store_id(self.id.as_str())
            .group_id(group.as_str())
            .send()
            .await
            .of_call("identitystore:DescribeGroup")
            .unless(&[MISSING])
            .map_err(|error| self.failure(error).while_doing(group.as_str()))?;
        Ok(found.map(|found| GroupDetails {
            name: found.display_name.unwrap_or_default(),
            description: found.description,
        }))
    }

    async fn list_members(&self, group: &GroupId) -> Result<Vec<Member>, Failure> {
        let memberships = self
            .client
            .list_group_memberships()
            .identity_store_id(self.id.as_str())
            .group_id(group.as_str())
            .into_paginator()
            .items()
            .send();
        let memberships = all_pages(LIST_MEMBERSHIPS, memberships)
            .await
            .map_err(|error| gone(error).while_doing(group.as_str()))?;
        memberships.into_iter().filter_map(member).collect()
    }
}

impl Groups for IdentityStore {
    fn mark_field(&self) -> &'static str {
        "description"
    }

    async fn find_group(&self, name: &GroupName) -> Result<Option<NamedGroup>, Failure> {
        const CALL: &str = "identitystore:GetGroupId";
        let found = self
            .client
            .get_group_id()
            .identity_store_id(self.id.as_str())
            .alternate_identifier(unique("displayName", name.as_str())?)
            .send()
            .await
            .of_call(CALL)
            .unless(&[MISSING])
            .map_err(|error| self.failure(error).while_doing(name.as_str()))?;
        let Some(found) = found else {
            return Ok(None);
        };
        let id = read_id(CALL, found.group_id)?;
        let details = self.find_details(&id).await?.ok_or_else(|| {
            let words = format!("group {name} is found by its name, and does not show yet");
            Failure::new(ErrorName::ConcurrentModification, words)
        })?;
        let mark = details.description;
        Ok(Some(NamedGroup { id, mark }))
    }

    async fn find_user(&self, name: &UserName) -> Result<Option<UserId>, Failure> {
        const CALL: &str = "identitystore:GetUserId";
        if !name.can_exist() {
            return Ok(None);
        }
        self.client
            .get_user_id()
            .identity_store_id(self.id.as_str())
            .alternate_identifier(unique("userName", name.expose())?)
            .send()
            .await
            .of_call(CALL)
            .unless(&[MISSING])
            .map_err(|mut error| {
                "the service's words are withheld, which may tell a name"
                    .clone_into(&mut error.message);
                self.failure(error)
            })?
            .map(|found| read_id(CALL, found.user_id))
            .transpose()
    }

    async fn create_group(&self, name: &GroupName, mark: &str) -> Result<NewGroup, Failure> {
        const CALL: &str = "identitystore:CreateGroup";
        let made = self
            .client
            .create_group()
            .identity_store_id(self.id.as_str())
            .display_name(name.as_str())
            .description(mark)
            .send()
            .await
            .of_call(CALL)
            // The name is taken, or the group changes at this moment: the caller's next look shows which.
            .unless(&["ConflictException"])
            .map_err(|error| {
                let failure = match error.code.as_str() {
                    "ServiceQuotaExceededException" | "ValidationException" => {
                        error.into_named(ErrorName::SingleSignOnFailed)
                    }
                    _ => self.failure(error),
                };
                failure.while_doing(name.as_str())
            })?;
        match made {
            Some(made) => read_id(CALL, made.group_id).map(NewGroup::Made),
            None => Ok(NewGroup::NameTaken),
        }
    }

    async fn add_members(&self, group: &GroupId, users: &[UserId]) -> Result<(), Failure> {
        let calls: Vec<_> = users
            .iter()
            .map(|user| self.add_member(group, user))
            .collect();
        stream::iter(calls)
            .buffer_unordered(WRITTEN_AT_ONCE)
            .try_collect()
            .await
    }

    async fn remove_members(&self, group: &GroupId, members: &[Member]) -> Result<(), Failure> {
        let calls = members
            .iter()
            .map(|member| self.remove_member(group, member));
        stream::iter(calls.collect::<Vec<_>>())
            .buffer_unordered(WRITTEN_AT_ONCE)
            .try_collect()
            .await
    }

    async fn delete_group(&self, group: &GroupId) -> Result<(), Failure> {
        self.client
            .delete_group()
            .identity_store_id(self.id.as_str())
            .group_id(group.as_str())
            .send()
            .await
            .of_call("identitystore:DeleteGroup")
            .outcome((), [(MISSING, ())])
            .map_err(|error| self.failure(error).while_doing(group.as_str()))
    }
}

impl IdentityStore {
    async fn add_member(&self, group: &GroupId, user: &UserId) -> Result<(), Failure> {
        let added = self
            .client
            .create_group_membership()
            .identity_store_id(self.id.as_str())
            .group_id(group.as_str())
            .member_id(MemberId::UserId(user.expose().to_owned()))
            .send()
            .await
            .of_call("identitystore:CreateGroupMembership");
        let Err(error) = added else {
            return Ok(());
        };
        let failure = match error.code.as_str() {
            // Already a member, or changed at this moment; AWS does not always say which of the two.
            "ConflictException" => {
                if self.is_member(group, user).await? {
                    return Ok(());
                }
                error.into_failure()
            }
            "ServiceQuotaExceededException" => error.into_named(ErrorName::SingleSignOnFailed),
            _ => gone(error),
        };
        Err(failure.while_doing(group.as_str()))
    }

    async fn is_member(&self, group: &GroupId, user: &UserId) -> Result<bool, Failure> {
        let membership = self
            .client
            .get_group_membership_id()
            .identity_store_id(self.id.as_str())
            .group_id(group.as_str())
            .member_id(MemberId::UserId(user.expose().to_owned()))
            .send()
            .await
            .of_call("identitystore:GetGroupMembershipId");
        membership
            .outcome(true, [(MISSING, false)])
            .map_err(|error| error.into_failure().while_doing(group.as_str()))
    }

    async fn remove_member(&self, group: &GroupId, member: &Member) -> Result<(), Failure> {
        self.client
            .delete_group_membership()
            .identity_store_id(self.id.as_str())
            .membership_id(member.membership.expose())
            .send()
            .await
            .of_call("identitystore:DeleteGroupMembership")
            .outcome((), [(MISSING, ())])
            .map_err(|error| self.failure(error).while_doing(group.as_str()))
    }

    /// The failure of a call that names the store: where something is missing that may not be, the store itself is.
    fn failure(&self, error: ServiceError) -> Failure {
        match error.code.as_str() {
            MISSING | "ValidationException" => error
                .into_named(ErrorName::InvalidConfiguration)
                .while_doing(&format!(
                    "{PLATFORM_PARAMETER}, field singleSignOn.identityStoreId: {}",
                    self.id
                )),
            _ => error.into_failure(),
        }
    }
}

/// The failure of a call that names a group or a person that was found before.
fn gone(error: ServiceError) -> Failure {
    match error.code.as_str() {
        MISSING => error.into_named(ErrorName::ConcurrentModification),
        _ => error.into_failure(),
    }
}

fn unique(path: &str, value: &str) -> Result<AlternateIdentifier, Failure> {
    UniqueAttribute::builder()
        .attribute_path(path)
        .attribute_value(Document::String(value.to_owned()))
        .build()
        .map(AlternateIdentifier::UniqueAttribute)
        .map_err(|error| Failure::new(ErrorName::Internal, error.to_string()))
}

/// A person in a group; `None` for a member of another kind, which the AVM never adds.
fn member(found: GroupMembership) -> Option<Result<Member, Failure>> {
    let Some(MemberId::UserId(user)) = found.member_id else {
        return None;
    };
    let user = read_id(LIST_MEMBERSHIPS, user);
    let membership = read_id(LIST_MEMBERSHIPS, found.membership_id);
    Some(user.and_then(|user| membership.map(|membership| Member { user, membership })))
}

fn read_id<Id>(call: &str, text: String) -> Result<Id, Failure>
where
    Id: TryFrom<String>,
    Id::Error: std::fmt::Display,
{
    Id::try_from(text).map_err(|error| {
        let words = format!("{call} answered with something unexpected: {error}");
        Failure::new(ErrorName::Internal, words)
    })
}
