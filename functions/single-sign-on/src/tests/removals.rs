//! What is taken away: removed permission sets, removed mappings, and a group that nothing is assigned to any more.
//! What is left alone: everything that the machine has not made, and everything of other accounts.

use avm_core::ports::directory::GROUP_DESCRIPTION;
use insta::{assert_json_snapshot, assert_snapshot};

use super::*;

const OURS: Option<&str> = Some(GROUP_DESCRIPTION);

/// The usual landing zone without its readers.
fn admins_only() -> Request {
    request(
        &[("admin", &["Admin", "ReadOnly"])],
        Some(json!({"admin": ["ada"]})),
    )
}

#[tokio::test]
async fn a_removed_permission_set_is_taken_from_its_group() {
    let world = usual_world();
    run(&usual(), &world).await.unwrap();
    let fewer = request(
        &[("admin", &["Admin"]), ("reader", &["ReadOnly", "Billing"])],
        Some(json!({"admin": ["ada"], "reader": ["bea", "ada"]})),
    );
    let done = run(&fewer, &world).await.unwrap();
    assert_eq!(done.unassigned, ["mst-space.shop.admin: ReadOnly"]);
    assert_eq!(done.assigned, ["mst-space.shop.reader: Billing"]);
    assert!(done.deleted.is_empty());
    assert_eq!(
        world.assigned(),
        [
            "111111111111 mst-space.shop.admin admin",
            "111111111111 mst-space.shop.reader billing",
            "111111111111 mst-space.shop.reader readonly",
        ]
    );
}

#[tokio::test]
async fn without_any_mapping_nothing_of_ours_is_left() {
    let world = usual_world();
    run(&usual(), &world).await.unwrap();
    let nobody = request(&[], None);
    let done = run(&nobody, &world).await.unwrap();
    assert_eq!(done.deleted.len(), 2, "{done:?}");
    assert!(world.assigned().is_empty());
    world.writes();
    let again = run(&nobody, &world).await.unwrap();
    assert_eq!(again, Done::default());
    assert_eq!(world.writes(), [""; 0]);
}

