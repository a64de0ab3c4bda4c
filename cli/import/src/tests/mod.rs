//! The import from file to documents, with files that are shaped like meshStack's older and newer configuration.
//! No secret of a file is in anything that is written or printed.

use std::sync::atomic::{AtomicUsize, Ordering};

use clap::Parser;

use super::*;

mod faults;

/// Every secret of the fixtures has this word in it.
const SECRET: &str = "secret";

#[derive(Parser)]
struct Command {
    #[command(flatten)]
    options: Options,
}

/// A folder of its own for a test; removed in the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("avm-import-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, text: &str) -> String {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path.display().to_string()
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).unwrap()
    }

    /// What `avm config check` would print.
    fn problems(&self) -> Vec<String> {
        let found = avm_documents::problems(&avm_documents::read(&self.0).unwrap(), None);
        found.iter().map(ToString::to_string).collect()
    }

    /// The words without the path of the folder.
    fn without_path(&self, words: &str) -> String {
        words.replace(&self.0.display().to_string(), "DIR")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

fn fixture(name: &str) -> String {
    format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn options(folder: &Folder, file: &str, more: &[&str]) -> Options {
    let output = folder.0.display().to_string();
    let arguments = ["import", file, "--output", &output];
    let arguments = arguments.iter().chain(more);
    Command::try_parse_from(arguments).unwrap().options
}

/// What the older file needs besides.
const OLDER: [&str; 10] = [
    "--landing-zone-name",
    "sandbox",
    "--organizational-unit",
    "",
    "--downgrade",
    "standard",
    "--account-name-pattern",
    "%s-%s",
    "--metadata-url",
    "https://idp.example.com/descriptor",
];

/// What the newer file needs besides.
const NEWER: [&str; 22] = [
    "--landing-zone-name",
    "production",
    "--organizational-unit",
    "Workloads/Production",
    "--account-name-pattern",
    "%s-%s",
    "--account-alias-pattern",
    "acme-%s-%s",
    "--identity-store-id",
    "d-1234567890",
    "--scim-token-secret-arn",
    "arn:aws:secretsmanager:eu-west-1:222222222222:secret:avm/scim-token-AbCdEf",
    "--metadata-url",
    "https://idp.example.com/descriptor",
    "--control-tower-region",
    "eu-north-1",
    "--control-tower-user-email",
    "platform-team@acme.example",
    "--control-tower-user-first-name",
    "Platform",
    "--control-tower-user-last-name",
    "Team",
];

/// The older file with these words in the place of others.
fn changed(folder: &Folder, from: &str, to: &str) -> String {
    let text = fs::read_to_string(fixture("older.dhall")).unwrap();
    assert!(text.contains(from), "{from}");
    folder.file("changed.dhall", &text.replacen(from, to, 1))
}

#[test]
fn the_older_record_becomes_documents_and_every_option_has_a_line() {
    let folder = Folder::new();
    let options = options(&folder, &fixture("older.dhall"), &OLDER);
    let import = prepare(&options).unwrap_or_else(|refusal| panic!("{refusal:?}"));
    assert_eq!(run(&options), Ok(Outcome::Done));
    insta::assert_snapshot!("older_platform", folder.read("platform.json"));
    insta::assert_snapshot!(
        "older_landing_zone",
        folder.read("landing-zones/sandbox.json")
    );
    insta::assert_snapshot!("older_table", import.table);
    assert_eq!(folder.problems(), [""; 0]);
}

#[test]
fn the_newer_sections_become_documents_and_every_option_has_a_line() {
    let folder = Folder::new();
    let options = options(&folder, &fixture("newer.dhall"), &NEWER);
    let import = prepare(&options).unwrap_or_else(|refusal| panic!("{refusal:?}"));
    assert_eq!(run(&options), Ok(Outcome::Done));
    insta::assert_snapshot!("newer_platform", folder.read("platform.json"));
    insta::assert_snapshot!(
        "newer_landing_zone",
        folder.read("landing-zones/production.json")
    );
    insta::assert_snapshot!("newer_table", import.table);
    assert_eq!(folder.problems(), [""; 0]);
}

#[test]
fn no_secret_is_written_or_printed() {
    for (file, more) in [("older.dhall", &OLDER[..]), ("newer.dhall", &NEWER[..])] {
        let source = fs::read_to_string(fixture(file)).unwrap();
        assert!(source.to_lowercase().matches(SECRET).count() > 3);
        let folder = Folder::new();
        let import = prepare(&options(&folder, &fixture(file), more))
            .unwrap_or_else(|refusal| panic!("{refusal:?}"));
        let mut shown = import.table.clone();
        for file in &import.files {
            shown.push_str(&file.text);
        }
        for own_words in [
            "secretsmanager",
            "a secret",
            "the secret",
            "create-secret",
            "secret:avm/scim-token-AbCdEf",
            "put-secret-value --secret-id",
            "--secret-string",
            "tokenSecretArn",
        ] {
            shown = shown.replace(own_words, "");
        }
        assert!(!shown.to_lowercase().contains(SECRET), "{shown}");
    }
}

#[test]
fn without_scim_needs_no_secret_and_says_so() {
    let folder = Folder::new();
    let more: Vec<&str> = NEWER[..10]
        .iter()
        .chain(&NEWER[12..])
        .copied()
        .chain(["--without-scim"])
        .collect();
    let import = prepare(&options(&folder, &fixture("newer.dhall"), &more))
        .unwrap_or_else(|refusal| panic!("{refusal:?}"));
    assert!(
        !import.files[0].text.contains("scim"),
        "{}",
        import.files[0].text
    );
    // The region of the instance is still told by the endpoint.
    assert!(import.files[0].text.contains("\"region\": \"eu-north-1\""));
    assert!(
        import
            .table
            .contains("aws-sso.scim-endpoint                     not carried over: --without-scim"),
        "{}",
        import.table
    );
}

#[test]
fn a_secret_may_be_of_any_type() {
    for secret in [
        "7",
        "{ path = \"secret-path\" }",
        "< A | B : Text >.B \"secret\"",
        "\\(x : Text) -> x",
        "Text",
        "Some \"secret\"",
    ] {
        let folder = Folder::new();
        let file = changed(&folder, "\"secret-key-of-the-user\"", secret);
        assert!(
            prepare(&options(&folder, &file, &OLDER)).is_ok(),
            "{secret}"
        );
    }
}

#[test]
fn a_smallest_file_imports_nothing_but_the_basics() {
    let folder = Folder::new();
    let file = folder.file(
        "small.dhall",
        "{ platform = \"aws\", region = \"eu-central-1\", accountEmailPattern = \"aws+%s@acme.example\" }",
    );
    let import = prepare(&options(&folder, &file, &OLDER[..8]))
        .unwrap_or_else(|refusal| panic!("{refusal:?}"));
    insta::assert_snapshot!("smallest_landing_zone", import.files[1].text);
    insta::assert_snapshot!("smallest_table", import.table);
}

#[test]
fn the_switches_of_the_metering_need_a_decision_on_taxes() {
    let folder = Folder::new();
    let begin = "{ platform = \"aws.frankfurt\"";
    let with = |field: &str| begin.replacen("{ ", &format!("{{ {field}, "), 1);
    let file = changed(
        &folder,
        begin,
        &with("reservedInstanceFairChargeback = True"),
    );
    let refusal = prepare(&options(&folder, &file, &OLDER));
    assert!(format!("{:?}", refusal.err()).contains("--metering-filter is missing"));
    let more = [&OLDER[..], &["--metering-filter", "none"]].concat();
    let chosen = options(&folder, &file, &more);
    assert_eq!(run(&chosen), Ok(Outcome::Done));
    let platform: serde_json::Value = serde_json::from_str(&folder.read("platform.json")).unwrap();
    assert_eq!(platform["metering"]["filter"], "none");
    assert_eq!(platform["metering"]["savingsPlanFairChargeback"], false);
    let file = changed(&folder, begin, &with("filter = < A | B >.A"));
    let refusal = prepare(&options(&folder, &file, &OLDER));
    let words = format!("{:?}", refusal.err());
    assert!(
        words.contains("field filter: must be one of < NONE | EXCLUDE_TAX >"),
        "{words}"
    );
}
