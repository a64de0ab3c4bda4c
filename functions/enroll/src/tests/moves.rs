//! The strategy `auto`: one move, then the baseline; the Account Factory and the account itself are left alone.
//! A baseline that still is of the former unit does not count.

use avm_core::doors::Door;
use avm_core::error::ErrorName;
use avm_core::ports::control_tower::BaselineStatus;
use avm_world::InMemory;
use avm_world::control_tower::enabled;
use avm_world::organizations::ROOT;
use insta::{assert_json_snapshot, assert_snapshot};

use super::{
    Change, SANDBOX, WILD, WORKLOADS, auto, call, child, doors, id, later, next, parent, place_in,
    placed, run, said, set_baseline, sits_in,
};

/// The account in that parent; its enrollment is still under way at the second look.
fn slowly(place: &str) -> InMemory {
    InMemory::with(|state| {
        place_in(state, place);
        state.control_tower.enrollment_lasts = 1;
    })
}

#[tokio::test]
async fn an_account_is_moved_and_its_baseline_awaited() {
    let world = slowly(ROOT);
    let answer = call(&world, &auto(SANDBOX)).await.unwrap();
    assert_json_snapshot!(answer, @r#"
    {
      "AccountId": "111111111111",
      "Plan": null,
      "Progress": {
        "Looks": {
          "Turn": 0,
          "Work": 1
        },
        "Notes": {
          "Change": "enrolled",
          "Doing": "Baseline"
        }
      },
      "Result": null,
      "Status": "PENDING",
      "WaitSeconds": 15,
      "WaitingFor": "the baseline of the account, which Control Tower enrolls because it sits in ou-ab12-00000001"
    }
    "#);
    let waiting = call(&world, &next(&auto(SANDBOX), &answer)).await.unwrap();
    assert_eq!(said(&waiting), said(&answer));
    let answer = call(&world, &next(&auto(SANDBOX), &waiting)).await.unwrap();
    assert_json_snapshot!(answer["Result"], @r#"
    {
      "Change": "enrolled",
      "Enrollment": "auto",
      "OrganizationalUnitId": "ou-ab12-00000001"
    }
    "#);
    let moved = format!("organizations:MoveAccount 111111111111 to {SANDBOX}");
    assert_eq!(world.writes(), [moved]);
    assert_eq!(doors(&world), [Door::Placement]);
}

#[tokio::test]
async fn a_second_run_writes_nothing_and_opens_no_door() {
    let world = placed(WILD);
    run(&world, &auto(SANDBOX)).await.unwrap();
    world.forget_journal();
    let again = run(&world, &later(&auto(SANDBOX))).await.unwrap();
    assert_eq!((again.change, again.execution_role), (Change::None, None));
    assert!(world.writes().is_empty() && doors(&world).is_empty());
    assert_eq!(world.reads().len(), 2);
}

#[tokio::test]
async fn an_enrolled_account_is_moved_to_another_registered_unit() {
    let world = placed(WORKLOADS);
    set_baseline(
        &mut world.state_mut(),
        child(WORKLOADS, BaselineStatus::Succeeded),
    );
    let done = run(&world, &auto(SANDBOX)).await.unwrap();
    assert_eq!(done.change, Change::Moved);
    assert_eq!(
        world.state().control_tower.of_accounts[&id()],
        child(SANDBOX, BaselineStatus::Succeeded)
    );
}

#[tokio::test]
async fn a_baseline_of_the_former_unit_does_not_count() {
    let world = placed(WORKLOADS);
    let former = child(WORKLOADS, BaselineStatus::Succeeded);
    set_baseline(&mut world.state_mut(), former.clone());
    let answer = call(&world, &auto(SANDBOX)).await.unwrap();
    // Control Tower has not noticed the move yet; not even a lost answer makes an end of it.
    set_baseline(&mut world.state_mut(), former);
    for request in [next(&auto(SANDBOX), &answer), auto(SANDBOX)] {
        let waiting = call(&world, &request).await.unwrap();
        assert_eq!(waiting["Status"], "PENDING");
    }
    set_baseline(
        &mut world.state_mut(),
        child(SANDBOX, BaselineStatus::Succeeded),
    );
    let done = run(&world, &next(&auto(SANDBOX), &answer)).await.unwrap();
    assert_eq!(done.change, Change::Moved);
}

#[tokio::test]
async fn a_baseline_that_tells_no_parent_counts_as_it_is() {
    let world = placed(SANDBOX);
    let baseline = enabled("account", None, BaselineStatus::Succeeded);
    set_baseline(&mut world.state_mut(), baseline);
    let done = run(&world, &auto(SANDBOX)).await.unwrap();
    assert_eq!(done.change, Change::None);
}

#[tokio::test]
async fn a_baseline_under_change_when_the_step_begins_is_awaited() {
    for status in [
        BaselineStatus::UnderChange,
        BaselineStatus::Other("NEW".to_owned()),
    ] {
        let world = slowly(SANDBOX);
        set_baseline(&mut world.state_mut(), child(SANDBOX, status));
        let answer = call(&world, &auto(SANDBOX)).await.unwrap();
        let succeeded = child(SANDBOX, BaselineStatus::Succeeded);
        set_baseline(&mut world.state_mut(), succeeded);
        let done = run(&world, &next(&auto(SANDBOX), &answer)).await.unwrap();
        assert_eq!(done.change, Change::Enrolled);
        assert!(world.writes().is_empty());
    }
}

#[tokio::test]
async fn a_failed_baseline_is_told_with_its_operation_and_its_reason() {
    let world = placed(ROOT);
    let answer = call(&world, &auto(SANDBOX)).await.unwrap();
    let again = next(&auto(SANDBOX), &answer);
    let mut failed = child(SANDBOX, BaselineStatus::Failed);
    set_baseline(&mut world.state_mut(), failed.clone());
    let failure = call(&world, &again).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::EnrolmentFailed);
    assert_snapshot!(failure, @"the baseline of the account in ou-ab12-00000001 is FAILED (operation operation-1) (account 111111111111). Remedy: repair the cause and enroll the account again in AWS Control Tower (re-register its organizational unit), then send the request again.");
    let message = Some("a Config recorder exists".to_owned());
    world.state_mut().control_tower.operation_message = message;
    let failure = call(&world, &again).await.unwrap_err();
    assert_eq!(
        failure.cause(),
        "the baseline of the account in ou-ab12-00000001 is FAILED (operation operation-1): a Config recorder exists"
    );
    failed.operation = None;
    set_baseline(&mut world.state_mut(), failed);
    let failure = call(&world, &again).await.unwrap_err();
    assert!(failure.cause().ends_with("is FAILED"), "{failure}");
}

#[tokio::test]
async fn an_account_that_somebody_moves_away_meanwhile_is_moved_again() {
    let world = placed(ROOT);
    let answer = call(&world, &auto(SANDBOX)).await.unwrap();
    {
        let mut state = world.state_mut();
        state.organizations.put_into(&id(), &parent(WILD));
        state.control_tower.of_accounts.clear();
    }
    let done = run(&world, &next(&auto(SANDBOX), &answer)).await.unwrap();
    assert_eq!(done.change, Change::Enrolled);
    assert_eq!(sits_in(&world), parent(SANDBOX));
}
