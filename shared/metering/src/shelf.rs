//! The shelf of the reports, as readers see it: a pointer, the manifest that it names, the documents that that one names.
//! Each is held against its digest, so that nobody reads a part of one run and a part of another.

use std::collections::BTreeMap;

use avm_core::domain::{Month, sha256};
use avm_core::error::{ErrorName, Failure};

use crate::check::StoredMonth;
use crate::documents::{Manifest, Pointer, Replaced, Status, read};
use crate::ports::{ETag, ReportStore};
use crate::publish::{CSV, account_key};

/// The key of a pointer.
pub fn pointer_key(status: Status, month: Month) -> String {
    format!("current/{}/{month}.json", status.as_str())
}

/// A pointer where it lies.
#[derive(Clone, Debug)]
pub struct Placed {
    pub pointer: Pointer,
    pub etag: ETag,
}

/// The store, as months are kept in it.
pub struct Shelf<'a, S> {
    pub store: &'a S,
}

impl<S: ReportStore> Shelf<'_, S> {
    /// The pointer of a month.
    pub async fn find_pointer(
        &self,
        status: Status,
        month: Month,
    ) -> Result<Option<Placed>, Failure> {
        let key = pointer_key(status, month);
        let Some(stored) = self.store.find(&key).await? else {
            return Ok(None);
        };
        Ok(Some(Placed {
            pointer: read(&key, &stored.text)?,
            etag: stored.etag,
        }))
    }

    /// The pointer that readers of a month follow: the final one, else the estimated one.
    pub async fn find_current(&self, month: Month) -> Result<Option<Pointer>, Failure> {
        for status in [Status::Final, Status::Estimated] {
            if let Some(placed) = self.find_pointer(status, month).await? {
                return Ok(Some(placed.pointer));
            }
        }
        Ok(None)
    }

    /// The manifest that readers of a month find. The documents of an estimate expire; those of a final month must be there.
    pub async fn find_manifest(&self, month: Month) -> Result<Option<Manifest>, Failure> {
        match self.find_current(month).await? {
            Some(pointer) => self.manifest(&pointer).await,
            None => Ok(None),
        }
    }

    /// The manifest that a pointer names; none if it was an estimate and has expired.
    pub async fn manifest(&self, pointer: &Pointer) -> Result<Option<Manifest>, Failure> {
        let found = self.manifest_at(&pointer.manifest, &pointer.sha256).await?;
        match (found, pointer.status) {
            (None, Status::Final) => Err(not_as_told(&pointer.manifest)),
            (found, _) => Ok(found),
        }
    }

    async fn manifest_at(&self, key: &str, digest: &str) -> Result<Option<Manifest>, Failure> {
        let Some(stored) = self.store.find(key).await? else {
            return Ok(None);
        };
        if sha256(&stored.text) != digest {
            return Err(not_as_told(key));
        }
        read(key, &stored.text).map(Some)
    }

    /// The manifest of a version that was replaced.
    pub async fn replaced(&self, version: &Replaced) -> Result<Manifest, Failure> {
        let found = self.manifest_at(&version.manifest, &version.sha256);
        found.await?.ok_or_else(|| not_as_told(&version.manifest))
    }

    /// All documents of a manifest, as they are: whoever proves a month wants to see what is wrong with them.
    pub async fn documents(&self, key: &str, manifest: Manifest) -> Result<StoredMonth, Failure> {
        let prefix = &key[..key.rfind('/').map_or(0, |end| end + 1)];
        let mut reports = BTreeMap::new();
        for account in manifest.accounts.keys() {
            let key = format!("{prefix}{}", account_key(account));
            if let Some(stored) = self.store.find(&key).await? {
                reports.insert(account.clone(), stored.text);
            }
        }
        let csv = self.store.find(&format!("{prefix}{CSV}")).await?;
        Ok(StoredMonth {
            manifest,
            reports,
            csv: csv.map(|stored| stored.text).unwrap_or_default(),
        })
    }
}

fn not_as_told(key: &str) -> Failure {
    let words = format!("{key} is not what is told of it");
    Failure::new(ErrorName::InvalidState, words)
        .with_remedy("restore the version of the object that was there")
}
