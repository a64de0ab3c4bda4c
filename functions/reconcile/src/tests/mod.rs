//! The reconciler against the AWS in memory: what it tells of an account, and what it leaves alone.
//! It opens no door that writes, and writes nothing in any of these tests.

mod downgrades;
mod nights;
mod root_users;
mod stack_sets;

use std::cell::Cell;

use avm_core::domain::{AccountId, MachineName, Parameters, PolicyDocument};
use avm_core::ports::accounts::AccountState;
use avm_core::ports::executions::ExecutionStatus;
use avm_core::rules::member_roles::expected;
use avm_core::rules::minimum_policy::{MINIMUM_POLICY, document};
use avm_core::testing::standing_accounts;
use avm_world::iam::{Role, attached};
use avm_world::{InMemory, State};
use serde_json::json;

use super::*;

const ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/AdministratorAccess";
const ROLE: &str = "MeshstackAccountAccessRole";

fn id() -> AccountId {
    "111111111111".parse().unwrap()
}

fn settings() -> Settings {
    Settings {
        machine: MachineName::first(),
        access_role: ROLE.parse().unwrap(),
        policy: DowngradePolicy::Standard,
        stack_sets: "avm-*".parse().unwrap(),
    }
}

fn trusting(account: &str) -> PolicyDocument {
    let principal = format!("arn:aws:iam::{account}:root");
    PolicyDocument::new(json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
    ]}))
}

/// An account that was vended in `production`, which is `strict`, five days before.
fn vended(state: &mut State) {
    state.organizations.account(&id()).tag(&[
        ("ProductName", "space"),
        ("Stage", "shop"),
        ("avm:workspace", "space"),
        ("avm:project", "shop"),
        ("avm:landing-zone", "production"),
        ("avm:completed-at", "2026-11-03T16:00:00Z"),
    ]);
    let settings = settings();
    let minimum = document(DowngradePolicy::Strict, "aws", &id(), &settings.access_role);
    let mut access_role = Role::trusting(trusting("333333333333"));
    access_role
        .inline
        .insert(MINIMUM_POLICY.to_owned(), minimum);
    let made = expected(&id(), &settings.access_role, &standing_accounts(), "aws").unwrap();
    let roles = state.iam.of(&id());
    roles.insert(ROLE.to_owned(), access_role);
    for (name, made) in made {
        let mut role = Role::trusting(made.trust);
        role.inline = made.inline;
        role.attached = made.attached.iter().map(|arn| attached(arn)).collect();
        roles.insert(name.to_string(), role);
    }
}

fn world_of(change: impl FnOnce(&mut State)) -> InMemory {
    let world = InMemory::configured();
    vended(&mut world.state_mut());
    change(&mut world.state_mut());
    world.forget_journal();
    world
}

async fn ask(world: &InMemory, event: Value) -> Value {
    let answer = answer(event, &settings(), world, |_| {}).await;
    assert_eq!(world.writes(), [""; 0]);
    answer.unwrap()
}

async fn look(world: &InMemory) -> Value {
    ask(
        world,
        json!({"Task": "Look", "Account": id(), "Room": 1000}),
    )
    .await
}

/// What a first look tells, and whether the access role is to be taken down.
async fn told(change: impl FnOnce(&mut State)) -> (String, bool) {
    let answer = look(&world_of(change)).await;
    let found = answer["Found"].as_str().unwrap().to_owned();
    (found, answer["Downgrade"].as_bool().unwrap())
}

fn administrator(state: &mut State) {
    let role = state.iam.of(&id()).get_mut(ROLE).unwrap();
    role.attached.insert(attached(ADMINISTRATOR));
}

#[tokio::test]
async fn an_account_that_is_as_it_was_made_is_told_nothing_of() {
    assert_eq!(told(|_| {}).await, (String::new(), false));
}

#[tokio::test]
async fn a_role_that_somebody_has_given_power_is_told_and_taken_down() {
    let words = "111111111111 p 42 role MeshstackAccountAccessRole: managed policy AdministratorAccess is attached";
    assert_eq!(told(administrator).await, (words.to_owned(), true));
}

#[tokio::test]
async fn a_role_is_held_to_its_landing_zone_and_a_narrower_one_is_no_finding() {
    let put = |policy: DowngradePolicy| {
        move |state: &mut State| {
            let minimum = document(policy, "aws", &id(), &settings().access_role);
            let role = state.iam.of(&id()).get_mut(ROLE).unwrap();
            role.inline.insert(MINIMUM_POLICY.to_owned(), minimum);
        }
    };
    let (found, downgrade) = told(put(DowngradePolicy::Standard)).await;
    assert!(found.starts_with("111111111111 p "), "{found}");
    assert!(downgrade);
    let in_sandbox = |state: &mut State| {
        state
            .organizations
            .account(&id())
            .tag(&[("avm:landing-zone", "sandbox")]);
    };
    assert_eq!(told(in_sandbox).await, (String::new(), false));
}

#[tokio::test]
async fn a_landing_zone_without_a_downgrade_leaves_the_role_its_power() {
    let world = world_of(administrator);
    world.put(
        "/avm/landing-zones/production",
        &json!({"organizationalUnit": "", "downgrade": "none"}),
    );
    assert_eq!(look(&world).await, json!({"Found": "", "Downgrade": false}));
}

#[tokio::test]
async fn a_trust_that_was_widened_is_told_and_nothing_is_taken_down() {
    for name in [
        ROLE,
        "AVMVerificationRole",
        "PermissionDowngradeLambdaExecutionRole",
    ] {
        let (found, downgrade) = told(|state| {
            state.iam.of(&id()).get_mut(name).unwrap().trust = trusting("666666666666");
        })
        .await;
        let words = format!("111111111111 r 42 role {name} trusts others than");
        assert!(found.starts_with(&words), "{found}");
        assert!(!downgrade);
    }
}

