//! What is refused: options that are missing, faults of the file, documents that would break a rule.
//! Nothing is written then, and no value of the file is repeated.

use super::*;

fn refusal(folder: &Folder, file: &str, more: &[&str]) -> Refusal {
    let refusal = prepare(&options(folder, file, more)).err().unwrap();
    assert!(!folder.0.join("platform.json").exists());
    match refusal {
        Refusal::Faults(faults) => Refusal::Faults(
            faults
                .iter()
                .map(|fault| folder.without_path(fault))
                .collect(),
        ),
        Refusal::NotPossible(reason) => Refusal::NotPossible(folder.without_path(&reason)),
    }
}

fn faults(folder: &Folder, file: &str, more: &[&str]) -> Vec<String> {
    match refusal(folder, file, more) {
        Refusal::Faults(faults) => faults,
        Refusal::NotPossible(reason) => panic!("{reason}"),
    }
}

#[test]
fn every_option_that_is_missing_is_named_with_the_reason() {
    let folder = Folder::new();
    let Refusal::NotPossible(reason) = refusal(&folder, &fixture("newer.dhall"), &[]) else {
        panic!("something else was refused");
    };
    let named: Vec<&str> = reason
        .lines()
        .map(|line| line.trim_start_matches("avm: "))
        .map(|line| line.split_once(" is missing: ").unwrap().0)
        .collect();
    assert_eq!(
        named,
        [
            "--landing-zone-name",
            "--organizational-unit",
            "--account-name-pattern",
            "--identity-store-id",
            "--scim-token-secret-arn",
            "--metadata-url",
            "--control-tower-region",
            "--control-tower-user-email",
            "--control-tower-user-first-name",
            "--control-tower-user-last-name"
        ]
    );
    assert!(
        reason.contains("aws secretsmanager create-secret"),
        "{reason}"
    );
    let Refusal::NotPossible(reason) = refusal(&folder, &fixture("older.dhall"), &OLDER[..4])
    else {
        panic!("something else was refused");
    };
    assert!(reason.contains("--downgrade is missing: "), "{reason}");
}

#[test]
fn the_rules_of_documents_hold_for_what_is_imported() {
    let folder = Folder::new();
    let alias_of_seeds: Vec<&str> = NEWER[..6].iter().chain(&NEWER[8..]).copied().collect();
    assert_eq!(
        faults(&folder, &fixture("newer.dhall"), &alias_of_seeds),
        [
            "DIR/platform.json: field accountAliasPattern: must not contain a dot, because an alias may not contain a dot; \
             use %s-%s instead"
        ]
    );
    let mut per_workspace = NEWER;
    per_workspace[3] = "";
    let found = faults(&folder, &fixture("newer.dhall"), &per_workspace);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].starts_with("DIR/landing-zones/production.json: field organizationalUnit: with enrollment service-catalog"),
        "{found:?}"
    );
    let mut strict = OLDER.to_vec();
    strict[5] = "strict";
    strict.extend(["--saml-provider-name", "company-idp"]);
    let found = faults(&folder, &fixture("older.dhall"), &strict);
    assert!(
        found[0].starts_with("DIR/landing-zones/sandbox.json: field downgrade: must not be strict"),
        "{found:?}"
    );
}

#[test]
fn landing_zones_that_stay_must_fit_to_the_new_platform() {
    let folder = Folder::new();
    folder.file(
        "landing-zones/other.json",
        r#"{"organizationalUnit": "", "downgrade": "none", "singleSignOn": {"roleMappings":
            {"admin": {"awsRoleName": "a", "permissionSets": ["a"]}}}}"#,
    );
    assert_eq!(
        faults(&folder, &fixture("older.dhall"), &OLDER),
        [
            "DIR/landing-zones/other.json: field singleSignOn: needs singleSignOn in the platform document, which does \
             not have it"
        ]
    );
}

#[test]
fn documents_that_exist_are_overwritten_only_when_forced() {
    let folder = Folder::new();
    folder.file("landing-zones/sandbox.json", "not even JSON");
    let options = options(&folder, &fixture("older.dhall"), &OLDER);
    let reason = run(&options).unwrap_err();
    assert_eq!(
        folder.without_path(&reason),
        "DIR/landing-zones/sandbox.json exists already and is not overwritten without --force"
    );
    assert!(!folder.0.join("platform.json").exists());
    assert_eq!(folder.read("landing-zones/sandbox.json"), "not even JSON");
    let forced = Options {
        force: true,
        ..options
    };
    assert_eq!(run(&forced), Ok(Outcome::Done));
    assert_eq!(folder.problems(), [""; 0]);
}

