//! The table of payloads: good, bad, odd.
//! A refusal names every faulty field, says what is expected, and never repeats a value.

use serde_json::json;

use super::*;

fn existing(changes: &Value) -> Value {
    let mut payload = json!({
        "AccountId": "111111111111",
        "AccountName": "space.shop",
        "AccountEmail": "aws+space.shop@example.com",
        "AccountArn": "arn:aws:organizations::333333333333:account/o-exampleorg/111111111111",
        "ProductName": "space",
        "Stage": "shop",
        "ContactEmail": "someone@example.com",
        "tagEnvironment": "dev"
    });
    change(&mut payload, changes);
    payload
}

fn new(changes: &Value) -> Value {
    let mut payload = json!({"ProductName": "space", "Stage": "shop"});
    change(&mut payload, changes);
    payload
}

fn change(payload: &mut Value, changes: &Value) {
    for (field, value) in changes.as_object().unwrap() {
        if value == "<absent>" {
            payload.as_object_mut().unwrap().remove(field);
        } else {
            payload[field] = value.clone();
        }
    }
}

fn refusal(payload: &Value) -> String {
    let failure = Payload::read(payload).unwrap_err();
    assert_eq!(failure.name(), ErrorName::InvalidRequest);
    failure.cause().to_owned()
}

fn tags(count: usize) -> Value {
    (0..count)
        .map(|index| (format!("tag{index}"), json!("x")))
        .collect::<Map<String, Value>>()
        .into()
}

#[test]
fn meshstacks_payload_becomes_a_request() {
    let payload = Payload::read(&existing(&json!({
        "LandingZone": "sandbox", "ProjectId": "42", "CostCenter": "4711", "Force": "true"
    })))
    .unwrap();
    let WantedAccount::Existing {
        id,
        name,
        email,
        arn,
    } = &payload.account
    else {
        panic!("{payload:?}");
    };
    assert_eq!(id.as_str(), "111111111111");
    assert_eq!(name.as_str(), "space.shop");
    assert_eq!(email.expose(), "aws+space.shop@example.com");
    assert!(arn.as_ref().unwrap().ends_with("/111111111111"));
    assert_eq!(payload.workspace.as_str(), "space");
    assert_eq!(payload.project.as_str(), "shop");
    assert_eq!(payload.project_id.as_deref(), Some("42"));
    assert_eq!(
        payload.contact.as_ref().unwrap().expose(),
        "someone@example.com"
    );
    assert_eq!(payload.cost_center.as_deref(), Some("4711"));
    assert_eq!(payload.tags["tagEnvironment"], "dev");
    assert_eq!(payload.landing_zone.as_ref().unwrap().as_str(), "sandbox");
    assert!(payload.force);
    assert!(!format!("{payload:?}").contains('@'));
}

#[test]
fn good_and_odd_payloads_are_taken() {
    for payload in [
        existing(&json!({})),
        existing(&json!({"AccountArn": "<absent>"})),
        existing(
            &json!({"AccountArn": "arn:aws-cn:organizations::333333333333:account/o-exampleorg/111111111111"}),
        ),
        existing(
            &json!({"AccountArn": "arn:aws-us-gov:organizations::333333333333:account/o-exampleorg/111111111111"}),
        ),
        existing(&json!({"Unknown": 1, "another": {"a": [null]}, "Tag": true, "accountId": 5})),
        existing(
            &json!({"tagFree": "any\ttext\nof \u{1F642} \"users\" 100% <x>", "tagEmpty": "", "tag": "x"}),
        ),
        existing(&json!({"ContactEmail": "", "CostCenter": ""})),
        existing(
            &json!({"ContactEmail": null, "CostCenter": null, "AccountArn": null, "tagX": null}),
        ),
        existing(&json!({"tags": {"a": 1}, "tagging": [1], "tag": "x"})),
        existing(&json!({"ContactEmail": "Someone Näme <x@y>"})),
        existing(&json!({"ProductName": "Wörk space", "Stage": "x".repeat(256)})),
        existing(&json!({"Force": "false"})),
        existing(&tags(38)),
        existing(&json!({"RoleBindings": {"admin": ["ada@example.com"]}})),
        existing(&json!({"RoleBindings": null})),
        new(&json!({})),
        new(&json!({"AccountName": "a name", "AccountEmail": "a@example.com"})),
        new(&json!({"AccountName": "a name"})),
        new(&json!({"ProjectId": "9223372036854775807"})),
    ] {
        assert!(Payload::read(&payload).is_ok(), "{payload}");
    }
}

