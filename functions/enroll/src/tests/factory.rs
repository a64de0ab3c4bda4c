//! The Account Factory when all goes well: accounts that are enrolled, moved, repaired, or left alone.
//! What is settled is neither written to nor looked at twice.

use avm_core::doors::Door;
use avm_core::error::ErrorName;
use avm_core::ports::account_factory::ProductStatus;
use avm_core::ports::control_tower::BaselineStatus;
use avm_core::testing::{account, execution};
use avm_world::organizations::ROOT;
use avm_world::read;
use avm_world::service_catalog::{Shows, artifact, product};
use insta::{assert_json_snapshot, assert_snapshot};
use serde_json::json;

use super::{
    Change, DEEP, RoleOutcome, SANDBOX, WILD, WORKLOADS, call, child, count, done, doors,
    enroll_no_moved_accounts, enrolled, id, later, next, parent, placed, removing, request, run,
    said, set_baseline, set_product, sits_in, waiting_for, with_product,
};
use crate::{Attempts, Enroll, Notes, Purpose};

const BACK_TO_THE_ROOT: &str = "organizations:MoveAccount 111111111111 to r-ab12";

#[tokio::test]
async fn an_account_is_enrolled_and_followed_by_its_record_to_the_end() {
    let world = placed(ROOT);
    world.state_mut().service_catalog.operations_last = 1;
    let answer = call(&world, &request(SANDBOX)).await.unwrap();
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
          "Doing": "Record",
          "Purpose": "enroll",
          "Record": "rec-1"
        }
      },
      "Result": null,
      "Status": "PENDING",
      "WaitSeconds": 45,
      "WaitingFor": "the Account Factory, which enrolls the account (record rec-1)"
    }
    "#);
    let running = call(&world, &next(&request(SANDBOX), &answer))
        .await
        .unwrap();
    assert_eq!(said(&running), said(&answer));
    let answer = call(&world, &next(&request(SANDBOX), &running))
        .await
        .unwrap();
    assert_json_snapshot!(answer["Result"], @r#"
    {
      "Change": "enrolled",
      "Enrollment": "service-catalog",
      "ExecutionRole": "kept",
      "OrganizationalUnitId": "ou-ab12-00000001"
    }
    "#);
    assert_snapshot!(world.writes().join("\n"), @r"
    iam:CreateRole AWSControlTowerExecution
    iam:AttachRolePolicy AWSControlTowerExecution arn:aws:iam::aws:policy/AdministratorAccess
    servicecatalog:ProvisionProduct avm-111111111111 into Sandbox (ou-ab12-00000001) by pa-1
    ");
    assert_eq!(sits_in(&world), parent(SANDBOX));
}

#[tokio::test]
async fn a_second_run_on_an_enrolled_account_writes_nothing_and_opens_no_door() {
    let world = placed(ROOT);
    run(&world, &request(SANDBOX)).await.unwrap();
    world.forget_journal();
    let again = run(&world, &later(&request(SANDBOX))).await.unwrap();
    assert_eq!(again, done(Change::None, None, SANDBOX));
    assert!(world.writes().is_empty() && doors(&world).is_empty());
    assert_eq!(world.reads().len(), 3);
}

#[tokio::test]
async fn an_account_in_an_unregistered_unit_is_enrolled_from_there() {
    let world = placed(WILD);
    let answer = run(&world, &request(SANDBOX)).await.unwrap();
    assert_eq!(answer.change, Change::Enrolled);
    assert!(!doors(&world).contains(&Door::Placement));
}

#[tokio::test]
async fn an_account_in_a_registered_unit_that_is_not_enrolled_goes_back_to_the_root_first() {
    for place in [SANDBOX, WORKLOADS, DEEP] {
        let world = placed(place);
        world.state_mut().control_tower.guards_roles = true;
        enroll_no_moved_accounts(&mut world.state_mut());
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
        assert_eq!(
            world.writes()[..2],
            [BACK_TO_THE_ROOT, "iam:CreateRole AWSControlTowerExecution"]
        );
    }
}

/// Landing zone 4.0: a control can be enabled on a unit that has no baseline, and keeps everybody from making the role all the same.
#[tokio::test]
async fn an_account_in_a_unit_with_controls_alone_goes_back_to_the_root_first() {
    let world = placed(WILD);
    enroll_no_moved_accounts(&mut world.state_mut());
    let unit = account().unit_arn(&parent(WILD)).unwrap();
    world.state_mut().control_tower.with_controls.insert(unit);
    call(&world, &request(SANDBOX)).await.unwrap();
    assert_eq!(world.writes(), [BACK_TO_THE_ROOT]);
}

/// meshStack moves an account from the root to the unit that its landing zone names, at every replication.
#[tokio::test]
async fn an_account_that_somebody_moves_back_meanwhile_is_told_who_has_to_let_it_be() {
    let world = placed(SANDBOX);
    enroll_no_moved_accounts(&mut world.state_mut());
    let answer = call(&world, &request(SANDBOX)).await.unwrap();
    let back = parent(SANDBOX);
    world.state_mut().organizations.put_into(&id(), &back);
    let failure = call(&world, &next(&request(SANDBOX), &answer))
        .await
        .unwrap_err();
    assert_eq!(failure.name(), ErrorName::EnrolmentNotPossible);
    assert!(
        failure.remedy().contains("let only one move the account"),
        "{failure}"
    );
    assert_eq!(world.writes(), [BACK_TO_THE_ROOT]);
}

#[tokio::test]
async fn where_moves_enroll_accounts_one_that_was_moved_into_its_unit_is_left_there() {
    let world = placed(SANDBOX);
    world.state_mut().control_tower.enrollment_lasts = 3;
    set_baseline(
        &mut world.state_mut(),
        child(SANDBOX, BaselineStatus::UnderChange),
    );
    let mut waiting = call(&world, &request(SANDBOX)).await.unwrap();
    assert_eq!(
        waiting_for(&waiting),
        "the baseline of the account, which is UNDER_CHANGE"
    );
    world.state_mut().control_tower.of_accounts.clear();
    waiting = call(&world, &request(SANDBOX)).await.unwrap();
    let words = waiting_for(&waiting);
    assert!(words.contains("enrolls because it sits in"), "{words}");
    set_baseline(
        &mut world.state_mut(),
        child(SANDBOX, BaselineStatus::Succeeded),
    );
    run(&world, &next(&request(SANDBOX), &waiting))
        .await
        .unwrap();
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn an_enrolled_account_in_another_unit_is_moved_by_its_product() {
    let world = enrolled(WORKLOADS);
    let answer = run(&world, &request(SANDBOX)).await.unwrap();
    assert_eq!(answer.change, Change::Moved);
    assert_eq!(sits_in(&world), parent(SANDBOX));
    let update =
        "servicecatalog:UpdateProvisionedProduct pp-1 into Sandbox (ou-ab12-00000001) by pa-1";
    assert!(world.writes().contains(&update.to_owned()));
    assert!(!doors(&world).contains(&Door::Placement));
}

#[tokio::test]
async fn a_tainted_or_broken_product_that_once_succeeded_is_applied_again() {
    for status in [ProductStatus::Tainted, ProductStatus::Error] {
        let world = enrolled(SANDBOX);
        set_product(&mut world.state_mut(), product(status, true));
        let answer = run(&world, &request(SANDBOX)).await.unwrap();
        assert_eq!(answer.change, Change::Repaired);
        let updates = count(&world, "servicecatalog:UpdateProvisionedProduct pp-1");
        assert_eq!(updates, 1);
        let again = run(&world, &later(&request(SANDBOX))).await.unwrap();
        assert_eq!(again.change, Change::None);
    }
}

#[tokio::test]
async fn a_product_that_is_available_without_a_success_is_applied_again() {
    let world = enrolled(SANDBOX);
    let without = product(ProductStatus::Available, false);
    set_product(&mut world.state_mut(), without);
    let answer = run(&world, &request(SANDBOX)).await.unwrap();
    assert_eq!(answer.change, Change::Repaired);
}

#[tokio::test]
async fn a_product_that_never_succeeded_is_terminated_and_made_anew() {
    for (status, place, shows) in [
        (ProductStatus::Error, ROOT, Shows::ByName),
        (ProductStatus::Tainted, SANDBOX, Shows::Everywhere),
    ] {
        let world = with_product(place, Some(product(status, false)));
        world.state_mut().service_catalog.shows = shows;
        let answer = run(&world, &request(SANDBOX)).await.unwrap();
        assert_eq!(
            answer,
            done(Change::Repaired, Some(RoleOutcome::Kept), SANDBOX)
        );
        let moved_back = world.writes().contains(&BACK_TO_THE_ROOT.to_owned());
        assert_eq!(moved_back, place != ROOT);
        assert_eq!(
            world.writes()[0],
            "servicecatalog:TerminateProvisionedProduct pp-1"
        );
    }
}

#[tokio::test]
async fn somebodys_operation_is_waited_for_and_then_decides() {
    let world = enrolled(SANDBOX);
    let under_change = product(ProductStatus::UnderChange, true);
    set_product(&mut world.state_mut(), under_change);
    let answer = call(&world, &request(SANDBOX)).await.unwrap();
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
          "Doing": "Look"
        }
      },
      "Result": null,
      "Status": "PENDING",
      "WaitSeconds": 45,
      "WaitingFor": "provisioned product avm-111111111111 (pp-1), which is UNDER_CHANGE"
    }
    "#);
    let available = product(ProductStatus::Available, true);
    set_product(&mut world.state_mut(), available);
    let answer = run(&world, &next(&request(SANDBOX), &answer))
        .await
        .unwrap();
    assert_eq!(answer, done(Change::None, None, SANDBOX));
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn an_account_that_is_enrolled_without_a_product_is_enrolled() {
    let world = placed(SANDBOX);
    let baseline = child(SANDBOX, BaselineStatus::Succeeded);
    set_baseline(&mut world.state_mut(), baseline);
    let answer = run(&world, &request(SANDBOX)).await.unwrap();
    assert_eq!(answer, done(Change::None, None, SANDBOX));
    assert!(world.writes().is_empty() && doors(&world).is_empty());
}

