//! What stands in the way of an account, without AWS.

use avm_core::domain::{MachineName, PolicyDocument};
use avm_core::ports::account_roles::{RolesAtOnce, SeenRole};
use avm_core::ports::accounts::{AccountState, FoundAccount};
use serde_json::json;

use super::checks::{Obstacle, obstacles, steps};
use super::*;

const ACCESS_ROLE: &str = "MeshstackAccountAccessRole";
const SHIPPED: &str = r#"{"organizationalUnit": "Sandbox", "accessStack": {"template": "shipped"}, "downgrade": "strict",
    "stackSets": [{"name": "avm-landing-zone", "region": "eu-central-1"}]}"#;

fn role(inline: &[(&str, usize)]) -> SeenRole {
    let document = |length: usize| PolicyDocument::new(json!({"Sid": "x".repeat(length)}));
    SeenRole {
        trust: PolicyDocument::new(json!({})),
        inline: inline
            .iter()
            .map(|(name, length)| ((*name).to_owned(), document(*length)))
            .collect(),
        attached: [].into(),
    }
}

/// An account as CreateAccount leaves it.
fn sound() -> Facts {
    Facts {
        account: FoundAccount {
            id: "444455556666".parse().unwrap(),
            name: "old".to_owned(),
            email: None,
            arn: "arn".to_owned(),
            state: AccountState::Active,
            joined: None,
            is_invited: false,
        },
        tags: [("team".to_owned(), "a".to_owned())].into(),
        inside: Ok(Inside {
            roles: RolesAtOnce([(ACCESS_ROLE.to_owned(), role(&[]))].into()),
            stacks: [].into(),
        }),
    }
}

fn judged<Judged>(
    facts: &Facts,
    document: &str,
    judge: impl Fn(&Facts, &Target) -> Judged,
) -> Judged {
    let zone: LandingZone = read_document("x", document).unwrap();
    let target = Target {
        zone: &zone,
        access_role: &ACCESS_ROLE.parse().unwrap(),
        management: &"111111111111".parse().unwrap(),
        partition: "aws",
        owner: ["space", "old"],
        machine: &MachineName::first(),
        shipped_roles: &member_roles::names().unwrap(),
    };
    judge(facts, &target)
}

fn found(facts: &Facts, document: &str) -> Vec<&'static str> {
    let found: Vec<Obstacle> = judged(facts, document, obstacles);
    assert!(found.iter().all(|one| !one.remedy.is_empty()));
    found.into_iter().map(|one| one.check).collect()
}

fn inside(facts: &mut Facts) -> &mut Inside {
    facts.inside.as_mut().ok().unwrap()
}

#[test]
fn nothing_is_in_the_way_of_an_account_as_aws_makes_it() {
    assert_eq!(found(&sound(), SHIPPED), [""; 0]);
    let told = judged(&sound(), SHIPPED, steps);
    let words = told.join("; ");
    assert!(words.starts_with(
        "moved to the unit Sandbox, unless it is there; given the stack meshstack-cf-access"
    ));
    assert!(
        words.ends_with("no other policy; tagged as workspace space, project old"),
        "{words}"
    );
}

#[test]
fn a_role_that_the_vend_makes_is_in_its_way_unless_a_vend_has_made_it() {
    let mut facts = sound();
    for name in [
        "AWSCloudFormationStackSetExecutionRole",
        "OrganizationAccountAccessRole",
    ] {
        inside(&mut facts)
            .roles
            .0
            .insert(name.to_owned(), role(&[]));
    }
    assert_eq!(found(&facts, SHIPPED), ["role", "role"]);
    // What is not made is in nobody's way.
    let bare = r#"{"organizationalUnit": "", "downgrade": "strict"}"#;
    assert_eq!(found(&facts, bare), [""; 0]);
    for stack in ["meshstack-cf-access", "StackSet-avm-landing-zone-1"] {
        inside(&mut facts).stacks.insert(stack.to_owned());
    }
    assert_eq!(found(&facts, SHIPPED), [""; 0]);
}

#[test]
fn the_minimum_policy_has_to_fit_beside_the_others() {
    let mut facts = sound();
    let of = |length| role(&[("Old", length), ("MeshstackAccountAccessPolicy", 9_000)]);
    let roles = &mut inside(&mut facts).roles.0;
    roles.insert(ACCESS_ROLE.to_owned(), of(9_800));
    assert_eq!(found(&facts, SHIPPED), ["inline policies"]);
    let none = r#"{"organizationalUnit": "", "downgrade": "none"}"#;
    assert_eq!(found(&facts, none), [""; 0]);
    inside(&mut facts)
        .roles
        .0
        .insert(ACCESS_ROLE.to_owned(), of(100));
    assert_eq!(found(&facts, SHIPPED), [""; 0]);
}

#[test]
fn tags_need_room_and_an_owner_keeps_what_is_theirs() {
    let mut facts = sound();
    facts.tags = (0..43)
        .map(|number| (format!("key{number}"), String::new()))
        .collect();
    assert_eq!(found(&facts, SHIPPED), [""; 0]);
    facts.tags.insert("one more".to_owned(), String::new());
    assert_eq!(found(&facts, SHIPPED), ["tags"]);
    facts.tags = [("avm:workspace".to_owned(), "space".to_owned())].into();
    assert_eq!(found(&facts, SHIPPED), ["owner"]);
    facts
        .tags
        .insert("avm:project".to_owned(), "old".to_owned());
    assert_eq!(found(&facts, SHIPPED), [""; 0]);
    facts
        .tags
        .insert("avm:machine".to_owned(), "Staging".to_owned());
    assert_eq!(found(&facts, SHIPPED), ["owner"]);
}

#[test]
fn an_account_that_lets_nobody_in_is_told_why() {
    let mut facts = sound();
    facts.inside = Err("refused".to_owned());
    assert_eq!(found(&facts, SHIPPED), ["access role"]);
    facts.account.state = AccountState::Suspended;
    assert_eq!(found(&facts, SHIPPED), ["state"]);
}