#[test]
fn what_is_no_object_is_refused() {
    for (payload, kind) in [
        (json!(null), "null"),
        (json!([]), "a list"),
        (json!([{"AccountId": "111111111111"}]), "a list"),
        (json!("text"), "a string"),
        (json!(1), "a number"),
        (json!(true), "a boolean"),
    ] {
        let expected = format!("the payload must be one flat JSON object of strings, not {kind}");
        assert_eq!(refusal(&payload), expected);
    }
    assert_eq!(
        refusal(&json!({})),
        "ProductName: is missing; Stage: is missing"
    );
}

/// The payload with these changes has this fault and no other.
fn assert_only_fault(changes: &Value, expected: &str) {
    let refusal = refusal(&existing(changes));
    assert!(refusal.starts_with(expected), "{changes}: {refusal}");
    assert!(!refusal.contains("; "), "{changes}: {refusal}");
}

#[test]
fn one_bad_field_of_the_account_is_named_with_what_is_expected() {
    for (changes, expected) in [
        (
            json!({"AccountId": 111_111_111_111_u64}),
            "AccountId: must be a JSON string, not a number",
        ),
        (
            json!({"AccountId": null}),
            "AccountId: must be 12 digits or left out, not null",
        ),
        (
            json!({"AccountId": ""}),
            "AccountId: account id must be 12 digits",
        ),
        (
            json!({"AccountId": "11111111111"}),
            "AccountId: account id must be 12 digits",
        ),
        (
            json!({"AccountId": "111111111111\n"}),
            "AccountId: account id must be 12 digits",
        ),
        (
            json!({"AccountId": "１１１１１１１１１１１１"}),
            "AccountId: account id must be 12 digits",
        ),
        (
            json!({"AccountId": ["111111111111"]}),
            "AccountId: must be a JSON string, not a list",
        ),
        (
            json!({"AccountName": "<absent>"}),
            "AccountName: is missing",
        ),
        (
            json!({"AccountName": ""}),
            "AccountName: account name must be 1 to 50 printable",
        ),
        (
            json!({"AccountName": "x".repeat(51)}),
            "AccountName: account name must be 1 to 50 printable",
        ),
        (
            json!({"AccountName": "a\nb"}),
            "AccountName: account name must be 1 to 50 printable",
        ),
        (
            json!({"AccountEmail": "<absent>"}),
            "AccountEmail: is missing",
        ),
        (
            json!({"AccountEmail": "nobody"}),
            "AccountEmail: account e-mail address must be an address",
        ),
        (
            json!({"AccountEmail": false}),
            "AccountEmail: must be a JSON string, not a boolean",
        ),
        (
            json!({"AccountArn": ""}),
            "AccountArn: must be of the form arn:<partition>:organizations",
        ),
        (
            json!({"AccountArn": "arn:aws:iam::333333333333:role/x"}),
            "AccountArn: must be of the form",
        ),
        (
            json!({"AccountArn": {}}),
            "AccountArn: must be a JSON string, not an object",
        ),
        (
            json!({"AccountArn": "arn:aws:organizations::333333333333:account/o-exampleorg/444444444444"}),
            "AccountArn: must end with the account id in AccountId",
        ),
        (
            json!({"AccountId": "<absent>"}),
            "AccountId: must be given with AccountArn",
        ),
    ] {
        assert_only_fault(&changes, expected);
    }
}

