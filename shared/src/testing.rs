//! Samples for unit tests: an order, its account, its execution.
//! Only compiled with the feature `testing`.
#![allow(clippy::missing_panics_doc, clippy::unwrap_used)]

use serde_json::{Value, json};

use crate::domain::{Account, ExecutionArn};
use crate::order::Order;

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
            "name": "sandbox",
            "organizationalUnit": "",
            "createOrganizationalUnits": false,
            "hierarchicalAssignment": false,
            "enrolment": "none",
            "accessStack": {"template": "shipped"},
            "stackSets": [{"name": "avm-landing-zone", "region": "eu-central-1"}],
            "accountAlias": false,
            "deleteDefaultVpcs": false,
            "downgrade": "standard"
        },
        "Platform": {
            "platform": "aws",
            "region": "eu-central-1",
            "accountAccessRole": "MeshstackAccountAccessRole",
            "enforceAccountAlias": false
        }
    })
}

/// The same, decoded.
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
