//! Sessions in other accounts: chains of AssumeRole calls, each at most an hour (STS limit for role chaining).
//! A session is kept for as long as it lasts, so that a warm function does not ask again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use aws_config::SdkConfig;
use aws_sdk_sts::config::{Credentials, SharedCredentialsProvider};

use super::call::Called;
use crate::environment::ExternalId;
use avm_core::domain::RoleArn;
use avm_core::error::{ErrorName, Failure};

/// One AssumeRole call.
#[derive(Clone, Debug)]
pub struct Hop {
    pub role: RoleArn,
    /// The ExternalId that its trust policy asks for.
    pub external_id: Option<ExternalId>,
}

/// How long before its end a session is no longer used.
const MARGIN: Duration = Duration::from_mins(2);
/// More kept sessions than this are forgotten together: one sandbox serves few executions at a time.
const MOST_KEPT: usize = 64;

/// The credentials of one session, once they are there; whoever wants them at the same time waits for the one that asks.
type Kept = Arc<tokio::sync::Mutex<Option<Credentials>>>;

/// Makes sessions from the function's own role.
pub struct Sessions {
    configuration: SdkConfig,
    kept: Mutex<HashMap<(RoleArn, String), Kept>>,
}

impl Sessions {
    /// Sessions that begin with the credentials of this configuration.
    pub fn new(configuration: SdkConfig) -> Self {
        Self {
            configuration,
            kept: Mutex::default(),
        }
    }

    /// The configuration of clients that act at the end of the chain, under a session named after the execution.
    ///
    /// # Errors
    /// `AccessDenied` and the like, with the role that could not be assumed.
    pub async fn through(&self, hops: &[Hop], session_name: &str) -> Result<SdkConfig, Failure> {
        let mut configuration = self.configuration.clone();
        for hop in hops {
            let credentials = self.credentials(&configuration, hop, session_name).await?;
            configuration = configuration
                .into_builder()
                .credentials_provider(SharedCredentialsProvider::new(credentials))
                .build();
        }
        Ok(configuration)
    }

    async fn credentials(
        &self,
        configuration: &SdkConfig,
        hop: &Hop,
        session_name: &str,
    ) -> Result<Credentials, Failure> {
        let place = self.place(&hop.role, session_name);
        let mut kept = place.lock().await;
        let soon = SystemTime::now() + MARGIN;
        if let Some(credentials) = &*kept
            && credentials.expiry().is_some_and(|end| end > soon)
        {
            return Ok(credentials.clone());
        }
        let credentials = assume(configuration, hop, session_name).await?;
        *kept = Some(credentials.clone());
        Ok(credentials)
    }

    fn place(&self, role: &RoleArn, session_name: &str) -> Kept {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (role.clone(), session_name.to_owned());
        if kept.len() >= MOST_KEPT && !kept.contains_key(&key) {
            kept.clear();
        }
        Arc::clone(kept.entry(key).or_default())
    }
}

async fn assume(
    configuration: &SdkConfig,
    hop: &Hop,
    session_name: &str,
) -> Result<Credentials, Failure> {
    let answer = aws_sdk_sts::Client::new(configuration)
        .assume_role()
        .role_arn(hop.role.as_str())
        .role_session_name(session_name)
        .set_external_id(hop.external_id.as_ref().map(|id| id.expose().to_owned()))
        .send()
        .await
        .of_call("sts:AssumeRole")
        .map_err(|error| {
            let words = format!("could not assume {}", hop.role);
            error.into_failure().while_doing(&words)
        })?;
    let made = answer.credentials.ok_or_else(|| {
        Failure::new(
            ErrorName::Internal,
            format!(
                "sts:AssumeRole of {} answered without credentials",
                hop.role
            ),
        )
    })?;
    let expiry = SystemTime::try_from(made.expiration).ok();
    Ok(Credentials::new(
        made.access_key_id,
        made.secret_access_key,
        Some(made.session_token),
        expiry,
        "account vending machine",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Reply, answering};

    const ROLE: &str = "arn:aws:iam::333333333333:role/AVMCompletionRole";

    fn session_until(end: &str) -> Reply {
        let body = format!(
            "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIAEXAMPLE</AccessKeyId>\
             <SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken>\
             <Expiration>{end}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
        );
        Reply::Said(200, body)
    }

    fn hops() -> [Hop; 1] {
        [Hop {
            role: ROLE.parse().unwrap(),
            external_id: None,
        }]
    }

    #[tokio::test]
    async fn who_wants_a_session_at_the_same_time_shares_it() {
        let (configuration, calls) = answering(|_| session_until("2099-01-01T00:00:00Z"));
        let (sessions, hops) = (Sessions::new(configuration), hops());
        let (one, other, another) = tokio::join!(
            sessions.through(&hops, "avm-a"),
            sessions.through(&hops, "avm-a"),
            sessions.through(&hops, "avm-b"),
        );
        assert!(one.is_ok() && other.is_ok() && another.is_ok());
        assert_eq!(calls.lock().unwrap().len(), 2);
    }

    #[tokio::test]
    async fn a_session_that_soon_ends_is_not_used_again() {
        let (configuration, calls) = answering(|_| session_until("2001-01-01T00:00:00Z"));
        let (sessions, hops) = (Sessions::new(configuration), hops());
        sessions.through(&hops, "avm-a").await.unwrap();
        sessions.through(&hops, "avm-a").await.unwrap();
        assert_eq!(calls.lock().unwrap().len(), 2);
    }
}
