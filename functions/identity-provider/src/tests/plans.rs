//! What the step would do, told without doing it.
//! Neither the documents nor the people are in a plan.

use avm_core::config::DowngradeSetting;
use avm_core::doors::Door;
use avm_world::plan_of;
use insta::assert_json_snapshot;

use super::*;

async fn plan(world: &InMemory, request: &Call) -> Value {
    plan_of::<IdentityProvider>(world, request).await.unwrap()
}

#[tokio::test]
async fn the_plan_of_a_disturbed_account_names_every_change_and_what_others_have_to_make() {
    let world = settled_world(&mappings()).await;
    {
        let mut state = world.state_mut();
        publish(&mut state, keycloak("MIIother", "ID_1", ""));
        let found = our_role(&[ADMINISTRATOR, READ_ONLY]);
        put_role(&mut state, READER_ROLE, found);
    }
    assert_json_snapshot!(plan(&world, &request(&with_external())).await, @r#"
    {
      "DependsOn": null,
      "IsEmpty": false,
      "Steps": {
        "ExternalRoles": [
          {
            "Lack": "Role",
            "ProjectRole": "user",
            "Role": "project-developer"
          }
        ],
        "Provider": {
          "Update": {
            "Differences": [
              "other certificates"
            ]
          }
        },
        "Roles": [
          {
            "Changes": [],
            "ProjectRole": "admin",
            "Role": "meshstack-project-admin"
          },
          {
            "Changes": [
              {
                "Attach": "Billing"
              },
              {
                "Attach": "ProjectBoundary"
              },
              {
                "Detach": {
                  "Arn": "arn:aws:iam::aws:policy/AdministratorAccess",
                  "Name": "AdministratorAccess"
                }
              }
            ],
            "ProjectRole": "reader",
            "Role": "meshstack-project-reader"
          }
        ]
      },
      "Words": "update the SAML provider: other certificates; role meshstack-project-reader: attach Billing, attach ProjectBoundary, detach arn:aws:iam::aws:policy/AdministratorAccess; roles made elsewhere keep the SAML provider out: role project-developer of user does not exist"
    }
    "#);
}

#[tokio::test]
async fn the_plan_of_a_new_account_makes_everything() {
    let plan = plan(&new_world(), &request(&mappings())).await;
    insta::assert_snapshot!(plan["Words"].as_str().unwrap(), @"create the SAML provider; role meshstack-project-admin: create it, attach arn:aws:iam::aws:policy/AdministratorAccess; role meshstack-project-reader: create it, attach Billing, attach ProjectBoundary, attach ReadOnlyAccess");
}

#[tokio::test]
async fn an_external_role_that_does_not_trust_the_provider_is_in_the_plan() {
    let world = settled_world(&mappings()).await;
    put_role(
        &mut world.state_mut(),
        EXTERNAL_ROLE,
        role(trust_of_a_service(), &[]),
    );
    let found = plan(&world, &request(&with_external())).await;
    assert_eq!(found["Steps"]["ExternalRoles"][0]["Lack"], "Trust");
    put_role(
        &mut world.state_mut(),
        EXTERNAL_ROLE,
        role(our_trust(), &[]),
    );
    let found = plan(&world, &request(&with_external())).await;
    assert_eq!(found["IsEmpty"], true);
}

#[tokio::test]
async fn where_the_role_for_the_provider_is_missing_the_plan_depends_on_what_makes_it() {
    let world = new_world();
    world.close(Door::IdentityProvider);
    let mut request = request(&mappings());
    request.order.landing_zone.settings.downgrade = DowngradeSetting::Strict;
    assert_eq!(plan(&world, &request).await["DependsOn"], "apply-stackset");
}
