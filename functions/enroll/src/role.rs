//! The role `AWSControlTowerExecution` in the account: made or repaired before Control Tower needs it, removed afterwards.
//! Only a role that says that the machine made it is removed: Control Tower makes such roles too, and goes on needing those.

use serde_json::{Value, json};
use shared::config::ExecutionRole as Setting;
use shared::domain::PolicyDocument;
use shared::error::{ErrorName, Failure};
use shared::ports::execution_role::{EXECUTION_ROLE, ExecutionRole, Removal};

use crate::{RoleOutcome, Step, Ways};

impl<W: Ways> Step<'_, W> {
    /// Sees that Control Tower can work in the account.
    ///
    /// # Errors
    /// `AccessDenied` with what an operator has to make, where the access role may not (any more).
    pub(crate) async fn prepare_role(&self) -> Result<(), Failure> {
        let role = self.ways.open_role().await?;
        let found = role.find().await?;
        let trust = self.trust();
        let is_trusting = found
            .as_ref()
            .is_some_and(|found| is_trusting(&found.trust, &self.principals()));
        let is_administrator = found.as_ref().is_some_and(|found| found.is_administrator);
        if is_trusting && is_administrator {
            return Ok(());
        }
        tracing::info!(
            execution = self.request.execution.name(),
            account = self.account.account_id.as_str(),
            is_there = found.is_some(),
            is_trusting,
            is_administrator,
            "prepares the role {EXECUTION_ROLE}"
        );
        let prepared = async {
            if found.is_none() {
                role.ensure_made(&trust).await?;
            } else if !is_trusting {
                role.put_trust(&trust).await?;
            }
            if !is_administrator {
                role.ensure_administrator().await?;
            }
            Ok(())
        };
        prepared.await.map_err(|failure| self.explain(failure))
    }

    /// What becomes of the role after a success.
    ///
    /// # Errors
    /// Those that pass.
    pub(crate) async fn settle_role(&self) -> Result<RoleOutcome, Failure> {
        if self.settings.execution_role == Setting::Keep {
            return Ok(RoleOutcome::Kept);
        }
        match self.remove_ours().await {
            Err(failure) if failure.name() == ErrorName::AccessDenied => Ok(RoleOutcome::Guarded),
            other => other,
        }
    }

    /// The failure of an enrolment that is given up, after the role was taken away; if that fails, it says so.
    pub(crate) async fn give_up(&self, failure: Failure) -> Failure {
        let left = match self.remove_ours().await {
            Ok(RoleOutcome::Removed | RoleOutcome::Absent | RoleOutcome::Kept) => return failure,
            Ok(RoleOutcome::Guarded) => String::new(),
            Err(other) => format!(" ({})", other.cause()),
        };
        let remedy = failure.remedy().to_owned();
        let cause = format!(
            "{}; the role {EXECUTION_ROLE} is still in the account{left}",
            failure.cause()
        );
        Failure::new(failure.name(), cause).with_remedy(remedy)
    }

    async fn remove_ours(&self) -> Result<RoleOutcome, Failure> {
        let role = self.ways.open_role().await?;
        match role.find().await? {
            None => Ok(RoleOutcome::Absent),
            Some(found) if !found.is_ours => Ok(RoleOutcome::Kept),
            Some(_) => Ok(match role.remove().await? {
                Removal::Gone => RoleOutcome::Removed,
                Removal::Denied => RoleOutcome::Guarded,
                Removal::InUse => RoleOutcome::Kept,
            }),
        }
    }

    /// The management account as a principal: as IAM stores it, and as it may be written.
    fn principals(&self) -> [String; 2] {
        let partition = self.request.execution.partition();
        let root = format!("arn:{partition}:iam::{}:root", self.management);
        [root, self.management.to_string()]
    }

    /// Control Tower User Guide, enrolment prerequisites: the trust that it asks for.
    fn trust(&self) -> PolicyDocument {
        let [root, _] = self.principals();
        PolicyDocument::new(json!({
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": {"AWS": root}, "Action": "sts:AssumeRole"}]
        }))
    }

    fn explain(&self, failure: Failure) -> Failure {
        let failure = failure.while_doing(&format!("could not prepare the role {EXECUTION_ROLE}"));
        if failure.name() != ErrorName::AccessDenied {
            return failure;
        }
        let [root, _] = self.principals();
        failure.with_remedy(format!(
            "the access role may not prepare the role (it has been downgraded, or a service control policy forbids it): make \
             the role {EXECUTION_ROLE} in the account through OrganizationAccountAccessRole, with the trust policy that lets \
             {root} call sts:AssumeRole and with the policy AdministratorAccess attached, then send the request again"
        ))
    }
}

/// Whether a statement without a condition lets one of the principals assume the role.
fn is_trusting(trust: &PolicyDocument, principals: &[String]) -> bool {
    let statements = texts_or_objects(&trust.as_value()["Statement"]);
    statements.into_iter().any(|statement| {
        let has = |part: &Value, wanted: &dyn Fn(&str) -> bool| {
            texts_or_objects(part)
                .into_iter()
                .any(|one| one.as_str().is_some_and(wanted))
        };
        statement["Effect"] == "Allow"
            && statement.get("Condition").is_none()
            && has(&statement["Action"], &|action| {
                ["sts:AssumeRole", "sts:*", "*"].contains(&action)
            })
            && has(&statement["Principal"]["AWS"], &|principal| {
                principals.iter().any(|one| one == principal)
            })
    })
}

/// IAM writes one of something either alone or as a list.
fn texts_or_objects(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(all) => all.iter().collect(),
        Value::Null => Vec::new(),
        one => vec![one],
    }
}
