//! Moves the account to its organizational unit, or, where its enrollment moves it, only says which one that is.
//! Reads where the account sits and where it belongs, makes missing units if it may, and moves only if it must.

mod plan;
#[cfg(test)]
mod tests;

use avm_core::config::{LandingZone, Mover};
use avm_core::contract::answer::Answer;
use avm_core::contract::call::Request;
use avm_core::domain::{
    OWNER_WORKSPACE_KEY, OrganizationalUnitTarget, ParentId, WorkspaceIdentifier,
};
use avm_core::doors::Door;
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::organizational_units::{OrganizationalUnits, UnitCreation};
use avm_core::rules::placement::{
    Located, find_current_parent, is_in_place, is_same_but_for_case, locate, move_account,
    unit_named,
};
use avm_core::step::{Acted, Patience, Step};
use avm_core::world::World;
use serde::{Deserialize, Serialize};

pub use plan::{MissingUnits, Plan};

/// The step.
pub struct PlaceAccount;

/// What the machine sends.
pub type Call = Request;

/// Where the account sits now, and what was done for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Done {
    /// The root or unit that the account sits in, or, where its enrollment moves it, is to sit in: the target, or one below
    /// it under hierarchical assignment.
    pub organizational_unit_id: ParentId,
    pub moved: bool,
    /// The units that were made on the way, as paths from the root.
    pub created: Vec<String>,
}

impl Step for PlaceAccount {
    const NAME: &'static str = "place-account";
    const DOORS: &'static [Door] = &[Door::Placement];
    const PROVES_CALLER: bool = true;
    const PATIENCE: Option<Patience> = None;

    type Call = Call;
    type Plan = Plan;
    type Done = Done;

    /// Fails with `UnknownOrganizationalUnit` where a unit is missing that may not be made, `InvalidRequest` where the workspace
    /// identifier cannot name one, `NameTaken` where the unit of that name is not the workspace's, and `AccountNotReady` where
    /// the tree does not show the account.
    async fn look(call: &Call, world: &impl World) -> Result<Plan, Failure> {
        let landing_zone = &call.order.landing_zone.settings;
        let mover = landing_zone.enrollment.mover();
        let tree = world.organization(Door::Placement).await?;
        let from = find_current_parent(&tree, &call.account.account_id).await?;
        let located = locate(&tree, &call.order, &from).await?;
        if !located.missing.is_empty() {
            return missing(landing_zone, mover, located, from);
        }
        let to = located.id;
        let hierarchical = landing_zone.hierarchical_assignment;
        if is_in_place(&tree, &from, &to, hierarchical).await? {
            return Ok(Plan::Stay {
                organizational_unit_id: from,
            });
        }
        if let Some(workspace) = workspace_of_unit(call) {
            check_owner(&tree, &to, workspace).await?;
        }
        Ok(match mover {
            Mover::PlaceAccount => Plan::Move { from, to },
            Mover::Enroll => Plan::LeaveToEnrollment {
                organizational_unit_id: to,
            },
        })
    }

    async fn act(call: &Call, plan: Plan, world: &impl World) -> Result<Acted<Self>, Failure> {
        match plan {
            Plan::Stay {
                organizational_unit_id,
            }
            | Plan::LeaveToEnrollment {
                organizational_unit_id,
            } => Ok(not_moved(organizational_unit_id, Vec::new())),
            Plan::Move { from, to } => {
                let tree = world.organization(Door::Placement).await?;
                move_there(call, &tree, from, to, Vec::new()).await
            }
            Plan::MakeUnits(units) => {
                let tree = world.organization(Door::Placement).await?;
                make_and_move(call, &tree, units).await
            }
        }
    }

    fn foresee(_: &Call, plan: &Plan) -> Option<Done> {
        let (organizational_unit_id, moved) = match plan {
            Plan::Stay {
                organizational_unit_id,
            }
            | Plan::LeaveToEnrollment {
                organizational_unit_id,
            } => (organizational_unit_id, false),
            Plan::Move { to, .. } => (to, true),
            Plan::MakeUnits(_) => return None,
        };
        Some(Done {
            organizational_unit_id: organizational_unit_id.clone(),
            moved,
            created: Vec::new(),
        })
    }
}

fn missing(
    landing_zone: &LandingZone,
    mover: Mover,
    located: Located,
    from: ParentId,
) -> Result<Plan, Failure> {
    let on_demand = landing_zone.organizational_unit == OrganizationalUnitTarget::PerWorkspace;
    match mover {
        Mover::Enroll => Err(unknown_unit(&located).with_remedy(
            "create the organizational unit and register it with AWS Control Tower, or name another one",
        )),
        Mover::PlaceAccount if landing_zone.create_organizational_units || on_demand => {
            Ok(Plan::MakeUnits(MissingUnits {
                below: located.id,
                found: located.found,
                missing: located.missing,
                from,
            }))
        }
        Mover::PlaceAccount => Err(unknown_unit(&located)),
    }
}

