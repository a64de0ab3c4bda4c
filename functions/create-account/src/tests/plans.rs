//! What the step says it would do: from a look that writes nothing and opens no way into an account.
//! A plan tells no address.

use avm_core::domain::AccountId;
use avm_core::doors::Door;
use avm_core::error::ErrorName;
use avm_core::ports::accounts::AccountState;
use avm_core::rules::owner::Owner;
use avm_core::testing::order;
use avm_world::{InMemory, State, plan_of, replay};
use insta::assert_json_snapshot;
use serde_json::Value;

use super::{EMAIL, ID, NAME, ask, id, own, request, slow, tag, with};
use crate::{Call, CreateAccount};

async fn plan(world: &InMemory, request: &Call) -> Value {
    plan_of::<CreateAccount>(world, request).await.unwrap()
}

#[tokio::test]
async fn a_missing_account_is_to_be_created() {
    let world = InMemory::default();
    assert_json_snapshot!(plan(&world, &request(None, None)).await, @r#"
    {
      "DependsOn": null,
      "IsEmpty": false,
      "Steps": {
        "Create": {
          "AccessRole": "MeshstackAccountAccessRole",
          "AccountName": "space-shop",
          "TagKeys": [
            "Environment",
            "avm:project",
            "avm:workspace"
          ]
        }
      },
      "Words": "create the account \"space-shop\" with the role MeshstackAccountAccessRole and the tags Environment, avm:project, avm:workspace"
    }
    "#);
    let mut named = request(None, None);
    named.order.request.account_name = EMAIL.parse().unwrap();
    let tags = &mut named.order.request.tags;
    tags.insert(format!("tag{EMAIL}"), "x".to_owned());
    let plan = plan(&world, &named).await;
    assert_eq!(plan["Steps"]["Create"]["AccountName"], "<e-mail>");
}

#[tokio::test]
async fn a_creation_is_waited_for() {
    let world = slow();
    ask(&world);
    assert_json_snapshot!(plan(&world, &request(None, None)).await, @r#"
    {
      "DependsOn": null,
      "IsEmpty": false,
      "Steps": {
        "Wait": {
          "Notes": {
            "CreateAccountRequestId": "car-1"
          },
          "WaitingFor": "creation car-1 to end"
        }
      },
      "Words": "wait for creation car-1 to end"
    }
    "#);
}

#[tokio::test]
async fn an_account_of_the_owner_is_used_and_nobody_asks_whether_it_is_ready() {
    let world = with(ID, NAME, EMAIL, AccountState::Active);
    own(&world, ID);
    world.close(Door::MemberAccess);
    for account in [Some(ID), None] {
        let plan = plan(&world, &request(account, None)).await;
        assert_eq!(plan["IsEmpty"], true);
    }
    assert_json_snapshot!(plan(&world, &request(None, None)).await, @r#"
    {
      "DependsOn": null,
      "IsEmpty": true,
      "Steps": {
        "Use": {
          "AccountId": "111111111111",
          "AccountName": "space-shop"
        }
      },
      "Words": "nothing to do: account 111111111111 is the one of the order"
    }
    "#);
    assert!(!world.opened().contains(&Door::MemberAccess));

    let settled = |state: &mut State| {
        let owner = Owner::of(&order());
        state.organizations.account(&id(ID)).tags = owner.tags();
    };
    replay::<CreateAccount>(settled, &request(Some(ID), None)).await;
    replay::<CreateAccount>(settled, &request(None, None)).await;
}

#[tokio::test]
async fn an_account_of_somebody_else_is_refused_in_the_plan_already() {
    let world = with(ID, NAME, EMAIL, AccountState::Active);
    tag(&world, ID, &[("ProductName", "moon")]);
    let failure = plan_of::<CreateAccount>(&world, &request(None, None))
        .await
        .unwrap_err();
    assert_eq!(failure.name(), ErrorName::EmailAlreadyInUse);
    assert_eq!(failure.account().map(AccountId::as_str), Some(ID));
}
