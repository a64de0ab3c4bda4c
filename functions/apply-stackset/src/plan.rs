//! What has to happen with an instance, as plain data: made from what was read, shown, then applied.
//! Values of parameters are never in it: e-mail addresses are among them.

use std::collections::BTreeSet;
use std::fmt;

use avm_core::config::StackSetReference;
use avm_core::contract::answer;
use avm_core::domain::{Parameters, StackSetName};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::stack_sets::{Instance, InstanceStatus};
use serde::Serialize;

use crate::{Change, Notes};

/// What has to happen for a StackSet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Plan {
    pub stack_set: StackSetReference,
    pub to_do: ToDo,
}

/// What has to happen with its instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all_fields = "PascalCase")]
pub enum ToDo {
    /// The instance is CURRENT with equal parameters.
    Nothing,
    /// The operation of this execution has made it so.
    Finish {
        operation: Change,
        /// What was planned.
        plan: Vec<String>,
    },
    /// What is to do shows after an operation, or once CloudFormation shows what it has done.
    Wait {
        waiting_for: String,
        notes: Notes,
        /// Whether CloudFormation has not begun with the operation of this execution yet.
        queued: bool,
    },
    /// There is no instance.
    Create {
        /// The keys that it gets.
        set: BTreeSet<String>,
    },
    /// The instance is not up to date, or some of its parameters are not those of the order.
    Update {
        /// Its status, unless it is CURRENT.
        status: Option<InstanceStatus>,
        /// Keys that get another value.
        changed: Vec<String>,
        /// Keys that go back to the StackSet's own value.
        reset: BTreeSet<String>,
        /// All keys with a value of ours from then on.
        set: BTreeSet<String>,
        /// Keys that keep the value that they have, whatever it is.
        kept: BTreeSet<String>,
    },
}

impl ToDo {
    /// Compares the instance with the parameters that the order wants, of those that the StackSet declares.
    ///
    /// Overrides under keys that are not the payload's are somebody else's and stay, unless the StackSet is the machine's own.
    ///
    /// # Errors
    /// `StackInstanceInoperable`: no operation helps such an instance.
    pub(crate) fn new(
        stack_set: &StackSetName,
        instance: Option<&Instance>,
        wanted: &Parameters,
        declared: &Parameters,
    ) -> Result<Self, Failure> {
        let set = wanted.keys().map(str::to_owned).collect();
        let Some(instance) = instance else {
            return Ok(Self::Create { set });
        };
        if instance.status == InstanceStatus::Inoperable {
            return Err(inoperable(instance));
        }
        let changed = wanted.changed_from(&instance.parameters);
        let others = instance
            .parameters
            .keys()
            .filter(|key| wanted.get(key).is_none() && declared.get(key).is_some());
        let (mut reset, kept): (BTreeSet<String>, BTreeSet<String>) = others
            .map(str::to_owned)
            .partition(|key| is_own(stack_set) || is_key_of_payload(key));
        // Overridden with the StackSet's own value, as the last one is.
        let differs = declared.changed_from(&instance.parameters);
        reset.retain(|key| differs.contains(key));
        let is_current = instance.status == InstanceStatus::Current;
        if is_current && changed.is_empty() && reset.is_empty() {
            return Ok(Self::Nothing);
        }
        Ok(Self::Update {
            status: (!is_current).then(|| instance.status.clone()),
            changed,
            reset,
            set,
            kept,
        })
    }

    pub(crate) fn wait(waiting_for: impl Into<String>, notes: Notes) -> Self {
        Self::Wait {
            waiting_for: waiting_for.into(),
            notes,
            queued: false,
        }
    }

    /// Waits for an operation of this execution that waits for others.
    pub(crate) fn wait_in_queue(waiting_for: impl Into<String>, notes: Notes) -> Self {
        Self::Wait {
            waiting_for: waiting_for.into(),
            notes,
            queued: true,
        }
    }

    /// The steps in words, one each.
    pub(crate) fn steps(&self) -> Vec<String> {
        match self {
            Self::Nothing | Self::Finish { .. } => Vec::new(),
            Self::Wait { waiting_for, .. } => vec![format!("wait: {waiting_for}")],
            Self::Create { set } if set.is_empty() => {
                vec!["create the instance without parameters".to_owned()]
            }
            Self::Create { set } => vec![format!("create the instance with {}", listed(set))],
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
                let reset = (!reset.is_empty()).then(|| format!("reset {}", listed(reset)));
                [status, changed, reset].into_iter().flatten().collect()
            }
        }
    }
}

impl answer::Plan for Plan {
    fn is_empty(&self) -> bool {
        matches!(self.to_do, ToDo::Nothing | ToDo::Finish { .. })
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let StackSetReference { name, region } = &self.stack_set;
        write!(formatter, "StackSet {name} in {region}: {}", self.to_do)
    }
}

