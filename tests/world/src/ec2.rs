//! EC2: the default VPC of each region of an account, with its parts.
//! It refuses what EC2 refuses while something depends on it; what else can be wrong with a region is a knob.

use std::collections::{BTreeMap, BTreeSet};

use avm_core::domain::{AccountId, DefaultVpc, InternetGatewayId, Region, SubnetId};
use avm_core::doors::Door;
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::default_vpcs::{
    DefaultVpcRemoval, DefaultVpcs, FoundVpc, Gateway, Look, NetworkInterface, Removal, Subnet,
};

use crate::in_call::Behind;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatewayState {
    pub attached_to: Option<String>,
    pub mark: Option<String>,
}

/// A region that is enabled for an account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegionState {
    pub vpc: Option<String>,
    pub subnets: BTreeSet<String>,
    pub gateways: BTreeMap<String, GatewayState>,
    pub interfaces: Vec<String>,
    /// How many attempts to delete the VPC meet a dependency.
    pub dependency: usize,
    /// At which look, counted from 1, the region can be used.
    pub usable_at_look: usize,
    /// A service control policy closes it.
    pub closed: bool,
    /// Every call into the region fails so.
    pub broken: Option<ErrorName>,
    /// Only looks are refused.
    pub hidden: bool,
}

/// The regions of all accounts.
#[derive(Clone, Debug, Default)]
pub struct State {
    pub of_accounts: BTreeMap<AccountId, BTreeMap<Region, RegionState>>,
    /// The roles behind these doors may do nothing here.
    pub forbidden: BTreeSet<Door>,
    busy: usize,
    /// The most calls that were under way at a time.
    pub most_busy: usize,
}

/// A fresh region: a default VPC with two subnets and a gateway.
pub fn fresh(number: usize) -> RegionState {
    let vpc = format!("vpc-{number:08x}");
    let gateway = GatewayState {
        attached_to: Some(vpc.clone()),
        mark: None,
    };
    RegionState {
        subnets: [1, 2].map(|n| format!("subnet-{number:07x}{n}")).into(),
        gateways: [(format!("igw-{number:08x}"), gateway)].into(),
        vpc: Some(vpc),
        ..RegionState::default()
    }
}

impl State {
    /// What two worlds must have in common.
    pub fn essence(&self) -> String {
        let mut lines = Vec::new();
        for (account, regions) in &self.of_accounts {
            for (region, found) in regions {
                let vpc = (&found.vpc, &found.subnets, &found.gateways);
                lines.push(format!("{account} {region} {vpc:?} {:?}", found.interfaces));
            }
        }
        lines.join("\n")
    }

    /// Regions become usable.
    pub fn tick(&mut self) {
        let regions = self.of_accounts.values_mut().flatten();
        for (_, region) in regions {
            region.usable_at_look = region.usable_at_look.saturating_sub(1);
        }
    }

    /// The regions of an account.
    pub fn of(&mut self, account: &AccountId) -> &mut BTreeMap<Region, RegionState> {
        self.of_accounts.entry(account.clone()).or_default()
    }

    fn region(&self, account: &AccountId, region: &Region) -> Result<&RegionState, Failure> {
        let regions = self.of_accounts.get(account);
        let found = regions.and_then(|regions| regions.get(region));
        let found = found.ok_or_else(|| Failure::new(ErrorName::Internal, "no such region"))?;
        match found.broken {
            Some(name) => Err(Failure::new(name, "the region is broken")),
            None => Ok(found),
        }
    }
}

impl RegionState {
    fn look(&self, name: &Region) -> Result<Look, Failure> {
        if self.closed {
            return Ok(Look::Closed("by a service control policy".to_owned()));
        }
        if self.usable_at_look > 0 {
            return Err(Failure::new(ErrorName::AccountNotReady, "AuthFailure"));
        }
        if self.hidden {
            let words = "not authorized here";
            return Err(Failure::new(ErrorName::AccessDenied, words));
        }
        let Some(vpc) = &self.vpc else {
            return Ok(Look::Nothing);
        };
        let vpc = DefaultVpc::confirmed(name.clone(), vpc.parse().unwrap(), true);
        Ok(Look::Found(FoundVpc {
            vpc: vpc.unwrap(),
            subnets: None,
        }))
    }

    fn subnets(&self) -> Vec<Subnet> {
        let subnets = self.subnets.iter().map(|id| Subnet {
            id: id.parse().unwrap(),
            is_free: self.interfaces.is_empty(),
        });
        subnets.collect()
    }

    fn delete_vpc(&mut self, own: &str) -> Removal {
        if self.dependency > 0 {
            self.dependency -= 1;
            return depends("the VPC has dependencies");
        }
        let mut gateways = self.gateways.values();
        let has_gateway = gateways.any(|gateway| gateway.attached_to.as_deref() == Some(own));
        if !self.subnets.is_empty() || has_gateway {
            return depends("the VPC has subnets or a gateway");
        }
        self.vpc.take_if(|id| id == own);
        Removal::Gone
    }

    fn detach(&mut self, own: &str, id: &str) -> Removal {
        if !self.interfaces.is_empty() {
            return depends("there are mapped public addresses");
        }
        if let Some(gateway) = self.gateways.get_mut(id) {
            gateway.attached_to.take_if(|attached| attached == own);
        }
        Removal::Gone
    }
}

fn depends(words: &str) -> Removal {
    Removal::InUse(format!("DependencyViolation: {words}"))
}

