//! The step against stacks in memory: its answers, its replays.
//! Replays begin anew (the machine's Retry) and go on (the machine's wait).

mod failures;
mod statuses;
mod world;

use avm_core::config::AccessStackTemplate;
use avm_core::ports::stacks::{Stack, StackStatus, Template};
use avm_core::testing;
use insta::assert_json_snapshot;

use super::*;
use world::{Fault, World, marked, stack};

fn request() -> Request {
    StepRequest {
        execution: testing::execution(),
        order: testing::order(),
        progress: None,
        rest: OnAccount {
            account: testing::account(),
        },
    }
}

fn with_url(url: &str) -> Request {
    let mut request = request();
    let landing_zone = &mut request.order.landing_zone.settings;
    landing_zone.access_stack.as_mut().unwrap().template = AccessStackTemplate::Url(url.to_owned());
    request
}

fn standing_accounts() -> StandingAccountIds {
    StandingAccountIds {
        automation: "222222222222".parse().unwrap(),
        management: "333333333333".parse().unwrap(),
    }
}

async fn call(request: &Request, world: &World) -> Result<StepAnswer, Failure> {
    handle(request, &standing_accounts(), world).await
}

/// The next call of the machine: with the progress of the last answer.
fn next(request: &Request, answer: &StepAnswer) -> Request {
    let Answer::Pending { progress, .. } = answer else {
        panic!("{answer:?} is not pending");
    };
    Request {
        progress: Some(progress.clone()),
        ..request.clone()
    }
}

/// Calls like the machine until the step is done; whatever runs ends in the given ways, one after the other.
async fn run(
    request: &Request,
    world: &World,
    ends: &[StackStatus],
) -> Result<StepAnswer, Failure> {
    let mut answer = call(request, world).await?;
    for end in ends {
        world.end(end);
        answer = call(&next(request, &answer), world).await?;
    }
    Ok(answer)
}

fn is_done(answer: &StepAnswer, change: Change) -> bool {
    matches!(answer, Answer::Done(done) if done.change == change)
}

/// A stack of ours that was made by an earlier execution, of the shipped template.
fn ours(status: StackStatus) -> Stack {
    let mark = template::mark(&AccessStackTemplate::Shipped);
    let mut stack = marked(stack(STACK_NAME, status), &mark, "earlier");
    stack.parameters = [("AutomationAccountId".to_owned(), "222222222222".to_owned())]
        .into_iter()
        .collect();
    stack
}

