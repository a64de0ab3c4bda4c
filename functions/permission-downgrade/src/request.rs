//! Who calls for the downgrade: the state machine with the order, or somebody alone with an account id.
//! Alone, every key besides `AccountId` is accepted and ignored: meshStack sends its whole payload.

use avm_aws::lambda;
use avm_aws::sessions;
use avm_core::config::DowngradePolicy;
use avm_core::contract::step::{OnAccount, StepRequest};
use avm_core::domain::{AccountId, ExecutionArn, RoleName};
use avm_core::error::{ErrorName, Failure};
use avm_core::rules::standing_accounts::StandingAccounts;
use serde_json::Value;

/// What a call alone does not say, from the function's environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alone {
    /// The access role.
    pub access_role: RoleName,
    /// The widest policy that the role may keep.
    pub policy: DowngradePolicy,
    /// The accounts that are never touched. Whose another account is, a call alone cannot be asked: it carries no owner,
    /// and it can only take rights away.
    pub standing: StandingAccounts,
}

/// The policy that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// As the landing zone says.
    Exactly(DowngradePolicy),
    /// This one, or a narrower one that the role has already: a call alone never widens.
    AtMost(DowngradePolicy),
}

impl Wanted {
    /// The policy that the role gets, given the one that it has.
    #[must_use]
    pub fn given(self, present: Option<DowngradePolicy>) -> DowngradePolicy {
        match self {
            Self::Exactly(policy) => policy,
            Self::AtMost(policy) => present.map_or(policy, |present| present.min(policy)),
        }
    }
}

/// The role that is taken down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Its account.
    pub account: AccountId,
    /// Its name.
    pub access_role: RoleName,
    /// What it keeps.
    pub wanted: Wanted,
    /// The execution that calls, unless somebody calls alone.
    pub execution: Option<ExecutionArn>,
}

impl Target {
    /// Reads the event. The state machine's has no `AccountId` of its own; meshStack may add a key of any name.
    ///
    /// # Errors
    /// `InvalidRequest` naming `AccountId`, also of an account that the machine stands on; `InvalidState` where the state machine's input cannot be read.
    pub fn read(event: Value, alone: &Alone) -> Result<Self, Failure> {
        let has = |key: &str| event.get(key).is_some();
        if !has("AccountId") && ["Execution", "Order", "Account"].into_iter().all(has) {
            Self::of_step(event)
        } else {
            let account = account_of(&event)?;
            alone.standing.refuse(&account, "AccountId")?;
            Ok(Self {
                account,
                access_role: alone.access_role.clone(),
                wanted: Wanted::AtMost(alone.policy),
                execution: None,
            })
        }
    }

    fn of_step(event: Value) -> Result<Self, Failure> {
        let request: StepRequest<OnAccount> = lambda::decode(event)?;
        let zone = &request.order.landing_zone;
        let policy = zone.settings.downgrade.policy().ok_or_else(|| {
            Failure::new(
                ErrorName::InvalidState,
                format!("landing zone {} asks for no downgrade", zone.name),
            )
        })?;
        Ok(Self {
            account: request.rest.account.account_id,
            access_role: request.order.platform.account_access_role,
            wanted: Wanted::Exactly(policy),
            execution: Some(request.execution),
        })
    }

    /// The name of the sessions in the account: the execution's, or the one of meshStack's function.
    #[must_use]
    pub fn session_name(&self) -> String {
        self.execution.as_ref().map_or_else(
            || "DowngradePermissionsSession".to_owned(),
            sessions::session_name,
        )
    }

    /// The name of the execution, for the log.
    #[must_use]
    pub fn execution_name(&self) -> &str {
        self.execution.as_ref().map_or("", ExecutionArn::name)
    }

    /// The failure to enter the account. The StackSet has only just made the role when the state machine calls, and
    /// IAM needs some seconds until it can be assumed: then the step is retried.
    #[must_use]
    pub fn could_not_enter(&self, failure: Failure) -> Failure {
        let failure = failure.of_account(&self.account);
        if failure.name() != ErrorName::AccessDenied {
            return failure;
        }
        let failure = failure.with_remedy(format!(
            "see that the landing zone's StackSet has an instance in the account, and that {} there trusts the \
             downgrade function's role",
            crate::EXECUTION_ROLE
        ));
        if self.execution.is_some() {
            failure.renamed(ErrorName::AccountNotReady)
        } else {
            failure
        }
    }
}

fn account_of(event: &Value) -> Result<AccountId, Failure> {
    let refuse = |problem: &str| {
        Failure::new(
            ErrorName::InvalidRequest,
            format!("field AccountId {problem}"),
        )
    };
    match event.get("AccountId") {
        None | Some(Value::Null) => Err(refuse("is missing: it must be 12 digits")),
        Some(Value::String(text)) => text.parse().map_err(|_| refuse("must be 12 digits")),
        Some(_) => Err(refuse("must be a text of 12 digits")),
    }
}

