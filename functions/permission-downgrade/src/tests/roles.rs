//! What becomes of the role, whoever calls: every state that it can be found in, under every policy.
//! The second run never writes.

use avm_core::error::ErrorName;

use super::*;

async fn run(world: &InMemory, is_alone: bool, policy: DowngradePolicy) -> Result<Value, Failure> {
    if is_alone {
        alone(world, policy).await
    } else {
        step(world, policy).await
    }
}

#[tokio::test]
async fn the_minimum_is_put_before_anything_is_removed() {
    for is_alone in [false, true] {
        let world = world(powerful());
        run(&world, is_alone, DowngradePolicy::Standard)
            .await
            .unwrap();
        assert_eq!(
            world.writes(),
            [
                put(),
                format!("iam:DeleteRolePolicy {ACCESS_ROLE} AdministratorAccess"),
                format!("iam:DeleteRolePolicy {ACCESS_ROLE} Leftover"),
                format!("iam:DetachRolePolicy {ACCESS_ROLE} {ADMINISTRATOR}"),
                format!("iam:DetachRolePolicy {ACCESS_ROLE} {IAM_FULL}"),
            ]
        );
    }
}

#[tokio::test]
async fn the_second_run_writes_nothing_for_every_policy() {
    for policy in DowngradePolicy::ALL {
        for is_alone in [false, true] {
            let world = world(powerful());
            run(&world, is_alone, policy).await.unwrap();
            assert_eq!(role_in(&world), downgraded(policy));
            let writes = world.writes().len();
            let second = run(&world, is_alone, policy).await.unwrap();
            assert_eq!(world.writes().len(), writes, "{policy}");
            assert_eq!(second["Changed"], json!([]));
            assert_eq!(second["Found"], second["Verified"]);
        }
    }
}

#[tokio::test]
async fn a_changed_minimum_is_put_again_and_told_as_different() {
    let changed = role(&[(MINIMUM_POLICY, administration())], &[]);
    for is_alone in [false, true] {
        let world = world(changed.clone());
        let response = run(&world, is_alone, DowngradePolicy::Standard)
            .await
            .unwrap();
        assert_eq!(response["Found"]["Minimum"], "other");
        assert_eq!(
            response["Changed"],
            json!(["put inline policy MeshstackAccountAccessPolicy, which was different"])
        );
        assert_eq!(role_in(&world), downgraded(DowngradePolicy::Standard));
    }
}

#[tokio::test]
async fn the_landing_zone_may_change_its_policy_in_both_directions() {
    for from in DowngradePolicy::ALL {
        for to in DowngradePolicy::ALL {
            let world = world(downgraded(from));
            let done = step(&world, to).await.unwrap();
            assert_eq!(done["Policy"], to.as_str());
            assert_eq!(role_in(&world), downgraded(to));
        }
    }
}

#[tokio::test]
async fn a_call_alone_never_widens() {
    for from in DowngradePolicy::ALL {
        for default in DowngradePolicy::ALL {
            let world = world(downgraded(from));
            let response = alone(&world, default).await.unwrap();
            assert_eq!(response["Policy"], from.min(default).as_str());
            assert_eq!(role_in(&world), downgraded(from.min(default)));
        }
    }
}

#[tokio::test]
async fn a_call_alone_keeps_the_narrower_policy_and_removes_what_was_added_to_it() {
    let strict = minimum(DowngradePolicy::Strict);
    let world = world(role(&[(MINIMUM_POLICY, strict)], &[ADMINISTRATOR]));
    let response = alone(&world, DowngradePolicy::Standard).await.unwrap();
    assert_eq!(response["Policy"], "strict");
    assert_eq!(role_in(&world), downgraded(DowngradePolicy::Strict));
}

/// IAM takes 10,240 characters of inline policies of a role.
fn large() -> PolicyDocument {
    let actions = vec!["s3:GetObject"; 670];
    PolicyDocument::new(
        json!({"Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]}),
    )
}

#[tokio::test]
async fn inline_policies_give_way_to_the_minimum_where_the_role_keeps_its_power_meanwhile() {
    let world = world(role(&[("Large", large())], &[ADMINISTRATOR]));
    step(&world, DowngradePolicy::Strict).await.unwrap();
    assert_eq!(role_in(&world), downgraded(DowngradePolicy::Strict));
}

#[tokio::test]
async fn where_it_would_have_neither_nothing_is_taken_away_and_it_is_told_what_to_do() {
    let full = role(&[("Large", large())], &[IAM_FULL]);
    let world = world(full.clone());
    let failure = step(&world, DowngradePolicy::Strict).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::DowngradeFailed);
    assert!(failure.remedy().contains("by hand (Large)"), "{failure}");
    assert_eq!(role_in(&world), full);
}
