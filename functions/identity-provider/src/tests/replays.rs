//! The step again and again: under each minimum policy, after lost answers, and while IAM lags behind.
//! Every case ends in the world that an undisturbed run makes.

use avm_core::config::{DowngradePolicy, DowngradeSetting};
use avm_core::doors::Door;
use avm_core::error::{ErrorName, Failure};
use avm_core::rules::minimum_policy;
use avm_world::{drive, plan_of, replay};

use super::*;

fn minimum(policy: DowngradePolicy) -> PolicyDocument {
    let role = "MeshstackAccountAccessRole".parse().unwrap();
    minimum_policy::document(policy, "aws", &account().account_id, &role)
}

/// The account after the downgrade: what the access role may do, and, where it is strict, the role for the provider.
fn downgrade(world: &InMemory, policy: DowngradePolicy) {
    let keeper = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Action": ["iam:CreateSAMLProvider", "iam:GetSAMLProvider", "iam:UpdateSAMLProvider"],
        "Resource": "arn:aws:iam::111111111111:saml-provider/mesh*"
    }]});
    let keeper = match policy {
        DowngradePolicy::Strict => PolicyDocument::new(keeper),
        _ => minimum(policy),
    };
    let allowed = &mut world.state_mut().iam.allowed;
    allowed.insert(Door::Access, minimum(policy));
    allowed.insert(Door::IdentityProvider, keeper);
}

/// The same request of a landing zone with that downgrade.
fn under(policy: DowngradePolicy, mut request: Call) -> Call {
    request.order.landing_zone.settings.downgrade = match policy {
        DowngradePolicy::Strict => DowngradeSetting::Strict,
        DowngradePolicy::Standard => DowngradeSetting::Standard,
        DowngradePolicy::SelfUpgradable => DowngradeSetting::SelfUpgradable,
    };
    request
}

#[tokio::test]
async fn a_settled_account_is_looked_at_under_every_minimum_without_a_refusal() {
    for policy in DowngradePolicy::ALL {
        let world = settled_world(&mappings()).await;
        put_role(
            &mut world.state_mut(),
            EXTERNAL_ROLE,
            role(our_trust(), &[]),
        );
        downgrade(&world, policy);
        let before = world.state().essence();
        let request = under(policy, request(&with_external()));
        call(&world, &request).await.unwrap();
        assert!(world.writes().is_empty(), "{policy}");
        assert_eq!(world.state().essence(), before);
        let plan = plan_of::<IdentityProvider>(&world, &request).await.unwrap();
        assert_eq!(plan["IsEmpty"], true);
    }
}

#[tokio::test]
async fn new_metadata_are_stored_under_every_minimum() {
    for policy in DowngradePolicy::ALL {
        let world = settled_world(&mappings()).await;
        downgrade(&world, policy);
        publish(&mut world.state_mut(), keycloak("MIIother", "ID_1", ""));
        let request = under(policy, request(&mappings()));
        call(&world, &request).await.unwrap();
        assert_eq!(world.writes().len(), 1, "{policy}");
    }
}

