//! The roles of the machine in an account: the access role against its minimum, and those of the shipped StackSet.
//! All is read through the role that only reads there.

use avm_core::config::LandingZone;
use avm_core::domain::AccountId;
use avm_core::doors::Door;
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::account_roles::RoleByRole;
use avm_core::rules::access_role::AccessRole;
use avm_core::rules::{member_roles, minimum_policy, saml_roles};
use avm_core::world::World;
use futures_util::try_join;

use crate::Settings;

/// What was seen of the roles.
#[derive(Default)]
pub(crate) struct Roles {
    /// What the access role carries beyond its minimum, in words.
    pub(crate) power: Vec<String>,
    /// What else is not as it was made, in words.
    pub(crate) differences: Vec<String>,
    /// Why they could not be read.
    pub(crate) unread: Option<String>,
}

/// Without a landing zone, which the account has from its first success on, only power is told.
pub(crate) async fn look(
    account: &AccountId,
    zone: Option<&LandingZone>,
    settings: &Settings,
    world: &impl World,
) -> Result<Roles, Failure> {
    match read(account, zone, settings, world).await {
        Err(failure)
            if [ErrorName::AccessDenied, ErrorName::DowngradeFailed].contains(&failure.name()) =>
        {
            Ok(Roles {
                unread: Some(failure.cause().to_owned()),
                ..Roles::default()
            })
        }
        read => read,
    }
}

async fn read(
    account: &AccountId,
    zone: Option<&LandingZone>,
    settings: &Settings,
    world: &impl World,
) -> Result<Roles, Failure> {
    let (roles, policies) = try_join!(
        world.roles(Door::Verification, ErrorName::DowngradeFailed),
        world.role_policies(Door::Verification),
    )?;
    let roles = RoleByRole { roles, policies };
    let name = &settings.access_role;
    let made = async {
        if !zone.is_some_and(member_roles::are_wanted) {
            return Ok(Vec::new());
        }
        let (standing, partition) = (world.standing(), world.partition());
        let expected = member_roles::expected(account, name, standing, partition)?;
        member_roles::differences(&roles, &expected).await
    };
    let of_people = async {
        match zone.filter(|zone| saml_roles::can_be_read(zone)) {
            Some(zone) => saml_roles::differences(&roles, zone).await,
            None => Ok(Vec::new()),
        }
    };
    let (found, mut differences, of_people) =
        try_join!(AccessRole::read(&roles, name), made, of_people)?;
    differences.extend(of_people);
    let mut seen = Roles {
        differences,
        ..Roles::default()
    };
    let policy = zone.map_or(Some(settings.policy), |zone| zone.downgrade.policy());
    if let Some(policy) = policy {
        let minimum = minimum_policy::document(policy, world.partition(), account, name);
        if found.exceeds(policy, world.partition(), account, name) {
            let carried = found.policies.differences_from(&minimum).into_iter();
            seen.power
                .extend(carried.map(|difference| format!("role {name}: {difference}")));
        } else if zone.is_some() && found.policies.minimum.is_none() {
            let policy = minimum_policy::MINIMUM_POLICY;
            seen.differences
                .push(format!("role {name}: inline policy {policy} is missing"));
        }
    }
    if !found.lets_in_only(world.standing().management()) {
        seen.differences.push(format!(
            "role {name} trusts others than the management account"
        ));
    }
    Ok(seen)
}
