//! What has to happen with an instance, as plain data: made from what was read, shown, then applied.
//! Values are never shown: e-mail addresses are among them.

use std::collections::BTreeSet;
use std::fmt;

use avm_core::domain::{OperationId, Parameters};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::stack_sets::{Instance, InstanceStatus, Overrides};

/// What was read: the instance, and the operation that is at work on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// The instance, if there is one.
    pub(crate) instance: Option<Instance>,
    /// The operation that has not ended yet, whoever started it.
    pub(crate) at_work: Option<OperationId>,
    /// The keys that the StackSet declares.
    pub(crate) declared: BTreeSet<String>,
}

/// What has to happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Plan {
    /// The instance is CURRENT with equal parameters.
    Nothing,
    /// An operation is at work on the instance; what is to do shows after it.
    Wait(OperationId),
    /// There is no instance.
    Create(Overrides),
    /// The instance is not up to date, or some of its parameters are not those of the order.
    Update {
        /// Its status, unless it is CURRENT.
        status: Option<InstanceStatus>,
        /// Keys that get another value.
        changed: Vec<String>,
        /// Keys that go back to the StackSet's own value.
        reset: Vec<String>,
        /// All overrides from then on.
        overrides: Overrides,
    },
}

impl Plan {
    /// Compares what was read with the parameters that the order wants.
    ///
    /// Overrides under keys that are not the payload's are somebody else's and stay.
    ///
    /// # Errors
    /// `StackInstanceInoperable`: no operation helps such an instance.
    pub(crate) fn new(found: &Found, wanted: Parameters) -> Result<Self, Failure> {
        if let Some(operation) = &found.at_work {
            return Ok(Self::Wait(operation.clone()));
        }
        let Some(instance) = &found.instance else {
            return Ok(Self::Create(Overrides {
                set: wanted,
                kept: BTreeSet::new(),
            }));
        };
        if instance.status == InstanceStatus::Inoperable {
            return Err(inoperable(instance));
        }
        let changed = wanted.changed_from(&instance.parameters);
        let others = instance
            .parameters
            .keys()
            .filter(|key| wanted.get(key).is_none() && found.declared.contains(*key));
        let (reset, kept): (BTreeSet<String>, BTreeSet<String>) = others
            .map(str::to_owned)
            .partition(|key| is_key_of_payload(key));
        let is_current = instance.status == InstanceStatus::Current;
        if is_current && changed.is_empty() && reset.is_empty() {
            return Ok(Self::Nothing);
        }
        Ok(Self::Update {
            status: (!is_current).then(|| instance.status.clone()),
            changed,
            reset: reset.into_iter().collect(),
            overrides: Overrides { set: wanted, kept },
        })
    }

    /// Whether nothing is to do and nothing to wait for.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::Nothing
    }

    /// The parameters of an instance that is to be new.
    pub(crate) fn keys_of_new(&self) -> BTreeSet<String> {
        match self {
            Self::Create(overrides) => overrides.set.keys().map(str::to_owned).collect(),
            Self::Nothing | Self::Wait(_) | Self::Update { .. } => BTreeSet::new(),
        }
    }

    /// The steps in words, one each.
    pub(crate) fn steps(&self) -> Vec<String> {
        match self {
            Self::Nothing => Vec::new(),
            Self::Wait(operation) => vec![format!("wait for operation {operation}")],
            Self::Create(overrides) if overrides.set.is_empty() => {
                vec!["create the instance without parameters".to_owned()]
            }
            Self::Create(overrides) => {
                let keys: Vec<&str> = overrides.set.keys().collect();
                vec![format!("create the instance with {}", keys.join(", "))]
            }
            Self::Update {
                status,
                changed,
                reset,
                ..
            } => {
                let status = status
                    .as_ref()
                    .map(|status| format!("update the instance, which is {status}"));
                let changed = (!changed.is_empty()).then(|| format!("set {}", changed.join(", ")));
                let reset = (!reset.is_empty()).then(|| format!("reset {}", reset.join(", ")));
                [status, changed, reset].into_iter().flatten().collect()
            }
        }
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            formatter.write_str("nothing to do")
        } else {
            formatter.write_str(&self.steps().join("; "))
        }
    }
}

/// An instance that only its deletion helps.
pub(crate) fn inoperable(instance: &Instance) -> Failure {
    Failure::new(
        ErrorName::StackInstanceInoperable,
        format!("the stack instance is {}", instance.in_words()),
    )
}

/// The keys of the payload that a request may have had once and has no longer.
fn is_key_of_payload(key: &str) -> bool {
    key.starts_with("tag") || ["ContactEmail", "CostCenter"].contains(&key)
}

#[cfg(test)]
mod tests {
    use avm_core::ports::stack_sets::DetailedStatus;
    use insta::assert_snapshot;

