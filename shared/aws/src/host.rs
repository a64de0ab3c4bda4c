//! AWS as the host of the steps: what a function was started with, and the doors of each call.
//! Clients and sessions are made when a step first asks for them.

mod trials;
mod ways;

use std::sync::OnceLock;
use std::time::Duration;

use aws_config::SdkConfig;
use serde_json::Value;
use tokio::sync::Mutex;

use avm_core::contract::call::{Mode, Scene};
use avm_core::domain::{
    ExecutionArn, MachineName, PermissionsBoundaryName, Region, SingleSignOnInstance,
    StateMachineArn,
};
use avm_core::doors::Door;
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::account_aliases::AccountAliases;
use avm_core::ports::account_factory::AccountFactory;
use avm_core::ports::account_roles::RoleOverview;
use avm_core::ports::account_settings::AccountSettings;
use avm_core::ports::account_tags::{AccountTags, TaggedAccounts};
use avm_core::ports::accounts::Accounts;
use avm_core::ports::assignments::Assignments;
use avm_core::ports::budgets::Budgets;
use avm_core::ports::control_tower::ControlTower;
use avm_core::ports::default_vpcs::{DefaultVpcRemoval, DefaultVpcs};
use avm_core::ports::directory::{Groups, Members};
use avm_core::ports::documents::Documents;
use avm_core::ports::executions::RunningVends;
use avm_core::ports::organizational_units::{OrganizationalUnits, UnitDirectory};
use avm_core::ports::readiness::Readiness;
use avm_core::ports::role_policies::RolePolicyChanges;
use avm_core::ports::roles::Roles;
use avm_core::ports::root_access::RootAccess;
use avm_core::ports::saml_metadata::SamlMetadataSource;
use avm_core::ports::saml_providers::SamlProviders;
use avm_core::ports::stack_sets::StackSetOperations;
use avm_core::ports::stacks::Stacks;
use avm_core::rules::caller;
use avm_core::rules::standing_accounts::StandingAccounts;
use avm_core::rules::ways_out::WaysOut;
use avm_core::world::{Host, World};

use crate::account_aliases::IamAccountAliases;
use crate::account_factory::ServiceCatalogAccountFactory;
use crate::account_settings::OrganizationAccountSettings;
use crate::account_tags::OrganizationsAccountTags;
use crate::accounts::OrganizationAccounts;
use crate::assignments::{IdentityCenter, PermissionSetMemory};
use crate::budgets::ManagementBudgets;
use crate::clock;
use crate::control_tower::{BaselineMemory, ControlTowerApi};
use crate::directory::{GroupsOfInstance, IdentityStore};
use crate::documents::ParameterStore;
use crate::ec2::Ec2DefaultVpcs;
use crate::environment::{
    AVM_AUTOMATION_ACCOUNT_ID, AVM_MACHINE_NAME, AVM_MANAGEMENT_ACCOUNT_ID,
    AVM_MESHCLOUD_ACCOUNT_ID, AVM_PERMISSIONS_BOUNDARY_NAME, AVM_PROTECTED_ACCOUNT_IDS, AWS_REGION,
    Environment, InvalidEnvironment,
};
use crate::executions::StepFunctions;
use crate::organizational_units::OrganizationsTree;
use crate::readiness::AccessRoleReadiness;
use crate::role_overview::IamRoleOverview;
use crate::role_policies::IamRolePolicies;
use crate::roles::IamRoles;
use crate::root_access::IamRootAccess;
use crate::saml_metadata::WebSamlMetadata;
use crate::saml_providers::IamSamlProviders;
use crate::scim::{ScimClient, ScimGroups};
use crate::sessions::Sessions;
use crate::stack_sets::CloudFormationStackSets;
use crate::stacks::CloudFormationStacks;
use crate::tagged_accounts::TaggingService;
use crate::web::Web;

/// What a function has for as long as its sandbox lasts.
pub struct Aws {
    own: SdkConfig,
    sessions: Sessions,
    standing: StandingAccounts,
    name: MachineName,
    ways_out: WaysOut,
    boundary: PermissionsBoundaryName,
    partition: &'static str,
    only_looks: bool,
    region: Region,
    executions: OnceLock<StepFunctions>,
    proved: Mutex<Option<(ExecutionArn, Value)>>,
    permission_sets: PermissionSetMemory,
    baseline: BaselineMemory,
    scim: OnceLock<ScimClient>,
    metadata: OnceLock<WebSamlMetadata>,
}

impl Aws {
    /// With the variables of the environment.
    pub async fn new(environment: &Environment) -> Result<Self, InvalidEnvironment> {
        Self::start(environment, false).await
    }

    /// The same for a function whose roles may not write: it opens [`Door::to_look`] of each door.
    pub async fn that_only_looks(environment: &Environment) -> Result<Self, InvalidEnvironment> {
        Self::start(environment, true).await
    }

