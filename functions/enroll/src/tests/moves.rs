//! The strategy `auto`: one move, then the baseline; the Account Factory and the account itself are left alone.
//! A baseline that still is of the former unit does not count.

use avm_core::doors::Door;
use avm_core::error::ErrorName;
use avm_core::ports::control_tower::{BaselineStatus, EnabledBaseline};
use avm_core::testing::account;
use avm_world::InMemory;
use avm_world::control_tower::{account_arn, enabled};
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
      "WaitSeconds": 45,
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
    assert_snapshot!(failure, @"the baseline of the account in ou-ab12-00000001 is FAILED (operation operation-1) (account 111111111111). Remedy: repair the cause and send the request again, which moves the account out of its unit and in again; or enroll it in AWS Control Tower (re-register its organizational unit).");
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

const OTHER: &str = "222222222222";

/// Another account, which Control Tower is enrolling because it was moved into that unit.
fn another_is_moved_into(state: &mut avm_world::State, unit: &str, status: BaselineStatus) {
    let other = OTHER.parse().unwrap();
    state
        .control_tower
        .of_accounts
        .insert(other, child(unit, status));
}

#[tokio::test]
async fn one_moved_account_of_a_unit_is_enrolled_at_a_time() {
    let world = slowly(ROOT);
    another_is_moved_into(&mut world.state_mut(), SANDBOX, BaselineStatus::UnderChange);
    world.state_mut().control_tower.enrollment_lasts = 3;
    let answer = call(&world, &auto(SANDBOX)).await.unwrap();
    assert_snapshot!(super::waiting_for(&answer), @"the account's turn in ou-ab12-00000001: Control Tower is at work on 1 of its accounts, and enrolls one that is moved at a time");
    assert_eq!(answer["Progress"]["Looks"]["Turn"], 1);
    assert!(world.writes().is_empty());
    let done = run(&world, &auto(SANDBOX)).await.unwrap();
    assert_eq!(done.change, Change::Enrolled);
    assert_eq!(world.writes().len(), 1);
}

#[tokio::test]
async fn an_account_that_control_tower_is_at_work_on_is_moved_afterwards() {
    let world = slowly(WORKLOADS);
    set_baseline(
        &mut world.state_mut(),
        child(WORKLOADS, BaselineStatus::UnderChange),
    );
    let answer = call(&world, &auto(SANDBOX)).await.unwrap();
    assert_eq!(
        super::waiting_for(&answer),
        "Control Tower to end what it is doing with the account"
    );
    let done = run(&world, &next(&auto(SANDBOX), &answer)).await.unwrap();
    assert_eq!(done.change, Change::Moved);
}

#[tokio::test]
async fn the_turn_of_another_unit_is_not_waited_for() {
    let world = slowly(ROOT);
    another_is_moved_into(
        &mut world.state_mut(),
        WORKLOADS,
        BaselineStatus::UnderChange,
    );
    call(&world, &auto(SANDBOX)).await.unwrap();
    assert_eq!(sits_in(&world), parent(SANDBOX));
}

/// Two executions have looked at one instant: Control Tower has missed the second move, and nothing comes of waiting.
#[tokio::test]
async fn a_move_that_control_tower_has_missed_is_made_again_once_the_unit_is_free() {
    let world = placed(SANDBOX);
    another_is_moved_into(&mut world.state_mut(), SANDBOX, BaselineStatus::UnderChange);
    world.state_mut().control_tower.enrollment_lasts = 20;
    let done = run(&world, &auto(SANDBOX)).await.unwrap();
    assert_eq!(done.change, Change::Enrolled);
    assert_eq!(
        world.writes(),
        [
            format!("organizations:MoveAccount 111111111111 to {ROOT}"),
            format!("organizations:MoveAccount 111111111111 to {SANDBOX}"),
        ]
    );
}

