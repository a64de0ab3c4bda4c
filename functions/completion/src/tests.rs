//! The completion against a world of an account.
//! A difference anywhere keeps every tag from being written.

use avm_core::config::DowngradeSetting;
use avm_core::contract::order::Order;
use avm_core::domain::{AttachedPolicy, PolicyDocument};
use avm_core::ports::stack_sets::{DetailedStatus, InstanceStatus};
use avm_core::testing::{account, execution, order};

use super::*;
use crate::world::{BELOW_SPACE, OTHER, ROOT, World, instance};

fn request_of(order: Order) -> Request {
    Request {
        execution: execution(),
        order,
        progress: None,
        rest: OnAccount { account: account() },
    }
}

async fn run_of(world: &World, order: Order, now: &str) -> Result<Response, Failure> {
    let outside = Outside {
        tree: world,
        stack_sets: world,
        tags: world,
    };
    let answer = handle(&request_of(order), now, &outside, async || Ok(world)).await?;
    match answer {
        Answer::Done(response) => Ok(response),
        Answer::Pending { .. } => panic!("this step never waits"),
    }
}

async fn run(world: &World) -> Result<Response, Failure> {
    run_of(world, order(), "2026-11-05T10:00:00Z").await
}

async fn difference(world: &World, order: Order) -> String {
    let failure = run_of(world, order, "now").await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::VerificationPending, "{failure}");
    assert_eq!(failure.account(), Some(&account().account_id));
    assert!(world.writes().is_empty());
    failure.cause().to_owned()
}