    async fn start(
        environment: &Environment,
        only_looks: bool,
    ) -> Result<Self, InvalidEnvironment> {
        let region: Region = environment.read(AWS_REGION)?;
        let standing = StandingAccounts::new(
            environment.read(AVM_MANAGEMENT_ACCOUNT_ID)?,
            environment.read(AVM_AUTOMATION_ACCOUNT_ID)?,
            environment.read(AVM_MESHCLOUD_ACCOUNT_ID)?,
        )
        .with(environment.read(AVM_PROTECTED_ACCOUNT_IDS)?);
        let own = crate::configuration().await;
        Ok(Self {
            name: environment.read(AVM_MACHINE_NAME)?,
            ways_out: environment.ways_out()?,
            boundary: environment.read(AVM_PERMISSIONS_BOUNDARY_NAME)?,
            only_looks,
            ..Self::of(own, standing, region)
        })
    }

    fn of(own: SdkConfig, standing: StandingAccounts, region: Region) -> Self {
        Self {
            executions: OnceLock::new(),
            proved: Mutex::default(),
            sessions: Sessions::new(own.clone()),
            own,
            standing,
            name: MachineName::first(),
            ways_out: WaysOut::default(),
            boundary: PermissionsBoundaryName::none(),
            partition: region.partition(),
            region,
            only_looks: false,
            permission_sets: PermissionSetMemory::default(),
            baseline: BaselineMemory::default(),
            scim: OnceLock::new(),
            metadata: OnceLock::new(),
        }
    }
}

/// The machine's name, as `template.yaml` gives it: a function cannot be told of the machine that refers to it.
pub const MACHINE: &str = "avm-vend-account";

impl Aws {
    /// The executions of the machine that this function is a step of.
    pub fn executions(&self) -> Result<&StepFunctions, Failure> {
        let machine = self.machine()?;
        let executions = &self.executions;
        Ok(executions.get_or_init(|| StepFunctions::new(&self.own, machine)))
    }

    fn machine(&self) -> Result<StateMachineArn, Failure> {
        let (partition, region, account) =
            (self.partition, &self.region, self.standing.automation());
        let machine = format!("arn:{partition}:states:{region}:{account}:stateMachine:{MACHINE}");
        let machine = machine.parse();
        machine.map_err(|_| internal("the machine's ARN cannot be made"))
    }
}

impl Host for Aws {
    fn standing(&self) -> &StandingAccounts {
        &self.standing
    }

    async fn prove_caller(
        &self,
        execution: Option<ExecutionArn>,
        order: &Value,
    ) -> Result<(), Failure> {
        let asked = execution.map(|execution| (execution, order.clone()));
        let mut proved = self.proved.lock().await;
        if asked.is_none() || *proved != asked {
            let execution = asked.as_ref().map(|(execution, _)| execution);
            caller::prove(execution, order, self.executions()?).await?;
            *proved = asked;
        }
        Ok(())
    }

    fn world(&self, scene: &Scene, doors: &'static [Door], _mode: Mode) -> impl World {
        AwsWorld {
            aws: self,
            scene: scene.clone(),
            doors,
        }
    }
}

/// AWS in one call.
struct AwsWorld<'a> {
    aws: &'a Aws,
    scene: Scene,
    doors: &'static [Door],
}

impl AwsWorld<'_> {
    /// The configuration of clients that act behind a door.
    async fn open(&self, door: Door) -> Result<SdkConfig, Failure> {
        if !self.doors.contains(&door) {
            return Err(internal(&format!(
                "the step does not name the door {door:?}"
            )));
        }
        let door = if self.aws.only_looks {
            door.to_look()
        } else {
            door
        };
        let account = self.scene.account.as_ref();
        let hops = self
            .aws
            .hops(door, account, Some(&self.scene.access_role))?;
        self.aws
            .sessions
            .through(&hops, &self.scene.session_name)
            .await
            .map_err(|failure| failure.at_door(door))
    }
}

fn internal(words: &str) -> Failure {
    Failure::new(ErrorName::Internal, words)
}

