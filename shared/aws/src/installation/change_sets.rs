//! Deploying stacks by change sets: what a template would change is known before it is done.
//! Beside [`removal`](super::removal) all that this adapter writes.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use aws_sdk_cloudformation::operation::describe_change_set::DescribeChangeSetOutput;
use aws_sdk_cloudformation::types::{
    Capability, ChangeAction, ChangeSetStatus, ChangeSetType, ChangeSource, Parameter, Replacement,
    ResourceChange, StackStatus, Tag,
};

use super::stacks::name_in;
use super::{Installation, pause};
use crate::call::{Answered, Called};
use crate::clock;
use crate::organizations::incomplete;
use crate::stacks::CloudFormationStacks;
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::stacks::Stacks;

const CREATE: &str = "cloudformation:CreateChangeSet";
const DESCRIBE: &str = "cloudformation:DescribeChangeSet";
const DELETE: &str = "cloudformation:DeleteChangeSet";
const EXECUTE: &str = "cloudformation:ExecuteChangeSet";
/// A change set is made in seconds; this is ten minutes. A stack may take two hours: the StackSet goes to all accounts.
const LOOKS_AT_CHANGE_SET: u32 = 300;
const LOOKS_AT_STACK: u32 = 1_440;
const BETWEEN_LOOKS_AT_CHANGE_SET: Duration = Duration::from_secs(2);
const BETWEEN_LOOKS_AT_STACK: Duration = Duration::from_secs(5);
const NESTED: &str = "AWS::CloudFormation::Stack";

/// Where a template is.
#[derive(Clone, Debug)]
pub enum TemplateBody {
    Text(String),
    /// In a bucket, as CloudFormation wants addresses.
    Url(String),
}

/// The value of a parameter; it may be a secret and is never printed.
#[derive(Clone, PartialEq, Eq)]
pub enum ParameterValue {
    Given(String),
    /// What the stack has.
    Previous,
}

impl fmt::Debug for ParameterValue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Given(_) => "<given>",
            Self::Previous => "<previous>",
        })
    }
}

/// What a stack is to become.
#[derive(Clone, Debug)]
pub struct Proposal {
    pub stack: String,
    /// Whether there is no such stack yet, or one that was only looked at.
    pub is_new: bool,
    pub template: TemplateBody,
    pub parameters: BTreeMap<String, ParameterValue>,
    /// None: those that the stack has.
    pub tags: BTreeMap<String, String>,
}

/// What a stack would become.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeSet {
    pub id: String,
    pub stack_id: String,
    pub is_new: bool,
    pub changes: Vec<Change>,
}

/// A resource that would not stay as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its name in the template.
    pub resource: String,
    pub kind: String,
    pub action: Action,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    Added,
    Changed,
    Removed,
    /// Made anew and then removed, or that may be: CloudFormation knows when it does it.
    Replaced,
}

impl Installation {
    /// Makes a change set; none: nothing would change.
    pub async fn propose(&self, proposal: &Proposal) -> Result<Option<ChangeSet>, Failure> {
        let name = format!("avm-bootstrap-{}", clock::now().replace([':', '-'], ""));
        let kind = if proposal.is_new {
            ChangeSetType::Create
        } else {
            ChangeSetType::Update
        };
        let (body, url) = match &proposal.template {
            TemplateBody::Text(text) => (Some(text.clone()), None),
            TemplateBody::Url(url) => (None, Some(url.clone())),
        };
        let parameters = proposal.parameters.iter().map(parameter).collect();
        let tags = proposal.tags.iter();
        let tags: Vec<Tag> = tags
            .map(|(key, value)| Tag::builder().key(key).value(value).build())
            .collect();
        let call = self.cloudformation().create_change_set();
        let made = call
            .stack_name(&proposal.stack)
            .change_set_name(name)
            .change_set_type(kind)
            .set_template_body(body)
            .set_template_url(url)
            .set_parameters(Some(parameters))
            .set_tags((!tags.is_empty()).then_some(tags))
            .capabilities(Capability::CapabilityNamedIam)
            .capabilities(Capability::CapabilityAutoExpand)
            .send()
            .await
            .of_call(CREATE)
            .map_err(|error| error.into_failure().while_doing(&proposal.stack))?;
        let mut change_set = ChangeSet {
            id: made.id.ok_or_else(|| incomplete(CREATE, "an id"))?,
            stack_id: made
                .stack_id
                .ok_or_else(|| incomplete(CREATE, "the id of the stack"))?,
            is_new: proposal.is_new,
            changes: Vec::new(),
        };
        match self.until_made(&change_set).await? {
            Made::Changes(changes) if !is_nothing(&changes) => {
                change_set.changes = changes.iter().filter_map(read).collect();
                Ok(Some(change_set))
            }
            Made::Changes(_) | Made::Nothing => {
                self.discard(&change_set).await?;
                Ok(None)
            }
            Made::Failed(reason) => {
                self.discard(&change_set).await?;
                let words = format!("{}: no change set can be made: {reason}", proposal.stack);
                Err(Failure::new(ErrorName::StackFailed, words)
                    .with_remedy("repair what it names, and run the command again"))
            }
        }
    }

    async fn until_made(&self, change_set: &ChangeSet) -> Result<Made, Failure> {
        for look in 0..LOOKS_AT_CHANGE_SET {
            pause(look, BETWEEN_LOOKS_AT_CHANGE_SET).await;
            let page = self.describe(change_set, None).await?;
            match page.status {
                Some(ChangeSetStatus::CreateComplete) => {
                    return self.all_changes(change_set, page).await.map(Made::Changes);
                }
                Some(ChangeSetStatus::Failed) => {
                    let reason = page.status_reason.unwrap_or_default();
                    return Ok(if changes_nothing(&reason) {
                        Made::Nothing
                    } else {
                        Made::Failed(reason)
                    });
                }
                _ => {}
            }
        }
        Err(unending(&change_set.stack_id, "its change set is not made"))
    }

