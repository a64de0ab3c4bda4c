//! The tables of what stands in one document: patterns, enrollment, mappings, partitions.
//! Each row changes one thing in a document with everything on.

use serde_json::{Value, json};

use super::problems;
use crate::config::{Document, LandingZone, MOST_STACK_SETS, Platform};
use crate::testing::{full_landing_zone_json, full_platform_json};

/// The document with the value at that path, `<absent>` taking it away.
pub(super) fn with(mut document: Value, path: &str, value: &Value) -> Value {
    let (parent, field) = path.rsplit_once('/').unwrap();
    let parent = document.pointer_mut(parent).unwrap();
    if value == "<absent>" {
        parent.as_object_mut().unwrap().remove(field);
    } else {
        parent[field] = value.clone();
    }
    document
}

pub(super) fn only_problem<Kind: Document>(document: &Value, expected: &str) {
    let found = problems::<Kind>(document);
    assert_eq!(found.len(), 1, "{expected}: {found:?}");
    assert!(found[0].starts_with(expected), "{expected}: {found:?}");
}

#[test]
fn documents_with_everything_on_are_valid() {
    assert_eq!(problems::<Platform>(&full_platform_json()), [""; 0]);
    assert_eq!(problems::<LandingZone>(&full_landing_zone_json()), [""; 0]);
}

#[test]
fn a_landing_zone_has_no_more_stack_sets_than_the_history_of_a_vend_has_room_for() {
    let with_number = |number: usize| {
        let references = (0..number)
            .map(|index| json!({"name": format!("set-{index}"), "region": "eu-central-1"}));
        let references = references.collect::<Vec<Value>>();
        with(full_landing_zone_json(), "/stackSets", &references.into())
    };
    let most = problems::<LandingZone>(&with_number(MOST_STACK_SETS));
    assert_eq!(most, [""; 0]);
    only_problem::<LandingZone>(
        &with_number(MOST_STACK_SETS + 1),
        &format!("field stackSets: must be at most {MOST_STACK_SETS} StackSets"),
    );
}

#[test]
fn a_budget_has_amounts_thresholds_and_a_topic_that_aws_takes() {
    let threshold = json!({"percent": 80, "of": "actual"});
    for (path, value, expected) in [
        ("/budget/amount", json!("0.00"), "budget.amount: "),
        ("/budget/amount", json!(500), "budget.amount: "),
        (
            "/budget/amount",
            json!("<absent>"),
            "budget.amount: is missing",
        ),
        ("/budget/currency", json!("GBP"), "budget.currency: "),
        (
            "/budget/thresholds",
            json!([]),
            "budget.thresholds: must be from 1 to 10 thresholds, not 0",
        ),
        ("/budget/thresholds", json!("80"), "budget.thresholds: "),
        (
            "/budget/thresholds/0/percent",
            json!(0),
            "budget.thresholds[0].percent: must be from 1 to 1000000",
        ),
        (
            "/budget/thresholds/0/percent",
            json!(1_000_001),
            "budget.thresholds[0].percent: must be from 1",
        ),
        (
            "/budget/thresholds/0/percent",
            json!(12.5),
            "budget.thresholds[0].percent: ",
        ),
        (
            "/budget/thresholds/1/of",
            json!("FORECASTED"),
            "budget.thresholds[1].of: ",
        ),
        (
            "/budget/thresholds",
            json!([threshold, threshold]),
            "budget.thresholds[1]: must not be the same as thresholds[0]",
        ),
        (
            "/budget/topicArn",
            json!("ada@example.com"),
            "budget.topicArn: ",
        ),
        (
            "/budget/topicArn",
            json!("arn:aws:sns:eu-central-1:333333333333:in-order.fifo"),
            "budget.topicArn: ",
        ),
        ("/budget/email", json!("ada@example.com"), "budget.email: "),
    ] {
        let document = with(full_landing_zone_json(), path, &value);
        only_problem::<LandingZone>(&document, &format!("field {expected}"));
    }
    let many: Vec<Value> = (1..=11)
        .map(|percent| json!({"percent": percent, "of": "actual"}))
        .collect();
    let document = with(full_landing_zone_json(), "/budget/thresholds", &many.into());
    only_problem::<LandingZone>(
        &document,
        "field budget.thresholds: must be from 1 to 10 thresholds, not 11",
    );
}

#[test]
fn the_access_role_is_none_that_administers_the_accounts_of_others() {
    for role in [
        "OrganizationAccountAccessRole",
        "AWSControlTowerExecution",
        "AWSCloudFormationStackSetExecutionRole",
        "PermissionDowngradeLambdaExecutionRole",
        "AVMVerificationRole",
        "organizationaccountaccessrole",
    ] {
        only_problem::<Platform>(
            &with(full_platform_json(), "/accountAccessRole", &json!(role)),
            "field accountAccessRole: must be a role of its own",
        );
    }
}

