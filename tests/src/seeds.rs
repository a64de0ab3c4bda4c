//! meshStack's documents and the templates as grants that can be compared, and the comparison.
//! What differs on purpose is listed with its reason; nothing else may differ.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::json;
use crate::policy::{Grants, Values, grants, resolve};
use crate::template::template;

/// An intended difference: what we grant instead of what the seeds grant.
pub struct Difference {
    /// The actions.
    pub actions: &'static [&'static str],
    /// What we grant for each of them.
    pub ours: &'static [&'static str],
    /// Why.
    pub reason: &'static str,
}

/// Asserts that a role lets in whom the documents let in, and nobody else.
pub fn assert_trusts_the_user(role: &Value) {
    assert_same_but_for(
        "trust",
        &trust(role),
        &seed("trust-of-the-user"),
        &[by_condition()],
    );
}

/// The documents name the user as the principal.
const fn by_condition() -> Difference {
    Difference {
        actions: &["sts:AssumeRole"],
        ours: &[concat!(
            "to AWS arn:aws:iam::<<MESHCLOUD_ACCOUNT_ID>>:root if ",
            r#"{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::<<MESHCLOUD_ACCOUNT_ID>>:user/meshfed-service-user"},"#,
            r#""StringEquals":{"sts:ExternalId":"<<EXTERNAL_ID>>"}}"#
        )],
        reason: "the same user, or a role; a trust that names one breaks when it is made anew, and cannot be deployed before it",
    }
}

/// Roles of a name are assumed in accounts of the organization, and in nobody else's.
pub const fn only_in_the_organization(ours: &'static [&'static str]) -> Difference {
    Difference {
        actions: &["sts:AssumeRole"],
        ours,
        reason: "the seeds let the role enter accounts of any organization that have a role of the name",
    }
}

/// Parameters as the seeds write them; the account that a template is deployed into comes with each call.
pub fn values<'a>(own_account: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut values = vec![
        ("AWS::AccountId", own_account),
        ("AWS::Partition", "aws"),
        ("AWS::Region", "*"),
        ("ManagementAccountId", "<<MANAGEMENT_ACCOUNT_ID>>"),
        ("AutomationAccountId", "<<AUTOMATION_ACCOUNT_ID>>"),
        ("MeshcloudAccountId", "<<MESHCLOUD_ACCOUNT_ID>>"),
        ("MeshStackExternalIds", "<<EXTERNAL_ID>>"),
        ("CostExplorerExternalIds", "<<EXTERNAL_ID>>"),
        ("SsoInstanceArn", "<<AWS_SSO_INSTANCE_ARN>>"),
        ("IdentityStoreId", "<<IDENTITY_STORE_ID>>"),
        ("AccountAccessRoleName", "MeshstackAccountAccessRole"),
        ("MeshfedServiceRoleName", "MeshfedServiceRole"),
        ("MeshfedAutomationRoleName", "MeshfedAutomationRole"),
        ("MeshStackPrincipal", "user/meshfed-service-user"),
        ("CostExplorerPrincipal", "user/CostExplorerUser"),
        ("MeshStackStackSetNamePattern", "*"),
        ("MachineStackSetNamePattern", "avm-*"),
        // The seeds know no boundary: only whether it is there is another test's matter.
        ("PermissionsBoundaryName", "company/Boundary"),
        ("PermissionsBoundary", "company/Boundary"),
        (
            "MeshCostExplorerServiceRoleName",
            "MeshCostExplorerServiceRole",
        ),
    ];
    values.extend(more);
    values
}

/// A user or role of a template, resolved.
pub fn identity(path: &str, id: &str, values: Values<'_>) -> Value {
    let template = template(path);
    let resource = &template["Resources"][id];
    assert!(resource.is_object(), "{path} has no {id}");
    resolve(&resource["Properties"], values)
}

/// The grants of the inline policies of a user or role, those of one policy or of all.
pub fn allowed(identity: &Value, policy: Option<&str>) -> Grants {
    let mut found = statements(identity, policy);
    found.retain(|statement| statement["Effect"] != "Deny");
    grants(&found)
}

/// What the inline policies of a user or role deny.
pub fn denied(identity: &Value) -> Vec<Value> {
    let mut found = statements(identity, None);
    found.retain(|statement| statement["Effect"] == "Deny");
    found
}

fn statements(identity: &Value, policy: Option<&str>) -> Vec<Value> {
    identity["Policies"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|found| policy.is_none_or(|name| found["PolicyName"] == name))
        .flat_map(|found| found["PolicyDocument"]["Statement"].as_array().unwrap())
        .cloned()
        .collect()
}

/// The grants of a trust policy.
pub fn trust(identity: &Value) -> Grants {
    grants(
        identity["AssumeRolePolicyDocument"]["Statement"]
            .as_array()
            .unwrap(),
    )
}

/// The grants of a document of the seeds, by its name.
pub fn seed(name: &str) -> Grants {
    let document = json(&format!("tests/fixtures/seeds/{name}.json"));
    grants(document["Statement"].as_array().unwrap())
}

/// Fails where ours and the seeds' grants differ in another way than listed, or where a listed difference is none.
pub fn assert_same_but_for(name: &str, ours: &Grants, seeds: &Grants, differences: &[Difference]) {
    let mut expected = Expected::new();
    for difference in differences {
        for action in difference.actions {
            let grants = difference.ours.iter().map(|&grant| grant.to_owned());
            expected.insert(action, (grants.collect(), difference.reason));
        }
    }
    assert_same(name, ours, seeds, expected);
}

/// What we grant for an action that differs, and why.
pub type Expected<'a> = BTreeMap<&'a str, (BTreeSet<String>, &'a str)>;

/// The same for differences that a file tells.
pub fn assert_same(name: &str, ours: &Grants, seeds: &Grants, mut expected: Expected<'_>) {
    let none = BTreeSet::new();
    let actions: BTreeSet<&String> = ours.keys().chain(seeds.keys()).collect();
    for action in actions {
        let (ours, seeds) = (
            ours.get(action).unwrap_or(&none),
            seeds.get(action).unwrap_or(&none),
        );
        match expected.remove(action.as_str()) {
            None => assert_eq!(ours, seeds, "{name}: {action}"),
            Some((listed, reason)) => {
                assert!(!reason.is_empty(), "{name}: {action}");
                assert_eq!(ours, &listed, "{name}: {action}, which differs: {reason}");
                assert_ne!(ours, seeds, "{name}: {action} does not differ");
            }
        }
    }
    assert!(
        expected.is_empty(),
        "{name}: listed, but granted by none: {expected:?}"
    );
}
