//! The roles in a member account against those that meshStack's documents put there: narrowed, and never widened.
//! Why they are narrower is in DECISIONS.md.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use contract_tests::seeds::{allowed, assert_same_but_for, identity, seed, trust, values};
use contract_tests::template::{of_type, resources, template};
use serde_json::Value;

#[test]
fn the_roles_in_the_member_account_can_do_nothing_that_those_of_the_seeds_cannot() {
    let values = values(
        "<<MEMBER_ACCOUNT_ID>>",
        &[("ProductName", ""), ("Stage", "")],
    );
    let access = identity(
        "templates/access-stack.yaml",
        "AWSCloudFormationStackSetExecutionRole",
        &values,
    );
    let seeds = seed("access-stack-role");
    for action in allowed(&access, None).keys() {
        let is_covered = seeds.iter().any(|(pattern, granted)| {
            let prefix = pattern.strip_suffix('*');
            let matches = prefix.map_or(pattern == action, |prefix| action.starts_with(prefix));
            matches && granted.contains("on *")
        });
        assert!(is_covered, "{action}");
    }
    let in_stack_set = "templates/landing-zone-stackset.yaml";
    let downgrade = identity(
        in_stack_set,
        "PermissionDowngradeLambdaExecutionRole",
        &values,
    );
    assert!(
        downgrade.get("ManagedPolicyArns").is_none(),
        "the seeds give it IAMFullAccess"
    );
    for (action, granted) in allowed(&downgrade, None) {
        assert!(action.starts_with("iam:"), "{action}");
        let only = "on arn:aws:iam::<<MEMBER_ACCOUNT_ID>>:role/MeshstackAccountAccessRole";
        assert_eq!(granted, [only.to_owned()].into(), "{action}");
    }
    // The machine's functions have roles of their own, which are trusted beside that of the seeds.
    let trusted = trust(&downgrade);
    let trusted = trusted["sts:AssumeRole"].first().unwrap();
    for machine in [
        "AVMPermissionDowngradeFunctionRole",
        "AVMStoppedVendFunctionRole",
    ] {
        assert!(trusted.contains(machine), "{trusted}");
    }
    assert_eq!(trusted.matches(":role/").count(), 4, "{trusted}");
    let root = "to AWS arn:aws:iam::<<AUTOMATION_ACCOUNT_ID>>:root if";
    for (role, name, principal) in [
        (
            &access,
            "access-stack-trust",
            "AWSCloudFormationStackSetAdministrationRole",
        ),
        (
            &downgrade,
            "downgrade-execution-trust",
            "PermissionDowngradeLambdaAdministrationRole",
        ),
    ] {
        assert_eq!(seed(name)["sts:AssumeRole"].len(), 1);
        let ours = trust(role);
        let granted = ours["sts:AssumeRole"].first().unwrap();
        assert!(
            granted.starts_with(root) && granted.contains(principal),
            "{granted}"
        );
        assert_eq!((ours.len(), ours["sts:AssumeRole"].len()), (1, 1));
    }
    let organization = identity(in_stack_set, "OrganizationAccountAccessRole", &values);
    assert_same_but_for(
        "organization-access-trust",
        &trust(&organization),
        &seed("organization-access-trust"),
        &[],
    );
    assert_eq!(
        organization["ManagedPolicyArns"],
        serde_json::json!(["arn:aws:iam::aws:policy/AdministratorAccess"])
    );
}

/// A parameter of a StackSet can be overridden for one account by whoever may update its instances. `docs::member_roles` could
/// not write down what depends on one either.
#[test]
fn no_parameter_of_a_stack_set_says_whom_a_role_trusts_or_what_it_may_touch() {
    let machine = template("templates/landing-zone.yaml");
    let mut shipped = 0;
    for (_, stack_set) in of_type(&machine, "AWS::CloudFormation::StackSet") {
        let included = &stack_set["Properties"]["TemplateBody"]["Fn::Transform"]["Parameters"];
        let location = included["Location"].as_str().unwrap();
        let template = template(&format!("templates/{location}"));
        let own = |part: &str| template[part].as_object().unwrap().keys().cloned();
        let own: BTreeSet<String> = own("Parameters").chain(own("Conditions")).collect();
        for (id, resource) in resources(&template) {
            assert_eq!(resource["Type"], "AWS::IAM::Role", "{id}");
            for (key, property) in resource["Properties"].as_object().unwrap() {
                let of_people = ["Tags", "MaxSessionDuration"].contains(&key.as_str());
                let named = names(property);
                assert!(
                    of_people || named.is_disjoint(&own),
                    "{id} {key}: {named:?}"
                );
                shipped += usize::from(!named.is_empty());
            }
        }
    }
    assert!(shipped > 4);
}

/// CloudFormation waits for the operation of a change, and rolls the stack back by the same accounts if it fails: with the functions
/// in one stack, or with fewer failures tolerated, one account's administrator could stop every deployment of the machine.
#[test]
fn no_vended_account_can_stop_a_deployment() {
    let machine = template(contract_tests::template::MACHINE);
    assert_eq!(
        of_type(&machine, "AWS::CloudFormation::StackSet").count(),
        0
    );
    let rolled_out = template("templates/landing-zone.yaml");
    assert_eq!(resources(&rolled_out).len(), 1);
    for (id, stack_set) in of_type(&rolled_out, "AWS::CloudFormation::StackSet") {
        let preferences = &stack_set["Properties"]["OperationPreferences"];
        assert_eq!(preferences["FailureTolerancePercentage"], 100, "{id}");
        assert!(preferences.get("FailureToleranceCount").is_none(), "{id}");
        assert_eq!(
            preferences["ConcurrencyMode"], "SOFT_FAILURE_TOLERANCE",
            "{id}"
        );
        assert_eq!(stack_set["DeletionPolicy"], "Retain", "{id}");
    }
}

/// What the intrinsic functions of a part name.
fn names(part: &Value) -> BTreeSet<String> {
    match part {
        Value::Array(items) => items.iter().flat_map(names).collect(),
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(key, field)| match (key.as_str(), field) {
                ("Ref", Value::String(name)) => [name.clone()].into(),
                ("Fn::If", Value::Array(ways)) => {
                    let condition = ways[0].as_str().unwrap().to_owned();
                    [condition].into_iter().chain(names(field)).collect()
                }
                ("Fn::Sub", Value::String(text)) => {
                    let parts = text.split("${").skip(1);
                    let names = parts.map(|part| part.split('}').next().unwrap().to_owned());
                    names.collect()
                }
                _ => names(field),
            })
            .collect(),
        _ => BTreeSet::new(),
    }
}
