//! A small EC2 in memory: regions with their default VPC and its parts, and two roles with their rights.
//! It refuses what EC2 refuses while something depends on it, and can lose the answer of a write.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard};

use avm_core::domain::{DefaultVpc, InternetGatewayId, Region, SubnetId};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::default_vpcs::{
    DefaultVpcRemoval, DefaultVpcs, Gateway, Look, NetworkInterface, Removal,
};

/// When the answer to a write is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    BeforeTheEffect,
    AfterTheEffect,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatewayState {
    pub attached_to: Option<String>,
    pub mark: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegionState {
    pub vpc: Option<String>,
    pub subnets: BTreeSet<String>,
    pub gateways: BTreeMap<String, GatewayState>,
    pub interfaces: Vec<String>,
    /// How many attempts to delete the VPC meet a dependency.
    pub dependency: usize,
    /// How many looks it takes until the region can be used.
    pub not_ready: usize,
    pub closed: bool,
    /// Every call into the region fails so.
    pub broken: Option<ErrorName>,
    /// Only looks are refused.
    pub hidden: bool,
}

/// What a role may do, or that it cannot be assumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rights {
    Everything,
    Nothing,
    NotAssumable(ErrorName),
}

pub struct State {
    pub regions: BTreeMap<Region, RegionState>,
    pub verification: Rights,
    pub access: Rights,
    pub writes: Vec<String>,
    pub looks: Vec<Region>,
    /// How often the access role was opened.
    pub opened: usize,
    /// The write (from 0) whose answer is lost.
    pub lost: Option<(usize, Lost)>,
    pub busy: usize,
    pub most_busy: usize,
}

pub struct World(Mutex<State>);

/// A role that was opened.
pub struct Role<'a> {
    world: &'a World,
    rights: Rights,
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

impl World {
    pub fn with(regions: impl IntoIterator<Item = (&'static str, RegionState)>) -> Self {
        Self(Mutex::new(State {
            regions: regions
                .into_iter()
                .map(|(name, state)| (name.parse().unwrap(), state))
                .collect(),
            verification: Rights::Everything,
            access: Rights::Everything,
            writes: Vec::new(),
            looks: Vec::new(),
            opened: 0,
            lost: None,
            busy: 0,
            most_busy: 0,
        }))
    }

    /// Fresh regions of these names.
    pub fn fresh(names: &[&'static str]) -> Self {
        let fresh = |(number, name): (usize, &&'static str)| (*name, fresh(number + 1));
        Self::with(names.iter().enumerate().map(fresh))
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    pub fn change(&self, region: &str, change: impl FnOnce(&mut RegionState)) {
        let region: Region = region.parse().unwrap();
        change(self.state().regions.get_mut(&region).unwrap());
    }

    pub fn is_clean(&self) -> bool {
        let state = self.state();
        let mut regions = state.regions.values();
        regions.all(|region| *region == RegionState::default())
    }

    pub fn is_untouched(&self) -> bool {
        let state = self.state();
        state.looks.is_empty() && state.writes.is_empty() && state.opened == 0
    }

    pub fn open_verification(&self) -> Result<Role<'_>, Failure> {
        let rights = self.state().verification;
        self.open(rights, "AVMVerificationRole")
    }

    pub fn open_access(&self) -> Result<Role<'_>, Failure> {
        let mut state = self.state();
        state.opened += 1;
        let rights = state.access;
        drop(state);
        self.open(rights, "MeshstackAccountAccessRole")
    }

    fn open(&self, rights: Rights, role: &str) -> Result<Role<'_>, Failure> {
        match rights {
            Rights::NotAssumable(name) => {
                Err(Failure::new(name, format!("could not assume {role}")))
            }
            rights => Ok(Role {
                world: self,
                rights,
            }),
        }
    }
}

impl Role<'_> {
    /// Lets others go on, as a call over the network does, and counts how many are under way.
    async fn enter(&self) -> Result<(), Failure> {
        {
            let mut state = self.world.state();
            state.busy += 1;
            state.most_busy = state.most_busy.max(state.busy);
        }
        tokio::task::yield_now().await;
        self.world.state().busy -= 1;
        match self.rights {
            Rights::Nothing => Err(Failure::new(ErrorName::AccessDenied, "not authorized")),
            _ => Ok(()),
        }
    }

    async fn read<T>(
        &self,
        vpc: &DefaultVpc,
        read: impl FnOnce(&RegionState) -> T,
    ) -> Result<T, Failure> {
        self.enter().await?;
        let state = self.world.state();
        let region = &state.regions[vpc.region()];
        match region.broken {
            Some(name) => Err(Failure::new(name, "the region is broken")),
            None => Ok(read(region)),
        }
    }

    /// Writes, or loses the answer, before or after the effect.
    async fn write(
        &self,
        vpc: &DefaultVpc,
        words: String,
        effect: impl FnOnce(&mut RegionState) -> Removal,
    ) -> Result<Removal, Failure> {
        self.read(vpc, |_| ()).await?;
        let mut state = self.world.state();
        let number = state.writes.len();
        state.writes.push(format!("{}: {words}", vpc.region()));
        let no_answer = Failure::new(ErrorName::ServiceUnavailable, "the connection was cut");
        let lost = state.lost.take_if(|(at, _)| *at == number);
        let region = state.regions.get_mut(vpc.region()).unwrap();
        match lost {
            None => Ok(effect(region)),
            Some((_, Lost::BeforeTheEffect)) => Err(no_answer),
            Some((_, Lost::AfterTheEffect)) => {
                effect(region);
                Err(no_answer)
            }
        }
    }
}

