//! Access tokens in Secrets Manager, read once per sandbox with the function's own role.
//! A token is never printed: only the server that it is for gets it.

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::fmt;
use std::sync::Mutex;

use aws_config::{Region, SdkConfig};
use aws_sdk_secretsmanager::Client;
use serde_json::{Map, Value};

use super::call::Called;
use super::failure::ServiceError;
use avm_core::domain::{PLATFORM_PARAMETER, SecretArn};
use avm_core::error::{ErrorName, Failure};

/// A bearer token; never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessToken(String);

impl AccessToken {
    /// The token in the text of a secret: the text itself, or the only value of a JSON object, as the console of Secrets
    /// Manager makes it; white space around it is left out.
    ///
    /// # Errors
    /// What is wrong with it, without showing it.
    pub fn of_secret(text: &str) -> Result<Self, &'static str> {
        let token = match serde_json::from_str::<Map<String, Value>>(text) {
            Ok(object) => {
                let mut values = object.into_iter().map(|(_, value)| value);
                match (values.next(), values.next()) {
                    (Some(Value::String(token)), None) => token,
                    _ => {
                        return Err(
                            "must be the token, or a JSON object with the token as its only value",
                        );
                    }
                }
            }
            Err(_) => text.to_owned(),
        };
        let token = token.trim();
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("must be a token of visible ASCII characters without spaces");
        }
        Ok(Self(token.to_owned()))
    }

    /// The token itself: for the server that it is for, never for a log.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("<access token>")
    }
}

/// The tokens that this sandbox has read.
pub struct AccessTokens {
    configuration: SdkConfig,
    read: Mutex<HashMap<SecretArn, AccessToken>>,
}

impl AccessTokens {
    /// Tokens that the credentials of the configuration may read.
    pub fn new(configuration: SdkConfig) -> Self {
        Self {
            configuration,
            read: Mutex::default(),
        }
    }

    /// The token in that secret.
    ///
    /// # Errors
    /// `InvalidConfiguration` where there is no such secret or no token in it, `AccessDenied` where it may not be read.
    pub async fn find(&self, secret: &SecretArn) -> Result<AccessToken, Failure> {
        let known = self
            .read
            .lock()
            .ok()
            .and_then(|read| read.get(secret).cloned());
        if let Some(token) = known {
            return Ok(token);
        }
        let token = self.fetch(secret).await?;
        if let Ok(mut read) = self.read.lock() {
            read.insert(secret.clone(), token.clone());
        }
        Ok(token)
    }

    /// A server has refused the token of that secret: the next look-up reads it again.
    pub fn forget(&self, secret: &SecretArn) {
        if let Ok(mut read) = self.read.lock() {
            read.remove(secret);
        }
    }

    async fn fetch(&self, secret: &SecretArn) -> Result<AccessToken, Failure> {
        let region = secret.as_str().split(':').nth(3).unwrap_or_default();
        let regional = aws_sdk_secretsmanager::config::Builder::from(&self.configuration)
            .region(Region::new(region.to_owned()))
            .build();
        let answer = Client::from_conf(regional)
            .get_secret_value()
            .secret_id(secret.as_str())
            .send()
            .await
            .of_call("secretsmanager:GetSecretValue")
            .map_err(|error| unreadable(error, secret))?;
        let text = answer.secret_string.ok_or("must be text, and is binary");
        text.and_then(|text| AccessToken::of_secret(&text))
            .map_err(|problem| invalid(secret, problem))
    }
}

fn unreadable(error: ServiceError, secret: &SecretArn) -> Failure {
    match error.code.as_str() {
        // There is none of that name, it has no value, or it is marked for deletion.
        "ResourceNotFoundException" | "InvalidRequestException" | "InvalidParameterException" => {
            let words = format!("cannot be read: {}", error.message);
            invalid(secret, &words)
        }
        "DecryptionFailure" => error
            .into_named(ErrorName::AccessDenied)
            .while_doing(secret.as_str())
            .with_remedy("let the function's role use the KMS key of the secret (kms:Decrypt), then send the request again"),
        _ => {
            let failure = error.into_failure().while_doing(secret.as_str());
            match failure.name() {
                ErrorName::AccessDenied => failure.with_remedy(
                    "let the function's role read the secret (secretsmanager:GetSecretValue, and kms:Decrypt where it \
                     has a key of its own), then send the request again",
                ),
                _ => failure,
            }
        }
    }
}

fn invalid(secret: &SecretArn, problem: &str) -> Failure {
    Failure::new(
        ErrorName::InvalidConfiguration,
        format!("{PLATFORM_PARAMETER}, field singleSignOn.scim.tokenSecretArn: {secret} {problem}"),
    )
}
