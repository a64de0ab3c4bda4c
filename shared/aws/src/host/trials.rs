//! The question that every function of the machine answers: whether the trusts let it into its roles.
//! It is asked with `{"Mode": "Doctor"}`; a role is assumed, and nothing is done as it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Aws;
use super::ways::way_to;
use crate::sessions::Sessions;
use avm_core::domain::{AccountId, RoleArn, RoleName};
use avm_core::doors::{Behind, Door};
use avm_core::error::Failure;
use avm_core::json;

/// The name of the sessions, by which CloudTrail tells them from those of vends.
const SESSION: &str = "avm-doctor";

/// What the machine `avm-doctor` asks; it has no order, and no step reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Question {
    mode: Mode,
    /// An account whose roles are tried, too; none: those of the management account only.
    account_id: Option<AccountId>,
    /// Its access role.
    access_role: Option<RoleName>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Mode {
    Doctor,
}

/// What a function answers.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Trials {
    /// The version that it was built as.
    version: &'static str,
    trusts: Vec<Trial>,
}

/// One role, and why it could not be assumed, if so.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Trial {
    role: RoleArn,
    error: Option<String>,
    cause: Option<String>,
}

/// The answer to this question, or to any other.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Said<Answer> {
    Tried(Trials),
    Done(Answer),
}

impl Aws {
    /// Answers an event: tries those doors if that is what it asks for, otherwise leaves it to the handler.
    ///
    /// # Errors
    /// `InvalidState` for a question that cannot be read, `InvalidRequest` for an account that the machine stands on; what the
    /// handler fails with. A role that cannot be assumed is no failure.
    pub async fn answer<Handle, Answer>(
        &self,
        event: Value,
        doors: &[Door],
        handle: Handle,
    ) -> Result<Said<Answer>, Failure>
    where
        Handle: AsyncFnOnce(Value) -> Result<Answer, Failure>,
    {
        if event["Mode"] == "Doctor" {
            Ok(Said::Tried(self.try_doors(event, doors).await?))
        } else {
            Ok(Said::Done(handle(event).await?))
        }
    }

    /// Nothing that is kept counts: neither sessions, nor the ExternalId that the sandbox knows.
    async fn try_doors(&self, event: Value, doors: &[Door]) -> Result<Trials, Failure> {
        let question: Question = json::decode(event)?;
        if let Some(account) = &question.account_id {
            self.standing.refuse(account, "AccountId")?;
        }
        let sessions = Sessions::new(self.own.clone());
        let account = question.account_id.as_ref();
        let access_role = question.access_role.as_ref();
        let mut trusts = Vec::new();
        for door in wanted(doors, &question) {
            let hops = self.hops(door, account, access_role)?;
            let Some(last) = hops.last() else { continue };
            let role = last.role.clone();
            let refused = sessions.through(&hops, SESSION).await.err();
            let error = refused.as_ref().map(|failure| failure.name().to_string());
            let cause = refused.map(|failure| failure.cause().to_owned());
            trusts.push(Trial { role, error, cause });
        }
        let version = env!("CARGO_PKG_VERSION");
        Ok(Trials { version, trusts })
    }
}

