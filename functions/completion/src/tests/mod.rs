//! The completion against an account in a small organization, seen from outside.
//! A difference anywhere keeps every tag from being written.

use avm_core::config::{DowngradePolicy, DowngradeSetting};
use avm_core::contract::order::Order;
use avm_core::domain::{AccountId, Parameters, ParentId, PolicyDocument};
use avm_core::rules::minimum_policy::{MINIMUM_POLICY, document};
use avm_core::testing::{account, call, order};
use avm_world::iam::{Role, attached};
use avm_world::organizations::unit_id;
use avm_world::{InMemory, State, drive, plan_of, replay};
use insta::{assert_json_snapshot, assert_snapshot};
use serde_json::{Value, json};

use super::*;

mod budgets;
mod differences;
mod member_roles;
mod root_user;
mod saml_roles;
mod turns;

const STACK_SET: &str = "avm-landing-zone";
const REGION: &str = "eu-central-1";

fn id() -> AccountId {
    account().account_id
}

fn space() -> ParentId {
    unit_id(1)
}

fn below_space() -> ParentId {
    unit_id(2)
}

fn other() -> ParentId {
    unit_id(3)
}

/// One account below the units `space`, `space/below` or `other`, with its instance and its downgraded access role.
fn vended(state: &mut State) {
    let organization = &mut state.organizations;
    for path in ["space", "space/below", "other"] {
        organization.add_unit(path);
    }
    organization.put_into(&id(), &space());
    let stack_set = state.stack_sets.add(STACK_SET, &[]);
    stack_set.settle(&id(), REGION, Parameters::default());
    let role = &order().platform.account_access_role;
    let minimum = document(DowngradePolicy::Standard, "aws", &id(), role);
    let mut access_role = Role::trusting(trusting("333333333333"));
    let inline = &mut access_role.inline;
    inline.insert(MINIMUM_POLICY.to_owned(), minimum);
    let roles = state.iam.of(&id());
    roles.insert(role.to_string(), access_role);
    roles.extend(member_roles::made());
}

/// The trust that AWS Organizations gives the access role.
fn trusting(account: &str) -> PolicyDocument {
    let principal = format!("arn:aws:iam::{account}:root");
    PolicyDocument::new(json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
    ]}))
}

fn tag(state: &mut State, tags: &[(&str, &str)]) {
    state.organizations.account(&id()).tag(tags);
}

fn after_a_failure(state: &mut State) {
    vended(state);
    tag(
        state,
        &[
            ("Owner", "somebody"),
            ("avm:failed-step", "PlaceAccount"),
            ("avm:failed-at", "2026-11-04T10:00:00Z"),
        ],
    );
}

fn access_role(state: &mut State) -> &mut Role {
    let name = order().platform.account_access_role;
    state.iam.of(&id()).get_mut(name.as_str()).unwrap()
}

fn request(order: Order) -> Call {
    call(order, None)
}

async fn run_of(world: &InMemory, order: Order) -> Result<Value, Failure> {
    drive::<Completion>(world, &request(order)).await
}

async fn run(world: &InMemory) -> Result<Value, Failure> {
    run_of(world, order()).await
}

fn tags(world: &InMemory) -> BTreeMap<String, String> {
    world.state().organizations.tags(&id())
}

/// What keeps the account from being tagged until the step gives up.
async fn difference(world: &InMemory, order: Order) -> String {
    let failure = run_of(world, order).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::VerificationPending, "{failure}");
    assert_eq!(failure.account(), Some(&id()));
    assert!(world.writes().is_empty());
    failure.cause().to_owned()
}

