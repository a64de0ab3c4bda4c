//! The order: what an execution is started with and every step is given, request and configuration in one.
//! It holds no time and no random part: the same request under the same configuration is the same order, but for the versions
//! of its documents.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::config::{
    CentralRootAccess, ControlTower, Enrollment, LandingZone, Platform, SamlProvider,
};
use crate::domain::{
    Account, AccountAlias, AccountId, AccountName, ContactAddress, Email, GroupName,
    LandingZoneName, MachineName, ProjectIdentifier, ProjectRole, Region, RoleName,
    SingleSignOnInstance, UserName, WorkspaceIdentifier,
};

/// `{"Request", "LandingZone", "Platform", "Machine"?}`: the input of an execution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Order {
    /// What was asked for.
    pub request: VendRequest,
    /// The machine that was asked; absent: the organization's first one.
    #[serde(default, skip_serializing_if = "MachineName::is_first")]
    pub machine: MachineName,
    /// The landing zone as it was configured when the execution was started.
    pub landing_zone: NamedLandingZone,
    /// What the platform's patterns have made of the request, where the landing zone asks for it.
    #[serde(default, skip_serializing_if = "Names::is_empty")]
    pub names: Names,
    /// What the steps need of the platform's configuration.
    pub platform: PlatformSettings,
    /// The documents that it was made of, each with its version: for people. Orders that differ in nothing else are the same.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub documents: BTreeMap<String, i64>,
}

/// `{"AccountAlias"?, "Groups"?}`: names made from patterns, so that no step knows a pattern.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Names {
    /// The alias of the account; there exactly where the landing zone has `accountAlias`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_alias: Option<AccountAlias>,
    /// The group of each project role of the landing zone's `singleSignOn`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub groups: BTreeMap<ProjectRole, GroupName>,
}

impl Names {
    /// Whether no name was made.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.account_alias.is_none() && self.groups.is_empty()
    }
}

/// The people of a project by their role, as the request names them.
pub type RoleBindings = BTreeMap<ProjectRole, BTreeSet<UserName>>;

/// How many entries of `RoleBindings` an order leaves out, since no mapping and no directory can know them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct LeftOut {
    /// Keys that can be no project role.
    pub roles: usize,
    /// Users of mapped roles whose names nobody can have.
    pub users: usize,
}

impl LeftOut {
    /// Whether all entries are in the order.
    #[must_use]
    pub const fn is_nothing(&self) -> bool {
        self.roles == 0 && self.users == 0
    }
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
    /// `RoleBindings`: the people of each project role of the landing zone's `singleSignOn`; absent: the members of groups
    /// are left as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_bindings: Option<RoleBindings>,
    /// What of `RoleBindings` is not among them; absent: nothing.
    #[serde(default, skip_serializing_if = "LeftOut::is_nothing")]
    pub left_out: LeftOut,
}

/// A landing zone with its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct NamedLandingZone {
    /// The last part of its parameter `/avm/landing-zones/<name>`.
    pub name: LandingZoneName,
    /// Its document.
    pub settings: LandingZone,
}

/// What the steps need of the platform's configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlatformSettings {
    /// The region of the access stack and of the probes.
    pub region: Region,
    /// The name of the role that `CreateAccount` makes in the account.
    pub account_access_role: RoleName,
    /// Whether an alias that an account has already is replaced.
    #[serde(default)]
    pub enforce_account_alias: bool,
    /// Whether the account's root user is looked at; absent where it is not.
    #[serde(default, skip_serializing_if = "CentralRootAccess::is_unchecked")]
    pub central_root_access: CentralRootAccess,
    /// AWS Control Tower; absent where the landing zone has no enrollment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control_tower: Option<ControlTower>,
    /// The instance of IAM Identity Center; absent where the landing zone has no single sign-on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub single_sign_on: Option<SingleSignOnInstance>,
    /// The SAML provider; absent where the landing zone has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity_provider: Option<SamlProvider>,
}

