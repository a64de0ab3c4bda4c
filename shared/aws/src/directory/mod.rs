//! Groups, people and memberships through the API of the identity store, in the region of its instance.
//! What AWS says of a person's name is never handed on.

mod either;
#[cfg(test)]
mod tests;

pub use self::either::GroupsOfInstance;

use aws_config::{Region, SdkConfig};
use aws_sdk_identitystore::Client;
use aws_sdk_identitystore::types::{
    AlternateIdentifier, GroupMembership, MemberId, UniqueAttribute,
};
use aws_smithy_types::Document;
use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::failure::ServiceError;
use avm_core::domain::{GroupId, GroupName, IdentityStoreId, UserId, UserName};
use avm_core::domain::{PLATFORM_PARAMETER, SingleSignOnInstance};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::directory::{
    GROUP_DESCRIPTION, GroupDetails, Groups, Member, Members, NewGroup,
};

/// How many memberships are written at a time: AWS allows some twenty calls a second for everybody together.
const WRITTEN_AT_ONCE: usize = 4;

/// An identity store.
#[derive(Clone, Debug)]
pub struct IdentityStore {
    client: Client,
    id: IdentityStoreId,
}

impl IdentityStore {
    /// The store of the platform's instance, with the credentials of the configuration.
    #[must_use]
    pub fn of(configuration: &SdkConfig, instance: &SingleSignOnInstance) -> Self {
        let regional = aws_sdk_identitystore::config::Builder::from(configuration)
            .region(Region::new(instance.region.as_str().to_owned()))
            .build();
        Self {
            client: Client::from_conf(regional),
            id: instance.identity_store_id.clone(),
        }
    }
}

impl Members for IdentityStore {
    async fn find_details(&self, group: &GroupId) -> Result<Option<GroupDetails>, Failure> {
        const CALL: &str = "identitystore:DescribeGroup";
        let call = self
            .client
            .describe_group()
            .identity_store_id(self.id.as_str())
            .group_id(group.as_str());
        match call.send().await {
            Ok(found) => Ok(Some(GroupDetails {
                name: found.display_name.unwrap_or_default(),
                description: found.description,
            })),
            Err(error) => {
                let error = ServiceError::of(CALL, &error);
                self.absent_or_failure(error)
                    .map_err(|failure| failure.while_doing(group.as_str()))
            }
        }
    }

    async fn list_members(&self, group: &GroupId) -> Result<Vec<Member>, Failure> {
        let memberships = self
            .client
            .list_group_memberships()
            .identity_store_id(self.id.as_str())
            .group_id(group.as_str())
            .into_paginator()
            .items()
            .send()
            .try_collect()
            .await
            .map_err(|error| {
                let error = ServiceError::of("identitystore:ListGroupMemberships", &error);
                gone(error).while_doing(group.as_str())
            })?;
        memberships.into_iter().filter_map(member).collect()
    }
}

impl Groups for IdentityStore {
    fn marks_groups(&self) -> bool {
        true
    }

    async fn find_group(&self, name: &GroupName) -> Result<Option<GroupId>, Failure> {
        const CALL: &str = "identitystore:GetGroupId";
        let call = self
            .client
            .get_group_id()
            .identity_store_id(self.id.as_str())
            .alternate_identifier(unique("displayName", name.as_str())?);
        match call.send().await {
            Ok(found) => read_id(CALL, found.group_id).map(Some),
            Err(error) => {
                let error = ServiceError::of(CALL, &error);
                self.absent_or_failure(error)
                    .map_err(|failure| failure.while_doing(name.as_str()))
            }
        }
    }

    async fn find_user(&self, name: &UserName) -> Result<Option<UserId>, Failure> {
        const CALL: &str = "identitystore:GetUserId";
        if !name.can_exist() {
            return Ok(None);
        }
        let call = self
            .client
            .get_user_id()
            .identity_store_id(self.id.as_str())
            .alternate_identifier(unique("userName", name.expose())?);
        match call.send().await {
            Ok(found) => read_id(CALL, found.user_id).map(Some),
            Err(error) => {
                let mut error = ServiceError::of(CALL, &error);
                "the service's words are withheld, which may tell a name"
                    .clone_into(&mut error.message);
                self.absent_or_failure(error)
            }
        }
    }

