//! The role `AWSControlTowerExecution` of an account, by which AWS Control Tower works in it: found, made, removed.
//! What marks a role as ours is its description: tags would need a right that the downgraded access role has lost.

use avm_core::domain::{AccountId, AttachedPolicy, PolicyArn, PolicyDocument, RoleName};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::roles::{Attachment, NewRole, RoleDeletion, Roles};
use serde_json::{Map, Value, json};

/// The name of the role; Control Tower has fixed it.
pub(crate) const EXECUTION_ROLE: &str = RoleName::CONTROL_TOWER_EXECUTION;

/// The whole description of a role that the machine has made.
pub(crate) const OURS: &str =
    "Made by the account vending machine, for the enrollment with AWS Control Tower";

/// The execution role of one account.
pub(crate) struct ExecutionRole<AllRoles> {
    roles: AllRoles,
    name: RoleName,
    administrator: PolicyArn,
    boundary: Option<PolicyArn>,
    /// The management account as a principal: as IAM stores it, and as it may be written.
    principals: [String; 2],
}

/// The role as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// Whether the management account may assume it, and nobody else, and nothing limits it that the machine does not give it.
    pub(crate) is_whole: bool,
    /// Whether `AdministratorAccess` is attached.
    pub(crate) is_administrator: bool,
    /// Whether this machine has made it, and nobody has taken it over by attaching something else instead.
    pub(crate) is_removable: bool,
}

/// What came of the removal of the role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Removal {
    /// It is gone.
    Gone,
    /// It may not be removed: a control of Control Tower guards it, or the access role may not (any more).
    Denied,
    /// Somebody has attached more to it.
    InUse,
}

impl<AllRoles: Roles> ExecutionRole<AllRoles> {
    /// The role among the account's roles, for the Control Tower of that management account.
    pub(crate) fn new(
        roles: AllRoles,
        partition: &str,
        management: &AccountId,
        boundary: Option<PolicyArn>,
    ) -> Self {
        Self {
            roles,
            name: RoleName::control_tower_execution(),
            administrator: PolicyArn::administrator_access(partition),
            boundary,
            principals: [
                format!("arn:{partition}:iam::{management}:root"),
                management.to_string(),
            ],
        }
    }

    /// The principal that has to be able to assume the role.
    pub(crate) fn root(&self) -> &str {
        &self.principals[0]
    }

    /// The role, if there is one.
    pub(crate) async fn find(&self) -> Result<Option<Found>, Failure> {
        let Some(role) = self.roles.find_role(&self.name).await? else {
            return Ok(None);
        };
        let attached = self.roles.list_attached(&self.name).await?;
        let is_administrator = attached
            .iter()
            .any(|policy| policy.arn == self.administrator.as_str());
        let is_ours = role.description.as_deref() == Some(OURS);
        Ok(Some(Found {
            is_whole: trusts_only(&role.trust, &self.principals)
                && role.is_bounded_by_none_but(self.boundary.as_ref()),
            is_administrator,
            is_removable: is_ours && (is_administrator || attached.is_empty()),
        }))
    }

    /// Makes the role with its trust and the mark; one that is there already is success.
    pub(crate) async fn ensure_made(&self) -> Result<(), Failure> {
        let role = NewRole {
            name: &self.name,
            trust: &self.trust(),
            description: OURS,
            boundary: self.boundary.as_ref(),
        };
        self.roles.create_role(&role).await.map(drop)
    }

    /// Deletes a role without power, and makes it anew: whoever has a session of the one that was there gets nothing by it.
    /// Says whether it could: policies that hang on it show that it is somebody else's, or has its power by now.
    pub(crate) async fn remake(&self) -> Result<bool, Failure> {
        match self.roles.delete_role(&self.name).await? {
            RoleDeletion::Gone => self.ensure_made().await.map(|()| true),
            RoleDeletion::InUse => Ok(false),
        }
    }

    /// Attaches `AdministratorAccess`.
    pub(crate) async fn ensure_administrator(&self) -> Result<(), Failure> {
        match self.roles.attach(&self.name, &self.administrator).await? {
            Attachment::Attached => Ok(()),
            // AWS has the policy: the role was taken away between two calls, or is not visible everywhere yet.
            Attachment::Missing => Err(Failure::new(
                ErrorName::ConcurrentModification,
                "IAM does not show the role when AdministratorAccess is attached",
            )),
        }
    }

    /// Detaches `AdministratorAccess` and deletes the role; one that is gone already is success, and a denial is an answer.
    pub(crate) async fn remove(&self) -> Result<Removal, Failure> {
        match self.detach_and_delete().await {
            Ok(RoleDeletion::Gone) => Ok(Removal::Gone),
            Ok(RoleDeletion::InUse) => Ok(Removal::InUse),
            Err(failure) if failure.name() == ErrorName::AccessDenied => Ok(Removal::Denied),
            Err(failure) => Err(failure),
        }
    }

    async fn detach_and_delete(&self) -> Result<RoleDeletion, Failure> {
        // Whether or not it was listed: the list may lag behind.
        let administrator = AttachedPolicy {
            name: "AdministratorAccess".to_owned(),
            arn: self.administrator.to_string(),
        };
        self.roles.detach(&self.name, &administrator).await?;
        self.roles.delete_role(&self.name).await
    }

    /// Control Tower User Guide, enrollment prerequisites: the trust that it asks for.
    fn trust(&self) -> PolicyDocument {
        PolicyDocument::new(json!({
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": {"AWS": self.root()}, "Action": "sts:AssumeRole"}]
        }))
    }
}

/// Whether the trust says that one of the principals may assume the role, and nothing else.
fn trusts_only(trust: &PolicyDocument, principals: &[String]) -> bool {
    let is_one_of = |part: &Value, wanted: &dyn Fn(&str) -> bool| match alone(part) {
        Some(one) => one.as_str().is_some_and(wanted),
        None => false,
    };
    let Some(Value::Object(statement)) = alone(&trust.as_value()["Statement"]) else {
        return false;
    };
    let Some(Value::Object(kinds)) = statement.get("Principal") else {
        return false;
    };
    let part = |name: &str| statement.get(name).unwrap_or(&Value::Null);
    let is_unconditional = |condition: &Value| condition.as_object().is_none_or(Map::is_empty);
    let is_known = |name: &String| {
        ["Sid", "Effect", "Principal", "Action", "Condition"].contains(&name.as_str())
    };
    part("Effect") == "Allow"
        && is_one_of(part("Action"), &|action| {
            action.eq_ignore_ascii_case("sts:AssumeRole")
        })
        && is_unconditional(part("Condition"))
        && statement.keys().all(is_known)
        && kinds.len() == 1
        && kinds.get("AWS").is_some_and(|named| {
            is_one_of(named, &|principal| {
                principals.iter().any(|one| one == principal)
            })
        })
}

/// The only one: IAM writes one of something either alone or as a list.
fn alone(value: &Value) -> Option<&Value> {
    match value {
        Value::Array(all) => all.first().filter(|_| all.len() == 1),
        Value::Null => None,
        one => Some(one),
    }
}
