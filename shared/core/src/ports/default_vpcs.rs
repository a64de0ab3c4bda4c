//! The default VPCs of an account, one in each of its regions: found with reads, deleted part by part.
//! Looking and deleting are two traits, because two roles do it: one that can only read, and one that may write.

use std::collections::BTreeSet;

use crate::domain::{DefaultVpc, InternetGatewayId, NetworkInterfaceId, Region, SubnetId};
use crate::error::Failure;

/// What a look into a region shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Look {
    /// The region has no default VPC.
    Nothing,
    /// It has one.
    Found(DefaultVpc),
    /// A service control policy of the organization closes the region to the account; in AWS's words.
    Closed(String),
}

/// A network interface: somebody uses the VPC that it is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkInterface {
    /// Its id.
    pub id: NetworkInterfaceId,
    /// What it belongs to, as EC2 has it: `interface`, `nat_gateway`, `lambda` …
    pub kind: String,
}

/// An internet gateway of a default VPC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gateway {
    /// Its id.
    pub id: InternetGatewayId,
    /// Whether the VPC has it still; otherwise an earlier call has taken it off, and it is left over.
    pub is_attached: bool,
}

/// What came of taking something away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Removal {
    /// It is gone, now or already.
    Gone,
    /// AWS keeps it, because something depends on it; in AWS's words.
    InUse(String),
}

/// Finds default VPCs.
pub trait DefaultVpcs {
    /// The regions that are enabled for the account.
    ///
    /// # Errors
    /// `AccessDenied`; those of the service.
    async fn list_regions(&self) -> Result<BTreeSet<Region>, Failure>;

    /// Looks for the default VPC of a region.
    ///
    /// # Errors
    /// `AccountNotReady` where the region cannot be used yet; `AccessDenied`; those of the service.
    async fn look(&self, region: &Region) -> Result<Look, Failure>;
}

/// Deletes default VPCs; every method fails with `AccountNotReady`, `AccessDenied` and the like.
pub trait DefaultVpcRemoval {
    /// Who uses the VPC.
    ///
    /// # Errors
    /// See the trait.
    async fn list_network_interfaces(
        &self,
        vpc: &DefaultVpc,
    ) -> Result<Vec<NetworkInterface>, Failure>;

    /// Its subnets.
    ///
    /// # Errors
    /// See the trait.
    async fn list_subnets(&self, vpc: &DefaultVpc) -> Result<Vec<SubnetId>, Failure>;

    /// Its internet gateways, and those that [`detach_gateway`](Self::detach_gateway) has taken off it.
    ///
    /// # Errors
    /// See the trait.
    async fn list_gateways(&self, vpc: &DefaultVpc) -> Result<Vec<Gateway>, Failure>;

    /// Deletes a subnet.
    ///
    /// # Errors
    /// See the trait.
    async fn delete_subnet(&self, vpc: &DefaultVpc, subnet: &SubnetId) -> Result<Removal, Failure>;

    /// Marks a gateway as one of this VPC: once it is taken off, nothing else tells where it belonged.
    ///
    /// # Errors
    /// See the trait.
    async fn mark_gateway(
        &self,
        vpc: &DefaultVpc,
        gateway: &InternetGatewayId,
    ) -> Result<Removal, Failure>;

    /// Takes a gateway off the VPC.
    ///
    /// # Errors
    /// See the trait.
    async fn detach_gateway(
        &self,
        vpc: &DefaultVpc,
        gateway: &InternetGatewayId,
    ) -> Result<Removal, Failure>;

    /// Deletes a gateway.
    ///
    /// # Errors
    /// See the trait.
    async fn delete_gateway(
        &self,
        vpc: &DefaultVpc,
        gateway: &InternetGatewayId,
    ) -> Result<Removal, Failure>;

    /// Deletes the VPC, and with it its own security group, network ACL and route table.
    ///
    /// # Errors
    /// See the trait.
    async fn delete_vpc(&self, vpc: &DefaultVpc) -> Result<Removal, Failure>;
}
