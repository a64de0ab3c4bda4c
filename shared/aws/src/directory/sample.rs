//! The instance of IAM Identity Center that tests of its adapters speak of.
//! It lies in another region than the machine.

use serde_json::json;

use avm_core::domain::SingleSignOnInstance;

/// An instance with a store of its own.
pub fn instance() -> SingleSignOnInstance {
    serde_json::from_value(json!({
        "instanceArn": "arn:aws:sso:::instance/ssoins-1",
        "identityStoreId": "d-1234567890",
        "region": "eu-west-1",
        "groupNamePattern": "%s.%s.%4$s",
    }))
    .unwrap()
}
