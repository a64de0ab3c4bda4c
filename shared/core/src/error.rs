//! The one taxonomy of failures: a name that the state machine matches, its kind, its meaning, and what to do about it.
//! Names are part of the interface; the kind alone decides whether a step is retried. `ERRORS.md` is made of this table.

mod failure;

use std::fmt;

pub use failure::Failure;

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
    ($($name:ident, $kind:ident {
        meaning: $meaning:literal,
        outcome: $outcome:literal,
        remedy: $remedy:literal,
    })+) => {
        /// The names of all failures, as `errorType` of a function and `Error` of an execution.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ErrorName {
            $(
                #[doc = concat!("When ", $meaning, ".")]
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

            /// The failure of that name; none if there is none.
            #[must_use]
            pub fn find(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|name| name.as_str() == text)
            }

            /// What it means for the state machine.
            #[must_use]
            pub const fn kind(self) -> Kind {
                match self { $(Self::$name => Kind::$kind),+ }
            }

            /// The usual cause.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$name => $meaning),+ }
            }

            /// What the machine has done about it.
            #[must_use]
            pub const fn outcome(self) -> &'static str {
                match self { $(Self::$name => $outcome),+ }
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
    InvalidRequest, BadInput {
        meaning: "a key of the payload is missing or malformed, or AWS refuses a value that only the request can have",
        outcome: "nothing was begun, or the step ended before its write",
        remedy: "correct the named fields and send the request again",
    }
    InvalidConfiguration, BadInput {
        meaning: "a document below `/avm/` is malformed or contradicts itself, or AWS refuses a value that stands in it",
        outcome: "nothing was begun, or the step ended before its write",
        remedy: "correct the named field of the configuration document, deploy it, and send the request again",
    }
    AddressNotAllowed, BadInput {
        meaning: "a document names a server of SAML metadata, or an address of an access stack template, that the parameters of `template.yaml` do not name",
        outcome: "nothing was begun, or the step ended before it asked the address",
        remedy: "look who wrote the document; if the address is right, add it to SamlMetadataHosts or AccessStackTemplates of template.yaml, deploy that, and send the request again",
    }
    UnknownLandingZone, BadInput {
        meaning: "the request, the platform's `landingZoneTag` or `defaultLandingZone` names a landing zone that has no document",
        outcome: "nothing was begun",
        remedy: "name a landing zone that exists below /avm/landing-zones/, or deploy it",
    }
    LandingZoneNotAllowed, BadInput {
        meaning: "a user's tag names a landing zone that is not `selectableByTag`, or the account was vended in another landing zone, whose document does not let it go",
        outcome: "nothing was begun; the account was left untouched and unmarked",
        remedy: "name the landing zone of the account, or have an operator allow the change",
    }
    UnknownOrganizationalUnit, BadInput {
        meaning: "the unit of the landing zone does not exist, and the landing zone does not create it",
        outcome: "the account stays where it is",
        remedy: "create the organizational unit, let the landing zone create it, or name another one",
    }
    AccountNotFound, BadInput {
        meaning: "`AccountId` is no account of this organization",
        outcome: "no account was touched",
        remedy: "check the account id: it must be a member of this organization",
    }
    AccountMismatch, BadInput {
        meaning: "name or address of the request are not those of `AccountId`, or its tags name another workspace, project or machine",
        outcome: "the account was left untouched and unmarked",
        remedy: "check that id, name and e-mail address of the request belong to the same account",
    }
    StackSetNotFound, BadInput {
        meaning: "the landing zone names a StackSet that the automation account does not have in that region",
        outcome: "no instance was made or changed",
        remedy: "create the StackSet in the automation account or correct its name or region in the landing zone",
    }
    Throttled, Busy {
        meaning: "AWS is asked too often, by anybody in the account",
        outcome: "waited and tried again; the next try finds what is half done",
        remedy: "send the request again later",
    }
    ServiceUnavailable, Busy {
        meaning: "a service of AWS, the SCIM endpoint or the server of the SAML metadata does not answer or fails",
        outcome: "waited and tried again; a write whose answer was lost is looked for first",
        remedy: "send the request again later; if it stays, look at the AWS Health Dashboard",
    }
    ConcurrentModification, Busy {
        meaning: "somebody else changes the same thing at the same moment",
        outcome: "waited and tried again from a fresh look",
        remedy: "send the request again",
    }
    AccountNotReady, Busy {
        meaning: "a new account or a region that was just enabled cannot be used yet",
        outcome: "waited and tried again",
        remedy: "send the request again: a new account can take some minutes until it can be used",
    }
    VerificationPending, TimedOut {
        meaning: "the account does not look as its landing zone says, or a policy that was put cannot be read back",
        outcome: "the completion tags are not written, and no right was taken away before its replacement was proved",
        remedy: "compare the account with its landing zone, then send the request again",
    }
    AccessDenied, Terminal {
        meaning: "a role, its trust or the ExternalId differs from the templates; a service control policy; or the access role has been downgraded and the landing zone now wants what it may no longer do",
        outcome: "ended at the call that was denied; the message names it",
        remedy: "compare the roles, their trust policies and the ExternalId with the deployed templates",
    }
    EmailAlreadyInUse, Terminal {
        meaning: "the address belongs to an account that is closed, or that is another workspace's or project's",
        outcome: "no account was made or touched",
        remedy: "choose another e-mail address: this one belongs to an account that cannot be adopted",
    }
    AccountLimitExceeded, Terminal {
        meaning: "the organization has as many accounts as its quota allows",
        outcome: "no account was made",
        remedy: "have the organization's account quota raised, then send the request again",
    }
    AccountCreationFailed, Terminal {
        meaning: "AWS Organizations could not make the account; the message has its reason",
        outcome: "no account was made; the next vend asks again",
        remedy: "look at the failure reason in AWS Organizations, repair its cause, and send the request again",
    }
    AccountCreationPendingValidation, Terminal {
        meaning: "AWS wants the management account to be validated first",
        outcome: "no account was made",
        remedy: "finish the validation that AWS asks for in the management account, then send the request again",
    }
    AccountNotActive, Terminal {
        meaning: "the account is suspended or being closed",
        outcome: "the account was left untouched and unmarked",
        remedy: "reopen the account, or request a new one",
    }
    OrganizationLimitExceeded, Terminal {
        meaning: "units, their depth or accounts in a unit have reached a quota",
        outcome: "the account stays where it is",
        remedy: "raise the named quota of AWS Organizations or choose another organizational unit",
    }
    StackFailed, Terminal {
        meaning: "CloudFormation could not make or update the access stack; the message has the reason of the first resource",
        outcome: "the stack is left as CloudFormation left it; one whose creation failed is deleted and made again by the next vend",
        remedy: "look at the stack's events in the account, repair the cause, and send the request again",
    }
    StackSetFailed, Terminal {
        meaning: "the operation on the instance failed; the message has the reason",
        outcome: "the instance is left as it is; the next vend updates it",
        remedy: "look at the StackSet's operation in the automation account, repair the cause, and send the request again",
    }
    StackInstanceInoperable, Terminal {
        meaning: "the instance's stack could not be deleted once, so StackSets refuses to work on it",
        outcome: "changed nothing: only a person can tell what may be lost",
        remedy: "delete the stack instance with its stack retained, then send the request again",
    }
    EnrolmentNotPossible, Terminal {
        meaning: "Control Tower, its landing zone, the registered unit, the product, the path or the rights are not prepared; the message says which",
        outcome: "nothing was begun in Control Tower",
        remedy: "prepare AWS Control Tower and its Account Factory as the cause says, then send the request again",
    }
    EnrolmentFailed, Terminal {
        meaning: "the record of the Account Factory or the baseline failed; the message has its words and what they mean",
        outcome: "one repair of an earlier failure was tried; an execution role that the AVM had made is removed, if the account is not enrolled",
        remedy: "look at the provisioned product in Service Catalog, repair the cause, and send the request again",
    }
    NameTaken, Terminal {
        meaning: "a group, an organizational unit, a role or a budget has the name that the vend derives, and does not say that it is this workspace's, project's or account's",
        outcome: "it was left as it is: nobody was put into it, nothing was taken from it, and it got no power",
        remedy: "look whose it is: rename it, delete it, or let it say whose it is, then send the request again",
    }
    AccountAliasTaken, Terminal {
        meaning: "somebody else in AWS has the alias",
        outcome: "the account keeps the alias that it had",
        remedy: "choose another accountAliasPattern: aliases are unique across all of AWS",
    }
    SingleSignOnFailed, Terminal {
        meaning: "an assignment failed, a quota is reached, or the SCIM endpoint refuses the token or a change",
        outcome: "what succeeded stays; the next vend does the rest",
        remedy: "look at the account's assignments in IAM Identity Center, repair the cause, and send the request again",
    }
    IdentityProviderFailed, Terminal {
        meaning: "a quota of SAML providers, an external role that is missing or does not trust the provider",
        outcome: "what succeeded stays; the next vend does the rest",
        remedy: "look at the SAML provider and the roles in the account, repair the cause, and send the request again",
    }
    MetadataNotPinned, Terminal {
        meaning: "the SAML metadata are of another entity id, or have a certificate whose fingerprint the parameters of `template.yaml` do not have",
        outcome: "the SAML provider of the account was left as it is",
        remedy: "ask whoever runs the identity provider, by another way than the address, for its entity id and the SHA-256 fingerprints of its certificates; if these are the ones, put them into SamlEntityId and SamlCertificateFingerprints of template.yaml, beside the old ones while both are in use, deploy that, and send the request again",
    }
    RootAccessNotCentral, Terminal {
        meaning: "the platform's `centralRootAccess` is `required`, and the organization does not manage the root credentials of its accounts, or the account's root user has some",
        outcome: "the completion tags are not written",
        remedy: "turn on the management of root credentials in the management account, delete those of the account, and send the request again",
    }
    DefaultVpcsRemain, Terminal {
        meaning: "something is in a default VPC, or a region may not be looked into",
        outcome: "empty default VPCs are deleted; one that is in use was not touched",
        remedy: "empty or delete the named default VPCs by hand, then send the request again",
    }
    DowngradeFailed, Terminal {
        meaning: "the access role does not exist, or its policies could not be changed or read",
        outcome: "the minimum policy is put before anything is taken away, so the role has one of the two",
        remedy: "look at the policies of the access role in the account; it may still be powerful",
    }
    ElevationTimedOut, TimedOut {
        meaning: "IAM does not show the policy that gives the access role its power back",
        outcome: "the access role is taken down; the next vend tries again",
        remedy: "look at the policies of the access role in the account, then send the request again",
    }
    VendStopped, Terminal {
        meaning: "somebody has aborted the execution, or it has run for longer than three days",
        outcome: "the account is marked and its access role taken down, as after any other failure",
        remedy: "look at the execution, who has stopped it or what it waited for, then send the request again",
    }
    InvalidState, Terminal {
        meaning: "a step was called by hand, or an execution from before an update runs on",
        outcome: "nothing was done",
        remedy: "start the vend through AVMEntryPoint: the step was called with an input that it cannot read",
    }
    Internal, Terminal {
        meaning: "AWS answered something that its documentation does not have, or the AVM has a fault",
        outcome: "ended at once; everything that was done is found by the next vend",
        remedy: "look at the log of the function; this is an answer that the account vending machine does not know",
    }
    CostExplorerNotEnabled, Terminal {
        meaning: "Cost Explorer was never opened in the management account",
        outcome: "no report was made or changed",
        remedy: "open Cost Explorer once in the management account; it has data a day later",
    }
    CostDataUnavailable, Busy {
        meaning: "Cost Explorer is asked too often, has no data yet, or loses its place between two pages",
        outcome: "no report of the month was made or changed; reports of other months are whole",
        remedy: "wait for the next run, or run `avm meter` again",
    }
    CostDataInconsistent, Busy {
        meaning: "the accounts' costs of a month do not add up to the organization's, days after it could be final",
        outcome: "the month stays estimated, with the difference in its manifest",
        remedy: "compare the named record type in the Cost Explorer console; the next run reads it again",
    }
    UnsupportedCurrency, Terminal {
        meaning: "Cost Explorer answers in a currency other than USD, EUR and CNY",
        outcome: "no report of the month was made or changed",
        remedy: "look at the payment currency of the management account",
    }
    MixedCurrencies, Terminal {
        meaning: "Cost Explorer answers in more than one currency for one month",
        outcome: "no report of the month was made or changed",
        remedy: "look which service is billed in another currency, and have AWS bill it in the organization's",
    }
    CostExplorerRequestLimit, Terminal {
        meaning: "a month needs more requests than a run may make",
        outcome: "no report of the month was made or changed; reports of other months are whole",
        remedy: "raise `metering.maxRequestsPerRun` of the platform document, or meter fewer months at once",
    }
    AccountCreationTimedOut, TimedOut {
        meaning: "AWS has no room among its five creations at a time, or a creation or an access role does not become usable",
        outcome: "the creation goes on in AWS; the next vend adopts its account",
        remedy: "look at the account in AWS Organizations, then send the request again",
    }
    AccessStackTimedOut, TimedOut {
        meaning: "the access stack does not become complete",
        outcome: "the stack goes on; the next vend looks at it",
        remedy: "look at the stack's events in the account, then send the request again",
    }
    EnrolmentTimedOut, TimedOut {
        meaning: "Control Tower has no room, or its operation does not end",
        outcome: "the enrollment goes on; the next vend looks at it",
        remedy: "look at the provisioned product in Service Catalog, then send the request again",
    }
    AccountAliasTimedOut, TimedOut {
        meaning: "an alias neither shows nor gives way",
        outcome: "the next vend looks again",
        remedy: "look at the account's alias in IAM, then send the request again",
    }
    SingleSignOnTimedOut, TimedOut {
        meaning: "assignments stay in progress",
        outcome: "the assignments go on; the next vend looks at them",
        remedy: "look at the account's assignments in IAM Identity Center, then send the request again",
    }
    AccountSettingsTimedOut, TimedOut {
        meaning: "a region does not become enabled",
        outcome: "enabling goes on; the next vend looks at it",
        remedy: "look at the account's regions, then send the request again",
    }
    DefaultVpcsTimedOut, TimedOut {
        meaning: "a region that was just enabled cannot be looked into",
        outcome: "the default VPCs of the other regions are deleted; the next vend does the rest",
        remedy: "look at the default VPCs of the named regions, then send the request again",
    }
    StackSetTimedOut, TimedOut {
        meaning: "the operation does not end, or those of others before it do not",
        outcome: "the operation goes on; the next vend looks at it",
        remedy: "look at the StackSet's operation in the automation account, then send the request again",
    }
}

impl ErrorName {
    /// The names under which only the metering fails: no step of a vend knows them, and no definition retries them.
    pub const OF_METERING: &'static [Self] = &[
        Self::CostExplorerNotEnabled,
        Self::CostDataUnavailable,
        Self::CostDataInconsistent,
        Self::UnsupportedCurrency,
        Self::MixedCurrencies,
        Self::CostExplorerRequestLimit,
    ];
}

impl fmt::Display for ErrorName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        let names: std::collections::HashSet<&str> =
            ErrorName::ALL.iter().map(|name| name.as_str()).collect();
        assert_eq!(names.len(), ErrorName::ALL.len());
    }
}
