//! Root users, where the platform asks for central root access: neither an organization without it nor credentials are waited for.
//! What cannot be looked at (yet) is waited for.

use avm_core::config::CentralRootAccess;
use avm_core::ports::root_access::RootCredential;

use super::*;

fn required() -> Order {
    let mut order = order();
    order.platform.central_root_access = CentralRootAccess::Required;
    order
}

fn left_to_accounts(state: &mut State) {
    vended(state);
    state.root_access.is_left_to_accounts = true;
}

fn with_credentials(state: &mut State) {
    vended(state);
    let credentials = [RootCredential::Password, RootCredential::MfaDevice];
    state
        .root_access
        .credentials
        .insert(id(), credentials.into());
}

/// The refusal, after one look and no write.
async fn refusal(vended: impl FnOnce(&mut State)) -> Failure {
    let world = InMemory::with(vended);
    let failure = run_of(&world, required()).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::RootAccessNotCentral, "{failure}");
    assert_eq!(failure.account(), Some(&id()));
    assert!(world.writes().is_empty());
    failure
}

#[tokio::test]
async fn an_account_whose_root_user_has_nothing_is_done() {
    let world = InMemory::with(vended);
    let done = run_of(&world, required()).await.unwrap();
    let verified = done["Verified"].as_array().unwrap();
    let words = json!("the root user has no credentials");
    assert!(verified.contains(&words), "{done}");
}

#[tokio::test]
async fn an_organization_that_leaves_them_to_its_accounts_is_refused_with_what_to_turn_on() {
    assert_snapshot!(refusal(left_to_accounts).await, @"centralRootAccess is required on this platform, and the organization does not manage the root credentials of its accounts (account 111111111111). Remedy: with credentials of the management account run aws organizations enable-aws-service-access --service-principal iam.amazonaws.com and aws iam enable-organizations-root-credentials-management, delete the root credentials of accounts that were made before, and send the request again.");
}

#[tokio::test]
async fn each_credential_is_named_and_refused() {
    assert_snapshot!(refusal(with_credentials).await, @"the root user has a password, an MFA device (account 111111111111). Remedy: find out whose they are, delete them in the management account (IAM, Root access management, or sts:AssumeRoot with the task policy IAMDeleteRootUserCredentials), and send the request again.");
}

#[tokio::test]
async fn nobody_who_does_not_ask_is_told() {
    for disturb in [left_to_accounts, with_credentials] {
        let world = InMemory::with(disturb);
        run(&world).await.unwrap();
        let journal = format!("{:?}", world.journal());
        assert!(!journal.contains("iam:GetAccountSummary"), "{journal}");
        assert!(
            !journal.contains("iam:ListOrganizationsFeatures"),
            "{journal}"
        );
    }
}

#[tokio::test]
async fn the_plan_tells_the_refusal_beside_everything_else() {
    let world = InMemory::with(with_credentials);
    let plan = plan_of::<Completion>(&world, &request(required())).await;
    let plan = plan.unwrap();
    assert_eq!(plan["IsEmpty"], false);
    let words = plan["Words"].as_str().unwrap();
    let expected = "fail with RootAccessNotCentral: the root user has a password, an MFA device; write the tags";
    assert!(words.starts_with(expected), "{words}");
    let refusal = plan["Steps"]["Refusal"].as_str().unwrap();
    assert!(
        refusal.contains("IAMDeleteRootUserCredentials"),
        "{refusal}"
    );
}

#[tokio::test]
async fn a_root_user_that_cannot_be_looked_at_yet_is_a_difference_and_an_organization_is_not() {
    for (call, is_difference) in [
        ("iam:GetAccountSummary", true),
        ("iam:ListOrganizationsFeatures", false),
    ] {
        let world = InMemory::with(vended);
        world.refuse(call, Failure::new(ErrorName::AccessDenied, "refused"));
        if is_difference {
            let difference = difference(&world, required()).await;
            assert!(difference.contains("the root user cannot be looked at: refused"));
            continue;
        }
        let failure = run_of(&world, required()).await.unwrap_err();
        assert_eq!(failure.name(), ErrorName::AccessDenied);
    }
    let world = InMemory::with(vended);
    let throttled = Failure::new(ErrorName::Throttled, "refused");
    world.refuse("iam:GetAccountSummary", throttled);
    let failure = run_of(&world, required()).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::Throttled);
}
