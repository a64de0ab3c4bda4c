//! What is taken away: removed permission sets, removed mappings, and a group that nothing is assigned to any more.
//! What is left alone: everything that the machine has not made, and everything of other accounts.

use avm_core::contract::call::Call as _;
use avm_core::rules::group_owner::FORMER_MARK;
use avm_core::world::Host;
use insta::{assert_json_snapshot, assert_snapshot};

use super::*;

const FORMER: Option<&str> = Some(FORMER_MARK);

/// The usual landing zone without its readers.
fn admins_only() -> Call {
    request(
        &[("admin", &["Admin", "ReadOnly"])],
        Some(json!({"admin": ["ada"]})),
    )
}

#[tokio::test]
async fn a_removed_permission_set_is_taken_from_its_group() {
    let world = vended_world().await;
    let fewer = request(
        &[("admin", &["Admin"]), ("reader", &["ReadOnly", "Billing"])],
        Some(json!({"admin": ["ada"], "reader": ["bea", "ada"]})),
    );
    let done = run(&fewer, &world).await.unwrap();
    assert_eq!(done.unassigned, ["mst-space.shop.admin: ReadOnly"]);
    assert_eq!(done.assigned, ["mst-space.shop.reader: Billing"]);
    assert!(done.deleted.is_empty());
    assert_eq!(
        assigned(&world),
        [
            "111111111111 mst-space.shop.admin admin",
            "111111111111 mst-space.shop.reader billing",
            "111111111111 mst-space.shop.reader readonly",
        ]
    );
}

#[tokio::test]
async fn without_any_mapping_nothing_of_ours_is_left() {
    let world = vended_world().await;
    let nobody = request(&[], None);
    let done = run(&nobody, &world).await.unwrap();
    assert_eq!(done.deleted.len(), 2, "{done:?}");
    assert!(assigned(&world).is_empty());
    world.forget_journal();
    let again = run(&nobody, &world).await.unwrap();
    assert_eq!(again, Done::default());
    assert_eq!(world.writes(), [""; 0]);
    let plan = plan_of::<SingleSignOn>(&world, &nobody).await.unwrap();
    assert_eq!(plan["IsEmpty"], true);
}

