//! Roots, organizational units and moves of AWS Organizations, with a role of the management account.
//! Pages may be empty although more follow.

#[cfg(test)]
mod tests;

use aws_config::SdkConfig;
use aws_sdk_organizations::Client;
use aws_sdk_organizations::operation::create_organizational_unit::CreateOrganizationalUnitError;
use aws_sdk_organizations::operation::move_account::MoveAccountError;
use aws_sdk_organizations::types::{
    ConstraintViolationExceptionReason, InvalidInputExceptionReason, Tag,
};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::http::Response;

use super::call::{Answered, Called, all_pages, first_in_pages};
use super::failure::ServiceError;
use super::organizations::{incomplete, organizations_failure};
use avm_core::domain::{AccountId, OWNER_WORKSPACE_KEY, ParentId, WorkspaceIdentifier};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::organizational_units::{
    Child, Move, OrganizationTree, OrganizationalUnit, OrganizationalUnits, UnitCreation,
    UnitDirectory,
};

const LIST_UNITS: &str = "organizations:ListOrganizationalUnitsForParent";
const DESCRIBE_UNIT: &str = "organizations:DescribeOrganizationalUnit";
const LIST_PARENTS: &str = "organizations:ListParents";
const LIST_TAGS: &str = "organizations:ListTagsForResource";
const CREATE: &str = "organizations:CreateOrganizationalUnit";
const MOVE: &str = "organizations:MoveAccount";

/// The tree of the organization that the client's role can see and change.
#[derive(Clone, Debug)]
pub struct OrganizationsTree {
    client: Client,
}

impl OrganizationsTree {
    /// Calls with this configuration: credentials of a role in the management account.
    pub fn of(configuration: &SdkConfig) -> Self {
        Self::new(Client::new(configuration))
    }

    /// Calls through this client.
    pub const fn new(client: Client) -> Self {
        Self { client }
    }
}

impl OrganizationTree for OrganizationsTree {
    async fn list_units(&self, parent: &ParentId) -> Result<Vec<OrganizationalUnit>, Failure> {
        let pages = self
            .client
            .list_organizational_units_for_parent()
            .parent_id(parent.as_str())
            .into_paginator()
            .send();
        let pages = all_pages(LIST_UNITS, pages)
            .await
            .map_err(|error| below_vanished_parent(error, parent))?;
        let units = pages
            .into_iter()
            .flat_map(|page| page.organizational_units.unwrap_or_default());
        let units = units.map(|unit| {
            let id = unit.id().and_then(|id| id.parse().ok());
            Ok(OrganizationalUnit {
                id: id.ok_or_else(|| incomplete(LIST_UNITS, "the id of a unit"))?,
                name: unit.name.unwrap_or_default(),
            })
        });
        units.collect()
    }

    async fn find_parent(&self, child: Child<'_>) -> Result<Option<ParentId>, Failure> {
        let pages = self
            .client
            .list_parents()
            .child_id(child.id())
            .into_paginator()
            .send();
        first_in_pages(LIST_PARENTS, pages, |page| page.parents?.into_iter().next())
            .await
            .unless(&["ChildNotFoundException"])
            .map_err(|error| organizations_failure(error).while_doing(child.id()))?
            .flatten()
            .map(|parent| parent_id(LIST_PARENTS, parent.id()))
            .transpose()
    }
}

impl UnitDirectory for OrganizationsTree {
    async fn find_unit_name(&self, unit: &ParentId) -> Result<Option<String>, Failure> {
        let answer = self
            .client
            .describe_organizational_unit()
            .organizational_unit_id(unit.as_str())
            .send()
            .await
            .of_call(DESCRIBE_UNIT)
            .unless(&["OrganizationalUnitNotFoundException"])
            .map_err(|error| organizations_failure(error).while_doing(unit.as_str()))?;
        let Some(answer) = answer else {
            return Ok(None);
        };
        answer
            .organizational_unit
            .and_then(|unit| unit.name)
            .map(Some)
            .ok_or_else(|| incomplete(DESCRIBE_UNIT, "the name of the unit"))
    }
}

