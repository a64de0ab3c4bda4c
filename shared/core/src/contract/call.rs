//! How the machine calls a step: `{"Execution", "Order", "Account", "Input", "Progress", "Mode"}`.
//! What a step needs besides the order and the account travels under `Input`, a key of its own.

use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::order::Order;
use crate::domain::{Account, AccountId, ExecutionArn, RoleName};
use crate::error::Failure;
use crate::json;

/// Whether a step acts, or answers its plan and writes nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mode {
    #[default]
    Act,
    Plan,
}

/// What a step needs where it needs nothing: no input, no account, no progress. Whatever is sent is ignored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Option<IgnoredAny>")]
pub struct Nothing;

impl From<Option<IgnoredAny>> for Nothing {
    fn from(_: Option<IgnoredAny>) -> Self {
        Self
    }
}

/// What an answer hands back for the next call: how often the step has looked, and what it noted itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Progress<Notes> {
    pub looks: Looks,
    pub notes: Notes,
}

/// How often a step has answered that it is not done; neither number ever begins anew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Looks {
    /// While its own work was under way.
    pub work: u32,
    /// While others came first; twice where so many asked that AWS refused to answer.
    pub turn: u32,
}

impl Looks {
    pub(crate) const fn after_work(self) -> Self {
        Self {
            work: self.work.saturating_add(1),
            ..self
        }
    }

    pub(crate) const fn after_turns(self, turns: u32) -> Self {
        Self {
            turn: self.turn.saturating_add(turns),
            ..self
        }
    }
}

/// A call of a step. The parameters are what the step noted at its last answer, what it needs besides, and the account that it
/// works on: [`Nothing`] for create-account alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Request<Notes = Nothing, Input = Nothing, Subject = Account> {
    pub execution: ExecutionArn,
    pub order: Order,
    pub account: Subject,
    pub input: Input,
    pub progress: Option<Progress<Notes>>,
    #[serde(default)]
    pub mode: Mode,
}

impl<Notes, Input, Subject> Request<Notes, Input, Subject> {
    /// What the step noted at its last answer.
    pub fn notes(&self) -> Option<&Notes> {
        self.progress.as_ref().map(|progress| &progress.notes)
    }
}

/// With what the doors of a call are opened, and under which names its sessions and failures stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scene {
    /// The account, if one is known.
    pub account: Option<AccountId>,
    /// The powerful role of the account.
    pub access_role: RoleName,
    /// The name of all sessions of the call.
    pub session_name: String,
    /// The name of the execution, for the log.
    pub execution_name: String,
}

/// What a step can be called with.
pub trait Call: Sized {
    type Notes: Clone + Serialize + DeserializeOwned;

    /// Decodes an event.
    ///
    /// # Errors
    /// `InvalidState` with the path of the field that cannot be read.
    fn read(event: Value) -> Result<Self, Failure>;

    fn scene(&self) -> Scene;

    /// The execution that calls, if the event names one.
    fn execution(&self) -> Option<ExecutionArn>;

    /// How often the step has looked already.
    fn looks(&self) -> Looks;

    fn mode(&self) -> Mode;
}

/// What a step works on.
pub trait Subject: Clone + Serialize + DeserializeOwned {
    fn account_id(&self) -> Option<&AccountId>;
}

impl Subject for Account {
    fn account_id(&self) -> Option<&AccountId> {
        Some(&self.account_id)
    }
}

impl Subject for Nothing {
    fn account_id(&self) -> Option<&AccountId> {
        None
    }
}

impl<Notes, Input, On> Call for Request<Notes, Input, On>
where
    Notes: Clone + Serialize + DeserializeOwned,
    Input: DeserializeOwned,
    On: Subject,
{
    type Notes = Notes;

    fn read(event: Value) -> Result<Self, Failure> {
        json::decode(event)
    }

    fn scene(&self) -> Scene {
        Scene {
            account: self.account.account_id().cloned(),
            access_role: self.order.platform.account_access_role.clone(),
            session_name: self.execution.session_name(),
            execution_name: self.execution.name().to_owned(),
        }
    }

    fn execution(&self) -> Option<ExecutionArn> {
        Some(self.execution.clone())
    }

    fn looks(&self) -> Looks {
        self.progress
            .as_ref()
            .map_or_else(Looks::default, |progress| progress.looks)
    }

    fn mode(&self) -> Mode {
        self.mode
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::error::ErrorName;
    use crate::testing::{account, execution, order, order_json};

    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Notes {
        record: u32,
    }

    fn event() -> Value {
        json!({
            "Execution": execution(), "Order": order_json(), "Account": account(), "Input": null, "Progress": null,
        })
    }

    #[test]
    fn an_event_of_the_machine_is_read_and_unknown_keys_are_ignored() {
        let mut event = event();
        event["SomethingNew"] = json!(1);
        event["Progress"] = json!({"Looks": {"Work": 2, "Turn": 1}, "Notes": {"Record": 7}});
        let request = Request::<Notes>::read(event).unwrap();
        assert_eq!(request.order, order());
        assert_eq!(request.notes(), Some(&Notes { record: 7 }));
        assert_eq!(request.looks(), Looks { work: 2, turn: 1 });
        assert_eq!(request.mode(), Mode::Act);
    }

    #[test]
    fn what_a_step_does_not_need_may_be_missing_or_anything() {
        for input in [json!(null), json!({"a": [1]}), json!("x")] {
            let mut event = event();
            event["Account"] = input.clone();
            event["Input"] = input;
            event["Mode"] = json!("Plan");
            let request = Request::<Notes, Nothing, Nothing>::read(event).unwrap();
            assert_eq!((request.account, request.mode), (Nothing, Mode::Plan));
        }
        let mut event = event();
        event.as_object_mut().unwrap().remove("Input");
        assert!(Request::<Notes>::read(event).is_ok());
    }

    #[test]
    fn what_cannot_be_read_is_named_with_its_whole_path() {
        for (pointer, value, path) in [
            (
                "/Order/Request/AccountName",
                json!(7),
                "Order.Request.AccountName",
            ),
            (
                "/Order/LandingZone/Settings/downgrade",
                json!("x"),
                "Order.LandingZone.Settings.downgrade",
            ),
            ("/Account/AccountId", json!("12"), "Account.AccountId"),
            ("/Execution", json!("x"), "Execution"),
            (
                "/Progress",
                json!({"Looks": {"Work": -1, "Turn": 0}}),
                "Progress.Looks.Work",
            ),
        ] {
            let mut event = event();
            *event.pointer_mut(pointer).unwrap() = value;
            let failure = Request::<Notes>::read(event).unwrap_err();
            assert_eq!(failure.name(), ErrorName::InvalidState);
            assert!(
                failure.cause().contains(&format!(" at {path}: ")),
                "{failure}"
            );
        }
    }
}
