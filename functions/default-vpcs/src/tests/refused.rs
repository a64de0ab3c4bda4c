//! Who may look and who may write: the verification role, the access role, and what is said when neither may.
//! After the downgrade the access role may do nothing here.

use super::*;

#[tokio::test]
async fn without_the_verification_role_or_its_rights_the_access_role_looks() {
    for verification in [
        Rights::NotAssumable(ErrorName::AccessDenied),
        Rights::Nothing,
    ] {
        let world = fresh_world(REGIONS);
        restrict(&world, Door::Verification, verification);
        let done = done(&world, &request()).await.unwrap();
        assert_eq!(done.deleted.len(), 3);
        assert!(is_clean(&world));
    }
}

#[tokio::test]
async fn without_any_role_that_may_look_the_remedy_names_role_and_rights() {
    for access in [
        Rights::NotAssumable(ErrorName::AccessDenied),
        Rights::Nothing,
    ] {
        let world = fresh_world(REGIONS);
        restrict(
            &world,
            Door::Verification,
            Rights::NotAssumable(ErrorName::AccessDenied),
        );
        restrict(&world, Door::Access, access);
        let failure = done(&world, &request()).await.unwrap_err();
        assert_eq!(failure.name(), ErrorName::AccessDenied);
        for words in [
            "AVMVerificationRole",
            "ec2:DescribeRegions",
            "ec2:DescribeVpcs",
        ] {
            assert!(failure.remedy().contains(words), "{failure}");
        }
        assert!(
            failure
                .cause()
                .contains("could not assume AVMVerificationRole"),
            "{failure}"
        );
        assert!(failure.account().is_some());
    }
}

#[tokio::test]
async fn after_the_downgrade_the_remedy_names_every_vpc_and_how_to_allow_it() {
    for access in [
        Rights::NotAssumable(ErrorName::AccessDenied),
        Rights::Nothing,
    ] {
        let world = fresh_world(REGIONS);
        change(&world, "eu-west-1", |region| {
            *region = RegionState::default();
        });
        restrict(&world, Door::Access, access);
        let failure = done(&world, &request()).await.unwrap_err();
        assert_eq!(failure.name(), ErrorName::AccessDenied);
        assert!(
            failure
                .cause()
                .contains("vpc-00000001 in eu-central-1, vpc-00000003 in us-east-1: "),
            "{failure}"
        );
        assert_eq!(
            failure.remedy(),
            "delete vpc-00000001 in eu-central-1, vpc-00000003 in us-east-1 by hand as an administrator of the account; \
             or, the access role was taken down and may not do it any more: let the landing zone say \"elevation\": \
             \"when-needed\", or have an operator give the power back, as docs/OPERATION.md tells under \"Power for a \
             vend\"; then send the request again"
        );
        for (name, number) in [("eu-central-1", 1), ("us-east-1", 3)] {
            assert_eq!(region(&world, name), fresh(number));
        }
    }
}

#[tokio::test]
async fn a_region_that_only_the_look_is_refused_in_is_told_with_the_right_that_is_missing() {
    let world = fresh_world(REGIONS);
    change(&world, "eu-west-1", |region| region.hidden = true);
    let failure = done(&world, &request()).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::AccessDenied);
    assert_eq!(
        failure.cause(),
        "default VPCs remain: eu-west-1: not authorized here"
    );
    assert_eq!(
        failure.remedy(),
        "let role AVMVerificationRole call ec2:DescribeVpcs in eu-west-1, and send the request again"
    );
    assert_eq!(world.writes().len(), 12);
}

#[tokio::test]
async fn missing_rights_beside_a_vpc_in_use_are_told_with_both_remedies() {
    let world = fresh_world(REGIONS);
    change(&world, "eu-west-1", |region| region.hidden = true);
    change(&world, "us-east-1", |region| {
        region.interfaces = vec!["eni-00000001".to_owned()];
    });
    let failure = done(&world, &request()).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::DefaultVpcsRemain);
    assert!(
        failure
            .remedy()
            .starts_with(ErrorName::DefaultVpcsRemain.remedy())
    );
    assert!(
        failure.remedy().contains("ec2:DescribeVpcs in eu-west-1"),
        "{failure}"
    );
}

#[tokio::test]
async fn a_role_that_cannot_be_opened_for_now_is_a_failure_that_is_retried() {
    let for_now = Rights::NotAssumable(ErrorName::Throttled);
    let world = fresh_world(REGIONS);
    restrict(&world, Door::Verification, for_now);
    let failure = ask(&world, &request()).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::Throttled);
    assert_eq!(opened(&world), 0);
    let world = fresh_world(REGIONS);
    restrict(&world, Door::Access, for_now);
    let failure = ask(&world, &request()).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::Throttled);
}

#[tokio::test]
async fn an_older_verification_role_is_found_out_on_a_later_call_too() {
    let world = fresh_world(REGIONS);
    change(&world, "us-east-1", |region| region.usable_at_look = 2);
    let mut again = request();
    again.progress = Some(pending(&world, &again).await.1);
    restrict(&world, Door::Verification, Rights::Nothing);
    let done = done(&world, &again).await.unwrap();
    assert_eq!(done.deleted.len(), 3);
}