async fn make_and_move(
    call: &Call,
    tree: &impl OrganizationalUnits,
    units: MissingUnits,
) -> Result<Acted<PlaceAccount>, Failure> {
    let mut to = units.below.clone();
    let mut created = Vec::new();
    for path in units.paths() {
        let (id, is_new) = ensure_unit(tree, &to, &path, workspace_of_unit(call)).await?;
        if is_new {
            created.push(path.join("/"));
        }
        to = id;
    }
    // Others may have made the units, and put the account there.
    let hierarchical = call.order.landing_zone.settings.hierarchical_assignment;
    if is_in_place(tree, &units.from, &to, hierarchical).await? {
        return Ok(not_moved(units.from, created));
    }
    move_there(call, tree, units.from, to, created).await
}

async fn move_there(
    call: &Call,
    tree: &impl OrganizationalUnits,
    from: ParentId,
    to: ParentId,
    created: Vec<String>,
) -> Result<Acted<PlaceAccount>, Failure> {
    let landing_zone = &call.order.landing_zone.settings;
    let account = &call.account.account_id;
    move_account(tree, landing_zone, account, from.clone(), &to).await?;
    tracing::info!(
        execution = call.execution.name(),
        %account,
        %from,
        %to,
        created = created.join(", "),
        "account moved"
    );
    Ok(Answer::Done(Done {
        organizational_unit_id: to,
        moved: true,
        created,
    }))
}

const fn not_moved(organizational_unit_id: ParentId, created: Vec<String>) -> Acted<PlaceAccount> {
    Answer::Done(Done {
        organizational_unit_id,
        moved: false,
        created,
    })
}

/// Makes the last unit of the path, or takes the one that is there by now; says whether it was made.
async fn ensure_unit(
    tree: &impl OrganizationalUnits,
    parent: &ParentId,
    path: &[String],
    workspace: Option<&WorkspaceIdentifier>,
) -> Result<(ParentId, bool), Failure> {
    let name = path.last().map_or("", String::as_str);
    match tree.create_unit(parent, name, workspace).await? {
        UnitCreation::Made(id) => return Ok((id.into(), true)),
        UnitCreation::NameTaken => {}
    }
    let units = tree.list_units(parent).await?;
    // AWS says that the name is taken: should it be by another letter case, that unit is the one.
    let taken = unit_named(&units, name).or_else(|| {
        units
            .iter()
            .find(|unit| is_same_but_for_case(&unit.name, name))
    });
    let Some(unit) = taken else {
        let path = path.join("/");
        let words = format!("the organizational unit {path:?} exists, but is not listed yet");
        return Err(Failure::new(ErrorName::ConcurrentModification, words));
    };
    let id = unit.id.clone().into();
    if let Some(workspace) = workspace {
        check_owner(tree, &id, workspace).await?;
    }
    Ok((id, false))
}

/// The workspace whose unit the account is to sit in. A unit that a document names is the operator's choice.
fn workspace_of_unit(call: &Call) -> Option<&WorkspaceIdentifier> {
    let target = &call.order.landing_zone.settings.organizational_unit;
    (*target == OrganizationalUnitTarget::PerWorkspace).then_some(&call.order.request.product_name)
}

/// Whoever chooses the name of a workspace would otherwise choose under which policies its accounts are.
async fn check_owner(
    tree: &impl OrganizationalUnits,
    unit: &ParentId,
    workspace: &WorkspaceIdentifier,
) -> Result<(), Failure> {
    let named = tree.find_workspace(unit).await?;
    if named.as_deref() == Some(workspace.as_str()) {
        return Ok(());
    }
    let words = format!(
        "the organizational unit {unit} has the name of the workspace, and its tag {OWNER_WORKSPACE_KEY} does not say that it \
         is the workspace's"
    );
    Err(Failure::new(ErrorName::NameTaken, words).with_remedy(format!(
        "look what the unit is for; if accounts of this workspace belong there, with its policies, give it the tag \
         {OWNER_WORKSPACE_KEY} with the workspace's identifier, else name another organizationalUnit in the landing zone; then \
         send the request again"
    )))
}

fn unknown_unit(located: &Located) -> Failure {
    let path = [&located.found[..], &located.missing[..1]]
        .concat()
        .join("/");
    let hint = located
        .near_miss
        .as_ref()
        .map_or(String::new(), |name| format!(", but {name:?} does"));
    Failure::new(
        ErrorName::UnknownOrganizationalUnit,
        format!("the organizational unit {path:?} does not exist{hint}"),
    )
}
