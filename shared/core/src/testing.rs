//! Samples for unit tests: an order, one with everything on, its account, its execution.
//! Only compiled with the feature `testing`.
#![allow(clippy::missing_panics_doc, clippy::unwrap_used)]

use serde_json::{Value, json};

use crate::config::{LandingZone, Platform};
use crate::contract::call::{Looks, Mode, Progress, Request};
use crate::contract::order::Order;
use crate::domain::{Account, ExecutionArn, Fingerprint};
use crate::rules::saml_pins::SamlPins;
use crate::rules::standing_accounts::StandingAccounts;
use crate::rules::ways_out::WaysOut;

/// The input of an execution, as it stands in Step Functions.
#[must_use]
pub fn order_json() -> Value {
    json!({
        "Request": {
            "AccountId": "111111111111",
            "AccountName": "space-shop",
            "AccountEmail": "aws+space.shop@example.com",
            "ProductName": "space",
            "Stage": "shop",
            "ContactEmail": "someone@example.com",
            "Tags": {"tagEnvironment": "dev"}
        },
        "LandingZone": {
            "Name": "sandbox",
            "Settings": {
                "organizationalUnit": "",
                "createOrganizationalUnits": false,
                "hierarchicalAssignment": false,
                "enrollment": "none",
                "accessStack": {"template": "shipped"},
                "stackSets": [{"name": "avm-landing-zone", "region": "eu-central-1"}],
                "accountAlias": false,
                "deleteDefaultVpcs": false,
                "downgrade": "standard"
            }
        },
        "Platform": {
            "region": "eu-central-1",
            "accountAccessRole": "MeshstackAccountAccessRole",
            "enforceAccountAlias": false
        }
    })
}

/// A platform document with every section.
#[must_use]
pub fn full_platform_json() -> Value {
    json!({
        "platform": "aws",
        "region": "eu-central-1",
        "accountAccessRole": "MeshstackAccountAccessRole",
        "accountNamePattern": "%s-%s",
        "accountEmailPattern": "aws+%s.%s@example.com",
        "accountAliasPattern": "acme-%s-%s",
        "enforceAccountAlias": true,
        "centralRootAccess": "required",
        "controlTower": {
            "region": "eu-west-1",
            "accountFactoryProductId": "prod-abcd1234efgh5",
            "singleSignOnUser": {
                "email": "platform-team@example.com",
                "firstName": "Platform",
                "lastName": "Team"
            },
            "executionRole": "remove"
        },
        "singleSignOn": {
            "instanceArn": "arn:aws:sso:::instance/ssoins-1111222233334444",
            "identityStoreId": "d-1234567890",
            "region": "eu-west-1",
            "groupNamePattern": "%s.%s.%4$s",
            "scim": {
                "endpoint": "https://scim.eu-west-1.amazonaws.com/tenant/scim/v2/",
                "tokenSecretArn": "arn:aws:secretsmanager:eu-central-1:222222222222:secret:avm/scim-token-AbCdEf"
            }
        },
        "identityProvider": {
            "name": "meshstack-saml-idp",
            "metadataUrl": "https://idp.example.com/descriptor"
        },
        "defaultLandingZone": "everything"
    })
}

/// A landing zone document with everything on.
#[must_use]
pub fn full_landing_zone_json() -> Value {
    json!({
        "organizationalUnit": "Workloads/Production",
        "createOrganizationalUnits": false,
        "hierarchicalAssignment": true,
        "enrollment": "service-catalog",
        "accessStack": {"template": "shipped"},
        "stackSets": [{"name": "avm-landing-zone", "region": "eu-central-1"}],
        "accountAlias": true,
        "singleSignOn": {"roleMappings": {
            "admin": {
                "awsRoleName": "project-admin",
                "permissionSets": [
                    "AdministratorAccess",
                    "arn:aws:sso:::permissionSet/ssoins-1111222233334444/ps-aaaa111122223333"
                ]
            },
            "reader": {"awsRoleName": "project-reader", "permissionSets": ["ViewOnlyAccess"]}
        }},
        "identityProvider": {
            "roleMappingsManaged": {
                "admin": {"awsRoleName": "saml-admin", "policies": ["AdministratorAccess"]}
            },
            "roleMappingsExternal": {"reader": {"awsRoleName": "saml-reader"}}
        },
        "alternateContacts": {
            "billing": {
                "name": "Billing", "title": "Team", "email": "billing@example.com", "phone": "+49 69 1"
            },
            "operations": {
                "name": "Operations", "title": "On call", "email": "operations@example.com", "phone": "+49 69 2"
            },
            "security": {
                "name": "Security", "title": "On call", "email": "security@example.com", "phone": "+49 69 3"
            }
        },
        "budget": {
            "amount": "500.00",
            "currency": "USD",
            "thresholds": [{"percent": 80, "of": "actual"}, {"percent": 100, "of": "forecasted"}],
            "topicArn": "arn:aws:sns:eu-central-1:333333333333:avm-budgets",
            "creditsCount": true
        },
        "optInRegions": ["ap-east-1", "eu-south-1"],
        "deleteDefaultVpcs": true,
        "downgrade": "strict"
    })
}

