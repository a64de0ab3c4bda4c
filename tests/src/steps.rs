//! All steps in one place: what each says of itself, in the order of a vend.
//! And what its doors ask for: the roles that its function may assume.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use avm_core::doors::{Behind, Door, DoorRow};
use avm_core::step::{Patience, Step};
use plan::{EachStep, each_step};

/// The folder of what meters.
pub const METERING: &str = "metering";

/// What a step says of itself.
#[derive(Clone, Copy)]
pub struct StepFacts {
    pub name: &'static str,
    pub doors: &'static [Door],
    pub proves_caller: bool,
    pub patience: Option<Patience>,
}

const fn facts<S: Step>() -> StepFacts {
    StepFacts {
        name: S::NAME,
        doors: S::DOORS,
        proves_caller: S::PROVES_CALLER,
        patience: S::PATIENCE,
    }
}

/// Every step, in the order of a vend.
pub static STEPS: LazyLock<Vec<StepFacts>> = LazyLock::new(|| {
    let mut facts = Facts(Vec::new());
    each_step(&mut facts);
    facts.0
});

struct Facts(Vec<StepFacts>);

impl EachStep for Facts {
    fn visit<S: Step + 'static>(&mut self) {
        self.0.push(facts::<S>());
    }
}

/// The step of that name, which is the name of its folder.
pub fn step(name: &str) -> Option<&'static StepFacts> {
    STEPS.iter().find(|step| step.name == name)
}

/// The doors that the function of a folder opens: those of its step; the plan's lead to all that steps look at; what looks at
/// all accounts at night, and what meters, are no steps and have one of their own.
pub fn doors(folder: &str) -> BTreeSet<Door> {
    match folder {
        plan::NAME => {
            let doors = STEPS.iter().flat_map(|step| step.doors);
            doors.map(|door| door.to_look()).collect()
        }
        stopped_vend::NAME => stopped_vend::DOORS.iter().copied().collect(),
        reconcile::NAME => reconcile::DOORS.iter().copied().collect(),
        METERING => [Door::Metering].into(),
        _ => {
            let doors = step(folder).map_or(&[][..], |step| step.doors);
            doors.iter().copied().collect()
        }
    }
}

/// The doors up to that one, the first one first.
pub fn way_to(door: Door) -> Vec<&'static DoorRow> {
    let mut way = door.row().through.map_or_else(Vec::new, way_to);
    way.push(door.row());
    way
}

/// The rows of all doors on the ways of a function.
pub fn rows(folder: &str) -> Vec<&'static DoorRow> {
    let mut rows: Vec<&DoorRow> = Vec::new();
    for row in doors(folder).into_iter().flat_map(way_to) {
        if rows.iter().all(|known| known.door != row.door) {
            rows.push(row);
        }
    }
    rows
}

/// The roles that the function of a folder assumes itself: those at the beginning of its ways.
pub fn assumed(folder: &str) -> BTreeSet<&'static str> {
    let firsts = rows(folder).into_iter().filter(|row| row.through.is_none());
    firsts
        .filter_map(|row| match row.behind {
            Behind::Own => None,
            Behind::Management(role) | Behind::Member(role) => Some(role),
            Behind::AccessRole => {
                panic!("the access role is entered through the management account")
            }
        })
        .collect()
}
