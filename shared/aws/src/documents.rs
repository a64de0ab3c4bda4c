//! Configuration documents in the SSM Parameter Store, one `String` parameter each.
//! Several are read in one call; whoever may answer from what was read before keeps them itself.

use std::collections::BTreeMap;

use aws_config::SdkConfig;
use aws_sdk_ssm::Client;
use aws_sdk_ssm::types::{Parameter, ParameterTier, ParameterType};

use super::call::{Answered, Called, all_pages};
use super::organizations::incomplete;
use avm_core::error::Failure;
use avm_core::ports::documents::{DocumentStore, Documents, StoredDocument};

/// The Parameter Store of the automation account.
#[derive(Clone, Debug)]
pub struct ParameterStore {
    client: Client,
}

impl ParameterStore {
    /// The store of the account that the configuration's credentials belong to.
    pub fn new(configuration: &SdkConfig) -> Self {
        Self {
            client: Client::new(configuration),
        }
    }
}

impl Documents for ParameterStore {
    async fn find_document(&self, name: &str) -> Result<Option<StoredDocument>, Failure> {
        let answer = self
            .client
            .get_parameter()
            .name(name)
            .send()
            .await
            .of_call("ssm:GetParameter")
            .unless(&["ParameterNotFound", "ParameterVersionNotFound"])
            .map_err(|error| error.into_failure().while_doing(name))?;
        let Some(answer) = answer else {
            return Ok(None);
        };
        let stored = answer.parameter.and_then(stored);
        stored
            .map(Some)
            .ok_or_else(|| incomplete(&format!("{name}: ssm:GetParameter"), "a value"))
    }

    /// AWS takes ten names at most.
    async fn find_documents(
        &self,
        names: &[&str],
    ) -> Result<BTreeMap<String, StoredDocument>, Failure> {
        const CALL: &str = "ssm:GetParameters";
        let answer = self
            .client
            .get_parameters()
            .set_names(Some(names.iter().map(ToString::to_string).collect()))
            .send()
            .await
            .of_call(CALL)
            .map_err(|error| error.into_failure().while_doing(&names.join(", ")))?;
        let parameters = answer.parameters.unwrap_or_default();
        let documents = parameters.into_iter().map(|parameter| {
            let name = parameter.name.clone().unwrap_or_default();
            let incomplete = || incomplete(&format!("{name}: {CALL}"), "a value");
            let document = stored(parameter).ok_or_else(incomplete)?;
            Ok((name, document))
        });
        documents.collect()
    }
}

fn stored(parameter: Parameter) -> Option<StoredDocument> {
    Some(StoredDocument {
        text: parameter.value?,
        version: parameter.version,
    })
}

impl DocumentStore for ParameterStore {
    async fn list_documents(&self, path: &str) -> Result<BTreeMap<String, String>, Failure> {
        let pages = self
            .client
            .get_parameters_by_path()
            .path(path)
            .recursive(true)
            .into_paginator()
            .send();
        let pages = all_pages("ssm:GetParametersByPath", pages)
            .await
            .map_err(|error| error.into_failure().while_doing(path))?;
        let parameters = pages
            .into_iter()
            .flat_map(|page| page.parameters.unwrap_or_default());
        Ok(parameters
            .filter_map(|parameter| Some((parameter.name?, parameter.value?)))
            .collect())
    }

    async fn put_document(&self, name: &str, text: &str) -> Result<(), Failure> {
        self.client
            .put_parameter()
            .name(name)
            .value(text)
            .r#type(ParameterType::String)
            // A standard one, unless it is too long for that, or is an advanced one already.
            .tier(ParameterTier::IntelligentTiering)
            .overwrite(true)
            .send()
            .await
            .of_call("ssm:PutParameter")
            .map(drop)
            .map_err(|error| error.into_failure().while_doing(name))
    }
}

#[cfg(test)]
mod tests {
    use avm_core::error::ErrorName;
    use aws_sdk_ssm::operation::get_parameter::{GetParameterError, GetParameterOutput};
    use aws_sdk_ssm::operation::get_parameters::{GetParametersError, GetParametersOutput};
    use aws_sdk_ssm::operation::get_parameters_by_path::{
        GetParametersByPathError, GetParametersByPathOutput,
    };
    use aws_sdk_ssm::operation::put_parameter::{PutParameterError, PutParameterOutput};
    use aws_sdk_ssm::types::error::ParameterNotFound;
    use aws_smithy_mocks::{RuleMode, mock, mock_client};
    use aws_smithy_types::error::ErrorMetadata;

    use super::*;

    fn store(rule: &aws_smithy_mocks::Rule) -> ParameterStore {
        let client = mock_client!(aws_sdk_ssm, RuleMode::MatchAny, &[rule], |client| client
            .retry_config(aws_config::retry::RetryConfig::disabled()));
        ParameterStore { client }
    }

    #[tokio::test]
    async fn a_parameter_is_found_by_its_name() {
        let rule = mock!(Client::get_parameter)
            .match_requests(|request| request.name() == Some("/avm/platform"))
            .then_output(|| {
                GetParameterOutput::builder()
                    .parameter(Parameter::builder().value("{}").version(7).build())
                    .build()
            });
        let found = store(&rule).find_document("/avm/platform").await.unwrap();
        let expected = StoredDocument {
            text: "{}".to_owned(),
            version: 7,
        };
        assert_eq!(found, Some(expected));
    }

