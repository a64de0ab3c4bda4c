//! What the plan tells: VPCs that go, regions that nobody can see, regions that are not there yet.
//! It is made with reads alone, and without the access role.

use avm_world::plan_of;
use insta::assert_json_snapshot;

use super::*;

async fn plan(world: &InMemory, request: &Call) -> Value {
    plan_of::<DefaultVpcs>(world, request).await.unwrap()
}

#[tokio::test]
async fn the_plan_names_what_goes_and_what_cannot_be_seen() {
    let world = fresh_world(REGIONS);
    change(&world, "us-east-1", |region| region.usable_at_look = 9);
    change(&world, "eu-north-1", |region| region.closed = true);
    change(&world, "ap-south-1", |_| ());
    assert_json_snapshot!(plan(&world, &request()).await, @r#"
    {
      "DependsOn": null,
      "IsEmpty": false,
      "Steps": {
        "Clear": {
          "Clean": [
            "ap-south-1"
          ],
          "Closed": [
            "eu-north-1"
          ],
          "Delete": {
            "eu-central-1": "vpc-00000001",
            "eu-west-1": "vpc-00000002"
          },
          "NotEnabled": [],
          "Unseen": {
            "us-east-1": "AuthFailure"
          }
        }
      },
      "Words": "delete vpc-00000001 in eu-central-1, vpc-00000002 in eu-west-1; look again into us-east-1: AuthFailure; closed by a service control policy: eu-north-1"
    }
    "#);
    assert_eq!(world.opened(), [Door::Verification]);
}

#[tokio::test]
async fn regions_that_are_not_enabled_yet_depend_on_account_settings_and_are_nothing_to_do() {
    let world = fresh_world(&["eu-central-1"]);
    let mut request = request();
    let settings = &mut request.order.landing_zone.settings;
    settings.opt_in_regions = ["eu-central-1", "eu-south-1"]
        .map(|name| name.parse().unwrap())
        .into();
    let words = "delete vpc-00000001 in eu-central-1; known once account-settings has enabled them: eu-south-1";
    assert_eq!(plan(&world, &request).await["Words"], words);
    done(&world, &request).await.unwrap();
    assert_json_snapshot!(plan(&world, &request).await, @r#"
    {
      "DependsOn": null,
      "IsEmpty": true,
      "Steps": {
        "Clear": {
          "Clean": [
            "eu-central-1"
          ],
          "Closed": [],
          "Delete": {},
          "NotEnabled": [
            "eu-south-1"
          ],
          "Unseen": {}
        }
      },
      "Words": "nothing to do: no region has a default VPC; known once account-settings has enabled them: eu-south-1"
    }
    "#);
}

#[tokio::test]
async fn a_landing_zone_that_keeps_default_vpcs_has_an_empty_plan() {
    let world = fresh_world(REGIONS);
    let mut request = request();
    request.order.landing_zone.settings.delete_default_vpcs = false;
    let plan = plan(&world, &request).await;
    assert_eq!(plan["IsEmpty"], true);
    assert_eq!(
        plan["Words"],
        "nothing to do: the landing zone keeps default VPCs"
    );
    assert!(is_untouched(&world));
}

#[tokio::test]
async fn a_plan_of_an_account_without_any_role_depends_on_the_step_that_makes_them() {
    let world = fresh_world(REGIONS);
    world.close(Door::Verification);
    world.close(Door::Access);
    let plan = plan(&world, &request()).await;
    assert_eq!(plan["DependsOn"], "apply-stackset");
    assert_eq!(plan["IsEmpty"], false);
}
