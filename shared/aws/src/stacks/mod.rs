//! Stacks through CloudFormation, in the account and region of the client.
//! What is written down on a stack are tags: DescribeStacks shows them even to a downgraded role.

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

use self::errors::{find_failure, is_busy, is_missing, refused_start, start_failure};
use super::failure::ServiceError;
use avm_core::domain::{OperationId, Parameters, Region, StackId};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::stacks::{
    Creation, Mark, Specification, Stack, StackStatus, Stacks, Start, Template, Update,
};

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
    #[must_use]
    pub fn in_region(configuration: &SdkConfig, region: &Region) -> Self {
        let configuration = aws_sdk_cloudformation::config::Builder::from(configuration)
            .region(aws_sdk_cloudformation::config::Region::new(
                region.as_str().to_owned(),
            ))
            .build();
        Self {
            client: Client::from_conf(configuration),
        }
    }
}

impl Stacks for CloudFormationStacks {
    async fn list(&self, prefix: &str) -> Result<Vec<Stack>, Failure> {
        let mut found = self
            .client
            .describe_stacks()
            .into_paginator()
            .items()
            .send();
        let mut stacks = Vec::new();
        while let Some(stack) = found.next().await {
            let stack = stack.map_err(|error| {
                find_failure(ServiceError::of("cloudformation:DescribeStacks", &error))
            })?;
            let is_deleted = stack.stack_status == Some(FoundStatus::DeleteComplete);
            let is_named_so = stack
                .stack_name()
                .is_some_and(|name| name.starts_with(prefix));
            if is_named_so && !is_deleted {
                stacks.push(read(&stack)?);
            }
        }
        Ok(stacks)
    }

    async fn find(&self, id: &StackId) -> Result<Option<Stack>, Failure> {
        let answer = self
            .client
            .describe_stacks()
            .stack_name(id.as_str())
            .send()
            .await;
        match answer {
            Ok(answer) => answer.stacks().first().map(read).transpose(),
            Err(error) => {
                let error = ServiceError::of("cloudformation:DescribeStacks", &error);
                if is_missing(&error) {
                    Ok(None)
                } else {
                    Err(find_failure(error))
                }
            }
        }
    }

    async fn declared_by(&self, url: &str) -> Result<BTreeSet<String>, Failure> {
        let answer = self
            .client
            .get_template_summary()
            .template_url(url)
            .send()
            .await
            .map_err(|error| {
                start_failure(ServiceError::of(
                    "cloudformation:GetTemplateSummary",
                    &error,
                ))
            })?;
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
        const CALL: &str = "cloudformation:CreateStack";
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
            .await;
        match answer {
            Ok(answer) => {
                let id = answer.stack_id.unwrap_or_default();
                Ok(Creation::Started(stack_id(id)?))
            }
            Err(error) => {
                let error = ServiceError::of(CALL, &error);
                match error.code.as_str() {
                    "AlreadyExistsException" | "TokenAlreadyExistsException" => {
                        Ok(Creation::AlreadyThere)
                    }
                    _ if is_busy(&error) => Ok(Creation::AlreadyThere),
                    _ => Err(start_failure(error)),
                }
            }
        }
    }

    async fn start_update(
        &self,
        id: &StackId,
        specification: &Specification,
        token: &OperationId,
    ) -> Result<Update, Failure> {
        const CALL: &str = "cloudformation:UpdateStack";
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
            .await;
        match answer {
            Ok(_) => Ok(Update::Started),
            Err(error) => {
                let error = ServiceError::of(CALL, &error);
                match error.code.as_str() {
                    "TokenAlreadyExistsException" => Ok(Update::AlreadyStarted),
                    _ if is_busy(&error) => Ok(Update::Busy),
                    "ValidationError"
                        if error.message.contains("No updates are to be performed") =>
                    {
                        Ok(Update::NothingToDo)
                    }
                    _ => Err(start_failure(error)),
                }
            }
        }
    }

    async fn start_deletion(&self, id: &StackId, token: &OperationId) -> Result<Start, Failure> {
        let answer = self
            .client
            .delete_stack()
            .stack_name(id.as_str())
            .client_request_token(token.as_str())
            .send()
            .await;
        match answer {
            Ok(_) => Ok(Start::Started),
            Err(error) => refused_start(ServiceError::of("cloudformation:DeleteStack", &error)),
        }
    }

    async fn start_rollback(&self, id: &StackId, token: &OperationId) -> Result<Start, Failure> {
        let answer = self
            .client
            .continue_update_rollback()
            .stack_name(id.as_str())
            .client_request_token(token.as_str())
            .send()
            .await;
        match answer {
            Ok(_) => Ok(Start::Started),
            Err(error) => refused_start(ServiceError::of(
                "cloudformation:ContinueUpdateRollback",
                &error,
            )),
        }
    }

    async fn find_first_failure(&self, id: &StackId) -> Result<Option<String>, Failure> {
        let mut events = self
            .client
            .describe_stack_events()
            .stack_name(id.as_str())
            .into_paginator()
            .items()
            .send();
        let mut first = events::FirstFailure::default();
        while let Some(event) = events.next().await {
            let event = event.map_err(|error| {
                find_failure(ServiceError::of(
                    "cloudformation:DescribeStackEvents",
                    &error,
                ))
            })?;
            if first.saw(&event) {
                break;
            }
        }
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
        status: StackStatus::from(status.map_or("without a status", FoundStatus::as_str)),
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
