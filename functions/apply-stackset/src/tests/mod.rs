//! The step against StackSets in memory: its answers, its replays, its failures.
//! A replay begins again (the machine's Retry) or goes on with the progress (the machine's wait).

mod failures;
mod replays;
mod turns;

use avm_core::contract::call::Progress;
use avm_core::domain::Parameters;
use avm_core::ports::stack_sets::{DetailedStatus, Instance, InstanceStatus};
use avm_core::testing::{account, call, execution, noting, order};
use avm_world::stack_sets::Ending;
use avm_world::{Fault, InMemory, State, answer, drive, drive_event, event, plan_of, read, replay};
use insta::assert_json_snapshot;
use serde_json::{Value, json};

use super::*;

const NAME: &str = "avm-landing-zone";
const REGION: &str = "eu-central-1";
const DECLARED: [&str; 5] = [
    "ExternalId",
    "ProductName",
    "Stage",
    "tagCostCenter",
    "tagEnvironment",
];
const INSTANCE_SHOWN: &str = "cloudformation:DescribeStackInstance ";

fn request() -> Call {
    let order = order();
    let stack_set = order.landing_zone.settings.stack_sets[0].clone();
    call(order, stack_set)
}

fn with_tag(key: &str, value: &str) -> Call {
    let mut request = request();
    let tags = &mut request.order.request.tags;
    tags.insert(key.to_owned(), value.to_owned());
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
    answer::<ApplyStackSet>(world, request).await
}

/// Goes on after an answer, until the step is done.
async fn go_on(world: &InMemory, request: &Call, answer: &Value) -> Result<Value, Failure> {
    drive_event::<ApplyStackSet>(world, event(&next(request, answer))).await
}

fn empty(state: &mut State) {
    state.stack_sets.add(NAME, &DECLARED);
}

/// An account whose instance was made by an earlier execution.
fn settled(state: &mut State) {
    let declared = DECLARED.map(str::to_owned).into();
    let parameters = Parameters::from(order().parameters(&account())).declared_in(&declared);
    let held = state.stack_sets.add(NAME, &DECLARED);
    held.settle(&account().account_id, REGION, parameters);
}

fn outdated(state: &mut State) {
    settled(state);
    instance(state).status = InstanceStatus::Outdated;
}

/// Operations are at work until the test ends them.
fn lasting(state: impl Fn(&mut State)) -> InMemory {
    InMemory::with(|it| {
        state(it);
        it.stack_sets.operation_lasts = u32::MAX;
    })
}

fn instance(state: &mut State) -> &mut Instance {
    let held = state.stack_sets.of(NAME);
    held.instance(&account().account_id, REGION)
}

fn parameter(world: &InMemory, key: &str) -> Option<String> {
    let mut state = world.state_mut();
    instance(&mut state).parameters.get(key).map(str::to_owned)
}

fn operations(world: &InMemory) -> Vec<OperationId> {
    let mut state = world.state_mut();
    let operations = &state.stack_sets.of(NAME).operations;
    operations.keys().cloned().collect()
}

fn end(world: &InMemory, ending: &Ending) {
    world.state_mut().stack_sets.end(ending);
}

/// Reads of the instance show the state in which there was none.
fn hide_instance(world: &InMemory, reads: usize) {
    let mut state = world.state().clone();
    state.stack_sets.of(NAME).instances.clear();
    world.set_old_state(state);
    world.show_old(reads, INSTANCE_SHOWN);
}

fn waits_for(answer: &Value) -> &str {
    assert_eq!(answer["Status"], "PENDING", "{answer}");
    answer["WaitingFor"].as_str().unwrap()
}

#[test]
fn the_input_of_the_machine_is_read() {
    let expected = noting(
        request(),
        Notes {
            started: Some(Started {
                operation_id: "avm-1".parse().unwrap(),
                plan: vec!["set Stage".to_owned()],
                keys: BTreeSet::new(),
            }),
            stale_looks: 1,
            refusals: 2,
        },
    );
    let input = json!({
        "Execution": execution(), "Order": expected.order, "Account": account(),
        "Input": {"name": NAME, "region": REGION},
        "Progress": {
            "Looks": {"Work": 1, "Turn": 0},
            "Notes": {
                "Started": {"OperationId": "avm-1", "Plan": ["set Stage"]}, "StaleLooks": 1, "Refusals": 2
            }
        },
    });
    assert_eq!(read::<ApplyStackSet>(input).unwrap(), expected);
}

/// An update without overrides leaves those that are there, so the last one gets the StackSet's own value.
#[tokio::test]
async fn the_last_override_is_reset_and_stays_so() {
    let world = InMemory::with(|state| {
        let overridden = [("Network".to_owned(), "theirs".to_owned())];
        let held = state.stack_sets.add(NAME, &["Network"]);
        held.settle(
            &account().account_id,
            REGION,
            overridden.into_iter().collect(),
        );
    });
    let answer = look(&world, &request()).await.unwrap();
    let done = go_on(&world, &request(), &answer).await.unwrap();
    assert_eq!(done["Plan"], json!(["reset Network"]));
    assert_eq!(parameter(&world, "Network").as_deref(), Some("own Network"));
    let again = look(&world, &later()).await.unwrap();
    assert_eq!(again["Result"]["Operation"], "none");
}

