//! IAM SAML providers, and the metadata that identity providers publish.
//! What is there, what is under way, and how AWS answers.
#![allow(unused, clippy::todo)]

use crate::in_call::{Behind, InCall};
use avm_core::domain::{SamlMetadata, SamlProviderArn, SamlProviderName, WebAddress};
use avm_core::error::Failure;
use avm_core::ports::saml_metadata::SamlMetadataSource;
use avm_core::ports::saml_providers::*;

/// What is there.
#[derive(Clone, Debug, Default)]
pub struct State {}

impl State {
    /// What two worlds must have in common.
    pub fn essence(&self) -> String {
        format!("{self:?}")
    }

    /// What is under way goes on by one look.
    pub fn tick(&mut self) {}
}

impl SamlProviders for Behind<'_> {
    async fn find_metadata(&self, _provider: &SamlProviderArn) -> Result<Option<String>, Failure> {
        todo!()
    }

    async fn create(
        &self,
        _name: &SamlProviderName,
        _metadata: &SamlMetadata,
    ) -> Result<ProviderCreation, Failure> {
        todo!()
    }

    async fn update(
        &self,
        _provider: &SamlProviderArn,
        _metadata: &SamlMetadata,
    ) -> Result<(), Failure> {
        todo!()
    }
}

impl SamlMetadataSource for InCall<'_> {
    async fn read(&self, address: &WebAddress) -> Result<SamlMetadata, Failure> {
        self.outside()
            .read(format!("fetch {address}"), |_state| todo!())
    }
}
