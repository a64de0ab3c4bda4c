//! The root, the units below it, and where accounts sit.
//! Whether names that differ in letter case are one unit is not documented: both ways are here.

use avm_core::domain::{AccountId, ParentId, WorkspaceIdentifier};
use avm_core::error::Failure;
use avm_core::ports::organizational_units::{
    Child, Move, OrganizationTree, OrganizationalUnit, OrganizationalUnits, UnitCreation,
    UnitDirectory,
};

use super::State;
use crate::in_call::Behind;

/// The id of the root.
pub const ROOT: &str = "r-ab12";

/// A unit; its id is that of its number, counted from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    pub id: ParentId,
    pub parent: ParentId,
    pub name: String,
    /// The tag that names the workspace that it was made for.
    pub workspace: Option<String>,
}

/// The id of the root.
pub fn root() -> ParentId {
    ROOT.parse().unwrap()
}

/// The id of the unit that was made as that one, counted from 1.
pub fn unit_id(number: usize) -> ParentId {
    format!("ou-ab12-{number:08}").parse().unwrap()
}

impl State {
    /// The unit of that path, made with whatever is missing above it; `/` is the root.
    pub fn add_unit(&mut self, path: &str) -> ParentId {
        let mut at = root();
        for name in path.split('/').filter(|name| !name.is_empty()) {
            at = match self.below(&at, name) {
                Some(unit) => unit.id.clone(),
                None => self.make_unit(&at, name, None),
            };
        }
        at
    }

    /// The unit of that path, if there is one.
    pub fn unit(&self, path: &str) -> Option<ParentId> {
        let names = path.split('/').filter(|name| !name.is_empty());
        names.into_iter().try_fold(root(), |at, name| {
            self.below(&at, name).map(|unit| unit.id.clone())
        })
    }

    /// The path of a unit from the root, which is `/`; none where it does not exist.
    pub fn path(&self, parent: &ParentId) -> Option<String> {
        if parent.is_root() {
            return (*parent == root()).then(|| "/".to_owned());
        }
        let unit = self.units.iter().find(|unit| unit.id == *parent)?;
        let above = self.path(&unit.parent)?;
        Some(format!("{}/{}", above.trim_end_matches('/'), unit.name))
    }

    fn below(&self, parent: &ParentId, name: &str) -> Option<&Unit> {
        let mut units = self.units.iter();
        units.find(|unit| unit.parent == *parent && unit.name == name)
    }

    fn make_unit(&mut self, parent: &ParentId, name: &str, workspace: Option<&str>) -> ParentId {
        let id = unit_id(self.units.len() + 1);
        self.units.push(Unit {
            id: id.clone(),
            parent: parent.clone(),
            name: name.to_owned(),
            workspace: workspace.map(str::to_owned),
        });
        id
    }

    fn is_name_taken(&self, parent: &ParentId, name: &str) -> bool {
        self.units.iter().any(|unit| {
            unit.parent == *parent
                && (unit.name == name || self.ignores_case && unit.name.eq_ignore_ascii_case(name))
        })
    }

    fn parent_of(&self, child: Child<'_>) -> Option<ParentId> {
        match child {
            Child::Account(id) => self.visible(id)?.parent.clone(),
            Child::Unit(id) => {
                let unit = self.units.iter().find(|unit| unit.id == *id);
                unit.map(|unit| unit.parent.clone())
            }
        }
    }

    fn move_from(&mut self, account: &AccountId, from: &ParentId, to: &ParentId) -> Move {
        if !self.moved_by_others.is_empty() {
            let there = self.moved_by_others.remove(0);
            self.put_into(account, &there);
        }
        let at = self.parent(account);
        if self.path(to).is_none() {
            Move::DestinationGone
        } else if at == Some(to) {
            Move::Arrived
        } else if at != Some(from) {
            Move::SourceGone
        } else {
            self.put_into(account, to);
            Move::Arrived
        }
    }
}

impl OrganizationTree for Behind<'_> {
    async fn list_units(&self, parent: &ParentId) -> Result<Vec<OrganizationalUnit>, Failure> {
        let words = format!("organizations:ListOrganizationalUnitsForParent {parent}");
        self.read(words, |state| {
            let state = &state.organizations;
            let units = state.units.iter();
            let below = units.filter(|unit| !state.units_unlisted && unit.parent == *parent);
            Ok(below
                .map(|unit| OrganizationalUnit {
                    id: unit.id.as_str().parse().unwrap(),
                    name: unit.name.clone(),
                })
                .collect())
        })
    }

    async fn find_parent(&self, child: Child<'_>) -> Result<Option<ParentId>, Failure> {
        let words = format!("organizations:ListParents {}", child.id());
        self.read(words, |state| Ok(state.organizations.parent_of(child)))
    }
}

impl UnitDirectory for Behind<'_> {
    async fn find_unit_name(&self, unit: &ParentId) -> Result<Option<String>, Failure> {
        let words = format!("organizations:DescribeOrganizationalUnit {unit}");
        self.read(words, |state| {
            let mut units = state.organizations.units.iter();
            let found = units.find(|found| found.id == *unit);
            Ok(found.map(|found| found.name.clone()))
        })
    }
}

impl OrganizationalUnits for Behind<'_> {
    async fn create_unit(
        &self,
        parent: &ParentId,
        name: &str,
        workspace: Option<&WorkspaceIdentifier>,
    ) -> Result<UnitCreation, Failure> {
        let words = format!("organizations:CreateOrganizationalUnit {name}");
        self.write(words, |state| {
            let state = &mut state.organizations;
            if state.is_name_taken(parent, name) {
                return Ok(UnitCreation::NameTaken);
            }
            let workspace = workspace.map(WorkspaceIdentifier::as_str);
            let id = state.make_unit(parent, name, workspace);
            Ok(UnitCreation::Made(id.as_str().parse().unwrap()))
        })
    }

    async fn find_workspace(&self, unit: &ParentId) -> Result<Option<String>, Failure> {
        let words = format!("organizations:ListTagsForResource {unit}");
        self.read(words, |state| {
            let mut units = state.organizations.units.iter();
            let found = units.find(|found| found.id == *unit);
            Ok(found.and_then(|found| found.workspace.clone()))
        })
    }

    async fn move_account(
        &self,
        account: &AccountId,
        from: &ParentId,
        to: &ParentId,
    ) -> Result<Move, Failure> {
        let words = format!("organizations:MoveAccount {account} to {to}");
        self.write(words, |state| {
            let moved = state.organizations.move_from(account, from, to);
            if moved == Move::Arrived {
                state.follow_move(account);
            }
            Ok(moved)
        })
    }
}
