//! What becomes of the execution role: made or repaired before Control Tower needs it, afterwards kept or removed.
//! Only a role that says that the machine made it is removed: Control Tower makes such roles too, and goes on needing those.

use avm_core::config::ExecutionRole as Setting;
use avm_core::error::{ErrorName, Failure};

use crate::execution_role::{EXECUTION_ROLE, ExecutionRole, Found, Removal};
use crate::{RoleOutcome, Step, Ways};

impl<W: Ways> Step<'_, W> {
    /// Sees that Control Tower can work in the account.
    ///
    /// # Errors
    /// `AccessDenied` with what an operator has to make, where the access role may not (any more); `EnrolmentNotPossible`
    /// for what IAM refuses.
    pub(crate) async fn prepare_role(&self) -> Result<(), Failure> {
        let role = self.open_role().await?;
        let found = role.find().await?;
        let is_trusting = found.is_some_and(|found| found.is_trusting);
        let is_administrator = found.is_some_and(|found| found.is_administrator);
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
                role.ensure_made().await?;
            } else if !is_trusting {
                role.repair_trust().await?;
            }
            if !is_administrator {
                role.ensure_administrator().await?;
            }
            Ok(())
        };
        prepared
            .await
            .map_err(|failure| explain(failure, role.root()))
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

    /// What becomes of the role where nothing was to do: an earlier execution may have ended before it removed it.
    ///
    /// # Errors
    /// Those that pass.
    pub(crate) async fn settle_role_of_earlier(&self) -> Result<Option<RoleOutcome>, Failure> {
        if self.settings.execution_role == Setting::Keep {
            return Ok(None);
        }
        self.settle_role().await.map(Some)
    }

    /// The failure of an enrollment that is given up, after the role was taken away; if that fails, it says so.
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
        let role = self.open_role().await?;
        match role.find().await? {
            None => Ok(RoleOutcome::Absent),
            Some(Found { is_ours: false, .. }) => Ok(RoleOutcome::Kept),
            Some(_) => Ok(match role.remove().await? {
                Removal::Gone => RoleOutcome::Removed,
                Removal::Denied => RoleOutcome::Guarded,
                Removal::InUse => RoleOutcome::Kept,
            }),
        }
    }

    async fn open_role(&self) -> Result<ExecutionRole<W::Roles>, Failure> {
        let roles = self.ways.open_roles().await?;
        let partition = self.request.execution.partition();
        Ok(ExecutionRole::among(roles, partition, self.management))
    }
}

/// The failure of the preparation, with what to do by hand where the access role may not.
fn explain(failure: Failure, root: &str) -> Failure {
    let failure = failure.while_doing(&format!("could not prepare the role {EXECUTION_ROLE}"));
    match failure.name() {
        // No operation has started that a look at the product could explain.
        ErrorName::EnrolmentFailed => failure.renamed(ErrorName::EnrolmentNotPossible),
        ErrorName::AccessDenied => failure.with_remedy(format!(
            "the access role may not prepare the role (it has been downgraded, or a service control policy forbids it): make \
             the role {EXECUTION_ROLE} in the account through OrganizationAccountAccessRole, with the trust policy that lets \
             {root} call sts:AssumeRole and with the policy AdministratorAccess attached, then send the request again"
        )),
        _ => failure,
    }
}
