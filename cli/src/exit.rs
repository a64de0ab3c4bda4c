//! The exit codes, and what a command stops with when it could not do its work.
//! Scripts rely on the codes: they are the same for all commands, and the help lists them.

use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use avm_core::error::Failure;

const BAD: Style = AnsiColor::Red.on_default().bold();

/// Every exit code, with its meaning.
pub const CODES: [(u8, &str); 5] = [
    (0, "done, or nothing to do"),
    (
        1,
        "the answer is no: documents have problems, the doctor has found something, an account cannot be adopted as it is, schemas differ, a month does not add up, a smoke test is not passed, you declined",
    ),
    (2, "wrong usage, or a file that cannot be used"),
    (4, "no region, no credentials, or refused ones"),
    (6, "AWS answered an error, or did not answer"),
];

/// What AWS says to credentials that it does not know, that are too old or that may not do this.
const REFUSED: [&str; 12] = [
    "AccessDenied",
    "AccessDeniedException",
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "NotAuthorized",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
];

/// Why a command could not do its work.
#[derive(Debug, PartialEq, Eq)]
pub enum Stop {
    /// It was asked for wrongly, or a file cannot be used.
    Usage(String),
    /// Nobody is signed in, or AWS does not let them.
    Credentials(String),
    /// AWS answered an error, or did not answer.
    Service(String),
}

impl Stop {
    /// The exit code.
    pub const fn code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::Credentials(_) => 4,
            Self::Service(_) => 6,
        }
    }

    /// Tells the operator, and gives the process its exit code.
    pub fn tell(&self) -> ExitCode {
        anstream::eprintln!("{BAD}avm:{BAD:#} {}", self.reason());
        ExitCode::from(self.code())
    }

    fn reason(&self) -> &str {
        let (Self::Usage(reason) | Self::Credentials(reason) | Self::Service(reason)) = self;
        reason
    }
}

/// What is refused here without asking AWS.
impl From<String> for Stop {
    fn from(reason: String) -> Self {
        Self::Usage(reason)
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        let said = failure.cause().split("failed with ").nth(1);
        let code = said.and_then(|said| said.split(':').next()).unwrap_or("");
        if REFUSED.contains(&code) {
            let remedy = "Remedy: sign in again, or as somebody who may do this (--profile)";
            return Self::Credentials(format!("{}. {remedy}", failure.cause()));
        }
        Self::Service(failure.to_string())
    }
}

/// The exit codes as the help shows them.
pub fn help() -> String {
    let lines = CODES.map(|(code, meaning)| format!("  {code}  {meaning}"));
    format!("Exit codes:\n{}", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use avm_core::error::ErrorName;

    use super::*;

    #[test]
    fn credentials_that_aws_refuses_are_told_from_everything_else() {
        let stop = |cause: &str| Stop::from(Failure::new(ErrorName::ServiceUnavailable, cause));
        let refused = stop("/avm: ssm:GetParametersByPath failed with ExpiredTokenException: old");
        assert_eq!(refused.code(), 4);
        assert!(refused.reason().ends_with("who may do this (--profile)"));
        let unanswered = stop("/avm: ssm:GetParametersByPath failed with no answer: AccessDenied");
        assert_eq!(unanswered.code(), 6);
        assert_eq!(stop("AccessDenied").code(), 6);
    }

    #[test]
    fn each_code_has_its_line_in_the_help() {
        let words = || "no".to_owned();
        for stop in [
            Stop::Usage(words()),
            Stop::Credentials(words()),
            Stop::Service(words()),
        ] {
            let line = format!("\n  {}  ", stop.code());
            assert!(help().contains(&line), "{line}");
        }
    }
}