impl fmt::Display for ToDo {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let steps = self.steps();
        if steps.is_empty() {
            formatter.write_str("nothing to do")
        } else {
            formatter.write_str(&steps.join("; "))
        }
    }
}

fn listed(keys: &BTreeSet<String>) -> String {
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    keys.join(", ")
}

/// An instance that only its deletion helps.
pub(crate) fn inoperable(instance: &Instance) -> Failure {
    Failure::new(
        ErrorName::StackInstanceInoperable,
        format!("the stack instance is {}", instance.in_words()),
    )
}

/// Whether a StackSet is the machine's own: nobody else sets anything in it.
///
/// The name and not a tag: it is what the policies go by (`templates/automation.yaml`), it cannot be changed, and it needs no
/// further read. A tag could be taken away, and StackSets hand theirs on to every resource.
fn is_own(stack_set: &StackSetName) -> bool {
    stack_set.as_str().starts_with("avm-")
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

    fn plan(instance: Option<&Instance>, wanted: &[(&str, &str)]) -> Result<ToDo, Failure> {
        plan_of("avm-landing-zone", instance, wanted)
    }

    fn plan_of(
        stack_set: &str,
        instance: Option<&Instance>,
        wanted: &[(&str, &str)],
    ) -> Result<ToDo, Failure> {
        let declared = [
            "AccountEmail",
            "Network",
            "ProductName",
            "Stage",
            "tagOwner",
        ];
        let declared = declared.map(|key| (key.to_owned(), "own".to_owned()));
        let declared = declared.into_iter().collect();
        let stack_set = stack_set.parse().unwrap();
        ToDo::new(&stack_set, instance, &parameters(wanted), &declared)
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
        let plan = plan(Some(&instance(InstanceStatus::Current, &wanted)), &wanted).unwrap();
        assert_eq!(plan, ToDo::Nothing);
        assert!(plan.steps().is_empty());
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
        let plan = plan(Some(&instance(InstanceStatus::Current, &present)), &wanted).unwrap();
        assert_snapshot!(plan, @"set AccountEmail, Stage; reset tagOwner");
    }

    #[test]
    fn overrides_of_somebody_else_stay_and_undeclared_ones_are_dropped() {
        let present = [("Gone", "1"), ("Network", "10.0.0.0/8"), ("Stage", "old")];
        let present = instance(InstanceStatus::Current, &present);
        let plan = plan_of("network", Some(&present), &[("Stage", "shop")]);
        let Ok(ToDo::Update { set, kept, .. }) = plan else {
            panic!("{plan:?}");
        };
        assert_eq!(kept, ["Network".to_owned()].into());
        assert_eq!(set, ["Stage".to_owned()].into());
    }

    #[test]
    fn only_overrides_of_somebody_else_are_no_reason_to_update() {
        let present = [("Gone", "1"), ("Network", "10.0.0.0/8"), ("Stage", "shop")];
        let present = instance(InstanceStatus::Current, &present);
        let plan = plan_of("network", Some(&present), &[("Stage", "shop")]);
        assert_eq!(plan, Ok(ToDo::Nothing));
    }

    #[test]
    fn in_our_own_stack_sets_nobody_else_overrides_anything() {
        let present = [("Gone", "1"), ("Network", "10.0.0.0/8"), ("Stage", "shop")];
        let present = instance(InstanceStatus::Current, &present);
        let ours = plan(Some(&present), &[("Stage", "shop")]).unwrap();
        assert_snapshot!(ours, @"reset Network");
    }

    #[test]
    fn an_override_with_the_own_value_of_the_stack_set_is_no_reason_to_update() {
        let present = [("Network", "own"), ("Stage", "shop")];
        let present = instance(InstanceStatus::Current, &present);
        assert_eq!(
            plan(Some(&present), &[("Stage", "shop")]),
            Ok(ToDo::Nothing)
        );
    }

    #[test]
    fn an_instance_that_is_not_current_is_updated_even_with_equal_parameters() {
        let wanted = [("Stage", "shop")];
        let plan = |status| plan(Some(&instance(status, &wanted)), &wanted).unwrap();
        assert_snapshot!(plan(InstanceStatus::Outdated), @"update the instance, which is OUTDATED");
        assert_snapshot!(plan(InstanceStatus::Other("NEW".to_owned())), @"update the instance, which is NEW");
    }

    #[test]
    fn an_inoperable_instance_ends_the_vend_with_its_reason() {
        let mut broken = instance(InstanceStatus::Inoperable, &[]);
        broken.detailed_status = Some(DetailedStatus::Inoperable);
        broken.reason = Some("the stack could not be deleted".to_owned());
        let failure = plan(Some(&broken), &[]).unwrap_err();
        assert_eq!(failure.name(), ErrorName::StackInstanceInoperable);
        assert_snapshot!(failure, @"the stack instance is INOPERABLE (INOPERABLE): the stack could not be deleted. Remedy: delete the stack instance with its stack retained, then send the request again.");
    }
}
