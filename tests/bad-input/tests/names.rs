//! No two projects get one name, whatever a pattern that is accepted is made of, and whatever their identifiers hold.
//! Names are compared as AWS and people compare them: without letter case. Pairs are made to be mistaken for each other.
#![allow(clippy::unwrap_used)]

use std::cell::Cell;
use std::collections::BTreeSet;

use avm_core::contract::order::Order;
use avm_core::error::ErrorName;
use avm_core::json;
use bad_input::targets::platform_with;
use bad_input::world::{SANDBOX, World};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{FileFailurePersistence, TestRunner};
use serde_json::{Value, json};

/// What a pattern makes that tells a project: the field of the platform, what a landing zone has on for it, and its names.
struct Kind {
    field: &'static str,
    zone: fn() -> Value,
    names: fn(&Order) -> Vec<String>,
    /// What makes such a name valid, around the pattern.
    around: (&'static str, &'static str),
}

const KINDS: [Kind; 3] = [
    Kind {
        field: "groupNamePattern",
        zone: || {
            let mapping = |role: &str| json!({"awsRoleName": role, "permissionSets": ["ReadOnly"]});
            json!({"singleSignOn": {"roleMappings": {"one": mapping("a"), "two": mapping("a.b-c")}}})
        },
        names: |order| {
            order
                .names
                .groups
                .values()
                .map(ToString::to_string)
                .collect()
        },
        around: ("", ""),
    },
    Kind {
        field: "accountAliasPattern",
        zone: || json!({"accountAlias": true}),
        names: |order| {
            order
                .names
                .account_alias
                .iter()
                .map(ToString::to_string)
                .collect()
        },
        around: ("acme-", ""),
    },
    Kind {
        field: "accountEmailPattern",
        zone: || json!({}),
        names: |order| vec![order.request.account_email.expose().to_owned()],
        around: ("a+", "@example.com"),
    },
];

/// A project as a request names it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Project {
    workspace: String,
    stage: String,
    id: &'static str,
}

fn world(kind: &Kind, pattern: &str) -> World {
    let mut zone: Value = serde_json::from_str(SANDBOX).unwrap();
    zone["accountAlias"] = false.into();
    zone.as_object_mut().unwrap().remove("singleSignOn");
    for (field, value) in (kind.zone)().as_object().unwrap() {
        zone[field] = value.clone();
    }
    let (before, after) = kind.around;
    let platform = platform_with(kind.field, &format!("{before}{pattern}{after}"));
    let world = World::default().with("/avm/platform", platform);
    world.with("/avm/landing-zones/sandbox", zone.to_string())
}

/// The names of a project in lower case; none where pattern or identifiers are refused.
fn names(kind: &Kind, pattern: &str, project: &Project) -> Option<BTreeSet<String>> {
    let world = world(kind, pattern);
    let event = json!({
        "ProductName": project.workspace, "Stage": project.stage, "ProjectId": project.id, "LandingZone": "sandbox"
    });
    if let Err(failure) = world.call(&event) {
        let expected = [ErrorName::InvalidRequest, ErrorName::InvalidConfiguration];
        assert!(expected.contains(&failure.name()), "{failure}");
        return None;
    }
    let order: Value = serde_json::from_str(&world.started()[0]).unwrap();
    let names = (kind.names)(&json::decode(order).unwrap());
    let lower: BTreeSet<String> = names.iter().map(|name| name.to_lowercase()).collect();
    assert_eq!(
        lower.len(),
        names.len(),
        "two roles of one project share a name"
    );
    Some(lower)
}

/// Both have names that the other has not, or one of them is refused. Says whether both were named.
fn differ(kind: &Kind, pattern: &str, one: &Project, other: &Project) -> bool {
    let (Some(first), Some(second)) = (names(kind, pattern, one), names(kind, pattern, other))
    else {
        return false;
    };
    assert!(
        first.is_disjoint(&second),
        "{pattern}: {one:?} and {other:?}: {first:?}, {second:?}"
    );
    true
}

fn project(workspace: &str, project: &str, id: &'static str) -> Project {
    Project {
        workspace: workspace.to_owned(),
        stage: project.to_owned(),
        id,
    }
}

