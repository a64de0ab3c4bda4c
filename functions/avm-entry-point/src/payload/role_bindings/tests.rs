//! The tables of role bindings: good, bad, odd.
//! A fault names the path, no refusal repeats a user name, and a name that nobody can have keeps nothing else back.

use avm_core::testing::full_documents;
use serde_json::json;

use super::*;

fn bindings(given: &Value) -> Result<Option<Given>, String> {
    let mut problems = Problems::default();
    let bindings = read(given, &mut problems);
    match problems.into_failure() {
        None => Ok(bindings),
        Some(failure) => Err(failure.cause().to_owned()),
    }
}

fn shown(given: &Given) -> Value {
    let roles = given.roles.iter();
    let roles: RoleBindings = roles
        .map(|(role, users)| (role.clone(), users.names.clone()))
        .collect();
    serde_json::to_value(roles).unwrap()
}

/// How many keys can be no role, and how many users nobody.
fn impossible(given: &Given) -> (usize, usize) {
    let roles = given.roles.values().chain(&given.others);
    let users = roles.map(|users| users.impossible).sum();
    (given.others.len(), users)
}

#[test]
fn objects_and_strings_that_hold_one_are_read_alike() {
    for (given, expected) in [
        (json!({}), json!({})),
        (json!({"admin": []}), json!({"admin": []})),
        (
            json!({"admin": ["grace", "ada", "grace", "ada"]}),
            json!({"admin": ["ada", "grace"]}),
        ),
        (
            json!({"Project Owner": ["a b@example.com"], "x.y-z_1": ["ü"]}),
            json!({"Project Owner": ["a b@example.com"], "x.y-z_1": ["ü"]}),
        ),
        (
            json!({"admin": null, "reader": ["alan"]}),
            json!({"reader": ["alan"]}),
        ),
        (
            json!({"admin": ["x".repeat(128)]}),
            json!({"admin": ["x".repeat(128)]}),
        ),
    ] {
        let read = bindings(&given).unwrap().unwrap();
        assert_eq!(shown(&read), expected);
        let as_text = bindings(&json!(format!(" {given}\n"))).unwrap().unwrap();
        assert_eq!(shown(&as_text), expected);
        assert!(!format!("{read:?}").contains("ada"));
    }
}

#[test]
fn null_is_as_good_as_no_bindings() {
    assert_eq!(bindings(&json!(null)), Ok(None));
    assert_eq!(bindings(&json!("null")), Ok(None));
}

#[test]
fn every_fault_is_told_with_its_path() {
    let expected_shape = "RoleBindings: must be a JSON object of project roles with lists of user names, or a string \
                          that holds one";
    for (given, expected) in [
        (json!([]), format!("{expected_shape}, not a list")),
        (json!(true), format!("{expected_shape}, not a boolean")),
        (json!(7), format!("{expected_shape}, not a number")),
        (
            json!("[\"secret\"]"),
            format!("{expected_shape}, not one that holds a list"),
        ),
        (
            json!("\"secret\""),
            format!("{expected_shape}, not one that holds a string"),
        ),
        (
            json!(""),
            format!(
                "{expected_shape}: it is not JSON: EOF while parsing a value at line 1 column 0"
            ),
        ),
        (
            json!("{\"admin\": [\"secret\"]"),
            format!(
                "{expected_shape}: it is not JSON: EOF while parsing an object at line 1 column 20"
            ),
        ),
        (
            json!("secret"),
            format!("{expected_shape}: it is not JSON: expected value at line 1 column 1"),
        ),
        (
            json!("{\"secret\": [], \"secret\": []}"),
            format!("{expected_shape}: a key in it: duplicate key"),
        ),
        (
            json!({"admin": "secret"}),
            "RoleBindings.(sorted key 1): must be a list of user names, not a string".to_owned(),
        ),
        (
            json!({"admin": {"secret": 1}}),
            "RoleBindings.(sorted key 1): must be a list of user names, not an object".to_owned(),
        ),
        (
            json!({"admin": ["ada@example.com", 7]}),
            "RoleBindings.admin[1]: must be a user name in a JSON string, not a number".to_owned(),
        ),
        (
            json!({"admin": ["ada", null]}),
            "RoleBindings.(sorted key 1)[1]: must be a user name in a JSON string, not null"
                .to_owned(),
        ),
        (
            json!({"admin": [["secret"]]}),
            "RoleBindings.(sorted key 1)[0]: must be a user name in a JSON string, not a list"
                .to_owned(),
        ),
        (
            json!({"secret@example.com": "admin"}),
            "RoleBindings.(sorted key 1): must be a list of user names, not a string".to_owned(),
        ),
        (
            json!({"admin": [], "secret@example.com": ["reader", 7]}),
            "RoleBindings.(sorted key 2)[1]: must be a user name in a JSON string, not a number"
                .to_owned(),
        ),
    ] {
        assert_eq!(bindings(&given), Err(expected));
    }
}

#[test]
fn all_faults_are_told_at_once() {
    let given = json!({"admin": ["secret\u{7}", 1], "reader": true});
    assert_eq!(
        bindings(&given).unwrap_err(),
        "RoleBindings.admin[1]: must be a user name in a JSON string, not a number; \
         RoleBindings.(sorted key 2): must be a list of user names, not a boolean"
    );
}

