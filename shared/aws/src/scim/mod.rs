//! Groups and members through the SCIM endpoint of IAM Identity Center.
//! Source: AWS's SCIM developer guide; where it is narrower than RFC 7644 (filters, patches), the guide counts.

mod answers;
mod client;
mod messages;
#[cfg(test)]
mod server_tests;
#[cfg(test)]
mod tests;

pub use self::client::ScimClient;

use self::answers::{Answer, Refusal};
use self::client::Method;
use self::messages::{Resource, filter, new_group, only, patches};
use avm_core::domain::{GroupId, GroupName, ScimEndpoint, UserId, UserName, sha256};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::directory::{Groups, Member, NamedGroup, NewGroup};

/// The groups behind one endpoint.
pub struct ScimGroups<'a> {
    client: &'a ScimClient,
    endpoint: ScimEndpoint,
}

impl<'a> ScimGroups<'a> {
    /// The groups behind that endpoint.
    pub fn new(client: &'a ScimClient, endpoint: ScimEndpoint) -> Self {
        Self { client, endpoint }
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<String>,
    ) -> Result<Answer, Failure> {
        self.client.ask(&self.endpoint, method, path, body).await
    }
}

impl Groups for ScimGroups<'_> {
    /// SCIM's groups have no description.
    fn mark_field(&self) -> &'static str {
        "externalId"
    }

    async fn find_group(&self, name: &GroupName) -> Result<Option<NamedGroup>, Failure> {
        let path = format!("/Groups?filter={}", filter("displayName", name.as_str()));
        let answer = self.ask(Method::Get, &path, None).await?;
        let found = answer
            .found("scim ListGroups")
            .map_err(Refusal::into_failure)?;
        only(found, Resource::display_name, name.as_str())
            .map(|mut group| {
                let mark = group.take_external_id();
                let id = group.id("scim ListGroups")?;
                Ok(NamedGroup { id, mark })
            })
            .transpose()
    }

    async fn find_user(&self, name: &UserName) -> Result<Option<UserId>, Failure> {
        if !name.can_exist() {
            return Ok(None);
        }
        let path = format!("/Users?filter={}", filter("userName", name.expose()));
        let answer = self.ask(Method::Get, &path, None).await?;
        // What the server says may tell the name.
        let found = answer.found("scim ListUsers");
        let found = found.map_err(|refusal| refusal.without_words().into_failure())?;
        only(found, Resource::user_name, name.expose())
            .map(|user| user.id("scim ListUsers"))
            .transpose()
    }

    async fn create_group(&self, name: &GroupName, mark: &str) -> Result<NewGroup, Failure> {
        const CALL: &str = "scim CreateGroup";
        let body = new_group(name.as_str(), &external_id(name, mark))?;
        let answer = self.ask(Method::Post, "/Groups", Some(body)).await?;
        match answer.made(CALL) {
            Ok(group) => group.id(CALL).map(NewGroup::Made),
            Err(refusal) if refusal.status == 409 => Ok(NewGroup::NameTaken),
            Err(refusal) => Err(refusal.into_failure().while_doing(name.as_str())),
        }
    }

    async fn add_members(&self, group: &GroupId, users: &[UserId]) -> Result<(), Failure> {
        self.patch(group, "add", users.iter()).await
    }

    async fn remove_members(&self, group: &GroupId, members: &[Member]) -> Result<(), Failure> {
        let users = members.iter().map(|member| &member.user);
        match self.patch(group, "remove", users).await {
            // With the group its members have gone.
            Err(gone) if gone.name() == ErrorName::ConcurrentModification => Ok(()),
            other => other,
        }
    }

    async fn delete_group(&self, group: &GroupId) -> Result<(), Failure> {
        let answer = self
            .ask(Method::Delete, &format!("/Groups/{group}"), None)
            .await?;
        match answer.accepted("scim DeleteGroup") {
            Err(refusal) if refusal.status != 404 => {
                Err(refusal.into_failure().while_doing(group.as_str()))
            }
            _ => Ok(()),
        }
    }
}

/// The mark, and what makes it another one for each group: an external id belongs to one group (256 characters at most).
fn external_id(name: &GroupName, mark: &str) -> String {
    let digest = sha256(&name.as_str().to_lowercase());
    format!("{mark}, group {}", &digest[..16])
}

impl ScimGroups<'_> {
    /// Changes members, as many at a time as the endpoint takes.
    async fn patch<'u>(
        &self,
        group: &GroupId,
        operation: &str,
        users: impl Iterator<Item = &'u UserId> + Send,
    ) -> Result<(), Failure> {
        let path = format!("/Groups/{group}");
        for body in patches(operation, users.map(UserId::expose))? {
            let answer = self.ask(Method::Patch, &path, Some(body)).await?;
            answer.accepted("scim PatchGroup").map_err(|refusal| {
                let failure = match refusal.status {
                    404 | 409 => refusal.into_named(ErrorName::ConcurrentModification),
                    _ => refusal.into_failure(),
                };
                failure.while_doing(group.as_str())
            })?;
        }
        Ok(())
    }
}
