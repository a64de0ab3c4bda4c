//! Which steps of this vend have something to do that only the access role's power can do: their own looks say it.
//! They look through roles that cannot write; a look that fails is the step's own to tell.

use access_stack::AccessStack;
use avm_core::contract::answer::Plan;
use avm_core::contract::call::Request;
use avm_core::step::Step;
use avm_core::world::{Looking, World};
use default_vpcs::DefaultVpcs;
use futures_util::join;
use identity_provider::IdentityProvider;

use crate::Call;

/// The states that need the power.
pub(crate) async fn of(call: &Call, world: &impl World) -> Option<String> {
    let world = &Looking(world);
    let settings = &call.order.landing_zone.settings;
    // Nothing is asked of AWS for a step that the landing zone leaves out.
    let access_stack = async {
        settings.access_stack.is_some()
            && AccessStack::look(&as_first(call), world)
                .await
                .is_ok_and(|plan| !plan.is_empty())
    };
    // A region that this vend enables has a default VPC, too.
    let default_vpcs = async {
        settings.delete_default_vpcs
            && DefaultVpcs::look(&as_first(call), world)
                .await
                .is_ok_and(|plan| !plan.is_empty() || plan.awaits_regions())
    };
    let identity_provider = async {
        settings.identity_provider.is_some()
            && IdentityProvider::look(&as_first(call), world)
                .await
                .is_ok_and(|plan| plan.changes_roles())
    };
    let (access_stack, default_vpcs, identity_provider) =
        join!(access_stack, default_vpcs, identity_provider);
    let needs = [
        ("AccessStack", access_stack),
        ("DefaultVpcs", default_vpcs),
        ("IdentityProvider", identity_provider),
    ];
    let needs: Vec<&str> = needs
        .into_iter()
        .filter_map(|(state, needs)| needs.then_some(state))
        .collect();
    (!needs.is_empty()).then(|| needs.join(", "))
}

/// The first call of a step for the same order.
fn as_first<Notes, Input: Default>(call: &Call) -> Request<Notes, Input> {
    Request {
        execution: call.execution.clone(),
        order: call.order.clone(),
        account: call.account.clone(),
        input: Input::default(),
        progress: None,
        mode: call.mode,
    }
}
