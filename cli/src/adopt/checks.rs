//! What stands in the way of a vend of an account that the machine has not made, each with what has to be done by hand.
//! Rules: templates/access-stack.yaml, templates/landing-zone-stackset.yaml, AWS Organizations (tags), AWS IAM (inline policies).

use std::collections::{BTreeMap, BTreeSet};

use avm_core::config::{AccessStackTemplate, Enrollment, LandingZone};
use avm_core::domain::{AccountId, MachineName, OrganizationalUnitTarget, RoleName};
use avm_core::ports::account_roles::RolesAtOnce;
use avm_core::ports::accounts::{AccountState, FoundAccount};
use avm_core::rules::minimum_policy::{self, MINIMUM_POLICY};
use avm_core::rules::owner::{Claim, Owner};
use avm_core::rules::tag_room::{MOST_TAGS, Room};

/// IAM and AWS STS quotas: characters of all inline policies of a role, without white space.
const MOST_INLINE: usize = 10_240;
/// What the stack of the access stack makes, and how that is called.
const EXECUTION_ROLE: &str = "AWSCloudFormationStackSetExecutionRole";
const ACCESS_STACK: &str = "meshstack-cf-access";
/// How the stacks of the shipped StackSet begin.
const STACK_OF_SHIPPED: &str = "StackSet-avm-landing-zone-";
/// It is there where AWS Control Tower has the account, or somebody has prepared it.
const OF_CONTROL_TOWER: &str = "AWSControlTowerExecution";

/// The account, as it stands.
pub struct Facts {
    pub account: FoundAccount,
    pub tags: BTreeMap<String, String>,
    /// Why nobody can look in, or what is in it.
    pub inside: Result<Inside, String>,
}

/// What is in the account.
#[derive(Default)]
pub struct Inside {
    pub roles: RolesAtOnce,
    /// The names of its stacks, in the regions that matter.
    pub stacks: BTreeSet<String>,
}

/// Into what it shall be vended.
pub struct Target<'a> {
    pub zone: &'a LandingZone,
    pub access_role: &'a RoleName,
    pub management: &'a AccountId,
    pub partition: &'a str,
    /// Workspace and project.
    pub owner: [&'a str; 2],
    /// Which machine is asked.
    pub machine: &'a MachineName,
    /// The roles that the shipped StackSet makes.
    pub shipped_roles: &'a BTreeSet<RoleName>,
}

impl Target<'_> {
    fn as_owner(&self) -> Owner {
        let [workspace, project] = self.owner;
        Owner::new(workspace, project, self.machine)
    }
}

/// Something that has to be done by hand first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obstacle {
    pub check: &'static str,
    pub found: String,
    pub remedy: String,
}

fn obstacle(check: &'static str, found: String, remedy: impl Into<String>) -> Obstacle {
    let remedy = remedy.into();
    Obstacle {
        check,
        found,
        remedy,
    }
}

/// All of them; none: it can be vended.
pub fn obstacles(facts: &Facts, target: &Target) -> Vec<Obstacle> {
    let of_organization = [state(facts), owner(facts, target), tags(facts, target)];
    let mut found: Vec<Obstacle> = of_organization.into_iter().flatten().collect();
    match &facts.inside {
        // Nobody is let into a closed account, and that has been said.
        Err(_) if facts.account.state != AccountState::Active => {}
        Err(reason) => found.push(access(reason, target)),
        Ok(inside) => {
            found.extend(collisions(inside, target));
            found.extend(inline(inside, facts, target));
        }
    }
    found
}

fn state(facts: &Facts) -> Option<Obstacle> {
    let state = &facts.account.state;
    (*state != AccountState::Active).then(|| {
        obstacle(
            "state",
            format!("the account is {}", state.as_str()),
            "an account that is being activated: wait; a suspended one: ask AWS Support to reopen it; a closed one stays closed",
        )
    })
}

fn owner(facts: &Facts, target: &Target) -> Option<Obstacle> {
    match target.as_owner().claim(&facts.tags) {
        Claim::Ours | Claim::Nobodys => None,
        Claim::Anothers(tags) | Claim::Unclear(tags) => Some(obstacle(
            "owner",
            format!("its tags name another owner, or half of one: {tags}"),
            "name the workspace and project that the tags do, or have the owner give it away: remove these tags",
        )),
    }
}

