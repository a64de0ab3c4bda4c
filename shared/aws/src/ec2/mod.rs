//! The default VPCs of an account through the query interface of EC2.
//! `client` sends, `answers` reads; here are the calls, and what each refusal means.

mod answers;
mod client;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use aws_config::SdkConfig;

use self::answers::{Page, Row};
use self::client::{Call, Client};
use super::failure::ServiceError;
use avm_core::domain::{DefaultVpc, InternetGatewayId, InvalidText, Region, SubnetId, VpcId};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::default_vpcs::{
    DefaultVpcRemoval, DefaultVpcs, FoundVpc, Gateway, Look, NetworkInterface, Removal, Subnet,
};

/// The tag of a gateway that was taken off a default VPC, with the VPC's id: what finds it again before it is deleted.
const MARK: &str = "avm:detached-from";
const SUBNETS: &str = "ec2:DescribeSubnets";
const SUBNET_FIELDS: &[&str] = &["subnetId", "cidrBlock", "availableIpAddressCount"];
const FILTER_BY_MARK: &str = "tag:avm:detached-from";

/// EC2 in the regions of an account.
pub struct Ec2DefaultVpcs {
    client: Client,
    home: Region,
}

impl Ec2DefaultVpcs {
    /// EC2 for the credentials of the configuration; `home` is the region that is asked which others there are.
    pub const fn of(configuration: SdkConfig, home: Region) -> Self {
        Self {
            client: Client::new(configuration),
            home,
        }
    }

