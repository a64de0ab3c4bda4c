//! The completion against an account in a small organization, seen from outside.
//! A difference anywhere keeps every tag from being written.

use avm_core::config::{DowngradePolicy, DowngradeSetting};
use avm_core::contract::order::Order;
use avm_core::domain::{AccountId, Parameters, ParentId, PolicyDocument};
use avm_core::ports::stack_sets::{DetailedStatus, InstanceStatus};
use avm_core::rules::minimum_policy::{MINIMUM_POLICY, document};
use avm_core::testing::{account, call, order};
use avm_world::iam::{Role, attached};
use avm_world::organizations::{ROOT, root, unit_id};
use avm_world::{InMemory, State, answer_event, drive, event, plan_of, replay};
use insta::{assert_json_snapshot, assert_snapshot};
use serde_json::{Value, json};

use super::*;

mod member_roles;
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
    call(order, Nothing)
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

#[tokio::test]
async fn every_difference_is_told_at_once_and_nothing_is_written() {
    let world = InMemory::with(|state| {
        vended(state);
        state.organizations.put_into(&id(), &other());
        state.stack_sets.of(STACK_SET).instances.clear();
        let role = access_role(state);
        let administration = PolicyDocument::of_text("{}");
        role.inline
            .insert("AdministratorAccess".to_owned(), administration);
        role.attached
            .insert(attached("arn:aws:iam::aws:policy/IAMFullAccess"));
    });
    assert_snapshot!(difference(&world, order()).await.replace("; ", "\n"), @r#"
    waited for an account as its landing zone asks for it: the account sits in ou-ab12-00000003 instead of ou-ab12-00000001
    StackSet avm-landing-zone has no instance in eu-central-1
    role MeshstackAccountAccessRole: inline policy AdministratorAccess is there
    role MeshstackAccountAccessRole: managed policy IAMFullAccess is attached
    given up after 8 looks
    "#);
}

#[tokio::test]
async fn an_account_below_its_unit_is_in_place_only_with_hierarchical_assignment() {
    let world = InMemory::with(vended);
    world
        .state_mut()
        .organizations
        .put_into(&id(), &below_space());
    let mut order = order();
    assert!(
        difference(&world, order.clone())
            .await
            .contains("instead of ou-ab12-00000001")
    );
    order.landing_zone.settings.hierarchical_assignment = true;
    run_of(&world, order).await.unwrap();
}

#[tokio::test]
async fn a_unit_that_differs_in_letter_case_only_is_the_unit_that_aws_calls_taken() {
    let world = InMemory::with(vended);
    let mut order = order();
    order.request.product_name = "Space".parse().unwrap();
    run_of(&world, order).await.unwrap();
}

#[tokio::test]
async fn a_missing_unit_or_an_account_that_does_not_show_up_is_a_difference() {
    let world = InMemory::with(vended);
    let mut elsewhere = order();
    elsewhere.landing_zone.settings.organizational_unit =
        "space/absent".to_owned().try_into().unwrap();
    assert!(
        difference(&world, elsewhere)
            .await
            .contains("no organizational unit absent in ou-ab12-00000001")
    );
    world.state_mut().organizations.account(&id()).parent = None;
    assert!(
        difference(&world, order())
            .await
            .contains("does not show up")
    );
}

#[tokio::test]
async fn an_account_is_found_by_the_id_of_its_unit_in_the_root_and_along_a_path() {
    for (target, parent) in [
        (other().as_str(), other()),
        ("/", root()),
        (ROOT, root()),
        ("space/below", below_space()),
    ] {
        let world = InMemory::with(vended);
        world.state_mut().organizations.put_into(&id(), &parent);
        let mut order = order();
        order.landing_zone.settings.organizational_unit = target.to_owned().try_into().unwrap();
        run_of(&world, order).await.unwrap();
    }
}

#[tokio::test]
async fn an_instance_that_is_not_current_or_still_worked_on_is_a_difference() {
    for (status, detailed, words) in [
        (
            InstanceStatus::Outdated,
            DetailedStatus::Failed,
            "OUTDATED (FAILED)",
        ),
        (
            InstanceStatus::Inoperable,
            DetailedStatus::Inoperable,
            "INOPERABLE",
        ),
        (
            InstanceStatus::Current,
            DetailedStatus::Running,
            "CURRENT (RUNNING)",
        ),
    ] {
        let world = InMemory::with(|state| {
            vended(state);
            let instance = state.stack_sets.of(STACK_SET).instance(&id(), REGION);
            instance.status = status;
            instance.detailed_status = Some(detailed);
        });
        let difference = difference(&world, order()).await;
        assert!(
            difference.contains(&format!("avm-landing-zone in eu-central-1 is {words}")),
            "{difference}"
        );
    }
}

#[tokio::test]
async fn a_minimum_of_another_landing_zone_is_a_difference() {
    let world = InMemory::with(vended);
    let mut order = order();
    order.landing_zone.settings.downgrade = DowngradeSetting::Strict;
    assert!(
        difference(&world, order)
            .await
            .contains("differs from what it should be")
    );
}

#[tokio::test]
async fn a_role_that_cannot_be_read_yet_is_a_difference_and_a_busy_service_is_not() {
    for name in [ErrorName::AccessDenied, ErrorName::DowngradeFailed] {
        let world = InMemory::with(vended);
        world.refuse("iam:ListRolePolicies", Failure::new(name, "refused"));
        assert!(difference(&world, order()).await.contains("cannot be read"));
    }
    let world = InMemory::with(vended);
    world.close(Door::Verification);
    assert!(difference(&world, order()).await.contains("cannot be read"));
    let world = InMemory::with(vended);
    let throttled = Failure::new(ErrorName::Throttled, "refused");
    world.refuse("iam:ListRolePolicies", throttled);
    assert_eq!(run(&world).await.unwrap_err().name(), ErrorName::Throttled);
}

#[tokio::test]
async fn what_shows_late_is_waited_for() {
    let world = InMemory::with(vended);
    world.state_mut().organizations.put_into(&id(), &other());
    let mut waits = Vec::new();
    let mut event = event(&request(order()));
    for _ in 0..7 {
        let answer = answer_event::<Completion>(&world, &event).await;
        let mut answer = answer.unwrap();
        assert_eq!(answer["Status"], "PENDING");
        waits.push(answer["WaitSeconds"].as_u64().unwrap());
        event["Progress"] = answer["Progress"].take();
    }
    assert_eq!(waits, [3, 8, 13, 18, 23, 28, 30]);
    world.state_mut().organizations.put_into(&id(), &space());
    let answer = answer_event::<Completion>(&world, &event).await;
    assert_eq!(answer.unwrap()["Status"], "DONE");
}

#[tokio::test]
async fn without_downgrade_the_account_is_not_entered() {
    let world = InMemory::with(vended);
    let mut order = order();
    order.landing_zone.settings.downgrade = DowngradeSetting::None;
    order.landing_zone.settings.stack_sets.clear();
    run_of(&world, order).await.unwrap();
    assert!(!world.opened().contains(&Door::Verification));
    assert!(tags(&world).contains_key("ProductName"));
}
