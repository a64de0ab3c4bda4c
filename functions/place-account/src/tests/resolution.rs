//! Landing zones whose enrollment moves the account: the target is found, and nothing is written.
//! A unit that does not exist is unknown, whatever the landing zone says about making units.

use avm_core::config::Enrollment;
use avm_core::error::ErrorName;

use super::{call, creating, hierarchical, request};
use crate::Request;
use crate::world::{ROOT, World, unit_id};

const UNITS: &[(usize, &str)] = &[(0, "Workloads"), (1, "Sandbox"), (2, "Deep"), (0, "Other")];
const ENROLLMENTS: [Enrollment; 2] = [Enrollment::ServiceCatalog, Enrollment::Auto];

fn enrolling(mut request: Request, enrollment: Enrollment) -> Request {
    request.order.landing_zone.settings.enrollment = enrollment;
    request
}

#[tokio::test]
async fn the_target_is_found_and_the_account_stays_where_it_is() {
    for enrollment in ENROLLMENTS {
        for (account_in, target) in [(0, "Workloads/Sandbox"), (4, "ou-ab12-00000002")] {
            let world = World::with(UNITS, account_in);
            let before = world.state().account_in.clone();
            let request = enrolling(request(target), enrollment);
            let done = call(&world, &request).await.unwrap();
            assert_eq!(done.organizational_unit_id, unit_id(2), "{target}");
            assert!(!done.moved && done.created.is_empty());
            assert_eq!(world.state().account_in, before);
            assert!(world.state().writes.is_empty());
        }
    }
}

#[tokio::test]
async fn hierarchical_assignment_answers_where_the_account_sits_already() {
    for (account_in, expected) in [(3, 3), (2, 2), (1, 1), (4, 1)] {
        let world = World::with(UNITS, account_in);
        let request = enrolling(hierarchical("Workloads"), Enrollment::ServiceCatalog);
        let done = call(&world, &request).await.unwrap();
        assert_eq!(done.organizational_unit_id, unit_id(expected));
        assert!(!done.moved && world.state().writes.is_empty());
    }
}

#[tokio::test]
async fn without_it_an_account_below_the_target_is_to_be_moved_up() {
    let world = World::with(UNITS, 3);
    let request = enrolling(request("Workloads"), Enrollment::Auto);
    let done = call(&world, &request).await.unwrap();
    assert_eq!(done.organizational_unit_id, unit_id(1));
}

#[tokio::test]
async fn a_missing_unit_is_unknown_and_is_not_made() {
    for missing in [creating("Workloads/New"), request("New"), request("")] {
        let world = World::with(UNITS, 0);
        let failure = call(&world, &enrolling(missing, Enrollment::ServiceCatalog))
            .await
            .unwrap_err();
        assert_eq!(failure.name(), ErrorName::UnknownOrganizationalUnit);
        assert!(failure.remedy().contains("register"), "{failure}");
        assert!(world.state().writes.is_empty());
        assert_eq!(world.state().account_in.as_ref().unwrap().as_str(), ROOT);
    }
}
