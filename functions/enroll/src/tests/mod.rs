//! The step in an organization with Control Tower: its answers, its repairs, its replays.
//! Here: what the cases have in common.

mod drift;
mod factory;
mod failures;
mod moves;
mod plans;
mod preflight;
mod replays;
mod roles;
mod room;

use avm_core::config::{Enrollment, ExecutionRole};
use avm_core::domain::{AccountId, ParentId, PolicyDocument, RoleName};
use avm_core::doors::Door;
use avm_core::error::Failure;
use avm_core::ports::account_factory::{Problem, ProductStatus, ProvisionedProduct};
use avm_core::ports::control_tower::{BaselineStatus, EnabledBaseline};
use avm_core::testing::{account, call as first_call, order};
use avm_world::control_tower::child_of;
use avm_world::iam::Role;
use avm_world::service_catalog::product;
use avm_world::{InMemory, State, answer, drive};
use serde_json::{Value, json};

use crate::{Call, Change, Done, Enroll, Placement, RoleOutcome};

/// Registered units, and one that is not.
const SANDBOX: &str = "ou-ab12-00000001";
const WORKLOADS: &str = "ou-ab12-00000002";
const WILD: &str = "ou-ab12-00000003";
/// An unregistered unit below a registered one.
const DEEP: &str = "ou-ab12-00000004";
/// The quota of Control Tower, where AWS has not raised it.
const AT_ONCE: usize = 5;
const EXECUTION_ROLE: &str = RoleName::CONTROL_TOWER_EXECUTION;
const ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

/// A request for the Account Factory to bring the account into that unit.
fn request(unit: &str) -> Call {
    let mut order = order();
    order.landing_zone.settings.enrollment = Enrollment::ServiceCatalog;
    order.platform.control_tower = serde_json::from_value(json!({
        "region": "eu-west-1",
        "accountFactoryProductId": "prod-abc",
        "singleSignOnUser": {"email": "factory@example.com", "firstName": "Ada", "lastName": "Byron"},
    }))
    .unwrap();
    let placement = Placement {
        organizational_unit_id: parent(unit),
    };
    first_call(order, placement)
}

/// The same on a platform that wants the execution role removed.
fn removing(unit: &str) -> Call {
    let mut request = request(unit);
    let settings = request.order.platform.control_tower.as_mut().unwrap();
    settings.execution_role = ExecutionRole::Remove;
    request
}

/// The same by a move alone.
fn auto(unit: &str) -> Call {
    let mut request = request(unit);
    request.order.landing_zone.settings.enrollment = Enrollment::Auto;
    request
}

/// The same, as a later execution asks.
fn later(request: &Call) -> Call {
    let mut later = request.clone();
    let execution = later.execution.as_str().replace("-11-1", "-11-2");
    later.execution = execution.parse().unwrap();
    later.progress = None;
    later
}

fn id() -> AccountId {
    account().account_id
}

fn parent(text: &str) -> ParentId {
    text.parse().unwrap()
}

/// The account in that parent, not enrolled; a Control Tower that is ready for it.
fn place_in(state: &mut State, place: &str) {
    for path in ["Sandbox", "Workloads", "Wild", "Workloads/Deep"] {
        state.organizations.add_unit(path);
    }
    state.organizations.put_into(&id(), &parent(place));
    state.control_tower.set_up();
    state.service_catalog.set_up();
    for unit in [SANDBOX, WORKLOADS] {
        register(state, unit, BaselineStatus::Succeeded);
    }
}

fn enroll_no_moved_accounts(state: &mut State) {
    let zone = state.control_tower.landing_zone.as_mut();
    zone.unwrap().enrolls_moved_accounts = false;
}

/// The account in that registered unit, enrolled by an earlier execution.
fn enroll_in(state: &mut State, place: &str) {
    place_in(state, place);
    set_product(state, product(ProductStatus::Available, true));
    set_baseline(state, child(place, BaselineStatus::Succeeded));
}

fn placed(place: &str) -> InMemory {
    InMemory::with(|state| place_in(state, place))
}

