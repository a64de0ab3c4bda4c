//! Sessions in other accounts: chains of AssumeRole calls, each at most an hour (STS limit for role chaining).
//! A session is kept for as long as it lasts, so that a warm function does not ask again.

use std::collections::HashMap;
use std::sync::Mutex;
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

/// Makes sessions from the function's own role.
pub struct Sessions {
    configuration: SdkConfig,
    kept: Mutex<HashMap<(RoleArn, String), Credentials>>,
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
            let credentials = match self.find_kept(&hop.role, session_name) {
                Some(credentials) => credentials,
                None => self.assume(&configuration, hop, session_name).await?,
            };
            configuration = configuration
                .into_builder()
                .credentials_provider(SharedCredentialsProvider::new(credentials))
                .build();
        }
        Ok(configuration)
    }

    fn find_kept(&self, role: &RoleArn, session_name: &str) -> Option<Credentials> {
        let mut kept = self.kept.lock().ok()?;
        let soon = SystemTime::now() + MARGIN;
        kept.retain(|_, credentials| credentials.expiry().is_some_and(|end| end > soon));
        kept.get(&(role.clone(), session_name.to_owned())).cloned()
    }

    async fn assume(
        &self,
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
        let credentials = Credentials::new(
            made.access_key_id,
            made.secret_access_key,
            Some(made.session_token),
            expiry,
            "account vending machine",
        );
        if let Ok(mut kept) = self.kept.lock() {
            if kept.len() >= MOST_KEPT {
                kept.clear();
            }
            kept.insert(
                (hop.role.clone(), session_name.to_owned()),
                credentials.clone(),
            );
        }
        Ok(credentials)
    }
}
