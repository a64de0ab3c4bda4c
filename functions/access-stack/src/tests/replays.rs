//! Answers that were lost, and stacks that CloudFormation shows late.
//! Whatever the step is not told, it starts nothing twice and judges no state of before.

use super::*;

#[tokio::test]
async fn whatever_is_lost_the_next_try_ends_in_an_equal_world() {
    for found in [
        vec![],
        vec![ours(StackStatus::CreateComplete)],
        vec![outdated()],
        vec![with_other_parameters()],
        vec![ours(StackStatus::RollbackFailed)],
        vec![ours(StackStatus::UpdateRollbackFailed)],
        vec![stack(STACK_NAME, StackStatus::CreateInProgress)],
        vec![
            stack("meshstack-cf-access-4711", StackStatus::UpdateComplete),
            ours(StackStatus::ReviewInProgress),
        ],
    ] {
        replay::<AccessStack>(|state| holding(state, &found), &request()).await;
    }
    let stuck = Stack {
        status: StackStatus::UpdateRollbackFailed,
        ..outdated()
    };
    let busy = |state: &mut State| {
        holding(state, std::slice::from_ref(&stuck));
        state.stacks.operation_lasts = 2;
        state.stacks.busy_for = 3;
    };
    replay::<AccessStack>(busy, &request()).await;
}

#[tokio::test]
async fn every_start_whose_answer_was_lost_is_found_again() {
    for (found, wanted) in [
        (vec![], starts(&["CreateStack"])),
        (vec![outdated()], starts(&["UpdateStack"])),
        (
            vec![ours(StackStatus::RollbackFailed)],
            starts(&["DeleteStack", "CreateStack"]),
        ),
        (
            vec![ours(StackStatus::UpdateRollbackFailed)],
            starts(&["ContinueUpdateRollback"]),
        ),
    ] {
        let world = with(&found);
        world.disturb_write(0, Fault::After);
        look(&world, &request()).await.unwrap_err();
        run(&world, &request()).await.unwrap();
        assert_eq!(world.writes(), wanted);
    }
}

#[tokio::test]
async fn an_update_whose_answer_was_lost_and_that_was_rolled_back_is_not_tried_again() {
    let world = with(&[outdated()]);
    world.disturb_write(0, Fault::After);
    look(&world, &request()).await.unwrap_err();
    let rolled_back = StackStatus::UpdateRollbackComplete;
    world.state_mut().stacks.endings.push_back(rolled_back);
    let failure = run(&world, &request()).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::StackFailed);
    // The second start was recognized as the first one.
    assert_eq!(world.writes(), starts(&["UpdateStack", "UpdateStack"]));
    assert_eq!(stacks(&world)[0].mark, outdated().mark);
}

#[tokio::test]
async fn an_update_that_still_shows_the_old_state_is_waited_for() {
    let world = with(&[outdated()]);
    let answer = look(&world, &request()).await.unwrap();
    world.show_old(1, "cloudformation:DescribeStacks");
    let late = look(&world, &next(&request(), &answer)).await.unwrap();
    assert_eq!(
        waits_for(&late),
        "stack meshstack-cf-access is CREATE_COMPLETE"
    );
    assert_eq!(late["Progress"]["Notes"], answer["Progress"]["Notes"]);
    let done = go_on(&world, &request(), &late).await.unwrap();
    assert_eq!(done["Change"], "update");
}

#[tokio::test]
async fn a_stack_that_does_not_show_yet_is_waited_for() {
    for (found, change) in [(vec![], "create"), (vec![outdated()], "update")] {
        let world = with(&found);
        let answer = look(&world, &request()).await.unwrap();
        world.set_old_state(State::default());
        world.show_old(1, "cloudformation:DescribeStacks");
        let late = look(&world, &next(&request(), &answer)).await.unwrap();
        assert_eq!(
            waits_for(&late),
            "stack meshstack-cf-access does not show yet"
        );
        let done = go_on(&world, &request(), &late).await.unwrap();
        assert_eq!(done["Change"], change);
    }
}

#[tokio::test]
async fn a_stack_that_appears_in_between_is_looked_at_again() {
    let world = with(&[ours(StackStatus::CreateComplete)]);
    world.set_old_state(State::default());
    world.show_old(1, "cloudformation:DescribeStacks");
    let answer = look(&world, &request()).await.unwrap();
    assert_eq!(answer["Progress"]["Notes"], json!({"Doing": "Wait"}));
    let done = go_on(&world, &request(), &answer).await.unwrap();
    assert_eq!(done["Change"], "none");
}