impl World for AwsWorld<'_> {
    fn standing(&self) -> &StandingAccounts {
        &self.aws.standing
    }

    fn ways_out(&self) -> &WaysOut {
        &self.aws.ways_out
    }

    fn boundary(&self) -> &PermissionsBoundaryName {
        &self.aws.boundary
    }

    fn partition(&self) -> &str {
        self.aws.partition
    }

    fn time(&self, after: Duration) -> String {
        clock::after(after)
    }

    async fn accounts(&self, door: Door) -> Result<impl Accounts, Failure> {
        Ok(OrganizationAccounts::of(&self.open(door).await?))
    }

    async fn account_tags(&self, door: Door) -> Result<impl AccountTags, Failure> {
        Ok(OrganizationsAccountTags::of(&self.open(door).await?))
    }

    async fn tagged_accounts(&self, door: Door) -> Result<impl TaggedAccounts, Failure> {
        let configuration = self.open(door).await?;
        Ok(TaggingService::of(&configuration, self.aws.partition))
    }

    async fn organization(
        &self,
        door: Door,
    ) -> Result<impl OrganizationalUnits + UnitDirectory, Failure> {
        Ok(OrganizationsTree::of(&self.open(door).await?))
    }

    async fn readiness(&self) -> Result<impl Readiness, Failure> {
        let mut hops = self.aws.hops(Door::MemberAccess, None, None)?;
        let member_access = hops
            .pop()
            .ok_or_else(|| internal("there is no way to the account"))?;
        let session_name = self.scene.session_name.clone();
        Ok(AccessRoleReadiness::new(
            &self.aws.sessions,
            member_access,
            session_name,
        ))
    }

    async fn documents(&self, door: Door) -> Result<impl Documents, Failure> {
        Ok(ParameterStore::new(&self.open(door).await?))
    }

    async fn vends(&self, door: Door) -> Result<impl RunningVends, Failure> {
        let configuration = self.open(door).await?;
        Ok(StepFunctions::new(&configuration, self.aws.machine()?))
    }

    async fn stacks(&self, door: Door, region: &Region) -> Result<impl Stacks, Failure> {
        Ok(CloudFormationStacks::in_region(
            &self.open(door).await?,
            region,
        ))
    }

    async fn stack_sets(&self, door: Door) -> Result<impl StackSetOperations, Failure> {
        Ok(CloudFormationStackSets::new(&self.open(door).await?))
    }

    async fn account_factory(
        &self,
        door: Door,
        region: &Region,
    ) -> Result<impl AccountFactory, Failure> {
        Ok(ServiceCatalogAccountFactory::in_region(
            &self.open(door).await?,
            region,
        ))
    }

    async fn control_tower(
        &self,
        door: Door,
        region: &Region,
    ) -> Result<impl ControlTower, Failure> {
        Ok(ControlTowerApi::in_region(
            &self.open(door).await?,
            region,
            &self.aws.baseline,
        ))
    }

    async fn roles(&self, door: Door, refusal: ErrorName) -> Result<impl Roles, Failure> {
        Ok(IamRoles::of(&self.open(door).await?, refusal))
    }

    async fn role_policies(&self, door: Door) -> Result<impl RolePolicyChanges, Failure> {
        Ok(IamRolePolicies::of(&self.open(door).await?))
    }

    async fn role_overview(&self, door: Door) -> Result<impl RoleOverview, Failure> {
        Ok(IamRoleOverview::of(&self.open(door).await?))
    }

    async fn root_access(&self, door: Door) -> Result<impl RootAccess, Failure> {
        Ok(IamRootAccess::of(&self.open(door).await?))
    }

    async fn saml_providers(&self, door: Door) -> Result<impl SamlProviders, Failure> {
        Ok(IamSamlProviders::of(&self.open(door).await?))
    }

    fn saml_metadata(&self) -> &impl SamlMetadataSource {
        let metadata = &self.aws.metadata;
        metadata.get_or_init(|| WebSamlMetadata::of(Web::new()))
    }

    async fn account_aliases(&self, door: Door) -> Result<impl AccountAliases, Failure> {
        Ok(IamAccountAliases::of(&self.open(door).await?))
    }

    async fn account_settings(&self, door: Door) -> Result<impl AccountSettings, Failure> {
        Ok(OrganizationAccountSettings::of(&self.open(door).await?))
    }

    async fn budgets(&self, door: Door) -> Result<impl Budgets, Failure> {
        let payer = self.aws.standing.management().clone();
        let configuration = self.open(door).await?;
        Ok(ManagementBudgets::of(
            configuration,
            self.aws.partition,
            payer,
        ))
    }

    async fn default_vpcs(
        &self,
        door: Door,
        region: &Region,
    ) -> Result<impl DefaultVpcs + DefaultVpcRemoval, Failure> {
        Ok(Ec2DefaultVpcs::of(self.open(door).await?, region.clone()))
    }

    async fn assignments(
        &self,
        door: Door,
        instance: &SingleSignOnInstance,
    ) -> Result<impl Assignments, Failure> {
        let configuration = self.open(door).await?;
        Ok(IdentityCenter::of(
            &configuration,
            instance,
            &self.aws.permission_sets,
        ))
    }

    async fn groups(
        &self,
        door: Door,
        instance: &SingleSignOnInstance,
    ) -> Result<impl Groups, Failure> {
        Ok(match &instance.scim {
            None => GroupsOfInstance::Store(IdentityStore::of(&self.open(door).await?, instance)),
            Some(endpoint) => {
                let client = self.aws.scim.get_or_init(|| ScimClient::new(&self.aws.own));
                let store = IdentityStore::of(&self.open(door).await?, instance);
                GroupsOfInstance::Scim(ScimGroups::new(client, endpoint.clone()), store)
            }
        })
    }

    async fn members(
        &self,
        door: Door,
        instance: &SingleSignOnInstance,
    ) -> Result<impl Members, Failure> {
        Ok(IdentityStore::of(&self.open(door).await?, instance))
    }
}
