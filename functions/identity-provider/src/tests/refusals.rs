//! Configurations and documents that cannot be used: refused before anything is written, with the field's name.
//! The same failure comes at every replay.

use avm_core::domain::PermissionsBoundaryName;
use avm_core::error::ErrorName;
use serde_json::json;

use super::*;
use crate::setup::Setup;

async fn refusal(world: &InMemory, request: &Call) -> Failure {
    let failure = call(world, request).await.unwrap_err();
    assert_eq!(call(world, request).await, Err(failure.clone()));
    failure
}

#[tokio::test]
async fn roles_that_belong_to_others_are_never_touched() {
    for name in [
        "OrganizationAccountAccessRole",
        "AWSReservedSSO_Administrator_1",
        "the-access-role",
    ] {
        let world = new_world();
        let mut request = request(&json!({
            "roleMappingsManaged": {"admin": {"awsRoleName": name, "policies": [ADMINISTRATOR]}}
        }));
        request.order.platform.account_access_role = "The-Access-Role".parse().unwrap();
        let failure = refusal(&world, &request).await;
        assert_eq!(failure.name(), ErrorName::InvalidConfiguration);
        let field = "/avm/landing-zones/sandbox, field identityProvider.roleMappingsManaged.admin.awsRoleName: ";
        assert!(failure.cause().starts_with(field), "{failure}");
        assert!(world.journal().is_empty());
    }
}

#[tokio::test]
async fn a_policy_of_another_account_is_refused_before_anything_is_called() {
    let world = new_world();
    let other = "arn:aws:iam::222222222222:policy/Own";
    let request = request(&json!({
        "roleMappingsManaged": {"admin": {"awsRoleName": "admin", "policies": [other]}}
    }));
    let failure = refusal(&world, &request).await;
    assert_eq!(failure.name(), ErrorName::InvalidConfiguration);
    assert!(failure.cause().contains(other), "{failure}");
    assert!(world.journal().is_empty());
}

#[tokio::test]
async fn a_policy_that_does_not_exist_names_its_field_once_the_role_is_there() {
    for (policy, words) in [
        ("arn:aws:iam::aws:policy/Nothing", "does not exist"),
        (
            "Nothing",
            "is neither a policy of AWS nor one of the account",
        ),
    ] {
        let world = new_world();
        let request = request(&json!({
            "roleMappingsManaged": {"admin": {"awsRoleName": "admin", "policies": [policy]}}
        }));
        let first = call(&world, &request).await.unwrap_err();
        assert_eq!(first.name(), ErrorName::ServiceUnavailable);
        let failure = refusal(&world, &request).await;
        assert_eq!(failure.name(), ErrorName::InvalidConfiguration);
        let field = "field identityProvider.roleMappingsManaged.admin.policies: ";
        assert!(failure.cause().contains(field), "{failure}");
        assert!(failure.cause().contains(words), "{failure}");
    }
}

#[tokio::test]
async fn what_is_no_metadata_names_the_field_and_nothing_is_written() {
    let world = new_world();
    let page = format!("<html>{}</html>", "x".repeat(1_000));
    publish(&mut world.state_mut(), page);
    let failure = refusal(&world, &request(&mappings())).await;
    assert_eq!(failure.name(), ErrorName::InvalidConfiguration);
    let field =
        "/avm/platform, field identityProvider.metadataUrl: the document has no EntityDescriptor";
    assert!(failure.cause().starts_with(field), "{failure}");
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn an_identity_provider_that_does_not_answer_is_tried_again_later() {
    let world = settled_world(&mappings()).await;
    world.state_mut().saml.published.clear();
    let failure = refusal(&world, &request(&mappings())).await;
    assert_eq!(failure.name(), ErrorName::ServiceUnavailable);
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn what_an_order_must_hold_is_said_where_it_is_missing() {
    let world = new_world();
    let mut without_mappings = request(&mappings());
    without_mappings
        .order
        .landing_zone
        .settings
        .identity_provider = None;
    let failure = refusal(&world, &without_mappings).await;
    assert_eq!(failure.name(), ErrorName::InvalidState);
    let mut without_provider = request(&mappings());
    without_provider.order.platform.identity_provider = None;
    let failure = refusal(&world, &without_provider).await;
    assert_eq!(failure.name(), ErrorName::InvalidConfiguration);
    assert!(
        failure
            .cause()
            .starts_with("/avm/platform, field identityProvider")
    );
}

#[test]
fn in_another_partition_people_come_from_its_own_sign_in() {
    let mappings = json!({"roleMappingsExternal": {"user": {"awsRoleName": EXTERNAL_ROLE}}});
    let mut request = request(&mappings);
    request.order.platform.region = "eusc-de-east-1".parse().unwrap();
    let setup = Setup::new(&request, "aws-eusc", &PermissionsBoundaryName::default()).unwrap();
    let trust = setup.trust.to_string();
    assert!(
        trust.contains("https://eusc-de-east-1.signin.amazonaws-eusc.eu/saml"),
        "{trust}"
    );
}

#[tokio::test]
async fn metadata_of_a_host_that_the_template_does_not_name_are_not_fetched() {
    let world = new_world();
    let mut request = request(&mappings());
    let elsewhere = "https://idp.example.org/descriptor";
    request
        .order
        .platform
        .identity_provider
        .as_mut()
        .unwrap()
        .metadata_url = elsewhere.parse().unwrap();
    let failure = refusal(&world, &request).await;
    assert_eq!(failure.name(), ErrorName::AddressNotAllowed);
    assert!(failure.cause().contains("idp.example.org"), "{failure}");
    assert!(
        world
            .journal()
            .iter()
            .all(|entry| !entry.words.starts_with("fetch"))
    );
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn metadata_that_are_not_pinned_change_nothing() {
    let ours = keycloak(CERTIFICATE, "ID_1", "");
    for (metadata, words) in [
        (keycloak("MIIthird", "ID_1", ""), "the certificate"),
        (
            ours.replace("realms/meshfed", "realms/other"),
            "the entity id",
        ),
        (
            ours.replacen(
                "</ds:X509Certificate>",
                "</ds:X509Certificate><ds:X509Certificate>MIIthird</ds:X509Certificate>",
                1,
            ),
            "the certificate",
        ),
    ] {
        let world = settled_world(&mappings()).await;
        publish(&mut world.state_mut(), metadata.clone());
        let failure = refusal(&world, &request(&mappings())).await;
        assert_eq!(failure.name(), ErrorName::MetadataNotPinned);
        assert!(failure.cause().contains(words), "{failure}");
        assert!(world.writes().is_empty());
        assert_eq!(stored(&world), Some(ours.clone()));
    }
}
