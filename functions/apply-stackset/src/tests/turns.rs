//! Operations of others, which come first, and how long the step waits for its turn.
//! Nobody else's operation is judged.

use avm_core::ports::stack_sets::OperationStatus;

use super::*;

#[tokio::test]
async fn a_stack_set_that_takes_no_second_operation_is_waited_for_as_a_turn() {
    let world = InMemory::with(empty);
    let notes = Notes {
        refusals: 2,
        ..Notes::default()
    };
    let mut request = noting(request(), notes.clone());
    world.state_mut().stack_sets.of(NAME).busy_for = 21;
    for turn in 1..=20 {
        let waiting = look(&world, &request).await.unwrap();
        assert!(
            waits_for(&waiting).ends_with("another operation is at work on the StackSet"),
            "{waiting}"
        );
        request = next(&request, &waiting);
        let progress = request.progress.as_ref().unwrap();
        assert_eq!(progress.notes, notes);
        assert_eq!((progress.looks.work, progress.looks.turn), (1, turn));
    }
    assert!(operations(&world).is_empty());
    let done = drive::<ApplyStackSet>(&world, &request).await.unwrap();
    assert_eq!(done["Operation"], "create");
}

#[tokio::test]
async fn a_turn_that_never_comes_and_an_operation_that_never_ends_are_given_up() {
    let world = InMemory::with(empty);
    world.state_mut().stack_sets.of(NAME).busy_for = u32::MAX;
    let failure = drive::<ApplyStackSet>(&world, &request())
        .await
        .unwrap_err();
    assert_eq!(failure.name(), ErrorName::StackSetTimedOut);
    assert!(failure.cause().ends_with("after 80 looks"), "{failure}");

    let failure = drive::<ApplyStackSet>(&lasting(empty), &request()).await;
    let failure = failure.unwrap_err();
    assert_eq!(failure.name(), ErrorName::StackSetTimedOut);
    assert!(failure.cause().ends_with("after 30 looks"), "{failure}");
}

#[tokio::test]
async fn an_operation_of_somebody_else_is_waited_for_and_not_judged() {
    for status in [InstanceStatus::Outdated, InstanceStatus::Inoperable] {
        let world = lasting(settled);
        {
            let mut state = world.state_mut();
            let held = state.stack_sets.of(NAME);
            held.begin("theirs", &account().account_id, REGION, u32::MAX);
            instance(&mut state).status = status;
        }
        let waiting = look(&world, &request()).await.unwrap();
        let words = "operation theirs of somebody else is at work on it";
        assert!(waits_for(&waiting).ends_with(words), "{waiting}");
        let notes = &waiting["Progress"]["Notes"];
        assert_eq!(*notes, json!({"StaleLooks": 0, "Refusals": 0}));
        let plan = plan_of::<ApplyStackSet>(&world, &request()).await.unwrap();
        assert_eq!(plan["IsEmpty"], false);
        assert_eq!(
            plan["Words"],
            format!("StackSet {NAME} in {REGION}: wait: {words}")
        );
        assert!(world.writes().is_empty());

        end(&world, &Ending::failed("theirs"));
        world.state_mut().stack_sets.operation_lasts = 0;
        let done = go_on(&world, &request(), &waiting).await.unwrap();
        assert_eq!(
            done["Plan"],
            json!(["update the instance, which is OUTDATED"])
        );
        assert_eq!(done["Operation"], "update");
    }
}

#[tokio::test]
async fn an_instance_left_behind_by_an_operation_that_has_ended_is_updated() {
    let world = InMemory::with(outdated);
    instance(&mut world.state_mut()).detailed_status = Some(DetailedStatus::Pending);
    let done = drive::<ApplyStackSet>(&world, &request()).await.unwrap();
    assert_eq!(done["Operation"], "update");
    assert_eq!(operations(&world).len(), 1);
}

/// Rule source: CloudFormation API reference, `ManagedExecution`: all incoming operations may be queued while any runs.
#[tokio::test]
async fn an_operation_that_is_queued_waits_for_its_turn_and_uses_up_no_time_of_its_own() {
    let world = lasting(empty);
    let mut waiting = look(&world, &request()).await.unwrap();
    let id = operations(&world).remove(0);
    let set = |status: OperationStatus| {
        let mut state = world.state_mut();
        let operation = state.stack_sets.of(NAME).operations.get_mut(&id).unwrap();
        operation.shown.status = status;
    };
    set(OperationStatus::Queued);
    for turn in 1..=60 {
        waiting = look(&world, &next(&request(), &waiting)).await.unwrap();
        assert!(waits_for(&waiting).ends_with("is QUEUED"), "{waiting}");
        assert_eq!(
            waiting["Progress"]["Looks"],
            json!({"Work": 1, "Turn": turn})
        );
    }
    // A replay that begins again finds it in the queue as well.
    let again = look(&world, &request()).await.unwrap();
    assert_eq!(
        again["Progress"]["Looks"],
        json!({"Work": 0, "Turn": 1}),
        "{again}"
    );
    set(OperationStatus::Running);
    waiting = look(&world, &next(&request(), &waiting)).await.unwrap();
    assert_eq!(waiting["Progress"]["Looks"], json!({"Work": 2, "Turn": 60}));
    end(&world, &Ending::well());
    let done = go_on(&world, &request(), &waiting).await.unwrap();
    assert_eq!(done["Operation"], "create");
}