#[test]
fn names_that_can_be_no_role_and_nobodys_are_left_out_and_counted() {
    let long = "x".repeat(129);
    for (given, left, counts) in [
        (
            json!({"admin": ["ada", "secret\n", "", " ", long]}),
            json!({"admin": ["ada"]}),
            (0, 4),
        ),
        (
            json!({"": ["ada"], "Rolle: alle": [], "admin": ["ada"], "a/b": null}),
            json!({"admin": ["ada"]}),
            (2, 0),
        ),
        (json!({"secret@example.com": [""]}), json!({}), (1, 1)),
    ] {
        let read = bindings(&given).unwrap().unwrap();
        assert_eq!((shown(&read), impossible(&read)), (left, counts));
    }
}

/// What is left of the bindings for the landing zone with everything on, with changes.
fn used(given: &Value, change: impl FnOnce(&mut LandingZone)) -> Result<Option<Value>, String> {
    let read = used_and_left_out(given, change)?;
    Ok(read.map(|(bindings, _)| serde_json::to_value(bindings).unwrap()))
}

fn used_and_left_out(
    given: &Value,
    change: impl FnOnce(&mut LandingZone),
) -> Result<Option<(RoleBindings, LeftOut)>, String> {
    let (_, mut zone) = full_documents();
    change(&mut zone);
    let mut problems = Problems::default();
    let read = used_by(&zone, bindings(given).unwrap(), &mut problems);
    match problems.into_failure() {
        None => Ok(read),
        Some(failure) => Err(failure.cause().to_owned()),
    }
}

#[test]
fn what_is_left_out_counts_where_the_landing_zone_maps_the_role() {
    let given = json!({"admin": ["ada", ""], "owner": ["", ""], "Rolle: alle": ["bea"]});
    let (bindings, left_out) = used_and_left_out(&given, |_| ()).unwrap().unwrap();
    assert_eq!(
        serde_json::to_value(bindings).unwrap(),
        json!({"admin": ["ada"], "owner": []})
    );
    assert_eq!(left_out, LeftOut { roles: 1, users: 1 });
    let without = used_and_left_out(&given, |zone| zone.single_sign_on = None);
    assert_eq!(without, Ok(None));
}

#[test]
fn bindings_are_kept_for_the_roles_of_single_sign_on() {
    let given = json!({"admin": ["ada"], "reader": []});
    assert_eq!(used(&given, |_| ()), Ok(Some(given.clone())));
    assert_eq!(used(&json!(null), |_| ()), Ok(None));
    assert_eq!(used(&json!({}), |_| ()), Ok(Some(json!({}))));
}

#[test]
fn roles_that_only_the_saml_provider_maps_are_known_and_dropped() {
    let given = json!({"admin": ["ada"], "reader": ["alan"]});
    let left = used(&given, |zone| {
        let mappings = &mut zone.single_sign_on.as_mut().unwrap().role_mappings;
        mappings.retain(|role, _| role.as_str() == "admin");
    });
    assert_eq!(left, Ok(Some(json!({"admin": ["ada"]}))));
}

#[test]
fn without_single_sign_on_all_bindings_are_dropped() {
    let given = json!({"admin": ["ada"], "unknown": ["alan"]});
    assert_eq!(used(&given, |zone| zone.single_sign_on = None), Ok(None));
}

#[test]
fn of_a_role_that_nothing_maps_only_the_name_is_kept() {
    for users in [json!(["secret@example.com"]), json!([])] {
        let given = json!({"admin": ["ada"], "owner": users});
        let left = json!({"admin": ["ada"], "owner": []});
        assert_eq!(used(&given, |_| ()), Ok(Some(left)));
    }
    let nothing_mapped = used(&json!({"admin": ["ada"]}), |zone| {
        zone.single_sign_on.as_mut().unwrap().role_mappings.clear();
        zone.identity_provider = None;
    });
    assert_eq!(nothing_mapped, Ok(Some(json!({"admin": []}))));
}

#[test]
fn a_user_name_in_the_place_of_a_role_is_refused_and_not_repeated() {
    for given in [
        json!({"secret": ["admin"], "secret too": ["reader", "admin"]}),
        json!({"admin": ["ada"], "secret": ["reader"]}),
        json!({"admin": ["ada"], "secret@example.com": ["reader"]}),
        // Names of roles that nothing maps: without a role that something maps, nobody would be left in any group.
        json!({"secret@example.com": ["owner"], "other": ["owner"]}),
    ] {
        assert_eq!(
            used(&given, |_| ()).unwrap_err(),
            "RoleBindings: must go from project roles to the users in them, not from users to their roles; the landing \
             zone maps admin, reader"
        );
    }
    for given in [
        json!({"secret": "admin"}),
        json!({"secret": ["admin", 7]}),
        json!({"secret": [{"role": "admin"}]}),
        json!({"secret": {"admin": true}}),
    ] {
        let told = bindings(&given).unwrap_err();
        assert!(told.starts_with("RoleBindings.(sorted key 1)"), "{told}");
        assert!(!told.contains("secret"), "{told}");
    }
}
