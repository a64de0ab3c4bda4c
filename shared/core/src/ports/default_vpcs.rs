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
    Found(FoundVpc),
    /// A service control policy of the organization closes the region to the account; in AWS's words.
    Closed(String),
}

/// A default VPC, as a look shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundVpc {
    pub vpc: DefaultVpc,
    /// All of its subnets, where the look has shown them, too.
    pub subnets: Option<Vec<Subnet>>,
}

/// A network interface: its VPC is in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkInterface {
    pub id: NetworkInterfaceId,
    /// What it belongs to, as EC2 has it: `interface`, `nat_gateway`, `lambda` …
    pub kind: String,
}

/// A subnet of a default VPC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subnet {
    pub id: SubnetId,
    /// Whether all of its addresses are free, but those that AWS takes itself: then no network interface is in it.
    pub is_free: bool,
}

/// An internet gateway of a default VPC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gateway {
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

pub trait DefaultVpcs {
    /// The regions that are enabled for the account.
    async fn list_regions(&self) -> Result<BTreeSet<Region>, Failure>;

    /// Looks for the default VPC of a region.
    ///
    /// # Errors
    /// `AccountNotReady` where the region cannot be used yet; `AccessDenied`.
    async fn look(&self, region: &Region) -> Result<Look, Failure>;

    /// Looks for the default VPC of a region by its default subnets, and shows all of its subnets. A region without a default
    /// subnet may have a default VPC all the same.
    ///
    /// # Errors
    /// As [`look`](Self::look).
    async fn look_by_subnets(&self, region: &Region) -> Result<Look, Failure>;
}

/// Deletes default VPCs; every method fails with `AccountNotReady`, `AccessDenied` and the like.
pub trait DefaultVpcRemoval {
    /// Who uses the VPC.
    async fn list_network_interfaces(
        &self,
        vpc: &DefaultVpc,
    ) -> Result<Vec<NetworkInterface>, Failure>;

    /// Its subnets.
    async fn list_subnets(&self, vpc: &DefaultVpc) -> Result<Vec<Subnet>, Failure>;

    /// Its internet gateways, and those that [`detach_gateway`](Self::detach_gateway) has taken off it.
    async fn list_gateways(&self, vpc: &DefaultVpc) -> Result<Vec<Gateway>, Failure>;

    /// Deletes a subnet.
    async fn delete_subnet(&self, vpc: &DefaultVpc, subnet: &SubnetId) -> Result<Removal, Failure>;

    /// Marks a gateway as one of this VPC: once it is taken off, nothing else tells where it belonged.
    async fn mark_gateway(
        &self,
        vpc: &DefaultVpc,
        gateway: &InternetGatewayId,
    ) -> Result<Removal, Failure>;

    /// Takes a gateway off the VPC.
    async fn detach_gateway(
        &self,
        vpc: &DefaultVpc,
        gateway: &InternetGatewayId,
    ) -> Result<Removal, Failure>;

    /// Deletes a gateway.
    async fn delete_gateway(
        &self,
        vpc: &DefaultVpc,
        gateway: &InternetGatewayId,
    ) -> Result<Removal, Failure>;

    /// Deletes the VPC, and with it its own security group, network ACL and route table.
    async fn delete_vpc(&self, vpc: &DefaultVpc) -> Result<Removal, Failure>;
}
