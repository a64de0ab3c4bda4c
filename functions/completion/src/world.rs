//! One account in a small organization, seen from outside: its place, its instance, its access role, its tags.
//! It refuses the done signal beside a failure, and can lose the answer of a write.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use avm_core::config::DowngradePolicy;
use avm_core::domain::{
    AccountId, AttachedPolicy, Parameters, ParentId, PolicyDocument, Region, RoleName, StackSetName,
};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::account_tags::AccountTags;
use avm_core::ports::organizational_units::{Child, OrganizationTree, OrganizationalUnit};
use avm_core::ports::role_policies::RolePolicies;
use avm_core::ports::stack_sets::{DetailedStatus, Instance, InstanceStatus, StackSet, StackSets};
use avm_core::rules::minimum_policy::{MINIMUM_POLICY, document};
use avm_core::testing::{account, order};

pub(crate) const ROOT: &str = "r-ab12";
pub(crate) const SPACE: &str = "ou-ab12-00000001";
pub(crate) const BELOW_SPACE: &str = "ou-ab12-00000002";
pub(crate) const OTHER: &str = "ou-ab12-00000003";

/// One account below the units `space`, `space/below` or `other`.
pub(crate) struct World {
    pub(crate) parent: Option<&'static str>,
    pub(crate) instance: Option<Instance>,
    pub(crate) inline: BTreeMap<String, PolicyDocument>,
    pub(crate) attached: BTreeSet<AttachedPolicy>,
    pub(crate) role_refuses: Option<ErrorName>,
    tags: Mutex<BTreeMap<String, String>>,
    writes: Mutex<Vec<String>>,
    /// The write, counted from one, that answers with an error; whether it has its effect nevertheless.
    pub(crate) fails_at: Option<(usize, bool)>,
}

impl World {
    pub(crate) fn vended() -> Self {
        let minimum = document(
            DowngradePolicy::Standard,
            "aws",
            &account().account_id,
            &order().platform.account_access_role,
        );
        Self {
            parent: Some(SPACE),
            instance: Some(instance(InstanceStatus::Current, DetailedStatus::Succeeded)),
            inline: [(MINIMUM_POLICY.to_owned(), minimum)].into(),
            attached: BTreeSet::new(),
            role_refuses: None,
            tags: Mutex::default(),
            writes: Mutex::default(),
            fails_at: None,
        }
    }

    pub(crate) fn after_a_failure() -> Self {
        let world = Self::vended();
        *world.tags.lock().unwrap() = [
            ("Owner", "somebody"),
            ("avm:failed-step", "PlaceAccount"),
            ("avm:failed-at", "2026-11-04T10:00:00Z"),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into();
        world
    }

    /// An account that somebody has tagged.
    pub(crate) fn tagged(tags: &[(&str, &str)]) -> Self {
        let world = Self::vended();
        let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
        *world.tags.lock().unwrap() = tags.iter().map(owned).collect();
        world
    }

    pub(crate) fn tags(&self) -> BTreeMap<String, String> {
        self.tags.lock().unwrap().clone()
    }

    pub(crate) fn writes(&self) -> Vec<String> {
        self.writes.lock().unwrap().clone()
    }

    fn write(
        &self,
        words: String,
        effect: impl FnOnce(&mut BTreeMap<String, String>),
    ) -> Result<(), Failure> {
        let mut writes = self.writes.lock().unwrap();
        writes.push(words);
        let failing = self.fails_at.filter(|(at, _)| *at == writes.len());
        if failing.is_none_or(|(_, has_effect)| has_effect) {
            effect(&mut self.tags.lock().unwrap());
        }
        failing.map_or(Ok(()), |_| {
            Err(Failure::new(ErrorName::ServiceUnavailable, "lost answer"))
        })
    }

    fn readable(&self) -> Result<(), Failure> {
        self.role_refuses
            .map_or(Ok(()), |name| Err(Failure::new(name, "refused")))
    }
}

impl OrganizationTree for World {
    async fn find_root(&self) -> Result<ParentId, Failure> {
        Ok(ROOT.parse().unwrap())
    }

    async fn list_units(&self, parent: &ParentId) -> Result<Vec<OrganizationalUnit>, Failure> {
        let units: &[(&str, &str)] = match parent.as_str() {
            ROOT => &[("other", OTHER), ("space", SPACE)],
            SPACE => &[("below", BELOW_SPACE)],
            _ => &[],
        };
        Ok(units
            .iter()
            .map(|(name, id)| OrganizationalUnit {
                id: id.parse().unwrap(),
                name: (*name).to_owned(),
            })
            .collect())
    }

    async fn find_parent(&self, child: Child<'_>) -> Result<Option<ParentId>, Failure> {
        let parent = match child {
            Child::Account(_) => self.parent,
            Child::Unit(unit) if unit.as_str() == BELOW_SPACE => Some(SPACE),
            Child::Unit(_) => Some(ROOT),
        };
        Ok(parent.map(|parent| parent.parse().unwrap()))
    }
}

impl StackSets for World {
    async fn find_stack_set(&self, _: &StackSetName) -> Result<Option<StackSet>, Failure> {
        panic!("the instance alone is looked at")
    }

    async fn find_instance(
        &self,
        _: &StackSetName,
        _: &AccountId,
        _: &Region,
    ) -> Result<Option<Instance>, Failure> {
        Ok(self.instance.clone())
    }
}

pub(crate) fn instance(status: InstanceStatus, detailed_status: DetailedStatus) -> Instance {
    Instance {
        status,
        detailed_status: Some(detailed_status),
        reason: None,
        parameters: Parameters::default(),
        last_operation: None,
    }
}

impl RolePolicies for &World {
    async fn list_inline(&self, _: &RoleName) -> Result<BTreeSet<String>, Failure> {
        self.readable()?;
        Ok(self.inline.keys().cloned().collect())
    }

    async fn find_inline(
        &self,
        _: &RoleName,
        policy: &str,
    ) -> Result<Option<PolicyDocument>, Failure> {
        Ok(self.inline.get(policy).cloned())
    }

    async fn list_attached(&self, _: &RoleName) -> Result<BTreeSet<AttachedPolicy>, Failure> {
        Ok(self.attached.clone())
    }
}

impl AccountTags for World {
    async fn list(&self, _: &AccountId) -> Result<BTreeMap<String, String>, Failure> {
        Ok(self.tags())
    }

    async fn put(&self, _: &AccountId, new: &BTreeMap<String, String>) -> Result<(), Failure> {
        assert!(
            !self.tags().keys().any(|key| key.starts_with("avm:failed-")),
            "the done signal beside a failure"
        );
        let keys: Vec<&str> = new.keys().map(String::as_str).collect();
        let words = format!("put {}", keys.join(" "));
        self.write(words, |tags| tags.extend(new.clone()))
    }

    async fn remove(&self, _: &AccountId, keys: &BTreeSet<String>) -> Result<(), Failure> {
        let words: Vec<&str> = keys.iter().map(String::as_str).collect();
        let words = format!("remove {}", words.join(" "));
        self.write(words, |tags| tags.retain(|key, _| !keys.contains(key)))
    }
}
