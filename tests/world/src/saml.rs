//! IAM SAML providers, and the metadata that identity providers publish.
//! What a door may do with providers is told where roles are.

use std::collections::BTreeMap;

use avm_core::domain::{AccountId, SamlMetadata, SamlProviderArn, SamlProviderName, WebAddress};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::saml_metadata::SamlMetadataSource;
use avm_core::ports::saml_providers::{ProviderCreation, SamlProviders};

use crate::in_call::{Behind, InCall};

/// The providers of accounts by their ARNs, and what is published by addresses.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// The stored metadata.
    pub providers: BTreeMap<String, String>,
    /// The metadata to fetch; nobody answers at any other address.
    pub published: BTreeMap<String, String>,
}

impl State {
    /// What two worlds must have in common.
    pub fn essence(&self) -> String {
        format!("{:?}", self.providers)
    }

    /// Providers have their effect at once.
    pub fn tick(&mut self) {}

    /// Whether the text names a provider of the account that there is.
    pub(crate) fn is_named_in(&self, text: &str, account: &AccountId) -> bool {
        let of_account = format!("::{account}:");
        let mut providers = self.providers.keys();
        providers.any(|arn| arn.contains(&of_account) && text.contains(arn))
    }
}

impl SamlProviders for Behind<'_> {
    async fn find_metadata(&self, provider: &SamlProviderArn) -> Result<Option<String>, Failure> {
        let action = "iam:GetSAMLProvider";
        self.read(format!("{action} {provider}"), |state| {
            state.iam.permit(self.door, action, provider.as_str())?;
            Ok(state.saml.providers.get(provider.as_str()).cloned())
        })
    }

    async fn create(
        &self,
        name: &SamlProviderName,
        metadata: &SamlMetadata,
    ) -> Result<ProviderCreation, Failure> {
        let action = "iam:CreateSAMLProvider";
        let arn = SamlProviderArn::of("aws", &self.account(), name);
        self.write(format!("{action} {arn}"), |state| {
            state.iam.permit(self.door, action, arn.as_str())?;
            let providers = &mut state.saml.providers;
            if providers.contains_key(arn.as_str()) {
                return Ok(ProviderCreation::AlreadyThere);
            }
            providers.insert(arn.to_string(), metadata.as_str().to_owned());
            Ok(ProviderCreation::Made)
        })
    }

    async fn update(
        &self,
        provider: &SamlProviderArn,
        metadata: &SamlMetadata,
    ) -> Result<(), Failure> {
        let action = "iam:UpdateSAMLProvider";
        self.write(format!("{action} {provider}"), |state| {
            state.iam.permit(self.door, action, provider.as_str())?;
            let words = format!("{provider} does not exist");
            let stored = state.saml.providers.get_mut(provider.as_str());
            let stored =
                stored.ok_or_else(|| Failure::new(ErrorName::ConcurrentModification, words))?;
            metadata.as_str().clone_into(stored);
            Ok(())
        })
    }
}

impl SamlMetadataSource for InCall<'_> {
    async fn read(&self, address: &WebAddress) -> Result<SamlMetadata, Failure> {
        let outside = self.outside();
        outside.read(format!("fetch {address}"), |state| {
            let document = state.saml.published.get(address.as_str()).cloned();
            let nobody = || Failure::new(ErrorName::ServiceUnavailable, "nobody answers");
            Ok(document.ok_or_else(nobody)?.try_into().unwrap())
        })
    }
}