fn enrolled(place: &str) -> InMemory {
    InMemory::with(|state| enroll_in(state, place))
}

/// The account in that parent, with that provisioned product.
fn with_product(place: &str, product: Option<ProvisionedProduct>) -> InMemory {
    InMemory::with(|state| {
        place_in(state, place);
        if let Some(product) = product {
            set_product(state, product);
        }
    })
}

fn register(state: &mut State, unit: &str, status: BaselineStatus) {
    state.control_tower.register(&parent(unit), status);
}

fn unregister(state: &mut State, unit: &str) {
    state.control_tower.of_units.remove(&parent(unit));
}

fn set_product(state: &mut State, product: ProvisionedProduct) {
    state.service_catalog.products.insert(id(), product);
}

fn set_baseline(state: &mut State, baseline: EnabledBaseline) {
    state.control_tower.of_accounts.insert(id(), baseline);
}

fn set_role(state: &mut State, role: Role) {
    state.iam.of(&id()).insert(EXECUTION_ROLE.to_owned(), role);
}

fn child(unit: &str, status: BaselineStatus) -> EnabledBaseline {
    child_of(&parent(unit), status)
}

/// The execution role as Control Tower makes it.
fn role_of_control_tower() -> Role {
    Role::trusting(trust_of("arn:aws:iam::333333333333:root")).with_attached(&[ADMINISTRATOR])
}

fn trust_of(principal: &str) -> PolicyDocument {
    PolicyDocument::new(json!({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}]
    }))
}

fn role(world: &InMemory) -> Option<Role> {
    world.state().iam.find(&id(), EXECUTION_ROLE).cloned()
}

fn sits_in(world: &InMemory) -> ParentId {
    world.state().organizations.parent(&id()).unwrap().clone()
}

/// The next operation fails, and leaves its product so.
fn fails(world: &InMemory, problem: Problem, words: &str, left: ProductStatus) {
    let state = &mut world.state_mut().service_catalog;
    state.fail_next(problem, words, left);
}

/// The access role may not write roles any more.
fn downgrade(world: &InMemory) {
    for action in ["Create", "UpdateAssume", "Attach", "Detach", "Delete"] {
        let denied = Failure::new(avm_core::error::ErrorName::AccessDenied, "not authorized");
        world.refuse(&format!("iam:{action}Role"), denied);
    }
}

/// The doors that were opened besides the one that is always open.
fn doors(world: &InMemory) -> Vec<Door> {
    let opened = world.opened().into_iter();
    opened.filter(|door| *door != Door::Enrollment).collect()
}

/// So many writes whose words begin so.
fn count(world: &InMemory, words: &str) -> usize {
    let writes = world.writes();
    writes.iter().filter(|one| one.starts_with(words)).count()
}

async fn call(world: &InMemory, request: &Call) -> Result<Value, Failure> {
    answer::<Enroll>(world, request).await
}

/// The next call of the machine: with the progress of the last answer.
fn next(request: &Call, answer: &Value) -> Call {
    assert_eq!(answer["Status"], "PENDING");
    Call {
        progress: serde_json::from_value(answer["Progress"].clone()).unwrap(),
        ..request.clone()
    }
}

/// Calls like the machine until the step is done; what runs goes on between two calls.
async fn run(world: &InMemory, request: &Call) -> Result<Done, Failure> {
    let done = drive::<Enroll>(world, request).await?;
    Ok(serde_json::from_value(done).unwrap())
}

fn done(change: Change, execution_role: Option<RoleOutcome>, unit: &str) -> Done {
    Done {
        enrollment: Enrollment::ServiceCatalog,
        organizational_unit_id: parent(unit),
        change,
        execution_role,
    }
}

fn waiting_for(answer: &Value) -> &str {
    answer["WaitingFor"].as_str().unwrap()
}

/// What an answer says besides how often the step has looked.
fn said(answer: &Value) -> (&Value, &Value) {
    (&answer["WaitingFor"], &answer["Progress"]["Notes"])
}