#[test]
fn good_patterns_of_aliases_and_groups_are_taken() {
    for (path, pattern) in [
        ("/accountAliasPattern", "%s-%s"),
        ("/accountAliasPattern", "acme-%2$s-%1$s"),
        ("/accountAliasPattern", "acme-%3$d"),
        ("/accountAliasPattern", "acme-%5$s"),
        ("/accountAliasPattern", "%2$s-%5$s"),
        ("/accountAliasPattern", "sixteen-letters-%s-%s"),
        (
            "/accountAliasPattern",
            "acme-#{workspaceIdentifier}-#{projectIdentifier}",
        ),
        (
            "/singleSignOn/groupNamePattern",
            "#{workspaceIdentifier}.#{projectIdentifier}.#{platformGroupAlias}",
        ),
        ("/singleSignOn/groupNamePattern", "%s.%s.%4$s"),
        ("/singleSignOn/groupNamePattern", "%3$d %4$s"),
        ("/singleSignOn/groupNamePattern", "%4$s of %1$s/%2$s 100%%"),
    ] {
        let document = with(full_platform_json(), path, &json!(pattern));
        assert_eq!(problems::<Platform>(&document), [""; 0], "{pattern}");
    }
}

#[test]
fn a_bad_pattern_of_aliases_says_what_is_expected() {
    for (pattern, expected) in [
        (
            "%s.%s",
            "must not contain a dot, because an alias may not contain a dot; use %s-%s instead",
        ),
        (
            "acme.%1$s-%2$s",
            "must not contain a dot, because an alias may not contain a dot; use acme-%1$s-%2$s instead",
        ),
        (
            "acme-%s",
            "must not be a single %s: that means workspace.project, and an alias must not contain a dot; use \
             acme-%s-%s instead",
        ),
        ("%s-%s-%4$s", "must not use argument 4: accounts have"),
        ("%1$d-%s-%s", "must not use argument 1 as a number"),
        ("acme-%1$s", "must make another alias for every project"),
        ("acme-%2$s", "must make another alias for every project"),
        ("acme", "must make another alias for every project"),
        (
            "Acme-%s-%s",
            "must make a valid account alias, but the account alias must be 3 to 63 lower-case",
        ),
        (
            "%s%s",
            "must separate argument 1 from the next one by a character that is no letter and no digit",
        ),
        ("%sx%s", "must separate argument 1 from the next one"),
        ("%s--%s", "must make a valid account alias"),
        ("%s-%s-", "must make a valid account alias"),
        ("%s-%s%%", "must make a valid account alias"),
        (
            "seventeen-letters-%s-%s",
            "makes 65 characters of the longest identifiers (workspace 16, project 30), but the account alias must be",
        ),
        ("%s-%S", "pattern: the conversion at character 4 is not"),
        (
            "#{workspaceIdentifier}.#{projectIdentifier}",
            "must not contain a dot, because an alias may not contain a dot; use \
             #{workspaceIdentifier}-#{projectIdentifier} instead",
        ),
        (
            "#{projectIdentifier}-#{rand:%.3s}",
            "pattern: the placeholder at character 22 is not one of #{workspaceIdentifier}, #{projectIdentifier},",
        ),
    ] {
        let document = with(
            full_platform_json(),
            "/accountAliasPattern",
            &json!(pattern),
        );
        only_problem::<Platform>(&document, &format!("field accountAliasPattern: {expected}"));
    }
}

#[test]
fn a_bad_pattern_of_groups_says_what_is_expected() {
    for (pattern, expected) in [
        ("%s.%s", "must use %4$s, the awsRoleName of the mapping"),
        ("%s", "must use %4$s, the awsRoleName of the mapping"),
        ("%4$s", "must make other groups for every project"),
        ("%s.%4$s", "must make other groups for every project"),
        ("%2$s.%4$s", "must make other groups for every project"),
        ("%s.%s.%4$d", "must not use argument 4 as a number"),
        (
            "%s\n%s.%4$s",
            "must make a valid group name, but the group name must be mst-",
        ),
        (
            "%s.%s.%6$s",
            "pattern: the conversion at character 7 asks for argument 6",
        ),
        (
            "%s.%s%4$s",
            "must separate argument 2 from the next one by a character that is no letter and no digit",
        ),
        ("%4$s%3$d", "must separate argument 4 from the next one"),
    ] {
        let path = "/singleSignOn/groupNamePattern";
        let document = with(full_platform_json(), path, &json!(pattern));
        let field = "field singleSignOn.groupNamePattern: ";
        only_problem::<Platform>(&document, &format!("{field}{expected}"));
    }
    let long = format!("%s.%s.%4$s{}", "x".repeat(920));
    let document = with(
        full_platform_json(),
        "/singleSignOn/groupNamePattern",
        &json!(long),
    );
    only_problem::<Platform>(
        &document,
        "field singleSignOn.groupNamePattern: makes 1036 characters of the longest identifiers",
    );
}

