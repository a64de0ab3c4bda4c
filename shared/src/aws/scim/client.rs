//! The HTTP client of SCIM: the one that the AWS SDK brings, with its TLS, and a bound on every call.
//! A call is not repeated here, but for a token that was replaced meanwhile: the state machine repeats the step.

use std::sync::OnceLock;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;

use super::answers::Answer;
use crate::aws::secrets::{AccessToken, AccessTokens};
use crate::config::ScimEndpoint;
use crate::error::{ErrorName, Failure};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// For a whole call, the answer's body included.
const CALL_TIMEOUT: Duration = Duration::from_secs(15);

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    Get,
    Post,
    Patch,
    Delete,
}

impl Method {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// Connections and tokens of SCIM endpoints; one per sandbox.
pub struct ScimClient {
    connector: OnceLock<Option<SharedHttpConnector>>,
    tokens: AccessTokens,
}

impl ScimClient {
    /// A client whose tokens the credentials of the configuration may read. Connects when it is first used.
    #[must_use]
    pub fn new(configuration: &SdkConfig) -> Self {
        Self {
            connector: OnceLock::new(),
            tokens: AccessTokens::new(configuration.clone()),
        }
    }

    /// The same over another connector.
    #[cfg(test)]
    pub(super) fn over(configuration: &SdkConfig, connector: SharedHttpConnector) -> Self {
        Self {
            connector: OnceLock::from(Some(connector)),
            tokens: AccessTokens::new(configuration.clone()),
        }
    }

    /// One call; once more with the token read afresh where the kept one is refused.
    pub(super) async fn ask(
        &self,
        endpoint: &ScimEndpoint,
        method: Method,
        path: &str,
        body: Option<String>,
    ) -> Result<Answer, Failure> {
        let secret = &endpoint.token_secret_arn;
        let token = self.tokens.find(secret).await?;
        let answer = self
            .send(endpoint, method, path, body.clone(), &token)
            .await?;
        if answer.status != 401 {
            return Ok(answer);
        }
        self.tokens.forget(secret);
        let fresh = self.tokens.find(secret).await?;
        if fresh == token {
            return Ok(answer);
        }
        self.send(endpoint, method, path, body, &fresh).await
    }

    async fn send(
        &self,
        endpoint: &ScimEndpoint,
        method: Method,
        path: &str,
        body: Option<String>,
        token: &AccessToken,
    ) -> Result<Answer, Failure> {
        // With two slashes AWS finds nothing.
        let base = endpoint.endpoint.as_str().trim_end_matches('/');
        let request = request(method, &format!("{base}{path}"), body, token)?;
        let connector = self.connector()?;
        let call = async {
            let response = connector
                .call(request)
                .await
                .map_err(|error| no_answer(method, &in_words(&error)))?;
            let status = response.status().as_u16();
            let body = ByteStream::new(response.into_body())
                .collect()
                .await
                .map_err(|error| no_answer(method, &in_words(&error)))?;
            let body = body.to_vec();
            Ok(Answer { status, body })
        };
        let answered = tokio::time::timeout(CALL_TIMEOUT, call).await;
        answered.unwrap_or_else(|_| {
            let words = format!("none within {} seconds", CALL_TIMEOUT.as_secs());
            Err(no_answer(method, &words))
        })
    }

    fn connector(&self) -> Result<&SharedHttpConnector, Failure> {
        let settings = HttpConnectorSettings::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .build();
        self.connector
            .get_or_init(|| aws_smithy_http_client::default_connector(&settings, None))
            .as_ref()
            .ok_or_else(|| Failure::new(ErrorName::Internal, "built without an HTTP client"))
    }
}

fn request(
    method: Method,
    uri: &str,
    body: Option<String>,
    token: &AccessToken,
) -> Result<HttpRequest, Failure> {
    let unusable =
        |what: &str| Failure::new(ErrorName::Internal, format!("scim: {what} cannot be sent"));
    let size = body.as_ref().map(String::len);
    let mut request = HttpRequest::new(body.map_or_else(SdkBody::empty, SdkBody::from));
    request
        .set_method(method.as_str())
        .map_err(|_| unusable("the method"))?;
    request
        .set_uri(uri.to_owned())
        .map_err(|_| unusable("the address"))?;
    let headers = request.headers_mut();
    headers.insert("authorization", format!("Bearer {}", token.expose()));
    headers.insert("accept", "application/scim+json, application/json");
    if let Some(size) = size {
        headers.insert("content-type", "application/scim+json");
        headers.insert("content-length", size.to_string());
    }
    Ok(request)
}

fn no_answer(method: Method, words: &str) -> Failure {
    Failure::new(
        ErrorName::ServiceUnavailable,
        format!(
            "the SCIM endpoint gave no answer to a {}: {words}",
            method.as_str()
        ),
    )
}

/// The error with its causes. None of them holds the request, whose query may name a person.
fn in_words(error: &(dyn std::error::Error + 'static)) -> String {
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        words = format!("{words}: {cause}");
        source = cause.source();
    }
    words
}
