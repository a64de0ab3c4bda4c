//! From nothing to an account with groups, members and assignments, and what a settled account costs.

use avm_core::ports::assignments::RequestState;
use avm_world::{identity_center, read};
use insta::{assert_json_snapshot, assert_snapshot};

use super::*;

#[tokio::test]
async fn groups_members_and_assignments_are_made_and_waited_for() {
    let world = usual_world();
    end_when_told(&world);
    let answer = call(&usual(), &world).await.unwrap();
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
          "Added": 3,
          "Begun": {
            "Groups": [
              "mst-space.shop.admin",
              "mst-space.shop.reader"
            ]
          },
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
          "Removed": 0
        }
      },
      "Result": null,
      "Status": "PENDING",
      "WaitSeconds": 10,
      "WaitingFor": "assignments at work: 3"
    }
    "#);
    let still = call(&next(&usual(), &answer), &world).await.unwrap();
    assert_eq!(still["Progress"]["Notes"], answer["Progress"]["Notes"]);
    assert_eq!(still["WaitingFor"], answer["WaitingFor"]);
    assert_eq!(still["Progress"]["Looks"]["Work"], 2);
    finish(&world);
    let answer = call(&next(&usual(), &still), &world).await.unwrap();
    assert_json_snapshot!(answer["Result"], @r#"
    {
      "Added": 3,
      "Assigned": [
        "mst-space.shop.admin: Admin",
        "mst-space.shop.admin: ReadOnly",
        "mst-space.shop.reader: ReadOnly"
      ],
      "Created": [
        "mst-space.shop.admin",
        "mst-space.shop.reader"
      ],
      "Deleted": [],
      "Groups": [
        "mst-space.shop.admin",
        "mst-space.shop.reader"
      ],
      "Removed": 0,
      "Unassigned": []
    }
    "#);
    assert_eq!(members(&world, "mst-space.shop.admin"), ["id-of-ada"]);
    assert_eq!(
        members(&world, "mst-space.shop.reader"),
        ["id-of-ada", "id-of-bea"]
    );
    assert_eq!(
        assigned(&world),
        [
            "111111111111 mst-space.shop.admin admin",
            "111111111111 mst-space.shop.admin readonly",
            "111111111111 mst-space.shop.reader readonly",
        ]
    );
}

#[tokio::test]
async fn a_settled_account_is_read_in_few_calls_and_nothing_is_written() {
    let world = vended_world().await;
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
    assert_eq!(world.reads().len(), 3 + 4 + 2 + 1 + 2);
}

#[tokio::test]
async fn permission_sets_are_named_or_given_by_their_arn_and_the_same_one_counts_once() {
    let world = usual_world();
    let arn = identity_center::arn("Admin");
    let request = request(&[("admin", &["Admin", arn.as_str()])], None);
    let done = run(&request, &world).await.unwrap();
    assert_eq!(done.assigned, ["mst-space.shop.admin: Admin"]);
}

#[tokio::test]
async fn a_group_of_this_project_that_is_there_already_gets_its_people() {
    let world = usual_world();
    let ours = ours();
    add_group(
        &world,
        "mst-space.shop.reader",
        Some(&ours),
        &["bea", "cem"],
    );
    let done = run(&usual(), &world).await.unwrap();
    assert_eq!(done.created.len(), 1);
    assert_eq!((done.added, done.removed), (2, 1));
    assert_eq!(
        members(&world, "mst-space.shop.reader"),
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
    let world = InMemory::with(|state| {
        for name in &sets {
            state.identity_center.offer(name);
        }
    });
    end_when_told(&world);
    let request = request(&[("admin", &sets)], None);
    let mut answer = call(&request, &world).await.unwrap();
    assert_snapshot!(waiting_for(&answer), @"assignments at work: 10; changes of assignments to follow: 13");
    // While all of them are at work nothing else is asked.
    world.forget_journal();
    answer = call(&next(&request, &answer), &world).await.unwrap();
    assert_eq!(world.reads().len(), 10);
    finish(&world);
    let mut calls = 2;
    while answer["Status"] == "PENDING" {
        answer = call(&next(&request, &answer), &world).await.unwrap();
        finish(&world);
        calls += 1;
    }
    assert_eq!(calls, 2 + 3);
    let state = world.state();
    assert_eq!(state.identity_center.most_at_work, 10);
    assert_eq!(state.identity_center.requests.len(), 23);
    assert_eq!(state.identity_center.assignments.len(), 23);
}

#[tokio::test]
async fn what_aws_takes_no_more_of_for_now_is_an_answer() {
    let world = usual_world();
    end_when_told(&world);
    world.state_mut().identity_center.room = Some(0);
    let answer = call(&usual(), &world).await.unwrap();
    assert_snapshot!(waiting_for(&answer), @"changes of assignments to follow: 3; IAM Identity Center takes no more for now (ThrottlingException: no)");
    world.state_mut().identity_center.room = Some(1);
    let answer = call(&next(&usual(), &answer), &world).await.unwrap();
    assert_snapshot!(waiting_for(&answer), @"assignments at work: 1; changes of assignments to follow: 2; IAM Identity Center takes no more for now (ThrottlingException: no)");
    world.state_mut().identity_center.room = None;
    world.state_mut().identity_center.end = End::Soon;
    let rest = next(&usual(), &answer);
    let done = run(&rest, &world).await.unwrap();
    assert_eq!(done.assigned.len(), 3);
    assert_eq!(done.created.len(), 2);
    assert_eq!(assigned(&world).len(), 3);
}

#[tokio::test]
async fn a_change_that_ends_at_once_is_not_waited_for() {
    let world = usual_world();
    world.state_mut().identity_center.end = End::AtOnce(RequestState::Succeeded);
    let answer = call(&usual(), &world).await.unwrap();
    assert_eq!(answer["Status"], "DONE");
    assert_eq!(answer["Result"]["Assigned"].as_array().unwrap().len(), 3);
}

#[test]
fn the_input_of_the_machine_is_read() {
    let notes: Notes = serde_json::from_value(json!({"Added": 1})).unwrap();
    let expected = testing::noting(usual(), notes);
    let input = json!({
        "Execution": expected.execution, "Order": expected.order, "Account": expected.account, "Input": null,
        "Progress": {"Looks": {"Work": 1, "Turn": 0}, "Notes": {"Added": 1}}, "SomethingNew": 1,
    });
    assert_eq!(read::<SingleSignOn>(input).unwrap(), expected);
}
