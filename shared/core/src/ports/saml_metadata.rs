//! Where the metadata of a SAML identity provider comes from.
//! Read anew at every vend: identity providers change their certificates.

use crate::domain::{SamlMetadata, WebAddress};
use crate::error::Failure;

/// Reads metadata documents.
pub trait SamlMetadataSource {
    /// The document at the address, as it is now.
    ///
    /// # Errors
    /// `ServiceUnavailable` where nobody answers there for now; `InvalidConfiguration` where what answers is no document
    /// that IAM takes, naming the field of the platform document.
    async fn read(&self, address: &WebAddress) -> Result<SamlMetadata, Failure>;
}
