//! EC2 default VPCs.
//! What is there, what is under way, and how AWS answers.
#![allow(unused, clippy::todo)]

use avm_core::domain::{DefaultVpc, InternetGatewayId, NetworkInterfaceId, Region, SubnetId};
use avm_core::error::Failure;
use avm_core::ports::default_vpcs::*;
use std::collections::BTreeSet;

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

impl DefaultVpcs for Behind<'_> {
    async fn list_regions(&self) -> Result<BTreeSet<Region>, Failure> {
        todo!()
    }

    async fn look(&self, _region: &Region) -> Result<Look, Failure> {
        todo!()
    }
}

impl DefaultVpcRemoval for Behind<'_> {
    async fn list_network_interfaces(
        &self,
        _vpc: &DefaultVpc,
    ) -> Result<Vec<NetworkInterface>, Failure> {
        todo!()
    }

    async fn list_subnets(&self, _vpc: &DefaultVpc) -> Result<Vec<SubnetId>, Failure> {
        todo!()
    }

    async fn list_gateways(&self, _vpc: &DefaultVpc) -> Result<Vec<Gateway>, Failure> {
        todo!()
    }

    async fn delete_subnet(
        &self,
        _vpc: &DefaultVpc,
        _subnet: &SubnetId,
    ) -> Result<Removal, Failure> {
        todo!()
    }

    async fn mark_gateway(
        &self,
        _vpc: &DefaultVpc,
        _gateway: &InternetGatewayId,
    ) -> Result<Removal, Failure> {
        todo!()
    }

    async fn detach_gateway(
        &self,
        _vpc: &DefaultVpc,
        _gateway: &InternetGatewayId,
    ) -> Result<Removal, Failure> {
        todo!()
    }

    async fn delete_gateway(
        &self,
        _vpc: &DefaultVpc,
        _gateway: &InternetGatewayId,
    ) -> Result<Removal, Failure> {
        todo!()
    }

    async fn delete_vpc(&self, _vpc: &DefaultVpc) -> Result<Removal, Failure> {
        todo!()
    }
}