    use super::*;

    fn parameters(pairs: &[(&str, &str)]) -> Parameters {
        pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    }

    fn instance(status: InstanceStatus, pairs: &[(&str, &str)]) -> Instance {
        Instance {
            status,
            detailed_status: Some(DetailedStatus::Succeeded),
            reason: None,
            parameters: parameters(pairs),
            last_operation: None,
        }
    }

    fn plan(instance: Option<Instance>, wanted: &[(&str, &str)]) -> Result<Plan, Failure> {
        let declared = [
            "AccountEmail",
            "Network",
            "ProductName",
            "Stage",
            "tagOwner",
        ];
        let found = Found {
            instance,
            at_work: None,
            declared: declared.map(str::to_owned).into(),
        };
        Plan::new(&found, parameters(wanted))
    }

    #[test]
    fn an_instance_that_is_missing_is_created() {
        let wanted = [("AccountEmail", "a@example.com"), ("Stage", "shop")];
        assert_snapshot!(plan(None, &wanted).unwrap(), @"create the instance with AccountEmail, Stage");
        assert_snapshot!(plan(None, &[]).unwrap(), @"create the instance without parameters");
    }

    #[test]
    fn a_current_instance_with_equal_parameters_is_left_alone() {
        let wanted = [("Stage", "shop")];
        let plan = plan(Some(instance(InstanceStatus::Current, &wanted)), &wanted).unwrap();
        assert!(plan.is_empty() && plan.steps().is_empty());
        assert_snapshot!(plan, @"nothing to do");
    }

    #[test]
    fn other_values_are_set_and_keys_that_the_request_lost_are_reset() {
        let present = [
            ("AccountEmail", "b@example.com"),
            ("ProductName", "space"),
            ("tagOwner", "x"),
        ];
        let wanted = [
            ("AccountEmail", "a@example.com"),
            ("ProductName", "space"),
            ("Stage", "shop"),
        ];
        let plan = plan(Some(instance(InstanceStatus::Current, &present)), &wanted).unwrap();
        assert_snapshot!(plan, @"set AccountEmail, Stage; reset tagOwner");
    }

    #[test]
    fn overrides_of_somebody_else_stay_and_undeclared_ones_are_dropped() {
        let present = [("Gone", "1"), ("Network", "10.0.0.0/8"), ("Stage", "old")];
        let plan = plan(
            Some(instance(InstanceStatus::Current, &present)),
            &[("Stage", "shop")],
        );
        let Ok(Plan::Update { overrides, .. }) = plan else {
            panic!("{plan:?}");
        };
        assert_eq!(overrides.kept, ["Network".to_owned()].into());
        assert_eq!(overrides.set, parameters(&[("Stage", "shop")]));
    }

    #[test]
    fn only_overrides_of_somebody_else_are_no_reason_to_update() {
        let present = [("Gone", "1"), ("Network", "10.0.0.0/8"), ("Stage", "shop")];
        let plan = plan(
            Some(instance(InstanceStatus::Current, &present)),
            &[("Stage", "shop")],
        );
        assert_eq!(plan, Ok(Plan::Nothing));
    }

    #[test]
    fn an_instance_that_is_not_current_is_updated_even_with_equal_parameters() {
        let wanted = [("Stage", "shop")];
        let plan = |status| plan(Some(instance(status, &wanted)), &wanted).unwrap();
        assert_snapshot!(plan(InstanceStatus::Outdated), @"update the instance, which is OUTDATED");
        assert_snapshot!(plan(InstanceStatus::Other("NEW".to_owned())), @"update the instance, which is NEW");
    }

    #[test]
    fn an_inoperable_instance_ends_the_vend_with_its_reason() {
        let mut broken = instance(InstanceStatus::Inoperable, &[]);
        broken.detailed_status = Some(DetailedStatus::Inoperable);
        broken.reason = Some("the stack could not be deleted".to_owned());
        let failure = plan(Some(broken), &[]).unwrap_err();
        assert_eq!(failure.name(), ErrorName::StackInstanceInoperable);
        assert_snapshot!(failure, @"the stack instance is INOPERABLE (INOPERABLE): the stack could not be deleted. Remedy: delete the stack instance with its stack retained, then send the request again.");
    }

    #[test]
    fn an_operation_at_work_is_waited_for_whatever_the_instance_looks_like() {
        let found = Found {
            instance: Some(instance(InstanceStatus::Inoperable, &[])),
            at_work: Some("theirs".parse().unwrap()),
            declared: BTreeSet::new(),
        };
        let plan = Plan::new(&found, Parameters::default()).unwrap();
        assert_snapshot!(plan, @"wait for operation theirs");
    }
}
