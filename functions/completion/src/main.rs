//! Verifies the account from outside, then writes the completion tags.
//! Wiring only: the work is in the library.

use avm_aws::account_tags::OrganizationsAccountTags;
use avm_aws::clock;
use avm_aws::environment::{AVM_COMPLETION_ROLE_ARN, AVM_EXTERNAL_ID, Environment, ExternalId};
use avm_aws::organizational_units::OrganizationsTree;
use avm_aws::role_policies::IamRolePolicies;
use avm_aws::sessions::{Hop, Sessions, VERIFICATION_ROLE, session_name};
use avm_aws::{self as aws, lambda};
use avm_core::domain::{RoleArn, RoleName};
use completion::{Outside, Request, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    lambda::start_log();
    let environment = Environment::of_process();
    let completion_role: RoleArn = environment.read(AVM_COMPLETION_ROLE_ARN)?;
    let external_id: ExternalId = environment.read(AVM_EXTERNAL_ID)?;
    let verification_role: RoleName = VERIFICATION_ROLE.parse()?;
    let configuration = aws::configuration().await;
    let stack_sets = aws::stack_sets::CloudFormationStackSets::new(&configuration);
    let management = [Hop::with_external_id(completion_role, external_id.clone())];
    let sessions = Sessions::new(configuration);

    lambda::serve("completion", async |event| {
        let request: Request = lambda::decode(event)?;
        let session = session_name(&request.execution);
        let organization = sessions.through(&management, &session).await?;
        let outside = Outside {
            tree: &OrganizationsTree::of(&organization),
            stack_sets: &stack_sets,
            tags: &OrganizationsAccountTags::of(&organization),
        };
        handle(&request, &clock::now(), &outside, async || {
            let account = &request.rest.account.account_id;
            let role = account.role_arn(request.execution.partition(), &verification_role);
            let hop = Hop::with_external_id(role, external_id.clone());
            let member = sessions.through(&[hop], &session).await?;
            Ok(IamRolePolicies::of(&member))
        })
        .await
    })
    .await
}
