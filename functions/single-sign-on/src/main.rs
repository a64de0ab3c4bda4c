//! Lets the groups of a project into its account through IAM Identity Center.
//! Wiring only: what the step does is in the library.

use avm_aws::assignments::{IdentityCenter, PermissionSetMemory};
use avm_aws::directory::IdentityStore;
use avm_aws::environment::{AVM_EXTERNAL_ID, AVM_IDENTITY_ROLE_ARN, Environment};
use avm_aws::scim::{ScimClient, ScimGroups};
use avm_aws::sessions::{Hop, Sessions, session_name};
use avm_aws::{self as aws, lambda};
use avm_core::domain::RoleArn;
use single_sign_on::{Ports, Request, STEP, handle, instance};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    lambda::start_log();
    let environment = Environment::of_process();
    let identity_role: RoleArn = environment.read(AVM_IDENTITY_ROLE_ARN)?;
    let to_identity = Hop::with_external_id(identity_role, environment.read(AVM_EXTERNAL_ID)?);
    let own = aws::configuration().await;
    let scim = ScimClient::new(&own);
    let sessions = Sessions::new(own);
    let permission_sets = PermissionSetMemory::default();

    lambda::serve(STEP, async |event| {
        let request: Request = lambda::decode(event)?;
        let account = &request.rest.account.account_id;
        let instance = instance(&request)?;
        let session = session_name(&request.execution);
        let configuration = sessions
            .through(std::slice::from_ref(&to_identity), &session)
            .await
            .map_err(|failure| failure.of_account(account))?;
        let assignments = &IdentityCenter::of(&configuration, instance, &permission_sets);
        let store = &IdentityStore::of(&configuration, instance);
        match &instance.scim {
            None => {
                let ports = Ports {
                    assignments,
                    groups: store,
                    members: store,
                };
                handle(&request, ports).await
            }
            Some(endpoint) => {
                let ports = Ports {
                    assignments,
                    groups: &ScimGroups::new(&scim, endpoint),
                    members: store,
                };
                handle(&request, ports).await
            }
        }
    })
    .await
}