    async fn all_changes(
        &self,
        change_set: &ChangeSet,
        mut page: DescribeChangeSetOutput,
    ) -> Result<Vec<ResourceChange>, Failure> {
        let mut found = Vec::new();
        loop {
            let changes = page.changes.unwrap_or_default().into_iter();
            found.extend(changes.filter_map(|change| change.resource_change));
            match page.next_token {
                Some(token) => page = self.describe(change_set, Some(token)).await?,
                None => return Ok(found),
            }
        }
    }

    async fn describe(
        &self,
        change_set: &ChangeSet,
        token: Option<String>,
    ) -> Result<DescribeChangeSetOutput, Failure> {
        let call = self.cloudformation().describe_change_set();
        let call = call.change_set_name(&change_set.id).set_next_token(token);
        Ok(call.send().await.of_call(DESCRIBE)?)
    }

    /// Deletes a change set, and the stack that was only made to be looked at.
    pub async fn discard(&self, change_set: &ChangeSet) -> Result<(), Failure> {
        let call = self.cloudformation().delete_change_set();
        let call = call.change_set_name(&change_set.id).send().await;
        call.of_call(DELETE).unless(&["ChangeSetNotFound"])?;
        if change_set.is_new {
            self.delete_stack(&change_set.stack_id).await?;
        }
        Ok(())
    }

    /// Does what a change set says, and waits until it is done.
    pub async fn execute(&self, change_set: &ChangeSet) -> Result<(), Failure> {
        let call = self.cloudformation().execute_change_set();
        let call = call.change_set_name(&change_set.id).send().await;
        call.of_call(EXECUTE)?;
        for look in 0..LOOKS_AT_STACK {
            pause(look, BETWEEN_LOOKS_AT_STACK).await;
            let found = self.find_stack(&change_set.stack_id).await?;
            match found.map(|(_, status)| status) {
                // What was replaced is taken away behind the scenes.
                Some(
                    StackStatus::CreateComplete
                    | StackStatus::UpdateComplete
                    | StackStatus::UpdateCompleteCleanupInProgress,
                ) => return Ok(()),
                Some(status) if goes_on(&status) => {}
                status => return Err(self.not_done(change_set, status).await),
            }
        }
        Err(unending(
            &change_set.stack_id,
            "its deployment does not end",
        ))
    }

    async fn not_done(&self, change_set: &ChangeSet, status: Option<StackStatus>) -> Failure {
        let stacks = CloudFormationStacks::in_region(&self.configuration, &self.region);
        let first = match change_set.stack_id.parse() {
            Ok(id) => stacks.find_first_failure(&id).await.ok().flatten(),
            Err(_) => None,
        };
        let name = name_in(&change_set.stack_id).unwrap_or_default();
        let status = status.map_or("gone".to_owned(), |status| status.as_str().to_owned());
        let first = first.unwrap_or_else(|| "its events name no resource".to_owned());
        let failure = Failure::new(
            ErrorName::StackFailed,
            format!("{name} is {status}: {first}"),
        );
        failure.with_remedy(if change_set.is_new {
            "repair it, delete the stack, in which nothing is, and run the command again"
        } else {
            "repair it, and run the command again; the stack is as it was before"
        })
    }
}

enum Made {
    Changes(Vec<ResourceChange>),
    Nothing,
    Failed(String),
}

fn parameter((key, value): (&String, &ParameterValue)) -> Parameter {
    let parameter = Parameter::builder().parameter_key(key);
    match value {
        ParameterValue::Given(value) => parameter.parameter_value(value),
        ParameterValue::Previous => parameter.use_previous_value(true),
    }
    .build()
}

/// CloudFormation says it in words only.
fn changes_nothing(reason: &str) -> bool {
    reason.contains("didn't contain changes") || reason.contains("No updates are to be performed")
}

/// API reference, ResourceChangeDetail: CloudFormation names an application that nobody has changed `Automatic`, since its
/// template may be another one. Its address is made of its contents here, so it is the same one.
fn is_nothing(changes: &[ResourceChange]) -> bool {
    let is_automatic = |change: &ResourceChange| {
        let details = change.details();
        change.action == Some(ChangeAction::Modify)
            && change.resource_type() == Some(NESTED)
            && !details.is_empty()
            && details
                .iter()
                .all(|detail| detail.change_source == Some(ChangeSource::Automatic))
    };
    // Without any, outputs have changed: where nothing has, CloudFormation makes no change set.
    !changes.is_empty() && changes.iter().all(is_automatic)
}

fn read(change: &ResourceChange) -> Option<Change> {
    let is_replaced = matches!(
        change.replacement,
        Some(Replacement::True | Replacement::Conditional)
    );
    let action = match change.action.as_ref()? {
        ChangeAction::Add => Action::Added,
        ChangeAction::Remove => Action::Removed,
        _ if is_replaced => Action::Replaced,
        _ => Action::Changed,
    };
    Some(Change {
        resource: change.logical_resource_id()?.to_owned(),
        kind: change.resource_type()?.to_owned(),
        action,
    })
}

fn goes_on(status: &StackStatus) -> bool {
    let status = status.as_str();
    // Executed, and not begun yet.
    status.ends_with("_IN_PROGRESS")
}

fn unending(stack: &str, what: &str) -> Failure {
    let words = format!("{}: {what}", name_in(stack).unwrap_or_default());
    Failure::new(ErrorName::ServiceUnavailable, words)
}
