//! How long a step waits before it gives up, and how long between two looks.
//! Its own work and its turn among others have bounds of their own; neither count ever begins anew.

use crate::contract::call::Looks;
use crate::error::ErrorName;

/// The bounds of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For its own work.
    pub work: Wait,
    /// For its turn, where others may come first.
    pub turn: Option<Wait>,
    /// The name under which it gives up.
    pub gives_up: ErrorName,
}

/// So many looks, the first wait, what each adds, and the longest; in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    pub looks: u32,
    pub first: u32,
    pub growth: u32,
    pub longest: u32,
}

impl Wait {
    /// The wait after that look, counted from 1; the machine varies it by a quarter, so that many vends do not come together.
    #[must_use]
    pub const fn seconds(&self, look: u32) -> u32 {
        let grown = self.first + self.growth * look.saturating_sub(1);
        if grown < self.longest {
            grown
        } else {
            self.longest
        }
    }

    /// All waits together, as they are in the middle.
    #[must_use]
    pub fn total_seconds(&self) -> u32 {
        (1..self.looks).map(|look| self.seconds(look)).sum()
    }
}

impl Patience {
    /// The most answers that a step gives.
    #[must_use]
    pub fn most_looks(&self) -> u32 {
        self.work.looks + self.turn.map_or(0, |turn| turn.looks)
    }

    /// The longest that a step waits.
    #[must_use]
    pub fn total_seconds(&self) -> u32 {
        self.work.total_seconds() + self.turn.map_or(0, |turn| turn.total_seconds())
    }

    /// How long to wait after the looks that one answer has counted: what each of them waits; none: it is time to give up.
    #[must_use]
    pub fn wait(&self, before: Looks, after: Looks) -> Option<u32> {
        let turn = self.turn.unwrap_or(self.work);
        let is_left = after.work < self.work.looks && after.turn < turn.looks;
        is_left.then(|| {
            let work = (before.work + 1..=after.work).map(|look| self.work.seconds(look));
            let turns = (before.turn + 1..=after.turn).map(|look| turn.seconds(look));
            work.chain(turns).sum()
        })
    }
}
