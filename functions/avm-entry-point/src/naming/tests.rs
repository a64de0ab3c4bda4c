//! Names and addresses made from patterns, and why none can be made.
//! A refusal names the setting of the platform document and the field that may be given instead.

use avm_core::testing::full_documents;
use serde_json::{Value, json};

use super::*;
use avm_world::starts as world;

fn named(payload: &Value, platform: &Value) -> Result<(AccountName, Email), String> {
    let mut document = world::platform();
    for (field, value) in platform.as_object().unwrap() {
        document[field] = value.clone();
    }
    let platform: Platform = serde_json::from_value(document).unwrap();
    let payload = Payload::read(payload).unwrap();
    let mut problems = Problems::default();
    let account = name_account(&payload, &platform, &mut problems);
    match problems.into_failure() {
        None => Ok(account.unwrap()),
        Some(failure) => Err(failure.cause().to_owned()),
    }
}

#[test]
fn an_account_that_exists_keeps_its_name_and_address() {
    let payload = json!({
        "AccountId": "111111111111", "AccountName": "x", "AccountEmail": "x@example.com",
        "ProductName": "w".repeat(100), "Stage": "p".repeat(100)
    });
    let account = named(&payload, &json!({})).unwrap();
    assert_eq!(account.0.as_str(), "x");
    assert_eq!(account.1.expose(), "x@example.com");
}

#[test]
fn a_new_account_is_named_by_the_patterns() {
    let payload = json!({"ProductName": "space", "Stage": "shop", "ProjectId": "42"});
    for (name, email, expected) in [
        (
            "%s.%s",
            "aws+%s@example.io",
            ("space.shop", "aws+space.shop@example.io"),
        ),
        (
            "%2$s of %1$s",
            "p%3$d@example.com",
            ("shop of space", "p42@example.com"),
        ),
        (
            "%s",
            "%s.%s.%s@example.com",
            ("space.shop", "space.shop.42@example.com"),
        ),
    ] {
        let patterns = json!({"accountNamePattern": name, "accountEmailPattern": email});
        let account = named(&payload, &patterns).unwrap();
        assert_eq!((account.0.as_str(), account.1.expose()), expected);
    }
}

#[test]
fn what_is_given_is_taken_before_the_patterns() {
    let payload = json!({
        "ProductName": "w".repeat(17), "Stage": "shop", "AccountName": "given", "AccountEmail": "given@example.com"
    });
    let account = named(&payload, &json!({})).unwrap();
    assert_eq!(account.0.as_str(), "given");
    assert_eq!(account.1.expose(), "given@example.com");
}

#[test]
fn identifiers_have_limits_where_a_name_is_made_of_them() {
    let longest = json!({"ProductName": "w".repeat(16), "Stage": "p".repeat(30)});
    assert!(named(&longest, &json!({})).is_ok());
    let given =
        json!({"ProductName": "w".repeat(17), "Stage": "p".repeat(31), "AccountName": "given"});
    let refusal = named(&given, &json!({"accountEmailPattern": "p%s%s@x.io"})).unwrap_err();
    assert!(
        refusal.contains("ProductName: must have at most 16 characters"),
        "{refusal}"
    );
    assert!(
        refusal.contains("Stage: must have at most 30 characters"),
        "{refusal}"
    );
}

#[test]
fn what_the_patterns_cannot_make_is_told_with_setting_and_field() {
    for (payload, platform, expected) in [
        (
            json!({"ProductName": "space", "Stage": "shop"}),
            json!({"accountEmailPattern": "p%3$d@example.com"}),
            vec![
                "ProjectId: is missing: accountEmailPattern of /avm/platform makes AccountEmail from it",
            ],
        ),
        (
            json!({"ProductName": "späce", "Stage": "shop"}),
            json!({}),
            vec![
                "ProductName: must hold no letters but a to z in lower case where the account's name or address is made",
                "AccountName: what accountNamePattern of /avm/platform makes of ProductName is not valid: account name must be",
                "AccountEmail: what accountEmailPattern of /avm/platform makes of ProductName is not valid: account e-mail",
            ],
        ),
        (
            json!({"ProductName": "spa.ce", "Stage": "shop"}),
            json!({}),
            vec![
                "ProductName: must not hold '.', which ends it in accountEmailPattern of /avm/platform: another project \
                 could get the same for AccountEmail",
            ],
        ),
        (
            json!({"ProductName": "w".repeat(16), "Stage": "p".repeat(30)}),
            json!({"accountEmailPattern": "accounts+%s.%s@cloud.example.com"}),
            vec![
                "AccountEmail: what accountEmailPattern of /avm/platform makes of ProductName and Stage is not valid",
                "(it has 74 characters); or give AccountEmail",
            ],
        ),
        (
            json!({"ProductName": "w".repeat(16), "Stage": "p".repeat(30), "AccountEmail": "a@example.com"}),
            json!({"accountNamePattern": "account %s of %s"}),
            vec![
                "AccountName: what accountNamePattern of /avm/platform makes",
                "(it has 58 characters)",
            ],
        ),
    ] {
        let refusal = named(&payload, &platform).unwrap_err();
        for words in expected {
            assert!(refusal.contains(words), "{words}: {refusal}");
        }
    }
}

/// The names of everything that the landing zone with everything on asks for; or the faults.
fn names(payload: &Value, alias: &str, groups: &str) -> Result<Names, String> {
    let (mut platform, zone) = full_documents();
    let pattern = |text: &str| text.to_owned().try_into().unwrap();
    platform.account_alias_pattern = Some(pattern(alias));
    platform.single_sign_on.as_mut().unwrap().group_name_pattern = pattern(groups);
    let mut problems = Problems::default();
    let names = make_names(
        &Payload::read(payload).unwrap(),
        &platform,
        &zone,
        &mut problems,
    );
    match problems.into_failure() {
        None => Ok(names),
        Some(failure) => Err(failure.cause().to_owned()),
    }
}

