//! What scripts rely on, with the built command and without a terminal: exit codes, no question, answers of each format,
//! what the help, the shell and `man` are told.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use support::{Home, words};

#[test]
fn each_exit_code_is_seen() {
    let home = Home::new("codes");
    let code = |arguments: &[&str]| home.run(arguments).status.code();
    assert_eq!(code(&["--version"]), Some(0));
    assert_eq!(code(&["config", "schema"]), Some(0));
    assert_eq!(code(&["config", "schema", "--check"]), Some(0));
    home.write("configuration/schemas/platform.schema.json", "{}");
    assert_eq!(code(&["config", "schema", "--check"]), Some(1));
    home.write("configuration/platform.json", "{}");
    home.write("configuration/landing-zones/sandbox.json", "{}");
    assert_eq!(code(&["config", "check"]), Some(1));
    assert_eq!(code(&["config", "check", "elsewhere"]), Some(2));
    assert_eq!(code(&["config", "chekc"]), Some(2));
    assert_eq!(code(&["config", "check", "--output", "xml"]), Some(2));
    assert_eq!(home.deploy(&[]).status.code(), Some(4));
    let home = home.with_keys();
    assert_eq!(home.deploy(&[]).status.code(), Some(0));
    home.server.refuse("InternalServerError", 400);
    assert_eq!(home.deploy(&[]).status.code(), Some(6));
}

#[test]
fn nobody_is_asked_without_a_terminal() {
    let home = Home::new("asked").with_keys();
    home.documents();
    let ended = home.run(&["config", "deploy"]);
    assert_eq!(ended.status.code(), Some(2));
    let told = words(&ended);
    assert!(
        told.contains("avm: Write 2 parameters that the next vends use? Nobody can be asked without a terminal. Remedy: "),
        "{told}"
    );
    assert!(!home.server.saw("AmazonSSM.PutParameter"));

    let ended = home.run(&["config", "deploy", "--yes"]);
    assert!(ended.status.success(), "{}", words(&ended));
    assert!(home.server.saw("AmazonSSM.PutParameter"));
    let both = home.run(&["config", "deploy", "--yes", "--dry-run"]);
    assert_eq!(both.status.code(), Some(2));
}

#[test]
fn an_answer_is_for_people_or_for_programs() {
    let home = Home::new("formats").with_keys();
    let out = |format: &str| {
        let ended = home.deploy(&["--output", format]);
        assert!(ended.status.success(), "{}", words(&ended));
        String::from_utf8(ended.stdout).unwrap()
    };
    assert_eq!(
        out("text"),
        "/avm/landing-zones/sandbox: would be created\n/avm/platform: would be created\n"
    );
    assert_eq!(
        out("table"),
        "PARAMETER                   CHANGE\n\
         /avm/landing-zones/sandbox  would be created\n\
         /avm/platform               would be created\n"
    );
    let json: serde_json::Value = serde_json::from_str(&out("json")).unwrap();
    assert_eq!(json[1]["parameter"], "/avm/platform");
    assert_eq!(json[1]["change"], "would be created");
    let yaml = out("yaml");
    assert!(
        yaml.lines()
            .any(|line| line.ends_with("parameter: /avm/platform")),
        "{yaml}"
    );
    let home = home.with("AVM_OUTPUT", "json");
    assert!(words(&home.deploy(&[])).starts_with("[\n"));
}

#[test]
fn colours_are_written_only_where_they_are_wanted() {
    let home = Home::new("colours").with_keys();
    let escapes = |home: &Home, arguments: &[&str]| {
        let arguments = [&["--output", "table"], arguments].concat();
        words(&home.deploy(&arguments)).contains('\u{1b}')
    };
    assert!(!escapes(&home, &[]));
    assert!(escapes(&home, &["--color", "always"]));
    let home = home.with("CLICOLOR_FORCE", "1");
    assert!(escapes(&home, &[]));
    assert!(!escapes(&home, &["--color", "never"]));
    let home = home.with("NO_COLOR", "1");
    assert!(!escapes(&home, &[]));
    // The parser of the arguments keeps to it, too.
    let help = home.run(&["--color", "always", "--help"]);
    assert!(words(&help).contains('\u{1b}'));
}

#[test]
fn the_version_names_the_commit_where_it_is_known() {
    let home = Home::new("version");
    let told = words(&home.run(&["--version"]));
    let version = told.strip_prefix("avm ").unwrap().trim();
    assert!(version.starts_with(env!("CARGO_PKG_VERSION")), "{version}");
    let rest = version.strip_prefix(env!("CARGO_PKG_VERSION")).unwrap();
    let commit = rest
        .strip_prefix(" (")
        .and_then(|rest| rest.strip_suffix(')'));
    let is_commit = |commit: &str| {
        let length = commit.len();
        (7..=40).contains(&length) && commit.bytes().all(|letter| letter.is_ascii_hexdigit())
    };
    assert!(
        rest.is_empty() || commit.is_some_and(is_commit),
        "{version}"
    );
}

