//! Where the metadata of a SAML identity provider comes from.
//! Every vend reads it again: identity providers change their certificates.

use crate::domain::{SamlMetadata, WebAddress};
use crate::error::Failure;

pub trait SamlMetadataSource {
    /// The document at the address, as it is now.
    ///
    /// # Errors
    /// `ServiceUnavailable` where no server answers for now; `InvalidConfiguration` where the answer is not a document
    /// that IAM takes, naming the field of the platform document.
    async fn read(&self, address: &WebAddress) -> Result<SamlMetadata, Failure>;
}
