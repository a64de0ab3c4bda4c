//! The step in one account: what the cases have in common.
//! Settled accounts are looked at under each minimum policy as it is deployed.

mod changes;
mod plans;
mod refusals;
mod replays;

use avm_core::contract::call::Nothing;
use avm_core::domain::PolicyDocument;
use avm_core::error::Failure;
use avm_core::testing::{account, call as first_call, execution, order};
use avm_world::iam::{Role, attached};
use avm_world::{InMemory, State, answer, read};
use serde_json::{Value, json};

use crate::apply::OURS;
use crate::metadata::tests::{CERTIFICATE, keycloak};
use crate::{Call, Done, IdentityProvider, trust};

const PROVIDER: &str = "arn:aws:iam::111111111111:saml-provider/meshstack-saml-idp";
const ADDRESS: &str = "https://idp.example.com/descriptor";
const ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/AdministratorAccess";
const READ_ONLY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";
const BILLING: &str = "arn:aws:iam::aws:policy/job-function/Billing";
const OWN: &str = "arn:aws:iam::111111111111:policy/ProjectBoundary";
const ADMIN_ROLE: &str = "meshstack-project-admin";
const READER_ROLE: &str = "meshstack-project-reader";
const EXTERNAL_ROLE: &str = "project-developer";

/// Two managed roles, with policies by ARN and by name.
fn mappings() -> Value {
    json!({
        "roleMappingsManaged": {
            "admin": {"awsRoleName": ADMIN_ROLE, "policies": [ADMINISTRATOR]},
            "reader": {"awsRoleName": READER_ROLE, "policies": ["ReadOnlyAccess", "Billing", "ProjectBoundary"]}
        }
    })
}

/// The same with an external role.
fn with_external() -> Value {
    let mut mappings = mappings();
    mappings["roleMappingsExternal"] = json!({"user": {"awsRoleName": EXTERNAL_ROLE}});
    mappings
}

fn request(mappings: &Value) -> Call {
    let mut order = order();
    order.landing_zone.settings.identity_provider =
        Some(serde_json::from_value(mappings.clone()).unwrap());
    order.platform.identity_provider = Some(
        serde_json::from_value(json!({"name": "meshstack-saml-idp", "metadataUrl": ADDRESS}))
            .unwrap(),
    );
    first_call(order, Nothing)
}

fn publish(state: &mut State, metadata: String) {
    state.saml.published.insert(ADDRESS.to_owned(), metadata);
}

/// An account without provider and roles.
fn new_state(state: &mut State) {
    publish(state, keycloak(CERTIFICATE, "ID_1", ""));
    state.iam.policies = [ADMINISTRATOR, READ_ONLY, BILLING, OWN]
        .map(str::to_owned)
        .into();
}

fn new_world() -> InMemory {
    InMemory::with(new_state)
}

async fn call(world: &InMemory, request: &Call) -> Result<Done, Failure> {
    let mut answer = answer::<IdentityProvider>(world, request).await?;
    assert_eq!(answer["Status"], "DONE", "the step never waits");
    Ok(serde_json::from_value(answer["Result"].take()).unwrap())
}

/// A world in which the step has worked for these mappings.
async fn settled_world(mappings: &Value) -> InMemory {
    let world = new_world();
    call(&world, &request(mappings)).await.unwrap();
    world.forget_journal();
    world
}

fn our_trust() -> PolicyDocument {
    trust::document(
        &PROVIDER.parse().unwrap(),
        &["https://signin.aws.amazon.com/saml".to_owned()].into(),
    )
}

fn role(trust: PolicyDocument, policies: &[&str]) -> Role {
    Role::trusting(trust).with_attached(policies)
}

/// A role as the step makes it, with these policies.
fn our_role(policies: &[&str]) -> Role {
    Role {
        description: Some(format!("{OURS}whatever")),
        ..role(our_trust(), policies)
    }
}

fn put_role(state: &mut State, name: &str, role: Role) {
    let roles = state.iam.of(&account().account_id);
    roles.insert(name.to_owned(), role);
}

fn role_in(world: &InMemory, name: &str) -> Option<Role> {
    let state = world.state();
    state.iam.find(&account().account_id, name).cloned()
}

fn stored(world: &InMemory) -> Option<String> {
    world.state().saml.providers.get(PROVIDER).cloned()
}

fn trust_of_a_service() -> PolicyDocument {
    PolicyDocument::new(json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ]}))
}

#[test]
fn the_input_of_the_machine_is_read() {
    let expected = request(&with_external());
    let input = json!({
        "Execution": execution(), "Order": expected.order, "Account": account(), "Input": null, "Progress": null,
        "SomethingNew": 1,
    });
    assert_eq!(read::<IdentityProvider>(input).unwrap(), expected);
}