#[tokio::test]
async fn a_vended_account_is_tagged_after_the_marks_of_failure_are_gone() {
    let world = InMemory::with(after_a_failure);
    assert_json_snapshot!(run(&world).await.unwrap(), @r#"
    {
      "AlteredTags": [],
      "Tags": {
        "Environment": "dev",
        "ProductName": "space",
        "Stage": "shop",
        "avm:completed-at": "2026-11-05T10:00:00Z",
        "avm:execution": "111111111111-2026-11-1",
        "avm:landing-zone": "sandbox",
        "avm:project": "shop",
        "avm:workspace": "space"
      },
      "Verified": [
        "the account sits in ou-ab12-00000001",
        "the instance of StackSet avm-landing-zone in eu-central-1 is CURRENT",
        "role MeshstackAccountAccessRole carries the policy standard and nothing else",
        "the roles of StackSet avm-landing-zone are as it makes them"
      ]
    }
    "#);
    assert_eq!(
        world.writes(),
        [
            "organizations:UntagResource avm:failed-at avm:failed-step",
            "organizations:TagResource Environment ProductName Stage avm:completed-at avm:execution avm:landing-zone avm:project \
             avm:workspace"
        ]
    );
    assert_eq!(tags(&world)["Owner"], "somebody");
}

#[tokio::test]
async fn the_second_run_writes_nothing_and_answers_the_same() {
    let world = InMemory::with(after_a_failure);
    let first = run(&world).await.unwrap();
    let second = run(&world).await.unwrap();
    assert_eq!(world.writes().len(), 2);
    assert_eq!(first, second);
}

#[tokio::test]
async fn whatever_is_lost_the_next_try_ends_in_an_equal_world() {
    replay::<Completion>(vended, &request(order())).await;
    replay::<Completion>(after_a_failure, &request(order())).await;
}

#[tokio::test]
async fn the_marks_of_another_vend_are_written_and_are_nothing_to_do() {
    let world = InMemory::with(vended);
    run(&world).await.unwrap();
    let mut next = request(order());
    let execution = next.execution.as_str().replace("-11-1", "-11-2");
    next.execution = execution.parse().unwrap();
    let plan = plan_of::<Completion>(&world, &next).await.unwrap();
    assert_eq!(plan["IsEmpty"], true, "{plan}");
    world.forget_journal();
    drive::<Completion>(&world, &next).await.unwrap();
    assert_eq!(
        world.writes(),
        ["organizations:TagResource avm:completed-at avm:execution"]
    );
    assert_eq!(tags(&world)["avm:execution"], "111111111111-2026-11-2");
}

#[tokio::test]
async fn the_plan_of_a_disturbed_account_names_differences_and_keys_and_no_values() {
    let world = InMemory::with(after_a_failure);
    world.state_mut().organizations.put_into(&id(), &other());
    let plan = plan_of::<Completion>(&world, &request(order())).await;
    assert_json_snapshot!(plan.unwrap(), @r#"
    {
      "DependsOn": null,
      "IsEmpty": false,
      "Steps": {
        "Differences": [
          "the account sits in ou-ab12-00000003 instead of ou-ab12-00000001"
        ],
        "Tags": {
          "Put": [
            "Environment",
            "ProductName",
            "Stage",
            "avm:completed-at",
            "avm:execution",
            "avm:landing-zone",
            "avm:project",
            "avm:workspace"
          ],
          "Remove": [
            "avm:failed-at",
            "avm:failed-step"
          ]
        },
        "Verified": [
          "the instance of StackSet avm-landing-zone in eu-central-1 is CURRENT",
          "role MeshstackAccountAccessRole carries the policy standard and nothing else",
          "the roles of StackSet avm-landing-zone are as it makes them"
        ]
      },
      "Words": "wait while the account sits in ou-ab12-00000003 instead of ou-ab12-00000001; remove the tags of an earlier failure avm:failed-at, avm:failed-step; write the tags Environment, ProductName, Stage, avm:landing-zone, avm:project, avm:workspace"
    }
    "#);
}

#[tokio::test]
async fn an_account_that_was_tagged_for_somebody_else_meanwhile_is_left_to_them() {
    for tags in [
        &[("ProductName", "moon"), ("Stage", "shop")][..],
        &[("avm:workspace", "space"), ("avm:project", "bank")],
    ] {
        let world = InMemory::with(vended);
        tag(&mut world.state_mut(), tags);
        let failure = run(&world).await.unwrap_err();
        assert_eq!(failure.name(), ErrorName::AccountMismatch);
        assert!(failure.cause().contains(tags[0].1) || failure.cause().contains(tags[1].1));
        assert!(world.writes().is_empty());
    }
}
