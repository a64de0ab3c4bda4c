//! Whether the roles that the shipped StackSet makes in an account are as it makes them.
//! One that differs lets somebody in, or does more than it was made for.

use avm_core::error::Failure;
use avm_core::ports::account_roles::AccountRoles;
use avm_core::rules::member_roles::{SHIPPED, are_wanted, differences, expected};
use avm_core::world::World;

use crate::Call;
use crate::verification::Check;

/// Whether the roles of the shipped StackSet let nobody in but the machine, and may do what they were made for.
pub(crate) async fn look(
    call: &Call,
    world: &impl World,
    roles: &Result<impl AccountRoles, Failure>,
) -> Result<Check, Failure> {
    if !are_wanted(&call.order.landing_zone.settings) {
        return Ok(Check::default());
    }
    let role = &call.order.platform.account_access_role;
    let account = &call.account.account_id;
    let expected = expected(account, role, world.standing(), world.partition())?;
    let looked = async {
        let roles = roles.as_ref().map_err(Clone::clone)?;
        differences(roles, &expected).await
    };
    Check::of_roles(
        &format!("the roles of StackSet {SHIPPED}"),
        "are as it makes them",
        looked.await,
    )
}
