//! The stacks and StackSets of an installation: what they were given, how they stand, what was changed behind their back.
//! Drift is looked for when it is asked about: what CloudFormation remembers of it may be old.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::types::{
    StackDriftDetectionStatus, StackInstanceFilter, StackInstanceFilterName,
    StackResourceDriftStatus,
};

use super::Installation;
use crate::call::{Answered, Called, NO_STATUS, all_pages};
use crate::organizations::incomplete;
use avm_core::domain::MachineName;
use avm_core::error::{ErrorName, Failure};

/// So often it is asked whether the detection of a drift has ended, for some five minutes.
const LOOKS: u32 = 60;
const BETWEEN_LOOKS: Duration = Duration::from_secs(5);
const FIRST_LOOK: Duration = Duration::from_millis(300);

/// A stack.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stack {
    /// `CREATE_COMPLETE` …
    pub status: String,
    pub parameters: BTreeMap<String, String>,
    pub outputs: BTreeMap<String, String>,
    /// The name of the stack that it is an application of.
    pub part_of: Option<String>,
    /// Whether its deletion is refused until somebody allows it.
    pub is_protected: bool,
}

/// The first machine's stack of `templates/vending-roles.yaml`.
pub const VENDING_ROLES: &str = "avm-vending-roles";
/// The parameter of `template.yaml` that names a further machine of the organization.
pub const MACHINE_NAME: &str = "MachineName";

impl Stack {
    /// Which machine it is, if it is the stack of `template.yaml`; versions before machines had names were the first.
    #[must_use]
    pub fn machine_name(&self) -> MachineName {
        let name = self.parameters.get(MACHINE_NAME);
        name.and_then(|name| name.parse().ok()).unwrap_or_default()
    }
}

/// A resource that is no longer as its template says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drifted {
    /// Its name in the template.
    pub resource: String,
    /// `MODIFIED` or `DELETED`.
    pub status: String,
}

/// A StackSet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StackSet {
    /// In how many accounts its stack could not be brought up to date.
    pub failed: usize,
    pub instances: usize,
}

impl Installation {
    pub(super) fn cloudformation(&self) -> Client {
        Client::new(&self.configuration)
    }

    /// Every stack of the region, by name.
    pub async fn stacks(&self) -> Result<BTreeMap<String, Stack>, Failure> {
        let client = self.cloudformation();
        let pages = client.describe_stacks().into_paginator().items().send();
        let found = all_pages("cloudformation:DescribeStacks", pages).await?;
        let stacks = found.into_iter().filter_map(|stack| {
            let parameters = stack.parameters.unwrap_or_default().into_iter();
            let outputs = stack.outputs.unwrap_or_default().into_iter();
            let root = stack.root_id.as_deref().and_then(name_in);
            let made = Stack {
                status: stack
                    .stack_status
                    .map_or(NO_STATUS.to_owned(), |status| status.as_str().to_owned()),
                parameters: parameters
                    .filter_map(|one| Some((one.parameter_key?, one.parameter_value?)))
                    .collect(),
                outputs: outputs
                    .filter_map(|one| Some((one.output_key?, one.output_value?)))
                    .collect(),
                part_of: root.filter(|root| Some(root) != stack.stack_name.as_ref()),
                is_protected: stack.enable_termination_protection.unwrap_or_default(),
            };
            Some((stack.stack_name?, made))
        });
        Ok(stacks.collect())
    }

    /// What somebody has changed or deleted of a stack.
    pub async fn drift_of(&self, stack: &str) -> Result<Vec<Drifted>, Failure> {
        const DETECT: &str = "cloudformation:DetectStackDrift";
        let client = self.cloudformation();
        let answer = client.detect_stack_drift().stack_name(stack).send().await;
        let answer = answer.of_call(DETECT)?;
        let id = answer
            .stack_drift_detection_id
            .ok_or_else(|| incomplete(DETECT, "an id"))?;
        self.until_detected(stack, &id).await?;
        let changed = [
            StackResourceDriftStatus::Modified,
            StackResourceDriftStatus::Deleted,
        ];
        let call = client.describe_stack_resource_drifts().stack_name(stack);
        let pages = call.set_stack_resource_drift_status_filters(Some(changed.into()));
        let pages = all_pages(
            "cloudformation:DescribeStackResourceDrifts",
            pages.into_paginator().send(),
        )
        .await?;
        let drifts = pages
            .into_iter()
            .flat_map(|page| page.stack_resource_drifts.unwrap_or_default());
        Ok(drifts
            .filter_map(|drift| {
                Some(Drifted {
                    resource: drift.logical_resource_id?,
                    status: drift.stack_resource_drift_status?.as_str().to_owned(),
                })
            })
            .collect())
    }

    async fn until_detected(&self, stack: &str, id: &str) -> Result<(), Failure> {
        const CALL: &str = "cloudformation:DescribeStackDriftDetectionStatus";
        for look in 0..LOOKS {
            let pause = if look == 0 { FIRST_LOOK } else { BETWEEN_LOOKS };
            tokio::time::sleep(pause).await;
            let call = self
                .cloudformation()
                .describe_stack_drift_detection_status();
            let answer = call.stack_drift_detection_id(id).send().await;
            let answer = answer.of_call(CALL)?;
            match answer.detection_status {
                Some(StackDriftDetectionStatus::DetectionInProgress) => {}
                // Some resources could not be looked at: the others were.
                _ => return Ok(()),
            }
        }
        Err(Failure::new(
            ErrorName::ServiceUnavailable,
            format!("{stack}: the detection of its drift does not end"),
        ))
    }

    /// A StackSet, if there is one of that name.
    pub async fn find_stack_set(&self, name: &str) -> Result<Option<StackSet>, Failure> {
        let client = self.cloudformation();
        let answer = client.describe_stack_set().stack_set_name(name).send();
        let answer = answer.await.of_call("cloudformation:DescribeStackSet");
        if answer.unless(&["StackSetNotFoundException"])?.is_none() {
            return Ok(None);
        }
        let failed = StackInstanceFilter::builder()
            .name(StackInstanceFilterName::DetailedStatus)
            .values("FAILED")
            .build();
        Ok(Some(StackSet {
            failed: self.count_instances(name, Some(failed)).await?,
            instances: self.count_instances(name, None).await?,
        }))
    }

    async fn count_instances(
        &self,
        name: &str,
        filter: Option<StackInstanceFilter>,
    ) -> Result<usize, Failure> {
        let client = self.cloudformation();
        let call = client.list_stack_instances().stack_set_name(name);
        let call = call.set_filters(filter.map(|filter| vec![filter]));
        let pages = call.into_paginator().items().send();
        let found = all_pages("cloudformation:ListStackInstances", pages).await?;
        Ok(found.len())
    }
}

/// The name in `arn:aws:cloudformation:eu-central-1:222222222222:stack/avm/…`.
pub(super) fn name_in(id: &str) -> Option<String> {
    let (_, rest) = id.split_once(":stack/")?;
    rest.split('/').next().map(str::to_owned)
}