    async fn create_group(&self, name: &GroupName) -> Result<NewGroup, Failure> {
        const CALL: &str = "identitystore:CreateGroup";
        let call = self
            .client
            .create_group()
            .identity_store_id(self.id.as_str())
            .display_name(name.as_str())
            .description(GROUP_DESCRIPTION);
        match call.send().await {
            Ok(made) => read_id(CALL, made.group_id).map(NewGroup::Made),
            Err(error) => {
                let error = ServiceError::of(CALL, &error);
                let failure = match error.code.as_str() {
                    // Taken, or changed at this moment: whether the group is there shows which of the two.
                    "ConflictException" => return Ok(NewGroup::NameTaken),
                    "ServiceQuotaExceededException" | "ValidationException" => {
                        error.into_named(ErrorName::SingleSignOnFailed)
                    }
                    _ => self.failure(error),
                };
                Err(failure.while_doing(name.as_str()))
            }
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
        let call = self
            .client
            .delete_group()
            .identity_store_id(self.id.as_str())
            .group_id(group.as_str());
        match call.send().await {
            Ok(_) => Ok(()),
            Err(error) => {
                let error = ServiceError::of("identitystore:DeleteGroup", &error);
                let failure = self.absent_or_failure::<()>(error).map(drop);
                failure.map_err(|failure| failure.while_doing(group.as_str()))
            }
        }
    }
}

impl IdentityStore {
    async fn add_member(&self, group: &GroupId, user: &UserId) -> Result<(), Failure> {
        let call = self
            .client
            .create_group_membership()
            .identity_store_id(self.id.as_str())
            .group_id(group.as_str())
            .member_id(MemberId::UserId(user.expose().to_owned()));
        let Err(error) = call.send().await else {
            return Ok(());
        };
        let error = ServiceError::of("identitystore:CreateGroupMembership", &error);
        let failure = match error.code.as_str() {
            // Already a member, or changed at this moment; AWS says which of the two not always.
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
        let call = self
            .client
            .get_group_membership_id()
            .identity_store_id(self.id.as_str())
            .group_id(group.as_str())
            .member_id(MemberId::UserId(user.expose().to_owned()));
        match call.send().await {
            Ok(_) => Ok(true),
            Err(error) => {
                let error = ServiceError::of("identitystore:GetGroupMembershipId", &error);
                match error.code.as_str() {
                    "ResourceNotFoundException" => Ok(false),
                    _ => Err(error.into_failure().while_doing(group.as_str())),
                }
            }
        }
    }

    async fn remove_member(&self, group: &GroupId, member: &Member) -> Result<(), Failure> {
        let call = self
            .client
            .delete_group_membership()
            .identity_store_id(self.id.as_str())
            .membership_id(member.membership.expose());
        match call.send().await {
            Ok(_) => Ok(()),
            Err(error) => {
                let error = ServiceError::of("identitystore:DeleteGroupMembership", &error);
                let failure = self.absent_or_failure::<()>(error).map(drop);
                failure.map_err(|failure| failure.while_doing(group.as_str()))
            }
        }
    }

    /// Nothing where what was asked for is not there; that the store itself is missing shows when a group is made.
    fn absent_or_failure<Found>(&self, error: ServiceError) -> Result<Option<Found>, Failure> {
        match error.code.as_str() {
            "ResourceNotFoundException" => Ok(None),
            _ => Err(self.failure(error)),
        }
    }

    fn failure(&self, error: ServiceError) -> Failure {
        match error.code.as_str() {
            "ResourceNotFoundException" | "ValidationException" => error
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
        "ResourceNotFoundException" => error.into_named(ErrorName::ConcurrentModification),
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

/// A person in a group; none for a member of another kind, which is none of ours.
fn member(found: GroupMembership) -> Option<Result<Member, Failure>> {
    const CALL: &str = "identitystore:ListGroupMemberships";
    let Some(MemberId::UserId(user)) = found.member_id else {
        return None;
    };
    let user = read_id(CALL, user);
    let membership = read_id(CALL, found.membership_id);
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
