//! Filling the shelf of the reports: documents first, the pointer last, so that a reader finds a whole month or the one before.
//! A pointer is replaced only if it still is what this run has read; whoever comes second gives way.

use avm_core::config::Metering;
use avm_core::domain::Month;
use avm_core::error::{ErrorName, Failure};
use avm_metering::documents::{Manifest, Pointer, PointerSchema, Status, read, text_of};
use avm_metering::money::Cents;
use avm_metering::ports::{ReportStore, Swap};
use avm_metering::publish::{Documents, Edition, Publication};
use avm_metering::shelf::{Placed, Shelf, pointer_key};
use avm_metering::time::Moment;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};

use crate::Clock;

/// How many documents are written at a time.
const AT_ONCE: usize = 32;
/// How often a pointer is tried to be replaced.
const TRIES: u8 = 2;

/// What requests cost, in US dollars: a cent each.
pub fn price(requests: u32) -> Cents {
    Cents::of(requests.into())
}

fn check_key(month: Month) -> String {
    format!("checks/{month}.json")
}

/// When a final month was compared with Cost Explorer last.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Check {
    month: Month,
    checked_at: Moment,
}

/// What is published of a month.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// Its documents expire; the pointer stays.
    estimated: Option<(Placed, Option<Manifest>)>,
    last: Option<(Placed, Manifest)>,
}

impl State {
    /// The manifest of the final month.
    pub fn final_manifest(&self) -> Option<&Manifest> {
        self.last.as_ref().map(|(_, manifest)| manifest)
    }

    /// The manifest of the estimated month.
    pub fn estimated_manifest(&self) -> Option<&Manifest> {
        self.estimated.as_ref()?.1.as_ref()
    }

    /// The settings of the month: a final one keeps its own, unless it is made anew on demand.
    pub fn settings(&self, today: &Metering, recompute: bool) -> Metering {
        match self.final_manifest() {
            Some(manifest) if !recompute => manifest.settings(today),
            _ => today.clone(),
        }
    }
}

/// When a run came, and what its requests were.
#[derive(Clone, Copy)]
pub struct Visit<'a> {
    pub started: Moment,
    pub now: &'a Clock<'a>,
    pub requests: u32,
}

/// The documents of a run, and what has become of them.
pub struct Published {
    pub documents: Documents,
    pub outcome: Outcome,
}

/// What has become of a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    New,
    /// It is what it was.
    Same,
    /// It is final, and what was read today cannot replace it.
    Left,
    /// Another run was later, or faster.
    GaveWay,
}

impl Published {
    /// For the log.
    pub const fn words(&self) -> &'static str {
        match (self.outcome, self.documents.manifest.status) {
            (Outcome::New, Status::Estimated) => "estimated",
            (Outcome::New, Status::Final) => "final",
            (Outcome::Same, _) => "unchanged",
            (Outcome::Left, _) => "final, left alone",
            (Outcome::GaveWay, _) => "published by another run",
        }
    }
}

/// The side of the shelf from which it is filled.
pub struct Publisher<'a, S> {
    pub shelf: Shelf<'a, S>,
}

