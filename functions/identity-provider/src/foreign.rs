//! What shows that a role with the name of a managed one was not made by this step, or is not as it was made.
//! Such a role is refused and gets no policy: whoever made it may be in it, or let in whom they like.

use avm_core::domain::{PolicyArn, PolicyDocument, RoleName};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::roles::Role;

use crate::apply::OURS;
use crate::trust;

/// What it carries then is power of whoever made it.
pub(crate) const POLICIES_OF_ITS_OWN: &str =
    "it carries policies of its own, or an instance profile";

/// Why a role that was found is not ours, in words; none if it is.
pub(crate) fn reason(
    role: &Role,
    wanted: &PolicyDocument,
    boundary: Option<&PolicyArn>,
) -> Option<&'static str> {
    let is_ours = |description: &String| description.starts_with(OURS);
    if !role.description.as_ref().is_some_and(is_ours) {
        Some("its description does not say that the account vending machine has made it")
    } else if !trust::is_ours(&role.trust, wanted) {
        Some("it trusts others than the SAML provider, or under another condition")
    } else if !role.is_bounded_by_none_but(boundary) {
        Some("it has a permissions boundary of somebody else's")
    } else {
        None
    }
}

/// The refusal of such a role.
pub(crate) fn refusal(role: &RoleName, reason: &str) -> Failure {
    let words = format!("role {role} is in the account, and {reason}");
    Failure::new(ErrorName::NameTaken, words).with_remedy(
        "look who has made the role and who may take it; delete it, then send the request again: the vend makes it anew; or name \
         another awsRoleName in identityProvider.roleMappingsManaged; or, for a role that something else makes, use \
         roleMappingsExternal",
    )
}
