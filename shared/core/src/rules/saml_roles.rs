//! What the managed roles of the SAML provider carry besides the policies of their mappings: inline policies, which no vend puts.
//! Whoever may write policies in the account can plant one, in a role that people of the project take.

use futures_util::future::try_join_all;

use crate::config::LandingZone;
use crate::error::{ErrorName, Failure};
use crate::ports::role_policies::RolePolicies;

/// Whether accounts of the landing zone have such roles, and the role by which they can be looked at after the downgrade.
pub fn can_be_read(zone: &LandingZone) -> bool {
    let mappings = zone.identity_provider.as_ref();
    zone.can_be_looked_into()
        && mappings.is_some_and(|mappings| !mappings.role_mappings_managed.is_empty())
}

/// What is not as a vend makes it, in words.
///
/// # Errors
/// `AccessDenied`, and what IAM fails with.
pub async fn differences(
    policies: &impl RolePolicies,
    zone: &LandingZone,
) -> Result<Vec<String>, Failure> {
    let mappings = zone.identity_provider.iter();
    let mappings = mappings.flat_map(|mappings| mappings.role_mappings_managed.values());
    let looks = mappings.map(async |mapping| {
        let role = &mapping.aws_role_name;
        match policies.list_inline(role).await {
            Ok(found) if found.is_empty() => Ok(None),
            Ok(found) => {
                let found: Vec<String> = found.into_iter().collect();
                let found = found.join(", ");
                Ok(Some(format!(
                    "role {role} carries inline policies: {found}"
                )))
            }
            Err(failure) if failure.name() == ErrorName::DowngradeFailed => {
                Ok(Some(format!("there is no role {role}")))
            }
            Err(failure) => Err(failure),
        }
    });
    let found = try_join_all(looks).await?;
    Ok(found.into_iter().flatten().collect())
}
