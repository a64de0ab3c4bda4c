//! Makes the SAML provider of the account and the roles that trust it.
//! Wiring only: what the step does is in the library.

use std::time::Duration;

use avm_aws::clock;
use avm_aws::environment::{AVM_EXTERNAL_ID, AVM_MEMBER_ACCESS_ROLE_ARN, Environment, ExternalId};
use avm_aws::roles::IamRoles;
use avm_aws::saml_metadata::WebSamlMetadata;
use avm_aws::saml_providers::IamSamlProviders;
use avm_aws::sessions::{Hop, IDENTITY_PROVIDER_ROLE, Sessions, session_name};
use avm_aws::web::Web;
use avm_aws::{self as aws, lambda};
use avm_core::domain::{RoleArn, RoleName};
use avm_core::error::ErrorName;
use futures_util::future::try_join;
use identity_provider::{
    Ports, Request, STEP, Surroundings, explain_keeper, handle, keeps_provider_apart,
};

/// A stored document that ends within this time is renewed: until the next replication may come a week.
const RENEWAL: Duration = Duration::from_hours(7 * 24);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    lambda::start_log();
    let environment = Environment::of_process();
    let member_access: RoleArn = environment.read(AVM_MEMBER_ACCESS_ROLE_ARN)?;
    let partition = member_access.partition().to_owned();
    let external_id: ExternalId = environment.read(AVM_EXTERNAL_ID)?;
    let keeper: RoleName = IDENTITY_PROVIDER_ROLE.parse()?;
    let to_management = Hop::with_external_id(member_access, external_id.clone());
    let sessions = Sessions::new(aws::configuration().await);
    let metadata = WebSamlMetadata::of(Web::new());

    lambda::serve(STEP, async |event| {
        let request: Request = lambda::decode(event)?;
        let account = &request.rest.account.account_id;
        let access_role = &request.order.platform.account_access_role;
        let access_role = account.role_arn(&partition, access_role);
        let hops = [to_management.clone(), Hop::without_external_id(access_role)];
        let session = session_name(&request.execution);
        let keeper_hop =
            Hop::with_external_id(account.role_arn(&partition, &keeper), external_id.clone());
        let open_keeper = async {
            if !keeps_provider_apart(&request.order) {
                return Ok(None);
            }
            let opened = sessions.through(&[keeper_hop], &session).await;
            opened
                .map(Some)
                .map_err(|failure| explain_keeper(failure, account))
        };
        let (of_roles, of_provider) = try_join(sessions.through(&hops, &session), open_keeper)
            .await
            .map_err(|failure| failure.of_account(account))?;
        let ports = Ports {
            metadata: &metadata,
            providers: &IamSamlProviders::of(of_provider.as_ref().unwrap_or(&of_roles)),
            roles: &IamRoles::of(&of_roles, ErrorName::IdentityProviderFailed),
        };
        let surroundings = Surroundings {
            partition: &partition,
            renewal: &clock::after(RENEWAL),
        };
        handle(&request, &surroundings, &ports).await
    })
    .await
}
