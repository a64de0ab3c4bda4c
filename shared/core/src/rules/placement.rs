//! Where a landing zone wants an account, found in the tree of the organization, and the one way to move it there.
//! Names are compared in Unicode's normal form C: a unit whose name differs in letter case is another unit, until AWS says otherwise.

use std::borrow::Cow;

use icu_normalizer::ComposingNormalizerBorrowed;

use crate::config::LandingZone;
use crate::contract::order::Order;
use crate::domain::{AccountId, OrganizationalUnitTarget, ParentId};
use crate::error::{ErrorName, Failure};
use crate::ports::organizational_units::{
    Child, Move, OrganizationTree, OrganizationalUnit, OrganizationalUnits,
};

/// AWS Organizations: the longest name of a unit.
const LONGEST_UNIT_NAME: usize = 128;
/// Root and five levels of units (Organizations quota): a walk upwards is never longer.
const DEEPEST: usize = 6;

/// What a target is in the tree as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// The target itself, or the deepest part of its path that exists.
    pub id: ParentId,
    /// The names of the path that exist.
    pub found: Vec<String>,
    /// The names of the path that do not exist, from the top.
    pub missing: Vec<String>,
    /// A unit that exists where the first missing one should be, whose name differs in letter case only.
    pub near_miss: Option<String>,
}

impl Located {
    fn complete(id: ParentId) -> Self {
        Self {
            id,
            found: Vec::new(),
            missing: Vec::new(),
            near_miss: None,
        }
    }
}

/// Finds the target of an order's landing zone, in the organization that has `inside`. An id is taken as it is, without a call.
///
/// # Errors
/// `InvalidRequest` for a workspace identifier that cannot be the name of a unit.
pub async fn locate(
    tree: &impl OrganizationTree,
    order: &Order,
    inside: &ParentId,
) -> Result<Located, Failure> {
    let root = inside.root();
    match &order.landing_zone.settings.organizational_unit {
        OrganizationalUnitTarget::Id(id) => Ok(Located::complete(id.clone())),
        OrganizationalUnitTarget::Root => Ok(Located::complete(root)),
        OrganizationalUnitTarget::Path(names) => locate_path(tree, root, names).await,
        OrganizationalUnitTarget::PerWorkspace => {
            locate_path(tree, root, &[workspace_unit(order)?]).await
        }
    }
}

fn workspace_unit(order: &Order) -> Result<String, Failure> {
    let name = order.request.product_name.as_str();
    if name.chars().count() <= LONGEST_UNIT_NAME {
        Ok(name.to_owned())
    } else {
        Err(Failure::new(
            ErrorName::InvalidRequest,
            format!(
                "ProductName is longer than the {LONGEST_UNIT_NAME} characters of an organizational unit's name, \
                 and the landing zone has one unit per workspace"
            ),
        ))
    }
}

/// Follows the names from the root downwards. A slash may also be part of a name: where `CI/CD` is one unit, it is found as one.
async fn locate_path(
    tree: &impl OrganizationTree,
    root: ParentId,
    names: &[String],
) -> Result<Located, Failure> {
    let mut open = vec![(root, 0)];
    let mut nearest = None;
    while let Some((id, depth)) = open.pop() {
        if depth == names.len() {
            return Ok(Located {
                found: names.to_vec(),
                ..Located::complete(id)
            });
        }
        let units = tree.list_units(&id).await?;
        let before = open.len();
        // The unit of one name is pushed last, and so followed first.
        for end in (depth + 1..=names.len()).rev() {
            let name = names[depth..end].join("/");
            if let Some(unit) = unit_named(&units, &name) {
                open.push((unit.id.clone().into(), end));
            }
        }
        let is_deepest = |nearest: &Located| depth > nearest.found.len();
        if open.len() == before && nearest.as_ref().is_none_or(is_deepest) {
            let near_miss = units
                .into_iter()
                .find(|unit| is_same_but_for_case(&unit.name, &names[depth]));
            nearest = Some(Located {
                id,
                found: names[..depth].to_vec(),
                missing: names[depth..].to_vec(),
                near_miss: near_miss.map(|unit| unit.name),
            });
        }
    }
    // Whatever is not complete has ended somewhere.
    nearest.ok_or_else(|| Failure::new(ErrorName::Internal, "a path of units leads nowhere"))
}

