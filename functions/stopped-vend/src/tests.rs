//! Vends that were stopped somewhere on their way, and events that are none.
//! The account's tags and its access role are those of the world in memory.

use avm_core::domain::PolicyDocument;
use avm_core::rules::power::{self, ELEVATION_POLICY};
use avm_core::testing::{account, execution, order_json};
use avm_world::iam::Role;
use avm_world::{InMemory, State};

use super::*;

const ACCESS_ROLE: &str = "MeshstackAccountAccessRole";
const ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

fn vended(state: &mut State) {
    let tags = [("ProductName", "space"), ("Stage", "shop")];
    let id = account().account_id;
    state.organizations.account(&id).tag(&tags);
    let trust = PolicyDocument::new(json!({}));
    let role = Role::trusting(trust).with_attached(&[ADMINISTRATOR]);
    state.iam.of(&id).insert(ACCESS_ROLE.to_owned(), role);
}

/// A world in which the execution has ended so after these states, with the account if create-account has named one.
fn world(status: ExecutionStatus, entered: &[&str], names_account: bool) -> InMemory {
    let world = InMemory::with(vended);
    world.execute(execution().name(), status, &order_json());
    let trace = Trace {
        account: names_account.then(|| account().account_id),
        entered: entered.iter().map(|&name| name.to_owned()).collect(),
        last: entered.last().map(|&name| name.to_owned()),
    };
    let name = execution().name().to_owned();
    world.state_mut().starts.traces.insert(name, trace);
    world
}

fn stopped(entered: &[&str]) -> InMemory {
    world(ExecutionStatus::Stopped, entered, true)
}

async fn run_of(world: &InMemory, execution: &ExecutionArn) -> Result<Answer, Failure> {
    let now = Month::of("2026-11-30").unwrap();
    handle(execution, now, world, world, world, async |_: Duration| ()).await
}

fn has_power(world: &InMemory) -> bool {
    let state = world.state();
    let role = state.iam.find(&account().account_id, ACCESS_ROLE).unwrap();
    role.attached
        .iter()
        .any(|policy| policy.arn == ADMINISTRATOR)
}

fn tag(world: &InMemory, key: &str) -> Option<String> {
    let tags = world.state().organizations.tags(&account().account_id);
    tags.get(key).cloned()
}

fn notice(world: &InMemory) -> (String, String) {
    let notices = &world.state().starts.notices;
    assert_eq!(notices.len(), 1);
    notices[0].clone()
}

const ALL_DONE: [&str; 5] = [
    "CreateAccount",
    "ElevationWanted?",
    "ApplyStackSets",
    "DowngradeWanted?",
    "Completion",
];

#[tokio::test]
async fn a_vend_that_was_stopped_is_marked_and_its_role_taken_down() {
    let world = stopped(&ALL_DONE);
    let answer = run_of(&world, &execution()).await.unwrap();
    assert_eq!(answer, Answer::Told);
    assert_eq!(tag(&world, "ProductName"), None);
    assert_eq!(tag(&world, "avm:failed-error").unwrap(), "VendStopped");
    assert_eq!(tag(&world, "avm:failed-step").unwrap(), "Completion");
    assert!(!has_power(&world));
    let (subject, message) = notice(&world);
    assert!(subject.contains("Completion (VendStopped)"), "{subject}");
    for words in ["look at the execution", "is at its minimum, standard."] {
        assert!(message.contains(words), "{message}");
    }
    assert!(!message.contains('@'), "{message}");
}

#[tokio::test]
async fn a_first_vend_that_is_stopped_keeps_what_the_same_request_needs() {
    let world = stopped(&["CreateAccount", "ElevationWanted?", "AccessStack"]);
    run_of(&world, &execution()).await.unwrap();
    assert!(has_power(&world));
    let (_, message) = notice(&world);
    assert!(
        message.contains("needs it again for AccessStack."),
        "{message}"
    );
    assert_eq!(tag(&world, "avm:failed-step").unwrap(), "AccessStack");
}

