//! The downgrade against the roles of an account: IAM refuses removals before the minimum is there, and answers late.
//! Most cases are run both ways: by the machine, which calls again, and alone.

mod alone;
mod machine;
mod roles;

use std::time::Duration;

use avm_core::config::{DowngradePolicy, DowngradeSetting};
use avm_core::domain::{AccountId, PolicyDocument};
use avm_core::error::Failure;
use avm_core::rules::minimum_policy::{MINIMUM_POLICY, document};
use avm_core::rules::power::Reached;
use avm_core::testing::{call, order};
use avm_world::iam::Role;
use avm_world::{InMemory, State, drive};
use serde_json::{Value, json};

use crate::{Alone, Call, Input, PermissionDowngrade, answer};

const ACCESS_ROLE: &str = "MeshstackAccountAccessRole";
const ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/AdministratorAccess";
const IAM_FULL: &str = "arn:aws:iam::aws:policy/IAMFullAccess";

fn account() -> AccountId {
    avm_core::testing::account().account_id
}

fn request(policy: DowngradePolicy) -> Call {
    let mut order = order();
    order.landing_zone.settings.downgrade = match policy {
        DowngradePolicy::Strict => DowngradeSetting::Strict,
        DowngradePolicy::Standard => DowngradeSetting::Standard,
        DowngradePolicy::SelfUpgradable => DowngradeSetting::SelfUpgradable,
    };
    call(order, None)
}

/// What the machine sends after a failure before which this was reached.
fn after_failure(policy: DowngradePolicy, reached: Reached) -> Call {
    let after_failure = Some(reached);
    Call {
        input: Some(Input { after_failure }),
        ..request(policy)
    }
}

/// The machine, until the step is done.
async fn step(world: &InMemory, policy: DowngradePolicy) -> Result<Value, Failure> {
    drive::<PermissionDowngrade>(world, &request(policy)).await
}

fn environment(policy: DowngradePolicy) -> Alone {
    Alone {
        access_role: ACCESS_ROLE.parse().unwrap(),
        policy,
    }
}

/// A call alone, for an event of its own, while no time passes.
async fn call_alone(
    world: &InMemory,
    event: Value,
    policy: DowngradePolicy,
) -> Result<Value, Failure> {
    let response = answer(event, &environment(policy), world, async |_: Duration| ()).await?;
    Ok(serde_json::to_value(response).unwrap())
}

/// A call alone.
async fn alone(world: &InMemory, policy: DowngradePolicy) -> Result<Value, Failure> {
    call_alone(world, json!({"AccountId": account()}), policy).await
}

fn minimum(policy: DowngradePolicy) -> PolicyDocument {
    document(policy, "aws", &account(), &ACCESS_ROLE.parse().unwrap())
}

fn administration() -> PolicyDocument {
    PolicyDocument::of_text(r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#)
}

fn role(inline: &[(&str, PolicyDocument)], arns: &[&str]) -> Role {
    let trust = PolicyDocument::new(json!({}));
    let inline = inline.iter().cloned();
    Role {
        inline: inline
            .map(|(name, document)| (name.to_owned(), document))
            .collect(),
        ..Role::trusting(trust).with_attached(arns)
    }
}

/// As CreateAccount makes it, in both forms that have been seen, and with something left over.
fn powerful() -> Role {
    role(
        &[
            ("AdministratorAccess", administration()),
            ("Leftover", administration()),
        ],
        &[ADMINISTRATOR, IAM_FULL],
    )
}

fn downgraded(policy: DowngradePolicy) -> Role {
    role(&[(MINIMUM_POLICY, minimum(policy))], &[])
}

fn having(role: Role) -> impl Fn(&mut State) {
    move |state| {
        let roles = state.iam.of(&account());
        roles.insert(ACCESS_ROLE.to_owned(), role.clone());
    }
}

fn world(role: Role) -> InMemory {
    InMemory::with(having(role))
}

fn role_in(world: &InMemory) -> Role {
    world
        .state()
        .iam
        .find(&account(), ACCESS_ROLE)
        .unwrap()
        .clone()
}

fn put() -> String {
    format!("iam:PutRolePolicy {ACCESS_ROLE} {MINIMUM_POLICY}")
}
