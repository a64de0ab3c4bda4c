//! The kit of faults: a call that fails before or after its effect, reads that show an older state, refusals by name.
//! A fault that was never met is a mistake of the test, which [`Faults::is_used_up`] tells.

use avm_core::error::{ErrorName, Failure};

/// What happens to a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It fails, and nothing has happened.
    Before,
    /// It has its effect, and the answer is lost.
    After,
}

impl Fault {
    pub const ALL: [Self; 2] = [Self::Before, Self::After];
}

/// All faults of a world.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// The number of a write, from 0, and what happens to it.
    pub(crate) write: Option<(usize, Fault)>,
    /// So many of the next reads show the state before the last write.
    pub(crate) stale_reads: usize,
    /// The only reads that are stale: those whose words begin so; empty: all.
    pub(crate) stale_words: String,
    /// Calls whose words begin so fail; how often, or always.
    pub(crate) refusals: Vec<Refusal>,
}

#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) words: String,
    pub(crate) times: Option<usize>,
    pub(crate) failure: Failure,
}

impl Faults {
    /// Whether every fault has been met.
    pub fn is_used_up(&self) -> bool {
        self.write.is_none() && self.stale_reads == 0
    }

    pub(crate) fn refuse(&mut self, words: &str) -> Result<(), Failure> {
        let found = self
            .refusals
            .iter_mut()
            .find(|refusal| words.starts_with(&refusal.words) && refusal.times != Some(0));
        let Some(refusal) = found else { return Ok(()) };
        refusal.times = refusal.times.map(|times| times - 1);
        Err(refusal.failure.clone())
    }
}

/// What a lost answer looks like.
pub fn no_answer() -> Failure {
    Failure::new(ErrorName::ServiceUnavailable, "the connection was cut")
}
