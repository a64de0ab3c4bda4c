//! What the step makes and changes, and what it leaves alone.
//! A second run never writes.

use avm_core::error::ErrorName;
use insta::{assert_json_snapshot, assert_snapshot};
use serde_json::json;

use super::*;
use crate::Change;

#[tokio::test]
async fn a_new_account_gets_the_provider_and_its_roles() {
    let world = new_world();
    let done = call(&world, &request(&mappings())).await.unwrap();
    assert_json_snapshot!(done, @r#"
    {
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
    assert_eq!(stored(&world), Some(keycloak(CERTIFICATE, "ID_1", "")));
    let admin = role_in(&world, ADMIN_ROLE).unwrap();
    assert_eq!(admin.attached, [attached(ADMINISTRATOR)].into());
    let reader = role_in(&world, READER_ROLE).unwrap();
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
    let again = keycloak(CERTIFICATE, "ID_2", r#"cacheDuration="PT1H""#);
    publish(&mut world.state_mut(), again);
    let done = call(&world, &request(&mappings())).await.unwrap();
    assert!(world.writes().is_empty());
    assert_eq!(done.provider.change, Change::None);
    assert!(done.roles.iter().all(|role| role.change == Change::None));
    let calls = world.reads();
    let of_iam = calls.iter().filter(|words| words.starts_with("iam:"));
    assert_eq!(of_iam.count(), 5);
}

#[tokio::test]
async fn other_certificates_update_the_provider_and_nothing_else() {
    let world = settled_world(&mappings()).await;
    let metadata = keycloak("MIIother", "ID_1", "");
    publish(&mut world.state_mut(), metadata.clone());
    let done = call(&world, &request(&mappings())).await.unwrap();
    assert_eq!(done.provider.change, Change::Updated);
    assert_eq!(
        world.writes(),
        [format!("iam:UpdateSAMLProvider {PROVIDER}")]
    );
    assert_eq!(stored(&world), Some(metadata));
}

#[tokio::test]
async fn a_role_that_somebody_has_planted_is_refused_and_gets_no_policy() {
    let ours = our_role(&[READ_ONLY, OWN]);
    let inline = [("more".to_owned(), PolicyDocument::of_text("{}"))];
    for (found, words) in [
        (
            role(our_trust(), &[READ_ONLY]),
            "its description does not say",
        ),
        (
            Role {
                description: Some("Managed by the account vending machine".to_owned()),
                ..ours.clone()
            },
            "its description does not say",
        ),
        (
            Role {
                trust: trust_of_a_service(),
                ..ours.clone()
            },
            "it trusts others",
        ),
        (
            Role {
                trust: trust_of_a_service(),
                ..our_role(&[])
            },
            "it trusts others",
        ),
        (
            Role {
                boundary: Some(READ_ONLY.to_owned()),
                ..ours
            },
            "it has a permissions boundary of somebody else's",
        ),
        (
            Role {
                inline: inline.into(),
                ..our_role(&[])
            },
            "it carries policies of its own",
        ),
    ] {
        let world = settled_world(&mappings()).await;
        put_role(&mut world.state_mut(), READER_ROLE, found.clone());
        let failure = call(&world, &request(&mappings())).await.unwrap_err();
        assert_eq!(failure.name(), ErrorName::NameTaken, "{failure}");
        assert!(failure.cause().contains(words), "{failure}");
        assert_eq!(role_in(&world, READER_ROLE), Some(found));
        let writes = world.writes();
        let is_refused_deletion = |words: &String| words.starts_with("iam:DeleteRole");
        assert!(writes.iter().all(is_refused_deletion), "{writes:?}");
    }
}

#[tokio::test]
async fn managed_roles_are_made_with_the_companys_boundary_and_refused_with_another() {
    let mut world = new_world();
    world.boundary = "company/Boundary".parse().unwrap();
    let failure = call(&world, &request(&mappings())).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::AccountNotReady);
    let boundary = "arn:aws:iam::111111111111:policy/company/Boundary".to_owned();
    world.state_mut().iam.policies.insert(boundary.clone());
    call(&world, &request(&mappings())).await.unwrap();
    let made = [ADMIN_ROLE, READER_ROLE].map(|name| role_in(&world, name).unwrap());
    assert!(
        made.iter()
            .all(|role| role.boundary.as_ref() == Some(&boundary))
    );

    // One from before the company asked for a boundary is as it was made.
    let before = Role {
        boundary: None,
        ..made[1].clone()
    };
    put_role(&mut world.state_mut(), READER_ROLE, before);
    let done = call(&world, &request(&mappings())).await.unwrap();
    assert!(done.roles.iter().all(|role| role.change == Change::None));
    let planted = Role {
        boundary: Some(READ_ONLY.to_owned()),
        ..made[1].clone()
    };
    put_role(&mut world.state_mut(), READER_ROLE, planted);
    let failure = call(&world, &request(&mappings())).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::NameTaken);
}

#[tokio::test]
async fn a_role_without_power_is_made_anew_which_ends_its_sessions() {
    let world = settled_world(&mappings()).await;
    put_role(&mut world.state_mut(), ADMIN_ROLE, our_role(&[]));
    let done = call(&world, &request(&mappings())).await.unwrap();
    assert_eq!(done.roles[0].change, Change::Created);
    assert_eq!(
        world.writes(),
        [
            format!("iam:DeleteRole {ADMIN_ROLE}"),
            format!("iam:CreateRole {ADMIN_ROLE}"),
            format!("iam:AttachRolePolicy {ADMIN_ROLE} {ADMINISTRATOR}"),
        ]
    );
}

#[tokio::test]
async fn a_role_that_people_are_in_gets_what_it_lacks_before_it_loses_anything() {
    let world = settled_world(&mappings()).await;
    let found = our_role(&[ADMINISTRATOR, READ_ONLY, OWN]);
    put_role(&mut world.state_mut(), READER_ROLE, found.clone());
    world.state_mut().iam.policies.remove(BILLING);
    call(&world, &request(&mappings())).await.unwrap_err();
    assert_eq!(role_in(&world, READER_ROLE), Some(found));
    world.state_mut().iam.policies.insert(BILLING.to_owned());
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
    world.state_mut().iam.policies.insert(shadow.to_owned());
    call(&world, &request(&mappings())).await.unwrap();
    let reader = role_in(&world, READER_ROLE).unwrap().attached;
    assert!(reader.contains(&attached(READ_ONLY)) && !reader.contains(&attached(shadow)));
    let both = our_role(&[READ_ONLY, shadow, BILLING, OWN]);
    put_role(&mut world.state_mut(), READER_ROLE, both);
    let done = call(&world, &request(&mappings())).await.unwrap();
    assert_eq!(done.roles[1].changes, [format!("detach {shadow}")]);
}

#[tokio::test]
async fn the_role_of_a_mapping_that_was_removed_stays_as_it_is() {
    let world = settled_world(&mappings()).await;
    let before = world.state().essence();
    let fewer =
        json!({"roleMappingsManaged": {"admin": mappings()["roleMappingsManaged"]["admin"]}});
    let done = call(&world, &request(&fewer)).await.unwrap();
    assert_eq!(done.roles.len(), 1);
    assert_eq!(world.state().essence(), before);
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn an_external_role_that_trusts_the_provider_is_not_touched() {
    let world = settled_world(&mappings()).await;
    let external = role(our_trust(), &[ADMINISTRATOR]);
    put_role(&mut world.state_mut(), EXTERNAL_ROLE, external.clone());
    let done = call(&world, &request(&with_external())).await.unwrap();
    assert_json_snapshot!(done.roles.last().unwrap(), @r#"
    {
      "ProjectRole": "user",
      "Role": "project-developer",
      "Mapping": "external",
      "Change": "none"
    }
    "#);
    assert_eq!(role_in(&world, EXTERNAL_ROLE), Some(external));
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn external_roles_that_do_not_let_people_in_fail_after_the_rest_is_done() {
    for found in [None, Some(role(trust_of_a_service(), &[]))] {
        let world = new_world();
        if let Some(found) = &found {
            put_role(&mut world.state_mut(), EXTERNAL_ROLE, found.clone());
        }
        let failure = call(&world, &request(&with_external())).await.unwrap_err();
        assert_eq!(failure.name(), ErrorName::IdentityProviderFailed);
        if found.is_none() {
            assert_snapshot!(failure, @"SAML provider arn:aws:iam::111111111111:saml-provider/meshstack-saml-idp: role project-developer of user does not exist (account 111111111111). Remedy: let the StackSet or whatever makes the roles of roleMappingsExternal give each a statement that allows sts:AssumeRoleWithSAML to the federated principal arn:aws:iam::111111111111:saml-provider/meshstack-saml-idp, then send the request again.");
        } else {
            assert!(failure.cause().contains("does not trust it"), "{failure}");
        }
        assert!(stored(&world).is_some() && role_in(&world, ADMIN_ROLE).is_some());
        assert_eq!(role_in(&world, EXTERNAL_ROLE), found);
    }
}

#[tokio::test]
async fn a_landing_zone_without_mappings_has_the_provider_only() {
    let world = new_world();
    let done = call(&world, &request(&json!({}))).await.unwrap();
    assert!(done.roles.is_empty());
    assert_eq!(world.writes().len(), 1);
}
