//! Accounts that are enrolled, and no longer are as their unit says: by the Account Factory, or by moves without a product.
//! By the strategy `auto` see `moves`.

use avm_core::error::ErrorName;
use avm_core::ports::control_tower::{BaselineStatus, EnabledBaseline};
use avm_world::organizations::ROOT;
use insta::assert_snapshot;

use super::{
    Change, RoleOutcome, SANDBOX, call, child, done, enroll_no_moved_accounts, enrolled, id, later,
    next, parent, placed, request, run, set_baseline, sits_in, waiting_for,
};

fn drifted(status: BaselineStatus, is_drifted: bool) -> EnabledBaseline {
    EnabledBaseline {
        is_drifted,
        ..child(SANDBOX, status)
    }
}

/// A product tells of its last operation only.
#[tokio::test]
async fn an_account_whose_baseline_has_drifted_or_failed_since_is_repaired_by_its_product() {
    for (status, is_drifted) in [
        (BaselineStatus::Succeeded, true),
        (BaselineStatus::Failed, false),
    ] {
        let world = enrolled(SANDBOX);
        set_baseline(&mut world.state_mut(), drifted(status, is_drifted));
        let answer = run(&world, &request(SANDBOX)).await.unwrap();
        assert_eq!(
            answer,
            done(Change::Repaired, Some(RoleOutcome::Kept), SANDBOX)
        );
        let update =
            "servicecatalog:UpdateProvisionedProduct pp-1 into Sandbox (ou-ab12-00000001) by pa-1";
        assert_eq!(world.writes(), [update]);
        let again = run(&world, &later(&request(SANDBOX))).await.unwrap();
        assert_eq!(again.change, Change::None);
    }
}

#[tokio::test]
async fn what_is_done_with_the_baseline_of_an_account_with_a_product_is_waited_for() {
    let world = enrolled(SANDBOX);
    world.state_mut().control_tower.enrollment_lasts = 1;
    let under_change = child(SANDBOX, BaselineStatus::UnderChange);
    set_baseline(&mut world.state_mut(), under_change);
    let answer = call(&world, &request(SANDBOX)).await.unwrap();
    assert_eq!(
        waiting_for(&answer),
        "the baseline of the account, which is UNDER_CHANGE"
    );
    let answer = run(&world, &next(&request(SANDBOX), &answer)).await;
    assert_eq!(answer.unwrap().change, Change::None);
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn drifted_without_a_product_it_is_repaired_where_moves_enroll_accounts() {
    let world = placed(SANDBOX);
    let baseline = drifted(BaselineStatus::Succeeded, true);
    set_baseline(&mut world.state_mut(), baseline);
    let answer = run(&world, &request(SANDBOX)).await.unwrap();
    assert_eq!(answer.change, Change::Enrolled);
    assert_eq!(
        world.writes()[0],
        format!("organizations:MoveAccount 111111111111 to {ROOT}")
    );
    let state = world.state();
    let found = &state.control_tower.of_accounts[&id()];
    assert_eq!(*found, child(SANDBOX, BaselineStatus::Succeeded));
    assert_eq!(sits_in(&world), parent(SANDBOX));
}

#[tokio::test]
async fn drifted_without_a_product_or_moves_that_enroll_accounts_it_is_told() {
    let world = placed(SANDBOX);
    enroll_no_moved_accounts(&mut world.state_mut());
    let baseline = drifted(BaselineStatus::Succeeded, true);
    set_baseline(&mut world.state_mut(), baseline);
    let failure = run(&world, &request(SANDBOX)).await.unwrap_err();
    assert_snapshot!(failure, @"the account is enrolled without a provisioned product and no longer is as ou-ab12-00000001 says (inheritance drift) (account 111111111111). Remedy: re-register the organizational unit in AWS Control Tower, or set the landing zone's enrollment to auto, then send the request again.");
    assert_eq!(failure.name(), ErrorName::EnrolmentNotPossible);
    assert!(world.writes().is_empty());
}

/// What moves could not do, the Account Factory does from the root.
#[tokio::test]
async fn drifted_and_failed_by_the_moves_that_repair_it_it_is_enrolled_by_a_product() {
    let world = placed(SANDBOX);
    let baseline = drifted(BaselineStatus::Succeeded, true);
    set_baseline(&mut world.state_mut(), baseline);
    let answer = call(&world, &request(SANDBOX)).await.unwrap();
    let failed = child(SANDBOX, BaselineStatus::Failed);
    set_baseline(&mut world.state_mut(), failed);
    run(&world, &next(&request(SANDBOX), &answer))
        .await
        .unwrap();
    let writes = world.writes();
    assert_eq!(
        writes[0],
        format!("organizations:MoveAccount 111111111111 to {ROOT}")
    );
    let last = writes.last().unwrap();
    assert!(
        last.starts_with("servicecatalog:ProvisionProduct"),
        "{last}"
    );
}
