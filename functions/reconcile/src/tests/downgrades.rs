//! Accounts whose first vend never ended, and the second look at one whose access role was to be taken down.
//! A role is taken down once in a night; what it carried is told whether it is down or not.

use super::*;

fn never_vended(state: &mut State) {
    let account = state.organizations.account(&id());
    account.tags.clear();
    account.tag(&[("avm:workspace", "space"), ("avm:project", "shop")]);
    account.joined = "2026-11-05T07:00:00Z".parse().ok();
}

/// The access role of an account whose first vend has failed before the StackSet was rolled out: an administrator.
#[tokio::test]
async fn an_account_that_cannot_be_looked_into_is_told_and_counts_as_powerful_if_it_was_never_vended()
 {
    let world = world_of(|_| {});
    world.close(Door::Verification);
    let told = look(&world).await;
    let words =
        "111111111111 u 42 cannot be looked into: could not assume the role behind Verification";
    assert_eq!(told, json!({"Found": words, "Downgrade": false}));
    never_vended(&mut world.state_mut());
    let told = look(&world).await;
    let found = told["Found"].as_str().unwrap();
    assert!(found.starts_with("111111111111 pu 3 "), "{found}");
    assert_eq!(told["Downgrade"], false);
}

#[tokio::test]
async fn an_account_whose_first_vend_has_failed_is_taken_down_to_the_deployed_policy() {
    let failed = |state: &mut State| {
        let account = state.organizations.account(&id());
        account.tags.clear();
        account.tag(&[
            ("avm:workspace", "space"),
            ("avm:project", "shop"),
            ("avm:failed-step", "SingleSignOn"),
        ]);
    };
    assert_eq!(told(failed).await, (String::new(), false));
    let (found, downgrade) = told(|state| {
        failed(state);
        administrator(state);
    })
    .await;
    assert!(found.starts_with("111111111111 p 0 role"), "{found}");
    assert!(downgrade);
}

async fn again(world: &InMemory, before: &str, refusal: Option<&str>) -> String {
    let event = json!({"Task": "Look", "Account": id(), "Room": 1000, "Before": before, "Refusal": refusal});
    let answer = ask(world, event).await;
    assert_eq!(
        answer["Downgrade"], false,
        "a role is taken down once in a night"
    );
    answer["Found"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn after_a_downgrade_it_is_told_what_the_role_carried_and_whether_it_is_down() {
    let world = world_of(administrator);
    let before = look(&world).await["Found"].as_str().unwrap().to_owned();
    let carried = "role MeshstackAccountAccessRole: managed policy AdministratorAccess is attached";
    assert_eq!(
        again(&world, &before, Some("AccessDenied")).await,
        format!("111111111111 p 42 could not be taken down (AccessDenied): {carried}")
    );
    let access_role = |change: fn(&mut Role)| {
        change(world.state_mut().iam.of(&id()).get_mut(ROLE).unwrap());
    };
    access_role(|role| role.attached.clear());
    assert_eq!(
        again(&world, &before, None).await,
        format!("111111111111 d 42 taken down: {carried}")
    );
    access_role(|role| role.trust = trusting("666666666666"));
    assert_eq!(
        again(&world, &before, None).await,
        format!(
            "111111111111 dr 42 taken down: {carried}; role {ROLE} trusts others than the management account"
        )
    );
}

/// Whether the role is down then, the vend says in its end.
#[tokio::test]
async fn an_account_that_a_vend_has_come_to_work_on_is_not_told_of_after_its_downgrade() {
    let world = world_of(administrator);
    let before = look(&world).await["Found"].as_str().unwrap().to_owned();
    world.execute(
        "111111111111-2026-11-2",
        ExecutionStatus::Running,
        &json!({}),
    );
    assert_eq!(again(&world, &before, Some("DowngradeFailed")).await, "");
}
