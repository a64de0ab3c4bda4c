//! Whether the roles that people take through the SAML provider carry nothing besides the policies of their mappings.
//! The step that makes them may not list inline policies once the access role is at its minimum.

use avm_core::error::Failure;
use avm_core::ports::account_roles::AccountRoles;
use avm_core::rules::saml_roles::{can_be_read, differences};

use crate::Call;
use crate::verification::Check;

/// Inline policies of these roles are somebody else's: people are not told that the account is as they asked for it.
pub(crate) async fn look(
    call: &Call,
    roles: &Result<impl AccountRoles, Failure>,
) -> Result<Check, Failure> {
    let zone = &call.order.landing_zone.settings;
    if !can_be_read(zone) {
        return Ok(Check::default());
    }
    let looked = async {
        let roles = roles.as_ref().map_err(Clone::clone)?;
        differences(roles, zone).await
    };
    Check::of_roles(
        "the roles of the SAML provider",
        "carry the policies of their mappings only",
        looked.await,
    )
}
