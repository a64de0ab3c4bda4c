//! Root users: told where the platform asks that they have no credentials, and looked at nowhere else.
//! Whatever they are, it keeps no role from being taken down.

use avm_core::ports::root_access::RootCredential;

use super::*;

fn with_an_access_key(state: &mut State) {
    let credentials = [RootCredential::AccessKey];
    state
        .root_access
        .credentials
        .insert(id(), credentials.into());
}

fn required(change: impl FnOnce(&mut State)) -> InMemory {
    let world = world_of(change);
    let mut platform = avm_core::testing::full_platform_json();
    platform["centralRootAccess"] = json!("required");
    world.put("/avm/platform", &platform);
    world
}

#[tokio::test]
async fn credentials_are_told_where_the_platform_asks_that_there_are_none() {
    let told =
        json!({"Found": "111111111111 c 42 the root user has an access key", "Downgrade": false});
    assert_eq!(look(&required(with_an_access_key)).await, told);
    let nothing = json!({"Found": "", "Downgrade": false});
    assert_eq!(look(&required(|_| {})).await, nothing);
    let unasked = world_of(with_an_access_key);
    assert_eq!(look(&unasked).await, nothing);
    let journal = format!("{:?}", unasked.journal());
    assert!(!journal.contains("iam:GetAccountSummary"), "{journal}");
}

#[tokio::test]
async fn a_platform_document_that_cannot_be_read_keeps_nobody_from_looking() {
    let world = world_of(with_an_access_key);
    world.put("/avm/platform", &json!({"centralRootAccess": "unchecked"}));
    let found = look(&world).await["Found"].as_str().unwrap().to_owned();
    assert!(found.starts_with("111111111111 c "), "{found}");
}

#[tokio::test]
async fn a_root_user_that_cannot_be_looked_at_is_told_and_keeps_no_role_powerful() {
    for name in [ErrorName::AccessDenied, ErrorName::Internal] {
        let world = required(administrator);
        world.refuse("iam:GetAccountSummary", Failure::new(name, "refused"));
        let answer = look(&world).await;
        let found = answer["Found"].as_str().unwrap();
        assert!(found.starts_with("111111111111 pu "), "{found}");
        assert!(
            found.ends_with("the root user cannot be looked at: refused"),
            "{found}"
        );
        assert_eq!(answer["Downgrade"], true);
    }
    let world = required(administrator);
    let throttled = Failure::new(ErrorName::Throttled, "slow down");
    world.refuse("iam:GetAccountSummary", throttled);
    let event = json!({"Task": "Look", "Account": id(), "Room": 1000});
    let failure = answer(event, &settings(), &world, |_| {})
        .await
        .unwrap_err();
    assert_eq!(failure.name(), ErrorName::Throttled);
}

#[tokio::test]
async fn what_could_not_be_read_at_all_is_told_once() {
    let world = required(with_an_access_key);
    world.close(Door::Verification);
    let found = look(&world).await["Found"].as_str().unwrap().to_owned();
    assert!(found.starts_with("111111111111 u "), "{found}");
    assert!(!found.contains("root user"), "{found}");
}