    /// Every row of a set, over all pages.
    async fn rows(
        &self,
        call: Call<'_>,
        set: &str,
        fields: &[&'static str],
    ) -> Result<Vec<Row>, ServiceError> {
        let mut rows = Vec::new();
        let mut next: Option<String> = None;
        loop {
            let mut call = call.clone();
            let token = next.as_deref().map(|token| ("NextToken", token));
            call.parameters.extend(token);
            let body = self.client.send(&call).await?;
            let page = Page::read(&body, set, fields).map_err(|error| ServiceError {
                call: call.action,
                code: "an unreadable answer".to_owned(),
                message: error.to_string(),
                status: None,
            })?;
            rows.extend(page.rows);
            if page.next.is_none() {
                return Ok(rows);
            }
            next = page.next;
        }
    }

    /// The rows of what belongs to the VPC by that filter.
    async fn of_vpc(
        &self,
        vpc: &DefaultVpc,
        action: &'static str,
        filter: &'static str,
        (set, fields): (&str, &[&'static str]),
    ) -> Result<Vec<Row>, Failure> {
        let call = Call {
            action,
            region: vpc.region(),
            parameters: vec![
                ("Filter.1.Name", filter),
                ("Filter.1.Value.1", vpc.id().as_str()),
            ],
        };
        self.rows(call, set, fields).await.map_err(refused)
    }

    async fn gateways(
        &self,
        vpc: &DefaultVpc,
        filter: &'static str,
    ) -> Result<BTreeSet<InternetGatewayId>, Failure> {
        let action = "ec2:DescribeInternetGateways";
        let set = ("internetGatewaySet", &["internetGatewayId"][..]);
        self.of_vpc(vpc, action, filter, set)
            .await?
            .iter()
            .map(|row| text(action, row, "internetGatewayId"))
            .collect()
    }

    /// Writes; `gone` lists the codes that mean that nothing is left to do.
    async fn write(
        &self,
        vpc: &DefaultVpc,
        action: &'static str,
        parameters: Vec<(&'static str, &str)>,
        gone: &[&str],
    ) -> Result<Removal, Failure> {
        let call = Call {
            action,
            region: vpc.region(),
            parameters,
        };
        match self.client.send(&call).await {
            Ok(_) => Ok(Removal::Gone),
            Err(error) if gone.contains(&error.code.as_str()) => Ok(Removal::Gone),
            Err(error) if error.code == "DependencyViolation" => {
                Ok(Removal::InUse(refused(error).cause().to_owned()))
            }
            Err(error) => Err(refused(error)),
        }
    }
}

impl DefaultVpcs for Ec2DefaultVpcs {
    async fn list_regions(&self) -> Result<BTreeSet<Region>, Failure> {
        let action = "ec2:DescribeRegions";
        let call = Call {
            action,
            region: &self.home,
            // Without `AllRegions` only those that are enabled for the account.
            parameters: Vec::new(),
        };
        self.rows(call, "regionInfo", &["regionName"])
            .await
            .map_err(refused)?
            .iter()
            .map(|row| text(action, row, "regionName"))
            .collect()
    }

    async fn look(&self, region: &Region) -> Result<Look, Failure> {
        let action = "ec2:DescribeVpcs";
        let call = Call {
            action,
            region,
            parameters: vec![
                ("Filter.1.Name", "is-default"),
                ("Filter.1.Value.1", "true"),
            ],
        };
        let rows = match self.rows(call, "vpcSet", &["vpcId", "isDefault"]).await {
            Ok(rows) => rows,
            Err(error) if is_closed(&error) => return Ok(Look::Closed(error.message)),
            Err(error) => return Err(refused(error)),
        };
        for row in rows {
            let id: VpcId = text(action, &row, "vpcId")?;
            let is_default = row.get("isDefault").is_some_and(|text| text == "true");
            if let Some(vpc) = DefaultVpc::confirmed(region.clone(), id, is_default) {
                return Ok(Look::Found(FoundVpc { vpc, subnets: None }));
            }
        }
        Ok(Look::Nothing)
    }

    async fn look_by_subnets(&self, region: &Region) -> Result<Look, Failure> {
        let action = SUBNETS;
        let call = Call {
            action,
            region,
            parameters: Vec::new(),
        };
        let fields = [&["vpcId", "defaultForAz"], SUBNET_FIELDS].concat();
        let rows = match self.rows(call, "subnetSet", &fields).await {
            Ok(rows) => rows,
            Err(error) if is_closed(&error) => return Ok(Look::Closed(error.message)),
            Err(error) => return Err(refused(error)),
        };
        let is_default = |row: &&Row| row.get("defaultForAz").is_some_and(|text| text == "true");
        let Some(default) = rows.iter().find(is_default) else {
            return Ok(Look::Nothing);
        };
        let id: VpcId = text(action, default, "vpcId")?;
        let is_of_vpc = |row: &&Row| row.get("vpcId").is_some_and(|vpc| vpc == id.as_str());
        let subnets = rows.iter().filter(is_of_vpc).map(subnet);
        let subnets = Some(subnets.collect::<Result<_, Failure>>()?);
        let vpc = DefaultVpc::confirmed(region.clone(), id, true);
        Ok(vpc.map_or(Look::Nothing, |vpc| Look::Found(FoundVpc { vpc, subnets })))
    }
}

impl DefaultVpcRemoval for Ec2DefaultVpcs {
    async fn list_network_interfaces(
        &self,
        vpc: &DefaultVpc,
    ) -> Result<Vec<NetworkInterface>, Failure> {
        let action = "ec2:DescribeNetworkInterfaces";
        let fields = &["networkInterfaceId", "interfaceType"][..];
        self.of_vpc(vpc, action, "vpc-id", ("networkInterfaceSet", fields))
            .await?
            .iter()
            .map(|row| {
                Ok(NetworkInterface {
                    id: text(action, row, "networkInterfaceId")?,
                    kind: row.get("interfaceType").cloned().unwrap_or_default(),
                })
            })
            .collect()
    }

    async fn list_subnets(&self, vpc: &DefaultVpc) -> Result<Vec<Subnet>, Failure> {
        self.of_vpc(vpc, SUBNETS, "vpc-id", ("subnetSet", SUBNET_FIELDS))
            .await?
            .iter()
            .map(subnet)
            .collect()
    }

    async fn list_gateways(&self, vpc: &DefaultVpc) -> Result<Vec<Gateway>, Failure> {
        let mut found = self.gateways(vpc, "attachment.vpc-id").await?;
        let is_attached = !found.is_empty();
        // A VPC has one gateway at most: one is left over only where none is attached.
        if !is_attached {
            found = self.gateways(vpc, FILTER_BY_MARK).await?;
        }
        let gateway = |id| Gateway { id, is_attached };
        Ok(found.into_iter().map(gateway).collect())
    }

    async fn delete_subnet(&self, vpc: &DefaultVpc, subnet: &SubnetId) -> Result<Removal, Failure> {
        let parameters = vec![("SubnetId", subnet.as_str())];
        let gone = ["InvalidSubnetID.NotFound"];
        self.write(vpc, "ec2:DeleteSubnet", parameters, &gone).await
    }

    async fn mark_gateway(
        &self,
        vpc: &DefaultVpc,
        gateway: &InternetGatewayId,
    ) -> Result<Removal, Failure> {
        let parameters = vec![
            ("ResourceId.1", gateway.as_str()),
            ("Tag.1.Key", MARK),
            ("Tag.1.Value", vpc.id().as_str()),
        ];
        let gone = ["InvalidInternetGatewayID.NotFound"];
        self.write(vpc, "ec2:CreateTags", parameters, &gone).await
    }

    async fn detach_gateway(
        &self,
        vpc: &DefaultVpc,
        gateway: &InternetGatewayId,
    ) -> Result<Removal, Failure> {
        let parameters = vec![
            ("InternetGatewayId", gateway.as_str()),
            ("VpcId", vpc.id().as_str()),
        ];
        let gone = [
            "Gateway.NotAttached",
            "InvalidInternetGatewayID.NotFound",
            "InvalidVpcID.NotFound",
        ];
        self.write(vpc, "ec2:DetachInternetGateway", parameters, &gone)
            .await
    }

    async fn delete_gateway(
        &self,
        vpc: &DefaultVpc,
        gateway: &InternetGatewayId,
    ) -> Result<Removal, Failure> {
        let parameters = vec![("InternetGatewayId", gateway.as_str())];
        let gone = ["InvalidInternetGatewayID.NotFound"];
        self.write(vpc, "ec2:DeleteInternetGateway", parameters, &gone)
            .await
    }

    async fn delete_vpc(&self, vpc: &DefaultVpc) -> Result<Removal, Failure> {
        let parameters = vec![("VpcId", vpc.id().as_str())];
        let gone = ["InvalidVpcID.NotFound"];
        self.write(vpc, "ec2:DeleteVpc", parameters, &gone).await
    }
}

fn subnet(row: &Row) -> Result<Subnet, Failure> {
    Ok(Subnet {
        id: text(SUBNETS, row, "subnetId")?,
        is_free: is_free(row).unwrap_or(false),
    })
}

/// AWS takes five addresses of each subnet, and counts every other one that is taken (Amazon VPC User Guide, "Subnet CIDR
/// blocks"). None where the answer does not say, as for a subnet without IPv4.
fn is_free(row: &Row) -> Option<bool> {
    let (_, prefix) = row.get("cidrBlock")?.split_once('/')?;
    let all = 1_u32.checked_shl(32_u32.checked_sub(prefix.parse().ok()?)?)?;
    let available: u32 = row.get("availableIpAddressCount")?.parse().ok()?;
    Some(available == all.checked_sub(5)?)
}

/// IAM's words of a refusal name the kind of policy; nothing in the account can change this one.
fn is_closed(error: &ServiceError) -> bool {
    error.code == "UnauthorizedOperation" && error.message.contains("service control policy")
}

/// `AuthFailure`: the region does not know the account's credentials, as in the first minutes after it was enabled;
/// `PendingVerification`: AWS still looks at a new account (EC2 API, client error codes).
fn refused(error: ServiceError) -> Failure {
    match error.code.as_str() {
        "AuthFailure" | "PendingVerification" => error.into_named(ErrorName::AccountNotReady),
        _ => error.into_failure(),
    }
}

fn text<Id>(action: &str, row: &Row, field: &str) -> Result<Id, Failure>
where
    Id: std::str::FromStr<Err = InvalidText>,
{
    let text = row.get(field).map_or("", String::as_str);
    text.parse().map_err(|problem: InvalidText| {
        Failure::new(
            ErrorName::Internal,
            format!("{action} answered {field} {text:?}: {problem}"),
        )
    })
}
