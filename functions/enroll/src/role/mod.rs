//! What becomes of the execution role: made before Control Tower needs it, afterwards kept or removed. One that is there and is
//! not just as the machine makes it is refused: whoever planted it, with a trust of their own, would become an administrator.
//! Only a role that says that the machine made it is removed: Control Tower makes such roles too, and goes on needing those.

mod iam;

use avm_core::config::ExecutionRole as Setting;
use avm_core::doors::Door;
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::roles::Roles;
use avm_core::world::World;

pub(crate) use iam::EXECUTION_ROLE;
#[cfg(test)]
pub(crate) use iam::OURS;

use crate::plan::Plan;
use crate::{Change, Enrolling, RoleOutcome};
use iam::{ExecutionRole, Removal};

impl<W: World> Enrolling<'_, W> {
    /// Sees that Control Tower can work in the account. Fails with `AccessDenied` and what an operator has to make where the
    /// access role may not (any more), with `NameTaken` for a role that somebody else has made, and with
    /// `EnrolmentNotPossible` for what IAM refuses.
    pub(crate) async fn prepare_role(&self) -> Result<(), Failure> {
        let role = self.open_role().await?;
        let found = role.find().await?;
        if found.is_some_and(|found| !found.is_whole) {
            return Err(planted(role.root()));
        }
        if found.is_some_and(|found| found.is_administrator) {
            return Ok(());
        }
        tracing::info!(
            execution = self.call.execution.name(),
            account = self.account.account_id.as_str(),
            is_there = found.is_some(),
            "prepares the role {EXECUTION_ROLE}"
        );
        let prepared = async {
            if found.is_none() {
                role.ensure_made().await?;
            } else if !role.remake().await? {
                return match role.find().await? {
                    // The list of its policies lagged behind.
                    Some(found) if found.is_whole && found.is_administrator => Ok(()),
                    _ => Err(planted(role.root())),
                };
            }
            role.ensure_administrator().await
        };
        prepared
            .await
            .map_err(|failure| explain(failure, role.root()))
    }

    /// The plan for an account that is as it should be: only its role may be left to remove.
    pub(crate) async fn settled(&self, change: Change) -> Result<Plan, Failure> {
        let execution_role = if self.settings.execution_role == Setting::Keep {
            (change != Change::None).then_some(RoleOutcome::Kept)
        } else {
            let role = self.open_role().await?;
            Some(match role.find().await {
                Ok(None) => RoleOutcome::Absent,
                Ok(Some(found)) if found.is_removable => return Ok(Plan::RemoveRole { change }),
                Ok(Some(_)) => RoleOutcome::Kept,
                Err(failure) if failure.name() == ErrorName::AccessDenied => RoleOutcome::Guarded,
                Err(failure) => return Err(failure),
            })
        };
        Ok(Plan::Settled {
            change,
            execution_role,
        })
    }

    /// Removes the role after a success, if it may.
    pub(crate) async fn settle_role(&self) -> Result<RoleOutcome, Failure> {
        match self.remove_ours().await {
            Err(failure) if failure.name() == ErrorName::AccessDenied => Ok(RoleOutcome::Guarded),
            other => other,
        }
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
            Some(found) if !found.is_removable => Ok(RoleOutcome::Kept),
            Some(_) => Ok(match role.remove().await? {
                Removal::Gone => RoleOutcome::Removed,
                Removal::Denied => RoleOutcome::Guarded,
                Removal::InUse => RoleOutcome::Kept,
            }),
        }
    }

    async fn open_role(&self) -> Result<ExecutionRole<impl Roles>, Failure> {
        let refusal = ErrorName::EnrolmentFailed;
        let roles = self.world.roles(Door::Access, refusal).await?;
        let management = self.world.standing().management();
        let partition = self.world.partition();
        let account = &self.account.account_id;
        let boundary = self.world.boundary().in_account(partition, account);
        Ok(ExecutionRole::new(roles, partition, management, boundary))
    }
}

/// The refusal of a role that the machine would not have made so.
fn planted(root: &str) -> Failure {
    let words = format!(
        "the role {EXECUTION_ROLE} is in the account, and trusts others than {root}, has a boundary of somebody else's, \
         or carries policies of its own"
    );
    Failure::new(ErrorName::NameTaken, words).with_remedy(
        "look who has made the role and who may assume it; delete it through OrganizationAccountAccessRole, then send the \
         request again: the vend makes it anew",
    )
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
