//! Inline policies of the roles that people take through the SAML provider: nobody's of ours, and so a difference.
//! Without a role to look by, the step that makes them looks itself.

use super::*;

const ADMIN: &str = "project-admin";

fn with_roles() -> Order {
    let mut order = order();
    order.landing_zone.settings.identity_provider = serde_json::from_value(json!({
        "roleMappingsManaged": {"admin": {"awsRoleName": ADMIN, "policies": ["AdministratorAccess"]}}
    }))
    .unwrap();
    order
}

fn world(role: Option<Role>) -> InMemory {
    InMemory::with(|state| {
        vended(state);
        let roles = state.iam.of(&id());
        roles.extend(role.map(|role| (ADMIN.to_owned(), role)));
    })
}

#[tokio::test]
async fn a_role_with_its_policies_only_is_verified() {
    let world = world(Some(Role::trusting(trusting("333333333333"))));
    let done = run_of(&world, with_roles()).await.unwrap();
    let verified = done["Verified"].as_array().unwrap();
    let words = "the roles of the SAML provider carry the policies of their mappings only";
    assert!(verified.contains(&json!(words)), "{done}");
}

#[tokio::test]
async fn an_inline_policy_and_a_role_that_is_gone_keep_the_account_from_being_done() {
    let mut planted = Role::trusting(trusting("333333333333"));
    let all = PolicyDocument::new(json!({"Statement": []}));
    planted.inline.insert("planted".to_owned(), all);
    let told = difference(&world(Some(planted)), with_roles()).await;
    let words = "role project-admin carries inline policies: planted";
    assert!(told.contains(words), "{told}");
    let told = difference(&world(None), with_roles()).await;
    assert!(told.contains("there is no role project-admin"), "{told}");
}

#[tokio::test]
async fn without_a_downgrade_and_the_shipped_stack_set_nothing_is_looked_at() {
    let mut order = with_roles();
    order.landing_zone.settings.downgrade = DowngradeSetting::None;
    order.landing_zone.settings.stack_sets.clear();
    run_of(&world(None), order).await.unwrap();
}