#[test]
fn a_type_is_told_from_a_value() {
    let folder = Folder::new();
    let found = faults(&folder, &fixture("type.dhall"), &OLDER);
    assert_eq!(found.len(), 1);
    assert!(
        found[0].contains("the file is a function: that is the type of the configuration"),
        "{found:?}"
    );
}

#[test]
fn one_fault_of_a_file_is_named_with_its_field_or_place() {
    for (from, to, expected) in [
        (
            ", region = \"eu-central-1\"",
            ", region = \"eu-central-1\", regoin = \"secret\"",
            "field regoin: is unknown; known are platform, region, ",
        ),
        (
            "region = \"eu-central-1\"",
            "region = 7",
            "field region: must be a Text, not a number",
        ),
        (
            ", region = \"eu-central-1\"",
            "",
            "field region: is missing",
        ),
        (
            "region = \"eu-central-1\"",
            "region = None Text",
            "field region: is missing",
        ),
        (
            ", secretKey = \"secret-key-of-the-user\"",
            ", secret = \"secret\"",
            "field meshfedServiceUser.secret: is unknown; known are accessKey, secretKey",
        ),
        (
            "waitForExternalAvm = False",
            "waitForExternalAvm = \"secret\"",
            "field waitForExternalAvm: must be a Bool, not a Text",
        ),
        (
            "enforceAccountAlias = True",
            "enforceAccountAlias = True, enforce-account-alias = True",
            "field enforceAccountAlias: is the same as enforce-account-alias",
        ),
        (
            "[ { mapKey = \"user\", mapValue.awsRoleName",
            "[ { mapKey = \"user\", mapValue = { awsRoleName = \"x\" } }, { mapKey = \"user\", mapValue.awsRoleName",
            "field roleMappingsExternal[1]: has a mapKey that another entry has already",
        ),
        (
            "[ { mapKey = \"user\", mapValue.awsRoleName",
            "[ { mapKey = 1, mapValue.awsRoleName",
            "field roleMappingsExternal[0]: the list must be a List { mapKey : Text, mapValue",
        ),
        (
            "[ { mapKey = \"user\", mapValue.awsRoleName",
            "[ { mapKey = \"user\", mapValue.awsRole",
            "field roleMappingsExternal[0].mapValue.awsRoleName: is missing",
        ),
        (
            "[ { mapKey = \"user\", mapValue.awsRoleName = \"${prefix}-developer\" } ]",
            "{ user.awsRoleName = \"x\" }",
            "field roleMappingsExternal: must be a List { mapKey : Text, mapValue : { … } }, as toMap makes it, not a record",
        ),
        (
            "policies = [ \"ReadOnlyAccess\", ",
            "policies = [ \"Read Only Access\", ",
            "DIR/landing-zones/sandbox.json: field identityProvider.roleMappingsManaged.reader.policies[0]: policy must be",
        ),
        (
            "accountEmailPattern = \"aws+%s@acme.example\"",
            "accountEmailPattern = \"aws+%d@acme.example\"",
            "DIR/platform.json: field accountEmailPattern: pattern: the conversion at character 5 is not",
        ),
        (
            "accountAccessRole = None Text",
            "accountAccessRole = Some",
            "line 31, column 5: it is not Dhall",
        ),
        ("in  {", "in  { secret", "line 6, column "),
    ] {
        let folder = Folder::new();
        let file = changed(&folder, from, to);
        let found = faults(&folder, &file, &OLDER);
        let words = found[0].trim_start_matches("DIR/changed.dhall: ");
        assert!(words.starts_with(expected), "{expected}: {found:?}");
        assert!(!found.join(" ").contains("secret-"), "{found:?}");
    }
}

#[test]
fn a_file_with_mappings_twice_is_refused() {
    let folder = Folder::new();
    let twice = ", mesh-idb = { role-mappings-external = [ { mapKey = \"x\", mapValue.aws-role-name = \"y\" } ] } \
                 , enforceAccountAlias = True";
    let file = changed(&folder, ", enforceAccountAlias = True", twice);
    assert_eq!(
        faults(&folder, &file, &OLDER),
        [
            "DIR/changed.dhall: field roleMappingsExternal: duplicate key, the other one is in meshIdb"
        ]
    );
}

#[test]
fn a_file_that_is_not_there_is_a_fault() {
    let folder = Folder::new();
    let found = faults(&folder, "/nowhere/Aws.dhall", &OLDER);
    assert!(
        found[0].starts_with("/nowhere/Aws.dhall: it cannot be read: "),
        "{found:?}"
    );
}
