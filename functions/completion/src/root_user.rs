//! Whether the organization manages root credentials, and the account's root user has none, where the platform asks for both.
//! No wait makes either of them so, and so a difference is a refusal.

use avm_core::doors::Door;
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::root_access::RootAccess;
use avm_core::rules::root_access::{DELETE_CREDENTIALS, NOT_CENTRAL, TURN_ON, held};
use avm_core::world::World;

use crate::Call;
use crate::verification::Check;

/// What was seen, or why the account is not to be called done. A root user that cannot be looked at (yet) is a difference.
pub(crate) async fn look(
    call: &Call,
    world: &impl World,
) -> Result<Result<Check, Failure>, Failure> {
    if call.order.platform.central_root_access.is_unchecked() {
        return Ok(Ok(Check::default()));
    }
    let organization = world.root_access(Door::Completion).await?;
    if !organization.is_central().await? {
        let failure = Failure::new(ErrorName::RootAccessNotCentral, NOT_CENTRAL);
        let remedy = format!(
            "{TURN_ON}, delete the root credentials of accounts that were made before, and send the request again"
        );
        return Ok(Err(failure.with_remedy(remedy)));
    }
    let looked = async {
        let account = world.root_access(Door::Verification).await?;
        account.credentials().await
    };
    let found = match looked.await {
        Ok(found) => found,
        Err(failure) if failure.name() == ErrorName::AccessDenied => {
            let words = format!("the root user cannot be looked at: {}", failure.cause());
            return Ok(Ok(Check::differs(words)));
        }
        Err(failure) => return Err(failure),
    };
    Ok(match held(&found) {
        None => Ok(Check::verified(
            "the root user has no credentials".to_owned(),
        )),
        Some(words) => {
            let failure = Failure::new(ErrorName::RootAccessNotCentral, words);
            Err(failure.with_remedy(DELETE_CREDENTIALS))
        }
    })
}
