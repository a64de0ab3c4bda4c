//! The failed vend as the state machine reports it, read as far as it can be read.
//! Nothing here fails: an order that cannot be decoded is one of the reasons why this step is called. Every text is on one
//! line, so that none can pass for another line of the notice.

use avm_core::contract::call::{Call, Looks, Mode, Nothing, Scene};
use avm_core::domain::{AccountId, ExecutionArn, MachineName, RoleName, one_line, redact_emails};
use avm_core::error::{ErrorName, Failure};
use avm_core::rules::owner::Owner;
use serde_json::Value;

/// More of a cause than this is not told.
const LONGEST_CAUSE: usize = 2_000;
const UNKNOWN: &str = "unknown";

/// Whose vend has failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The account that create-account has found or made for this order, and compared with it.
    Found(AccountId),
    /// The account that only the request names: it may be anybody's.
    Named(AccountId),
    /// There is no account yet.
    NoAccount,
}

impl Subject {
    /// The account, if there is one.
    pub const fn account(&self) -> Option<&AccountId> {
        match self {
            Self::Found(account) | Self::Named(account) => Some(account),
            Self::NoAccount => None,
        }
    }
}

/// What failed, and of which vend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The ARN of the execution, in whatever form it was given.
    pub execution: String,
    /// The account.
    pub subject: Subject,
    /// The account's name, given or to be.
    pub account_name: String,
    /// The workspace identifier.
    pub product_name: String,
    /// The project identifier.
    pub stage: String,
    /// Whose the account is: as the order has it, not as it is told.
    pub owner: Option<Owner>,
    /// The landing zone's name.
    pub landing_zone: String,
    /// The state that failed.
    pub step: String,
    /// The name of the failure.
    pub error: String,
    /// Why it failed, without addresses.
    pub cause: String,
    /// What to do about it.
    pub remedy: String,
    access_role: Option<RoleName>,
    mode: Mode,
}

impl Report {
    /// Reads `{"Execution", "Order", "Account"?, "AccountId"?, "Failure": {"Step", "Error", "Cause"}, "Mode"?}`.
    pub fn of_event(event: &Value) -> Self {
        let text = |path: &str| {
            let found = event.pointer(path).and_then(Value::as_str);
            one_line(&redact_emails(found.unwrap_or_default().trim()))
        };
        let or_unknown = |path: &str| Some(text(path)).filter(|text| !text.is_empty());
        let raw_cause = event
            .pointer("/Failure/Cause")
            .map_or_else(String::new, words);
        let told = Told::of(&raw_cause);
        let error = or_unknown("/Failure/Error")
            .or(told.error)
            .unwrap_or_else(|| UNKNOWN.to_owned());
        let account = |path: &str| text(path).parse::<AccountId>().ok();
        let subject = account("/Account/AccountId")
            .or_else(|| account("/AccountId"))
            .map(Subject::Found)
            .or_else(|| account("/Order/Request/AccountId").map(Subject::Named))
            .unwrap_or(Subject::NoAccount);
        Self {
            execution: text("/Execution"),
            subject,
            account_name: or_unknown("/Account/AccountName")
                .unwrap_or_else(|| text("/Order/Request/AccountName")),
            product_name: text("/Order/Request/ProductName"),
            stage: text("/Order/Request/Stage"),
            owner: owner(event),
            landing_zone: text("/Order/LandingZone/Name"),
            step: or_unknown("/Failure/Step").unwrap_or_else(|| UNKNOWN.to_owned()),
            cause: told.cause,
            remedy: told.remedy.unwrap_or_else(|| remedy_of(&error).to_owned()),
            error,
            access_role: text("/Order/Platform/accountAccessRole").parse().ok(),
            mode: match text("/Mode").as_str() {
                "Plan" => Mode::Plan,
                _ => Mode::Act,
            },
        }
    }

    /// The execution's name, the last part of its ARN.
    pub fn execution_name(&self) -> &str {
        self.execution.rsplit(':').next().unwrap_or_default()
    }

    /// The account's id, or nothing.
    pub fn account_id(&self) -> &str {
        self.subject.account().map_or("", AccountId::as_str)
    }

    /// The name of the session in the management account.
    fn session_name(&self) -> String {
        self.execution().map_or_else(
            || "avm-record-failure".to_owned(),
            |execution| execution.session_name(),
        )
    }
}

impl Call for Report {
    type Notes = Nothing;

    /// Never fails.
    fn read(event: Value) -> Result<Self, Failure> {
        Ok(Self::of_event(&event))
    }

    /// The account is one that was found: one that only the request names is none of the scene's.
    fn scene(&self) -> Scene {
        let account = match &self.subject {
            Subject::Found(account) => Some(account.clone()),
            Subject::Named(_) | Subject::NoAccount => None,
        };
        // No door of this step leads through the access role.
        let access_role = self.access_role.clone();
        Scene {
            account,
            access_role: access_role.unwrap_or_else(RoleName::control_tower_execution),
            session_name: self.session_name(),
            execution_name: self.execution_name().to_owned(),
        }
    }

    fn execution(&self) -> Option<ExecutionArn> {
        self.execution.parse().ok()
    }

    fn looks(&self) -> Looks {
        Looks::default()
    }

    fn mode(&self) -> Mode {
        self.mode
    }
}

/// What the cause of a failed task tells.
struct Told {
    error: Option<String>,
    cause: String,
    remedy: Option<String>,
}

impl Told {
    /// A function's cause is `{"errorType", "errorMessage"}` as text; the state machine's own are plain words.
    fn of(cause: &str) -> Self {
        let parsed: Value = serde_json::from_str(cause).unwrap_or_default();
        let text = |key: &str| parsed.get(key).and_then(Value::as_str).map(str::to_owned);
        let message = text("errorMessage").unwrap_or_else(|| cause.to_owned());
        let (cause, remedy) = match message.rsplit_once(". Remedy: ") {
            Some((cause, remedy)) => (cause, Some(remedy.trim_end_matches('.').to_owned())),
            None => (message.as_str(), None),
        };
        let cause: String = one_line(&redact_emails(cause.trim()))
            .chars()
            .take(LONGEST_CAUSE)
            .collect();
        Self {
            error: text("errorType").map(|error| one_line(&error)),
            cause: if cause.is_empty() {
                "no cause was given".to_owned()
            } else {
                cause
            },
            remedy: remedy
                .map(|remedy| one_line(&redact_emails(remedy.trim())))
                .filter(|remedy| !remedy.is_empty()),
        }
    }
}

/// A cause that is already JSON is taken like one that is JSON in a text.
fn words(cause: &Value) -> String {
    match cause {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

fn owner(event: &Value) -> Option<Owner> {
    let identifier = |path: &str| event.pointer(path)?.as_str();
    let workspace = identifier("/Order/Request/ProductName")?;
    let project = identifier("/Order/Request/Stage")?;
    let machine = identifier("/Order/Machine").map_or(Ok(MachineName::first()), str::parse);
    Some(Owner::new(workspace, project, &machine.ok()?))
}

fn remedy_of(error: &str) -> &'static str {
    ErrorName::find(error).map_or(
        "look at the history of the execution and at the log of the function that failed, then send the request again",
        ErrorName::remedy,
    )
}
