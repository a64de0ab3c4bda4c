//! The order: what an execution is started with and every step is given, request and configuration in one.
//! It holds no time and no random part: the same request under the same configuration is the same order.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::config::{LandingZone, Platform};
use crate::domain::{
    Account, AccountId, AccountName, ContactAddress, Email, LandingZoneName, ProjectIdentifier,
    Region, RoleName, WorkspaceIdentifier,
};

/// `{"Request", "LandingZone", "Platform"}`: the input of an execution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Order {
    /// What was asked for.
    pub request: VendRequest,
    /// The landing zone as it was configured when the execution was started.
    pub landing_zone: NamedLandingZone,
    /// What the steps need of the platform's configuration.
    pub platform: PlatformSettings,
}

/// A request in the spelling of meshStack's payload; `tag…` keys are gathered under `Tags`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct VendRequest {
    /// The account to adopt; absent: the account is created.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_id: Option<AccountId>,
    /// The account's name, given or made from the platform's pattern.
    pub account_name: AccountName,
    /// The account's address, given or made from the platform's pattern.
    pub account_email: Email,
    /// The account's ARN as meshStack sent it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_arn: Option<String>,
    /// The workspace identifier, the tag `ProductName`.
    pub product_name: WorkspaceIdentifier,
    /// The project identifier, the tag `Stage`.
    pub stage: ProjectIdentifier,
    /// Who made the project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact_email: Option<ContactAddress>,
    /// Deprecated by meshStack, superseded by `tagCostCenter`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost_center: Option<String>,
    /// `tag<Name>` with its value, under its full key.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}

/// A landing zone with its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedLandingZone {
    /// The last part of its parameter `/avm/landing-zones/<name>`.
    pub name: LandingZoneName,
    /// Its document.
    #[serde(flatten)]
    pub settings: LandingZone,
}

/// What the steps need of the platform's configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlatformSettings {
    /// The name of the platform.
    pub platform: String,
    /// The region of the access stack and of the probes.
    pub region: Region,
    /// The name of the role that `CreateAccount` makes in the account.
    pub account_access_role: RoleName,
}

impl From<&Platform> for PlatformSettings {
    fn from(platform: &Platform) -> Self {
        Self {
            platform: platform.platform.clone(),
            region: platform.region.clone(),
            account_access_role: platform.account_access_role.clone(),
        }
    }
}

impl Order {
    /// The values that a StackSet may take as parameters: the payload's keys for this account.
    #[must_use]
    pub fn parameters(&self, account: &Account) -> BTreeMap<String, String> {
        let request = &self.request;
        let mut parameters = request.tags.clone();
        let mut add = |key: &str, value: &str| parameters.insert(key.to_owned(), value.to_owned());
        add("AccountId", account.account_id.as_str());
        add("AccountName", &account.account_name);
        add("AccountEmail", account.account_email.expose());
        add("AccountArn", &account.account_arn);
        add("ProductName", request.product_name.as_str());
        add("Stage", request.stage.as_str());
        if let Some(contact) = &request.contact_email {
            add("ContactEmail", contact.expose());
        }
        if let Some(cost_center) = &request.cost_center {
            add("CostCenter", cost_center);
        }
        parameters
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::order_json;

    #[test]
    fn an_order_is_read_and_written_back_unchanged() {
        let read: Order = serde_json::from_value(order_json()).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), order_json());
    }

    #[test]
    fn a_debug_print_shows_no_address() {
        let read: Order = serde_json::from_value(order_json()).unwrap();
        assert!(!format!("{read:?}").contains('@'));
    }

    #[test]
    fn parameters_are_the_keys_of_the_payload_for_the_real_account() {
        let read: Order = serde_json::from_value(order_json()).unwrap();
        let account = Account {
            account_id: "222222222222".parse().unwrap(),
            account_name: "space-shop".to_owned(),
            account_email: "aws+space.shop@example.com".parse().unwrap(),
            account_arn: "arn:aws:organizations::333333333333:account/o-1/222222222222".to_owned(),
        };
        let parameters = read.parameters(&account);
        let keys: Vec<&str> = parameters.keys().map(String::as_str).collect();
        assert_eq!(
            keys,
            [
                "AccountArn",
                "AccountEmail",
                "AccountId",
                "AccountName",
                "ContactEmail",
                "ProductName",
                "Stage",
                "tagEnvironment"
            ]
        );
        assert_eq!(parameters["AccountId"], "222222222222");
    }
}
