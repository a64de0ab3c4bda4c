//! Groups where the instance keeps them: in the identity store, or behind a SCIM endpoint.
//! Which of the two is the platform document's choice.

use avm_core::domain::{GroupId, GroupName, UserId, UserName};
use avm_core::error::Failure;
use avm_core::ports::directory::{Groups, Member, NamedGroup, NewGroup};

use super::IdentityStore;
use crate::scim::ScimGroups;

/// The groups of an instance.
pub enum GroupsOfInstance<'a> {
    Store(IdentityStore),
    Scim(ScimGroups<'a>),
}

impl Groups for GroupsOfInstance<'_> {
    fn mark_field(&self) -> &'static str {
        match self {
            Self::Store(store) => store.mark_field(),
            Self::Scim(scim) => scim.mark_field(),
        }
    }

    async fn find_group(&self, name: &GroupName) -> Result<Option<NamedGroup>, Failure> {
        match self {
            Self::Store(store) => store.find_group(name).await,
            Self::Scim(scim) => scim.find_group(name).await,
        }
    }

    async fn find_user(&self, name: &UserName) -> Result<Option<UserId>, Failure> {
        match self {
            Self::Store(store) => store.find_user(name).await,
            Self::Scim(scim) => scim.find_user(name).await,
        }
    }

    async fn create_group(&self, name: &GroupName, mark: &str) -> Result<NewGroup, Failure> {
        match self {
            Self::Store(store) => store.create_group(name, mark).await,
            Self::Scim(scim) => scim.create_group(name, mark).await,
        }
    }

    async fn add_members(&self, group: &GroupId, users: &[UserId]) -> Result<(), Failure> {
        match self {
            Self::Store(store) => store.add_members(group, users).await,
            Self::Scim(scim) => scim.add_members(group, users).await,
        }
    }

    async fn remove_members(&self, group: &GroupId, members: &[Member]) -> Result<(), Failure> {
        match self {
            Self::Store(store) => store.remove_members(group, members).await,
            Self::Scim(scim) => scim.remove_members(group, members).await,
        }
    }

    async fn delete_group(&self, group: &GroupId) -> Result<(), Failure> {
        match self {
            Self::Store(store) => store.delete_group(group).await,
            Self::Scim(scim) => scim.delete_group(group).await,
        }
    }
}