impl PlatformSettings {
    /// What the steps of that landing zone need. What its steps do not use is left out, so that a change of it makes
    /// no order of this landing zone another one, and runs no settled vend again.
    #[must_use]
    pub fn of(platform: &Platform, landing_zone: &LandingZone) -> Self {
        let used = |is_used: bool| is_used.then_some(platform);
        Self {
            region: platform.region.clone(),
            account_access_role: platform.account_access_role.clone(),
            enforce_account_alias: landing_zone.account_alias && platform.enforce_account_alias,
            central_root_access: platform.central_root_access,
            control_tower: used(landing_zone.enrollment != Enrollment::None)
                .and_then(|platform| platform.control_tower.clone()),
            single_sign_on: used(landing_zone.single_sign_on.is_some())
                .and_then(|platform| platform.single_sign_on.clone()),
            identity_provider: used(landing_zone.identity_provider.is_some())
                .and_then(|platform| platform.identity_provider.clone()),
        }
    }

    /// The regions in which a step of a vend into that landing zone works in the account, or a service of AWS for it.
    fn regions(&self, landing_zone: &LandingZone) -> BTreeSet<Region> {
        let stack_sets = landing_zone.stack_sets.iter();
        let control_tower = self.control_tower.as_ref();
        let single_sign_on = self.single_sign_on.as_ref();
        let regions = stack_sets.map(|reference| &reference.region);
        let regions = regions
            .chain([&self.region])
            .chain(control_tower.map(|tower| &tower.region))
            .chain(single_sign_on.map(|instance| &instance.region));
        regions.cloned().collect()
    }

    /// The regions that a vend into that landing zone enables in the account: those that it names, and those in which a step
    /// works and that have to be opted into.
    #[must_use]
    pub fn regions_to_enable(&self, landing_zone: &LandingZone) -> BTreeSet<Region> {
        let mut regions = self.regions(landing_zone);
        regions.retain(Region::has_to_be_opted_into);
        regions.extend(landing_zone.opt_in_regions.iter().cloned());
        regions
    }
}

impl Order {
    /// The key of an order that does not count when orders are compared.
    pub const NOT_COMPARED: &'static str = "Documents";

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

    /// The regions in which a step of this vend works in the account, or a service of AWS for it.
    #[must_use]
    pub fn regions(&self) -> BTreeSet<Region> {
        self.platform.regions(&self.landing_zone.settings)
    }

    /// The order with those of its regions that have to be opted into among the regions to enable.
    #[must_use]
    pub fn with_regions_opted_into(mut self) -> Self {
        let wanted = self.platform.regions_to_enable(&self.landing_zone.settings);
        self.landing_zone.settings.opt_in_regions = wanted;
        self
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{full_order_json, order_json};

    #[test]
    fn an_order_is_read_and_written_back_unchanged() {
        for order in [order_json(), full_order_json()] {
            let read: Order = serde_json::from_value(order.clone()).unwrap();
            assert_eq!(serde_json::to_value(&read).unwrap(), order);
        }
    }

    #[test]
    fn a_debug_print_shows_no_address() {
        let read: Order = serde_json::from_value(full_order_json()).unwrap();
        assert!(!format!("{read:?}").contains('@'));
    }

    #[test]
    fn the_regions_that_steps_work_in_are_opted_into_where_that_is_needed() {
        let mut order = full_order_json();
        order["Platform"]["region"] = json!("eu-central-2");
        order["Platform"]["controlTower"]["region"] = json!("il-central-1");
        order["Platform"]["singleSignOn"]["region"] = json!("eu-west-1");
        order["LandingZone"]["Settings"]["stackSets"] =
            json!([{"name": "avm-landing-zone", "region": "eu-south-2"}]);
        order["LandingZone"]["Settings"]["optInRegions"] = json!(["ap-east-1"]);
        let read: Order = serde_json::from_value(order).unwrap();
        let opted = read.with_regions_opted_into();
        let opted: Vec<&str> = opted
            .landing_zone
            .settings
            .opt_in_regions
            .iter()
            .map(Region::as_str)
            .collect();
        assert_eq!(
            opted,
            ["ap-east-1", "eu-central-2", "eu-south-2", "il-central-1"]
        );

        let read: Order = serde_json::from_value(order_json()).unwrap();
        assert_eq!(read.clone().with_regions_opted_into(), read);
        for (region, expected) in [
            ("us-gov-west-1", false),
            ("cn-north-1", false),
            ("ap-northeast-3", false),
            ("mx-central-1", true),
        ] {
            assert_eq!(
                region.parse::<Region>().unwrap().has_to_be_opted_into(),
                expected,
                "{region}"
            );
        }
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
