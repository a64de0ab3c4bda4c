//! Enrolls the account with AWS Control Tower.
//! Wiring only: what the step does is in the library.

use avm_aws::account_factory::ServiceCatalogAccountFactory;
use avm_aws::control_tower::ControlTowerApi;
use avm_aws::environment::{
    AVM_ENROLLMENT_ROLE_ARN, AVM_EXTERNAL_ID, AVM_MEMBER_ACCESS_ROLE_ARN, AVM_MESHCLOUD_ACCOUNT_ID,
    AVM_PLACEMENT_ROLE_ARN, Environment, ExternalId,
};
use avm_aws::organizational_units::OrganizationsTree;
use avm_aws::roles::IamRoles;
use avm_aws::sessions::{Hop, Sessions, session_name};
use avm_aws::{self as aws, lambda};
use avm_core::domain::{AccountId, RoleArn};
use avm_core::error::{ErrorName, Failure};
use avm_core::rules::standing_accounts::StandingAccounts;
use enroll::{Request, STEP, Ways, handle, settings};

/// The chains of roles; only that of the enrollment role is opened at once.
struct Chains<'a> {
    sessions: &'a Sessions,
    session: String,
    factory: ServiceCatalogAccountFactory,
    tower: ControlTowerApi,
    organization: OrganizationsTree,
    to_placement: &'a Hop,
    to_account: [Hop; 2],
}

impl Ways for Chains<'_> {
    type Factory = ServiceCatalogAccountFactory;
    type Tower = ControlTowerApi;
    type Organization = OrganizationsTree;
    type Placement = OrganizationsTree;
    type Roles = IamRoles;

    fn factory(&self) -> &Self::Factory {
        &self.factory
    }

    fn tower(&self) -> &Self::Tower {
        &self.tower
    }

    fn organization(&self) -> &Self::Organization {
        &self.organization
    }

    async fn open_placement(&self) -> Result<Self::Placement, Failure> {
        let hops = std::slice::from_ref(self.to_placement);
        let placement = self.sessions.through(hops, &self.session).await?;
        Ok(OrganizationsTree::of(&placement))
    }

    async fn open_roles(&self) -> Result<Self::Roles, Failure> {
        let member = self
            .sessions
            .through(&self.to_account, &self.session)
            .await?;
        Ok(IamRoles::of(&member, ErrorName::EnrolmentFailed))
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    lambda::start_log();
    let environment = Environment::of_process();
    let enrollment_role: RoleArn = environment.read(AVM_ENROLLMENT_ROLE_ARN)?;
    let external_id: ExternalId = environment.read(AVM_EXTERNAL_ID)?;
    let meshcloud: AccountId = environment.read(AVM_MESHCLOUD_ACCOUNT_ID)?;
    let hop = |role: RoleArn| Hop::with_external_id(role, external_id.clone());
    let to_enrollment = hop(enrollment_role.clone());
    let to_placement = hop(environment.read(AVM_PLACEMENT_ROLE_ARN)?);
    let to_member_access = hop(environment.read(AVM_MEMBER_ACCESS_ROLE_ARN)?);
    let sessions = Sessions::new(aws::configuration().await);

    lambda::serve(STEP, async |event| {
        let request: Request = lambda::decode(event)?;
        let region = &settings(&request)?.region;
        let session = session_name(&request.execution);
        let enrollment = sessions
            .through(std::slice::from_ref(&to_enrollment), &session)
            .await?;
        let account = &request.rest.account.account_id;
        let access_role = &request.order.platform.account_access_role;
        let access_role = account.role_arn(enrollment_role.partition(), access_role);
        let chains = Chains {
            sessions: &sessions,
            session,
            factory: ServiceCatalogAccountFactory::in_region(&enrollment, region),
            tower: ControlTowerApi::in_region(&enrollment, region),
            organization: OrganizationsTree::of(&enrollment),
            to_placement: &to_placement,
            to_account: [
                to_member_access.clone(),
                Hop::without_external_id(access_role),
            ],
        };
        let standing = StandingAccounts::of(&enrollment_role, &request.execution, &meshcloud);
        handle(&request, &standing, &chains).await
    })
    .await
}