    #[tokio::test]
    async fn a_parameter_that_is_not_there_is_no_failure() {
        let rule = mock!(Client::get_parameter).then_error(|| {
            GetParameterError::ParameterNotFound(
                ParameterNotFound::builder()
                    .meta(ErrorMetadata::builder().code("ParameterNotFound").build())
                    .build(),
            )
        });
        assert_eq!(store(&rule).find_document("/avm/x").await.unwrap(), None);
    }

    #[tokio::test]
    async fn other_errors_name_the_parameter() {
        for (code, name) in [
            ("AccessDeniedException", ErrorName::AccessDenied),
            ("ThrottlingException", ErrorName::Throttled),
            ("InternalServerError", ErrorName::ServiceUnavailable),
            ("SomethingNew", ErrorName::Internal),
        ] {
            let rule = mock!(Client::get_parameter).then_error(move || {
                GetParameterError::generic(ErrorMetadata::builder().code(code).build())
            });
            let failure = store(&rule).find_document("/avm/x").await.unwrap_err();
            assert_eq!(failure.name(), name, "{code}");
            assert!(failure.cause().starts_with("/avm/x: "), "{failure}");
        }
    }

    #[tokio::test]
    async fn an_answer_without_a_value_is_internal() {
        let rule =
            mock!(Client::get_parameter).then_output(|| GetParameterOutput::builder().build());
        let failure = store(&rule).find_document("/avm/x").await.unwrap_err();
        assert_eq!(failure.name(), ErrorName::Internal);
    }

    #[tokio::test]
    async fn several_are_found_in_one_call_and_those_that_are_not_there_are_no_failure() {
        let rule = mock!(Client::get_parameters)
            .match_requests(|request| request.names() == ["/avm/platform", "/avm/x"])
            .then_output(|| {
                let found = Parameter::builder().name("/avm/platform").value("{}");
                GetParametersOutput::builder()
                    .parameters(found.version(7).build())
                    .invalid_parameters("/avm/x")
                    .build()
            });
        let found = store(&rule)
            .find_documents(&["/avm/platform", "/avm/x"])
            .await;
        let found: Vec<(String, StoredDocument)> = found.unwrap().into_iter().collect();
        let expected = StoredDocument {
            text: "{}".to_owned(),
            version: 7,
        };
        assert_eq!(found, [("/avm/platform".to_owned(), expected)]);
    }

    #[tokio::test]
    async fn several_that_are_refused_or_incomplete_are_named() {
        let refused = mock!(Client::get_parameters).then_error(|| {
            let code = ErrorMetadata::builder().code("ThrottlingException").build();
            GetParametersError::generic(code)
        });
        let failure = store(&refused).find_documents(&["/avm/a", "/avm/b"]).await;
        let failure = failure.unwrap_err();
        assert_eq!(failure.name(), ErrorName::Throttled);
        assert!(failure.cause().starts_with("/avm/a, /avm/b: "), "{failure}");
        let empty = mock!(Client::get_parameters).then_output(|| {
            let nothing = Parameter::builder().name("/avm/a").build();
            GetParametersOutput::builder().parameters(nothing).build()
        });
        let failure = store(&empty).find_documents(&["/avm/a"]).await;
        assert_eq!(failure.unwrap_err().name(), ErrorName::Internal);
    }

    #[tokio::test]
    async fn documents_are_listed_over_all_pages_even_empty_ones() {
        let page = |name: Option<&str>, next: Option<&str>| {
            let parameter = name.map(|name| Parameter::builder().name(name).value("{}").build());
            GetParametersByPathOutput::builder()
                .set_parameters(Some(parameter.into_iter().collect()))
                .set_next_token(next.map(str::to_owned))
                .build()
        };
        let pages = mock!(Client::get_parameters_by_path)
            .match_requests(|request| {
                request.path() == Some("/avm") && request.recursive() == Some(true)
            })
            .sequence()
            .output(move || page(Some("/avm/platform"), Some("2")))
            .output(move || page(None, Some("3")))
            .output(move || page(Some("/avm/landing-zones/sandbox"), None))
            .build();
        let found = store(&pages).list_documents("/avm").await.unwrap();
        let names: Vec<&String> = found.keys().collect();
        assert_eq!(names, ["/avm/landing-zones/sandbox", "/avm/platform"]);
    }

    #[tokio::test]
    async fn a_document_is_put_as_a_string_over_the_old_one() {
        let rule = mock!(Client::put_parameter)
            .match_requests(|request| {
                request.name() == Some("/avm/platform")
                    && request.value() == Some("{}")
                    && request.r#type() == Some(&ParameterType::String)
                    && request.tier() == Some(&ParameterTier::IntelligentTiering)
                    && request.overwrite() == Some(true)
            })
            .then_output(|| PutParameterOutput::builder().version(2).build());
        assert_eq!(
            store(&rule).put_document("/avm/platform", "{}").await,
            Ok(())
        );
    }

    #[tokio::test]
    async fn a_store_that_refuses_names_the_parameter() {
        let list = mock!(Client::get_parameters_by_path).then_error(|| {
            let denied = ErrorMetadata::builder()
                .code("AccessDeniedException")
                .build();
            GetParametersByPathError::generic(denied)
        });
        let failure = store(&list).list_documents("/avm").await.unwrap_err();
        assert_eq!(failure.name(), ErrorName::AccessDenied);
        let put = mock!(Client::put_parameter).then_error(|| {
            let busy = ErrorMetadata::builder().code("TooManyUpdates").build();
            PutParameterError::generic(busy)
        });
        let failure = store(&put).put_document("/avm/x", "{}").await.unwrap_err();
        assert!(failure.cause().starts_with("/avm/x: "), "{failure}");
    }
}
