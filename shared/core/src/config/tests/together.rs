//! What a landing zone asks of its platform: each row takes one thing away from a platform with everything.
//! The problem is always the landing zone's, and says what the platform document lacks.

use serde_json::{Value, json};

use crate::config::{LandingZone, Platform};
use crate::error::ErrorName;
use crate::testing::{full_documents, full_landing_zone_json, full_platform_json};

fn problems(platform: Value, zone: Value) -> Vec<String> {
    let platform: Platform = serde_json::from_value(platform).unwrap();
    let zone: LandingZone = serde_json::from_value(zone).unwrap();
    let problems = zone.problems_on(&platform);
    problems.iter().map(ToString::to_string).collect()
}

fn without(mut document: Value, parent: &str, field: &str) -> Value {
    let parent = document.pointer_mut(parent).unwrap();
    parent.as_object_mut().unwrap().remove(field).unwrap();
    document
}

fn with(mut document: Value, path: &str, value: Value) -> Value {
    *document.pointer_mut(path).unwrap() = value;
    document
}

#[test]
fn documents_with_everything_fit_together() {
    assert_eq!(
        problems(full_platform_json(), full_landing_zone_json()),
        [""; 0]
    );
    let minimal = json!({"organizationalUnit": "", "downgrade": "strict"});
    let mut platform = full_platform_json();
    for section in [
        "accountAliasPattern",
        "controlTower",
        "singleSignOn",
        "identityProvider",
    ] {
        platform = without(platform, "", section);
    }
    assert_eq!(problems(platform, minimal), [""; 0]);
}

#[test]
fn what_the_platform_lacks_is_told_with_the_landing_zones_field() {
    let zone = full_landing_zone_json;
    let auto = || with(zone(), "/enrollment", json!("auto"));
    for (parent, field, zone, expected) in [
        (
            "",
            "accountAliasPattern",
            zone(),
            "field accountAlias: needs accountAliasPattern in the platform document, which does not have it",
        ),
        (
            "",
            "controlTower",
            zone(),
            "field enrollment: needs controlTower with accountFactoryProductId and singleSignOnUser in the platform",
        ),
        (
            "/controlTower",
            "accountFactoryProductId",
            zone(),
            "field enrollment: needs controlTower with accountFactoryProductId and singleSignOnUser in the platform",
        ),
        (
            "/controlTower",
            "singleSignOnUser",
            zone(),
            "field enrollment: needs controlTower with accountFactoryProductId and singleSignOnUser in the platform",
        ),
        (
            "",
            "controlTower",
            auto(),
            "field enrollment: needs controlTower in the platform document",
        ),
        (
            "",
            "singleSignOn",
            zone(),
            "field singleSignOn: needs singleSignOn in the platform document",
        ),
        (
            "",
            "identityProvider",
            zone(),
            "field identityProvider: needs identityProvider in the platform document",
        ),
    ] {
        let found = problems(without(full_platform_json(), parent, field), zone);
        assert_eq!(found.len(), 1, "{field}: {found:?}");
        assert!(found[0].starts_with(expected), "{field}: {found:?}");
    }
}

#[test]
fn enrollment_by_moving_needs_neither_product_nor_person() {
    let platform = without(
        full_platform_json(),
        "/controlTower",
        "accountFactoryProductId",
    );
    let platform = without(platform, "/controlTower", "singleSignOnUser");
    let zone = with(full_landing_zone_json(), "/enrollment", json!("auto"));
    assert_eq!(problems(platform, zone), [""; 0]);
}

#[test]
fn strict_goes_with_providers_within_its_reach_only() {
    let named = |name: &str| with(full_platform_json(), "/identityProvider/name", json!(name));
    let found = problems(named("company-idp"), full_landing_zone_json());
    assert_eq!(
        found,
        [
            "field downgrade: must not be strict where the platform's identityProvider.name does not begin with mesh: \
             the SAML provider company-idp could not be looked after any more, because under strict only the providers \
             mesh* are"
        ]
    );
    for policy in ["none", "standard", "self-upgradable"] {
        let zone = with(full_landing_zone_json(), "/downgrade", json!(policy));
        assert_eq!(problems(named("company-idp"), zone), [""; 0], "{policy}");
    }
    let zone = without(full_landing_zone_json(), "", "identityProvider");
    assert_eq!(problems(named("company-idp"), zone), [""; 0]);
}

/// StackSets and Account Management act in one partition; GovCloud and China have no region to opt into.
#[test]
fn regions_are_those_that_a_vend_on_this_platform_can_use() {
    for (platform, field, region, expected) in [
        (
            "eu-central-1",
            "stackSets",
            "cn-north-1",
            "stackSets[0].region: must be in the partition aws",
        ),
        (
            "eu-central-1",
            "optInRegions",
            "us-gov-west-1",
            "optInRegions: us-gov-west-1 must be in the partition aws",
        ),
        (
            "us-gov-west-1",
            "optInRegions",
            "us-gov-east-1",
            "optInRegions: must not name us-gov-east-1",
        ),
        ("eu-central-1", "stackSets", "eu-central-2", ""),
        ("eu-central-1", "optInRegions", "eu-central-2", ""),
    ] {
        let mut document = json!({"organizationalUnit": "", "downgrade": "standard"});
        document[field] = match field {
            "stackSets" => json!([{"name": "of-ours", "region": region}]),
            _ => json!([region]),
        };
        let platform = with(full_platform_json(), "/region", json!(platform));
        let words = problems(platform, document);
        match expected {
            "" => assert_eq!(words, [""; 0], "{region}"),
            _ => assert!(
                words.len() == 1 && words[0].contains(expected),
                "{expected}: {words:?}"
            ),
        }
    }
}

