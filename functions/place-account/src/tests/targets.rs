//! Targets of every form: by id, the root, by names, one unit per workspace; found, made, or refused.
//! Missing units are made only where the landing zone says so.

use avm_core::error::{ErrorName, Failure};
use avm_world::answer;
use avm_world::organizations::{ROOT, root, unit_id};
use insta::assert_json_snapshot;

use super::{account_in, call, creating, request, world};
use crate::PlaceAccount;

const UNITS: &[&str] = &["Workloads", "Workloads/Sandbox", "Sandbox"];

#[tokio::test]
async fn the_account_is_moved_to_targets_of_every_form() {
    let by_id = unit_id(2).to_string();
    for (target, id, calls) in [
        (by_id.as_str(), unit_id(2), 2),
        ("Workloads/Sandbox", unit_id(2), 4),
        ("Sandbox", unit_id(3), 3),
        ("Workloads", unit_id(1), 3),
    ] {
        let world = world(UNITS, 0);
        let done = call(&world, &request(target)).await.unwrap();
        assert_eq!(done.organizational_unit_id, id, "{target}");
        assert!(done.moved && done.created.is_empty());
        assert_eq!(account_in(&world), Some(id));
        assert_eq!(world.journal().len(), calls, "{target}");
    }
}

#[tokio::test]
async fn the_root_is_a_target_like_others() {
    for target in ["/", ROOT] {
        let world = world(UNITS, 2);
        let done = call(&world, &request(target)).await.unwrap();
        assert_eq!(done.organizational_unit_id.as_str(), ROOT);
        assert_eq!(
            world.writes(),
            [format!("organizations:MoveAccount 111111111111 to {ROOT}")]
        );
        let again = call(&world, &request(target)).await.unwrap();
        assert!(!again.moved);
        assert_eq!(world.writes().len(), 1);
    }
}

#[tokio::test]
async fn a_unit_per_workspace_is_made_on_demand_below_the_root() {
    let world = world(UNITS, 0);
    let answer = answer::<PlaceAccount>(&world, &request("")).await.unwrap();
    assert_json_snapshot!(answer, @r#"
    {
      "AccountId": "111111111111",
      "Plan": null,
      "Progress": null,
      "Result": {
        "Created": [
          "space"
        ],
        "Moved": true,
        "OrganizationalUnitId": "ou-ab12-00000004"
      },
      "Status": "DONE",
      "WaitSeconds": 0,
      "WaitingFor": null
    }
    "#);
    let made = world.state().organizations.units[3].clone();
    assert_eq!((made.parent.as_str(), made.name.as_str()), (ROOT, "space"));
    assert_eq!(made.workspace.as_deref(), Some("space"));
    let again = call(&world, &request("")).await.unwrap();
    assert!(!again.moved && again.created.is_empty());
}

#[tokio::test]
async fn a_unit_named_like_the_workspace_is_its_own_only_if_it_says_so() {
    for (owner, name, ignores_case, is_taken) in [
        (Some("space"), "space", false, true),
        (None, "space", false, false),
        (Some("other"), "space", false, false),
        (Some("Space"), "space", false, false),
        (None, "SPACE", true, false),
        (Some("SPACE"), "SPACE", true, false),
    ] {
        let world = world(&["Workloads", name], 0);
        {
            let organizations = &mut world.state_mut().organizations;
            organizations.ignores_case = ignores_case;
            organizations.units[1].workspace = owner.map(str::to_owned);
        }
        let placed = call(&world, &request("")).await;
        if is_taken {
            assert_eq!(placed.unwrap().organizational_unit_id, unit_id(2));
            continue;
        }
        let failure = placed.unwrap_err();
        assert_eq!(failure.name(), ErrorName::NameTaken, "{owner:?} {name}");
        assert!(failure.remedy().contains("avm:workspace"), "{failure}");
        assert_eq!(account_in(&world), Some(root()));
        assert_eq!(world.state().organizations.units.len(), 2);
    }
}

#[tokio::test]
async fn an_account_that_sits_in_the_unit_of_its_workspace_stays_whoever_has_made_the_unit() {
    let world = world(&["space"], 1);
    let done = call(&world, &request("")).await.unwrap();
    assert!(!done.moved && world.writes().is_empty());
}

#[tokio::test]
async fn a_unit_that_a_document_names_is_the_operators_choice() {
    let world = world(&["space"], 0);
    let done = call(&world, &creating("space")).await.unwrap();
    assert_eq!(done.organizational_unit_id, unit_id(1));
    let done = call(&world, &creating("space/new")).await.unwrap();
    assert_eq!(done.created, ["space/new"]);
    assert_eq!(world.state().organizations.units[1].workspace, None);
}

#[tokio::test]
async fn a_workspace_identifier_that_cannot_name_a_unit_is_refused() {
    let world = world(UNITS, 0);
    let mut request = request("");
    request.order.request.product_name = "x".repeat(129).parse().unwrap();
    let failure = call(&world, &request).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::InvalidRequest);
    assert!(failure.cause().contains("ProductName"), "{failure}");
}

