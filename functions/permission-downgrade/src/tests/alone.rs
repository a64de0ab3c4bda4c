//! The contract of meshStack: a flat answer, an account id that is enough, and an end that is proved within the call.
//! Nobody calls again: what cannot be proved is a failure.

use std::cell::RefCell;

use avm_core::doors::Door;
use avm_core::error::ErrorName;
use avm_core::testing::{execution, order_json};
use avm_world::Fault;
use insta::assert_json_snapshot;

use super::*;

const STANDARD: DowngradePolicy = DowngradePolicy::Standard;

#[tokio::test]
async fn the_answer_is_that_of_the_function_of_meshstack() {
    let world = world(powerful());
    let event = json!({"AccountId": account()});
    let response = answer(event, &environment(STANDARD), &world, async |_| ()).await;
    assert_eq!(role_in(&world), downgraded(STANDARD));
    // Keys in their order, byte for byte.
    assert_json_snapshot!(response.unwrap(), @r#"
    {
      "statusCode": 200,
      "body": "Successfully downgraded",
      "Policy": "standard",
      "Found": {
        "Inline": [
          "AdministratorAccess",
          "Leftover"
        ],
        "Attached": [
          "arn:aws:iam::aws:policy/AdministratorAccess",
          "arn:aws:iam::aws:policy/IAMFullAccess"
        ],
        "Minimum": "none"
      },
      "Changed": [
        "put inline policy MeshstackAccountAccessPolicy, which was missing",
        "delete inline policy AdministratorAccess",
        "delete inline policy Leftover",
        "detach managed policy arn:aws:iam::aws:policy/AdministratorAccess",
        "detach managed policy arn:aws:iam::aws:policy/IAMFullAccess"
      ],
      "Verified": {
        "Inline": [
          "MeshstackAccountAccessPolicy"
        ],
        "Attached": [],
        "Minimum": "standard"
      }
    }
    "#);
}

#[tokio::test]
async fn a_write_that_fails_before_or_after_its_effect_leads_to_the_same_role_when_called_again() {
    for write in 0..5 {
        for fault in Fault::ALL {
            let world = world(powerful());
            world.disturb_write(write, fault);
            let failure = alone(&world, STANDARD).await.unwrap_err();
            assert_eq!(failure.name(), ErrorName::ServiceUnavailable);
            assert_eq!(failure.account(), Some(&account()));
            alone(&world, STANDARD).await.unwrap();
            assert_eq!(
                role_in(&world),
                downgraded(STANDARD),
                "write {write}, {fault:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_minimum_that_is_visible_late_is_waited_for() {
    let world = world(powerful());
    world.show_old(4, "iam:GetRolePolicy");
    let waited = RefCell::new(Vec::new());
    let event = json!({"AccountId": account()});
    let pause = async |time: Duration| waited.borrow_mut().push(time.as_millis());
    answer(event, &environment(STANDARD), &world, pause)
        .await
        .unwrap();
    assert_eq!(role_in(&world), downgraded(STANDARD));
    assert_eq!(*waited.borrow(), [200, 500, 1000, 2000]);
}

#[tokio::test]
async fn nothing_is_removed_while_the_minimum_cannot_be_read_back() {
    let world = world(powerful());
    world.show_old(1000, "iam:GetRolePolicy");
    let failure = alone(&world, STANDARD).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::VerificationPending);
    assert!(
        failure.cause().ends_with("nothing has been removed"),
        "{failure}"
    );
    assert_eq!(world.writes(), [put()]);
}

#[tokio::test]
async fn what_is_left_in_the_end_is_a_failure_that_names_it() {
    for (sticky, words) in [
        ("Leftover", "inline policy Leftover is there"),
        ("IAMFullAccess", "managed policy IAMFullAccess is attached"),
    ] {
        let world = world(powerful());
        world.state_mut().iam.sticky.insert(sticky.to_owned());
        let failure = alone(&world, STANDARD).await.unwrap_err();
        assert_eq!(failure.name(), ErrorName::DowngradeFailed);
        assert!(failure.cause().contains(words), "{failure}");
        assert!(failure.remedy().contains("may still be powerful"));
        world.state_mut().iam.sticky.clear();
        alone(&world, STANDARD).await.unwrap();
        assert_eq!(role_in(&world), downgraded(STANDARD));
    }
}

#[tokio::test]
async fn a_missing_role_is_a_failure_and_nothing_is_written() {
    let world = InMemory::default();
    let failure = alone(&world, STANDARD).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::DowngradeFailed);
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn the_account_id_is_enough_and_every_other_key_is_welcome() {
    let whole = json!({
        "AccountId": "111111111111", "AccountName": "n", "AccountEmail": "not an address",
        "tagEnvironment": "dev", "SomethingNew": {"a": [1]}, "Mode": "Plan",
    });
    let mut like_the_machine = whole.clone();
    like_the_machine["Order"] = json!("4711");
    like_the_machine["Account"] = json!(avm_core::testing::account());
    like_the_machine["Execution"] = json!(execution());
    for event in [
        json!({"AccountId": "111111111111"}),
        whole,
        json!({"AccountId": "111111111111", "Order": "4711"}),
        like_the_machine,
    ] {
        let world = world(powerful());
        let response = call_alone(&world, event, STANDARD).await.unwrap();
        assert_eq!(response["statusCode"], 200);
        assert_eq!(response["Policy"], "standard");
        assert_eq!(role_in(&world), downgraded(STANDARD));
    }
}

/// Whoever may call could forge it: a zone that asks for a wider policy, by an order that nobody gave.
#[tokio::test]
async fn the_event_of_the_machine_is_no_call_and_opens_nothing() {
    for (downgrade, more) in [
        ("none", json!({})),
        ("self-upgradable", json!({})),
        ("standard", json!({"Mode": "Plan"})),
        ("strict", json!({"AccountId": null})),
    ] {
        let mut event = json!({
            "Execution": execution(), "Order": order_json(), "Account": avm_core::testing::account(), "Input": null,
            "Progress": null,
        });
        event["Order"]["LandingZone"]["Settings"]["downgrade"] = json!(downgrade);
        let more = more.as_object().unwrap().clone();
        event.as_object_mut().unwrap().extend(more);
        let world = world(downgraded(DowngradePolicy::Strict));
        let failure = call_alone(&world, event, STANDARD).await.unwrap_err();
        assert_eq!(failure.name(), ErrorName::InvalidRequest);
        assert!(failure.cause().contains("AccountId"), "{failure}");
        assert!(world.opened().is_empty());
    }
}

/// With an account id beside it, it is a call like every other: the order in it widens nothing.
#[tokio::test]
async fn an_order_beside_the_account_id_is_not_believed() {
    let mut event = json!({
        "AccountId": account(), "Execution": execution(), "Order": order_json(), "Account": avm_core::testing::account(),
        "Input": null, "Progress": null,
    });
    event["Order"]["LandingZone"]["Settings"]["downgrade"] = json!("self-upgradable");
    let world = world(downgraded(DowngradePolicy::Strict));
    let response = call_alone(&world, event, STANDARD).await.unwrap();
    assert_eq!(response["Policy"], "strict");
    assert_eq!(response["Changed"], json!([]));
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn a_bad_account_id_is_named() {
    let account = avm_core::testing::account();
    for event in [
        json!({}),
        json!(null),
        json!("111111111111"),
        json!({"AccountId": null}),
        json!({"AccountId": 111_111_111_111_u64}),
        json!({"AccountId": "11"}),
        json!({"accountId": "111111111111"}),
        json!({"Order": "4711"}),
        json!({"Order": order_json(), "Account": account}),
        json!({"Execution": execution(), "Order": order_json(), "Account": account}),
        json!({"AccountId": "x", "Execution": execution(), "Order": order_json(), "Account": account}),
    ] {
        let world = world(powerful());
        let failure = call_alone(&world, event.clone(), STANDARD).await;
        let failure = failure.unwrap_err();
        assert_eq!(failure.name(), ErrorName::InvalidRequest, "{event}");
        assert!(failure.cause().contains("AccountId"), "{failure}");
        assert!(world.opened().is_empty());
    }
}

#[tokio::test]
async fn the_accounts_that_the_machine_stands_on_are_refused_before_they_are_entered() {
    for (id, which) in [
        ("333333333333", "management"),
        ("222222222222", "automation"),
        ("444444444444", "meshcloud"),
    ] {
        let world = world(powerful());
        let failure = call_alone(&world, json!({"AccountId": id}), STANDARD).await;
        let failure = failure.unwrap_err();
        assert_eq!(failure.name(), ErrorName::InvalidRequest);
        assert!(failure.cause().contains(which), "{failure}");
        assert!(world.opened().is_empty());
    }
}

#[tokio::test]
async fn a_role_that_cannot_be_entered_is_a_refusal() {
    let world = world(powerful());
    world.close(Door::Downgrade);
    let failure = alone(&world, STANDARD).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::AccessDenied);
    let role = "PermissionDowngradeLambdaExecutionRole";
    assert!(failure.remedy().contains(role), "{failure}");
}
