//! What is missing is told before anything is written, all at once and with what to do about it.
//! Nothing is opened either: neither the way into the account nor the way to move it.

use avm_core::error::ErrorName;
use avm_core::ports::account_factory::ProductStatus;
use avm_core::ports::control_tower::BaselineStatus;
use insta::assert_snapshot;

use super::world::{ROOT, SANDBOX, State, WILD, World, artifact, parent, path, product};
use super::{Change, auto, call, next, request, run, waiting_for};
use crate::Request;

async fn refused(world: &World, request: &Request) -> String {
    let failure = run(world, request).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::EnrolmentNotPossible, "{failure}");
    assert!(!failure.remedy().is_empty());
    assert!(world.writes().is_empty() && world.state().doors.is_empty());
    failure.cause().to_owned()
}

#[tokio::test]
async fn everything_that_the_account_factory_lacks_is_told_before_a_write() {
    type Spoil = fn(&mut State);
    let cases: [(Spoil, &str); 8] = [
        (
            |state| state.artifacts = None,
            "the product prod-abc does not exist in Service Catalog",
        ),
        (
            |state| state.artifacts = Some(vec![artifact("pa-1", false, false, 1)]),
            "the product prod-abc has no active version",
        ),
        (
            |state| state.paths.clear(),
            "the enrollment role has no launch path to the product prod-abc",
        ),
        (
            |state| state.paths.push(path("lpv2-2", "Other")),
            "the enrollment role has several launch paths to the product prod-abc: Account Factory, Other",
        ),
        (
            |state| drop(state.units.insert(parent(SANDBOX), None)),
            "ou-ab12-00000001 is not registered with AWS Control Tower",
        ),
        (
            |state| {
                let failed = Some(BaselineStatus::Failed);
                state.units.insert(parent(SANDBOX), failed);
            },
            "the registration of ou-ab12-00000001 with AWS Control Tower has FAILED",
        ),
        (
            |state| {
                let odd = BaselineStatus::Other("ODD".to_owned());
                state.units.insert(parent(SANDBOX), Some(odd));
            },
            "the registration of ou-ab12-00000001 with AWS Control Tower is ODD",
        ),
        (
            |state| {
                state.paths.clear();
                state.artifacts = None;
            },
            "the product prod-abc does not exist in Service Catalog; the enrollment role has no launch path to the product \
             prod-abc",
        ),
    ];
    for (spoil, cause) in cases {
        // To be enrolled, to be moved, to be applied again, to be terminated first.
        for found in [
            None,
            Some((ProductStatus::Available, true, WILD)),
            Some((ProductStatus::Tainted, true, SANDBOX)),
            Some((ProductStatus::Error, false, ROOT)),
        ] {
            let place = found.as_ref().map_or(ROOT, |(_, _, place)| place);
            let world = World::with_account_in(place);
            world.state().product = found.map(|(status, succeeded, _)| product(status, succeeded));
            spoil(&mut world.state());
            assert_eq!(refused(&world, &request(SANDBOX)).await, cause);
        }
    }
}

#[tokio::test]
async fn what_the_platform_document_lacks_is_told_in_one_go() {
    let mut request = request(SANDBOX);
    let settings = request.order.platform.control_tower.as_mut().unwrap();
    settings.account_factory_product_id = None;
    settings.single_sign_on_user = None;
    let world = World::with_account_in(ROOT);
    assert_snapshot!(refused(&world, &request).await, @"the platform document has no controlTower.accountFactoryProductId; the platform document has no controlTower.singleSignOnUser");
    request.order.platform.control_tower = None;
    let failure = call(&world, &request).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::InvalidConfiguration);
}

#[tokio::test]
async fn the_root_cannot_be_registered() {
    for request in [request(ROOT), auto(ROOT)] {
        let world = World::with_account_in(WILD);
        let cause = refused(&world, &request).await;
        assert_eq!(
            cause,
            "the root of the organization cannot be registered with AWS Control Tower"
        );
    }
}

#[tokio::test]
async fn a_unit_that_does_not_exist_is_unknown() {
    let world = World::with_account_in(ROOT);
    let failure = run(&world, &request("ou-ab12-99999999")).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::UnknownOrganizationalUnit);
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn a_unit_whose_registration_is_under_change_is_waited_for() {
    for (request, found) in [
        (request(SANDBOX), None),
        (
            request(SANDBOX),
            Some(product(ProductStatus::Tainted, true)),
        ),
        (request(SANDBOX), Some(product(ProductStatus::Error, false))),
        (auto(SANDBOX), None),
    ] {
        let world = World::with_account_in(ROOT);
        world.state().product = found;
        let under_change = Some(BaselineStatus::UnderChange);
        world.state().units.insert(parent(SANDBOX), under_change);
        let answer = call(&world, &request).await.unwrap();
        assert_eq!(
            waiting_for(&answer),
            "the registration of ou-ab12-00000001, which is UNDER_CHANGE"
        );
        assert!(world.writes().is_empty());
        let succeeded = Some(BaselineStatus::Succeeded);
        world.state().units.insert(parent(SANDBOX), succeeded);
        let done = run(&world, &next(&request, &answer)).await.unwrap();
        assert_ne!(done.change, Change::None);
    }
}

#[tokio::test]
async fn everything_that_automatic_enrollment_lacks_is_told_before_a_write() {
    let world = World::with_account_in(ROOT);
    world.state().landing_zone = None;
    assert_eq!(
        refused(&world, &auto(SANDBOX)).await,
        "AWS Control Tower has no landing zone in eu-west-1"
    );
    let world = World::with_account_in(ROOT);
    world
        .state()
        .landing_zone
        .as_mut()
        .unwrap()
        .enrolls_moved_accounts = false;
    let without = "the landing zone (version 3.3) does not enroll accounts that are moved into a registered unit";
    assert_eq!(refused(&world, &auto(SANDBOX)).await, without);
    world.state().units.insert(parent(SANDBOX), None);
    assert_eq!(
        refused(&world, &auto(SANDBOX)).await,
        format!("{without}; ou-ab12-00000001 is not registered with AWS Control Tower")
    );
}

#[tokio::test]
async fn an_account_in_place_does_not_wait_for_an_enrollment_that_cannot_come() {
    let world = World::with_account_in(SANDBOX);
    world
        .state()
        .landing_zone
        .as_mut()
        .unwrap()
        .enrolls_moved_accounts = false;
    refused(&world, &auto(SANDBOX)).await;
}
