//! Regions that are not ready, are in use, are closed or break, and answers that are lost.
//! One bad region never stops the others.

use avm_core::error::Kind;
use avm_world::ec2::GatewayState;
use avm_world::{Fault, drive, replay};

use super::*;

#[tokio::test]
async fn a_region_that_is_not_ready_is_looked_at_again_and_it_alone() {
    let world = fresh_world(REGIONS);
    change(&world, "us-east-1", |region| region.usable_at_look = 3);
    let (waiting_for, progress) = pending(&world, &request()).await;
    assert_eq!(waiting_for, "default VPCs: us-east-1: AuthFailure");
    insta::assert_json_snapshot!(progress.notes, @r#"
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
    world.forget_journal();
    let mut again = request();
    again.progress = Some(progress);
    again.progress = Some(pending(&world, &again).await.1);
    let done = done(&world, &again).await.unwrap();
    let mut looks = world.reads();
    looks.retain(|words| words.starts_with("ec2:DescribeVpcs "));
    assert_eq!(looks, ["ec2:DescribeVpcs us-east-1"; 2]);
    assert_eq!((done.deleted.len(), done.regions), (3, 3));
    assert!(is_clean(&world));
}

#[tokio::test]
async fn a_region_that_is_out_of_order_for_now_is_tried_again() {
    for name in [ErrorName::Throttled, ErrorName::ServiceUnavailable] {
        let world = fresh_world(REGIONS);
        change(&world, "eu-west-1", |region| region.broken = Some(name));
        let (_, progress) = pending(&world, &request()).await;
        assert_eq!(progress.notes.done.deleted.len(), 2);
        change(&world, "eu-west-1", |region| region.broken = None);
        let mut again = request();
        again.progress = Some(progress);
        assert_eq!(done(&world, &again).await.unwrap().deleted.len(), 3);
    }
}

#[tokio::test]
async fn a_vpc_in_use_is_left_alone_and_told_after_the_others_are_done() {
    let world = fresh_world(REGIONS);
    let interfaces = [
        "eni-00000001",
        "eni-00000002",
        "eni-00000003",
        "eni-00000004",
    ];
    change(&world, "eu-west-1", |region| {
        region.interfaces = interfaces.map(str::to_owned).into();
    });
    let before = region(&world, "eu-west-1");
    let failure = done(&world, &request()).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::DefaultVpcsRemain);
    assert_eq!(failure.account().unwrap().as_str(), "111111111111");
    insta::assert_snapshot!(failure.cause(), @"default VPCs remain: vpc-00000002 in eu-west-1: it is in use by network interfaces eni-00000001 (interface), eni-00000002 (interface), eni-00000003 (interface) and 1 more");
    assert_eq!(failure.remedy(), ErrorName::DefaultVpcsRemain.remedy());
    assert_eq!(region(&world, "eu-west-1"), before);
    change(&world, "eu-west-1", |region| region.interfaces.clear());
    let done = done(&world, &request()).await.unwrap();
    assert_eq!(done.deleted.len(), 1);
    assert!(is_clean(&world));
}

#[tokio::test]
async fn a_dependency_that_goes_away_by_the_next_call_is_none() {
    let world = fresh_world(REGIONS);
    change(&world, "eu-west-1", |region| region.dependency = 1);
    let done = done_after(&world, 2).await.unwrap();
    assert_eq!(done.deleted.len(), 3);
    assert!(is_clean(&world));
}

#[tokio::test]
async fn a_dependency_that_stays_is_told() {
    let world = fresh_world(REGIONS);
    change(&world, "eu-west-1", |region| region.dependency = 9);
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
        let world = fresh_world(REGIONS);
        change(&world, "eu-central-1", |region| region.broken = Some(name));
        let failure = ask(&world, &request()).await.unwrap_err();
        assert!(
            failure
                .cause()
                .contains("eu-central-1: the region is broken"),
            "{failure}"
        );
        assert_eq!(failure.name().kind(), Kind::Terminal);
        change(&world, "eu-central-1", |region| region.broken = None);
        let done = done(&world, &request()).await.unwrap();
        assert_eq!(done.deleted.len(), 1, "{name}");
    }
}

#[tokio::test]
async fn what_remains_is_told_only_when_no_region_is_open_any_more() {
    let world = fresh_world(REGIONS);
    change(&world, "eu-west-1", |region| {
        region.interfaces = vec!["eni-00000001".to_owned()];
    });
    change(&world, "us-east-1", |region| region.usable_at_look = 2);
    let (waiting_for, progress) = pending(&world, &request()).await;
    assert!(!waiting_for.contains("eu-west-1"), "{waiting_for}");
    assert_eq!(progress.notes.regions.len(), 2);
    let mut again = request();
    again.progress = Some(progress);
    let failure = done(&world, &again).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::DefaultVpcsRemain);
    assert!(failure.cause().contains("eu-west-1"), "{failure}");
    assert!(!failure.cause().contains("us-east-1"), "{failure}");
}