impl<S: ReportStore> Publisher<'_, S> {
    /// What is published of a month.
    pub async fn state(&self, month: Month) -> Result<State, Failure> {
        let mut found = State::default();
        if let Some(placed) = self.shelf.find_pointer(Status::Estimated, month).await? {
            let manifest = self.shelf.manifest(&placed.pointer).await?;
            found.estimated = Some((placed, manifest));
        }
        if let Some(placed) = self.shelf.find_pointer(Status::Final, month).await? {
            let manifest = self.shelf.manifest(&placed.pointer).await?;
            found.last = manifest.map(|manifest| (placed, manifest));
        }
        Ok(found)
    }

    /// When the final month was compared last, after it was published.
    pub async fn last_check(&self, month: Month) -> Result<Option<Moment>, Failure> {
        let key = check_key(month);
        let Some(stored) = self.shelf.store.find(&key).await? else {
            return Ok(None);
        };
        let check: Check = read(&key, &stored.text)?;
        Ok(Some(check.checked_at))
    }

    /// Publishes a month, if it is new: as `edition` where it is not final, else as the next version.
    pub async fn publish(
        &self,
        publication: Publication<'_>,
        state: &State,
        edition: Edition,
        visit: Visit<'_>,
    ) -> Result<Published, Failure> {
        let month = publication.bill.month;
        let Some((placed, manifest)) = &state.last else {
            let documents = Documents::of(publication, edition)?;
            let was = state.estimated.as_ref();
            let was = was.filter(|_| edition.status == Status::Estimated);
            // What has expired is written again.
            if was.is_some_and(|(placed, kept)| kept.is_some() && is_at(&documents, placed)) {
                let outcome = Outcome::Same;
                return Ok(Published { documents, outcome });
            }
            let was = was.map(|(placed, _)| placed);
            return self.place(documents, was, visit).await;
        };
        let same = Edition {
            status: Status::Final,
            version: manifest.version,
            supersedes: manifest.supersedes,
        };
        let documents = Documents::of(publication, same)?;
        let is_same = documents.manifest_sha256 == placed.pointer.sha256;
        if !is_same && !publication.bill.is_settled() {
            let outcome = Outcome::Left;
            return Ok(Published { documents, outcome });
        }
        let published = if is_same {
            let outcome = Outcome::Same;
            Published { documents, outcome }
        } else {
            let next = Documents::of(publication, Edition::after(manifest.version))?;
            self.place(next, Some(placed), visit).await?
        };
        let check = Check {
            month,
            checked_at: visit.started,
        };
        self.shelf
            .store
            .put(&check_key(month), &text_of(&check)?)
            .await?;
        Ok(published)
    }

    /// Writes documents, the pointer last.
    async fn place(
        &self,
        documents: Documents,
        was: Option<&Placed>,
        visit: Visit<'_>,
    ) -> Result<Published, Failure> {
        stream::iter(documents.entries())
            .map(|(key, text)| async move { self.shelf.store.put(&key, text).await })
            .buffer_unordered(AT_ONCE)
            .try_collect::<()>()
            .await?;
        self.shelf
            .store
            .put(&documents.manifest_key(), &documents.manifest_text)
            .await?;
        let outcome = self.point(&documents, was, visit).await?;
        Ok(Published { documents, outcome })
    }

    async fn point(
        &self,
        documents: &Documents,
        was: Option<&Placed>,
        visit: Visit<'_>,
    ) -> Result<Outcome, Failure> {
        let mut pointer = pointer_to(documents, visit)?;
        let key = pointer_key(pointer.status, pointer.month);
        let mut was = was.cloned();
        for _ in 0..TRIES {
            if pointer.status == Status::Final {
                let versions = was.as_ref().map(|placed| placed.pointer.with_itself());
                pointer.replaced = versions.unwrap_or_default();
            }
            let text = text_of(&pointer)?;
            let etag = was.as_ref().map(|placed| &placed.etag);
            if self.shelf.store.swap(&key, &text, etag).await? == Swap::Done {
                return Ok(Outcome::New);
            }
            was = self
                .shelf
                .find_pointer(pointer.status, pointer.month)
                .await?;
            let found = was.as_ref().map(|placed| &placed.pointer);
            if found.is_some_and(|found| gives_way(&pointer, found)) {
                return Ok(Outcome::GaveWay);
            }
        }
        let words = format!("{key} is changed by others again and again");
        Err(Failure::new(ErrorName::ConcurrentModification, words))
    }
}

/// Whether a pointer leads to these documents.
fn is_at(documents: &Documents, placed: &Placed) -> bool {
    placed.pointer.sha256 == documents.manifest_sha256
        && placed.pointer.manifest == documents.manifest_key()
}

/// Whether a pointer must not replace the one that was found: that has the same documents, comes from a run that began later,
/// or is a version that this one does not follow.
fn gives_way(mine: &Pointer, found: &Pointer) -> bool {
    if mine.manifest == found.manifest {
        return true;
    }
    match mine.status {
        Status::Estimated => found.started_at >= mine.started_at,
        Status::Final => found.version + 1 != mine.version,
    }
}

fn pointer_to(documents: &Documents, visit: Visit<'_>) -> Result<Pointer, Failure> {
    let manifest = &documents.manifest;
    Ok(Pointer {
        schema: PointerSchema::V1,
        month: manifest.month,
        status: manifest.status,
        version: manifest.version,
        manifest: documents.manifest_key(),
        sha256: documents.manifest_sha256.clone(),
        started_at: visit.started,
        published_at: visit.now.moment()?,
        requests: visit.requests,
        request_cost: price(visit.requests),
        replaced: Vec::new(),
    })
}
