//! What came of each region, and the one answer that follows from all of them.
//! While a region may still become good the answer is "pending"; what remains is told when no region is open any more.

use std::collections::{BTreeMap, BTreeSet};

use avm_core::contract::step::Answer;
use avm_core::domain::{DefaultVpc, Region, VpcId};
use avm_core::error::{ErrorName, Failure, Kind};
use avm_core::ports::default_vpcs::Look;

use crate::remains::{self, Remaining, grouped};
use crate::{Done, Progress, Request, Response};

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
    /// The outcome of a look, or the VPC that is to be deleted.
    pub(crate) fn of_look(look: Result<Look, Failure>) -> Result<Self, DefaultVpc> {
        match look {
            Ok(Look::Nothing) => Ok(Self::Clean),
            Ok(Look::Closed(_)) => Ok(Self::Closed),
            Ok(Look::Found(vpc)) => Err(vpc),
            Err(failure) => Ok(Self::failed(None, failure)),
        }
    }

    /// Takes nothing for granted where other regions have a default VPC: AWS makes those of a new account, or of a region
    /// that was just enabled, in its own time, and shows them late. Such a region is looked at once more.
    pub(crate) fn doubt(&mut self) {
        if *self == Self::Clean {
            *self = Self::NotNow {
                words: "no default VPC shows, though other regions have one".to_owned(),
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
    request: &'a Request,
    outcomes: BTreeMap<Region, Outcome>,
    done: Done,
}

impl<'a> Report<'a> {
    pub(crate) fn of(request: &'a Request, outcomes: BTreeMap<Region, Outcome>) -> Self {
        let mut done = match &request.progress {
            Some(progress) => progress.done.clone(),
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
        if let Some(progress) = &request.progress {
            let clean = with(&Outcome::Clean);
            let begun = |region: &Region| progress.begun.contains(region);
            done.deleted.extend(clean.into_iter().filter(begun));
        }
        done.closed.extend(with(&Outcome::Closed));
        Self {
            request,
            outcomes,
            done,
        }
    }

    /// Pending, failed or done.
    ///
    /// # Errors
    /// `DefaultVpcsRemain`, or `AccessDenied` where nothing but rights is missing.
    pub(crate) fn answer(self) -> Result<Response, Failure> {
        let open = self.open();
        if !open.is_empty() {
            return Ok(Answer::Pending {
                waiting_for: format!("default VPCs: {}", grouped(open)),
                progress: self.progress(),
            });
        }
        if let Some(failure) = self.failure() {
            return Err(failure);
        }
        tracing::info!(
            execution = self.request.execution.name(),
            account = self.request.rest.account.account_id.as_str(),
            regions = self.done.regions,
            deleted = named(&self.done.deleted),
            closed = named(&self.done.closed),
            "no default VPC is left"
        );
        Ok(Answer::Done(self.done))
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
    fn progress(self) -> Progress {
        let earlier = self.request.progress.as_ref();
        let mut kept = earlier.map_or_else(BTreeSet::new, |progress| progress.kept.clone());
        let mut begun = earlier.map_or_else(BTreeSet::new, |progress| progress.begun.clone());
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
        Progress {
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
        remains::failure(&remaining, &self.request.order.platform.account_access_role)
    }
}

fn named(regions: &BTreeSet<Region>) -> String {
    let names: Vec<&str> = regions.iter().map(Region::as_str).collect();
    names.join(", ")
}
