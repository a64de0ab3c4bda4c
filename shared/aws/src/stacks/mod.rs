//! Stacks through CloudFormation, in the account and region of the client.
//! The machine's notes on a stack are tags: DescribeStacks shows them even to a downgraded role.

mod errors;
mod events;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use aws_config::SdkConfig;
use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::types::{
    Capability, Parameter, Stack as FoundStack, StackStatus as FoundStatus, Tag,
};

use self::errors::{SAME_TOKEN, changes_nothing, is_busy, is_missing, start_failure, started};
use super::call::{Answered, Called, NO_STATUS, all_pages, first_in_pages, in_region};
use avm_core::domain::{OperationId, Parameters, Region, StackId};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::stacks::{
    Creation, Mark, Specification, Stack, StackStatus, Stacks, Start, Template, Update,
};

const DESCRIBE: &str = "cloudformation:DescribeStacks";

/// Tag of the template that a stack was made of.
const TEMPLATE_TAG: &str = "avm:template";
/// Tag of the execution that made or updated a stack.
const EXECUTION_TAG: &str = "avm:execution";

/// The stacks of an account and region.
pub struct CloudFormationStacks {
    client: Client,
}

impl CloudFormationStacks {
    /// The stacks of the account that the configuration's credentials belong to, in this region.
    pub fn in_region(configuration: &SdkConfig, region: &Region) -> Self {
        Self {
            client: Client::new(&in_region(configuration, region)),
        }
    }
}

impl Stacks for CloudFormationStacks {
    async fn list(&self, prefix: &str) -> Result<Vec<Stack>, Failure> {
        let stacks = self.client.describe_stacks().into_paginator().items();
        let stacks = all_pages(DESCRIBE, stacks.send()).await?;
        let is_named_so = |stack: &&FoundStack| {
            let name = stack.stack_name();
            name.is_some_and(|name| name.starts_with(prefix))
        };
        stacks
            .iter()
            .filter(is_named_so)
            .filter(|stack| stack.stack_status != Some(FoundStatus::DeleteComplete))
            .map(read)
            .collect()
    }

    async fn find(&self, id: &StackId) -> Result<Option<Stack>, Failure> {
        let answer = self
            .client
            .describe_stacks()
            .stack_name(id.as_str())
            .send()
            .await
            .of_call(DESCRIBE);
        match answer {
            Ok(answer) => answer.stacks().first().map(read).transpose(),
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(error.into_failure()),
        }
    }

    async fn declared_by(&self, url: &str) -> Result<BTreeSet<String>, Failure> {
        let answer = self
            .client
            .get_template_summary()
            .template_url(url)
            .send()
            .await
            .of_call("cloudformation:GetTemplateSummary")
            .map_err(start_failure)?;
        Ok(answer
            .parameters()
            .iter()
            .filter_map(|parameter| parameter.parameter_key.clone())
            .collect())
    }

    async fn start_creation(
        &self,
        name: &str,
        specification: &Specification,
        token: &OperationId,
    ) -> Result<Creation, Failure> {
        let (body, url) = template(&specification.template);
        let answer = self
            .client
            .create_stack()
            .stack_name(name)
            .set_template_body(body)
            .set_template_url(url)
            .set_parameters(Some(parameters(&specification.parameters)))
            .set_tags(Some(tags(&specification.mark)))
            .capabilities(Capability::CapabilityNamedIam)
            .client_request_token(token.as_str())
            .send()
            .await
            .of_call("cloudformation:CreateStack")
            .unless(&["AlreadyExistsException", SAME_TOKEN]);
        match answer {
            Ok(Some(answer)) => {
                let id = answer.stack_id.unwrap_or_default();
                Ok(Creation::Started(stack_id(id)?))
            }
            Ok(None) => Ok(Creation::AlreadyThere),
            Err(error) if is_busy(&error) => Ok(Creation::AlreadyThere),
            Err(error) => Err(start_failure(error)),
        }
    }

