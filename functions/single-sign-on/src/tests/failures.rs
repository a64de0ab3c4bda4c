//! What ends the vend, and what was not touched then.

use avm_core::ports::assignments::RequestState;
use insta::assert_snapshot;

use super::*;

#[tokio::test]
async fn permission_sets_that_do_not_exist_are_all_named_before_anything_is_written() {
    let world = usual_world();
    let missing = "arn:aws:sso:::permissionSet/ssoins-1/ps-missing";
    let request = request(
        &[("admin", &["Admin", "Amdin"]), ("reader", &[missing])],
        None,
    );
    let failure = run(&request, &world).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::InvalidConfiguration);
    assert_snapshot!(failure, @"/avm/landing-zones/sandbox, field singleSignOn.roleMappings.admin.permissionSets: the instance of IAM Identity Center has no permission set Amdin; field singleSignOn.roleMappings.reader.permissionSets: the instance of IAM Identity Center has no permission set arn:aws:sso:::permissionSet/ssoins-1/ps-missing (account 111111111111). Remedy: correct the named field of the configuration document, deploy it, and send the request again.");
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn an_assignment_that_fails_ends_the_vend_with_the_reason_of_aws() {
    let world = usual_world();
    let answer = call(&usual(), &world).await.unwrap();
    fail(&world, "it is not possible");
    let failure = call(&next(&usual(), &answer), &world).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::SingleSignOnFailed);
    assert_snapshot!(failure, @"mst-space.shop.admin: Admin could not be assigned: it is not possible; mst-space.shop.admin: ReadOnly could not be assigned: it is not possible; mst-space.shop.reader: ReadOnly could not be assigned: it is not possible (account 111111111111). Remedy: look at the account's assignments in IAM Identity Center, repair the cause, and send the request again.");
    // The next request finds what is missing and makes it.
    let done = run(&usual(), &world).await.unwrap();
    assert_eq!(done.assigned.len(), 3);
}

/// How AWS says that it does not see a group.
const UNSEEN: &str =
    "Received a 404 status error: the GROUP assignee g1 was not found in directory d-1234567890";

#[tokio::test]
async fn a_group_that_is_too_new_to_be_seen_is_assigned_again() {
    for at_once in [false, true] {
        let world = usual_world();
        if at_once {
            let failed = RequestState::Failed(UNSEEN.to_owned());
            world.state_mut().identity_center.end = End::AtOnce(failed);
        }
        let answer = call(&usual(), &world).await.unwrap();
        fail(&world, UNSEEN);
        world.state_mut().identity_center.end = End::Soon;
        let again = call(&next(&usual(), &answer), &world).await.unwrap();
        assert_eq!(waiting_for(&again), "assignments at work: 3");
        let done = call(&next(&usual(), &again), &world).await.unwrap();
        assert_eq!(done["Result"]["Assigned"].as_array().unwrap().len(), 3);
        assert_eq!(done["Result"]["Created"].as_array().unwrap().len(), 2);
        assert_eq!(assigned(&world).len(), 3);
    }
}

#[tokio::test]
async fn a_group_that_is_never_seen_ends_the_vend_with_the_reason_of_aws() {
    let world = usual_world();
    let mut answer = call(&usual(), &world).await.unwrap();
    for _ in 0..12 {
        fail(&world, UNSEEN);
        answer = call(&next(&usual(), &answer), &world).await.unwrap();
    }
    fail(&world, UNSEEN);
    let failure = call(&next(&usual(), &answer), &world).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::SingleSignOnFailed);
    assert!(failure.cause().contains(UNSEEN), "{failure}");
}

#[tokio::test]
async fn a_group_that_has_gone_meanwhile_is_made_again() {
    let world = usual_world();
    let answer = call(&usual(), &world).await.unwrap();
    fail(&world, UNSEEN);
    world.state_mut().identity_store.groups.clear();
    let again = call(&next(&usual(), &answer), &world).await.unwrap();
    call(&next(&usual(), &again), &world).await.unwrap();
    assert_eq!(assigned(&world).len(), 3);
    assert_eq!(members(&world, "mst-space.shop.admin"), ["id-of-ada"]);
}

