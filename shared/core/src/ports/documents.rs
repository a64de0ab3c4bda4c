//! Where configuration documents are kept.
//! A document is found by its name, as text; what it says is the business of [`config`](crate::config).

mod kept;

use std::collections::BTreeMap;

pub use kept::KeptDocuments;

use crate::error::Failure;

/// A document as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredDocument {
    pub text: String,
    /// How often it has been written (SSM: counted from 1).
    pub version: i64,
}

/// The store of configuration documents.
pub trait Documents {
    /// The document of that name, e.g. `/avm/platform`; none if there is no such document.
    async fn find_document(&self, name: &str) -> Result<Option<StoredDocument>, Failure>;

    /// Those of these names that there are, by name.
    async fn find_documents(
        &self,
        names: &[&str],
    ) -> Result<BTreeMap<String, StoredDocument>, Failure> {
        let mut documents = BTreeMap::new();
        for name in names {
            let found = self.find_document(name).await?;
            documents.extend(found.map(|document| ((*name).to_owned(), document)));
        }
        Ok(documents)
    }
}

impl<Store: Documents> Documents for &Store {
    async fn find_document(&self, name: &str) -> Result<Option<StoredDocument>, Failure> {
        (*self).find_document(name).await
    }
}

/// The same store for the command that deploys documents.
pub trait DocumentStore {
    /// Every document whose name begins with this path, by name.
    async fn list_documents(&self, path: &str) -> Result<BTreeMap<String, String>, Failure>;

    /// Makes the document, or replaces what it says.
    async fn put_document(&self, name: &str, text: &str) -> Result<(), Failure>;
}
