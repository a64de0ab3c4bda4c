//! Landing zones whose enrollment moves the account: the target is found, and nothing is written.
//! A unit that does not exist is unknown, whatever the landing zone says about making units.

use avm_core::config::Enrollment;
use avm_core::error::ErrorName;
use avm_world::organizations::{root, unit_id};
use avm_world::replay;

use super::{account_in, call, creating, hierarchical, plan, request, state, world};
use crate::{Call, PlaceAccount};

const UNITS: &[&str] = &[
    "Workloads",
    "Workloads/Sandbox",
    "Workloads/Sandbox/Deep",
    "Other",
];
const ENROLLMENTS: [Enrollment; 2] = [Enrollment::ServiceCatalog, Enrollment::Auto];

fn enrolling(mut request: Call, enrollment: Enrollment) -> Call {
    request.order.landing_zone.settings.enrollment = enrollment;
    request
}

#[tokio::test]
async fn the_target_is_found_and_the_account_stays_where_it_is() {
    for enrollment in ENROLLMENTS {
        for (number, target) in [(0, "Workloads/Sandbox"), (4, "ou-ab12-00000002")] {
            let world = world(UNITS, number);
            let before = account_in(&world);
            let request = enrolling(request(target), enrollment);
            let done = call(&world, &request).await.unwrap();
            assert_eq!(done.organizational_unit_id, unit_id(2), "{target}");
            assert!(!done.moved && done.created.is_empty());
            assert_eq!(account_in(&world), before);
            assert!(world.writes().is_empty());
        }
    }
}

#[tokio::test]
async fn hierarchical_assignment_answers_where_the_account_sits_already() {
    for (number, expected) in [(3, 3), (2, 2), (1, 1), (4, 1)] {
        let world = world(UNITS, number);
        let request = enrolling(hierarchical("Workloads"), Enrollment::ServiceCatalog);
        let done = call(&world, &request).await.unwrap();
        assert_eq!(done.organizational_unit_id, unit_id(expected));
        assert!(!done.moved && world.writes().is_empty());
    }
}

#[tokio::test]
async fn without_it_an_account_below_the_target_is_to_be_moved_up() {
    let world = world(UNITS, 3);
    let request = enrolling(request("Workloads"), Enrollment::Auto);
    let done = call(&world, &request).await.unwrap();
    assert_eq!(done.organizational_unit_id, unit_id(1));
}

#[tokio::test]
async fn a_missing_unit_is_unknown_and_is_not_made() {
    for missing in [creating("Workloads/New"), request("New"), request("")] {
        let world = world(UNITS, 0);
        let failure = call(&world, &enrolling(missing, Enrollment::ServiceCatalog))
            .await
            .unwrap_err();
        assert_eq!(failure.name(), ErrorName::UnknownOrganizationalUnit);
        assert!(failure.remedy().contains("register"), "{failure}");
        assert!(world.writes().is_empty());
        assert_eq!(account_in(&world), Some(root()));
    }
}

#[tokio::test]
async fn the_plan_is_empty_in_the_target_and_else_left_to_the_enrollment() {
    for enrollment in ENROLLMENTS {
        let enrolled = enrolling(hierarchical("Workloads"), enrollment);
        replay::<PlaceAccount>(state(UNITS, 3), &enrolled).await;

        let plan = plan(&world(UNITS, 4), &enrolled).await;
        assert_eq!(plan["IsEmpty"], false);
        assert_eq!(
            plan["Words"],
            "its enrollment moves the account to ou-ab12-00000001"
        );
    }
}
