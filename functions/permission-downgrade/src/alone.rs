//! The downgrade for callers outside: an account id is all that is read, whatever else the event holds.
//! Every other key is accepted and ignored: meshStack sends its whole payload. An order in it is never believed.

use std::time::Duration;

use avm_core::config::DowngradePolicy;
use avm_core::contract::call::Scene;
use avm_core::domain::{AccountId, RoleName};
use avm_core::error::{ErrorName, Failure};
use avm_core::world::Host;
use serde::Serialize;
use serde_json::Value;

use crate::Done;
use crate::at_once::at_once;
use crate::target::{Target, Wanted};

/// What a call alone does not say, from the function's environment. Whose another account is, it cannot be asked: it carries
/// no owner, and it can only take rights away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alone {
    pub access_role: RoleName,
    /// The widest policy that the role may keep.
    pub policy: DowngradePolicy,
}

/// `{"statusCode": 200, "body": "Successfully downgraded", …}`: what meshStack's function answers, and what was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Response {
    #[serde(rename = "statusCode")]
    status_code: u16,
    body: &'static str,
    #[serde(flatten)]
    done: Done,
}

/// Answers a call; `pause` lets time pass. No event makes it a step: whoever may call could forge the order of one.
///
/// # Errors
/// `InvalidRequest` naming `AccountId`; `DowngradeFailed` where the role is missing, IAM refuses, or the end cannot be
/// proved, as nobody calls again; `VerificationPending` where nothing has been removed yet.
pub async fn answer(
    event: Value,
    alone: &Alone,
    host: &impl Host,
    pause: impl AsyncFn(Duration),
) -> Result<Response, Failure> {
    let account = account_of(&event)?;
    host.standing().refuse(&account, "AccountId")?;
    let target = Target {
        account,
        access_role: alone.access_role.clone(),
        wanted: Wanted::AtMost(alone.policy),
        is_alone: true,
        keeps_power_for: None,
    };
    let scene = Scene {
        account: Some(target.account.clone()),
        access_role: target.access_role.clone(),
        session_name: "DowngradePermissionsSession".to_owned(),
        execution_name: String::new(),
    };
    let done = at_once(&target, &scene, host, pause).await;
    Ok(Response {
        status_code: 200,
        body: "Successfully downgraded",
        done: done.map_err(|failure| failure.of_account(&target.account))?,
    })
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
