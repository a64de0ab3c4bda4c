//! Moves the account to its organizational unit, or, where its enrollment moves it, only says which one that is.
//! Reads where the account sits and where it belongs, makes missing units if it may, and moves only if it must.

#[cfg(test)]
mod tests;
#[cfg(test)]
mod world;

use avm_core::config::{LandingZone, Mover};
use avm_core::contract::step::{Answer, OnAccount, StepRequest};
use avm_core::domain::{Account, OrganizationalUnitTarget, ParentId};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::organizational_units::{OrganizationTree, OrganizationalUnits, UnitCreation};
use avm_core::rules::placement::{
    Located, find_current_parent, is_in_place, is_same_but_for_case, locate, move_account,
};
use avm_core::rules::standing_accounts::StandingAccounts;
use futures_util::future::try_join;
use serde::{Deserialize, Serialize};

/// The name of the step: in failures and in the log.
pub const STEP: &str = "place-account";

/// What the state machine sends.
pub type Request = StepRequest<OnAccount>;
/// What it is answered.
pub type Response = Answer<Done>;

/// Where the account sits now, and what was done for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Done {
    /// The root or unit that the account sits in, or, where enroll moves it, is to sit in: the target, or one below it
    /// under hierarchical assignment.
    pub organizational_unit_id: ParentId,
    /// Whether it was moved.
    pub moved: bool,
    /// The units that were made on the way, as paths from the root.
    pub created: Vec<String>,
}

/// Brings the account to where its landing zone wants it. Where its enrollment moves it ([`Mover::Enroll`]), nothing is
/// written: the answer says where the account is to sit, and every unit of the path has to exist.
///
/// # Errors
/// Those of [`OrganizationalUnits`], and: `InvalidRequest` for an account that is never moved or a workspace
/// identifier that cannot name a unit, `UnknownOrganizationalUnit`, `AccountNotReady`, `ConcurrentModification`.
pub async fn handle(
    request: &Request,
    standing: &StandingAccounts,
    tree: &impl OrganizationalUnits,
) -> Result<Response, Failure> {
    let account = &request.rest.account;
    standing.refuse(&account.account_id, "Account.AccountId")?;
    let done = match request.order.landing_zone.settings.enrollment.mover() {
        Mover::PlaceAccount => place(request, tree, account).await,
        Mover::Enroll => resolve(request, tree, account).await,
    };
    done.map(Answer::Done)
        .map_err(|failure| failure.of_account(&account.account_id))
}

async fn place(
    request: &Request,
    tree: &impl OrganizationalUnits,
    account: &Account,
) -> Result<Done, Failure> {
    let landing_zone = &request.order.landing_zone.settings;
    let (located, current) = try_join(
        locate(tree, &request.order),
        find_current_parent(tree, &account.account_id),
    )
    .await?;
    let (target, created) = complete(tree, landing_zone, located).await?;
    let hierarchical = landing_zone.hierarchical_assignment;
    let moved = !is_in_place(tree, &current, &target, hierarchical).await?;
    if moved {
        let from = current.clone();
        move_account(tree, landing_zone, &account.account_id, from, &target).await?;
    }
    let organizational_unit_id = if moved { target } else { current };
    tracing::info!(
        execution = request.execution.name(),
        account = account.account_id.as_str(),
        organizational_unit = organizational_unit_id.as_str(),
        moved,
        created = created.join(", "),
        "account is in place"
    );
    Ok(Done {
        organizational_unit_id,
        moved,
        created,
    })
}

/// Finds where the account is to sit, without a write.
async fn resolve(
    request: &Request,
    tree: &impl OrganizationTree,
    account: &Account,
) -> Result<Done, Failure> {
    let (located, current) = try_join(
        locate(tree, &request.order),
        find_current_parent(tree, &account.account_id),
    )
    .await?;
    if !located.missing.is_empty() {
        return Err(unknown_unit(&located).with_remedy(
            "create the organizational unit and register it with AWS Control Tower, or name another one",
        ));
    }
    let target = located.id;
    let hierarchical = request.order.landing_zone.settings.hierarchical_assignment;
    let is_in_place = is_in_place(tree, &current, &target, hierarchical).await?;
    let organizational_unit_id = if is_in_place { current } else { target };
    tracing::info!(
        execution = request.execution.name(),
        account = account.account_id.as_str(),
        organizational_unit = organizational_unit_id.as_str(),
        is_in_place,
        "the enrollment brings the account to its place"
    );
    Ok(Done {
        organizational_unit_id,
        moved: false,
        created: Vec::new(),
    })
}

/// Makes the missing units of the target, if the landing zone says so, and names them.
async fn complete(
    tree: &impl OrganizationalUnits,
    landing_zone: &LandingZone,
    located: Located,
) -> Result<(ParentId, Vec<String>), Failure> {
    let on_demand = landing_zone.organizational_unit == OrganizationalUnitTarget::PerWorkspace;
    if !located.missing.is_empty() && !landing_zone.create_organizational_units && !on_demand {
        return Err(unknown_unit(&located));
    }
    let mut at = located.id;
    let mut path = located.found;
    let mut created = Vec::new();
    for name in located.missing {
        path.push(name);
        let (id, is_new) = ensure_unit(tree, &at, &path).await?;
        if is_new {
            created.push(path.join("/"));
        }
        at = id;
    }
    Ok((at, created))
}

/// Makes the last unit of the path, or takes the one that is there by now; says whether it was made.
async fn ensure_unit(
    tree: &impl OrganizationalUnits,
    parent: &ParentId,
    path: &[String],
) -> Result<(ParentId, bool), Failure> {
    let name = path.last().map_or("", String::as_str);
    match tree.create_unit(parent, name).await? {
        UnitCreation::Made(id) => Ok((id.into(), true)),
        UnitCreation::NameTaken => {
            let units = tree.list_units(parent).await?;
            // AWS says that the name is taken: should it be by another letter case, that unit is the one.
            let exact = units.iter().find(|unit| unit.name == name);
            let taken = exact.or_else(|| {
                units
                    .iter()
                    .find(|unit| is_same_but_for_case(&unit.name, name))
            });
            taken
                .map(|unit| (unit.id.clone().into(), false))
                .ok_or_else(|| {
                    Failure::new(
                        ErrorName::ConcurrentModification,
                        format!(
                            "the organizational unit {:?} exists, but is not listed yet",
                            path.join("/")
                        ),
                    )
                })
        }
    }
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
