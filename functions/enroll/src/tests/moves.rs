//! The strategy `auto`: one move, then the baseline; the Account Factory and the account itself are left alone.
//! A baseline that still is of the former unit does not count.

use avm_core::error::ErrorName;
use avm_core::ports::control_tower::BaselineStatus;
use insta::{assert_json_snapshot, assert_snapshot};

use super::world::{ROOT, SANDBOX, WILD, WORKLOADS, World, child_of, enabled, parent};
use super::{Change, auto, call, later, next, run};

#[tokio::test]
async fn an_account_is_moved_and_its_baseline_awaited() {
    let world = World::with_account_in(ROOT);
    let answer = call(&world, &auto(SANDBOX)).await.unwrap();
    assert_json_snapshot!(answer, @r#"
    {
      "Status": "PENDING",
      "WaitingFor": "the baseline of the account, which Control Tower enrolls because it sits in ou-ab12-00000001",
      "Progress": {
        "Doing": "Baseline",
        "Change": "enrolled"
      }
    }
    "#);
    let waiting = call(&world, &next(&auto(SANDBOX), &answer)).await.unwrap();
    assert_eq!(waiting, answer);
    world.end();
    let answer = call(&world, &next(&auto(SANDBOX), &waiting)).await.unwrap();
    assert_json_snapshot!(answer, @r#"
    {
      "Status": "DONE",
      "Enrollment": "auto",
      "OrganizationalUnitId": "ou-ab12-00000001",
      "Change": "enrolled"
    }
    "#);
    assert_eq!(world.writes(), [format!("move to {SANDBOX}")]);
    assert_eq!(world.state().doors, ["placement"]);
}

#[tokio::test]
async fn a_second_run_writes_nothing_and_opens_no_door() {
    let world = World::with_account_in(WILD);
    run(&world, &auto(SANDBOX)).await.unwrap();
    let (writes, doors) = (world.writes(), world.state().doors.clone());
    world.state().reads = 0;
    let again = run(&world, &later(&auto(SANDBOX))).await.unwrap();
    assert_eq!((again.change, again.execution_role), (Change::None, None));
    assert_eq!(
        (world.writes(), world.state().doors.clone()),
        (writes, doors)
    );
    assert_eq!(world.state().reads, 2);
}

#[tokio::test]
async fn an_enrolled_account_is_moved_to_another_registered_unit() {
    let world = World::with_account_in(WORKLOADS);
    world.state().baseline = Some(child_of(WORKLOADS, BaselineStatus::Succeeded));
    let done = run(&world, &auto(SANDBOX)).await.unwrap();
    assert_eq!(done.change, Change::Moved);
    assert_eq!(
        world.state().baseline,
        Some(child_of(SANDBOX, BaselineStatus::Succeeded))
    );
}

#[tokio::test]
async fn a_baseline_of_the_former_unit_does_not_count() {
    let world = World::with_account_in(WORKLOADS);
    world.state().baseline = Some(child_of(WORKLOADS, BaselineStatus::Succeeded));
    let answer = call(&world, &auto(SANDBOX)).await.unwrap();
    // Control Tower has not noticed the move yet; not even a lost answer makes an end of it.
    world.state().baseline = Some(child_of(WORKLOADS, BaselineStatus::Succeeded));
    for request in [next(&auto(SANDBOX), &answer), auto(SANDBOX)] {
        let waiting = call(&world, &request).await.unwrap();
        assert!(matches!(waiting, crate::Answer::Pending { .. }));
    }
    world.state().baseline = Some(child_of(SANDBOX, BaselineStatus::Succeeded));
    let done = run(&world, &next(&auto(SANDBOX), &answer)).await.unwrap();
    assert_eq!(done.change, Change::Moved);
}

#[tokio::test]
async fn a_baseline_that_tells_no_parent_counts_as_it_is() {
    let world = World::with_account_in(SANDBOX);
    world.state().baseline = Some(enabled("account", None, BaselineStatus::Succeeded));
    let done = run(&world, &auto(SANDBOX)).await.unwrap();
    assert_eq!(done.change, Change::None);
}

#[tokio::test]
async fn a_baseline_under_change_when_the_step_begins_is_awaited() {
    for status in [
        BaselineStatus::UnderChange,
        BaselineStatus::Other("NEW".to_owned()),
    ] {
        let world = World::with_account_in(SANDBOX);
        world.state().baseline = Some(child_of(SANDBOX, status));
        let answer = call(&world, &auto(SANDBOX)).await.unwrap();
        world.state().baseline = Some(child_of(SANDBOX, BaselineStatus::Succeeded));
        let done = run(&world, &next(&auto(SANDBOX), &answer)).await.unwrap();
        assert_eq!(done.change, Change::Enrolled);
        assert!(world.writes().is_empty());
    }
}

#[tokio::test]
async fn a_failed_baseline_is_told_with_its_operation_and_its_reason() {
    let world = World::with_account_in(ROOT);
    let answer = call(&world, &auto(SANDBOX)).await.unwrap();
    world.state().baseline = Some(child_of(SANDBOX, BaselineStatus::Failed));
    let failure = call(&world, &next(&auto(SANDBOX), &answer))
        .await
        .unwrap_err();
    assert_eq!(failure.name(), ErrorName::EnrolmentFailed);
    assert_snapshot!(failure, @"the baseline of the account in ou-ab12-00000001 is FAILED (operation operation-1) (account 111111111111). Remedy: repair the cause and enroll the account again in AWS Control Tower (re-register its organizational unit), then send the request again.");
    world.state().operation_message = Some("a Config recorder exists".to_owned());
    let failure = call(&world, &next(&auto(SANDBOX), &answer))
        .await
        .unwrap_err();
    assert_eq!(
        failure.cause(),
        "the baseline of the account in ou-ab12-00000001 is FAILED (operation operation-1): a Config recorder exists"
    );
    world.state().baseline.as_mut().unwrap().operation = None;
    let failure = call(&world, &next(&auto(SANDBOX), &answer))
        .await
        .unwrap_err();
    assert!(failure.cause().ends_with("is FAILED"), "{failure}");
}

#[tokio::test]
async fn an_account_that_somebody_moves_away_meanwhile_is_moved_again() {
    let world = World::with_account_in(ROOT);
    let answer = call(&world, &auto(SANDBOX)).await.unwrap();
    world.state().account_in = parent(WILD);
    world.state().baseline = None;
    let done = run(&world, &next(&auto(SANDBOX), &answer)).await.unwrap();
    assert_eq!(done.change, Change::Enrolled);
    assert_eq!(world.state().account_in, parent(SANDBOX));
}
