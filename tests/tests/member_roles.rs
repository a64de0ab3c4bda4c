//! The roles in a member account against those that meshStack's documents put there: narrowed, and never widened.
//! Why they are narrower is in DECISIONS.md.
#![allow(clippy::unwrap_used)]

use contract_tests::seeds::{allowed, assert_same_but_for, identity, seed, trust, values};

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
    // The machine's function has a role of its own, which is trusted beside that of the seeds.
    let trusted = trust(&downgrade);
    let trusted = trusted["sts:AssumeRole"].first().unwrap();
    let machine = ":role/AVMPermissionDowngradeFunctionRole";
    assert!(trusted.contains(machine), "{trusted}");
    assert_eq!(trusted.matches(":role/").count(), 2, "{trusted}");
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