#[test]
fn a_shell_and_man_know_every_command() {
    let home = Home::new("pages");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let told = words(&home.run(&["completion", shell]));
        assert!(told.contains("change-landing-zone"), "{shell}");
    }
    let page = words(&home.run(&["man"]));
    assert!(page.contains(".TH avm 1"), "{page}");
    assert!(
        page.contains("no region, no credentials, or refused ones"),
        "{page}"
    );
    assert!(home.run(&["man", "pages"]).status.success());
    for name in [
        "avm.1",
        "avm-config-deploy.1",
        "avm-account-change-landing-zone.1",
    ] {
        assert!(home.path("pages").join(name).is_file(), "{name}");
    }
}

#[test]
fn the_page_about_the_command_has_the_exit_codes_of_the_help() {
    let home = Home::new("help");
    let help = words(&home.run(&["--help"]));
    let codes = help.split("Exit codes:\n").nth(1).unwrap();
    let of_the_help: Vec<_> = codes
        .lines()
        .filter_map(|line| line.trim().split_once("  "))
        .collect();
    assert_eq!(of_the_help.len(), 5, "{help}");
    let page = include_str!("../../docs/CLI.md");
    let table = page.split("| exit code | |\n").nth(1).unwrap();
    let of_the_page: Vec<_> = table
        .lines()
        .skip(1)
        .filter_map(|line| line.trim_matches(['|', ' ']).split_once(" | "))
        .collect();
    assert_eq!(of_the_page, of_the_help);
}

/// The fields of the documents that the repository ships, which are examples.
const EXAMPLES: [&str; 13] = [
    "platform.json: field accountAliasPattern: is the pattern of an example: aliases begin with a name of yours",
    "platform.json: field accountEmailPattern: example.com is a domain for examples",
    "platform.json: field controlTower.accountFactoryProductId: prod-abcd1234efgh5 is an id of an example",
    "platform.json: field controlTower.singleSignOnUser.email: example.com is a domain for examples",
    "platform.json: field identityProvider.metadataUrl: idp.example.com is a domain for examples",
    "platform.json: field singleSignOn.identityStoreId: d-1234567890 is an id of an example",
    "platform.json: field singleSignOn.instanceArn: ssoins-1111222233334444 is an id of an example",
    "landing-zones/production.json: field alternateContacts.operations.email: example.com is a domain",
    "landing-zones/production.json: field alternateContacts.operations.phone: is the telephone number of an example",
    "landing-zones/production.json: field alternateContacts.security.email: example.com is a domain",
    "landing-zones/production.json: field alternateContacts.security.phone: is the telephone number of an example",
    "landing-zones/production.json: field budget.topicArn: 111111111111 is an id of an example",
    "landing-zones/production.json: field singleSignOn.roleMappings.admin.permissionSets[0]: ssoins-1111222233334444 is",
];

#[test]
fn the_examples_are_refused_field_by_field_unless_somebody_says_that_they_are_wanted() {
    let home = Home::new("examples").with_keys();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../configuration");
    let checked = home.run(&["config", "check", folder]);
    assert_eq!(checked.status.code(), Some(1));
    let told = words(&checked);
    for (line, expected) in told.lines().zip(EXAMPLES) {
        let line = line.strip_prefix(&format!("{folder}/")).unwrap();
        assert!(line.starts_with(expected), "{line}\n{expected}");
    }
    assert_eq!(told.lines().count(), EXAMPLES.len(), "{told}");

    let deployed = home.run(&["config", "deploy", folder, "--yes"]);
    assert_eq!(deployed.status.code(), Some(1));
    assert_eq!(words(&deployed), told);
    home.server.saw_nothing();

    let allowed = home.run(&["config", "check", folder, "--allow-examples"]);
    assert_eq!(allowed.status.code(), Some(0), "{}", words(&allowed));
    let deployed = home.run(&["config", "deploy", folder, "--yes", "--allow-examples"]);
    assert_eq!(deployed.status.code(), Some(0), "{}", words(&deployed));
    assert!(home.server.saw("AmazonSSM.PutParameter"));
}

#[test]
fn what_a_partition_does_not_offer_is_told_of_documents_that_are_valid() {
    let home = Home::new("partitions");
    home.documents();
    let path = home.path("configuration/platform.json");
    let platform = std::fs::read_to_string(path).unwrap();
    home.write(
        "configuration/platform.json",
        &platform.replace("eu-central-1", "us-gov-west-1"),
    );
    let checked = home.run(&["config", "check"]);
    assert_eq!(checked.status.code(), Some(0));
    let told = words(&checked);
    let [note, valid] = told.lines().collect::<Vec<_>>()[..] else {
        panic!("{told}");
    };
    assert!(
        note.starts_with(
            "note: configuration/platform.json: field region: AWS Organizations creates no account"
        ),
        "{note}"
    );
    assert_eq!(valid, "2 documents in configuration are valid");
    home.documents();
    assert_eq!(words(&home.run(&["config", "check"])), format!("{valid}\n"));
}