#[tokio::test]
async fn whatever_is_lost_the_next_try_ends_in_an_equal_world() {
    replay::<ApplyStackSet>(empty, &request()).await;
    replay::<ApplyStackSet>(settled, &request()).await;
    replay::<ApplyStackSet>(outdated, &request()).await;
    replay::<ApplyStackSet>(settled, &with_tag("tagCostCenter", "4711")).await;
    replay::<ApplyStackSet>(
        |state| {
            settled(state);
            let held = state.stack_sets.of(NAME);
            held.begin("theirs", &account().account_id, REGION, 3);
            held.busy_for = 5;
        },
        &with_tag("tagEnvironment", "prod"),
    )
    .await;
}

#[tokio::test]
async fn an_instance_is_made_with_declared_parameters_only_and_followed_to_its_end() {
    let world = InMemory::with(|state| {
        empty(state);
        state.stack_sets.operation_lasts = 1;
    });
    let started = look(&world, &request()).await.unwrap();
    assert_json_snapshot!(started, @r#"
    {
      "AccountId": "111111111111",
      "Plan": null,
      "Progress": {
        "Looks": {
          "Turn": 0,
          "Work": 1
        },
        "Notes": {
          "Refusals": 0,
          "StaleLooks": 0,
          "Started": {
            "Keys": [
              "ProductName",
              "Stage",
              "tagEnvironment"
            ],
            "OperationId": "avm-883fac025d11167a0062163722af6ab932ea5582",
            "Plan": [
              "create the instance with ProductName, Stage, tagEnvironment"
            ]
          }
        }
      },
      "Result": null,
      "Status": "PENDING",
      "WaitSeconds": 20,
      "WaitingFor": "the instance of StackSet avm-landing-zone in eu-central-1: operation avm-883fac025d11167a0062163722af6ab932ea5582 has been started"
    }
    "#);
    let keys: Vec<String> = {
        let mut state = world.state_mut();
        let parameters = &instance(&mut state).parameters;
        parameters.keys().map(str::to_owned).collect()
    };
    assert_eq!(keys, ["ProductName", "Stage", "tagEnvironment"]);

    let running = look(&world, &next(&request(), &started)).await.unwrap();
    assert!(waits_for(&running).ends_with("is RUNNING"));
    assert_eq!(running["Progress"]["Looks"], json!({"Work": 2, "Turn": 0}));
    let done = go_on(&world, &request(), &running).await.unwrap();
    assert_json_snapshot!(done, @r#"
    {
      "Name": "avm-landing-zone",
      "Operation": "create",
      "Plan": [
        "create the instance with ProductName, Stage, tagEnvironment"
      ],
      "Region": "eu-central-1"
    }
    "#);
    assert_eq!(operations(&world).len(), 1);
}

#[tokio::test]
async fn nothing_is_done_for_a_current_instance_with_equal_parameters() {
    let world = InMemory::with(settled);
    let done = drive::<ApplyStackSet>(&world, &request()).await.unwrap();
    assert_json_snapshot!(done, @r#"
    {
      "Name": "avm-landing-zone",
      "Operation": "none",
      "Plan": [],
      "Region": "eu-central-1"
    }
    "#);
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn a_plan_says_what_is_to_do_with_keys_and_without_values() {
    for (state, request, words) in [
        (settled as fn(&mut State), request(), "nothing to do"),
        (
            empty,
            request(),
            "create the instance with ProductName, Stage, tagEnvironment",
        ),
        (
            outdated,
            with_tag("tagCostCenter", "4711"),
            "update the instance, which is OUTDATED; set tagCostCenter",
        ),
    ] {
        let world = InMemory::with(state);
        let plan = plan_of::<ApplyStackSet>(&world, &request).await.unwrap();
        assert_eq!(plan["IsEmpty"], words == "nothing to do");
        assert_eq!(
            plan["Words"],
            format!("StackSet {NAME} in {REGION}: {words}")
        );
    }
    let world = InMemory::with(|state| {
        state
            .stack_sets
            .add(NAME, &["AccountEmail", "ContactEmail"]);
    });
    let plan = plan_of::<ApplyStackSet>(&world, &request()).await.unwrap();
    assert_json_snapshot!(plan["Steps"], @r#"
    {
      "StackSet": {
        "name": "avm-landing-zone",
        "region": "eu-central-1"
      },
      "ToDo": {
        "Create": {
          "Set": [
            "AccountEmail",
            "ContactEmail"
          ]
        }
      }
    }
    "#);
}

#[tokio::test]
async fn a_changed_tag_updates_the_instance_and_a_lost_one_is_reset() {
    let world = InMemory::with(settled);
    let with_cost_center = with_tag("tagCostCenter", "4711");
    let done = drive::<ApplyStackSet>(&world, &with_cost_center)
        .await
        .unwrap();
    assert_json_snapshot!(done, @r#"
    {
      "Name": "avm-landing-zone",
      "Operation": "update",
      "Plan": [
        "set tagCostCenter"
      ],
      "Region": "eu-central-1"
    }
    "#);
    assert_eq!(parameter(&world, "tagCostCenter").unwrap(), "4711");

    let done = drive::<ApplyStackSet>(&world, &later()).await.unwrap();
    assert_eq!(done["Plan"], json!(["reset tagCostCenter"]));
    assert_eq!(parameter(&world, "tagCostCenter"), None);
}