/// The doors with those that lead to them, as far as they are known to lead: each once.
fn wanted(doors: &[Door], question: &Question) -> Vec<Door> {
    let mut found = Vec::new();
    for door in doors.iter().flat_map(|door| way_to(*door)) {
        let is_known = match door.row().behind {
            Behind::Own => false,
            Behind::Management(_) => true,
            Behind::Member(_) => question.account_id.is_some(),
            Behind::AccessRole => question.account_id.is_some() && question.access_role.is_some(),
        };
        if is_known && !found.contains(&door) {
            found.push(door);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::wire::{Reply, answering, xml_error};
    use avm_core::error::ErrorName;
    use avm_core::rules::standing_accounts::StandingAccounts;

    const SESSION_OF_STS: &str = "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIAEXAMPLE</AccessKeyId>\
        <SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken>\
        <Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>";

    /// A function whose calls of STS are refused for that role.
    fn function(closed: &'static str) -> (Aws, std::sync::Arc<std::sync::Mutex<Vec<String>>>) {
        let asked = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
        let seen = std::sync::Arc::clone(&asked);
        let (own, _) = answering(move |call| {
            seen.lock().unwrap().push(call.action.clone());
            match call.action.as_str() {
                "GetSecretValue" => {
                    Reply::Said(200, r#"{"SecretString": "an-external-id"}"#.to_owned())
                }
                _ if call.body.contains(&format!("role%2F{closed}&")) => {
                    xml_error(403, "AccessDenied")
                }
                _ => Reply::Said(200, SESSION_OF_STS.to_owned()),
            }
        });
        let id = |digit: &str| digit.repeat(12).parse().unwrap();
        let standing = StandingAccounts::new(id("3"), id("2"), id("1"));
        (
            Aws::of(own, standing, "eu-central-1".parse().unwrap()),
            asked,
        )
    }

    async fn ask(aws: &Aws, event: Value, doors: &[Door]) -> Result<Value, Failure> {
        let said = aws
            .answer(event, doors, async |_| Ok::<_, Failure>("handled"))
            .await?;
        Ok(serde_json::to_value(said).unwrap())
    }

    fn roles(answer: &Value) -> Vec<(&str, bool)> {
        let trusts = answer["Trusts"].as_array().unwrap().iter();
        let role = |trial: &'_ Value| trial["Role"].as_str().unwrap().to_owned();
        trusts
            .map(|trial| {
                let name = role(trial).rsplit('/').next().unwrap().to_owned();
                (&*name.leak(), trial["Error"].is_null())
            })
            .collect()
    }

    const DOORS: [Door; 4] = [Door::Own, Door::Placement, Door::Access, Door::Verification];

    #[tokio::test]
    async fn a_function_tries_the_roles_of_the_management_account_and_tells_which_is_closed() {
        let (aws, asked) = function("AVMPlacementRole");
        let answer = ask(&aws, json!({"Mode": "Doctor"}), &DOORS).await.unwrap();
        let expected = [("AVMPlacementRole", false), ("AVMMemberAccessRole", true)];
        assert_eq!(roles(&answer), expected);
        assert_eq!(answer["Trusts"][0]["Error"], "AccessDenied");
        assert_eq!(answer["Version"], env!("CARGO_PKG_VERSION"));
        // Nothing is done as a role.
        let asked = asked.lock().unwrap();
        let known = ["GetSecretValue", "AssumeRole"];
        assert!(asked.iter().all(|action| known.contains(&action.as_str())));
    }

    #[tokio::test]
    async fn what_was_open_before_is_tried_again() {
        let (aws, asked) = function("none");
        for _ in 0..2 {
            ask(&aws, json!({"Mode": "Doctor"}), &[Door::Placement])
                .await
                .unwrap();
        }
        let expected = ["GetSecretValue", "AssumeRole"].repeat(2);
        assert_eq!(*asked.lock().unwrap(), expected);
    }

    #[tokio::test]
    async fn the_roles_of_an_account_are_tried_where_one_is_named() {
        let (aws, _) = function("none");
        let event = json!({
            "Mode": "Doctor", "AccountId": "444444444444", "AccessRole": "MeshstackAccountAccessRole"
        });
        let answer = ask(&aws, event, &DOORS).await.unwrap();
        let names: Vec<&str> = roles(&answer).into_iter().map(|(name, _)| name).collect();
        let expected = [
            "AVMPlacementRole",
            "AVMMemberAccessRole",
            "MeshstackAccountAccessRole",
            "AVMVerificationRole",
        ];
        assert_eq!(names, expected);
    }

    #[tokio::test]
    async fn a_standing_account_and_what_a_step_is_sent_are_refused() {
        let (aws, asked) = function("none");
        let event = json!({"Mode": "Doctor", "AccountId": "222222222222"});
        let failure = ask(&aws, event, &DOORS).await.unwrap_err();
        assert_eq!(failure.name(), ErrorName::InvalidRequest);
        let event = json!({"Mode": "Doctor", "Order": {}});
        let failure = ask(&aws, event, &DOORS).await.unwrap_err();
        assert_eq!(failure.name(), ErrorName::InvalidState);
        assert!(asked.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn every_other_event_is_the_handlers() {
        let (aws, asked) = function("none");
        for event in [
            json!({}),
            json!({"Mode": "Plan"}),
            json!([]),
            json!("Doctor"),
        ] {
            assert_eq!(ask(&aws, event, &DOORS).await.unwrap(), "handled");
        }
        assert!(asked.lock().unwrap().is_empty());
    }
}
