//! Faults, planted one at a time in a sound installation: each is found, alone, with its remedy; a sound one has no findings.

mod faults;
mod sound;

use std::collections::BTreeMap;

use serde_json::json;

use super::checks::findings;
use super::facts::{Account, Facts, Functions, Management};
use super::finding::Finding;
use faults::FAULTS;
use sound::{close, sound, write};

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
    for (fault, plant, check, place, remedy) in FAULTS {
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
