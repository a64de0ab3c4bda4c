//! Holds the definition, the templates and the documents against the code: see `tests/`.
