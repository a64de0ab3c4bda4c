//! The looks of all steps in one place: asked by a step's name, answered with its plan.
//! The event is that of the step, with its name under `Step`.

use avm_core::error::{ErrorName, Failure};
use avm_core::step::{Step, run};
use avm_core::world::Host;
use serde::Serialize;
use serde_json::Value;

/// The name in failures and in the log.
pub const NAME: &str = "plan";

/// Answers the plan of the step that the event names; whatever mode the event names, nothing is written.
///
/// # Errors
/// `InvalidState` for a step that has no plan or an event that it cannot read; what the look fails with.
pub async fn plan(mut event: Value, host: &impl Host) -> Result<Value, Failure> {
    let Some(name) = event["Step"].as_str().map(str::to_owned) else {
        return Err(invalid("Step: must be the name of a step"));
    };
    event["Mode"] = "Plan".into();
    match name.as_str() {
        create_account::CreateAccount::NAME => ask::<create_account::CreateAccount>(event, host).await,
        place_account::PlaceAccount::NAME => ask::<place_account::PlaceAccount>(event, host).await,
        enroll::Enroll::NAME => ask::<enroll::Enroll>(event, host).await,
        access_stack::AccessStack::NAME => ask::<access_stack::AccessStack>(event, host).await,
        apply_stackset::ApplyStackSet::NAME => ask::<apply_stackset::ApplyStackSet>(event, host).await,
        account_alias::AccountAlias::NAME => ask::<account_alias::AccountAlias>(event, host).await,
        account_settings::AccountSettings::NAME => {
            ask::<account_settings::AccountSettings>(event, host).await
        }
        default_vpcs::DefaultVpcs::NAME => ask::<default_vpcs::DefaultVpcs>(event, host).await,
        single_sign_on::SingleSignOn::NAME => ask::<single_sign_on::SingleSignOn>(event, host).await,
        identity_provider::IdentityProvider::NAME => {
            ask::<identity_provider::IdentityProvider>(event, host).await
        }
        permission_downgrade::PermissionDowngrade::NAME => {
            ask::<permission_downgrade::PermissionDowngrade>(event, host).await
        }
        completion::Completion::NAME => ask::<completion::Completion>(event, host).await,
        _ => Err(invalid("Step: is not the name of a step that can be planned")),
    }
}

async fn ask<S: Step>(event: Value, host: &impl Host) -> Result<Value, Failure>
where
    S::Done: Serialize,
{
    let reply = Box::pin(run::<S>(event, host)).await?;
    serde_json::to_value(reply)
        .map_err(|error| Failure::new(ErrorName::Internal, format!("the plan of {}: {error}", S::NAME)))
}

fn invalid(words: &str) -> Failure {
    Failure::new(ErrorName::InvalidState, words)
}
