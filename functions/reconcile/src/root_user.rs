//! The root user of an account, where the platform asks that it has no credentials.
//! Nobody can take them away from here: they are told.

use avm_core::config::{CentralRootAccess, Platform, read_document};
use avm_core::domain::PLATFORM_PARAMETER;
use avm_core::doors::Door;
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::documents::Documents;
use avm_core::ports::root_access::RootAccess;
use avm_core::rules::root_access::held;
use avm_core::world::World;

use crate::finding::Kind;

/// What is to be told, in words; none where all is well, or nobody asks.
pub(crate) async fn look(world: &impl World) -> Result<Option<(Kind, String)>, Failure> {
    if !is_looked_at(world).await? {
        return Ok(None);
    }
    let looked = async {
        let account = world.root_access(Door::Verification).await?;
        account.credentials().await
    };
    match looked.await {
        Ok(found) => Ok(held(&found).map(|words| (Kind::RootUser, words))),
        // Nor does an answer that AWS does not document keep the account from what else is to be done.
        Err(failure)
            if [ErrorName::AccessDenied, ErrorName::Internal].contains(&failure.name()) =>
        {
            let words = format!("the root user cannot be looked at: {}", failure.cause());
            Ok(Some((Kind::Unread, words)))
        }
        Err(failure) => Err(failure),
    }
}

/// A document that cannot be read does not say that nobody asks.
async fn is_looked_at(world: &impl World) -> Result<bool, Failure> {
    let documents = world.documents(Door::Own).await?;
    let stored = documents.find_document(PLATFORM_PARAMETER).await?;
    let platform = stored.and_then(|stored| {
        let read = read_document::<Platform>(PLATFORM_PARAMETER, &stored.text);
        read.ok()
    });
    Ok(platform.is_none_or(|platform| platform.central_root_access == CentralRootAccess::Required))
}