#[tokio::test]
async fn a_region_that_a_service_control_policy_closes_is_told_and_no_obstacle() {
    let world = fresh_world(REGIONS);
    change(&world, "us-east-1", |region| region.closed = true);
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
    let world = fresh_world(&["eu-west-1"]);
    let taken = GatewayState {
        attached_to: Some("vpc-0000000a".to_owned()),
        mark: Some("vpc-00000001".to_owned()),
    };
    change(&world, "eu-west-1", |region| {
        region
            .gateways
            .insert("igw-0000000a".to_owned(), taken.clone());
    });
    let done = done(&world, &request()).await.unwrap();
    assert_eq!(done.deleted.len(), 1);
    let gateways = region(&world, "eu-west-1").gateways;
    assert_eq!(gateways.get("igw-0000000a"), Some(&taken));
    assert_eq!(gateways.len(), 1);
}

#[tokio::test]
async fn whatever_is_lost_the_next_try_ends_in_a_clean_account() {
    let names = &REGIONS[..2];
    replay::<DefaultVpcs>(fresh_state(names), &request()).await;

    // The call that lost the answer says which region is open; those after it tell what was deleted.
    let undisturbed = fresh_world(names);
    done(&undisturbed, &request()).await.unwrap();
    let writes = undisturbed.writes().len();
    assert_eq!(writes, 12);
    assert!(is_clean(&undisturbed));
    for at in 0..writes {
        for fault in Fault::ALL {
            for with_progress in [true, false] {
                let world = fresh_world(names);
                world.disturb_write(at, fault);
                let mut again = request();
                let (_, progress) = pending(&world, &again).await;
                assert_eq!(progress.notes.regions.len(), 1, "{at} {fault:?}");
                again.progress = with_progress.then_some(progress);
                let done = done(&world, &again).await.unwrap();
                assert!(is_clean(&world), "{at} {fault:?} {with_progress}");
                if with_progress {
                    assert_eq!(done.deleted.len(), names.len(), "{at} {fault:?}");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_region_that_shows_nothing_while_others_show_theirs_is_looked_at_once_more() {
    let world = fresh_world(&["eu-central-1"]);
    for name in ["eu-south-1", "us-east-1"] {
        change(&world, name, |_| ());
    }
    let mut request = request();
    let (words, progress) = pending(&world, &request).await;
    assert!(
        words.contains("no default VPC shows, though other regions have one"),
        "{words}"
    );
    let names: Vec<&str> = progress.notes.regions.iter().map(Region::as_str).collect();
    assert_eq!(names, ["eu-south-1", "us-east-1"]);
    change(&world, "eu-south-1", |region| *region = fresh(2));
    request.progress = Some(progress);
    let done = done(&world, &request).await.unwrap();
    assert!(is_clean(&world));
    let deleted: Vec<&str> = done.deleted.iter().map(Region::as_str).collect();
    assert_eq!(deleted, ["eu-central-1", "eu-south-1"]);
    assert_eq!(done.regions, 3);
}

/// The account is settled: no other region shows a default VPC.
#[tokio::test]
async fn a_region_that_was_just_enabled_is_looked_at_once_more_and_it_alone() {
    for comes_late in [true, false] {
        let world = fresh_world(&[]);
        for name in ["eu-central-1", "eu-south-1"] {
            change(&world, name, |_| ());
        }
        let mut request = request();
        request.input = Some(Input {
            enabled: ["eu-south-1".parse().unwrap()].into(),
        });
        let (words, progress) = pending(&world, &request).await;
        assert_eq!(
            words,
            "default VPCs: eu-south-1: no default VPC shows, and the region was just enabled"
        );
        if comes_late {
            change(&world, "eu-south-1", |region| *region = fresh(2));
        }
        request.progress = Some(progress);
        let done = done(&world, &request).await.unwrap();
        assert!(is_clean(&world));
        assert_eq!((done.deleted.len(), done.regions), (comes_late.into(), 2));
    }
}

#[tokio::test]
async fn a_region_that_never_becomes_usable_is_given_up() {
    let world = fresh_world(REGIONS);
    change(&world, "us-east-1", |region| {
        region.usable_at_look = usize::MAX;
    });
    let failure = drive::<DefaultVpcs>(&world, &request()).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::DefaultVpcsTimedOut);
    assert_eq!(
        failure.cause(),
        "waited for default VPCs: us-east-1: AuthFailure; given up after 45 looks"
    );
}