#[cfg(test)]
mod tests {
    use avm_core::testing::{account, execution, order_json};
    use serde_json::json;

    use super::*;

    fn alone() -> Alone {
        Alone {
            access_role: "MeshstackAccountAccessRole".parse().unwrap(),
            policy: DowngradePolicy::Standard,
            standing: StandingAccounts::new(
                "333333333333".parse().unwrap(),
                "222222222222".parse().unwrap(),
                "555555555555".parse().unwrap(),
            ),
        }
    }

    #[test]
    fn the_order_names_role_and_policy() {
        let mut order = order_json();
        order["LandingZone"]["downgrade"] = json!("strict");
        order["Platform"]["accountAccessRole"] = json!("OtherRole");
        let event = json!({"Execution": execution(), "Order": order, "Account": account()});
        let target = Target::read(event, &alone()).unwrap();
        assert_eq!(target.access_role.as_str(), "OtherRole");
        assert_eq!(target.wanted, Wanted::Exactly(DowngradePolicy::Strict));
        assert_eq!(target.session_name(), "avm-111111111111-2026-11-1");
    }

    #[test]
    fn a_landing_zone_without_downgrade_is_no_reason_to_call() {
        let mut order = order_json();
        order["LandingZone"]["downgrade"] = json!("none");
        let event = json!({"Execution": execution(), "Order": order, "Account": account()});
        let failure = Target::read(event, &alone()).unwrap_err();
        assert_eq!(failure.name(), ErrorName::InvalidState);
    }

    #[test]
    fn alone_the_account_id_is_enough_and_every_other_key_is_welcome() {
        let whole = json!({
            "AccountId": "111111111111", "AccountName": "n", "AccountEmail": "not an address",
            "tagEnvironment": "dev", "SomethingNew": {"a": [1]}
        });
        let mut like_the_machine = whole.clone();
        like_the_machine["Order"] = json!("4711");
        like_the_machine["Account"] = json!(account());
        like_the_machine["Execution"] = json!(execution());
        for event in [
            json!({"AccountId": "111111111111"}),
            whole,
            json!({"AccountId": "111111111111", "Order": "4711"}),
            like_the_machine,
        ] {
            let target = Target::read(event, &alone()).unwrap();
            assert_eq!(target.account.as_str(), "111111111111");
            assert_eq!(target.wanted, Wanted::AtMost(DowngradePolicy::Standard));
            assert_eq!(target.session_name(), "DowngradePermissionsSession");
        }
    }

    #[test]
    fn a_bad_account_id_is_named() {
        for event in [
            json!({}),
            json!(null),
            json!("111111111111"),
            json!({"AccountId": null}),
            json!({"AccountId": 111_111_111_111_u64}),
            json!({"AccountId": "11"}),
            json!({"accountId": "111111111111"}),
            json!({"Order": "4711"}),
            json!({"Order": order_json(), "Account": account()}),
            json!({"AccountId": "x", "Execution": execution(), "Order": order_json(), "Account": account()}),
        ] {
            let failure = Target::read(event.clone(), &alone()).unwrap_err();
            assert_eq!(failure.name(), ErrorName::InvalidRequest, "{event}");
            assert!(failure.cause().contains("AccountId"), "{failure}");
        }
    }

    #[test]
    fn the_accounts_that_the_machine_stands_on_are_refused_before_they_are_entered() {
        for (id, which) in [
            ("333333333333", "management"),
            ("222222222222", "automation"),
            ("555555555555", "meshcloud"),
        ] {
            let failure = Target::read(json!({"AccountId": id}), &alone()).unwrap_err();
            assert_eq!(failure.name(), ErrorName::InvalidRequest);
            assert!(failure.cause().contains(which), "{failure}");
        }
    }

    #[test]
    fn a_role_that_cannot_be_entered_yet_is_retried_by_the_state_machine_only() {
        let denied = || Failure::new(ErrorName::AccessDenied, "could not assume the role");
        let event = json!({"Execution": execution(), "Order": order_json(), "Account": account()});
        let step = Target::read(event, &alone()).unwrap();
        let called = Target::read(json!({"AccountId": "111111111111"}), &alone()).unwrap();
        assert_eq!(
            step.could_not_enter(denied()).name(),
            ErrorName::AccountNotReady
        );
        let failure = called.could_not_enter(denied());
        assert_eq!(failure.name(), ErrorName::AccessDenied);
        assert!(
            failure
                .remedy()
                .contains("PermissionDowngradeLambdaExecutionRole")
        );
    }
}
