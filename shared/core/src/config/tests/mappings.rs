//! Who gets into an account: groups of single sign-on and roles of the SAML provider, by project role.
//! A problem names the mapping and what is expected.

use serde_json::json;

use super::problems;
use super::rules::{only_problem, with};
use crate::config::LandingZone;
use crate::testing::full_landing_zone_json;

#[test]
fn a_landing_zone_may_let_nobody_in_any_more() {
    let nobody = with(
        full_landing_zone_json(),
        "/singleSignOn/roleMappings",
        &json!({}),
    );
    assert_eq!(problems::<LandingZone>(&nobody), [""; 0]);
}

#[test]
fn a_bad_mapping_names_the_field_and_what_is_expected() {
    for (path, value, expected) in [
        (
            "/singleSignOn/roleMappings",
            json!("<absent>"),
            "field singleSignOn.roleMappings: is missing",
        ),
        (
            "/singleSignOn/roleMappings/admin/permissionSets",
            json!([]),
            "field singleSignOn.roleMappings.admin.permissionSets: must name at least one permission set",
        ),
        (
            "/singleSignOn/roleMappings/admin/permissionSets",
            json!(["a name that is longer than 32 characters"]),
            "field singleSignOn.roleMappings.admin.permissionSets[0]: permission set must be",
        ),
        (
            "/singleSignOn/roleMappings/reader/awsRoleName",
            json!("Project-Admin"),
            "field singleSignOn.roleMappings.reader.awsRoleName: must not be the same as \
             singleSignOn.roleMappings.admin.awsRoleName: both would be one group",
        ),
        (
            "/singleSignOn/roleMappings/a@b",
            json!({"awsRoleName": "x", "permissionSets": ["x"]}),
            "field singleSignOn.roleMappings.a@b: project role must be",
        ),
        (
            "/identityProvider/roleMappingsExternal/reader/awsRoleName",
            json!("saml-admin"),
            "field identityProvider.roleMappingsExternal.reader.awsRoleName: must not be the same as \
             identityProvider.roleMappingsManaged.admin.awsRoleName: both would be one role in the account",
        ),
        (
            "/identityProvider/roleMappingsManaged/user",
            json!({"awsRoleName": "saml-admin", "policies": []}),
            "field identityProvider.roleMappingsManaged.user.awsRoleName: must not be the same as \
             identityProvider.roleMappingsManaged.admin.awsRoleName",
        ),
        (
            "/identityProvider",
            json!({}),
            "field identityProvider: must map at least one project role",
        ),
        (
            "/identityProvider/roleMappingsManaged/admin/policies",
            json!(["arn:aws:iam::aws:role/x"]),
            "field identityProvider.roleMappingsManaged.admin.policies[0]: policy must be",
        ),
    ] {
        only_problem::<LandingZone>(&with(full_landing_zone_json(), path, &value), expected);
    }
}

#[test]
fn single_sign_on_and_the_saml_provider_may_use_the_same_role_name() {
    let path = "/identityProvider/roleMappingsManaged/admin/awsRoleName";
    let document = with(full_landing_zone_json(), path, &json!("project-admin"));
    assert_eq!(problems::<LandingZone>(&document), [""; 0]);
}