#[tokio::test]
async fn a_group_that_cannot_be_emptied_keeps_nobody_in_the_next_one() {
    let world = vended_world().await;
    let refusal = Failure::new(ErrorName::SingleSignOnFailed, "no");
    world.refuse("identitystore:DeleteGroupMembership 1 in g1", refusal);
    let nobody = request(
        &[("admin", &["Admin"]), ("reader", &["ReadOnly"])],
        Some(json!({})),
    );
    let failure = call(&nobody, &world).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::SingleSignOnFailed);
    assert_eq!(members(&world, "mst-space.shop.admin"), ["id-of-ada"]);
    assert!(members(&world, "mst-space.shop.reader").is_empty());
    assert!(
        world
            .writes()
            .contains(&"sso:DeleteAccountAssignment g1 ps-readonly".to_owned())
    );
}

#[tokio::test]
async fn a_group_that_cannot_be_emptied_now_is_tried_again_first() {
    let world = vended_world().await;
    let busy = Failure::new(ErrorName::Throttled, "no");
    world.refuse_times("identitystore:DeleteGroupMembership", 1, busy);
    let nobody = request(
        &[("admin", &["Admin"]), ("reader", &["ReadOnly"])],
        Some(json!({})),
    );
    let failure = call(&nobody, &world).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::Throttled);
    assert_eq!(
        world.writes(),
        ["identitystore:DeleteGroupMembership 1 in g1"]
    );
    assert_eq!(run(&nobody, &world).await.unwrap().removed, 3);
}

#[tokio::test]
async fn an_assignment_that_cannot_be_deleted_ends_the_vend_too() {
    let world = usual_world();
    let group = add_group(&world, "mst-old.team", Some(&ours()), &[]);
    assign(&world, ACCOUNT, &group, "Billing");
    let request = request(&[], None);
    let noted = call(&request, &world).await.unwrap();
    let answer = call(&next(&request, &noted), &world).await.unwrap();
    fail(&world, UNSEEN);
    let failure = call(&next(&request, &answer), &world).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::SingleSignOnFailed);
    assert_eq!(
        failure.cause(),
        format!("mst-old.team: Billing could not be unassigned: {UNSEEN}")
    );
}

#[tokio::test]
async fn an_assignment_that_fails_at_once_is_no_success() {
    let world = usual_world();
    let failed = RequestState::Failed("why".to_owned());
    world.state_mut().identity_center.end = End::AtOnce(failed);
    let failure = call(&usual(), &world).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::SingleSignOnFailed);
    assert_eq!(
        failure.cause(),
        "mst-space.shop.admin: Admin could not be assigned: why"
    );
}

#[tokio::test]
async fn an_order_without_single_sign_on_has_no_such_step() {
    let world = usual_world();
    let mut without = usual();
    without.order.landing_zone.settings.single_sign_on = None;
    let mut without_names = usual();
    without_names.order.names.groups.clear();
    let mut without_instance = usual();
    without_instance.order.platform.single_sign_on = None;
    for request in [without, without_names, without_instance] {
        let failure = call(&request, &world).await.unwrap_err();
        assert_eq!(failure.name(), ErrorName::InvalidState);
        assert_eq!(failure.account(), Some(&request.account.account_id));
    }
}

#[tokio::test]
async fn an_order_without_an_instance_opens_no_door() {
    let world = usual_world();
    let mut request = usual();
    request.order.platform.single_sign_on = None;
    let failure = call(&request, &world).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::InvalidState);
    assert!(world.opened().is_empty());
}

#[tokio::test]
async fn assignments_that_come_to_no_end_are_given_up() {
    let world = usual_world();
    end_when_told(&world);
    let failure = run(&usual(), &world).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::SingleSignOnTimedOut);
    assert_eq!(
        failure.cause(),
        "waited for assignments at work: 3; given up after 50 looks"
    );
}

fn fail(world: &InMemory, reason: &str) {
    world.state_mut().identity_center.fail(reason);
}