/// What becomes of a move during that, no document says.
#[tokio::test]
async fn a_landing_zone_that_is_being_changed_is_waited_for_before_a_move() {
    let is_processing = |world: &InMemory, value| {
        let zone = &mut world.state_mut().control_tower.landing_zone;
        zone.as_mut().unwrap().is_processing = value;
    };
    for place in [ROOT, SANDBOX] {
        let world = placed(place);
        is_processing(&world, true);
        let answer = call(&world, &auto(SANDBOX)).await.unwrap();
        assert_eq!(
            super::waiting_for(&answer),
            "the landing zone, which is PROCESSING"
        );
        assert_eq!(answer["Progress"]["Looks"]["Work"], 1);
        assert!(world.writes().is_empty());
        is_processing(&world, false);
        run(&world, &next(&auto(SANDBOX), &answer)).await.unwrap();
        assert_eq!(sits_in(&world), parent(SANDBOX));
    }
}

#[tokio::test]
async fn what_failed_before_this_vend_is_repaired_once() {
    let world = placed(SANDBOX);
    set_baseline(
        &mut world.state_mut(),
        child(SANDBOX, BaselineStatus::Failed),
    );
    let done = run(&world, &auto(SANDBOX)).await.unwrap();
    assert_eq!(done.change, Change::Repaired);
    assert_eq!(world.writes().len(), 2);
}

/// Landing zone 4.0: a unit is governed by other baselines, too, and an account is enrolled when it has them all.
#[tokio::test]
async fn every_baseline_of_the_unit_counts_and_none_of_it_may_have_drifted() {
    let config = |parent: Option<&str>, status, is_drifted| EnabledBaseline {
        is_drifted,
        ..enabled("config", parent.map(str::to_owned), status)
    };
    let unit_arn = account().unit_arn(&parent(SANDBOX)).unwrap();
    for (of_account, is_settled) in [
        (None, false),
        (Some((BaselineStatus::UnderChange, false)), false),
        (Some((BaselineStatus::Succeeded, true)), false),
        (Some((BaselineStatus::Succeeded, false)), true),
    ] {
        let world = placed(SANDBOX);
        {
            let mut state = world.state_mut();
            set_baseline(&mut state, child(SANDBOX, BaselineStatus::Succeeded));
            let besides = &mut state.control_tower.besides;
            let of_unit = config(None, BaselineStatus::Succeeded, false);
            besides.insert(unit_arn.clone(), vec![of_unit]);
            if let Some((status, is_drifted)) = of_account.clone() {
                let of_account = config(Some("config"), status, is_drifted);
                besides.insert(account_arn(&id()), vec![of_account]);
            }
        }
        let answer = call(&world, &auto(SANDBOX)).await.unwrap();
        assert_eq!(answer["Status"] == "DONE", is_settled, "{of_account:?}");
    }
}

#[tokio::test]
async fn a_unit_without_the_baseline_of_the_account_factory_is_governed_all_the_same() {
    let world = placed(ROOT);
    let unit_arn = account().unit_arn(&parent(WILD)).unwrap();
    let of_unit = enabled("config", None, BaselineStatus::Succeeded);
    world
        .state_mut()
        .control_tower
        .besides
        .insert(unit_arn, vec![of_unit]);
    call(&world, &auto(WILD)).await.unwrap();
    assert_eq!(sits_in(&world), parent(WILD));
}

/// Landing zone 4.0: controls can be enabled on any unit, and an account there has no baseline that could be waited for.
#[tokio::test]
async fn a_unit_with_controls_alone_is_governed_and_an_account_in_it_is_done() {
    let world = placed(ROOT);
    let unit_arn = account().unit_arn(&parent(WILD)).unwrap();
    world
        .state_mut()
        .control_tower
        .with_controls
        .insert(unit_arn);
    call(&world, &auto(WILD)).await.unwrap();
    assert_eq!(sits_in(&world), parent(WILD));
    let done = run(&world, &auto(WILD)).await.unwrap();
    assert_eq!(done.change, Change::None);
}

#[tokio::test]
async fn what_a_former_unit_has_given_is_waited_for_under_controls_alone() {
    let world = placed(WILD);
    let unit_arn = account().unit_arn(&parent(WILD)).unwrap();
    {
        let mut state = world.state_mut();
        state.control_tower.with_controls.insert(unit_arn);
        state.control_tower.enrollment_lasts = 1;
        set_baseline(&mut state, child(SANDBOX, BaselineStatus::UnderChange));
    }
    let answer = call(&world, &auto(WILD)).await.unwrap();
    assert_eq!(answer["Status"], "PENDING");
}