#[tokio::test]
async fn the_group_of_a_removed_mapping_is_noted_then_unassigned_then_deleted() {
    let world = usual_world();
    run(&usual(), &world).await.unwrap();
    world.writes();
    let answer = call(&admins_only(), &world).await.unwrap();
    assert_json_snapshot!(answer, @r#"
    {
      "Status": "PENDING",
      "WaitingFor": "noted that no mapping wants mst-space.shop.reader any more",
      "Progress": {
        "Retiring": [
          {
            "Name": "mst-space.shop.reader",
            "Id": "g2"
          }
        ],
        "Added": 0,
        "Removed": 0
      }
    }
    "#);
    assert!(world.writes().is_empty());
    let answer = call(&next(&admins_only(), &answer), &world).await.unwrap();
    assert_eq!(world.writes(), ["Unassign g2 ps-readonly"]);
    world.finish();
    let answer = call(&next(&admins_only(), &answer), &world).await.unwrap();
    assert_json_snapshot!(answer, @r#"
    {
      "Status": "DONE",
      "Groups": [
        "mst-space.shop.admin"
      ],
      "Created": [],
      "Deleted": [
        "mst-space.shop.reader"
      ],
      "Added": 0,
      "Removed": 0,
      "Assigned": [],
      "Unassigned": [
        "mst-space.shop.reader: ReadOnly"
      ]
    }
    "#);
    assert_eq!(world.writes(), ["delete g2"]);
    assert_eq!(world.state().groups.len(), 1);
    // And a second run has nothing to do.
    run(&admins_only(), &world).await.unwrap();
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn a_group_that_another_account_uses_stays_with_its_members() {
    let world = usual_world();
    run(&usual(), &world).await.unwrap();
    let reader = world.state().groups.keys().nth(1).unwrap().clone();
    world.assign("444444444444", &reader, "ReadOnly");
    let done = run(&admins_only(), &world).await.unwrap();
    assert_eq!(done.unassigned, ["mst-space.shop.reader: ReadOnly"]);
    assert!(done.deleted.is_empty());
    assert_eq!(
        world.members("mst-space.shop.reader"),
        ["id-of-ada", "id-of-bea"]
    );
    assert!(
        world
            .assigned()
            .contains(&"444444444444 mst-space.shop.reader readonly".to_owned())
    );
}

#[tokio::test]
async fn a_group_that_somebody_else_has_made_loses_its_assignment_and_stays() {
    for (description, is_scim, is_deleted) in [
        (OURS, false, true),
        (OURS, true, true),
        (Some("of another system"), false, false),
        (Some("of another system"), true, false),
        (None, false, false),
        // Through SCIM no group has a description, ours neither.
        (None, true, true),
        (Some(""), true, true),
    ] {
        let world = usual_world();
        world.state().is_scim = is_scim;
        let group = world.add_group("mst-old.team", description, &["cem"]);
        world.assign("111111111111", &group, "Billing");
        let done = run(&request(&[], None), &world).await.unwrap();
        assert_eq!(done.unassigned, ["mst-old.team: Billing"]);
        assert_eq!(
            !done.deleted.is_empty(),
            is_deleted,
            "{description:?} {is_scim}"
        );
        assert_eq!(world.state().groups.is_empty(), is_deleted);
        assert!(world.assigned().is_empty());
    }
}

#[tokio::test]
async fn groups_without_the_prefix_and_groups_that_are_gone_are_left_alone() {
    let world = usual_world();
    let others = world.add_group("AWSControlTowerAdmins", OURS, &["cem"]);
    let near = world.add_group("MST-space.shop.reader", OURS, &[]);
    world.assign("111111111111", &others, "Billing");
    world.assign("111111111111", &near, "Admin");
    world.assign("111111111111", &"gone".parse().unwrap(), "Admin");
    let done = run(&usual(), &world).await.unwrap();
    assert!(done.unassigned.is_empty());
    assert_eq!(world.assigned().len(), 3 + 3);
    assert_eq!(world.members("AWSControlTowerAdmins"), ["id-of-cem"]);
}

#[tokio::test]
async fn a_permission_set_that_is_gone_is_named_by_its_arn() {
    let world = usual_world();
    let group = world.add_group("mst-old.team", OURS, &[]);
    world.assign("111111111111", &group, "Former");
    let done = run(&request(&[], None), &world).await.unwrap();
    assert_eq!(
        done.unassigned,
        ["mst-old.team: arn:aws:sso:::permissionSet/ssoins-1/ps-former"]
    );
}

#[tokio::test]
async fn a_deletion_that_still_shows_keeps_no_group_alive_and_is_not_repeated() {
    let world = usual_world();
    run(&usual(), &world).await.unwrap();
    let before = world.state().assignments.clone();
    world.state().stale = Some(before);
    let done = run(&admins_only(), &world).await.unwrap();
    assert_eq!(done.unassigned, ["mst-space.shop.reader: ReadOnly"]);
    assert_eq!(done.deleted.len(), 1);
}

#[tokio::test]
async fn the_plan_tells_what_goes_and_comes_and_how_many_people_it_concerns() {
    let world = usual_world();
    run(&usual(), &world).await.unwrap();
    let group = world.add_group("mst-old.team", Some("of another system"), &[]);
    world.assign("111111111111", &group, "Billing");
    let request = request(
        &[("admin", &["Billing"]), ("new", &["ReadOnly", "Admin"])],
        Some(json!({"admin": ["bea", "cem"], "new": ["ada"]})),
    );
    let step = Step {
        request: &request,
        account: &request.rest.account.account_id,
        ports: Ports {
            assignments: &world,
            groups: &world,
            members: &world,
        },
    };
    let wanted = mappings::wanted(&request.order, &world).await.unwrap();
    let actual = step.read(&wanted).await.unwrap();
    let plan = Plan::new(&wanted, &actual, &Progress::default());
    assert_snapshot!(plan.to_string().replace("; ", "\n"), @r#"
    take 1 person out of mst-space.shop.admin
    put 2 people into mst-space.shop.admin
    take Admin and ReadOnly from mst-space.shop.admin
    give Billing to mst-space.shop.admin
    make group mst-space.shop.new
    put 1 person into mst-space.shop.new
    give Admin and ReadOnly to mst-space.shop.new
    take ReadOnly from unwanted group mst-space.shop.reader, then delete it if it has no other
    take Billing from unwanted group mst-old.team
    "#);
    assert!(!plan.is_empty());
    // No name of a person, and no id of one either.
    assert!(!format!("{plan:?}{actual:?}{wanted:?}").contains("ada"));

    run(&request, &world).await.unwrap();
    let actual = step.read(&wanted).await.unwrap();
    let plan = Plan::new(&wanted, &actual, &Progress::default());
    assert_eq!(plan.to_string(), "nothing to do");
    assert!(plan.is_empty());
}