#[tokio::test]
async fn an_inline_policy_in_a_role_of_the_saml_provider_is_told() {
    let mut zone = avm_world::starts::landing_zone("strict");
    zone["identityProvider"] = json!({
        "roleMappingsManaged": {"admin": {"awsRoleName": "project-admin", "policies": ["AdministratorAccess"]}}
    });
    let put = |world: &InMemory, inline: &[&str]| {
        let mut role = Role::trusting(trusting("333333333333"));
        let all = PolicyDocument::new(json!({"Statement": []}));
        role.inline = inline
            .iter()
            .map(|&name| (name.to_owned(), all.clone()))
            .collect();
        let mut state = world.state_mut();
        let roles = state.iam.of(&id());
        roles.insert("project-admin".to_owned(), role);
    };
    let world = world_of(|_| {});
    world.put("/avm/landing-zones/production", &zone);
    put(&world, &[]);
    assert_eq!(look(&world).await["Found"], "");
    put(&world, &["planted"]);
    assert_eq!(
        look(&world).await,
        json!({
            "Found": "111111111111 r 42 role project-admin carries inline policies: planted",
            "Downgrade": false
        })
    );
}

/// A first vend that was stopped while AWS made the account, or that failed before the StackSet came: nothing can take the role
/// down, and nobody has said so on the account.
#[tokio::test]
async fn an_account_that_was_never_vended_to_the_end_is_powerful() {
    for marks in [&[][..], &[("avm:failed-step", "PlaceAccount")]] {
        let world = InMemory::configured();
        world
            .state_mut()
            .organizations
            .account(&id())
            .tag(&[("avm:workspace", "space"), ("avm:project", "shop")]);
        world.state_mut().organizations.account(&id()).tag(marks);
        world.close(Door::Verification);
        let answer = look(&world).await;
        let found = answer["Found"].as_str().unwrap();
        assert!(found.starts_with("111111111111 pu "), "{found}");
        assert!(found.ends_with("was never vended to the end"), "{found}");
        assert_eq!(answer["Downgrade"], false);
    }
}

#[tokio::test]
async fn tags_that_were_taken_away_are_told() {
    let (found, _) = told(|state| {
        let tags = &mut state.organizations.account(&id()).tags;
        tags.remove("avm:project");
    })
    .await;
    assert_eq!(found, "111111111111 t 42 tag avm:project is missing");
    let (found, _) = told(|state| {
        let account = state.organizations.account(&id());
        account.tag(&[("avm:landing-zone", "gone")]);
    })
    .await;
    assert_eq!(
        found,
        "111111111111 t 42 there is no document /avm/landing-zones/gone"
    );
}

#[tokio::test]
async fn an_account_of_others_is_not_entered_whatever_its_roles_are() {
    let world = world_of(|state| {
        administrator(state);
        state.organizations.account(&id()).tags.clear();
    });
    assert_eq!(look(&world).await, json!({"Found": "", "Downgrade": false}));
    assert_eq!(world.opened(), [Door::Reconcile]);
}

#[tokio::test]
async fn an_account_that_is_being_vended_is_left_alone() {
    let digest = avm_core::testing::account().account_email.digest();
    let by_request = format!("space-shop-{digest}-2026-11-1");
    for name in ["111111111111-2026-11-2", by_request.as_str()] {
        let world = world_of(|state| {
            administrator(state);
            state.organizations.account(&id()).tags.remove("Stage");
        });
        world.execute(name, ExecutionStatus::Running, &json!({}));
        assert_eq!(
            look(&world).await,
            json!({"Found": "", "Downgrade": false}),
            "{name}"
        );
        world.end(ExecutionStatus::Failed);
        assert_eq!(look(&world).await["Downgrade"], true, "{name}");
    }
}

#[tokio::test]
async fn the_vend_of_another_account_keeps_nobody_from_a_look() {
    let world = world_of(administrator);
    for name in [
        "111111111112-2026-11-2",
        "space-shop-00000000-2026-11-1",
        "odd",
    ] {
        world.execute(name, ExecutionStatus::Running, &json!({}));
    }
    assert_eq!(look(&world).await["Downgrade"], true);
}

#[tokio::test]
async fn an_account_that_was_closed_since_is_left_alone() {
    let (found, downgrade) = told(|state| {
        administrator(state);
        state.organizations.account(&id()).state = AccountState::Suspended;
    })
    .await;
    assert_eq!((found.as_str(), downgrade), ("", false));
}

#[tokio::test]
async fn what_the_machine_stands_on_is_refused_and_a_passing_error_is_retried() {
    let world = world_of(|_| {});
    let event = json!({"Task": "Look", "Account": "333333333333", "Room": 1000});
    let refused = answer(event, &settings(), &world, |_| {})
        .await
        .unwrap_err();
    assert_eq!(refused.name(), ErrorName::InvalidRequest);
    assert_eq!(world.journal().len(), 0);
    world.refuse(
        "organizations:ListTagsForResource",
        Failure::new(ErrorName::Throttled, "slow down"),
    );
    let event = json!({"Task": "Look", "Account": id(), "Room": 1000});
    let throttled = answer(event, &settings(), &world, |_| {})
        .await
        .unwrap_err();
    assert_eq!(throttled.name(), ErrorName::Throttled);
    for event in [
        json!({"Task": "Downgrade"}),
        json!({"Task": "Look"}),
        json!([]),
    ] {
        let invalid = answer(event, &settings(), &world, |_| {})
            .await
            .unwrap_err();
        assert_eq!(invalid.name(), ErrorName::InvalidState);
    }
}
