//! What the landing zone's role mappings and the request's role bindings ask for, group by group.
//! A permission set that does not exist is found here, before anything is written.

use std::collections::{BTreeMap, BTreeSet};

use avm_core::config::{PermissionSetMapping, Problem};
use avm_core::contract::order::Order;
use avm_core::domain::{
    GroupName, LANDING_ZONE_PARAMETERS, PLATFORM_PARAMETER, ProjectRole, UserName,
};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::assignments::{Assignments, PermissionSet};

/// What a group shall be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WantedGroup {
    /// The people of each project role that is mapped to the group; none: members are left as they are.
    pub(crate) people: Option<BTreeMap<ProjectRole, BTreeSet<UserName>>>,
    /// The permission sets with which it is assigned to the account.
    pub(crate) permission_sets: BTreeSet<PermissionSet>,
}

/// The groups of all mappings.
pub(crate) type Wanted = BTreeMap<GroupName, WantedGroup>;

/// Reads the mappings.
///
/// Fails with `InvalidState` for an order without single sign-on; with `InvalidConfiguration` for permission sets that do
/// not exist, and for roles that would share a group though they differ in what they may do.
pub(crate) async fn wanted(order: &Order, center: &impl Assignments) -> Result<Wanted, Failure> {
    let landing_zone = &order.landing_zone;
    let settings = landing_zone.settings.single_sign_on.as_ref();
    let settings = settings.ok_or_else(|| {
        Failure::new(
            ErrorName::InvalidState,
            format!("landing zone {} has no single sign-on", landing_zone.name),
        )
    })?;
    let mut wanted = Wanted::new();
    let mut problems = Vec::new();
    for (role, mapping) in &settings.role_mappings {
        let permission_sets = find_all(role, mapping, center, &mut problems).await?;
        add(&mut wanted, order, role, permission_sets)?;
    }
    if problems.is_empty() {
        return Ok(wanted);
    }
    let source = format!("{LANDING_ZONE_PARAMETERS}{}", landing_zone.name);
    let words: Vec<String> = problems.iter().map(ToString::to_string).collect();
    Err(invalid(&source, &words.join("; ")))
}

async fn find_all(
    role: &ProjectRole,
    mapping: &PermissionSetMapping,
    center: &impl Assignments,
    problems: &mut Vec<Problem>,
) -> Result<BTreeSet<PermissionSet>, Failure> {
    let mut found = BTreeSet::new();
    for reference in &mapping.permission_sets {
        match center.find_permission_set(reference).await? {
            Some(permission_set) => {
                found.insert(permission_set);
            }
            None => problems.push(Problem::new(
                format!("singleSignOn.roleMappings.{role}.permissionSets"),
                format!("the instance of IAM Identity Center has no permission set {reference}"),
            )),
        }
    }
    Ok(found)
}

/// Adds the mapping of a role to its group. Roles may share a group only where it makes no difference to what they may do.
fn add(
    wanted: &mut Wanted,
    order: &Order,
    role: &ProjectRole,
    permission_sets: BTreeSet<PermissionSet>,
) -> Result<(), Failure> {
    let name = order.names.groups.get(role).ok_or_else(|| {
        Failure::new(
            ErrorName::InvalidState,
            format!("the order names no group for project role {role}"),
        )
    })?;
    let people = order.request.role_bindings.as_ref().map(|bindings| {
        let people = bindings.get(role).cloned().unwrap_or_default();
        BTreeMap::from([(role.clone(), people)])
    });
    let lower = name.as_str().to_lowercase();
    let mut groups = wanted.iter_mut();
    match groups.find(|(other, _)| other.as_str().to_lowercase() == lower) {
        None => {
            let group = WantedGroup {
                people,
                permission_sets,
            };
            wanted.insert(name.clone(), group);
            Ok(())
        }
        Some((_, group)) if group.permission_sets == permission_sets => {
            if let (Some(all), Some(people)) = (&mut group.people, people) {
                all.extend(people);
            }
            Ok(())
        }
        Some(_) => Err(invalid(
            PLATFORM_PARAMETER,
            &format!(
                "field singleSignOn.groupNamePattern: project role {role} gets the group {name} of another role, which has \
                 other permission sets; the pattern must contain %4$s"
            ),
        )),
    }
}

fn invalid(source: &str, words: &str) -> Failure {
    Failure::new(
        ErrorName::InvalidConfiguration,
        format!("{source}, {words}"),
    )
}