fn depends(words: &str) -> Removal {
    Removal::InUse(format!("DependencyViolation: {words}"))
}

impl DefaultVpcs for Role<'_> {
    async fn list_regions(&self) -> Result<BTreeSet<Region>, Failure> {
        self.enter().await?;
        Ok(self.world.state().regions.keys().cloned().collect())
    }

    async fn look(&self, name: &Region) -> Result<Look, Failure> {
        self.enter().await?;
        let mut state = self.world.state();
        state.looks.push(name.clone());
        let region = state.regions.get_mut(name).unwrap();
        if region.closed {
            return Ok(Look::Closed("by a service control policy".to_owned()));
        }
        if region.not_ready > 0 {
            region.not_ready -= 1;
            return Err(Failure::new(ErrorName::AccountNotReady, "AuthFailure"));
        }
        if region.hidden {
            return Err(Failure::new(ErrorName::AccessDenied, "not authorized here"));
        }
        if let Some(broken) = region.broken {
            return Err(Failure::new(broken, "the region is broken"));
        }
        let Some(vpc) = &region.vpc else {
            return Ok(Look::Nothing);
        };
        let vpc = DefaultVpc::confirmed(name.clone(), vpc.parse().unwrap(), true);
        Ok(Look::Found(vpc.unwrap()))
    }
}

impl DefaultVpcRemoval for Role<'_> {
    async fn list_network_interfaces(
        &self,
        vpc: &DefaultVpc,
    ) -> Result<Vec<NetworkInterface>, Failure> {
        self.read(vpc, |region| {
            let interfaces = region.interfaces.iter();
            interfaces
                .map(|id| NetworkInterface {
                    id: id.parse().unwrap(),
                    kind: "interface".to_owned(),
                })
                .collect()
        })
        .await
    }

    async fn list_subnets(&self, vpc: &DefaultVpc) -> Result<Vec<SubnetId>, Failure> {
        self.read(vpc, |region| {
            let subnets = region.subnets.iter();
            subnets.map(|id| id.parse().unwrap()).collect()
        })
        .await
    }

    async fn list_gateways(&self, vpc: &DefaultVpc) -> Result<Vec<Gateway>, Failure> {
        let own = Some(vpc.id().to_string());
        self.read(vpc, |region| {
            let gateways = region.gateways.iter();
            gateways
                .filter(|(_, gateway)| gateway.attached_to == own || gateway.mark == own)
                .map(|(id, gateway)| Gateway {
                    id: id.parse().unwrap(),
                    is_attached: gateway.attached_to == own,
                })
                .collect()
        })
        .await
    }

    async fn delete_subnet(&self, vpc: &DefaultVpc, id: &SubnetId) -> Result<Removal, Failure> {
        self.write(vpc, format!("delete {id}"), |region| {
            if !region.interfaces.is_empty() {
                return depends("the subnet has network interfaces");
            }
            region.subnets.remove(id.as_str());
            Removal::Gone
        })
        .await
    }

    async fn mark_gateway(
        &self,
        vpc: &DefaultVpc,
        id: &InternetGatewayId,
    ) -> Result<Removal, Failure> {
        self.write(vpc, format!("mark {id}"), |region| {
            if let Some(gateway) = region.gateways.get_mut(id.as_str()) {
                gateway.mark = Some(vpc.id().to_string());
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
        self.write(vpc, format!("detach {id}"), |region| {
            let own = Some(vpc.id().to_string());
            if !region.interfaces.is_empty() {
                return depends("there are mapped public addresses");
            }
            if let Some(gateway) = region.gateways.get_mut(id.as_str()) {
                gateway
                    .attached_to
                    .take_if(|attached| own.as_ref() == Some(attached));
            }
            Removal::Gone
        })
        .await
    }

    async fn delete_gateway(
        &self,
        vpc: &DefaultVpc,
        id: &InternetGatewayId,
    ) -> Result<Removal, Failure> {
        self.write(vpc, format!("delete {id}"), |region| {
            let gateway = region.gateways.get(id.as_str());
            if gateway.is_some_and(|gateway| gateway.attached_to.is_some()) {
                return depends("the gateway is attached");
            }
            region.gateways.remove(id.as_str());
            Removal::Gone
        })
        .await
    }

    async fn delete_vpc(&self, vpc: &DefaultVpc) -> Result<Removal, Failure> {
        self.write(vpc, format!("delete {}", vpc.id()), |region| {
            if region.dependency > 0 {
                region.dependency -= 1;
                return depends("the VPC has dependencies");
            }
            let own = Some(vpc.id().to_string());
            let mut gateways = region.gateways.values();
            if !region.subnets.is_empty() || gateways.any(|gateway| gateway.attached_to == own) {
                return depends("the VPC has subnets or a gateway");
            }
            region.vpc.take_if(|id| own.as_ref() == Some(id));
            Removal::Gone
        })
        .await
    }
}
