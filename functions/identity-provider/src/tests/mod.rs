//! The step in one account: what the cases have in common.
//! Settled accounts are looked at under each minimum policy as it is deployed.

mod changes;
mod refusals;
mod replays;

use avm_aws::lambda::decode;
use avm_core::contract::step::{Answer, OnAccount};
use avm_core::domain::PolicyDocument;
use avm_core::error::Failure;
use avm_core::testing::{account, execution, order};
use serde_json::{Value, json};

use crate::metadata::tests::{CERTIFICATE, keycloak};
use crate::world::{PROVIDER, World, WorldRole, attached};
use crate::{Done, Ports, Request, Surroundings, handle, trust};

const ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/AdministratorAccess";
const READ_ONLY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";
const BILLING: &str = "arn:aws:iam::aws:policy/job-function/Billing";
const OWN: &str = "arn:aws:iam::111111111111:policy/ProjectBoundary";

/// Two managed roles, with policies by ARN and by name.
fn mappings() -> Value {
    json!({
        "roleMappingsManaged": {
            "admin": {"awsRoleName": "meshstack-project-admin", "policies": [ADMINISTRATOR]},
            "reader": {"awsRoleName": "meshstack-project-reader", "policies": ["ReadOnlyAccess", "Billing", "ProjectBoundary"]}
        }
    })
}

/// The same with an external role.
fn with_external() -> Value {
    let mut mappings = mappings();
    mappings["roleMappingsExternal"] = json!({"user": {"awsRoleName": "project-developer"}});
    mappings
}

fn request(mappings: &Value) -> Request {
    let mut order = order();
    order.landing_zone.settings.identity_provider =
        Some(serde_json::from_value(mappings.clone()).unwrap());
    order.platform.identity_provider = Some(
        serde_json::from_value(json!({
            "name": "meshstack-saml-idp", "metadataUrl": "https://idp.example.com/descriptor"
        }))
        .unwrap(),
    );
    Request {
        execution: execution(),
        order,
        progress: None,
        rest: OnAccount { account: account() },
    }
}

fn new_world() -> World {
    let world = World::default();
    world.state().metadata = keycloak(CERTIFICATE, "ID_1", "");
    world.state().policies = [ADMINISTRATOR, READ_ONLY, BILLING, OWN]
        .map(str::to_owned)
        .into();
    world
}

async fn call(world: &World, request: &Request) -> Result<Done, Failure> {
    let ports = Ports {
        metadata: world,
        providers: world,
        roles: world,
    };
    let surroundings = Surroundings {
        partition: "aws",
        renewal: "2026-12-01T00:00:00Z",
    };
    match handle(request, &surroundings, &ports).await? {
        Answer::Done(done) => Ok(done),
        Answer::Pending { .. } => panic!("the step never waits"),
    }
}

/// A world in which the step has worked for these mappings.
async fn settled_world(mappings: &Value) -> World {
    let world = new_world();
    call(&world, &request(mappings)).await.unwrap();
    world.state().calls.clear();
    world.state().writes.clear();
    world
}

fn our_trust() -> PolicyDocument {
    trust::document(&PROVIDER.parse().unwrap(), trust::audience("aws").unwrap())
}

fn role(trust: PolicyDocument, policies: &[&str]) -> WorldRole {
    WorldRole {
        trust,
        attached: policies.iter().map(|arn| attached(arn)).collect(),
        description: None,
    }
}

fn trust_of_a_service() -> PolicyDocument {
    PolicyDocument::new(json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ]}))
}

#[test]
fn the_input_of_the_state_machine_is_read() {
    let expected = request(&with_external());
    let input = json!({
        "Execution": execution(), "Order": expected.order, "Account": account(), "SomethingNew": 1,
    });
    assert_eq!(decode::<Request>(input).unwrap(), expected);
}
