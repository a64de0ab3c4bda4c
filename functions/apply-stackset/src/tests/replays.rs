//! Answers that were lost, and instances that CloudFormation shows late.
//! Whatever the step is not told, it starts no operation twice and leaves no instance as it was.

use super::*;

#[tokio::test]
async fn a_replay_joins_the_operation_that_was_started() {
    let world = lasting(empty);
    let id = |answer: &Value| answer["Progress"]["Notes"]["Started"]["OperationId"].clone();
    let first = look(&world, &request()).await.unwrap();
    let again = look(&world, &request()).await.unwrap();
    assert!(id(&first).is_string());
    assert_eq!(id(&first), id(&again));
    end(&world, &Ending::well());
    let done = look(&world, &next(&request(), &again)).await.unwrap();
    assert_eq!(done["Result"]["Operation"], "create");
    let replayed = look(&world, &next(&request(), &again)).await.unwrap();
    assert_eq!(done, replayed);
    let begun_anew = drive::<ApplyStackSet>(&world, &request()).await.unwrap();
    assert_eq!(begun_anew["Operation"], "none");
    assert_eq!(operations(&world).len(), 1);
}

#[tokio::test]
async fn a_start_whose_answer_was_lost_is_found_again() {
    for hidden_reads in [0, 1] {
        let world = lasting(empty);
        world.disturb_write(0, Fault::After);
        let lost = look(&world, &request()).await.unwrap_err();
        assert_eq!(lost.name(), ErrorName::ServiceUnavailable);

        hide_instance(&world, hidden_reads);
        let answer = look(&world, &request()).await.unwrap();
        end(&world, &Ending::well());
        let done = go_on(&world, &request(), &answer).await.unwrap();
        assert_eq!(done["Operation"], "create");
        assert_eq!(operations(&world).len(), 1);
    }
}

#[tokio::test]
async fn an_update_whose_answer_was_lost_is_found_again_even_when_it_has_ended() {
    let world = InMemory::with(settled);
    world.disturb_write(0, Fault::After);
    let request = with_tag("tagEnvironment", "prod");
    look(&world, &request).await.unwrap_err();
    end(&world, &Ending::well());
    let done = drive::<ApplyStackSet>(&world, &request).await.unwrap();
    assert_eq!(done["Operation"], "none");
    assert_eq!(operations(&world).len(), 1);
}

#[tokio::test]
async fn a_start_that_failed_before_its_effect_is_made_again_under_the_same_id() {
    let world = InMemory::with(empty);
    let throttled = Failure::new(ErrorName::Throttled, "slow down");
    world.refuse_times("cloudformation:CreateStackInstances", 1, throttled.clone());
    let failure = look(&world, &request()).await.unwrap_err();
    assert_eq!(failure, throttled.of_account(&account().account_id));
    assert!(operations(&world).is_empty());
    let answer = look(&world, &request()).await.unwrap();
    let started = next(&request(), &answer).progress.unwrap().notes.started;
    assert_eq!(operations(&world), [started.unwrap().operation_id]);
}

#[tokio::test]
async fn an_instance_that_vanished_before_its_update_is_made() {
    let world = InMemory::with(empty);
    let mut old = State::default();
    outdated(&mut old);
    world.set_old_state(old);
    world.show_old(1, INSTANCE_SHOWN);
    let done = drive::<ApplyStackSet>(&world, &request()).await.unwrap();
    assert_eq!(done["Operation"], "create");
    let tried = ["Update", "Create"];
    let tried = tried.map(|call| format!("cloudformation:{call}StackInstances {NAME} {REGION}"));
    assert_eq!(world.writes(), tried);
}

#[tokio::test]
async fn an_instance_that_did_not_show_and_that_a_creation_left_as_it_was_is_updated() {
    for is_answer_lost in [false, true] {
        let world = InMemory::with(settled);
        let changed = with_tag("tagEnvironment", "other");
        hide_instance(&world, 1);
        if is_answer_lost {
            world.state_mut().stack_sets.operation_lasts = 1;
            world.disturb_write(0, Fault::After);
        }
        let done = drive::<ApplyStackSet>(&world, &changed).await.unwrap();
        assert_eq!(parameter(&world, "tagEnvironment").unwrap(), "other");
        assert_eq!(operations(&world).len(), 2);
        assert_eq!(done["Operation"], "update");
    }
}