#[tokio::test]
async fn a_vended_account_is_tagged_after_the_marks_of_failure_are_gone() {
    let world = World::after_a_failure();
    let response = run(&world).await.unwrap();
    insta::assert_json_snapshot!(Answer::<Response>::Done(response), @r#"
    {
      "Status": "DONE",
      "Verified": [
        "the account sits in ou-ab12-00000001",
        "the instance of StackSet avm-landing-zone in eu-central-1 is CURRENT",
        "role MeshstackAccountAccessRole carries the policy standard and nothing else"
      ],
      "Tags": {
        "Environment": "dev",
        "ProductName": "space",
        "Stage": "shop",
        "avm:completed-at": "2026-11-05T10:00:00Z",
        "avm:execution": "111111111111-2026-11-1",
        "avm:landing-zone": "sandbox",
        "avm:project": "shop",
        "avm:workspace": "space"
      },
      "AlteredTags": []
    }
    "#);
    assert_eq!(
        world.writes(),
        [
            "remove avm:failed-at avm:failed-step",
            "put Environment ProductName Stage avm:completed-at avm:execution avm:landing-zone avm:project \
             avm:workspace"
        ]
    );
    assert_eq!(world.tags()["Owner"], "somebody");
}

#[tokio::test]
async fn the_second_run_writes_nothing_and_answers_the_same() {
    let world = World::after_a_failure();
    let first = run(&world).await.unwrap();
    let second = run_of(&world, order(), "2026-11-05T10:01:00Z")
        .await
        .unwrap();
    assert_eq!(world.writes().len(), 2);
    assert_eq!(first, second);
}

#[tokio::test]
async fn a_write_that_fails_before_or_after_its_effect_leads_to_the_same_tags_when_run_again() {
    let whole = World::after_a_failure();
    run(&whole).await.unwrap();
    for write in 1..=2 {
        for has_effect in [false, true] {
            let mut world = World::after_a_failure();
            world.fails_at = Some((write, has_effect));
            run(&world).await.unwrap_err();
            world.fails_at = None;
            run(&world).await.unwrap();
            assert_eq!(
                world.tags(),
                whole.tags(),
                "write {write}, effect {has_effect}"
            );
        }
    }
}

#[tokio::test]
async fn an_account_that_was_tagged_for_somebody_else_meanwhile_is_left_to_them() {
    for tags in [
        &[("ProductName", "moon"), ("Stage", "shop")][..],
        &[("avm:workspace", "space"), ("avm:project", "bank")],
    ] {
        let world = World::tagged(tags);
        let failure = run(&world).await.unwrap_err();
        assert_eq!(failure.name(), ErrorName::AccountMismatch);
        assert!(failure.cause().contains(tags[0].1) || failure.cause().contains(tags[1].1));
        assert!(world.writes().is_empty());
    }
}

#[tokio::test]
async fn every_difference_is_told_at_once_and_nothing_is_written() {
    let mut world = World::vended();
    world.parent = Some(OTHER);
    world.instance = None;
    world.inline.insert(
        "AdministratorAccess".to_owned(),
        PolicyDocument::of_text("{}"),
    );
    world.attached.insert(AttachedPolicy {
        name: "IAMFullAccess".to_owned(),
        arn: "arn:aws:iam::aws:policy/IAMFullAccess".to_owned(),
    });
    insta::assert_snapshot!(difference(&world, order()).await.replace("; ", "\n"), @r"
    the account is not what its landing zone asks for: the account sits in ou-ab12-00000003 instead of ou-ab12-00000001
    StackSet avm-landing-zone has no instance in eu-central-1
    role MeshstackAccountAccessRole: inline policy AdministratorAccess is there
    role MeshstackAccountAccessRole: managed policy IAMFullAccess is attached
    ");
}

#[tokio::test]
async fn an_account_below_its_unit_is_in_place_only_with_hierarchical_assignment() {
    let mut world = World::vended();
    world.parent = Some(BELOW_SPACE);
    let mut order = order();
    assert!(
        difference(&world, order.clone())
            .await
            .contains("instead of ou-ab12-00000001")
    );
    order.landing_zone.settings.hierarchical_assignment = true;
    run_of(&world, order, "now").await.unwrap();
}

#[tokio::test]
async fn a_unit_that_differs_in_letter_case_only_is_the_unit_that_aws_calls_taken() {
    let world = World::vended();
    let mut order = order();
    order.request.product_name = "Space".parse().unwrap();
    run_of(&world, order, "now").await.unwrap();
}

#[tokio::test]
async fn a_missing_unit_or_an_account_that_does_not_show_up_is_a_difference() {
    let mut world = World::vended();
    let mut elsewhere = order();
    elsewhere.landing_zone.settings.organizational_unit =
        "space/absent".to_owned().try_into().unwrap();
    assert!(
        difference(&world, elsewhere)
            .await
            .contains("no organizational unit absent in ou-ab12-00000001")
    );
    world.parent = None;
    assert!(
        difference(&world, order())
            .await
            .contains("does not show up")
    );
}

#[tokio::test]
async fn an_account_is_found_by_the_id_of_its_unit_in_the_root_and_along_a_path() {
    for (target, parent) in [
        (OTHER, OTHER),
        ("/", ROOT),
        (ROOT, ROOT),
        ("space/below", BELOW_SPACE),
    ] {
        let mut world = World::vended();
        world.parent = Some(parent);
        let mut order = order();
        order.landing_zone.settings.organizational_unit = target.to_owned().try_into().unwrap();
        run_of(&world, order, "now").await.unwrap();
    }
}

#[tokio::test]
async fn an_instance_that_is_not_current_or_still_worked_on_is_a_difference() {
    for (status, detailed, words) in [
        (
            InstanceStatus::Outdated,
            DetailedStatus::Failed,
            "OUTDATED (FAILED)",
        ),
        (
            InstanceStatus::Inoperable,
            DetailedStatus::Inoperable,
            "INOPERABLE",
        ),
        (
            InstanceStatus::Current,
            DetailedStatus::Running,
            "CURRENT (RUNNING)",
        ),
    ] {
        let mut world = World::vended();
        world.instance = Some(instance(status, detailed));
        let difference = difference(&world, order()).await;
        assert!(
            difference.contains(&format!("avm-landing-zone in eu-central-1 is {words}")),
            "{difference}"
        );
    }
}

#[tokio::test]
async fn a_minimum_of_another_landing_zone_is_a_difference() {
    let world = World::vended();
    let mut order = order();
    order.landing_zone.settings.downgrade = DowngradeSetting::Strict;
    assert!(
        difference(&world, order)
            .await
            .contains("differs from what it should be")
    );
}

#[tokio::test]
async fn a_role_that_cannot_be_read_yet_is_a_difference_and_a_busy_service_is_not() {
    let mut world = World::vended();
    for name in [ErrorName::AccessDenied, ErrorName::DowngradeFailed] {
        world.role_refuses = Some(name);
        assert!(difference(&world, order()).await.contains("cannot be read"));
    }
    world.role_refuses = Some(ErrorName::Throttled);
    assert_eq!(run(&world).await.unwrap_err().name(), ErrorName::Throttled);
}

#[tokio::test]
async fn without_downgrade_the_account_is_not_entered() {
    let world = World::vended();
    let mut order = order();
    order.landing_zone.settings.downgrade = DowngradeSetting::None;
    let outside = Outside {
        tree: &world,
        stack_sets: &world,
        tags: &world,
    };
    let never = async || -> Result<&World, Failure> { panic!("the account is entered") };
    handle(&request_of(order), "now", &outside, never)
        .await
        .unwrap();
    assert!(world.tags().contains_key("ProductName"));
}
