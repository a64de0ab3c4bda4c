//! The HTTP client of SCIM, with the token in front of every call.
//! A call is retried only after the token was replaced: all other retries are the state machine's.

use std::sync::OnceLock;

use aws_config::SdkConfig;
#[cfg(test)]
use aws_smithy_runtime_api::client::http::SharedHttpConnector;

use super::answers::Answer;
use crate::secrets::{AccessToken, AccessTokens};
use crate::web::{Web, WebError, WebRequest};
use avm_core::domain::ScimEndpoint;
use avm_core::error::{ErrorName, Failure};

/// A page of 100 users or groups (AWS's maximum) has about 100 KiB.
const LONGEST_ANSWER: usize = 4 * 1024 * 1024;

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
    web: OnceLock<Web>,
    tokens: AccessTokens,
}

impl ScimClient {
    /// A client whose tokens the credentials of the configuration may read. Connects when it is first used.
    pub fn new(configuration: &SdkConfig) -> Self {
        Self {
            web: OnceLock::new(),
            tokens: AccessTokens::new(configuration.clone()),
        }
    }

    /// The same for a server on this machine.
    #[cfg(test)]
    pub(super) fn on_this_machine(configuration: &SdkConfig) -> Self {
        Self {
            web: OnceLock::from(Web::new().following_http()),
            tokens: AccessTokens::new(configuration.clone()),
        }
    }

    /// The same over another connector.
    #[cfg(test)]
    pub(super) fn over(configuration: &SdkConfig, connector: SharedHttpConnector) -> Self {
        Self {
            web: OnceLock::from(Web::through(connector)),
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
        let authorization = format!("Bearer {}", token.expose());
        let mut headers = vec![
            ("authorization", authorization.as_str()),
            ("accept", "application/scim+json, application/json"),
        ];
        if body.is_some() {
            headers.push(("content-type", "application/scim+json"));
        }
        let request = WebRequest {
            method: method.as_str(),
            url: &format!("{base}{path}"),
            headers: &headers,
            body: body.unwrap_or_default(),
            longest_answer: LONGEST_ANSWER,
        };
        let web = self.web.get_or_init(Web::new);
        let answer = web.send(request).await.map_err(|error| match error {
            WebError::InvalidRequest => Failure::new(
                ErrorName::Internal,
                format!("scim: a {} cannot be sent", method.as_str()),
            ),
            WebError::NoAnswer(_) | WebError::TooLong => no_answer(method, &error.to_string()),
        })?;
        Ok(Answer {
            status: answer.status,
            body: answer.body,
        })
    }
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