#[test]
fn names_and_addresses_must_fit_for_the_longest_identifiers_unless_their_length_cannot_be_said() {
    for (field, pattern, expected) in [
        (
            "accountEmailPattern",
            "accounts+%s.%s@cloud.example.com",
            Some("makes 74 characters"),
        ),
        ("accountEmailPattern", "aws+%s@longest.exam", None),
        (
            "accountEmailPattern",
            "a-very-long-local-part-for-project-%3$d@cloud.example.com",
            None,
        ),
        (
            "accountNamePattern",
            "account %s of %s",
            Some("makes 58 characters"),
        ),
        ("accountNamePattern", "account of %3$d", None),
    ] {
        let document = with(full_platform_json(), &format!("/{field}"), &json!(pattern));
        match expected {
            Some(expected) => {
                only_problem::<Platform>(
                    &document,
                    &format!("field {field}: {expected} of the longest"),
                );
            }
            None => assert_eq!(problems::<Platform>(&document), [""; 0], "{pattern}"),
        }
    }
}

#[test]
fn everything_of_a_platform_lies_in_one_partition() {
    for (path, value, field) in [
        ("/controlTower/region", "cn-north-1", "controlTower.region"),
        (
            "/singleSignOn/region",
            "us-gov-west-1",
            "singleSignOn.region",
        ),
        (
            "/singleSignOn/instanceArn",
            "arn:aws-cn:sso:::instance/ssoins-1111222233334444",
            "singleSignOn.instanceArn",
        ),
        (
            "/singleSignOn/scim/tokenSecretArn",
            "arn:aws-us-gov:secretsmanager:us-gov-west-1:222222222222:secret:x",
            "singleSignOn.scim.tokenSecretArn",
        ),
    ] {
        let document = with(full_platform_json(), path, &json!(value));
        let expected = format!("field {field}: must be in the partition aws, as region is");
        only_problem::<Platform>(&document, &expected);
    }
    let mut document = full_platform_json();
    document["identityProvider"]["signInRegions"] = json!(["eu-west-1", "cn-north-1"]);
    let expected = "field identityProvider.signInRegions: cn-north-1 must be in the partition aws, as region is";
    only_problem::<Platform>(&document, expected);
}

#[test]
fn a_scim_endpoint_is_one_of_aws() {
    for (endpoint, is_taken) in [
        ("https://scim.eu-west-1.amazonaws.com/t/scim/v2/", true),
        ("http://127.0.0.1:4566/scim/v2/", true),
        ("http://scim.eu-west-1.amazonaws.com/t/scim/v2/", false),
        ("https://scim.example.com/t/scim/v2/", false),
        ("scim.eu-west-1.amazonaws.com", false),
    ] {
        let path = "/singleSignOn/scim/endpoint";
        let document = with(full_platform_json(), path, &json!(endpoint));
        if is_taken {
            assert_eq!(problems::<Platform>(&document), [""; 0], "{endpoint}");
        } else {
            let expected = "field singleSignOn.scim.endpoint: SCIM address must be of the form https://scim.<region>.amazonaws.com/<tenant>/scim/v2/";
            only_problem::<Platform>(&document, expected);
        }
    }
}

#[test]
fn enrollment_goes_with_registered_units_only() {
    for enrollment in ["service-catalog", "auto"] {
        let zone = with(full_landing_zone_json(), "/enrollment", &json!(enrollment));
        assert_eq!(problems::<LandingZone>(&zone), [""; 0]);
        for (path, value, field) in [
            ("/organizationalUnit", json!("/"), "organizationalUnit"),
            ("/organizationalUnit", json!("r-ab12"), "organizationalUnit"),
            ("/organizationalUnit", json!(""), "organizationalUnit"),
            (
                "/createOrganizationalUnits",
                json!(true),
                "createOrganizationalUnits",
            ),
        ] {
            let document = with(zone.clone(), path, &value);
            let expected = format!("field {field}: ");
            only_problem::<LandingZone>(&document, &expected);
            assert!(
                problems::<LandingZone>(&document)[0]
                    .contains(&format!("with enrollment {enrollment}"))
            );
            let without = with(document, "/enrollment", &json!("none"));
            assert_eq!(problems::<LandingZone>(&without), [""; 0], "{path}");
        }
        let by_id = with(zone, "/organizationalUnit", &json!("ou-ab12-12345678"));
        assert_eq!(problems::<LandingZone>(&by_id), [""; 0]);
    }
}