impl Behind<'_> {
    /// Lets others go on, as a call over the network does, and counts how many are under way.
    async fn travel(&self) {
        self.aside(|state| {
            let ec2 = &mut state.ec2;
            ec2.busy += 1;
            ec2.most_busy = ec2.most_busy.max(ec2.busy);
        });
        tokio::task::yield_now().await;
        self.aside(|state| state.ec2.busy -= 1);
    }

    fn admit(&self, ec2: &State) -> Result<(), Failure> {
        if ec2.forbidden.contains(&self.door) {
            return Err(Failure::new(ErrorName::AccessDenied, "not authorized"));
        }
        Ok(())
    }

    async fn read_region<T>(
        &self,
        call: &str,
        region: &Region,
        read: impl FnOnce(&RegionState) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        self.travel().await;
        self.read(format!("{call} {region}"), |state| {
            self.admit(&state.ec2)?;
            read(state.ec2.region(&self.account(), region)?)
        })
    }

    async fn write_region(
        &self,
        call: &str,
        vpc: &DefaultVpc,
        id: &str,
        effect: impl FnOnce(&mut RegionState, &str) -> Removal,
    ) -> Result<Removal, Failure> {
        self.travel().await;
        let region = vpc.region();
        self.write(format!("{call} {region} {id}"), |state| {
            self.admit(&state.ec2)?;
            state.ec2.region(&self.account(), region)?;
            let regions = state.ec2.of(&self.account());
            let region = regions.get_mut(region).unwrap();
            Ok(effect(region, vpc.id().as_str()))
        })
    }
}

impl DefaultVpcs for Behind<'_> {
    async fn list_regions(&self) -> Result<BTreeSet<Region>, Failure> {
        self.travel().await;
        self.read("ec2:DescribeRegions", |state| {
            self.admit(&state.ec2)?;
            let regions = state.ec2.of_accounts.get(&self.account());
            Ok(regions
                .into_iter()
                .flat_map(BTreeMap::keys)
                .cloned()
                .collect())
        })
    }

    async fn look(&self, region: &Region) -> Result<Look, Failure> {
        let look = |found: &RegionState| found.look(region);
        self.read_region("ec2:DescribeVpcs", region, look).await
    }

    async fn look_by_subnets(&self, region: &Region) -> Result<Look, Failure> {
        self.read_region("ec2:DescribeSubnets", region, |found| {
            let look = found.look(region)?;
            Ok(match look {
                Look::Found(_) if found.subnets.is_empty() => Look::Nothing,
                Look::Found(shown) => Look::Found(FoundVpc {
                    subnets: Some(found.subnets()),
                    ..shown
                }),
                other => other,
            })
        })
        .await
    }
}

impl DefaultVpcRemoval for Behind<'_> {
    async fn list_network_interfaces(
        &self,
        vpc: &DefaultVpc,
    ) -> Result<Vec<NetworkInterface>, Failure> {
        let call = "ec2:DescribeNetworkInterfaces";
        self.read_region(call, vpc.region(), |region| {
            let interfaces = region.interfaces.iter().map(|id| NetworkInterface {
                id: id.parse().unwrap(),
                kind: "interface".to_owned(),
            });
            Ok(interfaces.collect())
        })
        .await
    }

    async fn list_subnets(&self, vpc: &DefaultVpc) -> Result<Vec<Subnet>, Failure> {
        self.read_region("ec2:DescribeSubnets", vpc.region(), |region| {
            Ok(region.subnets())
        })
        .await
    }

    async fn list_gateways(&self, vpc: &DefaultVpc) -> Result<Vec<Gateway>, Failure> {
        let own = Some(vpc.id().to_string());
        let call = "ec2:DescribeInternetGateways";
        self.read_region(call, vpc.region(), |region| {
            let gateways = region.gateways.iter();
            let ours =
                gateways.filter(|(_, gateway)| gateway.attached_to == own || gateway.mark == own);
            let ours = ours.map(|(id, gateway)| Gateway {
                id: id.parse().unwrap(),
                is_attached: gateway.attached_to == own,
            });
            Ok(ours.collect())
        })
        .await
    }

    async fn delete_subnet(&self, vpc: &DefaultVpc, id: &SubnetId) -> Result<Removal, Failure> {
        let id = id.as_str();
        self.write_region("ec2:DeleteSubnet", vpc, id, |region, _| {
            if !region.interfaces.is_empty() {
                return depends("the subnet has network interfaces");
            }
            region.subnets.remove(id);
            Removal::Gone
        })
        .await
    }

    async fn mark_gateway(
        &self,
        vpc: &DefaultVpc,
        id: &InternetGatewayId,
    ) -> Result<Removal, Failure> {
        let id = id.as_str();
        self.write_region("ec2:CreateTags", vpc, id, |region, own| {
            if let Some(gateway) = region.gateways.get_mut(id) {
                gateway.mark = Some(own.to_owned());
            }
            Removal::Gone
        })
        .await
    }

    async fn detach_gateway(
        &self,
        vpc: &DefaultVpc,
        id: &InternetGatewayId,
    ) -> Result<Removal, Failure> {
        let id = id.as_str();
        let detach = |region: &mut RegionState, own: &str| region.detach(own, id);
        self.write_region("ec2:DetachInternetGateway", vpc, id, detach)
            .await
    }

    async fn delete_gateway(
        &self,
        vpc: &DefaultVpc,
        id: &InternetGatewayId,
    ) -> Result<Removal, Failure> {
        let id = id.as_str();
        self.write_region("ec2:DeleteInternetGateway", vpc, id, |region, _| {
            let gateway = region.gateways.get(id);
            if gateway.is_some_and(|gateway| gateway.attached_to.is_some()) {
                return depends("the gateway is attached");
            }
            region.gateways.remove(id);
            Removal::Gone
        })
        .await
    }

    async fn delete_vpc(&self, vpc: &DefaultVpc) -> Result<Removal, Failure> {
        let id = vpc.id().as_str();
        self.write_region("ec2:DeleteVpc", vpc, id, RegionState::delete_vpc)
            .await
    }
}
