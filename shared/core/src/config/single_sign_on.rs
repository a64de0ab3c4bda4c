//! IAM Identity Center: which project roles become groups with permission sets, and what they may do.
//! Names follow meshStack's `aws-sso` options.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{PermissionSetReference, ProjectRole, RoleName};

/// Who gets into an account of the landing zone, and as what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SingleSignOn {
    /// For each project role its group and the permission sets that are assigned to it; none: nobody gets in any more.
    pub role_mappings: BTreeMap<ProjectRole, PermissionSetMapping>,
}

/// The group of a project role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PermissionSetMapping {
    /// The suffix of the group's name: argument 4 of `groupNamePattern`.
    pub aws_role_name: RoleName,
    /// The permission sets, by ARN or by name.
    #[schemars(extend("minItems" = 1))]
    pub permission_sets: BTreeSet<PermissionSetReference>,
}