#[test]
fn an_alias_and_a_group_for_each_role_are_made_of_the_patterns() {
    let payload = json!({"ProductName": "space", "Stage": "shop", "ProjectId": "42"});
    for (alias, groups, expected) in [
        (
            "acme-%s-%s",
            "%s.%s.%4$s",
            [
                "acme-space-shop",
                "mst-space.shop.project-admin",
                "mst-space.shop.project-reader",
            ],
        ),
        (
            "%2$s-%1$s-%3$d",
            "%4$s@%3$d",
            [
                "shop-space-42",
                "mst-project-admin@42",
                "mst-project-reader@42",
            ],
        ),
    ] {
        let names = names(&payload, alias, groups).unwrap();
        assert_eq!(names.account_alias.unwrap().as_str(), expected[0]);
        let groups = names.groups.iter();
        let groups: Vec<(&str, &str)> = groups
            .map(|(role, group)| (role.as_str(), group.as_str()))
            .collect();
        assert_eq!(groups, [("admin", expected[1]), ("reader", expected[2])]);
    }
}

#[test]
fn only_what_the_landing_zone_asks_for_is_made() {
    let (platform, mut zone) = full_documents();
    let payload = json!({"ProductName": "Wörk space".repeat(5), "Stage": "shop"});
    let payload = Payload::read(&payload).unwrap();
    zone.account_alias = false;
    zone.single_sign_on = None;
    let mut problems = Problems::default();
    let names = make_names(&payload, &platform, &zone, &mut problems);
    assert!(names.is_empty());
    assert_eq!(problems.into_failure(), None);

    let payload = json!({"ProductName": "space_1", "Stage": "shop"});
    let (_, mut zone) = full_documents();
    zone.account_alias = false;
    let mut problems = Problems::default();
    let names = make_names(
        &Payload::read(&payload).unwrap(),
        &platform,
        &zone,
        &mut problems,
    );
    assert_eq!(problems.into_failure(), None);
    assert_eq!(names.account_alias, None);
    assert_eq!(names.groups.len(), 2);
}

#[test]
fn a_name_that_cannot_be_made_names_the_field_at_fault() {
    let existing = json!({
        "AccountId": "111111111111", "AccountName": "x", "AccountEmail": "x@example.com",
        "ProductName": "space", "Stage": "shop"
    });
    let with = |workspace: &str, project: &str| {
        let mut payload = existing.clone();
        payload["ProductName"] = json!(workspace);
        payload["Stage"] = json!(project);
        payload
    };
    let made = "what accountAliasPattern of /avm/platform makes of";
    for (payload, alias, groups, expected) in [
        (
            with("Space", "shop"),
            "%s-%s",
            "%s.%s.%4$s",
            "ProductName: must hold no letters but a to z in lower case where the account's alias or groups are made"
                .to_owned(),
        ),
        (
            with("space", "\u{441}hop"),
            "%s-%s",
            "%s.%s.%4$s",
            "Stage: must hold no letters but a to z in lower case where the account's alias or groups are made".to_owned(),
        ),
        (
            with("spa.ce", "shop"),
            "%2$s-%5$s",
            "%s.%s.%4$s",
            "ProductName: must not hold '.', which ends it in singleSignOn.groupNamePattern of /avm/platform: another \
             project could get the same for the names of groups"
                .to_owned(),
        ),
        (
            with("space", "shop-x"),
            "%2$s-%1$s",
            "%s.%s.%4$s",
            "Stage: must not hold '-', which ends it in accountAliasPattern of /avm/platform".to_owned(),
        ),
        (
            with("space", "shop_x"),
            "%s-%s",
            "%s.%s.%4$s",
            format!("Stage: {made} Stage is not valid: account alias must be 3 to 63"),
        ),
        (
            with("sp_ce", "shop_x"),
            "%s-%s",
            "%s.%s.%4$s",
            format!("ProductName and Stage: {made} ProductName and Stage is not valid"),
        ),
        (
            with("111111111111", "shop"),
            "%s%s",
            "%s.%s.%4$s",
            String::new(),
        ),
        (
            with("1111111", "11111"),
            "%s%s",
            "%s.%s.%4$s",
            format!("ProductName and Stage: {made} ProductName and Stage is not valid"),
        ),
        (
            with("space", "shop"),
            "acme-%3$s",
            "%s.%s.%4$s",
            "ProjectId: is missing: accountAliasPattern of /avm/platform makes the account's alias from it".to_owned(),
        ),
        (
            with("space", "shop"),
            "%s-%s",
            "%3$d.%4$s",
            "ProjectId: is missing: singleSignOn.groupNamePattern of /avm/platform makes the names of groups from it"
                .to_owned(),
        ),
        (
            with(&"w".repeat(17), "shop"),
            "%s-%s",
            "%s.%s.%4$s",
            "ProductName: must have at most 16 characters where the account's alias or groups are made from a pattern"
                .to_owned(),
        ),
        (
            with("space", &"p".repeat(31)),
            "%s-%s",
            "%s.%s.%4$s",
            "Stage: must have at most 30 characters where the account's alias or groups are made from a pattern"
                .to_owned(),
        ),
    ] {
        let refusal = names(&payload, alias, groups).err().unwrap_or_default();
        assert!(refusal.starts_with(&expected), "{expected}: {refusal}");
        assert_eq!(refusal.is_empty(), expected.is_empty(), "{refusal}");
        assert!(!refusal.contains("; "), "only one fault: {refusal}");
        assert!(!refusal.contains("shop_x") && !refusal.contains("Space"), "no value: {refusal}");
    }
}
