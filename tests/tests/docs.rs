//! The pages that are made of the code, the definitions and the templates are fresh.
//! `make docs` writes them.

use contract_tests::docs::pages;
use contract_tests::root;

#[test]
fn every_page_is_what_make_docs_makes() {
    let stale: Vec<&str> = pages()
        .into_iter()
        .filter(|(path, page)| {
            let found = std::fs::read_to_string(root().join(path));
            found.ok().as_ref() != Some(page)
        })
        .map(|(path, _)| path)
        .collect();
    assert!(stale.is_empty(), "{stale:?} are stale: run make docs");
}