#[tokio::test]
async fn missing_units_are_made_from_the_first_missing_one_downwards() {
    let world = world(UNITS, 0);
    let target = "Workloads/Production/Europe";
    let done = call(&world, &creating(target)).await.unwrap();
    assert_eq!(done.created, ["Workloads/Production", target]);
    assert_eq!(
        world.writes(),
        [
            "organizations:CreateOrganizationalUnit Production",
            "organizations:CreateOrganizationalUnit Europe",
            "organizations:MoveAccount 111111111111 to ou-ab12-00000005"
        ]
    );
    assert_eq!(world.state().organizations.units[4].parent, unit_id(4));
}

#[tokio::test]
async fn a_missing_unit_is_named_and_nothing_is_written() {
    for (target, words) in [
        (
            "Workloads/Production/Europe",
            "\"Workloads/Production\" does not exist",
        ),
        ("Nowhere", "\"Nowhere\" does not exist"),
        (
            "Workloads/sandbox",
            "\"Workloads/sandbox\" does not exist, but \"Sandbox\" does",
        ),
    ] {
        let world = world(UNITS, 0);
        let failure = call(&world, &request(target)).await.unwrap_err();
        assert_eq!(failure.name(), ErrorName::UnknownOrganizationalUnit);
        assert!(failure.cause().contains(words), "{failure}");
        assert_eq!(failure.account().unwrap().as_str(), "111111111111");
        assert!(world.writes().is_empty());
    }
}

#[tokio::test]
async fn an_id_that_does_not_exist_is_unknown() {
    let world = world(UNITS, 0);
    let failure = call(&world, &request("ou-ab12-99999999"))
        .await
        .unwrap_err();
    assert_eq!(failure.name(), ErrorName::UnknownOrganizationalUnit);
}

#[tokio::test]
async fn names_that_differ_in_letter_case_are_two_units_unless_aws_says_that_they_are_one() {
    for (ignores_case, created, id) in [(false, 1, unit_id(4)), (true, 0, unit_id(3))] {
        let world = world(UNITS, 0);
        world.state_mut().organizations.ignores_case = ignores_case;
        let done = call(&world, &creating("SANDBOX")).await.unwrap();
        assert_eq!(done.created.len(), created);
        assert_eq!(done.organizational_unit_id, id);
    }
}

#[tokio::test]
async fn a_unit_that_exists_and_is_not_listed_yet_is_asked_for_again_later() {
    let world = world(UNITS, 0);
    world.state_mut().organizations.units_unlisted = true;
    let failure = call(&world, &creating("Sandbox")).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::ConcurrentModification);
    world.state_mut().organizations.units_unlisted = false;
    let done = call(&world, &creating("Sandbox")).await.unwrap();
    assert_eq!(done.organizational_unit_id, unit_id(3));
}

#[tokio::test]
async fn a_limit_of_the_organization_keeps_its_name() {
    let world = world(UNITS, 0);
    let full = Failure::new(ErrorName::OrganizationLimitExceeded, "refused");
    world.refuse_times("organizations:CreateOrganizationalUnit", 1, full);
    let failure = call(&world, &creating("New")).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::OrganizationLimitExceeded);
    assert_eq!(account_in(&world), Some(root()));
}

/// Whether AWS holds the two spellings of a name for one is not documented: nobody means two units by them.
#[tokio::test]
async fn a_unit_is_found_whatever_its_name_is_written_in_and_with() {
    for (name, path, other) in [
        ("CI/CD", "CI/CD", None),
        ("CI/CD", "CI/CD", Some("CI")),
        ("Ko\u{308}ln", "K\u{f6}ln", None),
        ("K\u{f6}ln", "Ko\u{308}ln", None),
        ("K\u{f6}ln", "K\u{f6}ln", Some("Ko\u{308}ln")),
    ] {
        let world = world(&["renamed"], 0);
        world.state_mut().organizations.units[0].name = name.to_owned();
        if let Some(other) = other {
            world.state_mut().organizations.add_unit(other);
        }
        let done = call(&world, &creating(path)).await.unwrap();
        assert_eq!(done.organizational_unit_id, unit_id(1), "{name:?} {path:?}");
        assert!(done.created.is_empty(), "{name:?} {path:?}");
    }
}

/// Beside `CI/CD` there is a unit `CI`, which leads nowhere.
#[tokio::test]
async fn what_is_missing_is_made_below_the_deepest_unit_that_is_there() {
    let world = world(&["renamed", "CI"], 0);
    world.state_mut().organizations.units[0].name = "CI/CD".to_owned();
    let done = call(&world, &creating("CI/CD/Prod")).await.unwrap();
    assert_eq!(done.created, ["CI/CD/Prod"]);
    let state = world.state();
    assert_eq!(state.organizations.units[2].parent, unit_id(1));
}

#[tokio::test]
async fn where_a_path_means_one_unit_or_two_the_two_are_followed_first() {
    let world = world(&["renamed", "CI/CD"], 0);
    world.state_mut().organizations.units[0].name = "CI/CD".to_owned();
    let done = call(&world, &request("CI/CD")).await.unwrap();
    assert_eq!(done.organizational_unit_id, unit_id(3));
    let failure = answer::<PlaceAccount>(&world, &request("CI/CE"))
        .await
        .unwrap_err();
    assert!(
        failure.cause().contains("\"CI/CE\" does not exist"),
        "{failure}"
    );
}
