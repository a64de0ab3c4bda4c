//! Groups where the instance keeps them: in the identity store, or behind a SCIM endpoint.
//! Which of the two is the platform document's choice; a removal that the endpoint refuses goes to the store.

use avm_core::domain::{GroupId, GroupName, UserId, UserName};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::directory::{Groups, Member, NamedGroup, NewGroup};

use super::IdentityStore;
use crate::scim::ScimGroups;

/// The groups of an instance.
pub enum GroupsOfInstance<'a> {
    Store(IdentityStore),
    /// With the store that the endpoint writes into.
    Scim(ScimGroups<'a>, IdentityStore),
}

/// Memberships are the same, whichever way they were written, and the role of the store may end each of them by its id.
/// SCIM may refuse to end all of a group in one request: AWS's SCIM guide, page `PatchGroup`, says so in one edition
/// ("replace or remove all group memberships as part of a single request": 400) and not in the other (read 2026-11-29).
impl Groups for GroupsOfInstance<'_> {
    fn mark_field(&self) -> &'static str {
        match self {
            Self::Store(store) => store.mark_field(),
            Self::Scim(scim, _) => scim.mark_field(),
        }
    }

    async fn find_group(&self, name: &GroupName) -> Result<Option<NamedGroup>, Failure> {
        match self {
            Self::Store(store) => store.find_group(name).await,
            Self::Scim(scim, _) => scim.find_group(name).await,
        }
    }

    async fn find_user(&self, name: &UserName) -> Result<Option<UserId>, Failure> {
        match self {
            Self::Store(store) => store.find_user(name).await,
            Self::Scim(scim, _) => scim.find_user(name).await,
        }
    }

    async fn create_group(&self, name: &GroupName, mark: &str) -> Result<NewGroup, Failure> {
        match self {
            Self::Store(store) => store.create_group(name, mark).await,
            Self::Scim(scim, _) => scim.create_group(name, mark).await,
        }
    }

    async fn add_members(&self, group: &GroupId, users: &[UserId]) -> Result<(), Failure> {
        match self {
            Self::Store(store) => store.add_members(group, users).await,
            Self::Scim(scim, _) => scim.add_members(group, users).await,
        }
    }

    async fn remove_members(&self, group: &GroupId, members: &[Member]) -> Result<(), Failure> {
        match self {
            Self::Store(store) => store.remove_members(group, members).await,
            Self::Scim(scim, store) => match scim.remove_members(group, members).await {
                Err(refused) if refused.name() == ErrorName::SingleSignOnFailed => {
                    let removed = store.remove_members(group, members).await;
                    removed.map_err(|failure| failure.while_doing(refused.cause()))
                }
                other => other,
            },
        }
    }

    async fn delete_group(&self, group: &GroupId) -> Result<(), Failure> {
        match self {
            Self::Store(store) => store.delete_group(group).await,
            Self::Scim(scim, _) => scim.delete_group(group).await,
        }
    }
}