fn tags(facts: &Facts, target: &Target) -> Option<Obstacle> {
    let Room { ours, others } = Room::of(&facts.tags, &BTreeMap::new(), &target.as_owner());
    let most = MOST_TAGS - ours;
    (others > most).then(|| {
        obstacle(
            "tags",
            format!("it has {others} tags, and the vend needs {ours} of {MOST_TAGS}"),
            format!(
                "remove {} of them, and as many more as the request brings",
                others - most
            ),
        )
    })
}

fn access(reason: &str, target: &Target) -> Obstacle {
    let Target {
        access_role,
        management,
        partition,
        ..
    } = target;
    obstacle(
        "access role",
        format!("{access_role} lets nobody in: {reason}"),
        format!(
            "make the role {access_role} in the account with AdministratorAccess and a trust in \
             arn:{partition}:iam::{management}:root, as CreateAccount makes it; an account that was invited has none"
        ),
    )
}

/// Roles that a stack of the vend makes, and that somebody else has made.
fn collisions(inside: &Inside, target: &Target) -> Vec<Obstacle> {
    let zone = target.zone;
    let shipped = zone.access_stack.as_ref();
    let makes_execution_role =
        shipped.is_some_and(|stack| stack.template == AccessStackTemplate::Shipped);
    let mut found = Vec::new();
    let mut look = |role: &str, stack: &str| {
        let is_ours = inside.stacks.iter().any(|name| name.starts_with(stack));
        if inside.roles.0.contains_key(role) && !is_ours {
            found.push(obstacle(
                "role",
                format!("the role {role} is there, and no stack {stack}… has made it"),
                format!(
                    "look who uses it, then delete it, as {} for example: the vend makes its own",
                    target.access_role
                ),
            ));
        }
    };
    if makes_execution_role {
        look(EXECUTION_ROLE, ACCESS_STACK);
    }
    if zone.has_shipped_roles() {
        for role in target.shipped_roles {
            look(role.as_str(), STACK_OF_SHIPPED);
        }
    }
    found
}

/// The downgrade puts the minimum policy beside the others before it takes those away.
fn inline(inside: &Inside, facts: &Facts, target: &Target) -> Option<Obstacle> {
    let policy = target.zone.downgrade.policy()?;
    let role = inside.roles.0.get(target.access_role.as_str())?;
    let (partition, id) = (target.partition, &facts.account.id);
    let minimum = minimum_policy::document(policy, partition, id, target.access_role);
    let others = role
        .inline
        .iter()
        .filter(|(name, _)| *name != MINIMUM_POLICY);
    let others: usize = others
        .map(|(_, document)| length(&document.to_string()))
        .sum();
    let whole = others + length(&minimum.to_string());
    (whole > MOST_INLINE).then(|| {
        obstacle(
            "inline policies",
            format!(
                "{} would have {whole} characters of inline policies with its minimum policy, and IAM takes {MOST_INLINE}",
                target.access_role
            ),
            format!("delete inline policies of it by hand until {} fewer are left; the downgrade deletes the others", whole - MOST_INLINE),
        )
    })
}

fn length(document: &str) -> usize {
    document
        .chars()
        .filter(|letter| !letter.is_whitespace())
        .count()
}

/// What a vend would do with it, in its order.
pub fn steps(facts: &Facts, target: &Target) -> Vec<String> {
    let zone = target.zone;
    let unit = match &zone.organizational_unit {
        OrganizationalUnitTarget::PerWorkspace => format!("a unit named {}", target.owner[0]),
        unit => format!("the unit {unit}"),
    };
    let mut steps = vec![format!("moved to {unit}, unless it is there")];
    if zone.enrollment != Enrollment::None {
        let inside = facts.inside.as_ref().ok();
        let has_role = inside.is_some_and(|inside| inside.roles.0.contains_key(OF_CONTROL_TOWER));
        let known = if has_role {
            "; its role is there: an account that is enrolled stays so"
        } else {
            ""
        };
        steps.push(format!(
            "enrolled with AWS Control Tower ({}){known}",
            zone.enrollment
        ));
    }
    if zone.access_stack.is_some() {
        steps.push(format!("given the stack {ACCESS_STACK}"));
    }
    for one in &zone.stack_sets {
        steps.push(format!("given the StackSet {} in {}", one.name, one.region));
    }
    if zone.delete_default_vpcs {
        steps.push("relieved of its default VPCs, where nothing is in them".to_owned());
    }
    if let Some(policy) = zone.downgrade.policy() {
        let (role, policy) = (target.access_role, policy.as_str());
        steps.push(format!(
            "left with the minimum policy {policy} in {role}, and no other policy"
        ));
    }
    let [workspace, project] = target.owner;
    steps.push(format!(
        "tagged as workspace {workspace}, project {project}"
    ));
    steps
}