/// The input of an execution for the same account, of [`full_landing_zone_json`] on [`full_platform_json`].
#[must_use]
pub fn full_order_json() -> Value {
    let mut order = order_json();
    order["Request"]["RoleBindings"] = json!({
        "admin": ["ada@example.com", "grace@example.com"],
        "reader": ["alan@example.com"]
    });
    order["LandingZone"] = json!({"Name": "everything", "Settings": full_landing_zone_json()});
    order["Names"] = json!({
        "AccountAlias": "acme-space-shop",
        "Groups": {
            "admin": "mst-space.shop.project-admin",
            "reader": "mst-space.shop.project-reader"
        }
    });
    let platform = full_platform_json();
    for section in [
        "enforceAccountAlias",
        "centralRootAccess",
        "controlTower",
        "singleSignOn",
        "identityProvider",
    ] {
        order["Platform"][section] = platform[section].clone();
    }
    order
}

/// The same, decoded.
#[must_use]
pub fn full_order() -> Order {
    serde_json::from_value(full_order_json()).unwrap()
}

/// The documents with everything on, decoded.
#[must_use]
pub fn full_documents() -> (Platform, LandingZone) {
    (
        serde_json::from_value(full_platform_json()).unwrap(),
        serde_json::from_value(full_landing_zone_json()).unwrap(),
    )
}

/// The order of [`order_json`], decoded.
#[must_use]
pub fn order() -> Order {
    serde_json::from_value(order_json()).unwrap()
}

/// The account that the order adopts.
#[must_use]
pub fn account() -> Account {
    Account {
        account_id: "111111111111".parse().unwrap(),
        account_name: "space-shop".to_owned(),
        account_email: "aws+space.shop@example.com".parse().unwrap(),
        account_arn: "arn:aws:organizations::333333333333:account/o-exampleorg/111111111111"
            .to_owned(),
    }
}

/// An execution of the state machine.
#[must_use]
pub fn execution() -> ExecutionArn {
    "arn:aws:states:eu-central-1:222222222222:execution:avm-vend-account:111111111111-2026-11-1"
        .parse()
        .unwrap()
}

/// The accounts that the machine stands on: management 333…, automation 222…, meshcloud 444….
#[must_use]
pub fn standing_accounts() -> StandingAccounts {
    StandingAccounts::new(
        "333333333333".parse().unwrap(),
        "222222222222".parse().unwrap(),
        "444444444444".parse().unwrap(),
    )
}

/// The certificates of the identity provider that are pinned: the one in use, and the one that follows it.
pub const PINNED_CERTIFICATES: [&str; 2] = ["MIICmzCCAYMCBgF", "MIIother"];

/// Where documents may lead, and whose metadata are taken.
#[must_use]
pub fn ways_out() -> WaysOut {
    let fingerprints = PINNED_CERTIFICATES.map(|text| {
        let fingerprint = Fingerprint::of_certificate(text).unwrap();
        fingerprint.to_string()
    });
    WaysOut {
        metadata_hosts: "idp.example.com".parse().unwrap(),
        templates: "https://bucket.s3.amazonaws.com/".parse().unwrap(),
        saml_pins: SamlPins {
            entity_id: "https://idp.example.com/realms/meshfed".to_owned(),
            certificates: fingerprints.join(",").parse().unwrap(),
        },
    }
}

/// A first call of a step for that order and [`account`].
pub fn call<Notes, Input>(order: Order, input: Input) -> Request<Notes, Input> {
    Request {
        execution: execution(),
        order,
        account: account(),
        input,
        progress: None,
        mode: Mode::Act,
    }
}

/// The call after an answer in which the step noted this.
pub fn noting<Notes, Input, Subject>(
    call: Request<Notes, Input, Subject>,
    notes: Notes,
) -> Request<Notes, Input, Subject> {
    let looks = Looks { work: 1, turn: 0 };
    Request {
        progress: Some(Progress { looks, notes }),
        ..call
    }
}