/// A pattern, mostly one that is accepted.
fn pattern() -> impl Strategy<Value = String> {
    let argument = prop::sample::select(vec!["%1$s", "%2$s", "%3$d", "%4$s", "%5$s", "%s"]);
    let words = prop::sample::select(vec!["", ".", "-", "-", ".", "x", ".-", "/", "1"]);
    let mixed = vec((argument, words), 1..5).prop_map(|pieces| {
        let pieces = pieces
            .into_iter()
            .map(|(argument, words)| format!("{argument}{words}"));
        pieces.collect::<String>()
    });
    let usual = prop::sample::select(vec![
        "%s.%s.%4$s",
        "%s-%s",
        "%s.%s",
        "%2$s-%5$s",
        "%4$s.%3$d-%s",
        "%s",
    ]);
    prop_oneof![mixed, usual.prop_map(str::to_owned)]
}

/// Two projects whose identifiers are one text, cut at two places, or that differ in the form of a letter only.
fn pair() -> impl Strategy<Value = (Project, Project)> {
    let cut = ("[ab1][ab1.-]{2,6}[ab1]", 1..5_usize, 1..5_usize).prop_map(|(text, one, other)| {
        let cut = |at: usize, id| {
            let at = at.min(text.len() - 2);
            // What stands at the cut may be what separates.
            let rest = text[at..].trim_start_matches(['.', '-']);
            let rest = if rest.is_empty() { "a" } else { rest };
            project(text[..at].trim_end_matches(['.', '-']), rest, id)
        };
        (cut(one, "1"), cut(other, "11"))
    });
    let forms = prop::sample::select(vec![
        ("acme", "Acme"),
        ("k", "\u{212a}"),
        ("acme", "\u{ff41}cme"),
        ("\u{e9}", "e"),
        ("stra\u{df}e", "strasse"),
        ("a", "\u{430}"),
    ]);
    let forms = (forms, any::<bool>()).prop_map(|((one, other), is_workspace)| {
        let of = |text: &str, id| {
            if is_workspace {
                project(text, "shop", id)
            } else {
                project("space", text, id)
            }
        };
        (of(one, "1"), of(other, "11"))
    });
    prop_oneof![4 => cut, 1 => forms]
}

#[test]
fn no_two_projects_get_one_name() {
    let named = Cell::new(0);
    let mut runner = TestRunner::new(ProptestConfig {
        cases: 2000,
        failure_persistence: Some(Box::new(FileFailurePersistence::Off)),
        ..ProptestConfig::default()
    });
    let inputs = (0..KINDS.len(), pattern(), pair());
    let result = runner.run(&inputs, |(kind, pattern, (one, other))| {
        let is_one = one.workspace == other.workspace && one.stage == other.stage;
        if !is_one && differ(&KINDS[kind], &pattern, &one, &other) {
            named.set(named.get() + 1);
        }
        Ok(())
    });
    result.unwrap();
    assert!(named.get() > 50, "only {} pairs had names", named.get());
}

#[test]
fn of_two_projects_that_a_pattern_could_mistake_for_each_other_one_is_refused() {
    let [groups, alias, email] = &KINDS;
    let (one, other) = (
        project("acme", "shop-prod", "1"),
        project("acme-shop", "prod", "2"),
    );
    for (kind, pattern) in [(groups, "%s-%s-%4$s"), (alias, "%s-%s"), (email, "%s-%s")] {
        assert!(
            names(kind, pattern, &project("acme", "prod", "1")).is_some(),
            "{pattern}"
        );
        assert!(!differ(kind, pattern, &one, &other), "{pattern}");
    }
    // Patterns that keep these apart take both.
    for (kind, pattern) in [
        (groups, "%s.%s.%4$s"),
        (alias, "%2$s-%5$s"),
        (alias, "%3$d-%s-%s"),
        (email, "%s.%s"),
    ] {
        let is_taken = differ(kind, pattern, &one, &other);
        assert_eq!(is_taken, pattern != "%2$s-%5$s", "{pattern}");
    }
    assert!(differ(alias, "%5$s-%2$s", &one, &other));
}