#[tokio::test]
async fn enrolled_without_a_product_it_is_not_moved() {
    let world = placed(WORKLOADS);
    let baseline = child(WORKLOADS, BaselineStatus::Succeeded);
    set_baseline(&mut world.state_mut(), baseline);
    let failure = run(&world, &request(SANDBOX)).await.unwrap_err();
    assert_snapshot!(failure, @"the account is enrolled without a provisioned product and sits in ou-ab12-00000002 instead of ou-ab12-00000001 (account 111111111111). Remedy: move the account in the console of AWS Control Tower, or set the landing zone's enrollment to auto, then send the request again.");
    assert_eq!(failure.name(), ErrorName::EnrolmentNotPossible);
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn a_baseline_under_change_is_waited_for() {
    let world = placed(SANDBOX);
    world.state_mut().control_tower.enrollment_lasts = 1;
    let baseline = child(SANDBOX, BaselineStatus::UnderChange);
    set_baseline(&mut world.state_mut(), baseline);
    let answer = call(&world, &request(SANDBOX)).await.unwrap();
    assert_eq!(
        waiting_for(&answer),
        "the baseline of the account, which is UNDER_CHANGE"
    );
    let answer = run(&world, &next(&request(SANDBOX), &answer))
        .await
        .unwrap();
    assert_eq!(answer.change, Change::None);
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn an_active_recommended_version_is_taken_of_these_the_newest() {
    let world = placed(ROOT);
    world.state_mut().service_catalog.artifacts = Some(vec![
        artifact("pa-old", true, false, 1),
        artifact("pa-right", true, false, 2),
        artifact("pa-deprecated", true, true, 3),
        artifact("pa-inactive", false, false, 4),
    ]);
    run(&world, &request(SANDBOX)).await.unwrap();
    let writes = world.writes();
    assert!(writes[2].ends_with("by pa-right"), "{writes:?}");
}

#[test]
fn the_input_of_the_machine_is_read() {
    let notes = Notes::Record {
        record: "rec-1".parse().unwrap(),
        purpose: Purpose::Enroll,
        attempts: Attempts::default(),
    };
    let expected = avm_core::testing::noting(request(SANDBOX), notes);
    let input = json!({
        "Execution": execution(), "Order": expected.order, "Account": account(),
        "Input": {"OrganizationalUnitId": SANDBOX, "Moved": false, "Created": []},
        "Progress": {
            "Looks": {"Work": 1, "Turn": 0},
            "Notes": {"Doing": "Record", "Record": "rec-1", "Purpose": "enroll"},
        },
    });
    assert_eq!(read::<Enroll>(input).unwrap(), expected);
}
