//! The step against stacks in memory: its answers, its replays.
//! A replay begins again (the machine's Retry) or goes on with the progress (the machine's wait).

mod failures;
mod replays;
mod statuses;

use avm_core::config::AccessStackTemplate;
use avm_core::contract::call::{Nothing, Progress};
use avm_core::domain::PermissionsBoundaryName;
use avm_core::ports::stacks::{Stack, StackStatus, Template};
use avm_core::testing::{account, call, execution, noting, order};
use avm_world::stacks::{marked, stack};
use avm_world::{Fault, InMemory, State, answer, drive, drive_event, event, plan_of, read, replay};
use insta::assert_json_snapshot;
use serde_json::{Value, json};

use super::*;

const URL: &str = "https://bucket.s3.amazonaws.com/access.yaml";

fn request() -> Call {
    call(order(), Nothing)
}

fn with_url(url: &str) -> Call {
    let mut request = request();
    let landing_zone = &mut request.order.landing_zone.settings;
    landing_zone.access_stack.as_mut().unwrap().template = AccessStackTemplate::Url(url.to_owned());
    request
}

/// The same request, in another execution.
fn later() -> Call {
    let execution = execution().as_str().replace("-1", "-2");
    Call {
        execution: execution.parse().unwrap(),
        ..request()
    }
}

/// The next call of the machine: with the progress of the last answer.
fn next(request: &Call, answer: &Value) -> Call {
    let progress = serde_json::from_value::<Progress<Notes>>(answer["Progress"].clone());
    Call {
        progress: Some(progress.expect("the answer is pending")),
        ..request.clone()
    }
}

async fn look(world: &InMemory, request: &Call) -> Result<Value, Failure> {
    answer::<AccessStack>(world, request).await
}

async fn run(world: &InMemory, request: &Call) -> Result<Value, Failure> {
    drive::<AccessStack>(world, request).await
}

/// Goes on after an answer, until the step is done.
async fn go_on(world: &InMemory, request: &Call, answer: &Value) -> Result<Value, Failure> {
    drive_event::<AccessStack>(world, event(&next(request, answer))).await
}

fn with(stacks: &[Stack]) -> InMemory {
    InMemory::with(|state| holding(state, stacks))
}

fn holding(state: &mut State, stacks: &[Stack]) {
    *state.stacks.of(&account().account_id) = stacks.to_vec();
}

fn stacks(world: &InMemory) -> Vec<Stack> {
    world.state_mut().stacks.of(&account().account_id).clone()
}

fn waits_for(answer: &Value) -> &str {
    assert_eq!(answer["Status"], "PENDING", "{answer}");
    answer["WaitingFor"].as_str().unwrap()
}

/// The calls that start something, with the stack that they are about.
fn starts(calls: &[&str]) -> Vec<String> {
    let with_stack = |call: &&str| format!("cloudformation:{call} {STACK_NAME}");
    calls.iter().map(with_stack).collect()
}

/// A stack of ours that was made by an earlier execution, of the shipped template.
fn ours(status: StackStatus) -> Stack {
    let mark = template::mark(&AccessStackTemplate::Shipped);
    let mut stack = marked(stack(STACK_NAME, status), &mark, "earlier");
    stack.parameters = automated_by("222222222222");
    stack
}

fn automated_by(account: &str) -> Parameters {
    let key = "AutomationAccountId".to_owned();
    [(key, account.to_owned())].into_iter().collect()
}

/// A stack of ours that was made of another template.
fn outdated() -> Stack {
    let mut stack = ours(StackStatus::CreateComplete);
    stack.mark.as_mut().unwrap().template = "sha256:0".to_owned();
    stack
}

/// A stack of ours that was made with other parameters, and whose last update was rolled back.
fn with_other_parameters() -> Stack {
    Stack {
        parameters: automated_by("444444444444"),
        ..ours(StackStatus::UpdateRollbackComplete)
    }
}

