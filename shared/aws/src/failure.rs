//! From the SDK's errors to failures: the codes that mean the same in every service.
//! Exceptions of a single service are mapped beside its calls, before this.

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::http::Response;
use aws_smithy_types::error::metadata::{ErrorMetadata, ProvideErrorMetadata};

use avm_core::error::{ErrorName, Failure};

/// The code and message of an error, whether the service's model knows it or not.
#[derive(Debug)]
pub struct ServiceError {
    /// The call, e.g. `organizations:MoveAccount`.
    pub call: &'static str,
    /// The error code; empty where the service never answered.
    pub code: String,
    /// The service's words, or what kept it from answering.
    pub message: String,
    /// The HTTP status, where there was an answer.
    pub status: Option<u16>,
}

impl ServiceError {
    /// Reads the error of a call.
    pub fn of<E>(call: &'static str, error: &SdkError<E, Response>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let status = error
            .raw_response()
            .map(|response| response.status().as_u16());
        let said = error.as_service_error().map(ProvideErrorMetadata::meta);
        Self::read(call, status, said, error)
    }

    /// Apart from [`of`](Self::of), so that it is compiled once and not for each of a hundred kinds of error.
    fn read(
        call: &'static str,
        status: Option<u16>,
        said: Option<&ErrorMetadata>,
        error: &dyn std::error::Error,
    ) -> Self {
        let (code, message) = match said {
            Some(said) => (
                said.code().unwrap_or_default().to_owned(),
                said.message()
                    .unwrap_or("the service gave no message")
                    .to_owned(),
            ),
            None => (String::new(), with_causes(error)),
        };
        Self {
            call,
            code,
            message,
            status,
        }
    }

    /// The failure that the code means in every service.
    pub fn into_failure(self) -> Failure {
        let name = common_name(&self.code, self.status);
        self.into_named(name)
    }

    /// The failure under a more precise name of the caller's.
    pub fn into_named(self, name: ErrorName) -> Failure {
        let code = if self.code.is_empty() {
            "no answer"
        } else {
            &self.code
        };
        Failure::new(
            name,
            format!("{} failed with {code}: {}", self.call, self.message),
        )
    }
}

/// The words of an error and of everything that caused it.
pub fn with_causes(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        words = format!("{words}: {cause}");
        source = cause.source();
    }
    words
}

/// A call whose errors mean nothing special.
impl From<ServiceError> for Failure {
    fn from(error: ServiceError) -> Self {
        error.into_failure()
    }
}

fn common_name(code: &str, status: Option<u16>) -> ErrorName {
    match code {
        "Throttling"
        | "ThrottlingException"
        | "ThrottledException"
        | "TooManyRequestsException"
        | "RequestLimitExceeded"
        | "RequestThrottled"
        | "RequestThrottledException"
        | "SlowDown" => ErrorName::Throttled,
        "AccessDenied"
        | "AccessDeniedException"
        | "UnauthorizedOperation"
        | "NotAuthorized"
        | "AccessDeniedForDependencyException" => ErrorName::AccessDenied,
        "ConcurrentModification" | "ConcurrentModificationException" | "ConflictException" => {
            ErrorName::ConcurrentModification
        }
        "OptInRequired"
        | "SubscriptionRequiredException"
        | "RegionDisabledException"
        | "InvalidClientTokenId"
        | "UnrecognizedClientException" => ErrorName::AccountNotReady,
        // Without a code: the service gave no answer.
        ""
        | "ServiceException"
        | "ServiceFailure"
        | "ServiceUnavailable"
        | "ServiceUnavailableException"
        | "InternalFailure"
        | "InternalServerError"
        | "InternalServerException"
        | "InternalError"
        | "RequestTimeout"
        | "RequestTimeoutException"
        | "ExpiredToken"
        | "ExpiredTokenException" => ErrorName::ServiceUnavailable,
        _ if status.is_some_and(|status| status >= 500) => ErrorName::ServiceUnavailable,
        _ => ErrorName::Internal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_mean_the_same_in_every_service() {
        for (code, status, name) in [
            ("TooManyRequestsException", 400, ErrorName::Throttled),
            ("AccessDenied", 403, ErrorName::AccessDenied),
            (
                "ConcurrentModificationException",
                400,
                ErrorName::ConcurrentModification,
            ),
            ("OptInRequired", 403, ErrorName::AccountNotReady),
            ("SomethingNew", 503, ErrorName::ServiceUnavailable),
            ("SomethingNew", 400, ErrorName::Internal),
        ] {
            assert_eq!(common_name(code, Some(status)), name, "{code}");
        }
        assert_eq!(common_name("", None), ErrorName::ServiceUnavailable);
    }
}
