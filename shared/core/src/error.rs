//! The one taxonomy of failures: a name that the state machine matches, its kind, and what to do about it.
//! Names are part of the interface; the kind alone decides whether a step is retried.

use std::fmt;

use crate::domain::{AccountId, one_line, redact_emails};
use crate::doors::Door;

/// What a failure means for the state machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The request or the configuration is wrong: sending it again unchanged is of no use.
    BadInput,
    /// Not now: retried with back-off and jitter.
    Busy,
    /// Somebody has to look at it.
    Terminal,
    /// A bounded wait of a step has ended.
    TimedOut,
}

macro_rules! error_names {
    ($($name:ident, $kind:ident, $remedy:literal;)+) => {
        /// The names of all failures, as `errorType` of a function and `Error` of an execution.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ErrorName {
            $(
                #[doc = concat!("Remedy: ", $remedy)]
                $name,
            )+
        }

        impl ErrorName {
            /// Every name there is.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The name on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => stringify!($name)),+ }
            }

            /// What it means for the state machine.
            #[must_use]
            pub const fn kind(self) -> Kind {
                match self { $(Self::$name => Kind::$kind),+ }
            }

            /// What to do about it, unless the failure knows better.
            #[must_use]
            pub const fn remedy(self) -> &'static str {
                match self { $(Self::$name => $remedy),+ }
            }
        }
    };
}

error_names! {
    InvalidRequest, BadInput, "correct the named fields and send the request again";
    InvalidConfiguration, BadInput, "correct the named field of the configuration document, deploy it, and send the request again";
    UnknownLandingZone, BadInput, "name a landing zone that exists below /avm/landing-zones/, or deploy it";
    UnknownOrganizationalUnit, BadInput, "create the organizational unit, let the landing zone create it, or name another one";
    AccountNotFound, BadInput, "check the account id: it must be a member of this organization";
    AccountMismatch, BadInput, "check that id, name and e-mail address of the request belong to the same account";
    StackSetNotFound, BadInput, "create the StackSet in the automation account or correct its name or region in the landing zone";
    Throttled, Busy, "send the request again later";
    ServiceUnavailable, Busy, "send the request again later; if it stays, look at the AWS Health Dashboard";
    ConcurrentModification, Busy, "send the request again";
    AccountNotReady, Busy, "send the request again: a new account can take some minutes until it can be used";
    VerificationPending, TimedOut, "compare the account with its landing zone, then send the request again";
    AccessDenied, Terminal, "compare the roles, their trust policies and the ExternalId with the deployed templates";
    EmailAlreadyInUse, Terminal, "choose another e-mail address: this one belongs to an account that cannot be adopted";
    AccountLimitExceeded, Terminal, "have the organization's account quota raised, then send the request again";
    AccountCreationFailed, Terminal, "look at the failure reason in AWS Organizations, repair its cause, and send the request again";
    AccountCreationPendingValidation, Terminal, "finish the validation that AWS asks for in the management account, then send the request again";
    AccountNotActive, Terminal, "reopen the account, or request a new one";
    OrganizationLimitExceeded, Terminal, "raise the named quota of AWS Organizations or choose another organizational unit";
    StackFailed, Terminal, "look at the stack's events in the account, repair the cause, and send the request again";
    StackSetFailed, Terminal, "look at the StackSet's operation in the automation account, repair the cause, and send the request again";
    StackInstanceInoperable, Terminal, "delete the stack instance with its stack retained, then send the request again";
    EnrolmentNotPossible, Terminal, "prepare AWS Control Tower and its Account Factory as the cause says, then send the request again";
    EnrolmentFailed, Terminal, "look at the provisioned product in Service Catalog, repair the cause, and send the request again";
    AccountAliasTaken, Terminal, "choose another accountAliasPattern: aliases are unique across all of AWS";
    SingleSignOnFailed, Terminal, "look at the account's assignments in IAM Identity Center, repair the cause, and send the request again";
    IdentityProviderFailed, Terminal, "look at the SAML provider and the roles in the account, repair the cause, and send the request again";
    DefaultVpcsRemain, Terminal, "empty or delete the named default VPCs by hand, then send the request again";
    DowngradeFailed, Terminal, "look at the policies of the access role in the account; it may still be powerful";
    InvalidState, Terminal, "start the vend through AVMEntryPoint: the step was called with an input that it cannot read";
    Internal, Terminal, "look at the log of the function; this is an answer that the account vending machine does not know";
    AccountCreationTimedOut, TimedOut, "look at the account in AWS Organizations, then send the request again";
    AccessStackTimedOut, TimedOut, "look at the stack's events in the account, then send the request again";
    EnrolmentTimedOut, TimedOut, "look at the provisioned product in Service Catalog, then send the request again";
    AccountAliasTimedOut, TimedOut, "look at the account's alias in IAM, then send the request again";
    SingleSignOnTimedOut, TimedOut, "look at the account's assignments in IAM Identity Center, then send the request again";
    AccountSettingsTimedOut, TimedOut, "look at the account's regions, then send the request again";
    DefaultVpcsTimedOut, TimedOut, "look at the default VPCs of the named regions, then send the request again";
    StackSetTimedOut, TimedOut, "look at the StackSet's operation in the automation account, then send the request again";
}

