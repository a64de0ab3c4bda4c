//! The step again and again: under each minimum policy, after lost answers, and while IAM lags behind.
//! Every case ends in the world that an undisturbed run makes.

use avm_core::config::{DowngradePolicy, DowngradeSetting};
use avm_core::error::{ErrorName, Kind};
use avm_core::rules::minimum_policy;

use super::*;

/// As the state machine does it: what is Busy is tried again.
async fn run(world: &World, request: &Request) -> Result<Done, Failure> {
    for _ in 0..5 {
        match call(world, request).await {
            Err(failure) if failure.name().kind() == Kind::Busy => {}
            other => return other,
        }
    }
    panic!("the step comes to no end: {:?}", world.state().calls);
}

fn minimum(policy: DowngradePolicy) -> PolicyDocument {
    let role = "MeshstackAccountAccessRole".parse().unwrap();
    minimum_policy::document(policy, "aws", &account().account_id, &role)
}

/// The account after the downgrade: what the access role may do, and, where it is strict, the role for the provider.
fn downgrade(world: &World, policy: DowngradePolicy) {
    let keeper = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Action": ["iam:CreateSAMLProvider", "iam:GetSAMLProvider", "iam:UpdateSAMLProvider"],
        "Resource": "arn:aws:iam::111111111111:saml-provider/mesh*"
    }]});
    let mut state = world.state();
    state.allowed = Some(minimum(policy));
    state.keeper = (policy == DowngradePolicy::Strict).then(|| PolicyDocument::new(keeper));
}

#[tokio::test]
async fn a_settled_account_is_looked_at_under_every_minimum_without_a_refusal() {
    for policy in DowngradePolicy::ALL {
        let world = settled_world(&mappings()).await;
        let external = role(our_trust(), &[]);
        world
            .state()
            .roles
            .insert("project-developer".to_owned(), external);
        downgrade(&world, policy);
        let before = world.settled();
        call(&world, &request(&with_external())).await.unwrap();
        assert!(world.state().writes.is_empty(), "{policy}");
        assert_eq!(world.settled(), before);
    }
}

#[tokio::test]
async fn new_metadata_are_stored_under_every_minimum() {
    for policy in DowngradePolicy::ALL {
        let world = settled_world(&mappings()).await;
        downgrade(&world, policy);
        world.state().metadata = keycloak("MIIother", "ID_1", "");
        call(&world, &request(&mappings())).await.unwrap();
        assert_eq!(world.state().writes.len(), 1, "{policy}");
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
        let mut request = request(&mappings());
        request.order.landing_zone.settings.downgrade = DowngradeSetting::Strict;
        let answer = call(&world, &request).await;
        if is_made {
            answer.unwrap();
            continue;
        }
        let failure = answer.unwrap_err();
        assert_eq!(failure.name(), ErrorName::AccessDenied);
        insta::assert_snapshot!(failure, @"iam:CreateRole arn:aws:iam::111111111111:role/meshstack-project-admin (account 111111111111). Remedy: role MeshstackAccountAccessRole of account 111111111111 lacks iam:CreateRole on role meshstack-project-admin (after the downgrade its minimum is strict): attach AdministratorAccess to it through OrganizationAccountAccessRole and send the request again, which takes it away in the end; detach it if that vend fails; or let a StackSet make the role, and name it in roleMappingsExternal.");
    }
}

#[tokio::test]
async fn a_role_that_may_not_be_changed_any_more_stays_closed_and_says_what_is_missing() {
    let world = settled_world(&mappings()).await;
    let found = role(trust_of_a_service(), &[ADMINISTRATOR]);
    let name = "meshstack-project-reader".to_owned();
    world.state().roles.insert(name.clone(), found.clone());
    world.state().allowed = Some(minimum(DowngradePolicy::Standard));
    let failure = call(&world, &request(&mappings())).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::AccessDenied);
    for words in [
        "iam:DetachRolePolicy on role meshstack-project-reader",
        "MeshstackAccountAccessRole of account 111111111111",
        "OrganizationAccountAccessRole",
    ] {
        assert!(failure.remedy().contains(words), "{failure}");
    }
    assert_eq!(world.settled().1[&name], found);
}

#[tokio::test]
async fn a_provider_that_the_strict_minimum_does_not_know_says_so() {
    let world = new_world();
    downgrade(&world, DowngradePolicy::Strict);
    let mut request = request(&mappings());
    request.order.landing_zone.settings.downgrade = DowngradeSetting::Strict;
    let provider = request.order.platform.identity_provider.as_mut().unwrap();
    provider.name = "company".parse().unwrap();
    let failure = call(&world, &request).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::AccessDenied);
    assert!(failure.remedy().contains("begins with mesh"), "{failure}");
}

#[tokio::test]
async fn whichever_answer_is_lost_the_next_try_ends_in_an_equal_world() {
    let disturbed = || {
        let world = new_world();
        let found = role(trust_of_a_service(), &[ADMINISTRATOR, READ_ONLY]);
        let name = "meshstack-project-reader".to_owned();
        world.state().roles.insert(name, found);
        world
    };
    let undisturbed = disturbed();
    call(&undisturbed, &request(&mappings())).await.unwrap();
    let writes = undisturbed.state().writes.len();
    assert!(writes >= 7, "{writes}");
    for at in 0..writes {
        for has_effect in [false, true] {
            let world = disturbed();
            world.state().lost = Some((at, has_effect));
            let failure = call(&world, &request(&mappings())).await.unwrap_err();
            assert_eq!(failure.name().kind(), Kind::Busy);
            assert_eq!(failure.account(), Some(&account().account_id));
            run(&world, &request(&mappings())).await.unwrap();
            assert_eq!(world.settled(), undisturbed.settled(), "{at} {has_effect}");
        }
    }
}

#[tokio::test]
async fn what_iam_does_not_know_yet_is_tried_again() {
    let undisturbed = settled_world(&mappings()).await;
    let late: [fn(&World); 3] = [
        |world| world.state().late_principal = 2,
        |world| world.state().late_attachments = 1,
        |world| world.state().late_attachments = 9,
    ];
    for make_late in late {
        let world = new_world();
        make_late(&world);
        let failure = call(&world, &request(&mappings())).await.unwrap_err();
        assert_eq!(failure.name(), ErrorName::ServiceUnavailable);
        world.state().late_attachments = 0;
        run(&world, &request(&mappings())).await.unwrap();
        assert_eq!(world.settled(), undisturbed.settled());
    }
}

#[tokio::test]
async fn a_role_or_provider_that_shows_late_is_looked_at_again() {
    let world = settled_world(&mappings()).await;
    let settled = world.settled();
    world.state().late_role = 1;
    let failure = call(&world, &request(&mappings())).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::ConcurrentModification);
    run(&world, &request(&mappings())).await.unwrap();
    assert_eq!(world.settled(), settled);
}
