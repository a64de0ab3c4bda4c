//! What the functions are built of: people sign in to `avm` in ways that a function never needs, and it does not carry them.
//! Asks cargo for the features as a build of the functions alone has them, as `sam build` makes it.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::process::Command;

const WAYS_OF_PEOPLE: [&str; 3] = ["credentials-login", "credentials-process", "sso"];

/// Crates and features that a build of that package has.
fn features(package: &str) -> BTreeSet<String> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let tree = Command::new(cargo)
        .args(["tree", "--locked", "--offline", "--package", package])
        .args(["--edges", "normal,features", "--prefix", "none"])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .output()
        .unwrap();
    let problem = String::from_utf8_lossy(&tree.stderr);
    assert!(tree.status.success(), "{problem}");
    let lines = String::from_utf8(tree.stdout).unwrap();
    lines.lines().map(|line| line.replace(" (*)", "")).collect()
}

#[test]
fn functions_are_built_without_the_ways_in_which_people_sign_in() {
    let (functions, command) = (features("functions"), features("cli"));
    for way in WAYS_OF_PEOPLE {
        let feature = format!("aws-config feature \"{way}\"");
        assert!(command.contains(&feature), "{feature}");
        assert!(!functions.contains(&feature), "{feature}");
    }
    let process = "tokio feature \"process\"";
    assert!(command.contains(process) && !functions.contains(process));
}