impl OrganizationalUnits for OrganizationsTree {
    async fn create_unit(
        &self,
        parent: &ParentId,
        name: &str,
        workspace: Option<&WorkspaceIdentifier>,
    ) -> Result<UnitCreation, Failure> {
        let tags = workspace.map(owner_tag).transpose()?;
        let request = self
            .client
            .create_organizational_unit()
            .parent_id(parent.as_str())
            .name(name)
            .set_tags(tags.map(|tag| vec![tag]));
        match request.send().await {
            Ok(answer) => answer
                .organizational_unit
                .and_then(|unit| unit.id?.parse().ok())
                .map(UnitCreation::Made)
                .ok_or_else(|| incomplete(CREATE, "the id of the unit")),
            Err(error) => match error.as_service_error() {
                Some(CreateOrganizationalUnitError::DuplicateOrganizationalUnitException(_)) => {
                    Ok(UnitCreation::NameTaken)
                }
                _ => Err(unit_failure(&error, parent)),
            },
        }
    }

    async fn find_workspace(&self, unit: &ParentId) -> Result<Option<String>, Failure> {
        let tags = self
            .client
            .list_tags_for_resource()
            .resource_id(unit.as_str())
            .into_paginator()
            .items()
            .send();
        first_in_pages(LIST_TAGS, tags, |tag| {
            (tag.key == OWNER_WORKSPACE_KEY).then_some(tag.value)
        })
        .await
        .map_err(|error| organizations_failure(error).while_doing(unit.as_str()))
    }

    async fn move_account(
        &self,
        account: &AccountId,
        from: &ParentId,
        to: &ParentId,
    ) -> Result<Move, Failure> {
        let request = self
            .client
            .move_account()
            .account_id(account.as_str())
            .source_parent_id(from.as_str())
            .destination_parent_id(to.as_str());
        let Err(error) = request.send().await else {
            return Ok(Move::Arrived);
        };
        match error.as_service_error() {
            Some(MoveAccountError::DuplicateAccountException(_)) => Ok(Move::Arrived),
            // AWS does not document which of the two it sends for an existing but wrong source.
            Some(
                MoveAccountError::SourceParentNotFoundException(_)
                | MoveAccountError::AccountNotFoundException(_),
            ) => Ok(Move::SourceGone),
            Some(MoveAccountError::DestinationParentNotFoundException(_)) => {
                Ok(Move::DestinationGone)
            }
            _ => Err(move_failure(&error, to).of_account(account)),
        }
    }
}

fn parent_id(call: &str, text: Option<&str>) -> Result<ParentId, Failure> {
    text.and_then(|text| text.parse().ok())
        .ok_or_else(|| incomplete(call, "the id of a root or an organizational unit"))
}

/// The parent was deleted since it was read, or is new and not visible everywhere yet.
fn below_vanished_parent(error: ServiceError, parent: &ParentId) -> Failure {
    let failure = if error.code == "ParentNotFoundException" {
        error.into_named(ErrorName::ConcurrentModification)
    } else {
        organizations_failure(error)
    };
    failure.while_doing(&format!("below {parent}"))
}

fn owner_tag(workspace: &WorkspaceIdentifier) -> Result<Tag, Failure> {
    let tag = Tag::builder()
        .key(OWNER_WORKSPACE_KEY)
        .value(workspace.as_str());
    tag.build()
        .map_err(|error| Failure::new(ErrorName::Internal, error.to_string()))
}

fn unit_failure(
    error: &SdkError<CreateOrganizationalUnitError, Response>,
    parent: &ParentId,
) -> Failure {
    let said = ServiceError::of(CREATE, error);
    match error.as_service_error() {
        Some(CreateOrganizationalUnitError::ConstraintViolationException(violation)) => {
            let reason = violation.reason();
            said.into_named(ErrorName::OrganizationLimitExceeded)
                .while_doing(reason.map_or(
                    "no reason given",
                    ConstraintViolationExceptionReason::as_str,
                ))
        }
        Some(CreateOrganizationalUnitError::InvalidInputException(invalid)) => {
            let reason = invalid.reason();
            said.into_named(ErrorName::InvalidConfiguration)
                .while_doing(
                    reason.map_or("no reason given", InvalidInputExceptionReason::as_str),
                )
                .with_remedy(
                    "name units in organizationalUnit of the landing zone as AWS Organizations takes them",
                )
        }
        _ => below_vanished_parent(said, parent),
    }
}

fn move_failure(error: &SdkError<MoveAccountError, Response>, to: &ParentId) -> Failure {
    let said = ServiceError::of(MOVE, error);
    match error.as_service_error() {
        Some(MoveAccountError::InvalidInputException(invalid))
            if invalid.reason()
                == Some(&InvalidInputExceptionReason::MovingAccountBetweenDifferentRoots) =>
        {
            said.into_named(ErrorName::UnknownOrganizationalUnit)
                .while_doing(&format!("{to} is below another root"))
        }
        _ => organizations_failure(said),
    }
}