#[test]
fn the_input_of_the_machine_is_read() {
    let stack_id = stack(STACK_NAME, StackStatus::CreateComplete).id;
    let expected = noting(
        request(),
        Notes::Create {
            stack_id: stack_id.clone(),
            change: Change::Recreate,
        },
    );
    let input = json!({
        "Execution": execution(), "Order": expected.order, "Account": account(), "Input": null,
        "Progress": {
            "Looks": {"Work": 1, "Turn": 0},
            "Notes": {"Doing": "Create", "StackId": stack_id, "Change": "recreate"},
        },
    });
    assert_eq!(read::<AccessStack>(input).unwrap(), expected);
}

#[tokio::test]
async fn the_shipped_stack_is_made_with_its_parameters_and_followed_to_its_end() {
    let world = InMemory::with(|state| state.stacks.operation_lasts = 1);
    let answer = look(&world, &request()).await.unwrap();
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
          "Change": "create",
          "Doing": "Create",
          "StackId": "arn:aws:cloudformation:eu-central-1:111111111111:stack/meshstack-cf-access/0"
        }
      },
      "Result": null,
      "Status": "PENDING",
      "WaitSeconds": 20,
      "WaitingFor": "stack meshstack-cf-access is being created"
    }
    "#);
    let running = look(&world, &next(&request(), &answer)).await.unwrap();
    assert!(waits_for(&running).ends_with("is CREATE_IN_PROGRESS"));
    let done = go_on(&world, &request(), &running).await.unwrap();
    assert_json_snapshot!(done, @r#"
    {
      "Change": "create",
      "StackName": "meshstack-cf-access"
    }
    "#);

    let stacks = stacks(&world);
    let keys: Vec<&str> = stacks[0].parameters.keys().collect();
    assert_eq!(keys, ["AutomationAccountId", "PermissionsBoundaryName"]);
    assert_eq!(
        stacks[0].mark.as_ref().unwrap().execution,
        request().execution.name()
    );
    assert!(matches!(
        world.state().stacks.templates[..],
        [Template::Body(_)]
    ));
}

/// CloudFormation would fail, and leave a stack behind that can only be deleted.
#[tokio::test]
async fn the_stack_waits_for_the_companys_boundary_and_gets_its_name() {
    let mut world = InMemory::default();
    world.boundary = "company/Boundary".parse().unwrap();
    let failure = look(&world, &request()).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::AccountNotReady);
    assert!(world.writes().is_empty());
    holding(&mut world.state_mut(), &[outdated()]);
    let failure = look(&world, &request()).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::AccountNotReady);
    holding(&mut world.state_mut(), &[]);

    let boundary = "arn:aws:iam::111111111111:policy/company/Boundary".to_owned();
    world.state_mut().iam.policies.insert(boundary);
    run(&world, &request()).await.unwrap();
    let given = [(
        "PermissionsBoundaryName".to_owned(),
        "company/Boundary".to_owned(),
    )];
    let given: Parameters = given.into_iter().collect();
    assert!(given.changed_from(&stacks(&world)[0].parameters).is_empty());

    // Without the boundary it is another stack.
    world.boundary = PermissionsBoundaryName::none();
    let plan = plan_of::<AccessStack>(&world, &request()).await.unwrap();
    let words = "update stack meshstack-cf-access: parameters PermissionsBoundaryName";
    assert_eq!(plan["Words"], words);
}

