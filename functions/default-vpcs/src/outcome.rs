//! What came of each region, and the one answer that follows from all of them.
//! While a region may still become good the answer is "working"; what remains is told when no region is open any more.

use std::collections::{BTreeMap, BTreeSet};

use avm_core::contract::answer::Answer;
use avm_core::domain::{Region, VpcId};
use avm_core::error::{ErrorName, Failure, Kind};
use avm_core::step::Acted;

use crate::remains::{self, Remaining, grouped};
use crate::{Call, DefaultVpcs, Done, Notes};

/// What came of a region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It had no default VPC.
    Clean,
    /// Its default VPC is deleted.
    Deleted,
    /// A service control policy closes it.
    Closed,
    /// It could not be worked on now.
    NotNow {
        /// In words.
        words: String,
        /// Whether its default VPC was being deleted, so that nobody knows what is left of it.
        is_begun: bool,
    },
    /// AWS kept the VPC for a dependency that may be gone already; in words.
    Kept(String),
    /// It stays as it is.
    Remains {
        /// Its default VPC, if it could be seen.
        vpc: Option<VpcId>,
        /// Why.
        failure: Failure,
    },
}

impl Outcome {
    /// A region that shows no default VPC is looked at once more, for that reason.
    pub(crate) fn doubt(&mut self, words: &str) {
        if *self == Self::Clean {
            *self = Self::NotNow {
                words: words.to_owned(),
                is_begun: false,
            };
        }
    }

    /// The outcome of a failure: open where it may pass, for good otherwise.
    pub(crate) fn failed(vpc: Option<VpcId>, failure: Failure) -> Self {
        if failure.name().kind() == Kind::Busy {
            Self::NotNow {
                words: failure.cause().to_owned(),
                is_begun: vpc.is_some(),
            }
        } else {
            Self::Remains { vpc, failure }
        }
    }

    /// The outcome for a VPC that somebody uses.
    pub(crate) fn in_use(vpc: VpcId, words: String) -> Self {
        Self::Remains {
            vpc: Some(vpc),
            failure: Failure::new(ErrorName::DefaultVpcsRemain, words),
        }
    }
}

/// The outcomes of all regions, with what earlier calls have done.
pub(crate) struct Report<'a> {
    call: &'a Call,
    outcomes: BTreeMap<Region, Outcome>,
    done: Done,
}

impl<'a> Report<'a> {
    pub(crate) fn new(call: &'a Call, outcomes: BTreeMap<Region, Outcome>) -> Self {
        let mut done = match call.notes() {
            Some(notes) => notes.done.clone(),
            None => Done {
                regions: outcomes.len(),
                ..Done::default()
            },
        };
        let with = |wanted: &Outcome| {
            let regions = outcomes.iter().filter(|(_, outcome)| *outcome == wanted);
            regions
                .map(|(region, _)| region.clone())
                .collect::<Vec<_>>()
        };
        done.deleted.extend(with(&Outcome::Deleted));
        if let Some(notes) = call.notes() {
            let clean = with(&Outcome::Clean);
            let begun = |region: &Region| notes.begun.contains(region);
            done.deleted.extend(clean.into_iter().filter(begun));
        }
        done.closed.extend(with(&Outcome::Closed));
        Self {
            call,
            outcomes,
            done,
        }
    }

    /// Working, failed or done. Fails with `DefaultVpcsRemain`, or `AccessDenied` where nothing but rights is missing.
    pub(crate) fn answer(self) -> Result<Acted<DefaultVpcs>, Failure> {
        let open = self.open();
        if !open.is_empty() {
            return Ok(Answer::Working {
                waiting_for: format!("default VPCs: {}", grouped(open)),
                notes: self.notes(),
            });
        }
        match self.failure() {
            Some(failure) => Err(failure),
            None => Ok(Answer::Done(self.done)),
        }
    }

    /// The regions that may still become good, each with what keeps it.
    fn open(&self) -> Vec<(String, &str)> {
        self.outcomes
            .iter()
            .filter_map(|(region, outcome)| match outcome {
                Outcome::NotNow { words, .. } | Outcome::Kept(words) => {
                    Some((region.to_string(), words.as_str()))
                }
                _ => None,
            })
            .collect()
    }

    /// What remains is looked at again, too: it costs a read, and somebody may have seen to it.
    fn notes(self) -> Notes {
        let earlier = self.call.notes();
        let mut kept = earlier.map_or_else(BTreeSet::new, |notes| notes.kept.clone());
        let mut begun = earlier.map_or_else(BTreeSet::new, |notes| notes.begun.clone());
        let mut regions = BTreeSet::new();
        for (region, outcome) in self.outcomes {
            match outcome {
                Outcome::Clean | Outcome::Deleted | Outcome::Closed => continue,
                Outcome::Kept(_) => {
                    kept.insert(region.clone());
                    begun.insert(region.clone());
                }
                Outcome::NotNow { is_begun: true, .. } => {
                    begun.insert(region.clone());
                }
                Outcome::NotNow { .. } | Outcome::Remains { .. } => {}
            }
            regions.insert(region);
        }
        for some in [&mut kept, &mut begun] {
            some.retain(|region| regions.contains(region));
        }
        Notes {
            regions,
            kept,
            begun,
            done: self.done,
        }
    }

    fn failure(&self) -> Option<Failure> {
        let remaining: Vec<Remaining<'_>> = self
            .outcomes
            .iter()
            .filter_map(|(region, outcome)| match outcome {
                Outcome::Remains { vpc, failure } => Some(Remaining {
                    region,
                    vpc: vpc.as_ref(),
                    failure,
                }),
                _ => None,
            })
            .collect();
        remains::failure(&remaining)
    }
}
