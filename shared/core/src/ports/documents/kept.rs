//! Documents as a sandbox knows them: read together, and kept for some seconds.
//! A burst of requests would otherwise read the same two documents a hundred times (Parameter Store: 40 calls a second).

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::{Documents, StoredDocument};
use crate::error::Failure;

/// A store whose documents are kept for a while; that one is missing is never kept.
pub struct KeptDocuments<Store> {
    store: Store,
    life: Duration,
    kept: Mutex<BTreeMap<String, (Instant, StoredDocument)>>,
}

impl<Store: Documents> KeptDocuments<Store> {
    /// How long what was read counts: what an operator deploys is seen after that.
    pub const LIFE: Duration = Duration::from_secs(20);

    /// Reads from that store, and keeps each document for so long.
    pub const fn new(store: Store, life: Duration) -> Self {
        Self {
            store,
            life,
            kept: Mutex::new(BTreeMap::new()),
        }
    }

    fn find_kept(&self, name: &str) -> Option<StoredDocument> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let (read, document) = kept.get(name)?;
        (read.elapsed() < self.life).then(|| document.clone())
    }
}

impl<Store: Documents> Documents for KeptDocuments<Store> {
    async fn find_document(&self, name: &str) -> Result<Option<StoredDocument>, Failure> {
        Ok(self.find_documents(&[name]).await?.remove(name))
    }

    async fn find_documents(
        &self,
        names: &[&str],
    ) -> Result<BTreeMap<String, StoredDocument>, Failure> {
        let mut documents = BTreeMap::new();
        let mut unknown = Vec::new();
        for name in names {
            match self.find_kept(name) {
                Some(document) => drop(documents.insert((*name).to_owned(), document)),
                None => unknown.push(*name),
            }
        }
        if unknown.is_empty() {
            return Ok(documents);
        }
        // The moment before the call: a document may have been written while it was under way.
        let now = Instant::now();
        let found = self.store.find_documents(&unknown).await?;
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        for (name, document) in found {
            kept.insert(name.clone(), (now, document.clone()));
            documents.insert(name, document);
        }
        Ok(documents)
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    /// A store that says how often it has been asked.
    #[derive(Default)]
    struct Counting(Mutex<Vec<String>>);

    impl Documents for Counting {
        async fn find_document(&self, name: &str) -> Result<Option<StoredDocument>, Failure> {
            let mut asked = self.0.lock().unwrap();
            asked.push(name.to_owned());
            let text = asked.len().to_string();
            Ok((name != "missing").then_some(StoredDocument { text, version: 1 }))
        }
    }

    fn now<Answer>(future: impl Future<Output = Answer>) -> Answer {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(answer) => answer,
            Poll::Pending => panic!("nothing is waited for"),
        }
    }

    fn texts(kept: &KeptDocuments<&Counting>, names: &[&str]) -> Vec<String> {
        let found = now(kept.find_documents(names)).unwrap();
        found.into_values().map(|document| document.text).collect()
    }

    #[test]
    fn what_was_read_is_not_read_again_and_what_is_missing_is() {
        let store = Counting::default();
        let kept = KeptDocuments::new(&store, Duration::from_hours(1));
        assert_eq!(texts(&kept, &["a", "b", "missing"]), ["1", "2"]);
        assert_eq!(texts(&kept, &["a", "b", "missing"]), ["1", "2"]);
        let one = now(kept.find_document("b")).unwrap();
        assert_eq!(one.map(|document| document.text).as_deref(), Some("2"));
        assert_eq!(
            *store.0.lock().unwrap(),
            ["a", "b", "missing", "missing"].map(str::to_owned)
        );
    }

    #[test]
    fn what_was_written_is_seen_when_its_time_is_over() {
        let store = Counting::default();
        let kept = KeptDocuments::new(&store, Duration::ZERO);
        assert_eq!(texts(&kept, &["a"]), ["1"]);
        assert_eq!(texts(&kept, &["a"]), ["2"]);
    }
}