#[test]
fn one_bad_field_of_the_request_is_named_with_what_is_expected() {
    for (changes, expected) in [
        (
            json!({"ProductName": "<absent>"}),
            "ProductName: is missing",
        ),
        (
            json!({"ProductName": ""}),
            "ProductName: workspace identifier must be 1 to 256",
        ),
        (
            json!({"ProductName": " "}),
            "ProductName: workspace identifier must be 1 to 256",
        ),
        (
            json!({"ProductName": "a\r\nb"}),
            "ProductName: workspace identifier must be 1 to 256",
        ),
        (json!({"ProductName": null}), "ProductName: is missing"),
        (
            json!({"Stage": 5}),
            "Stage: must be a JSON string, not a number",
        ),
        (
            json!({"Stage": "a\u{0}b"}),
            "Stage: project identifier must be 1 to 256",
        ),
        (
            json!({"Stage": "x".repeat(257)}),
            "Stage: project identifier must be 1 to 256",
        ),
        (
            json!({"CostCenter": 4711}),
            "CostCenter: must be a JSON string, not a number",
        ),
        (
            json!({"LandingZone": ""}),
            "LandingZone: landing zone name must be 1 to 64",
        ),
        (
            json!({"LandingZone": "../platform"}),
            "LandingZone: landing zone name must be 1 to 64",
        ),
        (
            json!({"LandingZone": true}),
            "LandingZone: must be a JSON string, not a boolean",
        ),
        (
            json!({"ProjectId": "-1"}),
            "ProjectId: must be a whole number",
        ),
        (
            json!({"ProjectId": "4x"}),
            "ProjectId: must be a whole number",
        ),
        (
            json!({"ProjectId": ""}),
            "ProjectId: must be a whole number",
        ),
        (
            json!({"ProjectId": 4}),
            "ProjectId: must be a JSON string, not a number",
        ),
        (
            json!({"Force": true}),
            "Force: must be a JSON string, not a boolean",
        ),
        (
            json!({"Force": "yes"}),
            "Force: must be the string \"true\" or \"false\"",
        ),
        (
            json!({"tagX": {"a": 1}}),
            "tagX: must be a JSON string, a number, a boolean or a list of these, not an object",
        ),
        (
            json!({"tagA\nB": ["a", null]}),
            "tagA_B: must be a JSON string, a number, a boolean or a list of these, not a list that holds null",
        ),
        (
            json!({"tagX": [["a"]]}),
            "tagX: must be a JSON string, a number, a boolean or a list of these, not a list that holds a list",
        ),
        (
            json!({"tagX": ["a", "b\u{0}"]}),
            "tagX: must not contain control characters",
        ),
        (tags(39), "tag…: at most 39 may be given"),
    ] {
        assert_only_fault(&changes, expected);
    }
}

#[test]
fn every_faulty_field_is_named_in_one_refusal_and_no_value_is_repeated() {
    let payload = json!({
        "AccountId": "secret-1", "AccountName": "secret-2\n", "AccountEmail": "secret-3@", "AccountArn": "secret-4",
        "Stage": ["secret-5"], "LandingZone": "secret 6", "ProjectId": "secret-7", "Force": "secret-8", "tagA": {"secret-9": 1}
    });
    let refusal = refusal(&payload);
    for field in [
        "AccountId",
        "AccountName",
        "AccountEmail",
        "AccountArn",
        "ProductName",
        "Stage",
        "LandingZone",
        "ProjectId",
        "Force",
        "tagA",
    ] {
        assert!(
            refusal.contains(&format!("{field}: ")),
            "{field}: {refusal}"
        );
    }
    assert!(!refusal.contains("secret"), "{refusal}");
}

#[test]
fn a_refusal_of_very_many_fields_stays_short() {
    let payload: Value = (0..5000)
        .map(|index| (format!("tagX{index}{}", "x".repeat(500)), json!({})))
        .collect::<Map<String, Value>>()
        .into();
    let refusal = refusal(&payload);
    assert!(
        refusal.ends_with("; and 4972 more"),
        "{}",
        &refusal[refusal.len() - 60..]
    );
    assert!(refusal.len() < 8_000);
}

#[test]
fn a_refusal_is_about_its_account_where_the_id_is_known() {
    let failure = Payload::read(&existing(&json!({"Stage": ""}))).unwrap_err();
    assert_eq!(failure.account().unwrap().as_str(), "111111111111");
}
