//! What the step would do, as it says before it does anything.
//! A plan looks through other roles: it asks for nothing that only the enrollment role is offered.

use avm_core::doors::Door;
use avm_core::error::ErrorName;
use avm_core::ports::account_factory::{Problem, ProductStatus};
use avm_core::ports::control_tower::BaselineStatus;
use avm_world::iam::Role;
use avm_world::organizations::ROOT;
use avm_world::service_catalog::product;
use avm_world::{InMemory, plan_of};
use insta::{assert_json_snapshot, assert_snapshot};
use serde_json::Value;

use super::AT_ONCE;
use super::{
    SANDBOX, WILD, WORKLOADS, auto, call, doors, enrolled, fails, later, next, placed, register,
    removing, request, role_of_control_tower, run, set_role, unregister, with_product,
};
use crate::role::OURS;
use crate::{Call, Enroll};

async fn plan(world: &InMemory, request: &Call) -> Value {
    plan_of::<Enroll>(world, request).await.unwrap()
}

async fn words(world: &InMemory, request: &Call) -> String {
    let plan = plan(world, request).await;
    assert_eq!(plan["IsEmpty"], false);
    plan["Words"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_plan_of_a_settled_account_is_empty_and_opens_no_door() {
    for (request, opened) in [
        (request(SANDBOX), &[][..]),
        (auto(SANDBOX), &[]),
        (removing(SANDBOX), &[Door::Access]),
    ] {
        let world = placed(ROOT);
        run(&world, &request).await.unwrap();
        world.forget_journal();
        assert_eq!(plan(&world, &later(&request)).await["IsEmpty"], true);
        assert_eq!(doors(&world), opened);
    }
}

#[tokio::test]
async fn the_plan_of_a_new_account_is_its_enrollment() {
    let plan = plan(&placed(ROOT), &request(SANDBOX)).await;
    assert_json_snapshot!(plan, @r#"
    {
      "DependsOn": null,
      "IsEmpty": false,
      "Steps": {
        "Enroll": {
          "From": "r-ab12",
          "IsGoverned": false,
          "UnitName": "Sandbox"
        }
      },
      "Words": "enroll the account from r-ab12 into Sandbox"
    }
    "#);
}

#[tokio::test]
async fn a_plan_says_what_is_to_do() {
    let mut all = vec![words(&placed(WORKLOADS), &request(SANDBOX)).await];
    for (place, status, has_succeeded) in [
        (WORKLOADS, ProductStatus::Available, true),
        (SANDBOX, ProductStatus::Tainted, true),
        (ROOT, ProductStatus::Error, false),
        (SANDBOX, ProductStatus::UnderChange, true),
    ] {
        let world = with_product(place, Some(product(status, has_succeeded)));
        all.push(words(&world, &request(SANDBOX)).await);
    }
    all.push(words(&placed(WILD), &auto(SANDBOX)).await);
    all.push(words(&placed(SANDBOX), &auto(SANDBOX)).await);
    let world = enrolled(SANDBOX);
    let ours = Role {
        description: Some(OURS.to_owned()),
        ..role_of_control_tower()
    };
    set_role(&mut world.state_mut(), ours);
    all.push(words(&world, &removing(SANDBOX)).await);
    let world = placed(ROOT);
    register(&mut world.state_mut(), SANDBOX, BaselineStatus::UnderChange);
    all.push(words(&world, &request(SANDBOX)).await);
    assert_snapshot!(all.join("\n"), @r"
    enroll the account from ou-ab12-00000002 by way of the root into Sandbox
    move provisioned product avm-111111111111 (pp-1) into Sandbox
    apply provisioned product avm-111111111111 (pp-1) again
    terminate provisioned product avm-111111111111 (pp-1), then enroll the account
    wait for provisioned product avm-111111111111 (pp-1), which is UNDER_CHANGE
    move the account from ou-ab12-00000003 to ou-ab12-00000001, which enrolls it
    wait for the baseline of the account, which Control Tower enrolls because it sits in ou-ab12-00000001
    remove the role AWSControlTowerExecution, unless a control guards it
    wait for the registration of ou-ab12-00000001, which is UNDER_CHANGE
    ");
}

#[tokio::test]
async fn a_plan_of_what_is_under_way_says_so() {
    let world = placed(ROOT);
    world.state_mut().service_catalog.operations_last = 1;
    let (problem, left) = (Problem::DefaultVpc, ProductStatus::Error);
    fails(&world, problem, "for ada@example.com", left);
    let answer = call(&world, &request(SANDBOX)).await.unwrap();
    let again = next(&request(SANDBOX), &answer);
    let mut all = Vec::new();
    for _ in 0..2 {
        all.push(words(&world, &again).await);
    }
    let world = placed(ROOT);
    world.state_mut().service_catalog.under_change_elsewhere = AT_ONCE;
    let answer = call(&world, &request(SANDBOX)).await.unwrap();
    all.push(words(&world, &next(&request(SANDBOX), &answer)).await);
    assert_snapshot!(all.join("\n"), @r"
    follow record rec-1 of this execution
    decide after a failure: for <e-mail>
    wait for room among the account operations of Control Tower (5 are at work)
    ");
}

#[tokio::test]
async fn a_plan_asks_for_no_version_and_no_path() {
    let world = placed(ROOT);
    world.state_mut().service_catalog.artifacts = None;
    world.state_mut().service_catalog.paths.clear();
    let plan = plan(&world, &request(SANDBOX)).await;
    assert_eq!(plan["IsEmpty"], false);
    unregister(&mut world.state_mut(), SANDBOX);
    let failure = plan_of::<Enroll>(&world, &request(SANDBOX))
        .await
        .unwrap_err();
    assert_eq!(failure.name(), ErrorName::EnrolmentNotPossible);
}

#[tokio::test]
async fn a_plan_that_needs_the_role_of_an_account_not_vended_yet_depends_on_its_maker() {
    let world = enrolled(SANDBOX);
    world.close(Door::Access);
    let plan = plan(&world, &removing(SANDBOX)).await;
    assert_eq!(plan["DependsOn"], "create-account");
}
