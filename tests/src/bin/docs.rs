//! `make docs`: writes the pages that are made of the code, the definitions and the templates.
//! What is made, and of what: `docs` in the library.

fn main() -> std::io::Result<()> {
    for (path, page) in contract_tests::docs::pages() {
        let file = contract_tests::root().join(path);
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(file, page)?;
    }
    Ok(())
}