#[test]
fn the_topic_of_a_budget_is_in_the_partition_of_the_platform() {
    let topic = json!("arn:aws-cn:sns:cn-north-1:333333333333:avm-budgets");
    let zone = with(full_landing_zone_json(), "/budget/topicArn", topic);
    let found = problems(full_platform_json(), zone);
    let expected =
        "field budget.topicArn: must be in the partition aws, as the platform's region is";
    assert_eq!(found, [expected]);
}

#[test]
fn arns_belong_to_the_instance_and_the_partition_of_the_platform() {
    let platform = with(
        full_platform_json(),
        "/singleSignOn/instanceArn",
        json!("arn:aws:sso:::instance/ssoins-9999888877776666"),
    );
    let found = problems(platform, full_landing_zone_json());
    assert_eq!(
        found,
        ["field singleSignOn.roleMappings.admin.permissionSets: \
             arn:aws:sso:::permissionSet/ssoins-1111222233334444/ps-aaaa111122223333 must belong to the platform's \
             singleSignOn.instanceArn: arn:aws:sso:::permissionSet/ssoins-9999888877776666/ps-…"]
    );
    let zone = with(
        full_landing_zone_json(),
        "/identityProvider/roleMappingsManaged/admin/policies",
        json!([
            "ReadOnlyAccess",
            "arn:aws-cn:iam::aws:policy/ReadOnlyAccess"
        ]),
    );
    let found = problems(full_platform_json(), zone);
    assert_eq!(
        found,
        [
            "field identityProvider.roleMappingsManaged.admin.policies: arn:aws-cn:iam::aws:policy/ReadOnlyAccess must \
             be in the partition aws, as the platform's region is"
        ]
    );
}

#[test]
fn a_managed_role_that_no_account_of_the_platform_can_have_is_told() {
    let mappings = json!({
        "admin": {"awsRoleName": "the-Access-role", "policies": ["arn:aws:iam::aws:policy/ReadOnlyAccess"]},
        "reader": {"awsRoleName": "reader", "policies": ["Own", "arn:aws:iam::999999999999:policy/x"]},
    });
    let zone = with(
        full_landing_zone_json(),
        "/identityProvider/roleMappingsManaged",
        mappings,
    );
    let platform = with(
        full_platform_json(),
        "/accountAccessRole",
        json!("The-Access-Role"),
    );
    assert_eq!(
        problems(platform, zone),
        [
            "field identityProvider.roleMappingsManaged.admin.awsRoleName: must not be the platform's accountAccessRole, \
             which the machine itself enters accounts by",
            "field identityProvider.roleMappingsManaged.reader.policies: arn:aws:iam::999999999999:policy/x belongs to one \
             account, and a landing zone is for many: name a policy of AWS, or one that each account has by its name alone",
        ]
    );
}

#[test]
fn a_landing_zone_that_does_not_fit_is_a_failure_with_its_source() {
    let (mut platform, zone) = full_documents();
    assert_eq!(
        zone.validate_on(&platform, "/avm/landing-zones/everything"),
        Ok(())
    );
    platform.account_alias_pattern = None;
    platform.single_sign_on = None;
    let failure = zone
        .validate_on(&platform, "/avm/landing-zones/everything")
        .unwrap_err();
    assert_eq!(failure.name(), ErrorName::InvalidConfiguration);
    assert_eq!(
        failure.cause(),
        "/avm/landing-zones/everything, field accountAlias: needs accountAliasPattern in the platform document, which \
         does not have it; field singleSignOn: needs singleSignOn in the platform document, which does not have it"
    );
}

#[test]
fn a_default_landing_zone_has_to_exist() {
    let (platform, _) = full_documents();
    assert_eq!(
        platform.default_problem(|name| name.as_str() == "everything"),
        None
    );
    let problem = platform.default_problem(|_| false).unwrap();
    assert_eq!(
        problem.to_string(),
        "field defaultLandingZone: must name a landing zone: there is no landing-zones/everything.json"
    );
}

#[test]
fn a_root_user_is_looked_at_only_where_a_role_to_look_by_is_made() {
    let without_stack_sets = |downgrade: &str| {
        let zone = with(full_landing_zone_json(), "/downgrade", json!(downgrade));
        with(zone, "/stackSets", json!([]))
    };
    let found = problems(full_platform_json(), without_stack_sets("none"));
    assert_eq!(
        found,
        [
            "field stackSets: must name avm-landing-zone, by whose role the account's root user is looked at: the platform \
             document has centralRootAccess"
        ]
    );
    // A platform team may make the role by a StackSet of its own.
    for platform_and_zone in [
        (full_platform_json(), without_stack_sets("strict")),
        (
            full_platform_json(),
            with(full_landing_zone_json(), "/downgrade", json!("none")),
        ),
        (
            without(full_platform_json(), "", "centralRootAccess"),
            without_stack_sets("none"),
        ),
    ] {
        let (platform, zone) = platform_and_zone;
        assert_eq!(problems(platform, zone), [""; 0]);
    }
}