#[tokio::test]
async fn the_shipped_stack_is_made_with_its_parameters_and_followed_to_its_end() {
    let world = World::default();
    let answer = call(&request(), &world).await.unwrap();
    assert_json_snapshot!(answer, @r#"
    {
      "Status": "PENDING",
      "WaitingFor": "stack meshstack-cf-access is being created",
      "Progress": {
        "Doing": "Create",
        "StackId": "arn:aws:cloudformation:eu-central-1:111111111111:stack/meshstack-cf-access/00",
        "Change": "create"
      }
    }
    "#);
    let running = call(&next(&request(), &answer), &world).await.unwrap();
    assert!(
        matches!(&running, Answer::Pending { waiting_for, .. } if waiting_for.ends_with("is CREATE_IN_PROGRESS"))
    );
    world.end(&StackStatus::CreateComplete);
    let answer = call(&next(&request(), &running), &world).await.unwrap();
    assert_json_snapshot!(answer, @r#"
    {
      "Status": "DONE",
      "StackName": "meshstack-cf-access",
      "StackId": "arn:aws:cloudformation:eu-central-1:111111111111:stack/meshstack-cf-access/00",
      "Change": "create"
    }
    "#);

    let state = world.state();
    let keys: Vec<&str> = state.stacks[0].parameters.keys().collect();
    assert_eq!(keys, ["AutomationAccountId"]);
    assert_eq!(
        state.stacks[0].mark.as_ref().unwrap().execution,
        request().execution.name()
    );
    assert!(matches!(state.templates[..], [Template::Body(_)]));
}

#[tokio::test]
async fn a_stack_that_meshstack_has_deployed_under_its_own_name_is_left_alone() {
    let world = World::with(vec![
        stack("something-else", StackStatus::RollbackComplete),
        stack("meshstack-cf-access-4711", StackStatus::UpdateComplete),
    ]);
    let answer = call(&request(), &world).await.unwrap();
    assert_json_snapshot!(answer, @r#"
    {
      "Status": "DONE",
      "StackName": "meshstack-cf-access-4711",
      "StackId": "arn:aws:cloudformation:eu-central-1:111111111111:stack/meshstack-cf-access-4711/0",
      "Change": "none"
    }
    "#);
    assert!(world.starts().is_empty());
}

#[tokio::test]
async fn a_second_run_writes_nothing_and_needs_no_more_than_a_look() {
    let world = World::default();
    run(&request(), &world, &[StackStatus::CreateComplete])
        .await
        .unwrap();
    let answer = call(&request(), &world).await.unwrap();
    assert!(is_done(&answer, Change::None));
    assert_eq!(world.starts(), ["create"]);
}

#[tokio::test]
async fn a_stack_of_an_address_is_compared_without_reading_the_template_again() {
    let world = World::default();
    world.state().declared = Some(
        ["AutomationAccountId", "tagEnvironment", "Theirs"]
            .map(str::to_owned)
            .into(),
    );
    let request = with_url("https://bucket.s3.amazonaws.com/access.yaml");
    run(&request, &world, &[StackStatus::CreateComplete])
        .await
        .unwrap();
    let keys: Vec<String> = world.state().stacks[0]
        .parameters
        .keys()
        .map(str::to_owned)
        .collect();
    assert_eq!(keys, ["AutomationAccountId", "tagEnvironment"]);

    world.state().declared = None;
    assert!(is_done(
        &call(&request, &world).await.unwrap(),
        Change::None
    ));
}

#[tokio::test]
async fn another_template_or_other_parameters_update_the_stack() {
    let mut other_template = ours(StackStatus::CreateComplete);
    other_template.mark.as_mut().unwrap().template = "sha256:0".to_owned();
    let mut other_parameters = ours(StackStatus::UpdateRollbackComplete);
    other_parameters.parameters = [("AutomationAccountId".to_owned(), "444444444444".to_owned())]
        .into_iter()
        .collect();
    for found in [other_template, other_parameters] {
        let world = World::with(vec![found]);
        let answer = run(&request(), &world, &[StackStatus::UpdateComplete])
            .await
            .unwrap();
        assert!(is_done(&answer, Change::Update), "{answer:?}");
        assert_eq!(world.starts(), ["update"]);
        assert!(is_done(
            &call(&request(), &world).await.unwrap(),
            Change::None
        ));
    }
}

#[tokio::test]
async fn no_updates_are_to_be_performed_is_success() {
    let mut found = ours(StackStatus::CreateComplete);
    found.mark.as_mut().unwrap().template = "sha256:0".to_owned();
    let world = World::with(vec![found]);
    world.state().no_updates = true;
    assert!(is_done(
        &call(&request(), &world).await.unwrap(),
        Change::None
    ));
}

#[tokio::test]
async fn an_update_that_still_shows_the_old_state_is_waited_for() {
    let mut found = ours(StackStatus::CreateComplete);
    found.mark.as_mut().unwrap().template = "sha256:0".to_owned();
    let world = World::with(vec![found.clone()]);
    let answer = call(&request(), &world).await.unwrap();
    let updated = std::mem::replace(&mut world.state().stacks, vec![found]);
    let late = call(&next(&request(), &answer), &world).await.unwrap();
    assert_eq!(next(&request(), &late), next(&request(), &answer));
    world.state().stacks = updated;
    world.end(&StackStatus::UpdateComplete);
    assert!(is_done(
        &call(&next(&request(), &late), &world).await.unwrap(),
        Change::Update
    ));
}

#[tokio::test]
async fn what_an_earlier_try_left_behind_is_deleted_by_its_id_and_made_again() {
    let world = World::with(vec![ours(StackStatus::RollbackComplete)]);
    let ends = [StackStatus::DeleteComplete, StackStatus::CreateComplete];
    let answer = run(&request(), &world, &ends).await.unwrap();
    assert_json_snapshot!(answer, @r#"
    {
      "Status": "DONE",
      "StackName": "meshstack-cf-access",
      "StackId": "arn:aws:cloudformation:eu-central-1:111111111111:stack/meshstack-cf-access/01",
      "Change": "recreate"
    }
    "#);
    assert_eq!(world.starts(), ["delete", "create"]);
}

#[tokio::test]
async fn a_rollback_that_got_stuck_goes_on_and_the_update_follows() {
    let mut found = ours(StackStatus::UpdateRollbackFailed);
    found.mark.as_mut().unwrap().template = "sha256:0".to_owned();
    let world = World::with(vec![found]);
    let ends = [
        StackStatus::UpdateRollbackComplete,
        StackStatus::UpdateComplete,
    ];
    let answer = run(&request(), &world, &ends).await.unwrap();
    assert!(is_done(&answer, Change::Update), "{answer:?}");
    assert_eq!(world.starts(), ["rollback", "update"]);
}

#[tokio::test]
async fn every_start_whose_answer_was_lost_is_found_again() {
    let mut outdated = ours(StackStatus::CreateComplete);
    outdated.mark.as_mut().unwrap().template = "sha256:0".to_owned();
    for (found, ends, starts) in [
        (None, vec![StackStatus::CreateComplete], vec!["create"]),
        (
            Some(outdated),
            vec![StackStatus::UpdateComplete],
            vec!["update"],
        ),
        (
            Some(ours(StackStatus::RollbackFailed)),
            vec![StackStatus::DeleteComplete, StackStatus::CreateComplete],
            vec!["delete", "create"],
        ),
        (
            Some(ours(StackStatus::UpdateRollbackFailed)),
            vec![StackStatus::UpdateRollbackComplete],
            vec!["rollback"],
        ),
    ] {
        let world = World::with(found.into_iter().collect());
        world.state().fault = Some(Fault::After);
        call(&request(), &world).await.unwrap_err();
        let answer = run(&request(), &world, &ends).await.unwrap();
        // A deletion whose answer was lost is waited for as anybody's: the creation begins anew.
        let end = match answer {
            Answer::Pending { .. } => run(&request(), &world, &[StackStatus::CreateComplete])
                .await
                .unwrap(),
            done @ Answer::Done(_) => done,
        };
        assert!(matches!(end, Answer::Done(_)), "{end:?}");
        assert_eq!(world.starts(), starts);
    }
}

#[tokio::test]
async fn an_update_whose_answer_was_lost_and_that_was_rolled_back_is_not_tried_again() {
    let mut found = ours(StackStatus::CreateComplete);
    found.mark.as_mut().unwrap().template = "sha256:0".to_owned();
    let world = World::with(vec![found.clone()]);
    world.state().fault = Some(Fault::After);
    call(&request(), &world).await.unwrap_err();
    world.state().stacks = vec![Stack {
        status: StackStatus::UpdateRollbackComplete,
        ..found
    }];
    let failure = call(&request(), &world).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::StackFailed);
    assert_eq!(world.starts(), ["update"]);
}

#[tokio::test]
async fn a_stack_that_appears_in_between_is_looked_at_again() {
    let world = World::with(vec![ours(StackStatus::CreateComplete)]);
    let request_ = request();
    let mark = template::mark(&AccessStackTemplate::Shipped);
    let step = Step::new(&request_, &standing_accounts(), &world).unwrap();
    let answer = step.create(STACK_NAME, Change::Create).await.unwrap();
    assert_eq!(next(&request(), &answer).progress, Some(Progress::Wait));
    assert_eq!(step.wanted.template, mark);
    assert!(is_done(
        &call(&next(&request(), &answer), &world).await.unwrap(),
        Change::None
    ));
}