/// The role as the call of avm-elevation leaves it that went on when the vend was stopped.
#[tokio::test]
async fn power_that_is_given_after_the_stop_is_taken_away() {
    let world = stopped(&["CreateAccount", "ElevationWanted?", GIVES_POWER]);
    let mut order = order_json();
    order["LandingZone"]["Settings"]["elevation"] = json!("when-needed");
    world.execute(execution().name(), ExecutionStatus::Stopped, &order);
    let gives_late = async |pause: Duration| {
        if pause == LONGEST_CALL {
            let mut state = world.state_mut();
            let roles = state.iam.of(&account().account_id);
            let given = power::elevation("2026-12-01T00:00:00Z");
            let role = roles.get_mut(ACCESS_ROLE).unwrap();
            role.inline.insert(ELEVATION_POLICY.to_owned(), given);
        }
    };
    let now = Month::of("2026-11-30").unwrap();
    let answer = handle(&execution(), now, &world, &world, &world, gives_late).await;
    assert_eq!(answer.unwrap(), Answer::Told);
    assert!(!has_power(&world));
    let state = world.state();
    let role = state.iam.find(&account().account_id, ACCESS_ROLE).unwrap();
    assert!(!role.inline.contains_key(ELEVATION_POLICY));
    assert!(!role.inline.is_empty());
}

#[tokio::test]
async fn an_event_of_an_execution_that_was_not_stopped_does_nothing() {
    for status in [
        ExecutionStatus::Running,
        ExecutionStatus::Succeeded,
        ExecutionStatus::Failed,
    ] {
        let world = world(status, &ALL_DONE, true);
        let answer = run_of(&world, &execution()).await.unwrap();
        assert_eq!(answer, Answer::NotStopped);
        assert!(world.writes().is_empty());
        assert!(world.state().starts.notices.is_empty());
    }
}

#[tokio::test]
async fn an_execution_of_another_machine_is_none_of_ours() {
    let world = stopped(&ALL_DONE);
    for other in [
        execution().as_str().replace("avm-vend-account", "another"),
        execution().as_str().replace("222222222222", "999999999999"),
    ] {
        let answer = run_of(&world, &other.parse().unwrap()).await.unwrap();
        assert_eq!(answer, Answer::NotStopped, "{other}");
    }
    assert!(world.journal().is_empty());
}

#[tokio::test]
async fn an_account_for_which_a_later_vend_has_begun_is_left_to_it() {
    let world = stopped(&ALL_DONE);
    let later = execution().name().replace("-11-1", "-11-2");
    assert_ne!(later, execution().name());
    world.execute(&later, ExecutionStatus::Running, &order_json());
    let answer = run_of(&world, &execution()).await.unwrap();
    assert_eq!(answer, Answer::Followed);
    assert!(world.writes().is_empty());
    assert!(has_power(&world));
}

#[tokio::test]
async fn without_an_account_people_are_told_and_nothing_is_touched() {
    let world = world(ExecutionStatus::Stopped, &["CreateAccount"], false);
    let answer = run_of(&world, &execution()).await.unwrap();
    assert_eq!(answer, Answer::Told);
    assert!(world.writes().is_empty());
    assert!(has_power(&world));
    let (_, message) = notice(&world);
    assert!(message.contains("no step has found"), "{message}");
}

#[tokio::test]
async fn a_role_that_cannot_be_taken_down_is_told_and_is_a_failure() {
    let world = stopped(&ALL_DONE);
    world.close(Door::Downgrade);
    let failure = run_of(&world, &execution()).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::AccessDenied);
    assert_eq!(failure.account(), Some(&account().account_id));
    let (_, message) = notice(&world);
    assert!(message.contains("MAY STILL BE POWERFUL"), "{message}");
    assert_eq!(tag(&world, "avm:failed-error").unwrap(), "VendStopped");
}
