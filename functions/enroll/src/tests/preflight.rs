//! What is missing is told before anything is written, all at once and with what to do about it.
//! Nothing is opened either: neither the way into the account nor the way to move it.

use avm_core::error::ErrorName;
use avm_core::ports::account_factory::ProductStatus;
use avm_core::ports::control_tower::BaselineStatus;
use avm_world::organizations::ROOT;
use avm_world::service_catalog::{artifact, path, product};
use avm_world::{InMemory, State};
use insta::assert_snapshot;

use super::{
    Change, SANDBOX, WILD, auto, call, doors, enroll_no_moved_accounts, next, placed, register,
    request, run, unregister, waiting_for, with_product,
};
use crate::Call;

async fn refused(world: &InMemory, request: &Call) -> String {
    let failure = run(world, request).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::EnrolmentNotPossible, "{failure}");
    assert!(!failure.remedy().is_empty());
    assert!(world.writes().is_empty() && doors(world).is_empty());
    failure.cause().to_owned()
}

#[tokio::test]
async fn everything_that_the_account_factory_lacks_is_told_before_a_write() {
    type Spoil = fn(&mut State);
    let cases: [(Spoil, &str); 8] = [
        (
            |state| state.service_catalog.artifacts = None,
            "the product prod-abc does not exist in Service Catalog",
        ),
        (
            |state| {
                let inactive = artifact("pa-1", false, false, 1);
                state.service_catalog.artifacts = Some(vec![inactive]);
            },
            "the product prod-abc has no active version",
        ),
        (
            |state| state.service_catalog.paths.clear(),
            "the enrollment role has no launch path to the product prod-abc",
        ),
        (
            |state| state.service_catalog.paths.push(path("lpv2-2", "Other")),
            "the enrollment role has several launch paths to the product prod-abc: Account Factory, Other",
        ),
        (
            |state| unregister(state, SANDBOX),
            "ou-ab12-00000001 is not registered with AWS Control Tower",
        ),
        (
            |state| register(state, SANDBOX, BaselineStatus::Failed),
            "the registration of ou-ab12-00000001 with AWS Control Tower has FAILED",
        ),
        (
            |state| register(state, SANDBOX, BaselineStatus::Other("ODD".to_owned())),
            "the registration of ou-ab12-00000001 with AWS Control Tower is ODD",
        ),
        (
            |state| {
                state.service_catalog.paths.clear();
                state.service_catalog.artifacts = None;
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
            let found = found.map(|(status, succeeded, _)| product(status, succeeded));
            let world = with_product(place, found);
            spoil(&mut world.state_mut());
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
    let world = placed(ROOT);
    assert_snapshot!(refused(&world, &request).await, @"the platform document has no controlTower.accountFactoryProductId; the platform document has no controlTower.singleSignOnUser");
    request.order.platform.control_tower = None;
    let failure = call(&world, &request).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::InvalidConfiguration);
}

#[tokio::test]
async fn the_root_cannot_be_registered() {
    for request in [request(ROOT), auto(ROOT)] {
        let world = placed(WILD);
        let cause = refused(&world, &request).await;
        assert_eq!(
            cause,
            "the root of the organization cannot be registered with AWS Control Tower"
        );
    }
}

#[tokio::test]
async fn a_unit_that_does_not_exist_is_unknown() {
    let world = placed(ROOT);
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
        let world = with_product(ROOT, found);
        register(&mut world.state_mut(), SANDBOX, BaselineStatus::UnderChange);
        let answer = call(&world, &request).await.unwrap();
        assert_eq!(
            waiting_for(&answer),
            "the registration of ou-ab12-00000001, which is UNDER_CHANGE"
        );
        assert!(world.writes().is_empty());
        register(&mut world.state_mut(), SANDBOX, BaselineStatus::Succeeded);
        let done = run(&world, &next(&request, &answer)).await.unwrap();
        assert_ne!(done.change, Change::None);
    }
}

#[tokio::test]
async fn everything_that_automatic_enrollment_lacks_is_told_before_a_write() {
    let world = placed(ROOT);
    world.state_mut().control_tower.landing_zone = None;
    assert_eq!(
        refused(&world, &auto(SANDBOX)).await,
        "AWS Control Tower has no landing zone in eu-west-1"
    );
    let world = placed(ROOT);
    enroll_no_moved_accounts(&mut world.state_mut());
    let without = "the landing zone (version 3.3) does not enroll accounts that are moved into a registered unit";
    assert_eq!(refused(&world, &auto(SANDBOX)).await, without);
    unregister(&mut world.state_mut(), SANDBOX);
    assert_eq!(
        refused(&world, &auto(SANDBOX)).await,
        format!("{without}; ou-ab12-00000001 is not registered with AWS Control Tower")
    );
}

#[tokio::test]
async fn an_account_in_place_does_not_wait_for_an_enrollment_that_cannot_come() {
    let world = placed(SANDBOX);
    enroll_no_moved_accounts(&mut world.state_mut());
    refused(&world, &auto(SANDBOX)).await;
}
