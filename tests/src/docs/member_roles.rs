//! `member-roles.json`: what the shipped StackSet makes in an account, for the functions that read it back.
//! Values that only a deployment or an account knows are written `${...}`, as in the template.

use serde_json::{Map, Value, json};

use crate::policy::{resolve, sorted};
use crate::rights::MEMBER;
use crate::template::{of_type, template};

pub const PATH: &str = "shared/core/src/rules/member-roles.json";

/// The names in the template that stand for themselves.
const KEPT: [(&str, &str); 5] = [
    ("AWS::Partition", "${AWS::Partition}"),
    ("AWS::AccountId", "${AWS::AccountId}"),
    ("ManagementAccountId", "${ManagementAccountId}"),
    ("AutomationAccountId", "${AutomationAccountId}"),
    ("AccountAccessRoleName", "${AccountAccessRoleName}"),
];

/// Trust, inline policies and managed policies of each role, by its name. A parameter of the StackSet in one of them is a
/// mistake: it could be overridden for an account.
pub fn page() -> String {
    let template = template(MEMBER);
    let roles = of_type(&template, "AWS::IAM::Role").map(|(_, role)| &role["Properties"]);
    let roles: Map<String, Value> = roles.map(role).collect();
    format!("{:#}\n", sorted(&Value::Object(roles)))
}

fn role(properties: &Value) -> (String, Value) {
    let of = |key: &str| resolve(&properties[key], &KEPT);
    let policies = of("Policies");
    let inline = policies.as_array().into_iter().flatten().map(|policy| {
        let name = policy["PolicyName"].as_str().unwrap().to_owned();
        (name, policy["PolicyDocument"].clone())
    });
    let inline: Map<String, Value> = inline.collect();
    let attached = match of("ManagedPolicyArns") {
        Value::Null => json!([]),
        arns => arns,
    };
    let trust = of("AssumeRolePolicyDocument");
    let name = properties["RoleName"].as_str().unwrap().to_owned();
    (
        name,
        json!({"trust": trust, "inline": inline, "attached": attached}),
    )
}