#[tokio::test]
async fn metadata_that_end_within_a_week_are_renewed() {
    for (end, writes) in [("2026-11-12T09:59:59Z", 1), ("2026-11-12T10:00:00Z", 0)] {
        let world = new_world();
        let until = |end: &str| keycloak(CERTIFICATE, "ID_1", &format!(r#"validUntil="{end}""#));
        publish(&mut world.state_mut(), until(end));
        call(&world, &request(&mappings())).await.unwrap();
        world.forget_journal();
        publish(&mut world.state_mut(), until("2027-01-01T00:00:00Z"));
        call(&world, &request(&mappings())).await.unwrap();
        assert_eq!(world.writes().len(), writes, "{end}");
    }
}

/// The world's time is 2026-11-05T10:00:00Z.
#[tokio::test]
async fn metadata_that_have_ended_are_taken_and_told() {
    for (end, is_told) in [
        ("2014-07-17T01:01:48Z", true),
        ("2026-11-05T10:00:01Z", false),
    ] {
        let world = new_world();
        let until = keycloak(CERTIFICATE, "ID_1", &format!(r#"validUntil="{end}""#));
        publish(&mut world.state_mut(), until);
        let plan = plan_of::<IdentityProvider>(&world, &request(&mappings()))
            .await
            .unwrap();
        let words = plan["Words"].as_str().unwrap();
        assert_eq!(
            words.contains("have ended on 2014-07-17T01:01:48"),
            is_told,
            "{words}"
        );
        for _ in 0..2 {
            let done = call(&world, &request(&mappings())).await.unwrap();
            assert_eq!(done.provider.drift.is_some(), is_told);
        }
    }
}

#[tokio::test]
async fn only_under_the_strict_minimum_a_role_of_its_own_looks_after_the_provider() {
    for policy in DowngradePolicy::ALL {
        let world = new_world();
        let request = under(policy, request(&mappings()));
        call(&world, &request).await.unwrap();
        let expected = match policy {
            DowngradePolicy::Strict => Door::IdentityProvider,
            _ => Door::Access,
        };
        for entry in world.journal() {
            if entry.words.contains("SAMLProvider") {
                assert_eq!(entry.door, expected, "{}", entry.words);
            }
        }
        let is_opened = world.opened().contains(&Door::IdentityProvider);
        assert_eq!(is_opened, policy == DowngradePolicy::Strict);
    }
}

#[tokio::test]
async fn roles_are_made_under_the_standard_minimum_and_not_under_the_strict_one() {
    for (policy, is_made) in [
        (DowngradePolicy::Standard, true),
        (DowngradePolicy::SelfUpgradable, true),
        (DowngradePolicy::Strict, false),
    ] {
        let world = new_world();
        downgrade(&world, policy);
        let request = under(DowngradePolicy::Strict, request(&mappings()));
        let answer = call(&world, &request).await;
        if is_made {
            answer.unwrap();
            continue;
        }
        let failure = answer.unwrap_err();
        assert_eq!(failure.name(), ErrorName::AccessDenied);
        insta::assert_snapshot!(failure, @r#"iam:CreateRole arn:aws:iam::111111111111:role/meshstack-project-admin (account 111111111111). Remedy: role MeshstackAccountAccessRole of account 111111111111 lacks iam:CreateRole on role meshstack-project-admin (after the downgrade its minimum is strict); the access role was taken down and may not do it any more: let the landing zone say "elevation": "when-needed", or have an operator give the power back, as docs/OPERATION.md tells under "Power for a vend"; then send the request again; or let a StackSet make the role, and name it in roleMappingsExternal."#);
    }
}

#[tokio::test]
async fn a_role_that_may_not_be_changed_any_more_says_what_is_missing() {
    let world = settled_world(&mappings()).await;
    let found = our_role(&[READ_ONLY, BILLING, OWN, ADMINISTRATOR]);
    put_role(&mut world.state_mut(), READER_ROLE, found.clone());
    downgrade(&world, DowngradePolicy::Standard);
    let failure = call(&world, &request(&mappings())).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::AccessDenied);
    for words in [
        "iam:DetachRolePolicy on role meshstack-project-reader",
        "MeshstackAccountAccessRole of account 111111111111",
        "let the landing zone say \"elevation\": \"when-needed\"",
    ] {
        assert!(failure.remedy().contains(words), "{failure}");
    }
    assert_eq!(role_in(&world, READER_ROLE), Some(found));
}

#[tokio::test]
async fn a_provider_that_the_strict_minimum_does_not_know_says_so() {
    let world = new_world();
    downgrade(&world, DowngradePolicy::Strict);
    let mut request = under(DowngradePolicy::Strict, request(&mappings()));
    let provider = request.order.platform.identity_provider.as_mut().unwrap();
    provider.name = "company".parse().unwrap();
    let failure = call(&world, &request).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::AccessDenied);
    assert!(failure.remedy().contains("begins with mesh"), "{failure}");
}

#[tokio::test]
async fn a_role_for_the_provider_that_cannot_be_taken_says_what_to_do() {
    let world = new_world();
    world.close(Door::IdentityProvider);
    let request = under(DowngradePolicy::Strict, request(&mappings()));
    let failure = call(&world, &request).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::AccountNotReady);
    let words = "let role AVMIdentityProviderRole of account 111111111111 look after";
    assert!(failure.remedy().contains(words), "{failure}");
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn a_role_for_the_provider_whose_policy_does_not_count_yet_is_retried() {
    let world = new_world();
    let refusal = Failure::new(ErrorName::AccessDenied, "no");
    world.refuse_times("iam:GetSAMLProvider", 1, refusal);
    let request = under(DowngradePolicy::Strict, request(&mappings()));
    let failure = call(&world, &request).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::AccountNotReady);
    call(&world, &request).await.unwrap();
}

#[tokio::test]
async fn whichever_answer_is_lost_the_next_try_ends_in_an_equal_world() {
    let disturbed = |state: &mut State| {
        new_state(state);
        put_role(state, ADMIN_ROLE, our_role(&[]));
        put_role(state, READER_ROLE, our_role(&[ADMINISTRATOR, READ_ONLY]));
        put_role(state, EXTERNAL_ROLE, role(our_trust(), &[]));
    };
    replay::<IdentityProvider>(disturbed, &request(&mappings())).await;
    replay::<IdentityProvider>(disturbed, &request(&with_external())).await;
    let undisturbed = InMemory::with(disturbed);
    call(&undisturbed, &request(&mappings())).await.unwrap();
    let writes = undisturbed.writes().len();
    assert!(writes >= 7, "{writes}");
}

#[tokio::test]
async fn what_iam_does_not_know_yet_is_tried_again() {
    let undisturbed = settled_world(&mappings()).await;
    let late: [fn(&mut State); 3] = [
        |state| state.iam.late_principals = 2,
        |state| state.iam.late_attachments = 1,
        |state| state.iam.late_attachments = 9,
    ];
    for make_late in late {
        let world = new_world();
        make_late(&mut world.state_mut());
        let failure = call(&world, &request(&mappings())).await.unwrap_err();
        assert_eq!(failure.name(), ErrorName::ServiceUnavailable);
        world.state_mut().iam.late_attachments = 0;
        drive::<IdentityProvider>(&world, &request(&mappings()))
            .await
            .unwrap();
        assert_eq!(world.state().essence(), undisturbed.state().essence());
    }
}

#[tokio::test]
async fn a_role_or_provider_that_shows_late_is_looked_at_again() {
    let settled = settled_world(&mappings()).await;
    for late in ["iam:GetRole", "iam:GetSAMLProvider"] {
        let world = settled_world(&mappings()).await;
        world.set_old_state(State::default());
        world.show_old(1, late);
        let failure = call(&world, &request(&mappings())).await.unwrap_err();
        assert_eq!(failure.name(), ErrorName::ConcurrentModification);
        drive::<IdentityProvider>(&world, &request(&mappings()))
            .await
            .unwrap();
        assert_eq!(world.state().essence(), settled.state().essence());
    }
}
