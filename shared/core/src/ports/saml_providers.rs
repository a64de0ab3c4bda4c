//! The SAML providers of one account.
//! A provider is looked up by its ARN, which its name makes: no list is needed.

use crate::domain::{SamlMetadata, SamlProviderArn, SamlProviderName};
use crate::error::Failure;

/// What became of a creation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProviderCreation {
    /// The provider is made; IAM may not know it in trust policies for some seconds.
    Made,
    /// There is one of that name by now; perhaps it is not visible yet.
    AlreadyThere,
}

/// Reads, makes and updates SAML providers.
pub trait SamlProviders {
    /// The stored metadata of the provider; `None` if there is no such provider.
    async fn find_metadata(&self, provider: &SamlProviderArn) -> Result<Option<String>, Failure>;

    /// Makes the provider.
    ///
    /// # Errors
    /// `InvalidConfiguration` where IAM refuses the metadata, `IdentityProviderFailed` where the account has as many
    /// providers as it may.
    async fn create(
        &self,
        name: &SamlProviderName,
        metadata: &SamlMetadata,
    ) -> Result<ProviderCreation, Failure>;

    /// Replaces the metadata of the provider.
    ///
    /// # Errors
    /// `InvalidConfiguration` where IAM refuses the metadata, `ConcurrentModification` where the provider is gone.
    async fn update(
        &self,
        provider: &SamlProviderArn,
        metadata: &SamlMetadata,
    ) -> Result<(), Failure>;
}
