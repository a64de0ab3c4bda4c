//! The permission sets of an instance, by ARN and by name, as far as this sandbox has seen them.
//! Names never change, so an entry stays true until the permission set is deleted.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use avm_core::domain::{PermissionSetArn, PermissionSetReference};
use avm_core::ports::assignments::PermissionSet;

/// More than any instance has (IAM Identity Center user guide, "Quotas and limits": 3,500, as of 2026-11-29).
const MOST_KEPT: usize = 4_000;

/// What a warm function remembers.
#[derive(Clone, Default)]
pub struct PermissionSetMemory(Arc<Mutex<HashMap<PermissionSetArn, String>>>);

impl PermissionSetMemory {
    /// The permission set of that ARN or name in the instance.
    pub(super) fn find(
        &self,
        instance: &str,
        reference: &PermissionSetReference,
    ) -> Option<PermissionSet> {
        let seen = self.0.lock().ok()?;
        let is_it = |arn: &PermissionSetArn, name: &String| {
            let text = if reference.is_arn() {
                arn.as_str()
            } else {
                name
            };
            text == reference.as_str() && instance_of(arn) == instance
        };
        let (arn, name) = seen.iter().find(|(arn, name)| is_it(arn, name))?;
        Some(PermissionSet {
            arn: arn.clone(),
            name: name.clone(),
        })
    }

    pub(super) fn knows(&self, arn: &PermissionSetArn) -> bool {
        self.0.lock().is_ok_and(|seen| seen.contains_key(arn))
    }

    pub(super) fn remember(&self, permission_set: &PermissionSet) {
        if let Ok(mut seen) = self.0.lock() {
            if seen.len() >= MOST_KEPT {
                seen.clear();
            }
            seen.insert(permission_set.arn.clone(), permission_set.name.clone());
        }
    }

    /// AWS does not know it, or no longer does: the next look-up asks again.
    pub(super) fn forget(&self, arn: &PermissionSetArn) {
        if let Ok(mut seen) = self.0.lock() {
            seen.remove(arn);
        }
    }
}

/// `ssoins-…` of a permission set.
fn instance_of(arn: &PermissionSetArn) -> &str {
    arn.as_str().split('/').nth(1).unwrap_or_default()
}