/// The unit of that name: in this very spelling, else in another one of the same text.
pub fn unit_named<'a>(
    units: &'a [OrganizationalUnit],
    name: &str,
) -> Option<&'a OrganizationalUnit> {
    let exact = units.iter().find(|unit| unit.name == name);
    exact.or_else(|| {
        let wanted = normal(name);
        units.iter().find(|unit| normal(&unit.name) == wanted)
    })
}

/// Whether two names are the same in some letter case.
pub fn is_same_but_for_case(one: &str, other: &str) -> bool {
    normal(one).to_lowercase() == normal(other).to_lowercase()
}

/// Unicode's normal form C: `ö` is one letter or an `o` with a mark, whoever types it.
fn normal(name: &str) -> Cow<'_, str> {
    ComposingNormalizerBorrowed::new_nfc().normalize(name)
}

/// Whether what sits in `parent` sits where the landing zone wants it: in the target itself, or, with
/// hierarchical assignment, anywhere below it.
pub async fn is_in_place(
    tree: &impl OrganizationTree,
    parent: &ParentId,
    target: &ParentId,
    hierarchical: bool,
) -> Result<bool, Failure> {
    if parent == target {
        return Ok(true);
    }
    if !hierarchical || parent.is_root() {
        return Ok(false);
    }
    if target.is_root() {
        return Ok(true);
    }
    let mut at = parent.clone();
    for _ in 0..DEEPEST {
        match tree.find_parent(Child::Unit(&at)).await? {
            Some(above) if above == *target => return Ok(true),
            Some(above) if !above.is_root() => at = above,
            _ => return Ok(false),
        }
    }
    Ok(false)
}

/// What the account sits in. An earlier step has seen the account, so a tree that does not show it lags behind.
pub async fn find_current_parent(
    tree: &impl OrganizationTree,
    account: &AccountId,
) -> Result<ParentId, Failure> {
    let parent = tree.find_parent(Child::Account(account)).await?;
    parent.ok_or_else(|| {
        Failure::new(
            ErrorName::AccountNotReady,
            "AWS Organizations does not show where the account sits",
        )
    })
}

/// Moves the account; if it has left its parent in the meantime, tries once more from its new parent.
///
/// # Errors
/// `UnknownOrganizationalUnit` for a destination that the landing zone names by an id that does not exist,
/// `ConcurrentModification` where others move or delete at the same time.
pub async fn move_account(
    units: &impl OrganizationalUnits,
    landing_zone: &LandingZone,
    account: &AccountId,
    mut from: ParentId,
    to: &ParentId,
) -> Result<(), Failure> {
    for _ in 0..2 {
        match units.move_account(account, &from, to).await? {
            Move::Arrived => return Ok(()),
            Move::DestinationGone => return Err(destination_gone(landing_zone, to)),
            Move::SourceGone => from = find_current_parent(units, account).await?,
        }
        if from == *to {
            return Ok(());
        }
    }
    Err(Failure::new(
        ErrorName::ConcurrentModification,
        "the account was moved by somebody else at the same time",
    ))
}

fn destination_gone(landing_zone: &LandingZone, to: &ParentId) -> Failure {
    if matches!(
        landing_zone.organizational_unit,
        OrganizationalUnitTarget::Id(_)
    ) {
        Failure::new(
            ErrorName::UnknownOrganizationalUnit,
            format!("the organization has no root or unit {to}"),
        )
    } else {
        Failure::new(
            ErrorName::ConcurrentModification,
            format!("{to} was there and is not visible now"),
        )
    }
}