#[tokio::test]
async fn the_group_of_a_removed_mapping_is_noted_then_unassigned_then_deleted() {
    let world = vended_world().await;
    let answer = call(&admins_only(), &world).await.unwrap();
    assert_json_snapshot!(answer, @r#"
    {
      "AccountId": "111111111111",
      "Plan": null,
      "Progress": {
        "Looks": {
          "Turn": 0,
          "Work": 1
        },
        "Notes": {
          "Added": 0,
          "Removed": 0,
          "Retiring": [
            {
              "Id": "g2",
              "Name": "mst-space.shop.reader"
            }
          ]
        }
      },
      "Result": null,
      "Status": "PENDING",
      "WaitSeconds": 10,
      "WaitingFor": "noted that no mapping wants mst-space.shop.reader any more"
    }
    "#);
    assert!(world.writes().is_empty());
    let answer = call(&next(&admins_only(), &answer), &world).await.unwrap();
    assert_eq!(
        world.writes(),
        ["sso:DeleteAccountAssignment g2 ps-readonly"]
    );
    world.forget_journal();
    let answer = call(&next(&admins_only(), &answer), &world).await.unwrap();
    assert_json_snapshot!(answer, @r#"
    {
      "AccountId": "111111111111",
      "Plan": null,
      "Progress": null,
      "Result": {
        "Added": 0,
        "Assigned": [],
        "Created": [],
        "Deleted": [
          "mst-space.shop.reader"
        ],
        "Groups": [
          "mst-space.shop.admin"
        ],
        "Removed": 0,
        "Unassigned": [
          "mst-space.shop.reader: ReadOnly"
        ]
      },
      "Status": "DONE",
      "WaitSeconds": 0,
      "WaitingFor": null
    }
    "#);
    assert_eq!(world.writes(), ["identitystore:DeleteGroup g2"]);
    assert_eq!(world.state().identity_store.groups.len(), 1);
    world.forget_journal();
    // And a second run has nothing to do.
    run(&admins_only(), &world).await.unwrap();
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn a_group_that_another_account_uses_stays_with_its_members() {
    let world = vended_world().await;
    let groups = world.state().identity_store.groups.clone();
    let reader = groups.keys().nth(1).unwrap().clone();
    assign(&world, "444444444444", &reader, "ReadOnly");
    let done = run(&admins_only(), &world).await.unwrap();
    assert_eq!(done.unassigned, ["mst-space.shop.reader: ReadOnly"]);
    assert!(done.deleted.is_empty());
    assert_eq!(
        members(&world, "mst-space.shop.reader"),
        ["id-of-ada", "id-of-bea"]
    );
    assert!(assigned(&world).contains(&"444444444444 mst-space.shop.reader readonly".to_owned()));
}

#[tokio::test]
async fn a_group_that_somebody_else_has_made_is_left_alone_and_told() {
    let (ours, more) = (ours(), format!("{}, group 01", ours()));
    let of_another = GroupOwner::new("space-shop", "a").mark().to_owned();
    for (description, external_id, is_scim, is_deleted) in [
        (Some(&*ours), None, false, true),
        (FORMER, None, false, true),
        (None, Some(&*more), true, true),
        // SCIM shows no description, and the API no external id.
        (Some(&*ours), None, true, false),
        (None, Some(&*more), false, false),
        (Some("of another system"), None, false, false),
        (None, Some("of another system"), true, false),
        (Some(&*of_another), None, false, false),
        (None, None, false, false),
        (None, None, true, false),
    ] {
        let world = usual_world();
        let group = add_group(&world, "mst-old.team", description, &["cem"]);
        let external_id = external_id.map(str::to_owned);
        world
            .state_mut()
            .identity_store
            .groups
            .get_mut(&group)
            .unwrap()
            .external_id = external_id;
        assign(&world, ACCOUNT, &group, "Billing");
        let nobody = request(&[], None);
        let nobody = if is_scim {
            through_scim(nobody)
        } else {
            nobody
        };
        let done = run(&nobody, &world).await.unwrap();
        let what = format!("{description:?} {is_scim}");
        assert_eq!(!done.unassigned.is_empty(), is_deleted, "{what}");
        assert_eq!(!done.deleted.is_empty(), is_deleted, "{what}");
        let drift = done.drift.unwrap_or_default();
        assert_eq!(
            drift.contains("leaves them as they are: mst-old.team"),
            !is_deleted,
            "{what}"
        );
        let groups = world.state().identity_store.groups.clone();
        assert_eq!(groups.is_empty(), is_deleted);
        assert_eq!(assigned(&world).is_empty(), is_deleted);
    }
}

#[tokio::test]
async fn groups_without_the_prefix_and_groups_that_are_gone_are_left_alone() {
    let world = usual_world();
    let others = add_group(&world, "AWSControlTowerAdmins", FORMER, &["cem"]);
    let near = add_group(&world, "MST-space.shop.reader", FORMER, &[]);
    assign(&world, ACCOUNT, &others, "Billing");
    assign(&world, ACCOUNT, &near, "Admin");
    assign(&world, ACCOUNT, &"gone".parse().unwrap(), "Admin");
    let done = run(&usual(), &world).await.unwrap();
    assert!(done.unassigned.is_empty());
    assert_eq!(assigned(&world).len(), 3 + 3);
    assert_eq!(members(&world, "AWSControlTowerAdmins"), ["id-of-cem"]);
}

#[tokio::test]
async fn a_permission_set_that_is_gone_is_named_by_its_arn() {
    let world = usual_world();
    let group = add_group(&world, "mst-old.team", FORMER, &[]);
    assign(&world, ACCOUNT, &group, "Former");
    let done = run(&request(&[], None), &world).await.unwrap();
    assert_eq!(
        done.unassigned,
        ["mst-old.team: arn:aws:sso:::permissionSet/ssoins-1/ps-former"]
    );
}

#[tokio::test]
async fn a_deletion_that_still_shows_keeps_no_group_alive_and_is_not_repeated() {
    let world = vended_world().await;
    let before = world.state().clone();
    world.set_old_state(before);
    world.show_old(usize::MAX, "sso:List");
    let done = run(&admins_only(), &world).await.unwrap();
    assert_eq!(done.unassigned, ["mst-space.shop.reader: ReadOnly"]);
    assert_eq!(done.deleted.len(), 1);
}

#[tokio::test]
async fn the_plan_tells_what_goes_and_comes_and_how_many_people_it_concerns() {
    let world = vended_world().await;
    let group = add_group(&world, "mst-old.team", Some(&ours()), &[]);
    assign(&world, ACCOUNT, &group, "Billing");
    let request = request(
        &[("admin", &["Billing"]), ("new", &["ReadOnly", "Admin"])],
        Some(json!({"admin": ["bea", "cem"], "new": ["ada"]})),
    );
    let plan = plan_of::<SingleSignOn>(&world, &request).await.unwrap();
    let words = plan["Words"].as_str().unwrap();
    assert_snapshot!(words.replace("; ", "\n"), @r#"
    take 1 person out of mst-space.shop.admin
    put 2 people into mst-space.shop.admin
    take Admin and ReadOnly from mst-space.shop.admin
    give Billing to mst-space.shop.admin
    make group mst-space.shop.new
    put 1 person into mst-space.shop.new
    give Admin and ReadOnly to mst-space.shop.new
    take ReadOnly from unwanted group mst-space.shop.reader, then delete it if it has no other
    take Billing from unwanted group mst-old.team, then delete it if it has no other
    "#);
    assert_eq!(plan["IsEmpty"], false);
    assert_json_snapshot!(plan["Steps"]["Change"]["Groups"][0], @r#"
    {
      "Add": 2,
      "Assign": [
        "Billing"
      ],
      "Id": "g1",
      "Name": "mst-space.shop.admin",
      "Remove": 1,
      "Unassign": [
        "Admin",
        "ReadOnly"
      ]
    }
    "#);
    // No name of a person, and no id of one either.
    assert!(!plan.to_string().contains("id-of") && !plan.to_string().contains("ada"));
    assert!(!debugged(&world, &request).await.contains("ada"));

    run(&request, &world).await.unwrap();
    let plan = plan_of::<SingleSignOn>(&world, &request).await.unwrap();
    assert_eq!(plan["Words"], "nothing to do");
    assert_eq!(plan["IsEmpty"], true);
}

#[tokio::test]
async fn a_plan_tells_what_will_not_be_as_the_request_wants_it() {
    let world = vended_world().await;
    let request = request(
        &[("admin", &["Admin", "ReadOnly"]), ("reader", &["ReadOnly"])],
        Some(json!({"admin": ["ada", "zoe"], "reader": ["bea", "ada"]})),
    );
    let plan = plan_of::<SingleSignOn>(&world, &request).await.unwrap();
    assert_eq!(plan["IsEmpty"], true);
    assert_snapshot!(plan["Words"].as_str().unwrap(), @r#"nothing to do; not as the request wants it: IAM Identity Center does not know 1 user of project role admin. Remedy: let the identity provider provision them, or take them out of the project, and send the request again with "Force"."#);
}

#[tokio::test]
async fn a_plan_with_progress_tells_what_is_waited_for_and_what_is_still_deleted() {
    let world = vended_world().await;
    end_when_told(&world);
    let mut request = admins_only();
    request = next(&request, &call(&request, &world).await.unwrap());
    request = next(&request, &call(&request, &world).await.unwrap());
    let plan = plan_of::<SingleSignOn>(&world, &request).await.unwrap();
    assert_eq!(plan["Words"], "wait for assignments at work: 1");
    assert_eq!(plan["IsEmpty"], false);
    finish(&world);
    let plan = plan_of::<SingleSignOn>(&world, &request).await.unwrap();
    assert_eq!(
        plan["Words"],
        "delete group mst-space.shop.reader if unused"
    );
    assert_eq!(plan["IsEmpty"], false);
}

/// How the plan and what it is made from are printed.
async fn debugged(world: &InMemory, request: &Call) -> String {
    let instance = instance(request).unwrap();
    let scene = request.scene();
    let inside = world.world(&scene, SingleSignOn::DOORS, request.mode());
    let center = inside.assignments(Door::Identity, instance).await.unwrap();
    let wanted = mappings::wanted(&request.order, &center).await.unwrap();
    let reader = Reader {
        account: &request.account.account_id,
        owner: &GroupOwner::of(&request.order),
        notes: &Notes::default(),
        center,
        groups: inside.groups(Door::Identity, instance).await.unwrap(),
        members: inside.members(Door::Identity, instance).await.unwrap(),
    };
    let actual = reader.read(&wanted).await.unwrap();
    let plan = SingleSignOn::look(request, &inside).await.unwrap();
    format!("{plan:?}{actual:?}{wanted:?}")
}