impl fmt::Display for ErrorName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A failed step: its name, its cause, the account it concerns, and the remedy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    name: ErrorName,
    cause: String,
    account: Option<AccountId>,
    remedy: Option<String>,
    closed_door: Option<Door>,
}

impl Failure {
    /// A failure with its cause, on one line; e-mail addresses are taken out of the words.
    #[must_use]
    pub fn new(name: ErrorName, cause: impl AsRef<str>) -> Self {
        Self {
            name,
            cause: words(cause.as_ref()),
            account: None,
            remedy: None,
            closed_door: None,
        }
    }

    /// The same failure, of that account.
    #[must_use]
    pub fn of_account(mut self, account: &AccountId) -> Self {
        self.account.get_or_insert_with(|| account.clone());
        self
    }

    /// The same failure with a remedy that fits better than the name's own.
    #[must_use]
    pub fn with_remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(one_line(&remedy.into()));
        self
    }

    /// The same failure under another name.
    #[must_use]
    pub fn renamed(mut self, name: ErrorName) -> Self {
        self.name = name;
        self
    }

    /// The same failure, with words in front of its cause that say what was being done.
    #[must_use]
    pub fn while_doing(mut self, context: &str) -> Self {
        self.cause = format!("{}: {}", words(context), self.cause);
        self
    }

    /// The same failure, to open that door.
    #[must_use]
    pub const fn at_door(mut self, door: Door) -> Self {
        self.closed_door = Some(door);
        self
    }

    /// The door that could not be opened, where that is the failure.
    #[must_use]
    pub const fn closed_door(&self) -> Option<Door> {
        self.closed_door
    }

    /// Its name.
    #[must_use]
    pub const fn name(&self) -> ErrorName {
        self.name
    }

    /// Its cause in words.
    #[must_use]
    pub fn cause(&self) -> &str {
        &self.cause
    }

    /// The account it concerns, if one is known.
    #[must_use]
    pub const fn account(&self) -> Option<&AccountId> {
        self.account.as_ref()
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> &str {
        self.remedy.as_deref().unwrap_or(self.name.remedy())
    }
}

/// Words that may be logged: without addresses, and on one line, so that nothing in them can pass for a line of its own.
fn words(text: &str) -> String {
    one_line(&redact_emails(text))
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.cause)?;
        if let Some(account) = &self.account {
            write!(formatter, " (account {account})")?;
        }
        write!(formatter, ". Remedy: {}.", self.remedy())
    }
}

impl std::error::Error for Failure {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_says_cause_account_and_remedy_without_addresses() {
        let account = "123456789012".parse().unwrap();
        let failure = Failure::new(ErrorName::EmailAlreadyInUse, "a@example.com is taken")
            .of_account(&account);
        assert_eq!(
            failure.to_string(),
            "<e-mail> is taken (account 123456789012). Remedy: choose another e-mail address: this one belongs to \
             an account that cannot be adopted."
        );
    }

    #[test]
    fn a_failure_is_one_line_whatever_it_repeats() {
        let failure = Failure::new(ErrorName::Internal, "a\nERROR forged\u{2028}x")
            .while_doing("b\r")
            .with_remedy("c\u{1b}[2J");
        assert_eq!(
            failure.to_string(),
            "b\\r: a\\nERROR forged\\u{2028}x. Remedy: c\\u{1b}[2J."
        );
    }

    #[test]
    fn names_are_unique_and_every_one_has_a_remedy() {
        let names: std::collections::HashSet<&str> =
            ErrorName::ALL.iter().map(|name| name.as_str()).collect();
        assert_eq!(names.len(), ErrorName::ALL.len());
        assert!(ErrorName::ALL.iter().all(|name| !name.remedy().is_empty()));
    }
}
