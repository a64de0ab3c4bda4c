//! The Account Factory when all goes well: accounts that are enrolled, moved, repaired, or left alone.
//! What is settled is neither written to nor looked at twice.

use avm_core::error::ErrorName;
use avm_core::ports::account_factory::ProductStatus;
use avm_core::ports::control_tower::BaselineStatus;
use insta::{assert_json_snapshot, assert_snapshot};

use super::world::{
    DEEP, ROOT, SANDBOX, Shows, WILD, WORKLOADS, World, artifact, child_of, parent, product,
};
use super::{
    Answer, Change, RoleOutcome, call, done, later, next, removing, request, run, waiting_for,
};
use crate::Request;

#[tokio::test]
async fn an_account_is_enrolled_and_followed_by_its_record_to_the_end() {
    let world = World::with_account_in(ROOT);
    let answer = call(&world, &request(SANDBOX)).await.unwrap();
    assert_json_snapshot!(answer, @r#"
    {
      "Status": "PENDING",
      "WaitingFor": "the Account Factory, which enrolls the account (record rec-1)",
      "Progress": {
        "Doing": "Record",
        "Record": "rec-1",
        "Purpose": "enroll"
      }
    }
    "#);
    let running = call(&world, &next(&request(SANDBOX), &answer))
        .await
        .unwrap();
    assert_eq!(running, answer);
    world.end();
    let answer = call(&world, &next(&request(SANDBOX), &running))
        .await
        .unwrap();
    assert_json_snapshot!(answer, @r#"
    {
      "Status": "DONE",
      "Enrollment": "service-catalog",
      "OrganizationalUnitId": "ou-ab12-00000001",
      "Change": "enrolled",
      "ExecutionRole": "kept"
    }
    "#);
    assert_snapshot!(world.writes().join("\n"), @r"
    make the role
    attach the policy
    enroll 111111111111 as avm-111111111111 into Unit 1 (ou-ab12-00000001) by pa-1
    ");
    assert_eq!(world.state().account_in, parent(SANDBOX));
}

#[tokio::test]
async fn a_second_run_on_an_enrolled_account_writes_nothing_and_opens_no_door() {
    let world = World::with_account_in(ROOT);
    run(&world, &request(SANDBOX)).await.unwrap();
    let (writes, doors) = (world.writes(), world.state().doors.clone());
    world.state().reads = 0;
    let again = run(&world, &later(&request(SANDBOX))).await.unwrap();
    assert_eq!(again, done(Change::None, None, SANDBOX));
    assert_eq!(
        (world.writes(), world.state().doors.clone()),
        (writes, doors)
    );
    assert_eq!(world.state().reads, 2);
}

#[tokio::test]
async fn an_account_in_an_unregistered_unit_is_enrolled_from_there() {
    let world = World::with_account_in(WILD);
    let answer = run(&world, &request(SANDBOX)).await.unwrap();
    assert_eq!(answer.change, Change::Enrolled);
    assert!(!world.state().doors.contains(&"placement"));
}

#[tokio::test]
async fn an_account_in_a_registered_unit_that_is_not_enrolled_goes_back_to_the_root_first() {
    for place in [SANDBOX, WORKLOADS, DEEP] {
        let world = World::with_account_in(place);
        world.state().guards_roles = true;
        let answer = call(&world, &removing(SANDBOX)).await.unwrap();
        assert_eq!(
            waiting_for(&answer),
            format!("the controls of {place} to leave the account")
        );
        let answer = run(&world, &next(&removing(SANDBOX), &answer))
            .await
            .unwrap();
        assert_eq!(
            answer,
            done(Change::Enrolled, Some(RoleOutcome::Guarded), SANDBOX)
        );
        assert_eq!(world.writes()[..2], ["move to r-ab12", "make the role"]);
    }
}

#[tokio::test]
async fn an_enrolled_account_in_another_unit_is_moved_by_its_product() {
    let world = World::with_enrolled(WORKLOADS);
    let answer = run(&world, &request(SANDBOX)).await.unwrap();
    assert_eq!(answer.change, Change::Moved);
    assert_eq!(world.state().account_in, parent(SANDBOX));
    assert!(
        world
            .writes()
            .contains(&"update pp-1 into Unit 1 (ou-ab12-00000001) by pa-1".to_owned())
    );
    assert!(!world.state().doors.contains(&"placement"));
}

#[tokio::test]
async fn a_tainted_or_broken_product_that_once_succeeded_is_applied_again() {
    for status in [ProductStatus::Tainted, ProductStatus::Error] {
        let world = World::with_enrolled(SANDBOX);
        world.state().product = Some(product(status, true));
        let answer = run(&world, &request(SANDBOX)).await.unwrap();
        assert_eq!(answer.change, Change::Repaired);
        assert!(
            world
                .writes()
                .iter()
                .any(|write| write.starts_with("update pp-1"))
        );
        let again = run(&world, &later(&request(SANDBOX))).await.unwrap();
        assert_eq!(again.change, Change::None);
    }
}

#[tokio::test]
async fn a_product_that_is_available_without_a_success_is_applied_again() {
    let world = World::with_enrolled(SANDBOX);
    world.state().product = Some(product(ProductStatus::Available, false));
    let answer = run(&world, &request(SANDBOX)).await.unwrap();
    assert_eq!(answer.change, Change::Repaired);
}

#[tokio::test]
async fn a_product_that_never_succeeded_is_terminated_and_made_anew() {
    for (status, place, shows) in [
        (ProductStatus::Error, ROOT, Shows::ByName),
        (ProductStatus::Tainted, SANDBOX, Shows::Everywhere),
    ] {
        let world = World::with_account_in(place);
        world.state().product = Some(product(status, false));
        world.state().shows = shows;
        let answer = run(&world, &request(SANDBOX)).await.unwrap();
        assert_eq!(
            answer,
            done(Change::Repaired, Some(RoleOutcome::Kept), SANDBOX)
        );
        let moved_back = world.writes().contains(&"move to r-ab12".to_owned());
        assert_eq!(moved_back, place != ROOT);
        assert_eq!(world.writes()[0], "remove pp-1");
    }
}

#[tokio::test]
async fn somebodys_operation_is_waited_for_and_then_decides() {
    let world = World::with_enrolled(SANDBOX);
    world.state().product = Some(product(ProductStatus::UnderChange, true));
    let answer = call(&world, &request(SANDBOX)).await.unwrap();
    assert_json_snapshot!(answer, @r#"
    {
      "Status": "PENDING",
      "WaitingFor": "provisioned product avm-111111111111 (pp-1), which is UNDER_CHANGE",
      "Progress": {
        "Doing": "Look"
      }
    }
    "#);
    world.state().product.as_mut().unwrap().status = ProductStatus::Available;
    let answer = call(&world, &next(&request(SANDBOX), &answer))
        .await
        .unwrap();
    assert_eq!(answer, Answer::Done(done(Change::None, None, SANDBOX)));
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn an_account_that_is_enrolled_without_a_product_is_enrolled() {
    let world = World::with_account_in(SANDBOX);
    world.state().baseline = Some(child_of(SANDBOX, BaselineStatus::Succeeded));
    let answer = run(&world, &request(SANDBOX)).await.unwrap();
    assert_eq!(answer, done(Change::None, None, SANDBOX));
    assert!(world.writes().is_empty() && world.state().doors.is_empty());
}

#[tokio::test]
async fn enrolled_without_a_product_it_is_not_moved() {
    let world = World::with_account_in(WORKLOADS);
    world.state().baseline = Some(child_of(WORKLOADS, BaselineStatus::Succeeded));
    let failure = run(&world, &request(SANDBOX)).await.unwrap_err();
    assert_snapshot!(failure, @"the account is enrolled without a provisioned product and sits in ou-ab12-00000002 instead of ou-ab12-00000001 (account 111111111111). Remedy: move the account in the console of AWS Control Tower, or set the landing zone's enrollment to auto, then send the request again.");
    assert_eq!(failure.name(), ErrorName::EnrolmentNotPossible);
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn a_baseline_under_change_is_waited_for() {
    let world = World::with_account_in(SANDBOX);
    world.state().baseline = Some(child_of(SANDBOX, BaselineStatus::UnderChange));
    let answer = run(&world, &request(SANDBOX)).await.unwrap();
    assert_eq!(answer.change, Change::None);
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn an_active_recommended_version_is_taken_of_these_the_newest() {
    let world = World::with_account_in(ROOT);
    world.state().artifacts = Some(vec![
        artifact("pa-old", true, false, 1),
        artifact("pa-right", true, false, 2),
        artifact("pa-deprecated", true, true, 3),
        artifact("pa-inactive", false, false, 4),
    ]);
    run(&world, &request(SANDBOX)).await.unwrap();
    assert!(
        world.writes()[2].ends_with("by pa-right"),
        "{:?}",
        world.writes()
    );
}

#[test]
fn the_input_of_the_state_machine_is_read() {
    let expected = request(SANDBOX);
    let input = serde_json::json!({
        "Execution": expected.execution, "Order": expected.order, "Account": expected.rest.account,
        "Placement": {"OrganizationalUnitId": SANDBOX, "Moved": false, "Created": []}, "Progress": null,
    });
    let read: Request = avm_aws::lambda::decode(input).unwrap();
    assert_eq!(read, expected);
}
