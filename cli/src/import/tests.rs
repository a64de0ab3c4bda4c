//! The import from file to documents.
