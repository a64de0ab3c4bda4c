//! The Account Factory in Service Catalog.
//! What is there, what is under way, and how AWS answers.
#![allow(unused, clippy::todo)]

use avm_core::domain::AccountFactoryUser;
use avm_core::domain::{
    Account, AccountId, ArtifactId, LaunchPathId, OperationId, ParentId, ProductId,
    ProvisionedProductId, RecordId,
};
use avm_core::error::Failure;
use avm_core::ports::account_factory::*;

use crate::in_call::Behind;

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

impl AccountFactory for Behind<'_> {
    async fn find_artifacts(&self, _product: &ProductId) -> Result<Option<Vec<Artifact>>, Failure> {
        todo!()
    }

    async fn list_launch_paths(&self, _product: &ProductId) -> Result<Vec<LaunchPath>, Failure> {
        todo!()
    }

    async fn find_of_account(
        &self,
        _account: &AccountId,
    ) -> Result<Option<ProvisionedProduct>, Failure> {
        todo!()
    }

    async fn find_named(&self, _name: &str) -> Result<Option<ProvisionedProduct>, Failure> {
        todo!()
    }

    async fn count_under_change(&self) -> Result<usize, Failure> {
        todo!()
    }

    async fn find_record(&self, _record: &RecordId) -> Result<Option<Record>, Failure> {
        todo!()
    }

    async fn start_enrollment(
        &self,
        _enrollment: &Enrollment<'_>,
        _token: &OperationId,
    ) -> Result<Start, Failure> {
        todo!()
    }

    async fn start_update(
        &self,
        _product: &ProvisionedProductId,
        _offer: &Offer,
        _unit: &Unit,
        _token: &OperationId,
    ) -> Result<Start, Failure> {
        todo!()
    }

    async fn start_removal(
        &self,
        _product: &ProvisionedProductId,
        _token: &OperationId,
    ) -> Result<Start, Failure> {
        todo!()
    }
}
