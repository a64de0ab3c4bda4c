//! Regions that are not ready, are in use, are closed or break, and answers that are lost.
//! One bad region never stops the others.

use avm_core::domain::Region;
use avm_core::error::{ErrorName, Kind};

use super::{REGIONS, answer, done, done_after, pending, request};
use crate::world::{GatewayState, Lost, RegionState, World, fresh};

#[tokio::test]
async fn a_region_that_is_not_ready_is_looked_at_again_and_it_alone() {
    let world = World::fresh(REGIONS);
    world.change("us-east-1", |region| region.not_ready = 2);
    let (waiting_for, progress) = pending(&world, &request()).await;
    assert_eq!(waiting_for, "default VPCs: us-east-1: AuthFailure");
    insta::assert_json_snapshot!(progress, @r#"
    {
      "Regions": [
        "us-east-1"
      ],
      "Done": {
        "Deleted": [
          "eu-central-1",
          "eu-west-1"
        ],
        "Regions": 3
      }
    }
    "#);
    world.state().looks.clear();
    let mut again = request();
    again.progress = Some(progress);
    again.progress = Some(pending(&world, &again).await.1);
    let done = done(&world, &again).await.unwrap();
    assert_eq!(
        world.state().looks,
        ["us-east-1"; 2].map(|name| name.parse().unwrap())
    );
    assert_eq!((done.deleted.len(), done.regions), (3, 3));
    assert!(world.is_clean());
}

#[tokio::test]
async fn a_region_that_is_out_of_order_for_now_is_tried_again() {
    for name in [ErrorName::Throttled, ErrorName::ServiceUnavailable] {
        let world = World::fresh(REGIONS);
        world.change("eu-west-1", |region| region.broken = Some(name));
        let (_, progress) = pending(&world, &request()).await;
        assert_eq!(progress.done.deleted.len(), 2);
        world.change("eu-west-1", |region| region.broken = None);
        let mut again = request();
        again.progress = Some(progress);
        assert_eq!(done(&world, &again).await.unwrap().deleted.len(), 3);
    }
}

#[tokio::test]
async fn a_vpc_in_use_is_left_alone_and_told_after_the_others_are_done() {
    let world = World::fresh(REGIONS);
    let interfaces = [
        "eni-00000001",
        "eni-00000002",
        "eni-00000003",
        "eni-00000004",
    ];
    world.change("eu-west-1", |region| {
        region.interfaces = interfaces.map(str::to_owned).into();
    });
    let before = world.state().regions[&"eu-west-1".parse().unwrap()].clone();
    let failure = done(&world, &request()).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::DefaultVpcsRemain);
    assert_eq!(failure.account().unwrap().as_str(), "111111111111");
    insta::assert_snapshot!(failure.cause(), @"default VPCs remain: vpc-00000002 in eu-west-1: it is in use by network interfaces eni-00000001 (interface), eni-00000002 (interface), eni-00000003 (interface) and 1 more");
    assert_eq!(failure.remedy(), ErrorName::DefaultVpcsRemain.remedy());
    assert_eq!(world.state().regions[&"eu-west-1".parse().unwrap()], before);
    world.change("eu-west-1", |region| region.interfaces.clear());
    let done = done(&world, &request()).await.unwrap();
    assert_eq!(done.deleted.len(), 1);
    assert!(world.is_clean());
}

#[tokio::test]
async fn a_dependency_that_goes_away_by_the_next_call_is_none() {
    let world = World::fresh(REGIONS);
    world.change("eu-west-1", |region| region.dependency = 1);
    let done = done_after(&world, 2).await.unwrap();
    assert_eq!(done.deleted.len(), 3);
    assert!(world.is_clean());
}

#[tokio::test]
async fn a_dependency_that_stays_is_told() {
    let world = World::fresh(REGIONS);
    world.change("eu-west-1", |region| region.dependency = 9);
    let failure = done_after(&world, 2).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::DefaultVpcsRemain);
    assert!(
        failure
            .cause()
            .contains("vpc-00000002 in eu-west-1: DependencyViolation"),
        "{failure}"
    );
    assert!(!failure.cause().contains("eu-central-1"), "{failure}");
}

#[tokio::test]
async fn a_broken_region_does_not_stop_the_others() {
    for name in [ErrorName::Internal, ErrorName::AccessDenied] {
        let world = World::fresh(REGIONS);
        world.change("eu-central-1", |region| region.broken = Some(name));
        let failure = answer(&world, &request()).await.unwrap_err();
        assert!(
            failure
                .cause()
                .contains("eu-central-1: the region is broken"),
            "{failure}"
        );
        assert_eq!(failure.name().kind(), Kind::Terminal);
        world.change("eu-central-1", |region| region.broken = None);
        let done = done(&world, &request()).await.unwrap();
        assert_eq!(done.deleted.len(), 1, "{name}");
    }
}

