//! Names and addresses made from patterns, and why none can be made.
//! A refusal names the setting of the platform document and the field that may be given instead.

use serde_json::{Value, json};

use super::*;
use crate::world;

fn named(payload: &Value, platform: &Value) -> Result<NamedAccount, String> {
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
    assert_eq!(account.name.as_str(), "x");
    assert_eq!(account.email.expose(), "x@example.com");
    assert!(account.id.is_some());
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
        assert_eq!((account.name.as_str(), account.email.expose()), expected);
        assert_eq!(account.id, None);
    }
}

#[test]
fn what_is_given_is_taken_before_the_patterns() {
    let payload = json!({
        "ProductName": "w".repeat(17), "Stage": "shop", "AccountName": "given", "AccountEmail": "given@example.com"
    });
    let account = named(&payload, &json!({})).unwrap();
    assert_eq!(account.name.as_str(), "given");
    assert_eq!(account.email.expose(), "given@example.com");
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
                "AccountName: what accountNamePattern of /avm/platform makes of ProductName and Stage is not valid: account name must be",
                "AccountEmail: what accountEmailPattern of /avm/platform makes of ProductName and Stage is not valid: account e-mail",
            ],
        ),
        (
            json!({"ProductName": "w".repeat(16), "Stage": "p".repeat(30)}),
            json!({"accountEmailPattern": "accounts+%s.%s@cloud.example.com"}),
            vec![
                "AccountEmail: what accountEmailPattern of /avm/platform makes",
                "(it has 74 characters)",
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
