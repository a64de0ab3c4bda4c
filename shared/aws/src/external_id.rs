//! The machine's ExternalId, read from Secrets Manager with the function's own role and kept for as long as the sandbox lasts.
//! Read again where a trust refuses it: during a rotation the trusts know two, and the old one goes.

use std::fmt;
use std::str::FromStr;

use aws_config::SdkConfig;
use aws_sdk_secretsmanager::Client;
use tokio::sync::Mutex;

use super::call::Called;
use super::failure::ServiceError;
use avm_core::error::{ErrorName, Failure};

/// The secret, as `templates/external-ids.yaml` names it.
pub const SECRET: &str = "avm/external-id/machine";

/// An ExternalId; never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct ExternalId(String);

impl ExternalId {
    /// The value itself: for AWS STS only, never for a log.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl FromStr for ExternalId {
    type Err = &'static str;

    /// STS: 2 to 1224 characters of letters, digits and `+=,.@:/_-`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let valid = (2..=1224).contains(&text.len())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"+=,.@:/_-".contains(&byte));
        if valid {
            Ok(Self(text.to_owned()))
        } else {
            Err("must be 2 to 1224 letters, digits or +=,.@:/_-")
        }
    }
}

impl fmt::Debug for ExternalId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("<external id>")
    }
}

/// The ExternalId as this sandbox knows it.
pub struct ExternalIds {
    configuration: SdkConfig,
    kept: Mutex<Option<ExternalId>>,
}

impl ExternalIds {
    /// Read with the credentials of the configuration.
    pub fn new(configuration: SdkConfig) -> Self {
        Self {
            configuration,
            kept: Mutex::default(),
        }
    }

    /// The one that was read last.
    ///
    /// # Errors
    /// `InvalidConfiguration` where there is no such secret or no ExternalId in it, `AccessDenied` where it may not be read.
    pub async fn current(&self) -> Result<ExternalId, Failure> {
        // Held while it is read: looks that begin together wait for the one that asks.
        let mut kept = self.kept.lock().await;
        match &*kept {
            Some(id) => Ok(id.clone()),
            None => Ok(kept.insert(self.read().await?).clone()),
        }
    }

    /// Another one than that, which a trust has refused, if there is another by now.
    ///
    /// # Errors
    /// As [`current`](Self::current).
    pub async fn after(&self, refused: &ExternalId) -> Result<Option<ExternalId>, Failure> {
        let mut kept = self.kept.lock().await;
        if kept.as_ref() == Some(refused) {
            *kept = Some(self.read().await?);
        }
        Ok(kept.clone().filter(|id| id != refused))
    }

    async fn read(&self) -> Result<ExternalId, Failure> {
        let answer = Client::new(&self.configuration)
            .get_secret_value()
            .secret_id(SECRET)
            .send()
            .await
            .of_call("secretsmanager:GetSecretValue")
            .map_err(unreadable)?;
        let text = answer.secret_string.unwrap_or_default();
        text.trim().parse().map_err(invalid)
    }
}

fn unreadable(error: ServiceError) -> Failure {
    match error.code.as_str() {
        "ResourceNotFoundException" => invalid("does not exist"),
        _ => error.into_failure().while_doing(SECRET),
    }
}

fn invalid(problem: &str) -> Failure {
    Failure::new(
        ErrorName::InvalidConfiguration,
        format!("the secret {SECRET} {problem}"),
    )
    .with_remedy(
        "deploy templates/external-ids.yaml in the automation account, and the trusts of templates/vending-roles.yaml with the \
         value of this secret",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_external_id_is_what_sts_takes_and_is_not_printed() {
        let id: ExternalId = "a1+=,.@:/_-".parse().unwrap();
        assert_eq!(format!("{id:?}"), "<external id>");
        for text in ["", "a", "a b", "ä1", &"x".repeat(1225)] {
            assert!(text.parse::<ExternalId>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_secret_that_is_missing_names_the_template_that_makes_it() {
        let failure = invalid("does not exist");
        assert_eq!(failure.name(), ErrorName::InvalidConfiguration);
        assert!(failure.cause().contains(SECRET) && failure.remedy().contains("external-ids.yaml"));
    }
}