#[tokio::test]
async fn what_remains_is_told_only_when_no_region_is_open_any_more() {
    let world = World::fresh(REGIONS);
    world.change("eu-west-1", |region| {
        region.interfaces = vec!["eni-00000001".to_owned()];
    });
    world.change("us-east-1", |region| region.not_ready = 1);
    let (waiting_for, progress) = pending(&world, &request()).await;
    assert!(!waiting_for.contains("eu-west-1"), "{waiting_for}");
    assert_eq!(progress.regions.len(), 2);
    let mut again = request();
    again.progress = Some(progress);
    let failure = done(&world, &again).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::DefaultVpcsRemain);
    assert!(failure.cause().contains("eu-west-1"), "{failure}");
    assert!(!failure.cause().contains("us-east-1"), "{failure}");
}

#[tokio::test]
async fn a_region_that_a_service_control_policy_closes_is_told_and_no_obstacle() {
    let world = World::fresh(REGIONS);
    world.change("us-east-1", |region| region.closed = true);
    let done = done(&world, &request()).await.unwrap();
    insta::assert_json_snapshot!(done, @r#"
    {
      "Deleted": [
        "eu-central-1",
        "eu-west-1"
      ],
      "Closed": [
        "us-east-1"
      ],
      "Regions": 3
    }
    "#);
}

#[tokio::test]
async fn a_gateway_that_was_left_over_and_serves_somebody_else_by_now_is_left_alone() {
    let world = World::fresh(&["eu-west-1"]);
    let taken = GatewayState {
        attached_to: Some("vpc-0000000a".to_owned()),
        mark: Some("vpc-00000001".to_owned()),
    };
    world.change("eu-west-1", |region| {
        region
            .gateways
            .insert("igw-0000000a".to_owned(), taken.clone());
    });
    let done = done(&world, &request()).await.unwrap();
    assert_eq!(done.deleted.len(), 1);
    let state = world.state();
    let gateways = &state.regions[&"eu-west-1".parse().unwrap()].gateways;
    assert_eq!(gateways.get("igw-0000000a"), Some(&taken));
    assert_eq!(gateways.len(), 1);
}

#[tokio::test]
async fn whichever_answer_is_lost_the_next_call_ends_in_a_clean_account() {
    let names = &REGIONS[..2];
    let undisturbed = World::fresh(names);
    done(&undisturbed, &request()).await.unwrap();
    let writes = undisturbed.state().writes.len();
    assert_eq!(writes, 12);
    for at in 0..writes {
        for lost in [Lost::BeforeTheEffect, Lost::AfterTheEffect] {
            // The call that lost the answer says which region is open; a replay without its progress knows nothing.
            for with_progress in [true, false] {
                let world = World::fresh(names);
                world.state().lost = Some((at, lost));
                let mut again = request();
                let (_, progress) = pending(&world, &again).await;
                assert_eq!(progress.regions.len(), 1, "{at} {lost:?}");
                again.progress = with_progress.then_some(progress);
                let done = done(&world, &again).await.unwrap();
                assert!(world.is_clean(), "{at} {lost:?} {with_progress}");
                if with_progress {
                    assert_eq!(done.deleted.len(), names.len(), "{at} {lost:?}");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_region_that_shows_nothing_while_others_show_theirs_is_looked_at_once_more() {
    let world = World::with([
        ("eu-central-1", fresh(1)),
        ("eu-south-1", RegionState::default()),
        ("us-east-1", RegionState::default()),
    ]);
    let mut request = request();
    let (words, progress) = pending(&world, &request).await;
    assert!(
        words.contains("no default VPC shows, though other regions have one"),
        "{words}"
    );
    let names: Vec<&str> = progress.regions.iter().map(Region::as_str).collect();
    assert_eq!(names, ["eu-south-1", "us-east-1"]);
    world.change("eu-south-1", |region| *region = fresh(2));
    request.progress = Some(progress);
    let done = done(&world, &request).await.unwrap();
    assert!(world.is_clean());
    let deleted: Vec<&str> = done.deleted.iter().map(Region::as_str).collect();
    assert_eq!(deleted, ["eu-central-1", "eu-south-1"]);
    assert_eq!(done.regions, 3);
}
