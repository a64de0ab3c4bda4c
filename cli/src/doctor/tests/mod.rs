//! Faults, planted one at a time in a sound installation: each is found, alone, with its remedy; a sound one has no findings.

mod faults;
mod faults_around;
mod sound;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::checks::findings;
use super::facts::{Account, Facts, Functions, Management};
use super::finding::Finding;
use faults::FAULTS;
use faults_around::{FAULTS_AROUND, KEY};
use sound::{add, close, give, management, sound, write};

#[test]
fn in_a_sound_installation_nothing_is_found() {
    assert_eq!(findings(&sound()), []);
    let unseen = Facts {
        management: None,
        meshcloud: None,
        ..sound()
    };
    assert_eq!(findings(&unseen), []);
}

#[test]
fn each_planted_fault_is_found_alone_with_its_remedy() {
    assert!(FAULTS.len() >= 20);
    for (fault, plant, check, place, remedy) in FAULTS.iter().chain(FAULTS_AROUND) {
        let mut facts = sound();
        plant(&mut facts);
        let found = findings(&facts);
        let [
            Finding {
                check: is,
                place: at,
                remedy: with,
                ..
            },
        ] = &found[..]
        else {
            panic!("{fault}: {found:#?}");
        };
        assert_eq!(is, check, "{fault}");
        assert!(at.contains(place), "{fault}: {at}");
        assert!(with.contains(remedy), "{fault}: {with}");
    }
}

/// The order of a vend says which regions it enables: what it does not enable needs no trusted access.
#[test]
fn trusted_access_is_asked_for_where_a_vend_sets_contacts_or_enables_regions() {
    let in_milan = |facts: &mut Facts, path: &str, pointer: &str| {
        write(facts, path, pointer, json!("eu-south-1"));
    };
    let is_asked_for = |plant: &dyn Fn(&mut Facts)| {
        let mut facts = sound();
        // What is left needs contacts and regions of nobody: its StackSet and the platform are in Frankfurt.
        let documents = facts.documents.as_mut().unwrap();
        documents.retain(|file| !file.path.ends_with("production"));
        write(
            &mut facts,
            "sandbox",
            "/organizationalUnit",
            json!("Sandbox"),
        );
        management(&mut facts).trusted_services = Some(BTreeSet::new());
        plant(&mut facts);
        let mut found = findings(&facts).into_iter();
        found.any(|one| one.place == "account.amazonaws.com")
    };
    assert!(!is_asked_for(&|_| ()));
    let stack_set = |facts: &mut Facts| in_milan(facts, "sandbox", "/stackSets/0/region");
    assert!(is_asked_for(&stack_set));
    let platform = |facts: &mut Facts| in_milan(facts, "platform", "/region");
    assert!(is_asked_for(&platform));
    let named = |facts: &mut Facts| add(facts, "sandbox", "optInRegions", json!(["eu-south-1"]));
    assert!(is_asked_for(&named));

    // Those of a service that the landing zone does not use are left alone.
    for (region, setting, value) in [
        ("/controlTower/region", "enrollment", json!("auto")),
        (
            "/singleSignOn/region",
            "singleSignOn",
            json!({"roleMappings": {}}),
        ),
    ] {
        let alone = |facts: &mut Facts| in_milan(facts, "platform", region);
        assert!(!is_asked_for(&alone), "{setting}");
        let used = |facts: &mut Facts| {
            alone(facts);
            add(facts, "sandbox", setting, value.clone());
        };
        assert!(is_asked_for(&used), "{setting}");
    }
}

#[test]
fn a_key_is_asked_about_only_where_people_are_assigned() {
    let mut facts = sound();
    management(&mut facts).instance_key = Some(KEY.to_owned());
    assert_eq!(findings(&facts).len(), 1);
    give(
        &mut management(&mut facts).account,
        "IdentityCenterKeyArn",
        KEY,
    );
    assert_eq!(findings(&facts), []);
    give(
        &mut management(&mut facts).account,
        "IdentityCenterKeyArn",
        "",
    );
    write(&mut facts, "production", "/singleSignOn", json!(null));
    assert_eq!(findings(&facts), []);
}

#[test]
fn a_role_that_no_landing_zone_needs_may_be_closed() {
    let mut facts = sound();
    close(&mut facts, "avm-account-alias", "AVMMemberAccessRole");
    assert_eq!(findings(&facts).len(), 1);
    write(&mut facts, "production", "/accountAlias", json!(false));
    assert_eq!(findings(&facts), []);
}

#[test]
fn what_was_not_looked_at_is_no_fault_by_itself() {
    let facts = Facts {
        documents: None,
        concurrency: None,
        subscribers: None,
        functions: Functions::Unknown,
        stack_sets: BTreeMap::new(),
        automation: Account::default(),
        management: Some(Management::default()),
        ..sound()
    };
    assert_eq!(findings(&facts), []);
}
