//! Sessions in other accounts: chains of AssumeRole calls, each at most an hour (STS limit for role chaining).
//! A session is kept for as long as it lasts, so that a warm function does not ask again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use aws_config::SdkConfig;
use aws_sdk_sts::config::{Credentials, SharedCredentialsProvider};
use aws_sdk_sts::operation::assume_role::AssumeRoleOutput;

use super::call::Called;
use crate::external_id::{ExternalId, ExternalIds};
use avm_core::domain::RoleArn;
use avm_core::error::{ErrorName, Failure};

/// One AssumeRole call.
#[derive(Clone, Debug)]
pub struct Hop {
    pub role: RoleArn,
    /// Whether its trust policy asks for the machine's ExternalId.
    pub asks_for_external_id: bool,
}

/// How long before its end a session is no longer used.
const MARGIN: Duration = Duration::from_mins(2);
/// More kept sessions than this are forgotten together: one sandbox serves few executions at a time.
const MOST_KEPT: usize = 64;

/// The credentials of one session, once they are there; whoever wants them at the same time waits for the one that asks.
type Kept = Arc<tokio::sync::Mutex<Option<Credentials>>>;

/// Makes sessions from the function's own role.
pub struct Sessions {
    external_ids: ExternalIds,
    configuration: SdkConfig,
    kept: Mutex<HashMap<(RoleArn, String), Kept>>,
}