#[tokio::test]
async fn a_stack_that_meshstack_has_deployed_under_its_own_name_is_left_alone() {
    let world = with(&[
        stack("something-else", StackStatus::RollbackComplete),
        stack("meshstack-cf-access-4711", StackStatus::UpdateComplete),
    ]);
    let plan = plan_of::<AccessStack>(&world, &request()).await.unwrap();
    assert_eq!(plan["IsEmpty"], true);
    let done = run(&world, &request()).await.unwrap();
    assert_json_snapshot!(done, @r#"
    {
      "Change": "none",
      "StackName": "meshstack-cf-access-4711"
    }
    "#);
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn a_plan_says_what_is_to_do_without_values() {
    for (found, words) in [
        (vec![], "create stack meshstack-cf-access"),
        (
            vec![outdated()],
            "update stack meshstack-cf-access: another template",
        ),
        (
            vec![with_other_parameters()],
            "update stack meshstack-cf-access: parameters AutomationAccountId",
        ),
    ] {
        let plan = plan_of::<AccessStack>(&with(&found), &request()).await;
        let plan = plan.unwrap();
        assert_eq!(plan["IsEmpty"], false);
        assert_eq!(plan["Words"], words);
    }
    let world = with(&[with_other_parameters()]);
    let plan = plan_of::<AccessStack>(&world, &request()).await.unwrap();
    assert_json_snapshot!(plan["Steps"], @r#"
    {
      "Update": {
        "Differences": "parameters AutomationAccountId",
        "Stack": "arn:aws:cloudformation:eu-central-1:111111111111:stack/meshstack-cf-access/0"
      }
    }
    "#);
}

#[tokio::test]
async fn a_plan_of_an_account_whose_door_is_closed_depends_on_the_step_that_makes_its_role() {
    let world = InMemory::default();
    world.close(Door::Access);
    let plan = plan_of::<AccessStack>(&world, &request()).await.unwrap();
    assert_eq!(plan["DependsOn"], "create-account");
}

#[tokio::test]
async fn a_second_run_writes_nothing_and_needs_no_more_than_a_look() {
    let world = InMemory::default();
    run(&world, &request()).await.unwrap();
    world.forget_journal();
    let done = run(&world, &request()).await.unwrap();
    assert_eq!(done["Change"], "none");
    assert!(world.writes().is_empty());
    assert_eq!(world.reads(), ["cloudformation:DescribeStacks"]);
}

#[tokio::test]
async fn a_stack_of_an_address_is_compared_without_reading_the_template_again() {
    let world = InMemory::with(|state| {
        let keys = ["AutomationAccountId", "tagEnvironment", "Theirs"].map(str::to_owned);
        state.stacks.declared.insert(URL.to_owned(), keys.into());
    });
    let request = with_url(URL);
    run(&world, &request).await.unwrap();
    let made = stacks(&world);
    let keys: Vec<&str> = made[0].parameters.keys().collect();
    assert_eq!(keys, ["AutomationAccountId", "tagEnvironment"]);

    world.forget_journal();
    assert_eq!(run(&world, &request).await.unwrap()["Change"], "none");
    assert_eq!(world.reads(), ["cloudformation:DescribeStacks"]);
}

#[tokio::test]
async fn another_template_or_other_parameters_update_the_stack() {
    for found in [outdated(), with_other_parameters()] {
        let world = with(&[found]);
        let done = run(&world, &request()).await.unwrap();
        assert_eq!(done["Change"], "update");
        assert_eq!(world.writes(), starts(&["UpdateStack"]));
        assert_eq!(run(&world, &request()).await.unwrap()["Change"], "none");
        assert_eq!(world.writes(), starts(&["UpdateStack"]));
    }
}

#[tokio::test]
async fn no_updates_are_to_be_performed_is_success() {
    let world = with(&[outdated()]);
    world.state_mut().stacks.has_no_updates = true;
    assert_eq!(run(&world, &request()).await.unwrap()["Change"], "none");
}

#[tokio::test]
async fn what_an_earlier_try_left_behind_is_deleted_by_its_id_and_made_again() {
    let world = with(&[ours(StackStatus::RollbackComplete)]);
    let done = run(&world, &request()).await.unwrap();
    assert_json_snapshot!(done, @r#"
    {
      "Change": "recreate",
      "StackName": "meshstack-cf-access"
    }
    "#);
    assert_eq!(world.writes(), starts(&["DeleteStack", "CreateStack"]));
}

#[tokio::test]
async fn a_rollback_that_got_stuck_goes_on_and_the_update_follows() {
    let world = with(&[Stack {
        status: StackStatus::UpdateRollbackFailed,
        ..outdated()
    }]);
    let done = run(&world, &request()).await.unwrap();
    assert_eq!(done["Change"], "update");
    assert_eq!(
        world.writes(),
        starts(&["ContinueUpdateRollback", "UpdateStack"])
    );
}

#[tokio::test]
async fn a_stack_that_never_ends_is_given_up() {
    let world = InMemory::with(|state| state.stacks.operation_lasts = u32::MAX);
    let failure = run(&world, &request()).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::AccessStackTimedOut);
    assert!(failure.cause().ends_with("after 60 looks"), "{failure}");
}