    async fn start_update(
        &self,
        id: &StackId,
        specification: &Specification,
        token: &OperationId,
    ) -> Result<Update, Failure> {
        let (body, url) = template(&specification.template);
        let answer = self
            .client
            .update_stack()
            .stack_name(id.as_str())
            .set_template_body(body)
            .set_template_url(url)
            .set_parameters(Some(parameters(&specification.parameters)))
            .set_tags(Some(tags(&specification.mark)))
            .capabilities(Capability::CapabilityNamedIam)
            .client_request_token(token.as_str())
            .send()
            .await
            .of_call("cloudformation:UpdateStack")
            .outcome(Update::Started, [(SAME_TOKEN, Update::AlreadyStarted)]);
        answer.or_else(|error| match error {
            error if is_busy(&error) => Ok(Update::Busy),
            error if changes_nothing(&error) => Ok(Update::NothingToDo),
            error => Err(start_failure(error)),
        })
    }

    async fn start_deletion(&self, id: &StackId, token: &OperationId) -> Result<Start, Failure> {
        let answer = self
            .client
            .delete_stack()
            .stack_name(id.as_str())
            .client_request_token(token.as_str())
            .send()
            .await
            .of_call("cloudformation:DeleteStack");
        started(answer.map(drop))
    }

    async fn start_rollback(&self, id: &StackId, token: &OperationId) -> Result<Start, Failure> {
        let answer = self
            .client
            .continue_update_rollback()
            .stack_name(id.as_str())
            .client_request_token(token.as_str())
            .send()
            .await
            .of_call("cloudformation:ContinueUpdateRollback");
        started(answer.map(drop))
    }

    async fn find_first_failure(&self, id: &StackId) -> Result<Option<String>, Failure> {
        let events = self
            .client
            .describe_stack_events()
            .stack_name(id.as_str())
            .into_paginator()
            .items()
            .send();
        let mut first = events::FirstFailure::default();
        first_in_pages("cloudformation:DescribeStackEvents", events, |event| {
            first.saw(&event).then_some(())
        })
        .await?;
        Ok(first.into_words())
    }
}

fn template(template: &Template) -> (Option<String>, Option<String>) {
    match template {
        Template::Body(body) => (Some((*body).to_owned()), None),
        Template::Url(url) => (None, Some(url.clone())),
    }
}

fn parameters(parameters: &Parameters) -> Vec<Parameter> {
    parameters
        .iter()
        .map(|(key, value)| {
            Parameter::builder()
                .parameter_key(key)
                .parameter_value(value)
                .build()
        })
        .collect()
}

fn tags(mark: &Mark) -> Vec<Tag> {
    [
        (TEMPLATE_TAG, &mark.template),
        (EXECUTION_TAG, &mark.execution),
    ]
    .map(|(key, value)| Tag::builder().key(key).value(value).build())
    .into()
}

fn read(found: &FoundStack) -> Result<Stack, Failure> {
    let tag = |key: &str| {
        let tag = found.tags().iter().find(|tag| tag.key() == Some(key));
        tag.and_then(|tag| tag.value.clone())
    };
    let parameters = found.parameters().iter().filter_map(|parameter| {
        let key = parameter.parameter_key.clone()?;
        Some((key, parameter.parameter_value.clone().unwrap_or_default()))
    });
    let status = found.stack_status.as_ref();
    Ok(Stack {
        id: stack_id(found.stack_id.clone().unwrap_or_default())?,
        name: found.stack_name.clone().unwrap_or_default(),
        status: StackStatus::from(status.map_or(NO_STATUS, FoundStatus::as_str)),
        reason: found
            .stack_status_reason
            .clone()
            .filter(|reason| !reason.is_empty()),
        parameters: parameters.collect(),
        mark: tag(TEMPLATE_TAG).map(|template| Mark {
            template,
            execution: tag(EXECUTION_TAG).unwrap_or_default(),
        }),
    })
}

fn stack_id(text: String) -> Result<StackId, Failure> {
    StackId::try_from(text).map_err(|error| {
        Failure::new(
            ErrorName::Internal,
            format!("CloudFormation named a stack by what is no id: {error}"),
        )
    })
}