impl Sessions {
    /// Sessions that begin with the credentials of this configuration.
    pub fn new(configuration: SdkConfig) -> Self {
        Self {
            external_ids: ExternalIds::new(configuration.clone()),
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
        let credentials = self.assume(configuration, hop, session_name).await?;
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

    async fn assume(
        &self,
        configuration: &SdkConfig,
        hop: &Hop,
        session_name: &str,
    ) -> Result<Credentials, Failure> {
        let client = aws_sdk_sts::Client::new(configuration);
        if !hop.asks_for_external_id {
            return credentials_in(ask(&client, hop, session_name, None).await?, hop);
        }
        let id = self.external_ids.current().await?;
        let answer = match ask(&client, hop, session_name, Some(&id)).await {
            // The trust may have a new one by now, and no longer the one that this sandbox knows.
            Err(failure) if failure.name() == ErrorName::AccessDenied => {
                match self.external_ids.after(&id).await? {
                    Some(new) => ask(&client, hop, session_name, Some(&new)).await?,
                    None => return Err(failure),
                }
            }
            answer => answer?,
        };
        credentials_in(answer, hop)
    }
}

fn credentials_in(answer: AssumeRoleOutput, hop: &Hop) -> Result<Credentials, Failure> {
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

async fn ask(
    client: &aws_sdk_sts::Client,
    hop: &Hop,
    session_name: &str,
    external_id: Option<&ExternalId>,
) -> Result<AssumeRoleOutput, Failure> {
    client
        .assume_role()
        .role_arn(hop.role.as_str())
        .role_session_name(session_name)
        .set_external_id(external_id.map(|id| id.expose().to_owned()))
        .send()
        .await
        .of_call("sts:AssumeRole")
        .map_err(|error| {
            let words = format!("could not assume {}", hop.role);
            error.into_failure().while_doing(&words)
        })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::wire::{Reply, answering, xml_error};

    const SESSION: &str = "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIAEXAMPLE</AccessKeyId>\
        <SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken>\
        <Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>";

    fn hop(asks_for_external_id: bool) -> Hop {
        Hop {
            role: "arn:aws:iam::333333333333:role/AVMAccountsRole"
                .parse()
                .unwrap(),
            asks_for_external_id,
        }
    }

    /// Sessions where the secret says these values, one after the other, and the trust knows the last one; then the actions.
    async fn enter(
        secrets: &'static [&'static str],
        known: &'static str,
        times: usize,
    ) -> (Result<(), Failure>, Vec<String>) {
        let reads = Arc::new(AtomicUsize::new(0));
        let (configuration, calls) = answering(move |call| match call.action.as_str() {
            "GetSecretValue" => {
                let read = reads.fetch_add(1, Ordering::Relaxed).min(secrets.len() - 1);
                Reply::Said(
                    200,
                    format!(r#"{{"Name": "n", "SecretString": "{}"}}"#, secrets[read]),
                )
            }
            _ if call.body.ends_with(&format!("ExternalId={known}"))
                || call.body.contains(&format!("ExternalId={known}&")) =>
            {
                Reply::Said(200, SESSION.to_owned())
            }
            _ => xml_error(403, "AccessDenied"),
        });
        let sessions = Sessions::new(configuration);
        let mut entered = Ok(());
        for number in 0..times {
            let session = format!("avm-{number}");
            entered = sessions.through(&[hop(true)], &session).await.map(drop);
        }
        let calls = calls.lock().unwrap();
        (
            entered,
            calls.iter().map(|call| call.action.clone()).collect(),
        )
    }

    #[tokio::test]
    async fn the_external_id_is_read_once_for_a_sandbox() {
        let (entered, actions) = enter(&["first-id"], "first-id", 2).await;
        assert_eq!(entered, Ok(()));
        assert_eq!(actions, ["GetSecretValue", "AssumeRole", "AssumeRole"]);
    }

    #[tokio::test]
    async fn one_that_the_trust_refuses_is_read_again() {
        let (entered, actions) = enter(&["first-id", "second-id"], "second-id", 2).await;
        assert_eq!(entered, Ok(()));
        let expected = [
            "GetSecretValue",
            "AssumeRole",
            "GetSecretValue",
            "AssumeRole",
            "AssumeRole",
        ];
        assert_eq!(actions, expected);
    }

    #[tokio::test]
    async fn a_refusal_stays_one_where_there_is_no_other_and_names_no_external_id() {
        let (entered, actions) = enter(&["first-id"], "second-id", 1).await;
        let failure = entered.unwrap_err();
        assert_eq!(failure.name(), ErrorName::AccessDenied);
        assert!(!failure.to_string().contains("first-id"), "{failure}");
        assert_eq!(actions, ["GetSecretValue", "AssumeRole", "GetSecretValue"]);
    }

    #[tokio::test]
    async fn what_is_no_external_id_is_a_fault_of_the_secret() {
        let (entered, actions) = enter(&["two words"], "second-id", 1).await;
        let failure = entered.unwrap_err();
        assert_eq!(failure.name(), ErrorName::InvalidConfiguration);
        assert!(!failure.to_string().contains("two words"), "{failure}");
        assert_eq!(actions, ["GetSecretValue"]);
    }

    #[tokio::test]
    async fn a_role_that_asks_for_none_is_sent_none() {
        let (configuration, calls) = answering(|_| Reply::Said(200, SESSION.to_owned()));
        let sessions = Sessions::new(configuration);
        sessions
            .through(&[hop(false)], "avm")
            .await
            .map(drop)
            .unwrap();
        let calls = calls.lock().unwrap();
        assert_eq!(calls.len(), 1);
        assert!(!calls[0].body.contains("ExternalId"));
    }

    #[tokio::test]
    async fn who_wants_a_session_at_the_same_time_shares_it() {
        let (configuration, calls) = answering(|_| Reply::Said(200, SESSION.to_owned()));
        let (sessions, hops) = (Sessions::new(configuration), [hop(false)]);
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
        let (configuration, calls) =
            answering(|_| Reply::Said(200, SESSION.replace("2099", "2001")));
        let (sessions, hops) = (Sessions::new(configuration), [hop(false)]);
        sessions.through(&hops, "avm-a").await.map(drop).unwrap();
        sessions.through(&hops, "avm-a").await.map(drop).unwrap();
        assert_eq!(calls.lock().unwrap().len(), 2);
    }
}
