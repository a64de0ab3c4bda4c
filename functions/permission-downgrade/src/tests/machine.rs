//! The step: the plan that it tells, what it answers, and how long it waits for what IAM shows late.
//! The replay harness loses every write, before and after its effect.

use avm_core::contract::call::Call as _;
use avm_core::doors::Door;
use avm_core::error::ErrorName;
use avm_core::testing::{execution, order_json};
use avm_world::{answer as answer_step, answer_event, event, plan_of, read, replay};
use insta::{assert_json_snapshot, assert_snapshot};

use super::*;

const STANDARD: DowngradePolicy = DowngradePolicy::Standard;

#[tokio::test]
async fn a_powerful_role_loses_everything_but_the_minimum() {
    let world = world(powerful());
    let done = step(&world, STANDARD).await.unwrap();
    assert_eq!(role_in(&world), downgraded(STANDARD));
    assert_json_snapshot!(done, @r#"
    {
      "Changed": [
        "put inline policy MeshstackAccountAccessPolicy, which was missing",
        "delete inline policy AdministratorAccess",
        "delete inline policy Leftover",
        "detach managed policy arn:aws:iam::aws:policy/AdministratorAccess",
        "detach managed policy arn:aws:iam::aws:policy/IAMFullAccess"
      ],
      "Found": {
        "Attached": [
          "arn:aws:iam::aws:policy/AdministratorAccess",
          "arn:aws:iam::aws:policy/IAMFullAccess"
        ],
        "Inline": [
          "AdministratorAccess",
          "Leftover"
        ],
        "Minimum": "none"
      },
      "Policy": "standard",
      "Verified": {
        "Attached": [],
        "Inline": [
          "MeshstackAccountAccessPolicy"
        ],
        "Minimum": "standard"
      }
    }
    "#);
}

#[tokio::test]
async fn the_plan_of_a_powerful_role_names_the_policy_and_every_change() {
    let world = world(powerful());
    let plan = plan_of::<PermissionDowngrade>(&world, &request(STANDARD)).await;
    assert_json_snapshot!(plan.unwrap(), @r#"
    {
      "DependsOn": null,
      "IsEmpty": false,
      "Steps": {
        "Delete": [
          "AdministratorAccess",
          "Leftover"
        ],
        "Detach": [
          {
            "Arn": "arn:aws:iam::aws:policy/AdministratorAccess",
            "Name": "AdministratorAccess"
          },
          {
            "Arn": "arn:aws:iam::aws:policy/IAMFullAccess",
            "Name": "IAMFullAccess"
          }
        ],
        "Found": {
          "Attached": [
            "arn:aws:iam::aws:policy/AdministratorAccess",
            "arn:aws:iam::aws:policy/IAMFullAccess"
          ],
          "Inline": [
            "AdministratorAccess",
            "Leftover"
          ],
          "Minimum": "none"
        },
        "Policy": "standard",
        "Put": "Missing"
      },
      "Words": "put inline policy MeshstackAccountAccessPolicy, which was missing; delete inline policy AdministratorAccess; delete inline policy Leftover; detach managed policy arn:aws:iam::aws:policy/AdministratorAccess; detach managed policy arn:aws:iam::aws:policy/IAMFullAccess"
    }
    "#);
}

#[tokio::test]
async fn whatever_is_lost_the_next_try_ends_in_an_equal_world() {
    let extended = role(
        &[(MINIMUM_POLICY, minimum(DowngradePolicy::Strict))],
        &[ADMINISTRATOR],
    );
    for policy in DowngradePolicy::ALL {
        for found in [powerful(), extended.clone()] {
            replay::<PermissionDowngrade>(having(found), &request(policy)).await;
        }
    }
}

#[tokio::test]
async fn a_minimum_that_is_visible_late_is_waited_for_and_nothing_is_removed_before() {
    let world = world(powerful());
    // One look before the write, and one after it.
    world.show_old(2, "iam:GetRolePolicy");
    let answer = answer_step::<PermissionDowngrade>(&world, &request(STANDARD)).await;
    let mut answer = answer.unwrap();
    assert_eq!(answer["Status"], "PENDING");
    assert_eq!(answer["WaitSeconds"], 5);
    assert_snapshot!(answer["WaitingFor"].as_str().unwrap(), @"IAM to show what was changed: inline policy MeshstackAccountAccessPolicy of role MeshstackAccountAccessRole cannot be read back as it was put; nothing has been removed; the access role may still be powerful");
    assert_eq!(world.writes(), [put()]);
    let mut event = event(&request(STANDARD));
    event["Progress"] = answer["Progress"].take();
    let answer = answer_event::<PermissionDowngrade>(&world, &event).await;
    let answer = answer.unwrap();
    assert_eq!(answer["Status"], "DONE");
    assert_eq!(answer["Result"]["Found"]["Minimum"], "none");
    let changed = answer["Result"]["Changed"].as_array().unwrap();
    assert_eq!(changed.len(), 5, "{changed:?}");
    assert_eq!(role_in(&world), downgraded(STANDARD));
}

#[tokio::test]
async fn what_is_left_in_the_end_is_a_failure_that_names_it() {
    for (sticky, words) in [
        ("Leftover", "inline policy Leftover is there"),
        ("IAMFullAccess", "managed policy IAMFullAccess is attached"),
    ] {
        let world = world(powerful());
        world.state_mut().iam.sticky.insert(sticky.to_owned());
        let failure = step(&world, STANDARD).await.unwrap_err();
        assert_eq!(failure.name(), ErrorName::VerificationPending);
        assert_eq!(failure.account(), Some(&account()));
        for words in [words, "may still be powerful", "after 15 looks"] {
            assert!(failure.cause().contains(words), "{failure}");
        }
        world.state_mut().iam.sticky.clear();
        step(&world, STANDARD).await.unwrap();
        assert_eq!(role_in(&world), downgraded(STANDARD));
    }
}

#[tokio::test]
async fn a_refused_removal_says_that_the_role_may_still_be_powerful() {
    let world = world(powerful());
    let refusal = Failure::new(ErrorName::DowngradeFailed, "no");
    world.refuse("iam:DetachRolePolicy", refusal);
    let failure = step(&world, STANDARD).await.unwrap_err();
    assert_eq!(failure.cause(), "the access role may still be powerful: no");
}

#[tokio::test]
async fn a_missing_role_is_a_failure_and_nothing_is_written() {
    let world = InMemory::default();
    let failure = step(&world, STANDARD).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::DowngradeFailed);
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn a_role_that_cannot_be_entered_yet_is_retried() {
    let world = world(powerful());
    world.close(Door::Downgrade);
    let failure = answer_step::<PermissionDowngrade>(&world, &request(STANDARD))
        .await
        .unwrap_err();
    assert_eq!(failure.name(), ErrorName::AccountNotReady);
    let role = "PermissionDowngradeLambdaExecutionRole";
    assert!(failure.remedy().contains(role), "{failure}");
    let plan = plan_of::<PermissionDowngrade>(&world, &request(STANDARD)).await;
    assert_eq!(plan.unwrap()["DependsOn"], "apply-stackset");
}

#[tokio::test]
async fn the_order_names_role_and_policy() {
    let mut order = order_json();
    order["LandingZone"]["Settings"]["downgrade"] = json!("strict");
    order["Platform"]["accountAccessRole"] = json!("OtherRole");
    let event = json!({
        "Execution": execution(), "Order": order, "Account": avm_core::testing::account(), "Input": null, "Progress": null,
    });
    let scene = read::<PermissionDowngrade>(event.clone()).unwrap().scene();
    assert_eq!(scene.session_name, "avm-111111111111-2026-11-1");
    let world = InMemory::with(|state| {
        let roles = state.iam.of(&account());
        roles.insert("OtherRole".to_owned(), powerful());
        roles.insert(ACCESS_ROLE.to_owned(), powerful());
    });
    let answer = answer_event::<PermissionDowngrade>(&world, &event).await;
    assert_eq!(answer.unwrap()["Result"]["Policy"], "strict");
    assert_eq!(role_in(&world), powerful());
}

#[tokio::test]
async fn a_landing_zone_without_downgrade_is_no_reason_to_call() {
    let mut request = request(STANDARD);
    request.order.landing_zone.settings.downgrade = DowngradeSetting::None;
    let world = world(powerful());
    let failure = drive::<PermissionDowngrade>(&world, &request)
        .await
        .unwrap_err();
    assert_eq!(failure.name(), ErrorName::InvalidState);
    assert!(world.journal().is_empty());
}

const NOTHING_REACHED: Reached = Reached {
    enrolled: false,
    access_stack: false,
    set_up: false,
};
const ALL_REACHED: Reached = Reached {
    enrolled: true,
    access_stack: true,
    set_up: true,
};

#[tokio::test]
async fn after_a_failure_a_role_is_taken_down_once_nothing_needs_its_power() {
    let world = world(powerful());
    let call = after_failure(STANDARD, ALL_REACHED);
    let done = drive::<PermissionDowngrade>(&world, &call).await.unwrap();
    assert_eq!(
        done["Words"],
        "The access role is at its minimum, standard."
    );
    assert_eq!(role_in(&world), downgraded(STANDARD));
}

#[tokio::test]
async fn after_a_failure_a_role_that_was_never_taken_down_keeps_what_the_next_try_needs() {
    let world = world(powerful());
    let call = after_failure(STANDARD, NOTHING_REACHED);
    let done = drive::<PermissionDowngrade>(&world, &call).await.unwrap();
    let words = done["Words"].as_str().unwrap();
    assert!(words.contains("needs it again for AccessStack."), "{words}");
    assert_eq!(role_in(&world), powerful());
    assert!(world.writes().is_empty());
    let plan = plan_of::<PermissionDowngrade>(&world, &call).await.unwrap();
    assert_snapshot!(plan["Words"].as_str().unwrap(), @"nothing to change yet: the role was never taken down, and AccessStack would need its power again");
}

#[tokio::test]
async fn after_a_failure_a_role_that_was_taken_down_before_keeps_nothing() {
    for found in [
        role(&[(MINIMUM_POLICY, minimum(STANDARD))], &[ADMINISTRATOR]),
        role(&[(MINIMUM_POLICY, administration())], &[]),
    ] {
        let call = after_failure(STANDARD, NOTHING_REACHED);
        let world = world(found);
        drive::<PermissionDowngrade>(&world, &call).await.unwrap();
        assert_eq!(role_in(&world), downgraded(STANDARD));
    }
}
