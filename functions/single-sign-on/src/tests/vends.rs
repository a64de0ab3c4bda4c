//! From nothing to an account with groups, members and assignments, and what a settled account costs.

use avm_aws::lambda::decode;
use insta::{assert_json_snapshot, assert_snapshot};

use super::*;

#[tokio::test]
async fn groups_members_and_assignments_are_made_and_waited_for() {
    let world = usual_world();
    let answer = call(&usual(), &world).await.unwrap();
    assert_json_snapshot!(answer, @r#"
    {
      "Status": "PENDING",
      "WaitingFor": "assignments at work: 3",
      "Progress": {
        "Changes": [
          {
            "Action": "assign",
            "Group": "mst-space.shop.admin",
            "GroupId": "g1",
            "PermissionSet": "Admin",
            "PermissionSetArn": "arn:aws:sso:::permissionSet/ssoins-1/ps-admin",
            "Request": "r0"
          },
          {
            "Action": "assign",
            "Group": "mst-space.shop.admin",
            "GroupId": "g1",
            "PermissionSet": "ReadOnly",
            "PermissionSetArn": "arn:aws:sso:::permissionSet/ssoins-1/ps-readonly",
            "Request": "r1"
          },
          {
            "Action": "assign",
            "Group": "mst-space.shop.reader",
            "GroupId": "g2",
            "PermissionSet": "ReadOnly",
            "PermissionSetArn": "arn:aws:sso:::permissionSet/ssoins-1/ps-readonly",
            "Request": "r2"
          }
        ],
        "Created": [
          "mst-space.shop.admin",
          "mst-space.shop.reader"
        ],
        "Added": 3,
        "Removed": 0
      }
    }
    "#);
    let still = call(&next(&usual(), &answer), &world).await.unwrap();
    assert_eq!(still, answer);
    world.finish();
    let answer = call(&next(&usual(), &still), &world).await.unwrap();
    assert_json_snapshot!(answer, @r#"
    {
      "Status": "DONE",
      "Groups": [
        "mst-space.shop.admin",
        "mst-space.shop.reader"
      ],
      "Created": [
        "mst-space.shop.admin",
        "mst-space.shop.reader"
      ],
      "Deleted": [],
      "Added": 3,
      "Removed": 0,
      "Assigned": [
        "mst-space.shop.admin: Admin",
        "mst-space.shop.admin: ReadOnly",
        "mst-space.shop.reader: ReadOnly"
      ],
      "Unassigned": []
    }
    "#);
    assert_eq!(world.members("mst-space.shop.admin"), ["id-of-ada"]);
    assert_eq!(
        world.members("mst-space.shop.reader"),
        ["id-of-ada", "id-of-bea"]
    );
    assert_eq!(
        world.assigned(),
        [
            "111111111111 mst-space.shop.admin admin",
            "111111111111 mst-space.shop.admin readonly",
            "111111111111 mst-space.shop.reader readonly",
        ]
    );
}

#[tokio::test]
async fn a_settled_account_is_read_in_few_calls_and_nothing_is_written() {
    let world = usual_world();
    run(&usual(), &world).await.unwrap();
    world.writes();
    world.state().reads = 0;
    let done = run(&usual(), &world).await.unwrap();
    assert!(world.writes().is_empty());
    assert_eq!(
        done,
        Done {
            groups: done.groups.clone(),
            ..Done::default()
        }
    );
    // Three permission sets of mappings, two groups with their members, two people, one list and two sets in it.
    assert_eq!(world.state().reads, 3 + 4 + 2 + 1 + 2);
}

#[tokio::test]
async fn permission_sets_are_named_or_given_by_their_arn_and_the_same_one_counts_once() {
    let world = usual_world();
    let arn = world::arn("Admin");
    let request = request(&[("admin", &["Admin", arn.as_str()])], None);
    let done = run(&request, &world).await.unwrap();
    assert_eq!(done.assigned, ["mst-space.shop.admin: Admin"]);
}

#[tokio::test]
async fn a_group_that_is_there_already_is_taken_over() {
    let world = usual_world();
    world.add_group("mst-space.shop.reader", None, &["bea", "cem"]);
    let done = run(&usual(), &world).await.unwrap();
    assert_eq!(done.created.len(), 1);
    assert_eq!((done.added, done.removed), (2, 1));
    assert_eq!(
        world.members("mst-space.shop.reader"),
        ["id-of-ada", "id-of-bea"]
    );
}

#[tokio::test]
async fn a_landing_zone_without_mappings_has_nothing_to_do() {
    let world = usual_world();
    let done = run(&request(&[], None), &world).await.unwrap();
    assert_eq!(done, Done::default());
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn ten_are_at_work_at_most_and_the_rest_follows() {
    let names: Vec<String> = (0..23).map(|number| format!("Set{number:02}")).collect();
    let sets: Vec<&str> = names.iter().map(String::as_str).collect();
    let world = World::with(&sets, &[]);
    let request = request(&[("admin", &sets)], None);
    let mut answer = call(&request, &world).await.unwrap();
    let Answer::Pending { waiting_for, .. } = &answer else {
        panic!("{answer:?}");
    };
    assert_snapshot!(waiting_for, @"assignments at work: 10; changes of assignments to follow: 13");
    // While all of them are at work nothing else is asked.
    world.state().reads = 0;
    answer = call(&next(&request, &answer), &world).await.unwrap();
    assert_eq!(world.state().reads, 10);
    world.finish();
    let mut calls = 2;
    while let Answer::Pending { .. } = answer {
        answer = call(&next(&request, &answer), &world).await.unwrap();
        world.finish();
        calls += 1;
    }
    assert_eq!(calls, 2 + 3);
    assert_eq!(world.state().most_at_work, 10);
    assert_eq!(world.state().requests.len(), 23);
    assert_eq!(world.assigned().len(), 23);
}

#[tokio::test]
async fn what_aws_takes_no_more_of_for_now_is_an_answer() {
    let world = usual_world();
    world.state().room = Some(0);
    let answer = call(&usual(), &world).await.unwrap();
    let Answer::Pending { waiting_for, .. } = &answer else {
        panic!("{answer:?}");
    };
    assert_snapshot!(waiting_for, @"changes of assignments to follow: 3; IAM Identity Center takes no more for now (ThrottlingException: no)");
    world.state().room = Some(1);
    let answer = call(&next(&usual(), &answer), &world).await.unwrap();
    let Answer::Pending { waiting_for, .. } = &answer else {
        panic!("{answer:?}");
    };
    assert_snapshot!(waiting_for, @"assignments at work: 1; changes of assignments to follow: 2; IAM Identity Center takes no more for now (ThrottlingException: no)");
    world.state().room = None;
    world.finish();
    let rest = next(&usual(), &answer);
    let done = run(&rest, &world).await.unwrap();
    assert_eq!(done.assigned.len(), 3);
    assert_eq!(done.created.len(), 2);
    assert_eq!(world.assigned().len(), 3);
}

#[tokio::test]
async fn a_change_that_ends_at_once_is_not_waited_for() {
    let world = usual_world();
    world.state().ends_at_once = Some(avm_core::ports::assignments::RequestState::Succeeded);
    let answer = call(&usual(), &world).await.unwrap();
    let Answer::Done(done) = answer else {
        panic!("{answer:?}");
    };
    assert_eq!(done.assigned.len(), 3);
}

#[test]
fn the_input_of_the_state_machine_is_read() {
    let request = usual();
    let input = json!({
        "Execution": request.execution, "Order": request.order, "Account": request.rest.account, "SomethingNew": 1,
    });
    assert_eq!(decode::<Request>(input).unwrap(), request);
}
