//! What the step makes and changes, and what it leaves alone.
//! A second run never writes.

use insta::{assert_json_snapshot, assert_snapshot};
use serde_json::json;

use super::*;
use crate::{Change, Response};

#[tokio::test]
async fn a_new_account_gets_the_provider_and_its_roles() {
    let world = new_world();
    let done = call(&world, &request(&mappings())).await.unwrap();
    assert_json_snapshot!(Response::Done(done), @r#"
    {
      "Status": "DONE",
      "Provider": {
        "Arn": "arn:aws:iam::111111111111:saml-provider/meshstack-saml-idp",
        "Change": "created"
      },
      "Roles": [
        {
          "ProjectRole": "admin",
          "Role": "meshstack-project-admin",
          "Mapping": "managed",
          "Change": "created",
          "Changes": [
            "create it",
            "attach arn:aws:iam::aws:policy/AdministratorAccess"
          ]
        },
        {
          "ProjectRole": "reader",
          "Role": "meshstack-project-reader",
          "Mapping": "managed",
          "Change": "created",
          "Changes": [
            "create it",
            "attach Billing",
            "attach ProjectBoundary",
            "attach ReadOnlyAccess"
          ]
        }
      ]
    }
    "#);
    let (provider, roles) = world.settled();
    assert_eq!(provider, Some(world.state().metadata.clone()));
    assert_eq!(
        roles["meshstack-project-admin"].attached,
        [attached(ADMINISTRATOR)].into()
    );
    let reader = &roles["meshstack-project-reader"];
    assert_eq!(
        reader.attached,
        [READ_ONLY, BILLING, OWN].map(attached).into()
    );
    assert_eq!(reader.trust, our_trust());
    let description = reader.description.as_deref().unwrap();
    assert!(description.contains("Managed by the account vending machine"));
}

#[tokio::test]
async fn the_second_run_writes_nothing() {
    let world = settled_world(&mappings()).await;
    world.state().metadata = keycloak(CERTIFICATE, "ID_2", r#"cacheDuration="PT1H""#);
    let done = call(&world, &request(&mappings())).await.unwrap();
    assert!(world.state().writes.is_empty());
    assert_eq!(done.provider.change, Change::None);
    assert!(done.roles.iter().all(|role| role.change == Change::None));
    assert_eq!(world.state().calls.len(), 5);
}

#[tokio::test]
async fn other_certificates_update_the_provider_and_nothing_else() {
    let world = settled_world(&mappings()).await;
    let metadata = keycloak("MIIother", "ID_1", "");
    world.state().metadata.clone_from(&metadata);
    let done = call(&world, &request(&mappings())).await.unwrap();
    assert_eq!(done.provider.change, Change::Updated);
    assert_eq!(
        world.state().writes,
        [format!("iam:UpdateSAMLProvider {PROVIDER}")]
    );
    assert_eq!(world.state().provider, Some(metadata));
}

#[tokio::test]
async fn a_role_of_another_trust_loses_what_is_too_much_before_it_lets_people_in() {
    let world = settled_world(&mappings()).await;
    let name = "meshstack-project-reader";
    let found = role(trust_of_a_service(), &[ADMINISTRATOR, READ_ONLY, OWN]);
    world.state().roles.insert(name.to_owned(), found);
    let done = call(&world, &request(&mappings())).await.unwrap();
    let reader = &done.roles[1];
    assert_eq!(reader.change, Change::Updated);
    assert_eq!(
        reader.changes,
        [
            format!("detach {ADMINISTRATOR}"),
            "replace its trust".to_owned(),
            "attach Billing".to_owned(),
        ]
    );
    let arn = format!("arn:aws:iam::111111111111:role/{name}");
    assert_eq!(
        world.state().writes,
        [
            format!("iam:DetachRolePolicy {arn}"),
            format!("iam:UpdateAssumeRolePolicy {arn}"),
            format!("iam:AttachRolePolicy {arn}"),
            format!("iam:AttachRolePolicy {arn}"),
        ]
    );
    let (_, roles) = world.settled();
    assert_eq!(roles[name].trust, our_trust());
    assert_eq!(
        roles[name].attached,
        [READ_ONLY, BILLING, OWN].map(attached).into()
    );
}

#[tokio::test]
async fn a_role_that_people_are_in_gets_what_it_lacks_before_it_loses_anything() {
    let world = settled_world(&mappings()).await;
    let name = "meshstack-project-reader";
    let found = role(our_trust(), &[ADMINISTRATOR, READ_ONLY, OWN]);
    world.state().roles.insert(name.to_owned(), found.clone());
    world.state().policies.remove(BILLING);
    call(&world, &request(&mappings())).await.unwrap_err();
    assert_eq!(world.settled().1[name], found);
    world.state().policies.insert(BILLING.to_owned());
    let done = call(&world, &request(&mappings())).await.unwrap();
    assert_eq!(
        done.roles[1].changes,
        [
            "attach Billing".to_owned(),
            format!("detach {ADMINISTRATOR}")
        ]
    );
}

#[tokio::test]
async fn a_policy_of_the_account_is_never_taken_for_the_one_of_aws_that_has_its_name() {
    let shadow = "arn:aws:iam::111111111111:policy/ReadOnlyAccess";
    let world = new_world();
    world.state().policies.insert(shadow.to_owned());
    call(&world, &request(&mappings())).await.unwrap();
    let (_, roles) = world.settled();
    let reader = &roles["meshstack-project-reader"].attached;
    assert!(reader.contains(&attached(READ_ONLY)) && !reader.contains(&attached(shadow)));
    let both = role(our_trust(), &[READ_ONLY, shadow, BILLING, OWN]);
    let name = "meshstack-project-reader".to_owned();
    world.state().roles.insert(name, both);
    let done = call(&world, &request(&mappings())).await.unwrap();
    assert_eq!(done.roles[1].changes, [format!("detach {shadow}")]);
}

#[tokio::test]
async fn the_role_of_a_mapping_that_was_removed_stays_as_it_is() {
    let world = settled_world(&mappings()).await;
    let before = world.settled();
    let fewer =
        json!({"roleMappingsManaged": {"admin": mappings()["roleMappingsManaged"]["admin"]}});
    let done = call(&world, &request(&fewer)).await.unwrap();
    assert_eq!(done.roles.len(), 1);
    assert_eq!(world.settled(), before);
    assert!(world.state().writes.is_empty());
}

#[tokio::test]
async fn an_external_role_that_trusts_the_provider_is_not_touched() {
    let world = settled_world(&mappings()).await;
    let external = role(our_trust(), &[ADMINISTRATOR]);
    let name = "project-developer".to_owned();
    world.state().roles.insert(name.clone(), external.clone());
    let done = call(&world, &request(&with_external())).await.unwrap();
    assert_json_snapshot!(done.roles.last().unwrap(), @r#"
    {
      "ProjectRole": "user",
      "Role": "project-developer",
      "Mapping": "external",
      "Change": "none"
    }
    "#);
    assert_eq!(world.settled().1[&name], external);
    assert!(world.state().writes.is_empty());
}

#[tokio::test]
async fn external_roles_that_do_not_let_people_in_fail_after_the_rest_is_done() {
    for found in [None, Some(role(trust_of_a_service(), &[]))] {
        let world = new_world();
        if let Some(found) = &found {
            let name = "project-developer".to_owned();
            world.state().roles.insert(name, found.clone());
        }
        let failure = call(&world, &request(&with_external())).await.unwrap_err();
        assert_eq!(
            failure.name(),
            avm_core::error::ErrorName::IdentityProviderFailed
        );
        if found.is_none() {
            assert_snapshot!(failure, @"SAML provider arn:aws:iam::111111111111:saml-provider/meshstack-saml-idp: role project-developer of user does not exist (account 111111111111). Remedy: let the StackSet or whatever makes the roles of roleMappingsExternal give each a statement that allows sts:AssumeRoleWithSAML to the federated principal arn:aws:iam::111111111111:saml-provider/meshstack-saml-idp, then send the request again.");
        } else {
            assert!(failure.cause().contains("does not trust it"), "{failure}");
        }
        let (provider, roles) = world.settled();
        assert!(provider.is_some() && roles.contains_key("meshstack-project-admin"));
        assert_eq!(roles.get("project-developer"), found.as_ref());
    }
}

#[tokio::test]
async fn a_landing_zone_without_mappings_has_the_provider_only() {
    let world = new_world();
    let done = call(&world, &request(&json!({}))).await.unwrap();
    assert!(done.roles.is_empty());
    assert_eq!(world.state().writes.len(), 1);
}
